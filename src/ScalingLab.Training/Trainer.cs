using ScalingLab.Core.Configs;
using ScalingLab.Core.Devices;
using ScalingLab.Core.Models;
using ScalingLab.Core.Units;
using ScalingLab.Training.Data;
using ScalingLab.Training.Model;
using ScalingLab.Training.Optim;

namespace ScalingLab.Training;

/// <summary>What one training step did.</summary>
/// <param name="LossNats">Mean loss of the batch before the update; may be NaN or infinite.</param>
/// <param name="GradientNorm">Global norm before clipping; may be NaN or infinite.</param>
/// <param name="LearningRate">Of this update.</param>
public readonly record struct StepResult(double LossNats, double GradientNorm, double LearningRate)
{
    /// <summary>Whether training can go on.</summary>
    public bool Finite => double.IsFinite(LossNats) && double.IsFinite(GradientNorm);
}

/// <summary>A model, its optimizer and its place in the data: the numerics of a run, without files.</summary>
/// <remarks>The state after step n is a pure function of config, corpus and n, so a resume from any step is exact.</remarks>
public sealed class Trainer : ITrainer, IDisposable
{
    private readonly RunConfig config;
    private readonly TrainingCourse course;
    private readonly Device where;
    private readonly long[] inputIds;
    private readonly long[] targetIds;

    /// <summary>A trainer at step 0 with initial weights.</summary>
    /// <param name="config">The run.</param>
    /// <param name="corpus">Tokens to train on and to evaluate with.</param>
    /// <param name="device">Where model, optimizer and batches lie; null for the CPU.</param>
    public Trainer(RunConfig config, PreparedCorpus corpus, DeviceName? device = null)
    {
        this.config = config;
        where = (device ?? DeviceName.Cpu).ToTorch();
        course = new TrainingCourse(config, corpus);
        Model = new Gpt(config.Model, corpus.Vocabulary, config.Training.InitStandardDeviation, kernels: config.Training.Kernels, device: where, dtype: config.Training.Dtype);
        Model.Parameters.Initialise(config.Training.Seed);
        Optimizer = new AdamW(Model.Parameters, config.Training.Adam, Model.Operators);
        inputIds = new long[TokensPerStep];
        targetIds = new long[TokensPerStep];
    }

    /// <summary>Parameters by group.</summary>
    public ParameterCounts Parameters => course.Parameters;

    /// <summary>The model.</summary>
    public Gpt Model { get; }

    /// <summary>The optimizer.</summary>
    public AdamW Optimizer { get; }

    /// <inheritdoc/>
    public ParameterSet Weights => Model.Parameters;

    /// <inheritdoc/>
    public Tensor FirstMoment => Optimizer.FirstMoment;

    /// <inheritdoc/>
    public Tensor SecondMoment => Optimizer.SecondMoment;

    /// <summary>Tokens of a batch.</summary>
    public long TokensPerStep => course.TokensPerStep;

    /// <summary>Steps of the whole run.</summary>
    public long TotalSteps => course.TotalSteps;

    /// <inheritdoc/>
    public IReadOnlySet<long> EvaluationSteps => course.EvaluationSteps;

    /// <summary>Steps done.</summary>
    public long StepsDone { get; private set; }

    /// <summary>Tokens trained on, repeats counted.</summary>
    public long TokensDone => StepsDone * TokensPerStep;

    /// <summary>Distinct tokens among them.</summary>
    public long UniqueTokens => course.Order.UniqueTokens(TokensDone);

    /// <summary>FLOPs of one step; null before <see cref="MeasureStep"/> or when the provider cannot count.</summary>
    public MeasuredFlops? FlopsPerStep { get; private set; }

    /// <summary>Always: weights and moments are those of the last step.</summary>
    public bool AtRest => true;

    /// <summary>One step.</summary>
    public StepResult Step()
    {
        using DisposeScope scope = NewDisposeScope();
        double loss = ForwardBackward();
        return Update(loss);
    }

    /// <summary>One step whose dispatched FLOPs are counted; slower, and otherwise the same.</summary>
    public StepResult MeasureStep()
    {
        using DisposeScope scope = NewDisposeScope();
        double loss = 0;
        FlopsPerStep = ProviderCapabilities.MeasureFlops(() => loss = ForwardBackward());
        return Update(loss);
    }

    /// <summary>Held-out loss over the fixed evaluation windows, and the same in bits per byte.</summary>
    public (NatsPerToken Loss, BitsPerByte Bits) Evaluate() => HeldOutLoss.Of(Model, course.Windows);

    /// <summary>Continues from a step whose weights and moments have been put back.</summary>
    /// <param name="step">Steps done.</param>
    /// <param name="flopsPerStep">As measured before; null to measure again.</param>
    public void ResumeAt(long step, MeasuredFlops? flopsPerStep)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(step, TotalSteps);
        StepsDone = step;
        FlopsPerStep = flopsPerStep;
    }

    /// <summary>Frees the model and the moments.</summary>
    public void Dispose()
    {
        Optimizer.Dispose();
        Model.Dispose();
    }

    private double ForwardBackward()
    {
        course.Order.FillBatch(StepsDone, inputIds, targetIds);
        int context = config.Model.ContextTokens;
        Tensor inputs = tensor(inputIds, [inputIds.Length / context, context]).On(where);
        Model.Parameters.ZeroGradients();
        Tensor loss = Model.Loss(inputs, tensor(targetIds, [targetIds.Length]).On(where));
        loss.backward();
        return loss.ToDouble();
    }

    // A step with a loss or gradient that is not finite changes nothing: the weights stay those of the last good step.
    private StepResult Update(double loss)
    {
        double norm = Optimizer.ClipGradients(config.Training.GradientClip);
        var result = new StepResult(loss, norm, course.LearningRate(StepsDone + 1));
        if (result.Finite)
            Optimizer.Step(++StepsDone, result.LearningRate);
        return result;
    }
}
