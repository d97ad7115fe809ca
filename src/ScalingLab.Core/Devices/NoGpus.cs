namespace ScalingLab.Core.Devices;

/// <summary>No GPU, and none asked for.</summary>
public sealed class NoGpus : IGpuList
{
    private NoGpus()
    {
    }

    /// <summary>The one instance.</summary>
    public static NoGpus Instance { get; } = new();

    /// <inheritdoc/>
    public IReadOnlyList<GpuDevice> Gpus => [];

    /// <inheritdoc/>
    public string? Problem => "no GPU was asked for";
}
