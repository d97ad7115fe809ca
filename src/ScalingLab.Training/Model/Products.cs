using ScalingLab.Core.Configs;

namespace ScalingLab.Training.Model;

/// <summary>In which type matrix products are taken: the one place where bfloat16 enters a model.</summary>
/// <remarks>
/// 1. Both operands of a product are rounded to bfloat16, and so is its result; the sums inside are float32. 2. What lies between two
/// products of a branch (queries, keys, values, hidden units) stays bfloat16. 3. Master weights, their gradients, moments, the residual
/// stream, statistics of norms, rotations, softmax and loss are float32. Micikevicius et al. 2018, arXiv:1710.03740, Sec. 3, with
/// bfloat16, whose range needs no loss scaling: Kalamkar et al. 2019, arXiv:1905.12322.
/// </remarks>
internal sealed class Products(ProductType type)
{
    /// <summary>Whether operands are rounded to bfloat16.</summary>
    public bool Rounds => type == ProductType.Bf16;

    /// <summary>input · weightᵀ over the last dimension.</summary>
    public Tensor Linear(Tensor input, Tensor weight) => nn.functional.linear(Operand(input), Operand(weight));

    /// <summary>A tensor as it enters a product.</summary>
    public Tensor Operand(Tensor x) => Rounds ? x.to_type(ScalarType.BFloat16) : x;

    /// <summary>A tensor as norms, softmax and loss take it.</summary>
    public Tensor Full(Tensor x) => Rounds ? x.to_type(ScalarType.Float32) : x;
}
