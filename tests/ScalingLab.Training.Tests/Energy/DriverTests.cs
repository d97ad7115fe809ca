using ScalingLab.Core.Devices;
using ScalingLab.Training.Energy;

namespace ScalingLab.Training.Tests.Energy;

/// <summary>NVML and the CUDA driver as C libraries, through the same calls as NVIDIA's own.</summary>
public sealed class DriverTests
{
    [FakeDriverFact]
    public void Every_sensor_is_read_in_its_unit()
    {
        using var driver = new FakeDriver();
        using Nvml nvml = Nvml.TryOpen(out string? problem, driver.Nvml)!;
        Assert.Null(problem);
        Assert.Equal("550.54.15", nvml.DriverVersion);
        driver.Say(millijoules: 9_007_199_254_740, milliwatts: 310_500);
        NvmlDevice device = nvml.Find(FakeDriver.Uuid, out problem)!;
        Assert.Null(problem);
        Assert.Equal(
            new SensorReading { CounterJoules = 9_007_199_254.740, PowerWatts = 310.5, TemperatureCelsius = 61, SmClockMhz = 1980, MemoryClockMhz = 2619, UtilisationPercent = 97, ComputeProcesses = 1 },
            device.Read());
    }

    [FakeDriverFact]
    public void What_nvml_refuses_is_null_with_its_words()
    {
        using var driver = new FakeDriver();
        using Nvml nvml = Nvml.TryOpen(out _, driver.Nvml)!;
        Assert.Null(nvml.Find("GPU-ffffffff-ffff-ffff-ffff-ffffffffffff", out string? problem));
        Assert.Equal("NVML does not know GPU-ffffffff-ffff-ffff-ffff-ffffffffffff: Not Found (6)", problem);
        NvmlDevice device = nvml.Find(FakeDriver.Uuid, out _)!;
        driver.Say(energyStatus: 3, powerStatus: 15);
        SensorReading reading = device.Read();
        Assert.Equal((null, null, "NVML: energy counter: Not Supported (3); power: GPU is lost (15)"), (reading.CounterJoules, reading.PowerWatts, reading.Problem));
        driver.Say(energyStatus: 3, milliwatts: 70_000, processes: 0);
        reading = device.Read();
        Assert.Equal((null, 70.0, null, 0), (reading.CounterJoules, reading.PowerWatts, reading.Problem, reading.ComputeProcesses));
    }

    [Fact]
    public void A_machine_without_the_libraries_says_so_and_throws_nothing()
    {
        Assert.Null(Nvml.TryOpen(out string? problem, "libnvidia-ml-nowhere.so.1"));
        Assert.Equal("NVML is not there (libnvidia-ml-nowhere.so.1 does not load)", problem);
        CudaDriver driver = CudaDriver.Ask("libcuda-nowhere.so.1");
        Assert.Empty(driver.Gpus);
        Assert.Equal("there is no NVIDIA driver (libcuda-nowhere.so.1 does not load)", driver.Problem);
        Assert.Empty(CudaDriver.Ask("libc.so.6").Gpus); // a library without those functions
        Assert.Null(Nvml.TryOpen(out problem, "libc.so.6"));
        Assert.StartsWith("NVML does not start", problem);
    }

    [FakeDriverFact]
    public void The_driver_lists_its_devices_with_memory_and_the_uuid_that_nvml_knows()
    {
        using var driver = new FakeDriver();
        CudaDriver found = CudaDriver.Ask(driver.Cuda);
        Assert.Null(found.Problem);
        Assert.Equal(
            [new GpuDevice(0, "NVIDIA H100 80GB HBM3", 85_000_000_040, FakeDriver.Uuid), new GpuDevice(1, "NVIDIA H100 80GB HBM3", 85_000_000_041, "GPU-01020304-0506-0708-090a-0b0c0d0e0f10")],
            found.Gpus);
    }

    [FakeDriverFact]
    public void A_driver_that_hides_its_devices_gives_the_reason()
    {
        using var driver = new FakeDriver(cuInit: 100);
        Assert.Equal("NVIDIA's driver answers with error 100 (no device; CUDA_VISIBLE_DEVICES may hide it)", CudaDriver.Ask(driver.Cuda).Problem);
    }

