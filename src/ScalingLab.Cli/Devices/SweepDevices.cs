using ScalingLab.Cli.Machine;
using ScalingLab.Core.Devices;
using ScalingLab.Training;

namespace ScalingLab.Cli.Devices;

/// <summary>What a sweep trains on.</summary>
/// <param name="Gpus">GPUs; none for the CPU.</param>
/// <param name="CudaGraphs">Whether the engine can make a step on them one CUDA graph.</param>
internal sealed record SweepDevices(IReadOnlyList<GpuDevice> Gpus, bool CudaGraphs)
{
    /// <summary>The devices that a request names, on this machine.</summary>
    /// <exception cref="Core.Diagnostics.UserErrorException">Exit code Device: a GPU was asked for that is not there.</exception>
    public static SweepDevices Of(DeviceRequest request) => Of(request, CudaDriver.Ask(), () => EngineProbe.Ask());

    /// <summary>The devices that a request names.</summary>
    /// <param name="request">Of --device.</param>
    /// <param name="gpus">What the driver shows.</param>
    /// <param name="engine">Asks libtorch in a process of its own; not called where no GPU can come into question.</param>
    public static SweepDevices Of(DeviceRequest request, IGpuList gpus, Func<EngineFacts> engine)
    {
        bool graphs = false;
        IReadOnlyList<GpuDevice> found = request.Gpus(gpus, () =>
        {
            EngineFacts facts = engine();
            graphs = facts.CudaGraphs;
            return facts;
        });
        return new SweepDevices(found, graphs);
    }
}
