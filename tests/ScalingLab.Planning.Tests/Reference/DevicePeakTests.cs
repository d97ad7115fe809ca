using ScalingLab.Planning.Reference;

namespace ScalingLab.Planning.Tests.Reference;

public sealed class DevicePeakTests
{
    [Theory]
    [InlineData("NVIDIA H100 80GB HBM3", "h100", 989e12, 67e12, 494e12)]
    [InlineData("NVIDIA H100 PCIe", "h100-pcie", 756e12, 51e12, 378e12)]
    [InlineData("NVIDIA H200", "h200", 989e12, 67e12, 494e12)]
    [InlineData("NVIDIA A100-SXM4-80GB", "a100", 312e12, 19.5e12, 156e12)]
    [InlineData("NVIDIA L40S", "l40s", 362.05e12, 91.6e12, 183e12)]
    [InlineData("NVIDIA L4", "l4", 121e12, 30.3e12, 60e12)]
    [InlineData("NVIDIA B200", "b200", 2250e12, 75e12, 1100e12)]
    [InlineData("NVIDIA GB200", "gb200", 2500e12, 80e12, 1250e12)]
    [InlineData("NVIDIA GeForce RTX 4090", "rtx-4090", 165.2e12, 82.6e12, 82.6e12)]
    [InlineData("NVIDIA GeForce RTX 3090", "rtx-3090", 71e12, 35.6e12, 35.6e12)]
    public void A_device_is_matched_by_the_name_that_the_driver_gives_it(string driverName, string key, double peak16, double peak32, double tf32)
    {
        Accelerator found = Accelerator.OfDevice(driverName)!;
        Assert.Equal(key, found.Key);
        Assert.Equal((peak16, peak32, tf32), (found.DensePeak(true, false)?.Value, found.DensePeak(false, false)?.Value, found.DensePeak(false, true)?.Value));
    }

    /// <summary>Turing and Volta have neither bfloat16 nor TF32; their 16-bit peak is float16's.</summary>
    [Theory]
    [InlineData("Tesla T4", 65e12, 8.1e12)]
    [InlineData("Tesla V100-SXM2-16GB", 125e12, 15.7e12)]
    public void An_older_device_has_no_tf32_peak(string driverName, double peak16, double peak32)
    {
        Accelerator found = Accelerator.OfDevice(driverName)!;
        Assert.Equal((peak16, peak32, null), (found.DensePeak(true, false)?.Value, found.DensePeak(false, false)?.Value, found.DensePeak(false, true)?.Value));
    }

    [Theory]
    [InlineData("NVIDIA GeForce RTX 4090 Laptop GPU")]
    [InlineData("NVIDIA H100")]
    [InlineData("NVIDIA H100 NVL")]
    [InlineData("NVIDIA GeForce GTX 1080")]
    [InlineData("")]
    public void A_name_that_is_not_in_the_table_has_no_peak(string driverName) => Assert.Null(Accelerator.OfDevice(driverName));

    [Fact]
    public void No_two_rows_claim_a_name_and_tf32_lies_between_the_other_two()
    {
        string[] names = [.. Accelerator.All.SelectMany(a => a.DeviceNames)];
        Assert.Equal(names.Distinct().Count(), names.Length);
        Assert.All(Accelerator.All.Where(a => a.Peak32 is not null), a => Assert.True(a.Peak16.Value > a.Peak32!.Value.Value, a.Key));
        Assert.All(Accelerator.All.Where(a => a.PeakTf32 is not null), a => Assert.InRange(a.PeakTf32!.Value.Value, a.Peak32!.Value.Value, a.Peak16.Value));
    }

    /// <summary>Tensor cores do twice as many 16-bit products as TF32 ones, and twice as many 8-bit ones again: a number with 2:4 sparsity in a row of dense ones stands out by a factor of two.</summary>
    [Fact]
    public void Dense_peaks_of_one_device_stand_in_the_ratios_of_its_tensor_cores()
    {
        Accelerator[] gpus = [.. Accelerator.All.Where(a => a.Name.StartsWith("NVIDIA", StringComparison.Ordinal))];
        Assert.All(gpus, a => Assert.NotNull(a.Peak32));
        Assert.All(gpus.Where(a => a.PeakTf32 is not null), a => Assert.InRange(a.Peak16.Value / a.PeakTf32!.Value.Value, 1.95, 2.1));
        Assert.All(gpus.Where(a => a.Peak8 is not null), a => Assert.InRange(a.Peak8!.Value.Value / a.Peak16.Value, 1.95, 2.1));
        Assert.Equal(["v100-16gb", "v100-32gb", "t4"], gpus.Where(a => a.PeakTf32 is null).Select(a => a.Key)); // older than TF32
    }
}
