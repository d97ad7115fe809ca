using static ScalingLab.Torch.torch;

namespace ScalingLab.Torch;

/// <summary>The norm before a fused operator, which makes it itself; the default is none.</summary>
/// <param name="Weight">Gain, (C); null for no norm.</param>
/// <param name="Bias">(C), for layer norm (Ba et al. 2016, arXiv:1607.06450, Eq. 4); null for root-mean-square norm (Zhang and Sennrich 2019, arXiv:1910.07467, Eq. 4).</param>
/// <param name="Epsilon">Added to the variance.</param>
/// <param name="WeightGradient">Takes the gain's gradient.</param>
/// <param name="BiasGradient">Takes the bias's.</param>
public readonly record struct PreNorm(Tensor? Weight, Tensor? Bias, double Epsilon, Tensor? WeightGradient = null, Tensor? BiasGradient = null);
