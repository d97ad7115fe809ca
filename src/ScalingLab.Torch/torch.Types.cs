using ScalingLab.Torch.Calls;

namespace ScalingLab.Torch;

/// <summary>libtorch, spelt as PyTorch and TorchSharp spell it. Code written against the part of TorchSharp's public
/// API that is here compiles against either.</summary>
public static partial class torch
{
    /// <summary>Element types, numbered as libtorch numbers them.</summary>
    public enum ScalarType : sbyte
    {
        /// <summary>Unsigned 8-bit integer.</summary>
        Byte = 0,

        /// <summary>Signed 8-bit integer.</summary>
        Int8 = 1,

        /// <summary>16-bit integer.</summary>
        Int16 = 2,

        /// <summary>32-bit integer.</summary>
        Int32 = 3,

        /// <summary>64-bit integer.</summary>
        Int64 = 4,

        /// <summary>IEEE half precision.</summary>
        Float16 = 5,

        /// <summary>IEEE single precision.</summary>
        Float32 = 6,

        /// <summary>IEEE double precision.</summary>
        Float64 = 7,

        /// <summary>Truth value, one byte.</summary>
        Bool = 11,

        /// <summary>bfloat16: single precision's exponent, 8 bits of significand.</summary>
        BFloat16 = 15,
    }

    /// <summary>Single precision.</summary>
    public const ScalarType float32 = ScalarType.Float32;

    /// <summary>Double precision.</summary>
    public const ScalarType float64 = ScalarType.Float64;

    /// <summary>bfloat16.</summary>
    public const ScalarType bfloat16 = ScalarType.BFloat16;

    /// <summary>64-bit integer.</summary>
    public const ScalarType int64 = ScalarType.Int64;

    /// <summary>The CPU.</summary>
    public static Device CPU { get; } = new("cpu");

    /// <summary>The device of a name such as <c>cpu</c> or <c>cuda:0</c>.</summary>
    public static Device device(string description) => new(description);

    /// <summary>Where a tensor lives.</summary>
    public sealed class Device
    {
        /// <summary>A device by name: <c>cpu</c>, <c>cuda</c> or <c>cuda:i</c>.</summary>
        public Device(string description)
        {
            Name = description;
            Utf8 = new PinnedText(description);
        }

        internal string Name { get; }

        internal PinnedText Utf8 { get; }

        /// <summary>The name.</summary>
        public override string ToString() => Name;
    }
}
