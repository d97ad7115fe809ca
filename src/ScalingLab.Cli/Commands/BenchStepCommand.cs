using System.CommandLine;
using System.Globalization;
using ScalingLab.Cli.Benchmarks;
using ScalingLab.Core;
using ScalingLab.Core.Configs;
using ScalingLab.Core.Devices;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Files;
using ScalingLab.Training.Benchmarks;
using ScalingLab.Training.Stacks;

namespace ScalingLab.Cli.Commands;

/// <summary><c>scalinglab bench step</c>: whole training steps of one model.</summary>
internal static class BenchStepCommand
{
    private const double Seconds = 3; // of timed steps, where their number is not given
    private const int LeastSteps = 10;
    private const int MostSteps = 1_000_000;
    private const int MostRuns = 4096;

    public static Command Create()
    {
        var command = new Command("step", "Time training steps of one model on synthetic tokens, with the trainer that workers run.");
        BenchModel model = BenchModel.AddTo(command);
        var stack = new Option<int>("--stack") { Description = "Runs of that shape trained in one step, on libtorch's operators.", DefaultValueFactory = _ => 1, HelpName = "E" };
        var graph = new Option<string?>("--graph") { Description = "Whether a step on a GPU is one CUDA graph: on (the default there) or off; off is what there is on a CPU.", HelpName = "on|off" };
        var steps = new Option<int?>("--steps") { Description = "Steps to time (default: 3 seconds of them, ten at least).", HelpName = "N" };
        var warmup = new Option<int>("--warmup-steps") { Description = "Steps before them.", DefaultValueFactory = _ => 3, HelpName = "N" };
        var export = new Option<string?>("--export") { Description = "Write initial weights (safetensors), the first batches and the settings there, for another program to train alike.", HelpName = "DIR" };
        var slices = new Option<bool>("--slices") { Description = "Take numbers of steps from stdin, a line each, and answer each with a line of JSON; the end of stdin ends it." };
        foreach (Option option in new Option[] { stack, graph, steps, warmup, export, slices })
            command.Options.Add(option);
        BenchEngine engine = BenchEngine.AddTo(command, "scalinglab.bench-step/1");
        command.SetAction(parsed =>
        {
            var problems = new List<Diagnostic>();
            BenchedModel benched = model.Read(parsed, problems);
            int runs = parsed.GetValue(stack);
            if (runs is < 1 or > MostRuns)
                problems.Add(BenchModel.OutOfRange("--stack", runs, 1, MostRuns));
            if (runs > 1 && parsed.GetValue(export) is not null)
                problems.Add(new Diagnostic("SL0145", "--export writes one model, and --stack trains several", null, "give one of the two"));
            if (parsed.GetValue(graph) is { } asked and not ("on" or "off"))
                problems.Add(new Diagnostic("SL0150", $"--graph is '{asked}'", null, "on or off"));
            if (problems.Count == 0 && BenchMemory.TooLarge(benched, runs) is { } tooLarge)
                problems.Add(tooLarge);
            if (parsed.GetValue(steps) is < 1 or > MostSteps)
                problems.Add(BenchModel.OutOfRange("--steps", parsed.GetValue(steps)!.Value, 1, MostSteps));
            if (parsed.GetValue(warmup) is < 1 or > MostSteps)
                problems.Add(BenchModel.OutOfRange("--warmup-steps", parsed.GetValue(warmup), 1, MostSteps));
            if (parsed.GetValue(slices) && parsed.GetValue(steps) is not null)
                problems.Add(new Diagnostic("SL0146", "--slices takes numbers of steps from stdin, --steps on the command line", null, "give one of the two"));
            BenchSetup setup = engine.Start(parsed, problems);
            bool captures = Captures(parsed.GetValue(graph), setup.On.Device);
            bool stacks = runs > 1 || captures; // as a sweep does it: a captured run is a stack of one
            if (stacks && !setup.On.Device.IsCuda && benched.Kernels == KernelChoice.Fused && model.NamesKernels(parsed))
                Console.Error.WriteLine("warning: --kernels fused: a stack trains on libtorch's operators, so these are times of --kernels reference");
            using IStepBenchmark benchmark = stacks
                ? new StackBenchmark(benched.Shape, benched.Vocabulary, benched.Batch, runs, benched.Kernels, setup.On, captures)
                : new StepBenchmark(benched.Shape, benched.Vocabulary, benched.Batch, benched.Kernels, setup.On);
            benched.WarnOfKernels(setup.On);
            if (parsed.GetValue(export) is { } folder)
                Export(benchmark, folder);
            int before = parsed.GetValue(warmup);
            benchmark.MeasureFlops();
            double[] warm = before > 1 ? benchmark.Run(before - 1) : benchmark.Run(1);
            double peak = ProductPeak.FlopsPerSecond(setup.On);
            List<double> seconds = parsed.GetValue(slices)
                ? Serve(benchmark)
                : [.. benchmark.Run(parsed.GetValue(steps) ?? Math.Clamp((int)(Seconds / warm.Min()), LeastSteps, MostSteps))];
            if (seconds.Count == 0)
                return (int)ExitCode.Success; // stdin ended before a slice was asked for
            Timings times = Timings.Of(seconds);
            peak = Math.Max(peak, ProductPeak.FlopsPerSecond(setup.On));
            var document = new BenchStepDocument
            {
                TokensPerSecond = benchmark.TokensPerStep / times.Median,
                StepMilliseconds = MillisecondsDocument.Of(times),
                FlopsPerStepMeasured = benchmark.FlopsMeasured is { } measured ? measured.Forward + measured.Backward : null,
                FlopsPerStepAnalytic = benchmark.FlopsAnalytic,
                GemmPeakFlopsPerSecond = peak,
                Mfu = Utilization.Mfu(benchmark.FlopsAnalytic, times.Median, peak),
                MfuOfDensePeak = Utilization.Mfu(benchmark.FlopsAnalytic, times.Median, setup.Peak.DensePeakFlopsPerSecond),
                Accelerator = setup.Peak,
                Model = BenchModelDocument.Of(setup.On.Device.IsCuda || runs == 1 ? benched : benched with { Kernels = KernelChoice.Reference }, setup.On), // a stack has no operators of our own
                Stack = runs,
                Graph = captures,
                Threads = setup.Threads ?? 1,
                Device = setup.On.Device.ToString(),
                Dtype = setup.Dtype,
                StepsTimed = seconds.Count,
                WarmupSteps = Math.Max(2, before),
                Engine = BenchEngineFacts.Collect(),
                Losses = benchmark.Losses,
            };
            if (parsed.GetValue(engine.Json))
                Console.Out.WriteLine(document.ToJson());
            else
                Print(document);
            return (int)ExitCode.Success;
        });
        return command;
    }

