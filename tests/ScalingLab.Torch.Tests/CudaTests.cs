using static ScalingLab.Torch.torch;

namespace ScalingLab.Torch.Tests;

/// <summary>What the CUDA part says on a machine without a GPU, whether the shim was built with CUDA or not.</summary>
public sealed class CudaTests
{
    [Fact]
    public void Without_a_device_asking_for_one_says_why()
    {
        if (cuda.is_available())
            return; // a machine with a GPU: CudaDeviceTests run there
        Assert.Equal(0, cuda.device_count());
        TorchException error = Assert.Throws<TorchException>(() => CudaDevice.Get(0));
        Assert.Equal("CudaDevice.Get", error.Operation);
        Assert.Matches(CudaDevice.IsBuilt ? "NVIDIA|No CUDA GPUs" : "built without CUDA", error.Reason);
    }

    [Fact]
    public void Without_a_device_no_part_of_the_surface_crashes()
    {
        if (cuda.is_available())
            return;
        Action[] calls =
        [
            () => CudaMemory.Of(0), () => CudaMemory.ResetPeaks(0), () => CudaMemory.FreeOf(0), cuda.empty_cache,
            () => CudaStream.FromPool(0), () => CudaStream.Default(0), () => CudaStream.Current(0), () => new CudaStream(0, 0).Synchronize(),
            () => new CudaStream(0, 0).Use(), () => _ = new CudaStream(0, 0).IsDone, () => new CudaEvent(0), () => new CudaGraph(),
            () => CudaGraphPool.Create(), () => cuda.synchronize(), () => cuda.current_device(), () => cuda.set_device(0),
        ];
        Assert.All(calls, call => Assert.Throws<TorchException>(call));
    }

    [Fact]
    public void A_shim_without_cuda_names_no_release()
    {
        Assert.Equal(CudaDevice.IsBuilt, CudaDevice.BuiltWith is not null);
        Assert.True(CudaDevice.BuiltWith is null || CudaDevice.BuiltWith >= new Version(11, 0));
        Assert.True(CudaDevice.DriverServes is null || CudaDevice.IsBuilt);
    }

    [Fact]
    public void A_device_of_another_kind_has_no_cuda_index()
    {
        Assert.Equal(3, CudaDevice.IndexOf(device("cuda:3")));
        Assert.Throws<ArgumentException>(() => CudaDevice.IndexOf(CPU));
        Assert.Throws<ArgumentException>(() => CudaDevice.IndexOf(device("cuda:x")));
    }
}
