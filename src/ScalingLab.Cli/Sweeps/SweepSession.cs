using ScalingLab.Cli.Devices;
using ScalingLab.Cli.Machine;
using ScalingLab.Cli.Progress;
using ScalingLab.Core;
using ScalingLab.Core.Configs;
using ScalingLab.Core.Devices;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Runs;
using ScalingLab.Training;
using ScalingLab.Training.Data;
using ScalingLab.Training.Sweeps;

namespace ScalingLab.Cli.Sweeps;

/// <summary>One start of sweep, train or resume, from folders to report.</summary>
internal sealed class SweepSession(SweepSettings settings)
{
    /// <summary>Trains the unfinished runs of a config.</summary>
    public ExitCode Run(SweepConfig sweep, string configFile, bool fitAndReport)
    {
        SweepDevices devices = SweepDevices.Of(settings.Device);
        CorpusConfig located = CorpusLocation.Resolve(sweep.Corpus, configFile);
        using PreparedCorpus corpus = TokenCache.Prepare(located, ProgramInfo.TokenCacheFolder);
        SweepPlan plan = SweepPlan.Of(sweep, corpus.Vocabulary);
        foreach (string warning in plan.Warnings)
            Console.Error.WriteLine($"warning: {warning}");
        if (plan.Runs.Count == 0)
            throw new UserErrorException(ExitCode.Config, new Diagnostic("SL0390", $"'{configFile}' makes no run", null, "widen sweep.min_tokens_per_parameter and sweep.max_tokens_per_parameter"));
        CheckTypes(plan.Runs, devices.Gpus);
        string folder = Path.Combine(settings.RunsFolder, sweep.Name);
        IReadOnlyList<SweepTask> tasks = SweepFolders.Prepare(folder, sweep, plan, corpus, located, ProgramInfo.Version, ProgramInfo.Commit);
        IReadOnlyList<PlannedRun> unfinished = [.. plan.Runs.Where(r => tasks.Any(t => t.RunId == r.Id))];
        return Finish(folder, plan.Runs.Count, tasks, WorkPlan.Of(unfinished, settings, devices, corpus.TrainTokens), devices.Gpus, fitAndReport);
    }

    /// <summary>Trains the unfinished runs of a folder.</summary>
    public ExitCode Resume(string folder)
    {
        IReadOnlyList<FoundRun> found = RunsDirectory.Enumerate(folder);
        if (found.Count == 0)
            throw new UserErrorException(ExitCode.Usage, new Diagnostic("SL0104", $"there are no runs in '{folder}'", null, "name a folder such as runs/<sweep>"));
        var tasks = new List<SweepTask>();
        var planned = new List<PlannedRun>();
        long corpusTokens = 0;

        // A run that another process still trains is waited for: after a kill of the parent its workers live on for a moment.
        foreach (FoundRun run in found.Where(r => r.State is RunState.Planned or RunState.Interrupted or RunState.Running))
        {
            if (run.Folder.ReadManifest() is not { } manifest)
                continue;
            tasks.Add(SweepFolders.Task(run.Folder, manifest));
            planned.Add(new PlannedRun(manifest.RunId, manifest.Config, manifest.Vocabulary));
            corpusTokens = Math.Max(corpusTokens, manifest.CorpusTokens ?? 0);
        }

        SweepDevices devices = SweepDevices.Of(settings.Device);
        CheckTypes(planned, devices.Gpus);
        return Finish(folder, found.Count, tasks, WorkPlan.Of(planned, settings, devices, corpusTokens), devices.Gpus, fitAndReport: found.Count > 1);
    }

    private static void CheckTypes(IReadOnlyList<PlannedRun> runs, IReadOnlyList<GpuDevice> gpus)
    {
        foreach (PlannedRun run in runs)
            ProductTypes.Require(run.Config.Training.Dtype, onGpu: gpus.Count > 0);
    }

    private ExitCode Finish(string folder, int total, IReadOnlyList<SweepTask> tasks, WorkPlan work, IReadOnlyList<GpuDevice> gpus, bool fitAndReport)
    {
        ExitCode trained = tasks.Count == 0 ? AlreadyDone(folder, total) : Train(folder, total, tasks, gpus, work);
        if (trained is ExitCode.Success or ExitCode.RunsFailed && fitAndReport)
            SweepResults.FitAndReport(folder, settings.Json);
        return trained;
    }

    private static ExitCode AlreadyDone(string folder, int total)
    {
        Console.Error.WriteLine($"all {total} runs of {folder} are finished");
        return ExitCode.Success;
    }

