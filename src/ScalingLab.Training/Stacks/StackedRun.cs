using ScalingLab.Core.Configs;
using ScalingLab.Training.Model;

namespace ScalingLab.Training.Stacks;

/// <summary>A run in a row of a stack: its course, its weights and moments there, and how far it is.</summary>
public sealed class StackedRun
{
    internal StackedRun(RunConfig config, TrainingCourse course) => (Config, Course) = (config, course);

    /// <summary>The run.</summary>
    public RunConfig Config { get; }

    /// <summary>Its batches, learning rates and length.</summary>
    public TrainingCourse Course { get; }

    /// <summary>Row of the stack.</summary>
    public int Row { get; private set; }

    /// <summary>Its model, in the memory of the row.</summary>
    public Gpt Model { get; private set; } = null!;

    /// <summary>Running mean of gradients, likewise.</summary>
    public Tensor FirstMoment { get; private set; } = null!;

    /// <summary>Running mean of squared gradients, likewise.</summary>
    public Tensor SecondMoment { get; private set; } = null!;

    /// <summary>Steps taken, refused ones left out.</summary>
    public long StepsDone { get; internal set; }

    /// <summary>Whether a step was refused because its loss or gradient was not finite: the run has ended, with the weights of its last good step.</summary>
    public bool Diverged { get; internal set; }

    /// <summary>Whether there is a step to take.</summary>
    public bool Trains => !Diverged && StepsDone < Course.TotalSteps;

    /// <summary>Takes a row.</summary>
    internal void Enter(int row, StackedGpt models, StackedAdamW optimizer)
    {
        using DisposeScope scope = NewDisposeScope();
        Row = row;
        Model = models.Row(row, Config.Training.InitStandardDeviation);
        FirstMoment = optimizer.FirstMoment.select(0, row).DetachFromDisposeScope();
        SecondMoment = optimizer.SecondMoment.select(0, row).DetachFromDisposeScope();
    }

    /// <summary>Gives the row up: frees the views of it, not its memory.</summary>
    internal void Leave()
    {
        Model.Parameters.Dispose();
        FirstMoment.Dispose();
        SecondMoment.Dispose();
    }
}
