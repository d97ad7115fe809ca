using ScalingLab.Torch.Native;

namespace ScalingLab.Torch;

public static partial class torch
{
    /// <summary>NVIDIA devices. Spelt as TorchSharp's class of that name, and as PyTorch's where TorchSharp has none.</summary>
    /// <remarks>What neither has under a C# name is in <see cref="CudaDevice"/>, <see cref="CudaStream"/>, <see cref="CudaEvent"/>,
    /// <see cref="CudaGraph"/> and <see cref="CudaMemory"/>.</remarks>
    public static class cuda
    {
        /// <summary>Whether this libtorch has CUDA and a device answers.</summary>
        public static bool is_available() => device_count() > 0;

        /// <summary>Number of devices; 0 also where libtorch has no CUDA or no driver answers.</summary>
        public static int device_count()
        {
            Engine.EnsureLoaded();
            return NativeMethods.CudaDeviceCount();
        }

        /// <summary>Waits until the device has done all that was asked of it.</summary>
        /// <param name="device">One CUDA device; null for the current one.</param>
        public static void synchronize(Device? device = null)
        {
            Engine.EnsureLoaded();
            NativeMethods.Check(NativeMethods.CudaSynchronize(device is null ? -1 : CudaDevice.IndexOf(device)), "cuda.synchronize");
        }

        /// <summary>Seeds the generators of all devices, and the CPU's.</summary>
        public static void manual_seed(long seed) => random.manual_seed(seed);

        /// <summary>The device on which this thread makes tensors of <c>cuda</c> without an index.</summary>
        public static int current_device()
        {
            Engine.EnsureLoaded();
            NativeMethods.Check(NativeMethods.CudaCurrentDevice(out int index), "cuda.current_device");
            return index;
        }

        /// <summary>Makes a device current on this thread.</summary>
        public static void set_device(int device)
        {
            Engine.EnsureLoaded();
            NativeMethods.Check(NativeMethods.CudaSetDevice(device), "cuda.set_device");
        }

        /// <summary>Gives memory that holds no tensor back to the devices. Not during a capture.</summary>
        public static void empty_cache() => CudaMemory.EmptyCache();
    }
}
