using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace ScalingLab.Torch;

/// <summary>Settings of the process that libtorch, OpenBLAS, OpenMP and glibc read when they load: worth 3x to 4x on a CPU.</summary>
/// <remarks>They go through libc's setenv, since Environment.SetEnvironmentVariable does not reach native code on Unix.</remarks>
internal static partial class NativeEnvironment
{
    // glibc malloc.h
    private const int TrimThreshold = -1;
    private const int TopPad = -2;
    private const int MmapMax = -4;
    private const int ArenaMax = -8;

    private const int HugePageAdvice = 14; // madvise's MADV_HUGEPAGE
    private const nuint HugePage = 2 << 20;
    private const nuint HugeHeap = 1 << 30;

    /// <summary>Applies the settings; must come before libtorch is loaded.</summary>
    internal static void Apply(EngineSettings settings)
    {
        if (!OperatingSystem.IsLinux())
            return;

        // Debian 13's libtorch links Open MPI, whose UCX takes SIGSEGV for itself; .NET needs it for NullReferenceException.
        Set("UCX_ERROR_SIGNALS", "");
        string threads = settings.Threads.ToString(CultureInfo.InvariantCulture);
        Set("OMP_NUM_THREADS", threads);
        Set("OPENBLAS_NUM_THREADS", threads);
        Set("OMP_WAIT_POLICY", "passive"); // libgomp's idle threads would spin on the cores of the other workers
        ChooseKernels(settings.BlasCore);
        PreloadOpenMpBlas();

        // A step frees and takes the same large blocks: without mmap and trimming they stay in the process.
        _ = MallOpt(MmapMax, 0);
        _ = MallOpt(TrimThreshold, -1);
        _ = MallOpt(TopPad, 64 << 20);
        _ = MallOpt(ArenaMax, 1); // else a thread may have a heap of its own, in small pages
        AskForHugePages();
    }

    // In huge pages a step's tensors miss the translation buffer less often. The heap is grown, advised and given back to malloc
    // untouched: what is never used takes no memory.
    private static unsafe void AskForHugePages()
    {
        void* heap = TryAllocate(HugeHeap);
        if (heap is null)
            return; // a limit on address space; the heap then grows as it does
        nuint first = ((nuint)heap + HugePage - 1) & ~(HugePage - 1), last = ((nuint)heap + HugeHeap) & ~(HugePage - 1);
        _ = MAdvise(first, last - first, HugePageAdvice);
        NativeMemory.Free(heap);
    }

    private static unsafe void* TryAllocate(nuint bytes)
    {
        try
        {
            return NativeMemory.Alloc(bytes);
        }
        catch (OutOfMemoryException)
        {
            return null;
        }
    }

    // A machine may have OPENBLAS_CORETYPE preset to an old core. SkylakeX is the AVX-512 sgemm of OpenBLAS 0.3.21.
    private static void ChooseKernels(string? core)
    {
        core ??= Environment.GetEnvironmentVariable("SCALINGLAB_BLAS_CORE");
        if (core is { Length: > 0 })
            Set("OPENBLAS_CORETYPE", core);
        else if (Avx512BW.IsSupported && Avx512DQ.IsSupported)
            Set("OPENBLAS_CORETYPE", "SkylakeX");
        else
            _ = UnsetEnv("OPENBLAS_CORETYPE");
    }

    // Debian's default OpenBLAS has a pthread pool that fights libgomp's. Its OpenMP build has the same SONAMEs, and
    // libtorch binds by SONAME, so loading it first is enough.
    private static void PreloadOpenMpBlas()
    {
        string triplet = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
        foreach (string name in new[] { "libopenblas.so.0", "libblas.so.3", "liblapack.so.3" })
        {
            string path = $"/usr/lib/{triplet}/openblas-openmp/{name}";
            if (File.Exists(path))
                _ = NativeLibrary.TryLoad(path, out _);
        }
    }

    private static void Set(string name, string value) => _ = SetEnv(name, value, 1);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnv(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "unsetenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UnsetEnv(string name);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int MAdvise(nuint address, nuint length, int advice);

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int MallOpt(int parameter, int value);
}
