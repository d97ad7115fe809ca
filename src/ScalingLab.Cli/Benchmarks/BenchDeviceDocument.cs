using ScalingLab.Core.Configs;
using ScalingLab.Core.Devices;
using ScalingLab.Core.Units;
using ScalingLab.Planning.Reference;

namespace ScalingLab.Cli.Benchmarks;

/// <summary>The device of a benchmark, with its dense peak as its maker states it.</summary>
/// <param name="Name">cpu or cuda:i.</param>
/// <param name="Model">As the driver names it; null for the CPU.</param>
/// <param name="Tf32">Whether fp32 products may round their operands to TF32; null for the CPU.</param>
/// <param name="Accelerator">Its key in the planner's table; null when that has no such name.</param>
/// <param name="DensePeakFlopsPerSecond">For this element type, without 2:4 sparsity; null where the table has none.</param>
/// <param name="PeakSource">Where that was read.</param>
internal sealed record BenchDeviceDocument(string Name, string? Model, bool? Tf32, string? Accelerator, double? DensePeakFlopsPerSecond, string? PeakSource)
{
    public static BenchDeviceDocument Of(DeviceName device, ProductType products, bool tf32) =>
        device.IsCuda ? Of(device, CudaDriver.Ask().Gpus.FirstOrDefault(g => g.Index == device.CudaIndex)?.Name, products, tf32) : new(device.ToString(), null, null, null, null, null);

    /// <summary>Of a GPU that the driver calls by a name; null when it does not say.</summary>
    public static BenchDeviceDocument Of(DeviceName device, string? model, ProductType products, bool tf32)
    {
        Accelerator? known = model is null ? null : Planning.Reference.Accelerator.OfDevice(model);
        FlopsPerSecond? peak = known?.DensePeak(products == ProductType.Bf16, tf32);
        return new(device.ToString(), model, tf32, known?.Key, peak?.Value, peak is null ? null : products == ProductType.Bf16 && known!.Note.Contains("no BF16", StringComparison.Ordinal) ? $"{known.Source}; {known.Note}" : known!.Source);
    }
}
