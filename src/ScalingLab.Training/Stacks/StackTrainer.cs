using System.Diagnostics.CodeAnalysis;
using ScalingLab.Core.Configs;
using ScalingLab.Core.Devices;
using ScalingLab.Core.Models;
using ScalingLab.Training.Data;
using ScalingLab.Training.Model;

namespace ScalingLab.Training.Stacks;

/// <summary>Trains several runs of one shape and batch in one step: the numerics, without files.</summary>
/// <remarks>
/// Runs need not stand at the same step, nor be of the same length: step numbers, learning rates and data are each run's own.
/// A row whose run has ended computes on and changes nothing, until half the runs have left; then the others move to a smaller stack.
/// </remarks>
public sealed class StackTrainer : IDisposable
{
    /// <summary>Steps between two readings at most, by default; see <see cref="StackPace"/>.</summary>
    public const int DefaultMostSteps = 256;

    private readonly PreparedCorpus corpus;
    private readonly ResidentTokens tokens;
    private readonly Func<IStepGraph> newGraph;
    private readonly torch.Device device;
    private readonly int mostSteps;
    private readonly StepOperators? operators;
    private readonly ModelShape shape;
    private readonly int sequences;
    private readonly List<StackedRun> runs = [];
    private StackedGpt models;
    private StackedAdamW optimizer;
    private StackStep step;

    /// <summary>A stack whose runs are at step 0 with initial weights.</summary>
    /// <param name="configs">Runs of one shape and batch, at least one.</param>
    /// <param name="corpus">Tokens to train on and to evaluate with; must outlive this.</param>
    /// <param name="newGraph">Makes what the step is captured in; null for the device's own: a CUDA graph, or on a CPU the step as it stands.</param>
    /// <param name="mostSteps">Steps between two readings at most.</param>
    /// <param name="device">Where the stack lives; null for the CPU.</param>
    /// <param name="operators">What a step is made of; null for the best that the runs' kernels and the device allow.</param>
    /// <exception cref="ArgumentException">The runs are not of one shape and batch.</exception>
    public StackTrainer(IReadOnlyList<RunConfig> configs, PreparedCorpus corpus, Func<IStepGraph>? newGraph = null, int mostSteps = DefaultMostSteps, DeviceName? device = null, StepOperators? operators = null)
    {
        ArgumentOutOfRangeException.ThrowIfZero(configs.Count, nameof(configs));
        (this.corpus, this.mostSteps, this.operators, this.device) = (corpus, mostSteps, operators, (device ?? DeviceName.Cpu).ToTorch());
        Device = device ?? DeviceName.Cpu;
        this.newGraph = newGraph ?? (() => StepGraphs.For(Device));
        shape = configs[0].Model;
        foreach (RunConfig config in configs)
            runs.Add(new StackedRun(config, new TrainingCourse(config, corpus)));
        TokensPerStep = runs[0].Course.TokensPerStep;
        if (runs.Any(r => r.Config.Model != shape || r.Course.TokensPerStep != TokensPerStep || r.Config.Training.Dtype != configs[0].Training.Dtype))
            throw new ArgumentException("The runs of a stack must be of one shape, one batch and one type of products.", nameof(configs));
        sequences = checked((int)(TokensPerStep / shape.ContextTokens));
        tokens = new ResidentTokens(corpus.Train, shape.ContextTokens, this.device);
        Build(runs.Count);
        runs.ForEach(r => r.Model.Parameters.Initialise(r.Config.Training.Seed));
    }

    /// <summary>The runs that have not left, in the order in which they were given.</summary>
    public IReadOnlyList<StackedRun> Runs => runs;

    /// <summary>What a step is made of.</summary>
    public StepOperators Operators => models.Operators;

    /// <summary>Where they are trained.</summary>
    public DeviceName Device { get; }

    /// <summary>Steps between two readings at most.</summary>
    public int MostSteps => mostSteps;

    /// <summary>Tokens of a batch of one run.</summary>
    public long TokensPerStep { get; }

    /// <summary>Rows that are computed in a step.</summary>
    public int Rows => models.Parameters.Rows;

    /// <summary>FLOPs of one run's step as dispatched; null when the provider cannot count.</summary>
    public MeasuredFlops? FlopsPerStep => step.FlopsPerStep;

