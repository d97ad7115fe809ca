using ScalingLab.Core.Configs;
using ScalingLab.Core.Models;
using ScalingLab.Core.Units;
using ScalingLab.Training.Model;

namespace ScalingLab.Training.Stacks;

/// <summary>A run of a stack as the loop that writes its folder sees it: asking for a step waits until all others ask for theirs.</summary>
/// <remarks>
/// The stack takes several steps at a time and each is told of in turn, so that weights may be ahead of <see cref="StepsDone"/>;
/// where the loop must have the weights of a step, for an evaluation or a checkpoint, the stack stops at it.
/// </remarks>
public sealed class StackMember : ITrainer
{
    private readonly StackRendezvous rendezvous;
    private readonly LoggingConfig logging;
    private readonly Queue<StepResult> pending = [];

    internal StackMember(StackedRun run, StackRendezvous rendezvous, LoggingConfig logging) => (Run, this.rendezvous, this.logging) = (run, rendezvous, logging);

    /// <summary>Its row of the stack.</summary>
    public StackedRun Run { get; }

    /// <inheritdoc/>
    public ParameterCounts Parameters => Run.Course.Parameters;

    /// <inheritdoc/>
    public ParameterSet Weights => Run.Model.Parameters;

    /// <inheritdoc/>
    public Tensor FirstMoment => Run.FirstMoment;

    /// <inheritdoc/>
    public Tensor SecondMoment => Run.SecondMoment;

    /// <inheritdoc/>
    public long TokensPerStep => Run.Course.TokensPerStep;

    /// <inheritdoc/>
    public long TotalSteps => Run.Course.TotalSteps;

    /// <inheritdoc/>
    public IReadOnlySet<long> EvaluationSteps => Run.Course.EvaluationSteps;

    /// <inheritdoc/>
    public long StepsDone { get; private set; }

    /// <inheritdoc/>
    public long UniqueTokens => Run.Course.Order.UniqueTokens(StepsDone * TokensPerStep);

    /// <inheritdoc/>
    public MeasuredFlops? FlopsPerStep { get; private set; }

    /// <summary>Its part of the stack's latest block: the first of a block's steps is waited for, and the others are there with it.</summary>
    public double? StepSeconds { get; private set; }

    /// <inheritdoc/>
    public bool AtRest => pending.Count == 0;

    /// <summary>Steps that the stack may take before the loop needs the weights; 1 or more.</summary>
    internal long StepsToRest
    {
        get
        {
            long next = EvaluationSteps.Where(s => s > StepsDone).DefaultIfEmpty(TotalSteps).Min();
            if (logging.CheckpointSteps is { } every)
                next = Math.Min(next, ((StepsDone / every) + 1) * every);
            return Math.Min(next, TotalSteps) - StepsDone;
        }
    }

    /// <inheritdoc/>
    public StepResult Step()
    {
        if (pending.Count == 0)
            rendezvous.AwaitSteps(this);
        StepResult result = pending.Dequeue();
        if (result.Finite)
            StepsDone++;
        return result;
    }

    /// <summary>As <see cref="Step"/>: the stack counted when it was made.</summary>
    public StepResult MeasureStep()
    {
        StepResult result = Step();
        FlopsPerStep = rendezvous.FlopsPerStep;
        return result;
    }

    /// <inheritdoc/>
    public (NatsPerToken Loss, BitsPerByte Bits) Evaluate() => rendezvous.OneAtATime(() => HeldOutLoss.Of(Run.Model, Run.Course.Windows));

    /// <inheritdoc/>
    public void ResumeAt(long step, MeasuredFlops? flopsPerStep)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(step, TotalSteps);
        StepsDone = Run.StepsDone = step;
        FlopsPerStep = flopsPerStep;
    }

    /// <summary>Takes what the stack did, in so many seconds a step.</summary>
    internal void Tell(IEnumerable<StepResult> results, double secondsEach)
    {
        StepSeconds = secondsEach;
        foreach (StepResult result in results)
            pending.Enqueue(result);
    }
}
