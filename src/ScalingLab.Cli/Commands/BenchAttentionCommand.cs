using System.CommandLine;
using System.Globalization;
using ScalingLab.Cli.Benchmarks;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using Spectre.Console;

namespace ScalingLab.Cli.Commands;

/// <summary><c>scalinglab bench attention</c>: the trainer's attention at several lengths of context.</summary>
internal static class BenchAttentionCommand
{
    private const int LongestContext = 1 << 16;

    public static Command Create()
    {
        var command = new Command("attention", "Time the trainer's attention, forward and backward, at several lengths of context.");
        var contexts = new Option<string>("--contexts") { Description = "Tokens of a sequence; each with about batch x context tokens in all.", DefaultValueFactory = _ => "32,64,128,256,512", HelpName = "T,T" };
        command.Options.Add(contexts);
        BenchModel model = BenchModel.AddTo(command);
        Option<double> seconds = BenchNumbers.SecondsOption(0.5);
        command.Options.Add(seconds);
        BenchEngine engine = BenchEngine.AddTo(command, "scalinglab.bench-attention/1");
        command.SetAction(parsed =>
        {
            var problems = new List<Diagnostic>();
            BenchedModel benched = model.Read(parsed, problems);
            int[] lengths = BenchNumbers.ReadList(parsed, contexts, LongestContext, problems);
            double time = BenchNumbers.ReadSeconds(parsed, seconds, problems);
            BenchAttentionDocument document = BenchAttentionDocument.Measure(benched, lengths, time, engine.Start(parsed, problems));
            if (parsed.GetValue(engine.Json))
                Console.Out.WriteLine(document.ToJson());
            else
                Print(document);
            return (int)ExitCode.Success;
        });
        return command;
    }

    private static void Print(BenchAttentionDocument d)
    {
        BenchDeviceText.Print(d.Device, d.Dtype);
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"width {d.Width}, heads {d.Heads}, {d.Kernels} kernels, threads: {d.Threads}; product peak {d.GemmPeakFlopsPerSecond / 1e9:0.0} GFLOP/s"));
        Table table = NumberTables.Table("context", "batch", "forward ms", "GFLOP/s", "backward ms", "GFLOP/s");
        foreach (BenchAttentionRow r in d.Contexts)
        {
            table.AddRow(
                Text(r.Context), Text(r.Batch), NumberTables.Number(r.ForwardMilliseconds.Median), NumberTables.Number(r.ForwardFlopsPerSecond / 1e9),
                NumberTables.Number(r.BackwardMilliseconds.Median), NumberTables.Number(r.BackwardFlopsPerSecond / 1e9));
        }

        Terminal.Out.Write(table);

        static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
    }
}
