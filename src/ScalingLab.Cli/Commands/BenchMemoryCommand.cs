using System.CommandLine;
using System.Globalization;
using ScalingLab.Cli.Benchmarks;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Cli.Commands;

/// <summary><c>scalinglab bench memory</c>: how fast memory is, and how much of it a training step takes.</summary>
internal static class BenchMemoryCommand
{
    private const int MostMebibytes = 1 << 16;

    public static Command Create()
    {
        var command = new Command("memory", "Measure how fast memory moves, and how much of it a training step of a model takes.");
        var size = new Option<int>("--size") { Description = "MiB of a vector to move; far more than the caches hold.", DefaultValueFactory = _ => 256, HelpName = "MIB" };
        command.Options.Add(size);
        BenchModel model = BenchModel.AddTo(command);
        Option<double> seconds = BenchNumbers.SecondsOption(1);
        command.Options.Add(seconds);
        BenchEngine engine = BenchEngine.AddTo(command, "scalinglab.bench-memory/1");
        command.SetAction(parsed =>
        {
            var problems = new List<Diagnostic>();
            BenchedModel benched = model.Read(parsed, problems);
            int mebibytes = parsed.GetValue(size);
            if (mebibytes is < 1 or > MostMebibytes)
                problems.Add(BenchModel.OutOfRange("--size", mebibytes, 1, MostMebibytes));
            else if (2.0 * mebibytes * (1 << 20) > GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)
                problems.Add(new Diagnostic("SL0144", $"two vectors of {mebibytes} MiB are more than this machine's memory", null, "take a smaller --size"));
            double time = BenchNumbers.ReadSeconds(parsed, seconds, problems);
            BenchMemoryDocument document = BenchMemoryDocument.Measure(benched, (long)mebibytes * (1 << 20) / sizeof(float), time, engine.Start(parsed, problems));
            if (parsed.GetValue(engine.Json))
                Console.Out.WriteLine(document.ToJson());
            else
                Print(document, mebibytes);
            return (int)ExitCode.Success;
        });
        return command;
    }

    private static void Print(BenchMemoryDocument d, int mebibytes)
    {
        CultureInfo invariant = CultureInfo.InvariantCulture;
        BenchDeviceText.Print(d.Device, "fp32");
        Console.Out.WriteLine(string.Create(invariant, $"copy  (a = b)       {d.Copy.BytesPerSecond / 1e9:0.0} GB/s read and written, {mebibytes} MiB a vector, threads: {d.Threads}"));
        Console.Out.WriteLine(string.Create(invariant, $"triad (a = a + s b) {d.Triad.BytesPerSecond / 1e9:0.0} GB/s"));
        BenchModelDocument m = d.Model;
        string peak = d.StepBytes.StepPeak is { } bytes ? string.Create(invariant, $"{bytes / 1e6:0.0} MB at its peak, above {d.StepBytes.ResidentBefore / 1e6:0.0} MB of program and libtorch") : d.Device.Tf32 is null ? "unknown at its peak: this system does not count it" : "its peak on a GPU is not measured";
        Console.Out.WriteLine(string.Create(invariant, $"training step of L{m.Layers} d{m.Width} T{m.Context} B{m.Batch} V{m.Vocab}: {peak}; weights, gradients and moments are {d.StepBytes.Weights / 1e6:0.0} MB"));
    }
}
