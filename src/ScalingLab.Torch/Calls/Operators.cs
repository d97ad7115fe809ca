namespace ScalingLab.Torch.Calls;

/// <summary>The operators in use, by their schema names in libtorch's native_functions.yaml.</summary>
internal static class Operators
{
    // Shape
    internal static readonly Operator View = new("aten::view");
    internal static readonly Operator Reshape = new("aten::reshape");
    internal static readonly Operator Permute = new("aten::permute");
    internal static readonly Operator Transpose = new("aten::transpose", "int");
    internal static readonly Operator Narrow = new("aten::narrow");
    internal static readonly Operator Select = new("aten::select", "int");
    internal static readonly Operator Split = new("aten::split", "Tensor");
    internal static readonly Operator Unsqueeze = new("aten::unsqueeze");
    internal static readonly Operator Contiguous = new("aten::contiguous");
    internal static readonly Operator Cat = new("aten::cat");
    internal static readonly Operator IndexSelect = new("aten::index_select");
    internal static readonly Operator IndexCopyInPlace = new("aten::index_copy_");
    internal static readonly Operator Tril = new("aten::tril");
    internal static readonly Operator Triu = new("aten::triu");

    // Memory
    internal static readonly Operator Clone = new("aten::clone");
    internal static readonly Operator Detach = new("aten::detach");
    internal static readonly Operator CopyInPlace = new("aten::copy_");
    internal static readonly Operator Zero = new("aten::zero_");
    internal static readonly Operator FillInPlace = new("aten::fill_", "Scalar");
    internal static readonly Operator ToCopy = new("aten::_to_copy");

    // Factories
    internal static readonly Operator Zeros = new("aten::zeros");
    internal static readonly Operator Ones = new("aten::ones");
    internal static readonly Operator Empty = new("aten::empty", "memory_format");
    internal static readonly Operator Full = new("aten::full");
    internal static readonly Operator Arange = new("aten::arange", "start_step");
    internal static readonly Operator Randn = new("aten::randn");
    internal static readonly Operator RandnGenerator = new("aten::randn", "generator");

    // Arithmetic
    internal static readonly Operator Add = new("aten::add", "Tensor");
    internal static readonly Operator AddScalar = new("aten::add", "Scalar");
    internal static readonly Operator Subtract = new("aten::sub", "Tensor");
    internal static readonly Operator Multiply = new("aten::mul", "Tensor");
    internal static readonly Operator MultiplyScalar = new("aten::mul", "Scalar");
    internal static readonly Operator Divide = new("aten::div", "Tensor");
    internal static readonly Operator DivideScalar = new("aten::div", "Scalar");
    internal static readonly Operator Negate = new("aten::neg");
    internal static readonly Operator Square = new("aten::square");
    internal static readonly Operator SquareRoot = new("aten::sqrt");
    internal static readonly Operator ReciprocalSquareRoot = new("aten::rsqrt");
    internal static readonly Operator Cosine = new("aten::cos");
    internal static readonly Operator Sine = new("aten::sin");
    internal static readonly Operator Exponential = new("aten::exp");
    internal static readonly Operator AddInPlace = new("aten::add_", "Tensor");
    internal static readonly Operator AddScalarInPlace = new("aten::add_", "Scalar");
    internal static readonly Operator MultiplyInPlace = new("aten::mul_", "Tensor");
    internal static readonly Operator MultiplyScalarInPlace = new("aten::mul_", "Scalar");
    internal static readonly Operator DivideScalarInPlace = new("aten::div_", "Scalar");
    internal static readonly Operator AddcmulInPlace = new("aten::addcmul_");
    internal static readonly Operator AddcdivInPlace = new("aten::addcdiv_");
    internal static readonly Operator MaskedFill = new("aten::masked_fill", "Scalar");
    internal static readonly Operator MaskedFillInPlace = new("aten::masked_fill_", "Scalar");
    internal static readonly Operator ClampMax = new("aten::clamp_max");
    internal static readonly Operator ClampMin = new("aten::clamp_min");
    internal static readonly Operator DivideInPlace = new("aten::div_", "Tensor");
    internal static readonly Operator IsFinite = new("aten::isfinite");
    internal static readonly Operator LogicalAnd = new("aten::logical_and");
    internal static readonly Operator LogicalNot = new("aten::logical_not");

    // Reductions
    internal static readonly Operator Sum = new("aten::sum");
    internal static readonly Operator SumDims = new("aten::sum", "dim_IntList");
    internal static readonly Operator Mean = new("aten::mean");
    internal static readonly Operator MeanDims = new("aten::mean", "dim");
    internal static readonly Operator Norm = new("aten::norm", "Scalar");
    internal static readonly Operator NormDims = new("aten::norm", "ScalarOpt_dim");

    // Products and layers
    internal static readonly Operator MatMul = new("aten::matmul");
    internal static readonly Operator BatchMatMul = new("aten::bmm");
    internal static readonly Operator MatMulOut = new("aten::mm", "out");
    internal static readonly Operator Linear = new("aten::linear");
    internal static readonly Operator Embedding = new("aten::embedding");
    internal static readonly Operator LayerNorm = new("aten::layer_norm");
    internal static readonly Operator Gelu = new("aten::gelu");
    internal static readonly Operator Relu = new("aten::relu");
    internal static readonly Operator Silu = new("aten::silu");
    internal static readonly Operator Softmax = new("aten::softmax", "int");
    internal static readonly Operator LogSoftmax = new("aten::log_softmax", "int");
    internal static readonly Operator ScaledDotProductAttention = new("aten::scaled_dot_product_attention"); // from 2.0 on
    internal static readonly Operator CrossEntropy = new("aten::cross_entropy_loss");
    internal static readonly Operator Multinomial = new("aten::multinomial");
    internal static readonly Operator TopK = new("aten::topk");

    // Optimizers
    internal static readonly Operator FusedAdamW = new("aten::_fused_adamw_"); // from 2.0 on with CUDA, from 2.4 on with the CPU
    internal static readonly Operator FusedAdamWTensorRate = new("aten::_fused_adamw_", "tensor_lr"); // from 2.1 on, likewise
}
