using System.Diagnostics;
using ScalingLab.Core.Configs;
using ScalingLab.Core.Devices;
using ScalingLab.Core.Models;
using ScalingLab.Core.Runs;
using ScalingLab.Core.Units;
using ScalingLab.Training.Checkpoints;
using ScalingLab.Training.Energy;
using ScalingLab.Training.Sweeps;

namespace ScalingLab.Training;

/// <summary>How a loop ended.</summary>
public enum LoopEnd
{
    /// <summary>The run is over and <c>done.json</c> is written.</summary>
    Done,

    /// <summary>It was asked to stop and left a checkpoint.</summary>
    Checkpointed,
}

/// <summary>Takes one run from its last checkpoint to its end, writing its folder as it goes.</summary>
/// <remarks>
/// 1. Put back the newest good checkpoint and cut both logs to its step. 2. Step; log, evaluate and checkpoint when due.
/// 3. At the end evaluate, checkpoint, and publish done.json last. What is due is a function of the step alone, so an
/// interrupted run writes the log of an uninterrupted one, times aside.
/// </remarks>
/// <param name="folder">The run's folder.</param>
/// <param name="claim">Its ownership; every write is fenced by it.</param>
/// <param name="manifest">Its config.</param>
/// <param name="trainer">A fresh trainer of that config.</param>
/// <param name="clock">Measures time.</param>
/// <param name="report">Told how far the run is, about twice a second.</param>
/// <param name="warn">Told of each checkpoint that does not load and was passed over.</param>
/// <param name="meter">Measures energy; null for none.</param>
public sealed class TrainingLoop(RunFolder folder, RunClaim claim, RunManifest manifest, ITrainer trainer, TimeProvider clock, Action<WorkerMessage>? report = null, Action<string>? warn = null, EnergyMeter? meter = null)
{
    private const double ReportSeconds = 0.5;
    private const double BeatSeconds = 60;

    private readonly CheckpointStore checkpoints = new(folder);
    private readonly double flopsPerToken = FlopCounts.MatrixProducts(manifest.Config.Model, manifest.Vocabulary);
    private double trainingSeconds; // of earlier attempts and of this one
    private double earlierWallSeconds;
    private long start;
    private bool measured; // once an attempt, also where the provider cannot count

    private LoggingConfig Logging => manifest.Logging;

    private double WallSeconds => earlierWallSeconds + clock.GetElapsedTime(start).TotalSeconds;

    /// <summary>Trains until the end or until asked to stop.</summary>
    /// <exception cref="Core.Diagnostics.UserErrorException">The disk is full, or the token file changed: the last checkpoint is intact.</exception>
    /// <exception cref="ClaimLostException">Another process has taken the run over.</exception>
    public LoopEnd Run(CancellationToken stop)
    {
        start = clock.GetTimestamp();
        Restore();
        using JsonLinesWriter<LogEntry> log = folder.OpenLog(claim);
        using JsonLinesWriter<EvalEntry> evaluations = folder.OpenEvaluations(claim);
        IReadOnlySet<long> evaluateAt = trainer.EvaluationSteps;
        double savedAt = WallSeconds, reportedAt = double.NegativeInfinity, beatAt = WallSeconds, loggedSeconds = trainingSeconds, reportedSeconds = trainingSeconds;
        long loggedTokens = trainer.TokensDone, reportedTokens = trainer.TokensDone;
        EvalEntry? last = null;
        while (trainer.StepsDone < trainer.TotalSteps)
        {
            if (stop.IsCancellationRequested && trainer.AtRest)
            {
                Save(log, evaluations);
                return LoopEnd.Checkpointed;
            }

            long stepStart = clock.GetTimestamp();
            StepResult step = trainer.FlopsPerStep is null && !measured ? trainer.MeasureStep() : trainer.Step();
            measured = true;
            trainingSeconds += trainer.StepSeconds ?? clock.GetElapsedTime(stepStart).TotalSeconds;
            if (!step.Finite)
            {
                log.Append(Entry(step, trainer.StepsDone + 1, 0));
                log.Sync();
                evaluations.Sync();
                Publish(EndReason.Diverged, last);
                return LoopEnd.Done;
            }

            long done = trainer.StepsDone;
            if (done % Logging.EverySteps == 0 || done == trainer.TotalSteps || done == 1)
            {
                log.Append(Entry(step, done, Rate(trainer.TokensDone - loggedTokens, trainingSeconds - loggedSeconds)));
                (loggedTokens, loggedSeconds) = (trainer.TokensDone, trainingSeconds);
            }

            if (evaluateAt.Contains(done))
                evaluations.Append(last = Evaluate());
            double now = WallSeconds;
            bool due = (Logging.CheckpointSeconds > 0 && now - savedAt >= Logging.CheckpointSeconds) || (Logging.CheckpointSteps is { } every && done % every == 0);
            if (due && trainer.AtRest && done < trainer.TotalSteps)
            {
                Save(log, evaluations);
                savedAt = now;
            }

            if (now - beatAt >= BeatSeconds)
            {
                claim.Beat();
                beatAt = now;
            }

            if (now - reportedAt >= ReportSeconds || done == trainer.TotalSteps)
            {
                double rate = Rate(trainer.TokensDone - reportedTokens, trainingSeconds - reportedSeconds);
                report?.Invoke(new WorkerMessage { Step = done, TotalSteps = trainer.TotalSteps, Tokens = trainer.TokensDone, LossNats = step.LossNats, TokensPerSecond = rate, FlopsPerSecond = rate * flopsPerToken });
                (reportedAt, reportedTokens, reportedSeconds) = (now, trainer.TokensDone, trainingSeconds);
            }
        }

        Save(log, evaluations);
        Publish(EndReason.Completed, last);
        return LoopEnd.Done;
    }

