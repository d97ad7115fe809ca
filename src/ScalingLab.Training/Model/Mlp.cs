using ScalingLab.Core.Configs;
using ScalingLab.Core.Models;

namespace ScalingLab.Training.Model;

/// <summary>The position-wise network of a block.</summary>
internal sealed class Mlp(ModelShape shape, string name, ParameterSet parameters, Products products, bool ownKernels)
{
    private readonly Tensor inputWeight = parameters[$"{name}.input.weight"]; // (hidden, C)
    private readonly Tensor? gateWeight = shape.Activation == Activation.SwiGlu ? parameters[$"{name}.gate.weight"] : null; // (hidden, C)
    private readonly Tensor outputWeight = parameters[$"{name}.output.weight"]; // (C, hidden)

    public static IEnumerable<ParameterSpec> Specs(ModelShape shape, string name, double deviation)
    {
        long width = shape.Width, hidden = shape.HiddenWidth;
        yield return new ParameterSpec($"{name}.input.weight", [hidden, width], deviation);
        if (shape.Activation == Activation.SwiGlu)
            yield return new ParameterSpec($"{name}.gate.weight", [hidden, width], deviation);
        yield return new ParameterSpec($"{name}.output.weight", [width, hidden], deviation / Math.Sqrt(2.0 * shape.Layers));
    }

    /// <summary>(B, T, C) → (B, T, C).</summary>
    public Tensor Forward(Tensor x)
    {
        Tensor hidden = products.Linear(x, inputWeight);
        Tensor? gate = gateWeight is null ? null : products.Linear(x, gateWeight);
        return products.Linear(Activate(shape.Activation, hidden, gate, ownKernels), outputWeight);
    }

    /// <summary>The non-linearity.</summary>
    /// <param name="activation">Which.</param>
    /// <param name="hidden">Its argument; with SwiGLU what the gate multiplies.</param>
    /// <param name="gate">The gate's argument with SwiGLU, else null.</param>
    /// <param name="ownKernels">Whether our own kernel takes it.</param>
    public static Tensor Activate(Activation activation, Tensor hidden, Tensor? gate, bool ownKernels) => activation switch
    {
        _ when ownKernels => CudaOperators.Activation(hidden, gate, ChoiceNames<Activation>.Of(activation)),
        Activation.Gelu => nn.functional.gelu(hidden),
        Activation.Relu2 => nn.functional.relu(hidden).square(),
        Activation.SwiGlu => nn.functional.silu(gate!) * hidden,
        _ => throw new InvalidOperationException($"Activation {activation} has no implementation."),
    };
}
