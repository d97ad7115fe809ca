using ScalingLab.Core.Devices;

namespace ScalingLab.Training.Stacks;

/// <summary>What a step is captured in on a device.</summary>
public static class StepGraphs
{
    /// <summary>Whether a step on that device can be a CUDA graph: on a GPU, where the engine was built with CUDA's headers.</summary>
    public static bool CanCapture(DeviceName device) => device.IsCuda && ProviderCapabilities.HasCudaGraphs;

    /// <summary>A CUDA graph where there can be one and it is wanted; elsewhere the step runs as it stands.</summary>
    /// <param name="device">Where the step runs.</param>
    /// <param name="wanted">False to launch operator by operator on a GPU too.</param>
    public static IStepGraph For(DeviceName device, bool wanted = true)
    {
#if !TORCHSHARP
        if (wanted && CanCapture(device))
            return new CudaStepGraph(device.CudaIndex!.Value);
#endif
        return new EagerStepGraph();
    }
}
