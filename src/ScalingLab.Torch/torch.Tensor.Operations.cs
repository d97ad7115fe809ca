using ScalingLab.Torch.Calls;

namespace ScalingLab.Torch;

public static partial class torch
{
    // Each member is the operator of that name in PyTorch; what is said here is only what differs.
    public sealed partial class Tensor
    {
        /// <summary>Elementwise sum.</summary>
        public static Tensor operator +(Tensor left, Tensor right) => Operators.Add.Call(left, right);

        /// <summary>Adds a number to each element.</summary>
        public static Tensor operator +(Tensor left, Scalar right) => Operators.AddScalar.Call(left, right);

        /// <summary>Elementwise difference.</summary>
        public static Tensor operator -(Tensor left, Tensor right) => Operators.Subtract.Call(left, right);

        /// <summary>Elementwise negation.</summary>
        public static Tensor operator -(Tensor value) => Operators.Negate.Call(value);

        /// <summary>Elementwise product.</summary>
        public static Tensor operator *(Tensor left, Tensor right) => Operators.Multiply.Call(left, right);

        /// <summary>Multiplies each element by a number.</summary>
        public static Tensor operator *(Tensor left, Scalar right) => Operators.MultiplyScalar.Call(left, right);

        /// <summary>Elementwise quotient.</summary>
        public static Tensor operator /(Tensor left, Tensor right) => Operators.Divide.Call(left, right);

        /// <summary>Divides each element by a number.</summary>
        public static Tensor operator /(Tensor left, Scalar right) => Operators.DivideScalar.Call(left, right);

        /// <summary>The same memory under another shape; one size may be -1.</summary>
        public Tensor view(params long[] shape) => Operators.View.Call(this, shape);

        /// <summary>Another shape, copied where the memory does not allow a view.</summary>
        public Tensor reshape(params long[] shape) => Operators.Reshape.Call(this, shape);

        /// <summary>Dimensions in another order.</summary>
        public Tensor permute(params long[] permutation) => Operators.Permute.Call(this, permutation);

        /// <summary>Two dimensions swapped.</summary>
        public Tensor transpose(long dim0, long dim1) => Operators.Transpose.Call(this, dim0, dim1);

        /// <summary>A slice of one dimension.</summary>
        public Tensor narrow(long dim, long start, long length) => Operators.Narrow.Call(this, dim, start, length);

        /// <summary>One index of one dimension.</summary>
        public Tensor select(long dim, long index) => Operators.Select.Call(this, dim, index);

        /// <summary>Pieces of a size along a dimension; the last may be smaller.</summary>
        public Tensor[] split(long size, int dim = 0) => Operators.Split.CallMany(this, size, (long)dim);

        /// <summary>A new dimension of size 1.</summary>
        public Tensor unsqueeze(long dim) => Operators.Unsqueeze.Call(this, dim);

        /// <summary>Itself when its memory is contiguous, else a copy that is.</summary>
        public Tensor contiguous() => Operators.Contiguous.Call(this);

        /// <summary>Rows picked by a vector of indices.</summary>
        public Tensor index_select(long dim, Tensor index) => Operators.IndexSelect.Call(this, dim, index);

        /// <summary>Writes slices of a dimension: those of the source, at the given indices.</summary>
        public Tensor index_copy_(long dim, Tensor index, Tensor source) => Operators.IndexCopyInPlace.CallInPlace(this, dim, index, source);

        /// <summary>The lower triangle.</summary>
        public Tensor tril(long diagonal = 0) => Operators.Tril.Call(this, diagonal);

        /// <summary>The upper triangle.</summary>
        public Tensor triu(long diagonal = 0) => Operators.Triu.Call(this, diagonal);

        /// <summary>A copy.</summary>
        public Tensor clone() => Operators.Clone.Call(this);

        /// <summary>The same memory, unknown to autograd.</summary>
        public Tensor detach() => Operators.Detach.Call(this);

        /// <summary>Copies values in, converting type and device.</summary>
        public Tensor copy_(Tensor source, bool nonBlocking = false) => Operators.CopyInPlace.CallInPlace(this, source, nonBlocking);

        /// <summary>Sets every element to 0.</summary>
        public Tensor zero_() => Operators.Zero.CallInPlace(this);

        /// <summary>Sets every element.</summary>
        public Tensor fill_(Scalar value) => Operators.FillInPlace.CallInPlace(this, value);

        /// <summary>Itself when it has that type already, else a converted copy.</summary>
        public Tensor to_type(ScalarType type) => type == dtype ? Alias() : Operators.ToCopy.Call(this, type);

        /// <summary>Itself when it has that type already, else a converted copy.</summary>
        public Tensor to(ScalarType type) => to_type(type);

        /// <summary>A copy on a device.</summary>
        public Tensor to(Device device) => Operators.ToCopy.Call(this, Argument.None, Argument.None, device);

        /// <summary>A copy on the CPU.</summary>
        public Tensor cpu() => to(CPU);

        /// <summary>A copy in bfloat16.</summary>
        public Tensor bfloat16() => to_type(ScalarType.BFloat16);

        /// <summary>Elementwise square.</summary>
        public Tensor square() => Operators.Square.Call(this);

        /// <summary>Elementwise square root.</summary>
        public Tensor sqrt() => Operators.SquareRoot.Call(this);

        /// <summary>Elementwise reciprocal square root.</summary>
        public Tensor rsqrt() => Operators.ReciprocalSquareRoot.Call(this);

