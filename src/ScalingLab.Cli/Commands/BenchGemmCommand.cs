using System.CommandLine;
using System.Globalization;
using ScalingLab.Cli.Benchmarks;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using Spectre.Console;

namespace ScalingLab.Cli.Commands;

/// <summary><c>scalinglab bench gemm</c>: products of matrices, square ones and those of a model.</summary>
internal static class BenchGemmCommand
{
    private const int LargestSize = 16_384;
    private static readonly int[] CpuSizes = [256, 512, 1024, 2048], GpuSizes = [1024, 2048, 4096, 8192];

    public static Command Create()
    {
        var command = new Command("gemm", "Time matrix products: square ones, and those of a model's linear maps.");
        var sizes = new Option<string>("--sizes") { Description = "Sizes of the square products; the best of these and the model's is the peak (default: 256,512,1024,2048, on a GPU 1024,2048,4096,8192).", HelpName = "N,N" };
        command.Options.Add(sizes);
        BenchModel model = BenchModel.AddTo(command, withKernels: false);
        Option<double> seconds = BenchNumbers.SecondsOption(0.1);
        command.Options.Add(seconds);
        BenchEngine engine = BenchEngine.AddTo(command, "scalinglab.bench-gemm/1", "1, then one a core");
        command.SetAction(parsed =>
        {
            var problems = new List<Diagnostic>();
            BenchedModel benched = model.Read(parsed, problems);
            int[]? squares = parsed.GetValue(sizes) is null ? null : BenchNumbers.ReadList(parsed, sizes, LargestSize, problems);
            double time = BenchNumbers.ReadSeconds(parsed, seconds, problems);
            BenchSetup setup = engine.Start(parsed, problems);
            int[] threads = setup.On.Device.IsCuda ? [1] : setup.Threads is { } given ? [given] : [.. new[] { 1, Environment.ProcessorCount }.Distinct()];
            BenchGemmDocument document = BenchGemmDocument.Measure(benched, squares ?? (setup.On.Device.IsCuda ? GpuSizes : CpuSizes), threads, time, setup);
            if (parsed.GetValue(engine.Json))
                Console.Out.WriteLine(document.ToJson());
            else
                Print(document);
            return (int)ExitCode.Success;
        });
        return command;
    }

    private static void Print(BenchGemmDocument d)
    {
        BenchDeviceText.Print(d.Device, d.Dtype);
        foreach (BenchGemmPeak peak in d.Peaks)
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"peak on {(d.Device.Tf32 is not null ? d.Device.Name : $"{peak.Threads} {(peak.Threads == 1 ? "thread" : "threads")}")}: {peak.FlopsPerSecond / 1e9:0.0} GFLOP/s{BenchDeviceText.Share(peak.FlopsPerSecond, d.Device)}"));
        Table table = NumberTables.Table("product", "rows", "columns", "sums of", "threads", "ms", "GFLOP/s", "of peak");
        foreach (BenchGemmRow r in d.Products)
        {
            string kind = r.Kind switch { "inputGradient" => ", input gradient", "weightGradient" => ", weight gradient", _ => "" };
            table.AddRow(r.Name + kind, Text(r.M), Text(r.N), Text(r.K), Text(r.Threads), NumberTables.Number(r.Milliseconds.Median), NumberTables.Number(r.FlopsPerSecond / 1e9), r.ShareOfPeak.ToString("0 %", CultureInfo.InvariantCulture));
        }

        Terminal.Out.Write(table);

        static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
    }
}