    private static ExitCode Train(string folder, int total, IReadOnlyList<SweepTask> tasks, IReadOnlyList<GpuDevice> gpus, WorkPlan work)
    {
        foreach (string warning in work.Warnings)
            Console.Error.WriteLine($"warning: {warning}");
        EngineFacts engine = EngineProbe.Require(measurePeak: gpus.Count == 0);
        Console.Error.WriteLine(FormattableString.Invariant(
            $"{tasks.Count} of {total} runs to train in {folder}: {tasks.Sum(t => t.Flops):0.0e+0} FLOPs, {work.Slots.Count} {(work.Slots.Count == 1 ? "worker" : "workers")}{Stacked(work)}"));
        Console.Error.WriteLine(gpus.Count == 0
            ? FormattableString.Invariant($"libtorch {engine.LibtorchVersion}, {engine.BlasKernels ?? "unknown"} kernels, product peak {engine.PeakFlopsPerSecond / 1e9:F0} GFLOP/s a worker")
            : $"libtorch {engine.LibtorchVersion} on {string.Join(", ", gpus.Select(g => $"{g.Device} {g.Name}"))}");
        var progress = new SweepProgress(total, tasks, engine.PeakFlopsPerSecond, TimeProvider.System);
        IReadOnlyList<TaskResult> results;
        ExitCode? hard;
        using (var display = new SweepDisplay(progress, Console.Error, live: !Console.IsErrorRedirected))
        using (var signals = new StopSignals(display.Say))
        {
            Dictionary<string, SweepTask> byId = tasks.ToDictionary(t => t.RunId);
            results = new SweepRunner((task, slot) => WorkerCommand([task], slot), work.Slots, display, startStack: (stack, slot) => WorkerCommand(stack, slot, stacked: true), stackOfOne: work.StacksOfOne)
                .Run([.. work.Stacks.Select(s => s.Runs.Select(r => byId[r.Id]).ToArray())], signals.Stop, signals.Kill);
            hard = signals.HardExit;
        }

        if (hard is null)
        {
            foreach (TaskResult failed in results.Where(r => r.Outcome == TaskOutcome.Failed))
                Console.Error.WriteLine($"{failed.Task.RunId} failed:\n{failed.Error.TrimEnd()}");
        }

        SweepSnapshot end = progress.Snapshot();
        if (hard is not null || results.Count < tasks.Count || results.Any(r => r.Outcome is TaskOutcome.Checkpointed or TaskOutcome.Stopped))
        {
            Console.Error.WriteLine($"stopped after {ProgressText.Duration(end.Elapsed)}; to go on: scalinglab resume {Shell(folder)}");
            return hard ?? ExitCode.Checkpointed;
        }

        Console.Error.WriteLine($"{end.Finished}/{total} done in {ProgressText.Duration(end.Elapsed)}: {folder}");
        return results.FirstOrDefault(r => r.Outcome == TaskOutcome.Failed) is { } first ? FailureCode(results, first) : ExitCode.Success;
    }

    // So that the printed command can be pasted back.
    private static string Shell(string path) =>
        path.All(c => char.IsAsciiLetterOrDigit(c) || "/._-+".Contains(c, StringComparison.Ordinal)) ? path : $"'{path.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static System.Diagnostics.ProcessStartInfo WorkerCommand(IReadOnlyList<SweepTask> tasks, WorkerSlot slot, bool stacked = false) => Commands.WorkerCommand.Start(tasks, slot, threads: 1, stacked);

    /// <summary>What the line at the start says of stacks and graphs.</summary>
    internal static string Stacked(WorkPlan work) =>
        (work.HasStacks ? FormattableString.Invariant($", stacks of up to {work.Stacks.Max(s => s.Size)} runs") : "")
        + (work.Captures ? ", steps captured as CUDA graphs" : work.StacksOfOne ? ", no CUDA graphs (see 'scalinglab doctor')" : "");

    // When nothing could be trained the cause is more use than "some runs failed".
    private static ExitCode FailureCode(IReadOnlyList<TaskResult> results, TaskResult first) =>
        results.All(r => r.Outcome == TaskOutcome.Failed && r.ExitCode == first.ExitCode) && Enum.IsDefined((ExitCode)first.ExitCode) && first.ExitCode > (int)ExitCode.Internal
            ? (ExitCode)first.ExitCode
            : ExitCode.RunsFailed;
}
