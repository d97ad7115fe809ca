#if !TORCHSHARP
namespace ScalingLab.Training.Stacks;

/// <summary>A step as a CUDA graph: a replay costs the host one launch, whatever the number of kernels.</summary>
/// <param name="device">Index of the GPU.</param>
internal sealed class CudaStepGraph(int device) : IStepGraph
{
    private const int WarmUps = 3; // on the graph's own stream, where libraries take workspaces of their own

    private readonly CudaGraph graph = new(device);

    /// <inheritdoc/>
    public void Capture(Action step)
    {
        torch.cuda.synchronize(torch.device(FormattableString.Invariant($"cuda:{device}")));
        using (graph.Stream.Use())
        {
            for (int i = 0; i < WarmUps; i++)
                step();
        }

        using var guard = new CaptureGuard();
        graph.Capture(step);
    }

    /// <inheritdoc/>
    public void Replay() => graph.Replay();

    /// <inheritdoc/>
    public void Dispose() => graph.Dispose();
}
#endif