    /// <summary>Takes steps with every run that has some left.</summary>
    /// <param name="steps">1 to <c>mostSteps</c>; no further than the nearest end.</param>
    /// <returns>For each run its steps: none when it had ended, and fewer when one was refused, which is then the last.</returns>
    public IReadOnlyDictionary<StackedRun, IReadOnlyList<StepResult>> Advance(int steps)
    {
        Shrink();
        var starts = new long[steps * Rows * sequences];
        var factors = new double[steps * Rows * StackedAdamW.Factors];
        var active = new bool[Rows];
        Array.Fill(factors, 1);
        StackedRun[] training = [.. runs.Where(r => r.Trains)];
        foreach (StackedRun run in training)
        {
            if (run.StepsDone + steps > run.Course.TotalSteps)
                throw new ArgumentOutOfRangeException(nameof(steps), steps, $"A run has {run.Course.TotalSteps - run.StepsDone} steps left.");
            active[run.Row] = true;
            for (int i = 0; i < steps; i++)
            {
                int place = (i * Rows) + run.Row;
                long number = run.StepsDone + i + 1;
                run.Course.Order.FillStarts(number - 1, starts.AsSpan(place * sequences, sequences));
                StackedAdamW.Fill(number, run.Course.LearningRate(number), run.Config.Training.Adam, factors.AsSpan(place * StackedAdamW.Factors, StackedAdamW.Factors));
            }
        }

        StackReadings readings = step.Run(steps, starts, factors, active);
        return runs.ToDictionary(r => r, r => (IReadOnlyList<StepResult>)Take(r, steps, readings, Rows));
    }

    /// <summary>A run takes part no longer, at the steps it has done, and gives its row up.</summary>
    public void Leave(StackedRun run)
    {
        run.Leave();
        runs.Remove(run);
    }

    /// <summary>Frees everything.</summary>
    public void Dispose()
    {
        runs.ForEach(r => r.Leave());
        Free();
        tokens.Dispose();
    }

    private static List<StepResult> Take(StackedRun run, int steps, StackReadings readings, int rows)
    {
        var results = new List<StepResult>(steps);
        for (int i = 0; i < steps && run.Trains; i++)
        {
            int place = (i * rows) + run.Row;
            var result = new StepResult(readings.Losses[place], readings.Norms[place], run.Course.LearningRate(run.StepsDone + 1));
            results.Add(result);
            if (result.Finite)
                run.StepsDone++;
            else
                run.Diverged = true;
        }

        return results;
    }

    [MemberNotNull(nameof(models), nameof(optimizer), nameof(step))]
    private void Build(int rows)
    {
        TrainingConfig first = runs[0].Config.Training;
        models = new StackedGpt(shape, corpus.Vocabulary, rows, device: device, dtype: first.Dtype, kernels: first.Kernels, operators: operators);
        bool inOneOperator = models.Operators.FusedAdamWOfTensors && (rows == 1 || models.Parameters.Count >= StackedAdamW.LargeRow);
        optimizer = new StackedAdamW(models.Parameters, device, inOneOperator);
        for (int row = 0; row < rows; row++)
            optimizer.Begin(row, runs[row].Config.Training.Adam, runs[row].Config.Training.GradientClip); // before the step is captured with what it sets
        step = new StackStep(models, optimizer, tokens, sequences, mostSteps, newGraph(), device);
        for (int row = 0; row < rows; row++)
            runs[row].Enter(row, models, optimizer);
    }

    // Weights and moments are set aside before the former stack is freed, so that the two never need memory at once.
    private void Shrink()
    {
        if (runs.Count == 0 || 2 * runs.Count > Rows)
            return;
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = tensor([.. runs.Select(r => (long)r.Row)], [runs.Count]).On(device);
        Tensor[] kept = [.. State().Select(s => s.index_select(0, rows))];
        runs.ForEach(r => r.Leave());
        Free();
        Build(runs.Count);
        foreach ((Tensor state, Tensor values) in State().Zip(kept))
            state.copy_(values);
    }

    private Tensor[] State() => [models.Parameters.Values, optimizer.FirstMoment, optimizer.SecondMoment];

    private void Free()
    {
        step.Dispose();
        optimizer.Dispose();
        models.Dispose();
    }
}
