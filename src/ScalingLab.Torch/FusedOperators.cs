using ScalingLab.Torch.Calls;
using static ScalingLab.Torch.torch;

namespace ScalingLab.Torch;

/// <summary>Our own CPU operators, registered in libtorch's dispatcher by the native library: float32 and float64, any shape, with gradients.</summary>
/// <remarks>
/// Where an operator takes the gradient of a parameter, backward adds to that tensor and to nothing else; without it the
/// gradient goes where autograd puts it. Results depend on neither the number of threads nor the split of the work.
/// </remarks>
public static class FusedOperators
{
    private static readonly Operator Attention = new("scalinglab::causal_attention");
    private static readonly Operator WholeAttention = new("scalinglab::self_attention");
    private static readonly Operator PositionWise = new("scalinglab::mlp");
    private static readonly Operator Loss = new("scalinglab::head_loss");
    private static readonly Operator Lookup = new("scalinglab::embedding");
    private static readonly Operator GradientNorm = new("scalinglab::gradient_norm");
    private static readonly Operator AdamWInPlace = new("scalinglab::adamw_");

    /// <summary>Causal self-attention of all heads, read out of the packed product of queries, keys and values.</summary>
    /// <param name="qkv">(B, T, 3·C): queries, keys and values, each (heads, C / heads).</param>
    /// <param name="heads">Heads.</param>
    /// <param name="cosines">Of the rotation of queries and keys, (T or more, …) with C / heads / 2 elements a position; null for none.</param>
    /// <param name="sines">Likewise.</param>
    /// <param name="qkNorm">Divide each query and key by its root mean square first.</param>
    /// <returns>(B, T, C).</returns>
    /// <remarks>Vaswani et al. 2017, arXiv:1706.03762, Eq. 1. Two products forward and four backward of 2·B·T²·C FLOPs each, the mask not exploited in the count.</remarks>
    public static Tensor CausalAttention(Tensor qkv, long heads, Tensor? cosines = null, Tensor? sines = null, bool qkNorm = false) =>
        Attention.Call(qkv, heads, cosines, sines, qkNorm);

    /// <summary>Causal self-attention with the linear maps before and after it: <see cref="CausalAttention"/>(input · inputWeightᵀ) · outputWeightᵀ.</summary>
    /// <param name="input">(B, T, C).</param>
    /// <param name="inputWeight">(3·C, C): of queries, keys and values.</param>
    /// <param name="outputWeight">(C, C).</param>
    /// <param name="heads">Heads.</param>
    /// <param name="cosines">As in <see cref="CausalAttention"/>.</param>
    /// <param name="sines">Likewise.</param>
    /// <param name="qkNorm">Divide each query and key by its root mean square first.</param>
    /// <param name="norm">With it, attention is a branch of the residual stream: input + attention(norm(input)).</param>
    /// <param name="inputGradient">Takes the gradient of <paramref name="inputWeight"/>.</param>
    /// <param name="outputGradient">Of <paramref name="outputWeight"/>.</param>
    /// <returns>(B, T, C).</returns>
    public static Tensor SelfAttention(
        Tensor input,
        Tensor inputWeight,
        Tensor outputWeight,
        long heads,
        Tensor? cosines = null,
        Tensor? sines = null,
        bool qkNorm = false,
        PreNorm norm = default,
        Tensor? inputGradient = null,
        Tensor? outputGradient = null) =>
        WholeAttention.Call(
            input, inputWeight, outputWeight, heads, cosines, sines, qkNorm, norm.Weight, norm.Bias, norm.Epsilon, inputGradient, outputGradient, norm.WeightGradient, norm.BiasGradient);

