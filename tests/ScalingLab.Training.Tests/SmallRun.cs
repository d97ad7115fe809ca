using System.Text.Json.Nodes;
using ScalingLab.Core.Configs;
using ScalingLab.Core.Models;
using ScalingLab.Core.Runs;
using ScalingLab.Training.Checkpoints;
using ScalingLab.Training.Data;
using ScalingLab.Training.Sweeps;
using ScalingLab.Training.Tests.Data;

namespace ScalingLab.Training.Tests;

/// <summary>A run of twenty steps on a few kilobytes of text; its folders are gone when the test ends.</summary>
public sealed class SmallRun : IDisposable
{
    public const int Steps = 20, BatchTokens = 64;

    private readonly TemporaryFolder temporary = new();

    public SmallRun()
    {
        string text = string.Concat(Enumerable.Range(0, 60).Select(i => $"Document {i}: {i * 7919 % 101} apples, {i * 104729 % 97} pears and a long tail of words.\n<|endoftext|>\n"));
        Corpus = TokenCache.Prepare(new CorpusConfig { Path = temporary.File("small.txt", text), HeldOutFraction = 0.2 }, Path.Combine(temporary.Path, "cache"));
        Config = new RunConfig
        {
            Corpus = new CorpusConfig { Path = "small.txt" },
            Model = new ModelShape { Layers = 1, Width = 8, Heads = 1, ContextTokens = 16 },
            Training = new TrainingConfig { Tokens = Steps * BatchTokens, BatchTokens = BatchTokens, Schedule = new ScheduleConfig { Kind = ScheduleKind.Cosine } },
            Evaluation = new EvaluationConfig { Tokens = 256, AtTokens = [4 * BatchTokens, 13 * BatchTokens] },
        };
    }

    public PreparedCorpus Corpus { get; }

    public RunConfig Config { get; init; }

    public string Root => temporary.Path;

    public Trainer NewTrainer(RunConfig? config = null) => new(config ?? Config, Corpus);

    /// <summary>A run folder with its config.json, a log line every three steps and a checkpoint every seven.</summary>
    public RunFolder NewFolder(string name, RunConfig? config = null)
    {
        var folder = new RunFolder(Path.Combine(temporary.Path, name));
        folder.WriteManifest(new RunManifest { RunId = name, Config = config ?? Config, Vocabulary = Corpus.Vocabulary, Logging = new LoggingConfig { EverySteps = 3, CheckpointSeconds = 0, CheckpointSteps = 7 } });
        return folder;
    }

    /// <summary>The run as this process's next attempt; the former one counts as dead.</summary>
    public static RunClaim Claim(RunFolder folder) => folder.TryClaim(OwnerIdentity.Current(), TimeProvider.System, startOf: _ => null)!;

    /// <summary>One attempt by a fresh trainer, as a fresh process would make it.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="step">Called with the number of each step.</param>
    /// <param name="stop">Asks it to stop.</param>
    /// <param name="warnings">Takes what it warns of.</param>
    public LoopEnd Train(RunFolder folder, Action<long>? step = null, CancellationToken stop = default, List<string>? warnings = null)
    {
        RunManifest manifest = folder.ReadManifest()!;
        using Trainer trainer = NewTrainer(manifest.Config);
        return Train(folder, trainer, Claim(folder), step, stop, warnings);
    }

    public static LoopEnd Train(RunFolder folder, Trainer trainer, RunClaim claim, Action<long>? step = null, CancellationToken stop = default, List<string>? warnings = null) =>
        new TrainingLoop(folder, claim, folder.ReadManifest()!, trainer, new HastyClock(), message => step?.Invoke(message.Step), warning => warnings?.Add(warning)).Run(stop);

    public static CheckpointState State(RunFolder folder, Trainer trainer) => new()
    {
        RunId = folder.Id,
        Step = trainer.StepsDone,
        Tokens = trainer.TokensDone,
        NextSequence = 0,
        RandomSeed = 1,
        TrainingSeconds = 0,
        WallSeconds = 0,
        FlopsPerStepForward = null,
        FlopsPerStepBackward = null,
    };

    /// <summary>Weights and both moments, bit for bit.</summary>
    public static byte[] BitsOf(Trainer trainer)
    {
        using DisposeScope scope = NewDisposeScope();
        return [.. trainer.Model.Parameters.Values.bytes.ToArray(), .. trainer.Optimizer.FirstMoment.bytes.ToArray(), .. trainer.Optimizer.SecondMoment.bytes.ToArray()];
    }

    /// <summary>What must be the same however often a run was interrupted: its last checkpoint, and its files with times and attempt left out.</summary>
    public static string ResultOf(RunFolder folder)
    {
        string checkpoint = folder.CheckpointPath(Steps);
        string Hash(string file) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(Path.Combine(checkpoint, file))));
        return string.Join('\n', [
            .. File.ReadAllLines(folder.LogPath).Select(l => Without(l, "seconds", "tokens_per_second")), .. File.ReadAllLines(folder.EvalPath),
            Without(File.ReadAllText(folder.DonePath), "wall_seconds", "attempt"), Hash("weights.safetensors"), Hash("optimizer.safetensors")]);
    }

    public void Dispose()
    {
        Corpus.Dispose();
        temporary.Dispose();
    }

    private static string Without(string json, params string[] names)
    {
        JsonObject whole = JsonNode.Parse(json)!.AsObject();
        foreach (string name in names)
            Assert.True(whole.Remove(name), $"no {name} in {json}");
        return whole.ToJsonString();
    }

    /// <summary>A second passes at each look, so that every step is reported and heartbeats fall due.</summary>
    public sealed class HastyClock : TimeProvider
    {
        private long now;

        public override long GetTimestamp() => Interlocked.Add(ref now, TimestampFrequency);
    }
}
