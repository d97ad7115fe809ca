using ScalingLab.Core.Models;

namespace ScalingLab.Training.Model;

/// <summary>Layer norm or RMS norm with learned gain, over the last dimension.</summary>
internal sealed class Normalisation(ModelShape shape, string name, ParameterSet parameters)
{
    /// <summary>Added to the mean square; as in GPT-2.</summary>
    public const double Epsilon = 1e-5;

    private readonly Tensor weight = parameters[$"{name}.weight"];
    private readonly Tensor? bias = shape.Norm == Norm.LayerNorm ? parameters[$"{name}.bias"] : null;

    public static IEnumerable<ParameterSpec> Specs(ModelShape shape, string name)
    {
        yield return new ParameterSpec($"{name}.weight", [shape.Width], null, 1);
        if (shape.Norm == Norm.LayerNorm)
            yield return new ParameterSpec($"{name}.bias", [shape.Width], null);
    }

    /// <summary>(…, C) → (…, C).</summary>
    public Tensor Forward(Tensor x) =>
        shape.Norm == Norm.LayerNorm ? nn.functional.layer_norm(x, [shape.Width], weight, bias, Epsilon) : RootMeanSquare(x) * weight;

    /// <summary>x / √(mean x² + ε) over the last dimension. Zhang and Sennrich 2019, arXiv:1910.07467, Eq. 4.</summary>
    public static Tensor RootMeanSquare(Tensor x) => x * (x.square().mean([-1], keepdim: true) + Epsilon).rsqrt();
}