    /// <summary>The position-wise network: activation(input · inputWeightᵀ) · outputWeightᵀ, with <c>swiglu</c> silu(input · gateᵀ) ∘ (input · inputWeightᵀ) inside.</summary>
    /// <param name="input">(…, C).</param>
    /// <param name="inputWeight">(h, C).</param>
    /// <param name="gateWeight">(h, C) with swiglu, else null.</param>
    /// <param name="outputWeight">(C, h).</param>
    /// <param name="activation">gelu, relu2 or swiglu.</param>
    /// <param name="norm">With it, the network is a branch of the residual stream: input + network(norm(input)).</param>
    /// <param name="inputGradient">Takes the gradient of <paramref name="inputWeight"/>.</param>
    /// <param name="gateGradient">Of <paramref name="gateWeight"/>.</param>
    /// <param name="outputGradient">Of <paramref name="outputWeight"/>.</param>
    /// <returns>(…, C).</returns>
    public static Tensor Mlp(
        Tensor input,
        Tensor inputWeight,
        Tensor? gateWeight,
        Tensor outputWeight,
        string activation,
        PreNorm norm = default,
        Tensor? inputGradient = null,
        Tensor? gateGradient = null,
        Tensor? outputGradient = null) =>
        PositionWise.Call(
            input, inputWeight, gateWeight, outputWeight, Argument.Text(activation), norm.Weight, norm.Bias, norm.Epsilon, inputGradient, gateGradient, outputGradient, norm.WeightGradient, norm.BiasGradient);

    /// <summary>Mean cross-entropy of the logits input · weightᵀ against class indices, in nats a row.</summary>
    /// <param name="input">(…, C).</param>
    /// <param name="weight">(classes, C).</param>
    /// <param name="targets">Class indices, one a row.</param>
    /// <param name="norm">With it, the logits are of norm(input).</param>
    /// <param name="gradient">Takes the weight's gradient.</param>
    public static Tensor HeadLoss(Tensor input, Tensor weight, Tensor targets, PreNorm norm = default, Tensor? gradient = null) =>
        Loss.Call(input, weight, targets, norm.Weight, norm.Bias, norm.Epsilon, gradient, norm.WeightGradient, norm.BiasGradient);

    /// <summary>Rows of a table by index, plus learned positions.</summary>
    /// <param name="tokens">Indices, (B, T).</param>
    /// <param name="table">(classes, C).</param>
    /// <param name="positions">(T or more, C), or null.</param>
    /// <param name="tableGradient">Takes the table's gradient.</param>
    /// <param name="positionsGradient">Takes the positions'.</param>
    /// <returns>(B, T, C).</returns>
    public static Tensor Embedding(Tensor tokens, Tensor table, Tensor? positions = null, Tensor? tableGradient = null, Tensor? positionsGradient = null) =>
        Lookup.Call(tokens, table, positions, tableGradient, positionsGradient);

    /// <summary>Euclidean norm of all elements, summed in double.</summary>
    public static double NormOf(Tensor gradients) => GradientNorm.CallReal(gradients);

    /// <summary>One update of AdamW over flat vectors (Loshchilov and Hutter 2019, arXiv:1711.05101, Algorithm 2).</summary>
    /// <param name="values">Parameters.</param>
    /// <param name="gradients">Their gradients; 0 afterwards.</param>
    /// <param name="firstMoment">Running mean of gradients.</param>
    /// <param name="secondMoment">Running mean of their squares.</param>
    /// <param name="decayed">How many values, from the first, weight decay falls on.</param>
    /// <param name="step">Number of this update, from 1.</param>
    /// <param name="learningRate">Of this update.</param>
    /// <param name="beta1">Decay of the first moment.</param>
    /// <param name="beta2">Of the second.</param>
    /// <param name="epsilon">Added to the root of the second moment.</param>
    /// <param name="weightDecay">Decoupled decay.</param>
    /// <param name="clip">Multiplies every gradient.</param>
    public static void AdamW(
        Tensor values,
        Tensor gradients,
        Tensor firstMoment,
        Tensor secondMoment,
        long decayed,
        long step,
        double learningRate,
        double beta1,
        double beta2,
        double epsilon,
        double weightDecay,
        double clip) =>
        AdamWInPlace.CallForEffect(values, gradients, firstMoment, secondMoment, decayed, step, learningRate, beta1, beta2, epsilon, weightDecay, clip);
}
