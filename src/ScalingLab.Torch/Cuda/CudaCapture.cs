using ScalingLab.Torch.Native;

namespace ScalingLab.Torch;

/// <summary>What CUDA allows other threads of the process to do while this one captures; numbered as cudaStreamCaptureMode.</summary>
public enum CudaCaptureMode
{
    /// <summary>Nothing unsafe (such as taking memory) by any thread; libtorch 1.13 knows only this one.</summary>
    Global = 0,

    /// <summary>Nothing unsafe by this thread. Others, the finalizer's among them, go on.</summary>
    ThreadLocal = 1,

    /// <summary>Anything.</summary>
    Relaxed = 2,
}

/// <summary>Memory that several graphs share. They must be replayed in the order of their capture, never at once.</summary>
/// <param name="First">First half of libtorch's name for it.</param>
/// <param name="Second">Second half.</param>
public readonly record struct CudaGraphPool(ulong First, ulong Second)
{
    /// <summary>A new pool.</summary>
    public static unsafe CudaGraphPool Create()
    {
        Engine.EnsureLoaded();
        ulong* pool = stackalloc ulong[2];
        NativeMethods.Check(NativeMethods.CudaGraphPoolNew(pool), "CudaGraphPool.Create");
        return new CudaGraphPool(pool[0], pool[1]);
    }
}

/// <summary>The native steps of a capture, apart from their order, which <see cref="CudaGraph"/> decides.</summary>
internal interface ICudaCapture : IDisposable
{
    /// <summary>Pool that the graph holds memory in; only after a capture.</summary>
    CudaGraphPool Pool { get; }

    /// <summary>Makes the graph's stream current until disposed.</summary>
    IDisposable UseStream();

    /// <summary>Waits for the device.</summary>
    void Synchronize();

    /// <summary>Starts recording what the stream is given.</summary>
    void Begin(CudaGraphPool? pool, CudaCaptureMode mode);

    /// <summary>Ends recording, and makes what was recorded ready for replay.</summary>
    void End();

    /// <summary>Lets the graph follow a generator besides the default one.</summary>
    void Follow(torch.Generator generator);

    /// <summary>Puts the recorded work on the current stream.</summary>
    void Replay();

    /// <summary>Drops what was recorded and its memory.</summary>
    void Reset();
}

/// <summary>The steps as libtorch's CUDAGraph does them.</summary>
internal sealed class NativeCudaCapture : ICudaCapture
{
    private readonly CudaGraphHandle handle;
    private readonly CudaStream stream;

    internal NativeCudaCapture(CudaStream stream)
    {
        Engine.EnsureLoaded();
        this.stream = stream;
        NativeMethods.Check(NativeMethods.CudaGraphNew(out handle), "CudaGraph");
    }

    public unsafe CudaGraphPool Pool
    {
        get
        {
            ulong* pool = stackalloc ulong[2];
            NativeMethods.Check(NativeMethods.CudaGraphPool(handle, pool), "CudaGraph.Pool");
            return new CudaGraphPool(pool[0], pool[1]);
        }
    }

    public IDisposable UseStream() => stream.Use();

    public void Synchronize() => NativeMethods.Check(NativeMethods.CudaSynchronize(stream.Device), "CudaGraph.Capture");

    public unsafe void Begin(CudaGraphPool? pool, CudaCaptureMode mode)
    {
        ulong* shared = stackalloc ulong[2]; // 0, 0: a pool of its own
        shared[0] = pool?.First ?? 0;
        shared[1] = pool?.Second ?? 0;
        NativeMethods.Check(NativeMethods.CudaGraphBegin(handle, shared, (int)mode), "CudaGraph.Capture");
    }

    public void End() => NativeMethods.Check(NativeMethods.CudaGraphEnd(handle), "CudaGraph.Capture");

    public void Follow(torch.Generator generator) => NativeMethods.Check(NativeMethods.CudaGraphFollow(handle, generator.Handle), "CudaGraph.Follow");

    public void Replay() => NativeMethods.Check(NativeMethods.CudaGraphReplay(handle), "CudaGraph.Replay");

    public void Reset() => NativeMethods.Check(NativeMethods.CudaGraphReset(handle), "CudaGraph.Reset");

    public void Dispose() => handle.Dispose();
}
