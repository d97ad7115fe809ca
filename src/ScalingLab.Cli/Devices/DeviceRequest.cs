using ScalingLab.Cli.Machine;
using ScalingLab.Core;
using ScalingLab.Core.Devices;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Training;

namespace ScalingLab.Cli.Devices;

/// <summary>What <c>--device</c> asks for.</summary>
/// <param name="Text">As given.</param>
/// <param name="Named">The device; null for auto.</param>
internal sealed record DeviceRequest(string Text, DeviceName? Named)
{
    /// <summary>Whether it names one GPU and not all.</summary>
    public bool IsOneGpu => Named is { IsCuda: true } && Text != "cuda";

    /// <summary>The request of a text; a problem is added to the list and the result is of no use.</summary>
    public static DeviceRequest Parse(string text, List<Diagnostic> problems)
    {
        DeviceName? named = DeviceName.Parse(text);
        if (named is null && text != "auto")
            problems.Add(new Diagnostic("SL0117", $"unknown device '{text}'", null, "auto, cpu or cuda[:i]"));
        return new(text, named);
    }

    /// <summary>The GPUs that a sweep trains on; none for the CPU.</summary>
    /// <param name="gpus">What the driver shows.</param>
    /// <param name="engine">Asks libtorch in a process of its own; not called where no GPU can come into question.</param>
    /// <exception cref="UserErrorException">Exit code Device: a GPU was asked for that is not there.</exception>
    public IReadOnlyList<GpuDevice> Gpus(IGpuList gpus, Func<EngineFacts> engine)
    {
        if (Named is { IsCuda: false } || (Named is null && gpus.Gpus.Count == 0))
            return [];
        if (gpus.Gpus.Count == 0)
            throw Missing(gpus.Problem ?? "there is no GPU");
        EngineFacts facts = engine();
        if (Named is null)
            return [.. gpus.Gpus.Take(facts.CudaDevices)]; // none where libtorch has no CUDA
        if (facts.CudaDevices == 0)
            throw Missing(facts.Problem is { } problem ? $"the engine does not run: {problem}" : $"libtorch {facts.LibtorchVersion} reaches none of the {gpus.Gpus.Count} GPUs that the driver shows");
        DeviceChecks.Require(Named, facts.CudaDevices, gpus, Text);
        return IsOneGpu ? [.. gpus.Gpus.Where(g => g.Index == Named.CudaIndex)] : [.. gpus.Gpus.Take(facts.CudaDevices)];
    }

    /// <summary>The one device of a command that works in this process, whose engine is loaded: auto takes the first GPU where there is one.</summary>
    /// <exception cref="UserErrorException">Exit code Device: it is not there.</exception>
    public DeviceName InThisProcess()
    {
        if (Named is null)
            return ProviderCapabilities.CudaDevices > 0 ? DeviceName.Cuda(0) : DeviceName.Cpu;
        if (Named.IsCuda)
            DeviceChecks.Require(Named, ProviderCapabilities.CudaDevices, CudaDriver.Ask(), Text);
        return Named;
    }

    private UserErrorException Missing(string reason) => new(ExitCode.Device, new Diagnostic("SL0512", $"device '{Text}': {reason}", null, "--device cpu, or see 'scalinglab doctor' for what is missing"));
}