    [FakeDriverFact]
    public void The_meter_of_a_gpu_worker_counts_what_its_own_gpu_used()
    {
        using var driver = new FakeDriver();
        CudaDriver gpus = CudaDriver.Ask(driver.Cuda);
        driver.Say(millijoules: 5_000);
        using EnergyMeter meter = EnergyMeters.Of(DeviceName.Cuda(0), alone: true, gpus, TimeProvider.System, driver.Nvml);
        meter.Begin(null);
        driver.Say(millijoules: 12_500);
        meter.Sample(now: true);
        Assert.Equal(new RunEnergy(7.5, "nvml-counter", null), meter.Energy);
        using EnergyMeter shared = EnergyMeters.Of(DeviceName.Cuda(0), alone: false, gpus, TimeProvider.System, driver.Nvml);
        shared.Begin(null);
        Assert.Equal(61, shared.Sample(now: true)!.TemperatureCelsius);
        Assert.Equal(new RunEnergy(null, null, "several workers share the GPU"), shared.Energy);
        Assert.Equal(2, driver.Opened);
        using EnergyMeter unknown = EnergyMeters.Of(DeviceName.Cuda(1), alone: true, gpus, TimeProvider.System, driver.Nvml);
        unknown.Begin(null);
        Assert.Equal("NVML does not know GPU-01020304-0506-0708-090a-0b0c0d0e0f10: Not Found (6)", unknown.Energy.Missing);
        Assert.Equal(2, driver.Opened); // what it opened is closed again
        meter.Dispose();
        shared.Dispose();
        Assert.Equal(0, driver.Opened);
    }

    [FakeDriverFact]
    public void Members_of_a_stack_share_what_their_gpu_used_and_free_it_once()
    {
        using var driver = new FakeDriver();
        CudaDriver gpus = CudaDriver.Ask(driver.Cuda);
        var clock = new SmallRun.HastyClock();
        (Func<EnergyMeter> newMeter, IDisposable? sensors) = EnergyMeters.OfStack(3, DeviceName.Cuda(0), alone: true, gpus, clock, driver.Nvml);
        EnergyMeter[] meters = [newMeter(), newMeter(), newMeter()];
        foreach (EnergyMeter meter in meters)
            meter.Begin(null);
        driver.Say(millijoules: 6_000);
        foreach (EnergyMeter meter in meters)
            meter.Sample(now: true);
        Assert.All(meters, m => Assert.Equal(new RunEnergy(2, "nvml-stack-share", null), m.Energy));
        foreach (EnergyMeter meter in meters)
            meter.Dispose();
        Assert.Equal(1, driver.Opened); // the last run's end is not the stack's
        sensors!.Dispose();
        Assert.Equal(0, driver.Opened);
    }

    [FakeDriverFact]
    public void A_stack_of_one_is_measured_as_a_run_alone_and_one_that_shares_its_gpu_is_not()
    {
        using var driver = new FakeDriver();
        CudaDriver gpus = CudaDriver.Ask(driver.Cuda);
        (Func<EnergyMeter> newMeter, IDisposable? sensors) = EnergyMeters.OfStack(1, DeviceName.Cuda(0), alone: true, gpus, TimeProvider.System, driver.Nvml);
        Assert.Null(sensors);
        using (EnergyMeter alone = newMeter())
        {
            alone.Begin(null);
            driver.Say(millijoules: 1_500);
            alone.Sample(now: true);
            Assert.Equal(new RunEnergy(1.5, "nvml-counter", null), alone.Energy);
        }

        Assert.Equal(0, driver.Opened);
        foreach ((DeviceName device, bool isAlone, string nvml, string missing) in new[]
        {
            (DeviceName.Cuda(0), false, driver.Nvml, "several workers share the GPU"),
            (DeviceName.Cuda(1), true, driver.Nvml, "NVML does not know GPU-01020304-0506-0708-090a-0b0c0d0e0f10: Not Found (6)"),
            (DeviceName.Cuda(0), true, "libnvidia-ml-nowhere.so.1", "NVML is not there (libnvidia-ml-nowhere.so.1 does not load)"),
            (DeviceName.Cpu, false, "", "several workers share the processor"),
        })
        {
            (Func<EnergyMeter> of, IDisposable? free) = EnergyMeters.OfStack(2, device, isAlone, gpus, TimeProvider.System, nvml);
            using IDisposable? freed = free;
            using EnergyMeter meter = of();
            meter.Begin(null);
            meter.Sample(now: true);
            Assert.Equal(new RunEnergy(null, null, missing), meter.Energy);
        }

        Assert.Equal(0, driver.Opened);
    }
}
