using System.Collections.Concurrent;
using ScalingLab.Torch.Native;

namespace ScalingLab.Torch.Calls;

/// <summary>One argument of a boxed operator call.</summary>
internal readonly struct Argument
{
    private static readonly ConcurrentDictionary<string, PinnedText> Texts = new();

    private Argument(NativeTag tag, object? reference = null, long integer = 0)
    {
        Tag = tag;
        Reference = reference;
        Integer = integer;
    }

    public NativeTag Tag { get; }

    /// <summary>The tensor, list or text; keeps it alive during the call.</summary>
    public object? Reference { get; }

    /// <summary>The value, or the bits of a real one.</summary>
    public long Integer { get; }

    /// <summary>Absent.</summary>
    public static Argument None => new(NativeTag.None);

    /// <summary>The schema's default.</summary>
    public static Argument Default => new(NativeTag.Default);

    /// <summary>A name from a small set: each is kept for the life of the process.</summary>
    public static Argument Text(string value) => new(NativeTag.Text, Texts.GetOrAdd(value, static text => new PinnedText(text)));

    public static implicit operator Argument(torch.Tensor? value) => value is null ? None : new(NativeTag.Tensor, value);

    public static implicit operator Argument(long value) => new(NativeTag.Integer, null, value);

    public static implicit operator Argument(double value) => new(NativeTag.Real, null, BitConverter.DoubleToInt64Bits(value));

    public static implicit operator Argument(bool value) => new(NativeTag.Boolean, null, value ? 1 : 0);

    public static implicit operator Argument(long[]? value) => value is null ? None : new(NativeTag.IntegerList, value);

    public static implicit operator Argument(torch.Generator? value) => value is null ? None : new(NativeTag.Generator, value);

    public static implicit operator Argument(torch.Tensor[] value) => new(NativeTag.TensorList, value);

    public static implicit operator Argument(torch.ScalarType? value) => value is { } type ? new(NativeTag.Integer, null, (long)type) : None;

    public static implicit operator Argument(torch.Device? value) => value is null ? None : new(NativeTag.Device, value.Utf8);

    public static implicit operator Argument(Scalar value) => value.IsIntegral ? (Argument)value.Integer : (Argument)value.Real;
}