    private static bool Captures(string? asked, DeviceName device)
    {
        if (asked == "off" || (asked is null && !StepGraphs.CanCapture(device)))
            return false;
        if (StepGraphs.CanCapture(device))
            return true;
        throw new UserErrorException(ExitCode.Device, new Diagnostic(
            "SL0514",
            device.IsCuda ? "--graph on: the engine is built without CUDA's headers, and so has no graphs" : "--graph on: there are CUDA graphs on a GPU alone",
            null,
            device.IsCuda ? "see 'scalinglab doctor' for how to get them, or --graph off" : "--device cuda, or leave --graph out"));
    }

    private static void Export(IStepBenchmark benchmark, string folder)
    {
        try
        {
            benchmark.Export(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw DiskErrors.Translate(error, folder) ?? new UserErrorException(ExitCode.Disk, new Diagnostic("SL0703", $"'{folder}' cannot be written: {error.Message.TrimEnd('.')}"), error);
        }
    }

    private static List<double> Serve(IStepBenchmark benchmark)
    {
        var all = new List<double>();
        while (Console.In.ReadLine() is { } line)
        {
            if (!int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out int steps) || steps is < 1 or > MostSteps)
                throw new UserErrorException(ExitCode.Usage, new Diagnostic("SL0147", $"stdin: '{line}' is no number of steps", null, "write a whole number above 0 a line"));
            double[] seconds = benchmark.Run(steps);
            all.AddRange(seconds);
            Console.Out.WriteLine(new BenchSliceDocument([.. seconds.Select(s => s * 1e3)], benchmark.TokensPerStep).ToLine());
        }

        return all;
    }

    private static void Print(BenchStepDocument d)
    {
        CultureInfo invariant = CultureInfo.InvariantCulture;
        BenchModelDocument m = d.Model;
        BenchDeviceText.Print(d.Accelerator, d.Dtype);
        Console.Out.WriteLine(string.Create(invariant, $"L{m.Layers} d{m.Width} H{m.Heads} T{m.Context} B{m.Batch} V{m.Vocab}, {m.Parameters:N0} parameters, {d.Dtype} on {d.Device}, {m.Kernels} kernels, {(d.Stack > 1 ? string.Create(invariant, $"stack of {d.Stack}, ") : "")}{(d.Graph ? "one CUDA graph, " : "")}threads: {d.Threads}"));
        Console.Out.WriteLine(string.Create(invariant, $"{d.TokensPerSecond:N0} tokens/s; a step takes {d.StepMilliseconds.Median:0.00} ms ({d.StepMilliseconds.Min:0.00} to {d.StepMilliseconds.Max:0.00}, {d.StepsTimed} steps)"));
        Console.Out.WriteLine(string.Create(invariant, $"{d.FlopsPerStepAnalytic:0.000e+0} FLOPs a step{(d.FlopsPerStepMeasured is { } measured ? string.Create(invariant, $" ({measured:0.000e+0} dispatched)") : "")}; {d.Mfu * 100:0.0} % of the product peak, {d.GemmPeakFlopsPerSecond / 1e9:0.0} GFLOP/s{(d.MfuOfDensePeak is { } share ? string.Create(invariant, $", {100 * share:0.0} % of the stated dense peak") : "")}"));
        Console.Out.WriteLine($"{d.Engine.Provider} {d.Engine.Libtorch}{(d.Engine.Blas is { } blas ? $", {blas}" : "")}{(d.Engine.BlasKernels is { } kernels ? $", {kernels} kernels" : "")}");
    }
}