    private static double Rate(long tokens, double seconds) => seconds > 0 ? tokens / seconds : 0;

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;

    private void Restore()
    {
        CheckpointState? state = checkpoints.Load(trainer, out IReadOnlyList<string> rejected);
        foreach (string reason in rejected)
            warn?.Invoke($"{folder.Id}: passed over {reason}");
        folder.TruncateTo(state?.Step ?? 0);
        trainingSeconds = state?.TrainingSeconds ?? 0;
        earlierWallSeconds = state?.WallSeconds ?? 0;
        meter?.Begin(state is null ? null : new RunEnergy(state.Joules, state.JoulesSource, state.JoulesMissing));
    }

    private LogEntry Entry(StepResult step, long number, double tokensPerSecond)
    {
        SensorReading? sensed = meter?.Sample(now: number == trainer.TotalSteps || !step.Finite);
        return new LogEntry
        {
            Step = number,
            Tokens = number * trainer.TokensPerStep,
            LossNats = Finite(step.LossNats),
            Lr = step.LearningRate,
            GradNorm = Finite(step.GradientNorm),
            Seconds = trainingSeconds,
            TokensPerSecond = tokensPerSecond,
            FlopsMeasured = MeasuredTotal(number),
            Joules = sensed is null ? null : meter?.Energy.Joules,
            PowerWatts = sensed?.PowerWatts,
            TemperatureCelsius = sensed?.TemperatureCelsius,
            SmClockMhz = sensed?.SmClockMhz,
            MemoryClockMhz = sensed?.MemoryClockMhz,
            UtilisationPercent = sensed?.UtilisationPercent,
        };
    }

    private double? MeasuredTotal(long steps) => trainer.FlopsPerStep is { } flops ? (flops.Forward + flops.Backward) * steps : null;

    private EvalEntry Evaluate()
    {
        (NatsPerToken loss, BitsPerByte bits) = trainer.Evaluate();
        return new EvalEntry
        {
            Step = trainer.StepsDone,
            Tokens = trainer.TokensDone,
            LossNats = Finite(loss.Value),
            BitsPerByte = Finite(bits.Value),
            FlopsMeasured = MeasuredTotal(trainer.StepsDone),
        };
    }

    // The logs are forced to the disk first: a checkpoint must never be ahead of the log that it truncates to.
    private void Save(JsonLinesWriter<LogEntry> log, JsonLinesWriter<EvalEntry> evaluations)
    {
        claim.Check();
        log.Sync();
        evaluations.Sync();
        meter?.Sample(now: true);
        RunEnergy? energy = meter?.Energy;
        checkpoints.Save(trainer, new CheckpointState
        {
            RunId = folder.Id,
            Step = trainer.StepsDone,
            Tokens = trainer.TokensDone,
            NextSequence = trainer.TokensDone / manifest.Config.Model.ContextTokens,
            RandomSeed = manifest.Config.Training.Seed,
            TrainingSeconds = trainingSeconds,
            WallSeconds = WallSeconds,
            FlopsPerStepForward = trainer.FlopsPerStep?.Forward,
            FlopsPerStepBackward = trainer.FlopsPerStep?.Backward,
            Joules = energy?.Joules,
            JoulesSource = energy?.Source,
            JoulesMissing = energy?.Missing,
        });
    }

    private void Publish(EndReason reason, EvalEntry? last)
    {
        last ??= folder.ReadEvaluations().Entries.LastOrDefault(); // of an earlier attempt
        double tokens = trainer.TokensDone;
        ModelShape shape = manifest.Config.Model;
        int vocabulary = manifest.Vocabulary;
        folder.Finish(
            new DoneRecord
            {
                Reason = reason,
                FinalEvaluation = last,
                Parameters = trainer.Parameters,
                Tokens = trainer.TokensDone,
                UniqueTokens = trainer.UniqueTokens,
                Flops = new FlopTotals
                {
                    Measured = MeasuredTotal(trainer.StepsDone),
                    MeasuredForward = trainer.FlopsPerStep?.Forward * trainer.StepsDone,
                    MeasuredBackward = trainer.FlopsPerStep?.Backward * trainer.StepsDone,
                    MatrixProducts = flopsPerToken * tokens,
                    SixNd = FlopCounts.SixN(shape, vocabulary) * tokens,
                    Kaplan = FlopCounts.Kaplan(shape, vocabulary) * tokens,
                    Palm = FlopCounts.Palm(shape, vocabulary) * tokens,
                    ChinchillaAppendixF = FlopCounts.ChinchillaAppendixF(shape, vocabulary) * tokens,
                },
                WallSeconds = WallSeconds,
                Joules = meter?.Energy.Joules,
                JoulesSource = meter?.Energy.Source,
                JoulesMissing = meter?.Energy.Missing,
                Attempt = claim.Attempt,
            },
            claim);
    }
}
