using ScalingLab.Cli.Benchmarks;
using ScalingLab.Core.Configs;
using ScalingLab.Core.Devices;

namespace ScalingLab.Cli.Tests.Benchmarks;

public sealed class BenchDeviceTests
{
    private const string H100 = "NVIDIA H100 80GB HBM3";

    [Theory]
    [InlineData(ProductType.Fp32, false, 67e12, "cuda:1 NVIDIA H100 80GB HBM3, fp32, TF32 off; dense peak 67 TFLOP/s (")]
    [InlineData(ProductType.Fp32, true, 494e12, "cuda:1 NVIDIA H100 80GB HBM3, fp32, rounded to TF32 in products; dense peak 494 TFLOP/s (")]
    [InlineData(ProductType.Bf16, false, 989e12, "cuda:1 NVIDIA H100 80GB HBM3, bf16; dense peak 989 TFLOP/s (")]
    public void The_stated_peak_is_that_of_the_element_type_and_the_text_says_which(ProductType products, bool tf32, double peak, string text)
    {
        BenchDeviceDocument device = BenchDeviceDocument.Of(DeviceName.Cuda(1), H100, products, tf32);
        Assert.Equal(("h100", peak), (device.Accelerator, device.DensePeakFlopsPerSecond));
        Assert.StartsWith("NVIDIA H100 datasheet", device.PeakSource);
        Assert.StartsWith(text, BenchDeviceText.Line(device, ChoiceNames<ProductType>.Of(products)));
        Assert.Equal(", 50.0 % of the stated dense peak", BenchDeviceText.Share(peak / 2, device));
    }

    /// <summary>A GPU without tensor cores for bfloat16 has a peak for it all the same, that of what it computes it with; the source says so.</summary>
    [Theory]
    [InlineData("Tesla T4", "t4")]
    [InlineData("Tesla V100-SXM2-16GB", "v100")]
    public void The_source_of_a_peak_says_where_the_hardware_has_no_bf16(string model, string key)
    {
        BenchDeviceDocument bf16 = BenchDeviceDocument.Of(DeviceName.Cuda(0), model, ProductType.Bf16, false);
        BenchDeviceDocument fp32 = BenchDeviceDocument.Of(DeviceName.Cuda(0), model, ProductType.Fp32, false);
        Assert.StartsWith(key, bf16.Accelerator);
        Assert.Contains("no BF16", bf16.PeakSource, StringComparison.Ordinal);
        Assert.Contains("no BF16", BenchDeviceText.Line(bf16, "bf16"), StringComparison.Ordinal);
        Assert.DoesNotContain("no BF16", fp32.PeakSource, StringComparison.Ordinal);
        Assert.DoesNotContain("no BF16", BenchDeviceDocument.Of(DeviceName.Cuda(0), H100, ProductType.Bf16, false).PeakSource, StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_that_is_not_in_the_table_has_no_stated_peak_and_no_share()
    {
        BenchDeviceDocument device = BenchDeviceDocument.Of(DeviceName.Cuda(0), "NVIDIA Unheard Of", ProductType.Bf16, false);
        Assert.Equal((null, null, null), (device.Accelerator, device.DensePeakFlopsPerSecond, device.PeakSource));
        Assert.EndsWith("no dense peak for it in the table of accelerators", BenchDeviceText.Line(device, "bf16"));
        Assert.Empty(BenchDeviceText.Share(1e15, device));
        Assert.Null(BenchDeviceText.Line(BenchDeviceDocument.Of(DeviceName.Cpu, ProductType.Fp32, false), "fp32"));
    }
}
