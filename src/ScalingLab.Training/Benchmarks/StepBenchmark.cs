using System.Diagnostics;
using ScalingLab.Core.Configs;
using ScalingLab.Core.Models;

namespace ScalingLab.Training.Benchmarks;

/// <summary>Times whole training steps of the trainer that workers run: batch, forward, backward, clipping, update.</summary>
public sealed class StepBenchmark : IStepBenchmark
{
    private const long Endless = 1L << 50; // tokens of the run that is begun; its schedule is constant
    private const int Batches = 8; // of text; a longer run goes round in another order

    private readonly SyntheticCorpus corpus;
    private readonly Trainer trainer;
    private readonly List<double?> losses = [];

    /// <summary>A trainer with initial weights, on synthetic tokens.</summary>
    /// <param name="shape">A shape without problems.</param>
    /// <param name="vocabulary">2 or more.</param>
    /// <param name="batch">Sequences a step, 1 or more.</param>
    /// <param name="kernels">Fused operators or libtorch's one by one.</param>
    /// <param name="device">Where; null for float32 on the CPU.</param>
    public StepBenchmark(ModelShape shape, int vocabulary, int batch, KernelChoice kernels = KernelChoice.Fused, BenchDevice? device = null)
    {
        Config = RunOf(shape, batch, kernels, seed: 1, (device ?? BenchDevice.Cpu).Products);
        Vocabulary = vocabulary;
        corpus = Text(vocabulary, Config.Training.BatchTokens);
        trainer = new Trainer(Config, corpus.Corpus, device?.Device);
    }

    /// <summary>The run that is timed.</summary>
    public RunConfig Config { get; }

    /// <summary>What its step is made of.</summary>
    public Model.StepOperators Operators => trainer.Model.Operators;

    /// <summary>Token ids.</summary>
    public int Vocabulary { get; }

    /// <summary>Tokens a step.</summary>
    public long TokensPerStep => trainer.TokensPerStep;

    /// <summary>Parameters by group.</summary>
    public ParameterCounts Parameters => trainer.Parameters;

    /// <summary>FLOPs of a step as dispatched; null before <see cref="MeasureFlops"/>, or when the provider cannot count.</summary>
    public MeasuredFlops? FlopsMeasured => trainer.FlopsPerStep;

    /// <summary>FLOPs of a step by the count of its products.</summary>
    public double FlopsAnalytic => FlopCounts.MatrixProducts(Config.Model, Vocabulary) * TokensPerStep;

    /// <summary>Loss of each step so far, nats per token; null where it was not finite.</summary>
    public IReadOnlyList<double?> Losses => losses;

    /// <inheritdoc/>
    public void Export(string folder) => StepExport.Write(folder, Config, trainer.Model.Parameters, corpus.Corpus);

    /// <summary>One step whose FLOPs are counted; it is slower than others.</summary>
    public void MeasureFlops() => Take(trainer.MeasureStep());

    /// <summary>Takes steps and times each.</summary>
    /// <param name="steps">1 or more.</param>
    /// <returns>Seconds of each.</returns>
    public double[] Run(int steps)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(steps);
        var seconds = new double[steps];
        for (int i = 0; i < steps; i++)
        {
            long start = Stopwatch.GetTimestamp();
            StepResult result = trainer.Step();
            seconds[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            Take(result);
        }

        return seconds;
    }

    /// <summary>Frees the model and removes the tokens.</summary>
    public void Dispose()
    {
        trainer.Dispose();
        corpus.Dispose();
    }

    /// <summary>A run that goes on for ever at a constant rate.</summary>
    internal static RunConfig RunOf(ModelShape shape, int batch, KernelChoice kernels, int seed, ProductType products) => new()
    {
        Corpus = new CorpusConfig { Path = "synthetic" },
        Model = shape,
        Training = new TrainingConfig { Tokens = Endless, BatchTokens = (long)batch * shape.ContextTokens, LearningRate = 1e-3, Warmup = new WarmupConfig { Tokens = 0 }, Kernels = kernels, Dtype = products, Seed = seed },
        Evaluation = new EvaluationConfig(),
    };

    /// <summary>Some batches of tokens.</summary>
    internal static SyntheticCorpus Text(int vocabulary, long tokensPerStep) => new(vocabulary, checked((int)(((Batches + 1) * tokensPerStep) + 1)));

    private void Take(StepResult result) => losses.Add(double.IsFinite(result.LossNats) ? result.LossNats : null);
}
