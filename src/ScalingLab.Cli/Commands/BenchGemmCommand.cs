using System.CommandLine;
using System.Globalization;
using ScalingLab.Cli.Benchmarks;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using Spectre.Console;

namespace ScalingLab.Cli.Commands;

/// <summary><c>scalinglab bench gemm</c>: products of float32 matrices, square ones and those of a model.</summary>
internal static class BenchGemmCommand
{
    private const int LargestSize = 16_384;

    public static Command Create()
    {
        var command = new Command("gemm", "Time matrix products: square ones, and those of a model's linear maps.");
        var sizes = new Option<string>("--sizes") { Description = "Sizes of the square products; the best of them is the peak.", DefaultValueFactory = _ => "256,512,1024,2048", HelpName = "N,N" };
        command.Options.Add(sizes);
        BenchModel model = BenchModel.AddTo(command);
        Option<double> seconds = BenchNumbers.SecondsOption(0.1);
        command.Options.Add(seconds);
        BenchEngine engine = BenchEngine.AddTo(command, "scalinglab.bench-gemm/1", "1, then one a core");
        command.SetAction(parsed =>
        {
            var problems = new List<Diagnostic>();
            BenchedModel benched = model.Read(parsed, problems);
            int[] squares = BenchNumbers.ReadList(parsed, sizes, LargestSize, problems);
            double time = BenchNumbers.ReadSeconds(parsed, seconds, problems);
            int[] threads = engine.Start(parsed, problems) is { } given ? [given] : [.. new[] { 1, Environment.ProcessorCount }.Distinct()];
            BenchGemmDocument document = BenchGemmDocument.Measure(benched, squares, threads, time);
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
        foreach (BenchGemmPeak peak in d.Peaks)
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"peak on {peak.Threads} {(peak.Threads == 1 ? "thread" : "threads")}: {peak.FlopsPerSecond / 1e9:0.0} GFLOP/s"));
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
