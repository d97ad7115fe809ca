using ScalingLab.Core.Devices;

namespace ScalingLab.Training.Stacks;

/// <summary>What a step is captured in on a device.</summary>
internal static class StepGraphs
{
    /// <summary>A CUDA graph on a GPU, where the provider has them; elsewhere the step runs as it stands.</summary>
    public static IStepGraph For(DeviceName device)
    {
#if !TORCHSHARP
        if (device.CudaIndex is { } index)
            return new CudaStepGraph(index);
#endif
        return new EagerStepGraph();
    }
}
