using System.Globalization;

namespace ScalingLab.Cli.Benchmarks;

/// <summary>What the benchmarks say of a GPU; nothing of the CPU, whose peak is measured.</summary>
internal static class BenchDeviceText
{
    /// <summary>One line on the device, its stated peak and the rounding of its fp32 products.</summary>
    public static void Print(BenchDeviceDocument device, string dtype)
    {
        if (Line(device, dtype) is { } line)
            Console.Out.WriteLine(line);
    }

    public static string? Line(BenchDeviceDocument d, string dtype)
    {
        if (d.Tf32 is not { } tf32)
            return null;
        string products = dtype == "fp32" ? (tf32 ? "fp32, rounded to TF32 in products" : "fp32, TF32 off") : dtype;
        string peak = d.DensePeakFlopsPerSecond is { } most
            ? string.Create(CultureInfo.InvariantCulture, $"dense peak {most / 1e12:0.#} TFLOP/s ({d.PeakSource})")
            : "no dense peak for it in the table of accelerators";
        return $"{d.Name} {d.Model}, {products}; {peak}";
    }

    /// <summary><c>, 71.2 % of the stated dense peak</c>, or nothing without one.</summary>
    public static string Share(double flopsPerSecond, BenchDeviceDocument d) =>
        d.DensePeakFlopsPerSecond is { } most ? string.Create(CultureInfo.InvariantCulture, $", {100 * flopsPerSecond / most:0.0} % of the stated dense peak") : "";
}