        /// <summary>Elementwise cosine.</summary>
        public Tensor cos() => Operators.Cosine.Call(this);

        /// <summary>Elementwise sine.</summary>
        public Tensor sin() => Operators.Sine.Call(this);

        /// <summary>Elementwise exponential.</summary>
        public Tensor exp() => Operators.Exponential.Call(this);

        /// <summary>Adds alpha × target to this.</summary>
        public Tensor add_(Tensor target, Scalar alpha) => Operators.AddInPlace.CallInPlace(this, target, alpha);

        /// <summary>Adds a tensor to this.</summary>
        public Tensor add_(Tensor target) => Operators.AddInPlace.CallInPlace(this, target);

        /// <summary>Adds a number to each element of this.</summary>
        public Tensor add_(Scalar scalar) => Operators.AddScalarInPlace.CallInPlace(this, scalar);

        /// <summary>Multiplies this elementwise.</summary>
        public Tensor mul_(Tensor target) => Operators.MultiplyInPlace.CallInPlace(this, target);

        /// <summary>Divides this elementwise.</summary>
        public Tensor div_(Tensor target) => Operators.DivideInPlace.CallInPlace(this, target);

        /// <summary>Multiplies each element of this by a number.</summary>
        public Tensor mul_(Scalar target) => Operators.MultiplyScalarInPlace.CallInPlace(this, target);

        /// <summary>Divides each element of this by a number.</summary>
        public Tensor div_(Scalar target) => Operators.DivideScalarInPlace.CallInPlace(this, target);

        /// <summary>Adds value × tensor1 × tensor2 to this.</summary>
        public Tensor addcmul_(Tensor tensor1, Tensor tensor2, Scalar value) => Operators.AddcmulInPlace.CallInPlace(this, tensor1, tensor2, value);

        /// <summary>Adds value × tensor1 / tensor2 to this.</summary>
        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2, Scalar value) => Operators.AddcdivInPlace.CallInPlace(this, tensor1, tensor2, value);

        /// <summary>A copy with a value wherever the mask is true.</summary>
        public Tensor masked_fill(Tensor mask, Scalar value) => Operators.MaskedFill.Call(this, mask, value);

        /// <summary>Sets a value wherever the mask is true.</summary>
        public Tensor masked_fill_(Tensor mask, Scalar value) => Operators.MaskedFillInPlace.CallInPlace(this, mask, value);

        /// <summary>Each element, or the bound where it is above that; NaN stays.</summary>
        public Tensor clamp_max(Scalar max) => Operators.ClampMax.Call(this, max);

        /// <summary>Each element, or the bound where it is below that; NaN stays.</summary>
        public Tensor clamp_min(Scalar min) => Operators.ClampMin.Call(this, min);

        /// <summary>True where an element is neither infinite nor NaN.</summary>
        public Tensor isfinite() => Operators.IsFinite.Call(this);

        /// <summary>Elementwise and.</summary>
        public Tensor logical_and(Tensor other) => Operators.LogicalAnd.Call(this, other);

        /// <summary>Elementwise negation.</summary>
        public Tensor logical_not() => Operators.LogicalNot.Call(this);

        /// <summary>Sum of all elements.</summary>
        public Tensor sum() => Operators.Sum.Call(this);

        /// <summary>Sums over dimensions.</summary>
        public Tensor sum(long[] dim, bool keepdim = false) => Operators.SumDims.Call(this, dim, keepdim);

        /// <summary>Mean of all elements.</summary>
        public Tensor mean() => Operators.Mean.Call(this);

        /// <summary>Means over dimensions.</summary>
        public Tensor mean(long[] dimensions, bool keepdim = false) => Operators.MeanDims.Call(this, dimensions, keepdim);

        /// <summary>Euclidean norm of all elements, or another p-norm.</summary>
        public Tensor norm(float p = 2.0f) => Operators.Norm.Call(this, (double)p);

        /// <summary>p-norm along one dimension.</summary>
        public Tensor norm(int dim, bool keepdim = false, float p = 2.0f) => Operators.NormDims.Call(this, (double)p, new long[] { dim }, keepdim);

        /// <summary>Matrix product, broadcast over leading dimensions.</summary>
        public Tensor matmul(Tensor target) => Operators.MatMul.Call(this, target);

        /// <summary>Product of two batches of matrices, (B, n, k) × (B, k, m).</summary>
        public Tensor bmm(Tensor batch2) => Operators.BatchMatMul.Call(this, batch2);

        /// <summary>Softmax along a dimension.</summary>
        public Tensor softmax(long dim, ScalarType? dtype = null) => Operators.Softmax.Call(this, dim, dtype);

        /// <summary>Logarithm of the softmax along a dimension.</summary>
        public Tensor log_softmax(long dim, ScalarType? dtype = null) => Operators.LogSoftmax.Call(this, dim, dtype);

        /// <summary>Indices drawn with the given weights.</summary>
        public Tensor multinomial(long num_samples, bool replacement = false) => Operators.Multinomial.Call(this, num_samples, replacement);

        /// <summary>The k largest values along a dimension, and their indices.</summary>
        public (Tensor values, Tensor indexes) topk(int k, int dim = -1, bool largest = true, bool sorted = true)
        {
            Tensor[] both = Operators.TopK.CallMany(this, (long)k, (long)dim, largest, sorted);
            return (both[0], both[1]);
        }

        private Tensor Alias() => Operators.View.Call(this, shape);
    }
}
