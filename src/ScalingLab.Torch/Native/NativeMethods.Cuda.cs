using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ScalingLab.Torch.Native;

/// <summary>The CUDA part of the C ABI: native/cuda_*.cpp.</summary>
internal static unsafe partial class NativeMethods
{
    [LibraryImport(Library, EntryPoint = "sl_cuda_device_count")]
    internal static partial int CudaDeviceCount();

    [LibraryImport(Library, EntryPoint = "sl_cuda_synchronize")]
    internal static partial int CudaSynchronize(long index);

    [LibraryImport(Library, EntryPoint = "sl_cuda_release")]
    internal static partial int CudaRelease();

    [LibraryImport(Library, EntryPoint = "sl_cuda_driver_release")]
    internal static partial int CudaDriverRelease();

    [LibraryImport(Library, EntryPoint = "sl_cuda_current_device")]
    internal static partial int CudaCurrentDevice(out int index);

    [LibraryImport(Library, EntryPoint = "sl_cuda_set_device")]
    internal static partial int CudaSetDevice(int index);

    [LibraryImport(Library, EntryPoint = "sl_cuda_device")]
    internal static partial int CudaDevice(int index, byte* name, byte* pciBus, long* facts);

    [LibraryImport(Library, EntryPoint = "sl_cuda_stream_from_pool")]
    internal static partial int CudaStreamFromPool(int device, int highPriority, out long id);

    [LibraryImport(Library, EntryPoint = "sl_cuda_stream_default")]
    internal static partial int CudaStreamDefault(int device, out long id);

    [LibraryImport(Library, EntryPoint = "sl_cuda_stream_current")]
    internal static partial int CudaStreamCurrent(int device, out long id);

    [LibraryImport(Library, EntryPoint = "sl_cuda_stream_set")]
    internal static partial int CudaStreamSet(int device, long id);

    [LibraryImport(Library, EntryPoint = "sl_cuda_stream_synchronize")]
    internal static partial int CudaStreamSynchronize(int device, long id);

    [LibraryImport(Library, EntryPoint = "sl_cuda_stream_done")]
    internal static partial int CudaStreamDone(int device, long id, out int done);

    [LibraryImport(Library, EntryPoint = "sl_cuda_stream_wait")]
    internal static partial int CudaStreamWait(int device, long id, CudaEventHandle @event);

    [LibraryImport(Library, EntryPoint = "sl_cuda_event_new")]
    internal static partial int CudaEventNew(int device, int timed, out CudaEventHandle @event);

    [LibraryImport(Library, EntryPoint = "sl_cuda_event_free")]
    internal static partial void CudaEventFree(nint @event);

    [LibraryImport(Library, EntryPoint = "sl_cuda_event_record")]
    internal static partial int CudaEventRecord(CudaEventHandle @event, int device, long id);

    [LibraryImport(Library, EntryPoint = "sl_cuda_event_synchronize")]
    internal static partial int CudaEventSynchronize(CudaEventHandle @event);

    [LibraryImport(Library, EntryPoint = "sl_cuda_event_milliseconds")]
    internal static partial int CudaEventMilliseconds(CudaEventHandle start, CudaEventHandle end, out float milliseconds);

    [LibraryImport(Library, EntryPoint = "sl_cuda_memory")]
    internal static partial int CudaMemory(int device, long* facts);

    [LibraryImport(Library, EntryPoint = "sl_cuda_memory_reset_peaks")]
    internal static partial int CudaMemoryResetPeaks(int device);

    [LibraryImport(Library, EntryPoint = "sl_cuda_memory_free")]
    internal static partial int CudaMemoryFree(int device, out long free, out long total);

    [LibraryImport(Library, EntryPoint = "sl_cuda_empty_cache")]
    internal static partial int CudaEmptyCache();

    [LibraryImport(Library, EntryPoint = "sl_cuda_graph_new")]
    internal static partial int CudaGraphNew(out CudaGraphHandle graph);

    [LibraryImport(Library, EntryPoint = "sl_cuda_graph_free")]
    internal static partial void CudaGraphFree(nint graph);

    [LibraryImport(Library, EntryPoint = "sl_cuda_graph_pool_new")]
    internal static partial int CudaGraphPoolNew(ulong* pool);

    [LibraryImport(Library, EntryPoint = "sl_cuda_graph_pool")]
    internal static partial int CudaGraphPool(CudaGraphHandle graph, ulong* pool);

    [LibraryImport(Library, EntryPoint = "sl_cuda_graph_begin")]
    internal static partial int CudaGraphBegin(CudaGraphHandle graph, ulong* pool, int mode);

    [LibraryImport(Library, EntryPoint = "sl_cuda_graph_end")]
    internal static partial int CudaGraphEnd(CudaGraphHandle graph);

    [LibraryImport(Library, EntryPoint = "sl_cuda_graph_replay")]
    internal static partial int CudaGraphReplay(CudaGraphHandle graph);

    [LibraryImport(Library, EntryPoint = "sl_cuda_graph_reset")]
    internal static partial int CudaGraphReset(CudaGraphHandle graph);

    [LibraryImport(Library, EntryPoint = "sl_cuda_kernel_set", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int CudaKernelSet(int device, string name, nint function, nint launch);

    [LibraryImport(Library, EntryPoint = "sl_cuda_graph_follow")]
    internal static partial int CudaGraphFollow(CudaGraphHandle graph, GeneratorHandle generator);
}

/// <summary>Owns one CUDA graph of the shim.</summary>
internal sealed class CudaGraphHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle()
    {
        NativeMethods.CudaGraphFree(handle);
        return true;
    }
}

/// <summary>Owns one CUDA event of the shim.</summary>
internal sealed class CudaEventHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle()
    {
        NativeMethods.CudaEventFree(handle);
        return true;
    }
}
