using ScalingLab.Core.Configs;
using ScalingLab.Core.Models;
using ScalingLab.Training.Benchmarks;
using ScalingLab.Training.Model;
using ScalingLab.Training.Stacks;

namespace ScalingLab.Training.Tests.Stacks;

/// <summary>Three runs of one shape with seeds, learning rates, warmups, clipping, decay and moments of their own, and what becomes of them.</summary>
internal sealed class StackedRuns : IDisposable
{
    public const int Vocabulary = 37, Steps = 20;

    private readonly SyntheticCorpus corpus;

    public StackedRuns(ModelShape shape, int batch)
    {
        corpus = new SyntheticCorpus(Vocabulary, (9 * batch * shape.ContextTokens) + 1); // two epochs and a bit
        long tokens = (long)batch * shape.ContextTokens;
        Configs = [.. Enumerable.Range(0, 3).Select(i => new RunConfig
        {
            Corpus = new CorpusConfig { Path = "synthetic" },
            Model = shape,
            Training = new TrainingConfig
            {
                Tokens = Steps * tokens,
                BatchTokens = tokens,
                LearningRate = 1e-3 * (1 + i),
                Seed = 5 + i,
                Kernels = KernelChoice.Reference,
                GradientClip = i == 2 ? 0 : 0.5,
                InitStandardDeviation = i == 1 ? 0.05 : null,
                Warmup = new WarmupConfig { Tokens = i * 2 * tokens },
                Schedule = new ScheduleConfig { Kind = i == 0 ? ScheduleKind.Constant : ScheduleKind.Cosine },
                Adam = new AdamConfig { Beta1 = i == 1 ? 0.8 : 0.9, Beta2 = i == 2 ? 0.99 : 0.95, WeightDecay = 0.1 * i },
            },
            Evaluation = new EvaluationConfig(),
        })];
    }

    public RunConfig[] Configs { get; }

    public StackTrainer NewStack(Func<IStepGraph>? graph = null, int mostSteps = 8, StepOperators? operators = null, params int[] runs) =>
        new([.. (runs.Length == 0 ? [0, 1, 2] : runs).Select(i => Configs[i])], corpus.Corpus, graph, mostSteps, operators: operators);

    public Trainer NewSolo(int run) => new(Configs[run], corpus.Corpus);

    /// <summary>Advances by so many steps and gives each run's results.</summary>
    public static List<StepResult>[] Train(StackTrainer stack, params int[] blocks)
    {
        StackedRun[] runs = [.. stack.Runs];
        List<StepResult>[] results = [.. runs.Select(_ => new List<StepResult>())];
        foreach (int steps in blocks)
        {
            IReadOnlyDictionary<StackedRun, IReadOnlyList<StepResult>> told = stack.Advance(steps);
            for (int i = 0; i < runs.Length; i++)
                results[i].AddRange(told.GetValueOrDefault(runs[i], []));
        }

        return results;
    }

    /// <summary>Weights and both moments, bit for bit.</summary>
    public static byte[] BitsOf(StackedRun run) => BitsOf(run.Model.Parameters.Values, run.FirstMoment, run.SecondMoment);

    public static byte[] BitsOf(Trainer trainer) => BitsOf(trainer.Model.Parameters.Values, trainer.FirstMoment, trainer.SecondMoment);

    public void Dispose() => corpus.Dispose();

    private static byte[] BitsOf(params Tensor[] tensors) => [.. tensors.SelectMany(t => t.bytes.ToArray())];
}
