namespace ScalingLab.Core.Devices;

/// <summary>Sensors of one NVIDIA GPU.</summary>
/// <remarks>
/// NVML API Reference Guide: <c>nvmlDeviceGetTotalEnergyConsumption</c> counts millijoules since the driver was loaded, on Volta and later;
/// <c>nvmlDeviceGetPowerUsage</c> gives milliwatts, on some GPUs averaged over a second. Both are of the whole board.
/// </remarks>
public sealed unsafe class NvmlDevice : IDeviceSensors
{
    private const uint GpuTemperature = 0; // NVML_TEMPERATURE_GPU
    private const uint SmClock = 1, MemoryClock = 2; // NVML_CLOCK_SM, NVML_CLOCK_MEM

    private readonly Nvml nvml;
    private readonly nint device, energy, power, temperature, clock, utilisation, processes;

    internal NvmlDevice(Nvml nvml, nint device)
    {
        (this.nvml, this.device) = (nvml, device);
        energy = nvml.Function("nvmlDeviceGetTotalEnergyConsumption");
        power = nvml.Function("nvmlDeviceGetPowerUsage");
        temperature = nvml.Function("nvmlDeviceGetTemperature");
        clock = nvml.Function("nvmlDeviceGetClockInfo");
        utilisation = nvml.Function("nvmlDeviceGetUtilizationRates");
        processes = new[] { "_v3", "_v2", "" }.Select(version => nvml.Function("nvmlDeviceGetComputeRunningProcesses" + version)).FirstOrDefault(function => function != 0);
    }

    /// <inheritdoc/>
    public string CounterName => "nvml-counter";

    /// <inheritdoc/>
    public string? PowerName => "nvml-power-integral";

    /// <inheritdoc/>
    public SensorReading Read()
    {
        ulong millijoules = 0;
        int counted = energy != 0 ? ((delegate* unmanaged<nint, ulong*, int>)energy)(device, &millijoules) : (int)NvmlStatus.FunctionNotFound;
        uint milliwatts = 0;
        int powered = power != 0 ? ((delegate* unmanaged<nint, uint*, int>)power)(device, &milliwatts) : (int)NvmlStatus.FunctionNotFound;
        return new SensorReading
        {
            CounterJoules = counted == 0 ? millijoules / 1e3 : null,
            PowerWatts = powered == 0 ? milliwatts / 1e3 : null,
            TemperatureCelsius = Of(temperature, GpuTemperature),
            SmClockMhz = Of(clock, SmClock),
            MemoryClockMhz = Of(clock, MemoryClock),
            UtilisationPercent = Utilisation(),
            ComputeProcesses = Processes(),
            Problem = counted == 0 || powered == 0 ? null : $"NVML: energy counter: {nvml.Describe(counted)}; power: {nvml.Describe(powered)}",
        };
    }

    /// <summary>Ends NVML's work for it.</summary>
    public void Dispose() => nvml.Dispose();

    private double? Of(nint function, uint which)
    {
        uint value = 0;
        return function != 0 && ((delegate* unmanaged<nint, uint, uint*, int>)function)(device, which, &value) == 0 ? value : null;
    }

    private double? Utilisation()
    {
        uint* rates = stackalloc uint[2]; // nvmlUtilization_t: gpu, memory
        return utilisation != 0 && ((delegate* unmanaged<nint, uint*, int>)utilisation)(device, rates) == 0 ? rates[0] : null;
    }

    // With room for none the call only says how many there are.
    private int? Processes()
    {
        if (processes == 0)
            return null;
        uint count = 0;
        int status = ((delegate* unmanaged<nint, uint*, void*, int>)processes)(device, &count, null);
        return status is (int)NvmlStatus.Success or (int)NvmlStatus.InsufficientSize ? checked((int)count) : null;
    }
}
