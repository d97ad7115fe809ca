using System.Runtime.InteropServices;
using ScalingLab.Torch.Native;

namespace ScalingLab.Torch;

public static partial class torch
{
    /// <summary>An n-dimensional array in libtorch's memory. Freed by <see cref="Dispose"/>, by its <see cref="DisposeScope"/>, or at last by the finalizer of its handle.</summary>
    public sealed partial class Tensor : IDisposable
    {
        private readonly TensorHandle handle;

        private Tensor(nint pointer)
        {
            handle = new TensorHandle(pointer);
            DisposeScope.Register(this);
        }

        internal DisposeScope? Scope { get; set; }

        internal nint Handle
        {
            get
            {
                ObjectDisposedException.ThrowIf(handle.IsClosed, this);
                return handle.DangerousGetHandle();
            }
        }

        /// <summary>Sizes of all dimensions.</summary>
        public unsafe long[] shape
        {
            get
            {
                var sizes = new long[Facts().Rank];
                fixed (long* pointer = sizes)
                    NativeMethods.Check(NativeMethods.TensorShape(Handle, pointer), "shape");
                GC.KeepAlive(this);
                return sizes;
            }
        }

        /// <summary>Element type.</summary>
        public ScalarType dtype => Facts().Type;

        /// <summary>Where it lives.</summary>
        public Device device => Facts() is { OnCuda: true } facts ? new Device($"cuda:{facts.DeviceIndex}") : CPU;

        /// <summary>Number of elements.</summary>
        public long NumberOfElements => shape.Aggregate(1L, (product, size) => product * size);

        /// <summary>Number of elements.</summary>
        public long numel() => NumberOfElements;

        /// <summary>Size of one dimension; negative ones count from the last.</summary>
        public long size(int dim)
        {
            long[] sizes = shape;
            return sizes[dim < 0 ? dim + sizes.Length : dim];
        }

        /// <summary>The memory of a contiguous CPU tensor. Valid while the tensor lives: keep a reference to it.</summary>
        /// <exception cref="TorchException">The tensor is on another device or not contiguous.</exception>
        public unsafe Span<byte> bytes
        {
            get
            {
                CaptureGuard.HostAccess("reading or writing a tensor's memory");
                NativeMethods.Check(NativeMethods.TensorData(Handle, out void* data, out long length), "bytes", this);
                return new Span<byte>(data, checked((int)length));
            }
        }

        /// <summary>The elements of a contiguous CPU tensor, in place.</summary>
        public TensorAccessor<T> data<T>()
            where T : unmanaged => new(this);

        /// <summary>The value of a tensor of one element, of any type.</summary>
        public double ToDouble()
        {
            CaptureGuard.HostAccess("reading a number out of a tensor");
            NativeMethods.Check(NativeMethods.TensorItem(Handle, out double value), "item", this);
            return value;
        }

        /// <summary>Takes the tensor out of every scope: it lives until it is disposed.</summary>
        public Tensor DetachFromDisposeScope()
        {
            Scope = null;
            return this;
        }

        /// <summary>Hands the tensor to the scope around its own.</summary>
        public Tensor MoveToOuterDisposeScope()
        {
            Scope?.MoveOut(this);
            return this;
        }

        /// <summary>Frees the native tensor. Its memory goes when no other tensor shares it.</summary>
        public void Dispose() => handle.Dispose();

        /// <summary>Type and shape, for messages: <c>Float32[16, 128, 64]</c>.</summary>
        public override string ToString() => Describe();

        internal static Tensor Own(nint pointer) => new(pointer);

        internal string Describe() => handle.IsClosed ? "disposed tensor" : $"{dtype}[{string.Join(", ", shape)}]";

        private unsafe (ScalarType Type, bool OnCuda, int DeviceIndex, int Rank) Facts()
        {
            int* facts = stackalloc int[5];
            NativeMethods.Check(NativeMethods.TensorFacts(Handle, facts), "facts");
            GC.KeepAlive(this);
            return ((ScalarType)facts[0], facts[2] == 1, facts[3], facts[4]);
        }
    }

    /// <summary>The elements of a contiguous CPU tensor, in place.</summary>
    public readonly struct TensorAccessor<T>
        where T : unmanaged
    {
        private readonly Tensor tensor;

        internal TensorAccessor(Tensor tensor) => this.tensor = tensor;

        private Span<T> Elements => MemoryMarshal.Cast<byte, T>(tensor.bytes);

        /// <summary>Number of elements.</summary>
        public long Count => Elements.Length;

        /// <summary>A copy.</summary>
        public T[] ToArray()
        {
            T[] copy = Elements.ToArray();
            GC.KeepAlive(tensor);
            return copy;
        }

        /// <summary>Copies all elements out.</summary>
        public void CopyTo(Span<T> array, int arrayIndex = 0, long tensorIndex = 0)
        {
            Elements[(int)tensorIndex..].CopyTo(array[arrayIndex..]);
            GC.KeepAlive(tensor);
        }

        /// <summary>Copies elements in.</summary>
        public void CopyFrom(ReadOnlySpan<T> array, int arrayIndex = 0, long tensorIndex = 0)
        {
            array[arrayIndex..].CopyTo(Elements[(int)tensorIndex..]);
            GC.KeepAlive(tensor);
        }
    }
}
