using ScalingLab.Torch.Native;

namespace ScalingLab.Torch;

/// <summary>Our own kernels for NVIDIA GPUs (native/cuda): compiled by NVRTC for the device at hand, once a process and device, and called by <see cref="CudaOperators"/>.</summary>
/// <remarks>None of them has run on a GPU: docs/gpu.md says what was tested and how.</remarks>
public static class CudaKernels
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<int, string?> Problems = [];

    /// <summary>Makes them ready for a device: waits for the compiler, some seconds, where no earlier process left them beside the engine.</summary>
    /// <param name="device">Index of the GPU.</param>
    /// <returns>Null when they can be called, else why not; asked once a process and device.</returns>
    public static string? Load(int device)
    {
        lock (Gate)
        {
            if (!Problems.TryGetValue(device, out string? problem))
                Problems.Add(device, problem = TryLoad(device));
            return problem;
        }
    }

    /// <summary>Has operators call these functions for tensors of a device.</summary>
    /// <param name="device">Index of the GPU; -1 for the CPU, where an emulator of the tests stands in.</param>
    /// <param name="name">Of the kernel.</param>
    /// <param name="function">A CUfunction.</param>
    /// <param name="launch">Address of cuLaunchKernel.</param>
    internal static void Set(int device, string name, nint function, nint launch)
    {
        Engine.EnsureLoaded();
        NativeMethods.Check(NativeMethods.CudaKernelSet(device, name, function, launch), "CudaKernels.Set");
    }

    private static string? TryLoad(int device)
    {
        try
        {
            CudaDevice facts = CudaDevice.Get(device);
            torch.cuda.set_device(device); // its context is the current one
            torch.cuda.synchronize(device);
            var module = new KernelModule();
            new KernelCache(Path.GetDirectoryName(Engine.LibraryPath)).Load(
                (10 * facts.ComputeCapability.Major) + facts.ComputeCapability.Minor,
                image =>
                {
                    nint[] functions = module.Load(image, KernelSources.Kernels);
                    for (int i = 0; i < functions.Length; i++)
                        Set(device, KernelSources.Kernels[i], functions[i], module.Launch);
                },
                Compile);
            return null;
        }
        catch (Exception error) when (error is KernelsUnavailableException or TorchException)
        {
            return error.Message;
        }
    }

    private static byte[] Compile(int architecture) =>
        (KernelCompiler.Find(LibtorchFolder()) ?? throw new KernelsUnavailableException("no libnvrtc.so.11.2, .12 or .13 was found beside libtorch, on the loader's path or in a CUDA toolkit")).Compile(architecture);

    // libtorch is found by the shim's own search path, so only the process's map tells where.
    private static string? LibtorchFolder() =>
        File.Exists("/proc/self/maps")
            ? File.ReadLines("/proc/self/maps").Where(line => line.EndsWith("/libtorch_cpu.so", StringComparison.Ordinal)).Select(line => Path.GetDirectoryName(line[line.IndexOf('/')..])).FirstOrDefault()
            : null;
}
