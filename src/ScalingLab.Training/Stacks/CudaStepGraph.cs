#if !TORCHSHARP
namespace ScalingLab.Training.Stacks;

/// <summary>A step as a CUDA graph: a replay costs the host one launch, whatever the number of kernels.</summary>
/// <param name="device">Index of the GPU.</param>
internal sealed class CudaStepGraph(int device) : IStepGraph
{
    private const int WarmUps = 3; // on the graph's own stream, where libraries take workspaces and autograd its threads

    private readonly CudaGraph graph = new(device);

    /// <inheritdoc/>
    /// <remarks>
    /// libtorch keeps freed memory by the stream that used it, and in a capture it can give none of it back to the device. So it is
    /// given back before: else a step would be held three times, by the default stream, the warm-up's and the graph.
    /// </remarks>
    public void Capture(Action step, Action warmUp)
    {
        torch.cuda.synchronize(device);
        torch.cuda.empty_cache();
        using (graph.Stream.Use())
        {
            for (int i = 0; i < WarmUps; i++)
                warmUp();
        }

        torch.cuda.synchronize(device);
        torch.cuda.empty_cache();
        using var guard = new CaptureGuard();
        graph.Capture(step);
    }

    /// <inheritdoc/>
    public void Replay() => graph.Replay();

    /// <inheritdoc/>
    public void Dispose()
    {
        torch.cuda.synchronize(device); // what was replayed may still run, and the graph's memory goes with it
        graph.Dispose();
    }
}
#endif
