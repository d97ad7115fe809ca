using static ScalingLab.Torch.torch;

namespace ScalingLab.Torch.Tests;

/// <summary>A test that needs an NVIDIA GPU; skipped, with the reason, where none answers.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CudaFactAttribute : FactAttribute
{
    public CudaFactAttribute() => Skip = Missing;

    /// <summary>Why there is no GPU to test on; null where there is one.</summary>
    internal static string? Missing { get; } = Look();

    private static string? Look()
    {
        try
        {
            return !CudaDevice.IsBuilt ? "the engine is built without CUDA" : cuda.is_available() ? null : "no NVIDIA GPU answers";
        }
        catch (EngineNotFoundException error)
        {
            return error.Message;
        }
    }
}

/// <summary>A test of what is said where there is no GPU; skipped where there is one.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NoGpuFactAttribute : FactAttribute
{
    public NoGpuFactAttribute() => Skip = CudaFactAttribute.Missing is null ? "this machine has a GPU" : null;
}
