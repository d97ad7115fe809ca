using ScalingLab.Torch.Native;

namespace ScalingLab.Torch;

/// <summary>A mark in a stream, to wait for or to take times between.</summary>
public sealed class CudaEvent : IDisposable
{
    /// <summary>An event of one device.</summary>
    /// <param name="device">Index of the device.</param>
    /// <param name="timed">Whether times will be taken; an event without is cheaper.</param>
    public CudaEvent(int device, bool timed = true)
    {
        Engine.EnsureLoaded();
        NativeMethods.Check(NativeMethods.CudaEventNew(device, timed ? 1 : 0, out CudaEventHandle handle), "CudaEvent");
        Handle = handle;
    }

    internal CudaEventHandle Handle { get; }

    /// <summary>Puts the mark behind all work given to the stream so far.</summary>
    public void Record(CudaStream stream) => NativeMethods.Check(NativeMethods.CudaEventRecord(Handle, stream.Device, stream.Id), "CudaEvent.Record");

    /// <summary>Waits until the device has reached the mark.</summary>
    public void Synchronize() => NativeMethods.Check(NativeMethods.CudaEventSynchronize(Handle), "CudaEvent.Synchronize");

    /// <summary>Device time between two marks that were both reached; resolution about half a microsecond.</summary>
    public TimeSpan Since(CudaEvent start)
    {
        NativeMethods.Check(NativeMethods.CudaEventMilliseconds(start.Handle, Handle, out float milliseconds), "CudaEvent.Since");
        return TimeSpan.FromMilliseconds(milliseconds);
    }

    /// <summary>Frees the event.</summary>
    public void Dispose() => Handle.Dispose();
}
