using ScalingLab.Core.Models;
using ScalingLab.Core.Units;
using ScalingLab.Training.Model;

namespace ScalingLab.Training;

/// <summary>The numerics of one run, as the loop that writes its folder sees them: trained alone or as a member of a stack.</summary>
public interface ITrainer
{
    /// <summary>Parameters by group.</summary>
    ParameterCounts Parameters { get; }

    /// <summary>The weights.</summary>
    ParameterSet Weights { get; }

    /// <summary>Running mean of gradients, in the order of the flat weights.</summary>
    Tensor FirstMoment { get; }

    /// <summary>Running mean of squared gradients.</summary>
    Tensor SecondMoment { get; }

    /// <summary>Tokens of a batch.</summary>
    long TokensPerStep { get; }

    /// <summary>Steps of the whole run.</summary>
    long TotalSteps { get; }

    /// <summary>Steps after which the run is evaluated, the last one among them.</summary>
    IReadOnlySet<long> EvaluationSteps { get; }

    /// <summary>Steps done.</summary>
    long StepsDone { get; }

    /// <summary>Tokens trained on, repeats counted.</summary>
    long TokensDone => StepsDone * TokensPerStep;

    /// <summary>Distinct tokens among them.</summary>
    long UniqueTokens { get; }

    /// <summary>FLOPs of one step; null before <see cref="MeasureStep"/> or when the provider cannot count.</summary>
    MeasuredFlops? FlopsPerStep { get; }

    /// <summary>What the latest step took where the loop cannot tell from outside, seconds; null where it can.</summary>
    double? StepSeconds => null;

    /// <summary>Whether weights and moments are those of <see cref="StepsDone"/>; a stack takes several steps before it tells of the first.</summary>
    bool AtRest { get; }

    /// <summary>One step.</summary>
    StepResult Step();

    /// <summary>One step whose dispatched FLOPs are counted; slower, and otherwise the same.</summary>
    StepResult MeasureStep();

    /// <summary>Held-out loss over the fixed evaluation windows, and the same in bits per byte.</summary>
    (NatsPerToken Loss, BitsPerByte Bits) Evaluate();

    /// <summary>Continues from a step whose weights and moments have been put back.</summary>
    /// <param name="step">Steps done.</param>
    /// <param name="flopsPerStep">As measured before; null to measure again.</param>
    void ResumeAt(long step, MeasuredFlops? flopsPerStep);
}
