namespace ScalingLab.Torch;

/// <summary>Work of a device recorded once and replayed as one launch: a whole training step costs the host a few microseconds.</summary>
/// <remarks>
/// CUDA C++ Programming Guide, "CUDA Graphs". What is captured must be the same each time and must not wait for the device: no
/// <c>item()</c>, no copy to or from the host, no shape that hangs on data. Its rules here:
/// <list type="bullet">
/// <item>Run the work two or three times inside <c>using (graph.Stream.Use())</c> first, so that libraries have taken their memory and
/// autograd its streams; then capture.</item>
/// <item>Inputs live in tensors made before the capture and are written in place between replays; outputs live in tensors made inside
/// it, which keep their memory from replay to replay and must stay undisposed as long as they are read.</item>
/// <item>A replay dispatches nothing: FLOPs are counted at the capture and multiplied.</item>
/// <item>A capture that failed can leave libtorch's allocator unable to capture again: end the process's work, and start a new worker.</item>
/// </list>
/// </remarks>
public sealed class CudaGraph : IDisposable
{
    private readonly ICudaCapture capture;
    private bool capturing;

    /// <summary>An empty graph that captures on a stream of its own.</summary>
    /// <param name="device">Index of the device.</param>
    /// <exception cref="TorchException">There is no such device, or the shim has no CUDA.</exception>
    public CudaGraph(int device = 0)
        : this(CudaStream.FromPool(device))
    {
    }

    /// <summary>An empty graph that captures on a chosen stream.</summary>
    /// <param name="stream">Any stream but the default one.</param>
    public CudaGraph(CudaStream stream)
        : this(new NativeCudaCapture(stream)) => Stream = stream;

    internal CudaGraph(ICudaCapture capture) => this.capture = capture;

    /// <summary>The stream that warm-up and capture run on.</summary>
    public CudaStream Stream { get; }

    /// <summary>Whether there is something to replay.</summary>
    public bool IsCaptured { get; private set; }

    /// <summary>The memory pool of the capture, for another graph to share.</summary>
    /// <exception cref="InvalidOperationException">Nothing was captured yet.</exception>
    public CudaGraphPool Pool => IsCaptured ? capture.Pool : throw Uncaptured();

    /// <summary>Records the work without running it, on <see cref="Stream"/>; <see cref="Replay"/> then runs it.</summary>
    /// <param name="work">The work. When it throws, nothing is kept and the same exception comes out.</param>
    /// <param name="pool">Memory shared with other graphs; null for memory of its own.</param>
    /// <param name="mode">What other threads may do meanwhile.</param>
    /// <exception cref="InvalidOperationException">The graph holds a capture already, or is being captured.</exception>
    public void Capture(Action work, CudaGraphPool? pool = null, CudaCaptureMode mode = CudaCaptureMode.ThreadLocal)
    {
        ArgumentNullException.ThrowIfNull(work);
        if (IsCaptured || capturing)
            throw new InvalidOperationException(capturing ? "The graph is being captured." : "The graph holds a capture already; call Reset first.");
        capture.Synchronize(); // nothing else may be under way on the streams that the capture joins
        using IDisposable stream = capture.UseStream();
        capturing = true;
        bool ended = false;
        try
        {
            capture.Begin(pool, mode);
            work();
            ended = true;
            capture.End();
            IsCaptured = true;
        }
        catch
        {
            Abandon(ended);
            throw;
        }
        finally
        {
            capturing = false;
        }
    }

    /// <summary>Lets the graph follow a generator: what the work draws from it is then new at each replay. The default generator is followed anyway.</summary>
    /// <param name="generator">A generator of the graph's device; it must outlive the graph.</param>
    /// <exception cref="InvalidOperationException">The capture is made already.</exception>
    /// <exception cref="TorchException">The generator is not of a CUDA device, or libtorch is older than 2.4.</exception>
    public void Follow(torch.Generator generator)
    {
        if (IsCaptured || capturing)
            throw new InvalidOperationException("A generator must be named before the capture.");
        capture.Follow(generator);
    }

    /// <summary>Puts the recorded work on the current stream and returns before it is done.</summary>
    /// <exception cref="InvalidOperationException">Nothing was captured.</exception>
    public void Replay()
    {
        if (!IsCaptured)
            throw Uncaptured();
        capture.Replay();
    }

    /// <summary>Drops what was recorded; the graph can then capture anew.</summary>
    public void Reset()
    {
        if (capturing)
            throw new InvalidOperationException("The graph is being captured.");
        IsCaptured = false;
        capture.Reset();
    }

    /// <summary>Waits for the device and frees the graph with its memory.</summary>
    public void Dispose()
    {
        IsCaptured = false;
        capture.Dispose();
    }

    // Brings the stream out of recording. What fails here follows from the failure that is on its way out, and would hide it.
    private void Abandon(bool alreadyEnded)
    {
        try
        {
            if (!alreadyEnded)
                capture.End();
        }
        catch (TorchException)
        {
        }

        try
        {
            capture.Reset();
        }
        catch (TorchException)
        {
        }
    }

    private static InvalidOperationException Uncaptured() => new("Nothing was captured; call Capture first.");
}
