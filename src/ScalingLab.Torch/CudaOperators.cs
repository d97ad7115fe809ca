using ScalingLab.Torch.Calls;
using static ScalingLab.Torch.torch;

namespace ScalingLab.Torch;

/// <summary>Operators of our own for a stack of E models on a GPU, float32 and bfloat16, with gradients. <see cref="CudaKernels.Load"/> comes first.</summary>
/// <remarks>All may be captured: none waits for the device or reads from it. Sums come in one order, so that repeated runs are equal.</remarks>
public static class CudaOperators
{
    private static readonly Operator Loss = new("scalinglab::cross_entropy_");
    private static readonly Operator Norm = new("scalinglab::stacked_norm");
    private static readonly Operator NonLinearity = new("scalinglab::activation");
    private static readonly Operator Heads = new("scalinglab::split_heads");

    /// <summary>The widest model that <see cref="StackedNorm"/> takes: two sums a column in the shared memory of a block.</summary>
    public const int WidestNorm = 6144;

    /// <summary>Mean cross-entropy of each model, nats a row. Where gradients are recorded the logits become their own gradient: nobody may read them after.</summary>
    /// <param name="logits">(E, rows, classes), float32 or bfloat16, contiguous.</param>
    /// <param name="targets">E · rows class indices. One that is no class makes the loss NaN.</param>
    /// <returns>(E), float32.</returns>
    public static Tensor CrossEntropyInPlace(Tensor logits, Tensor targets) => Loss.Call(logits, targets);

    /// <summary>Adds a branch to the residual streams and normalises the sums: layer norm with a bias, root-mean-square norm without.</summary>
    /// <param name="x">Streams, (E, rows, C), float32.</param>
    /// <param name="branch">Added to them, in the type of the norm; null for nothing.</param>
    /// <param name="weight">Gains, (E, C), float32.</param>
    /// <param name="bias">(E, C), or null.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="bfloat16">Whether norm and branch are bfloat16; float32 otherwise.</param>
    /// <returns>The streams after the addition, and their norms.</returns>
    public static (Tensor Sum, Tensor Normed) StackedNorm(Tensor x, Tensor? branch, Tensor weight, Tensor? bias, double epsilon, bool bfloat16)
    {
        Tensor[] both = Norm.CallMany(x, branch, weight, bias, epsilon, bfloat16);
        return (both[0], both[1]);
    }

    /// <summary>The non-linearity of an MLP; with <c>swiglu</c> silu(gate) ∘ x.</summary>
    /// <param name="x">Its argument, any shape.</param>
    /// <param name="gate">The gate's with swiglu, else null.</param>
    /// <param name="name">gelu, relu2 or swiglu.</param>
    public static Tensor Activation(Tensor x, Tensor? gate, string name) => NonLinearity.Call(x, gate, Argument.Text(name));

    /// <summary>Queries, keys and values out of their packed product, queries and keys divided by their root mean square and rotated where asked for.</summary>
    /// <param name="packed">(sequences, T, 3·C).</param>
    /// <param name="heads">H.</param>
    /// <param name="cosines">Of the rotation, (T or more, …) with C / H / 2 float32 a position; null for none.</param>
    /// <param name="sines">Likewise.</param>
    /// <param name="epsilon">Added to the mean square of queries and keys; null to leave them as they are.</param>
    /// <returns>Three of (sequences, T, H, C / H).</returns>
    public static (Tensor Queries, Tensor Keys, Tensor Values) SplitHeads(Tensor packed, long heads, Tensor? cosines, Tensor? sines, double? epsilon)
    {
        Tensor[] parts = Heads.CallMany(packed, heads, cosines, sines, epsilon ?? -1);
        return (parts[0], parts[1], parts[2]);
    }
}
