using System.Globalization;

namespace ScalingLab.Core.Devices;

/// <summary>A device that trains: the CPU or one CUDA device, as <c>--device</c> spells it.</summary>
/// <param name="CudaIndex">Number among the devices that CUDA_VISIBLE_DEVICES leaves, from 0; null for the CPU.</param>
public sealed record DeviceName(int? CudaIndex)
{
    /// <summary>The CPU.</summary>
    public static DeviceName Cpu { get; } = new((int?)null);

    /// <summary>Whether it is a GPU.</summary>
    public bool IsCuda => CudaIndex is not null;

    /// <summary>One CUDA device.</summary>
    /// <param name="index">0 or more.</param>
    public static DeviceName Cuda(int index) => new(index);

    /// <summary>The device of a name: <c>cpu</c>, <c>cuda</c> (the first) or <c>cuda:i</c>; null for anything else.</summary>
    public static DeviceName? Parse(string text) => text switch
    {
        "cpu" => Cpu,
        "cuda" => Cuda(0),
        _ when text.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(text.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out int index) => Cuda(index),
        _ => null,
    };

    /// <summary><c>cpu</c> or <c>cuda:i</c>.</summary>
    public override string ToString() => CudaIndex is { } index ? string.Create(CultureInfo.InvariantCulture, $"cuda:{index}") : "cpu";
}
