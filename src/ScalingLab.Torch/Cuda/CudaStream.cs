using ScalingLab.Torch.Native;

namespace ScalingLab.Torch;

/// <summary>A queue of work on one device. Work on one stream runs in order; streams run beside each other.</summary>
/// <param name="Device">Index of the device.</param>
/// <param name="Id">libtorch's number of it on that device. Streams come from a pool of 32 a device and are never freed.</param>
public readonly record struct CudaStream(int Device, long Id)
{
    /// <summary>The next stream of the device's pool.</summary>
    public static CudaStream FromPool(int device, bool highPriority = false)
    {
        Engine.EnsureLoaded();
        NativeMethods.Check(NativeMethods.CudaStreamFromPool(device, highPriority ? 1 : 0, out long id), "CudaStream.FromPool");
        return new CudaStream(device, id);
    }

    /// <summary>The stream on which work runs where none was chosen. Nothing can be captured on it.</summary>
    public static CudaStream Default(int device)
    {
        Engine.EnsureLoaded();
        NativeMethods.Check(NativeMethods.CudaStreamDefault(device, out long id), "CudaStream.Default");
        return new CudaStream(device, id);
    }

    /// <summary>The stream that this thread gives work for a device to.</summary>
    public static CudaStream Current(int device)
    {
        Engine.EnsureLoaded();
        NativeMethods.Check(NativeMethods.CudaStreamCurrent(device, out long id), "CudaStream.Current");
        return new CudaStream(device, id);
    }

    /// <summary>Whether all work given to it so far is done.</summary>
    public bool IsDone
    {
        get
        {
            NativeMethods.Check(NativeMethods.CudaStreamDone(Device, Id, out int done), "CudaStream.IsDone");
            return done != 0;
        }
    }

    /// <summary>Makes the stream and its device current on this thread until the result is disposed; nests.</summary>
    /// <remarks>Streams do not wait for each other: order them with <see cref="WaitFor(CudaStream)"/>.</remarks>
    public IDisposable Use() => new CudaStreamScope(this);

    /// <summary>Waits until all work given to it so far is done.</summary>
    public void Synchronize() => NativeMethods.Check(NativeMethods.CudaStreamSynchronize(Device, Id), "CudaStream.Synchronize");

    /// <summary>What is given to this stream from here on starts only when the event has happened. Does not hold up the host.</summary>
    public void WaitFor(CudaEvent @event) => NativeMethods.Check(NativeMethods.CudaStreamWait(Device, Id, @event.Handle), "CudaStream.WaitFor");

    /// <summary>What is given to this stream from here on starts only when the other has done all it has so far. Does not hold up the host.</summary>
    public void WaitFor(CudaStream other)
    {
        using CudaEvent reached = new(other.Device, timed: false);
        reached.Record(other);
        WaitFor(reached);
    }
}

/// <summary>Puts the device and the stream that were current before back.</summary>
internal sealed class CudaStreamScope : IDisposable
{
    private readonly CudaStream stream;
    private readonly CudaStream before;
    private readonly int deviceBefore;
    private bool disposed;

    internal CudaStreamScope(CudaStream stream)
    {
        this.stream = stream;
        deviceBefore = torch.cuda.current_device();
        before = CudaStream.Current(stream.Device);
        NativeMethods.Check(NativeMethods.CudaStreamSet(stream.Device, stream.Id), "CudaStream.Use");
    }

    public void Dispose()
    {
        if (disposed)
            return;
        disposed = true;
        NativeMethods.Check(NativeMethods.CudaStreamSet(stream.Device, before.Id), "CudaStream.Use");
        torch.cuda.set_device(deviceBefore);
    }
}
