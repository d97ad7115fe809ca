namespace ScalingLab.Training.Sweeps;

/// <summary>A run that a sweep has yet to train.</summary>
/// <param name="RunId">Its id.</param>
/// <param name="Folder">Its folder, with config.json in it.</param>
/// <param name="Label">Short form for people: <c>L2 d64</c>.</param>
/// <param name="Flops">What it costs; larger ones start first, so that the last to finish is small.</param>
/// <param name="Tokens">Tokens that it trains on.</param>
public sealed record SweepTask(string RunId, string Folder, string Label, double Flops, long Tokens);

/// <summary>How a task ended.</summary>
public enum TaskOutcome
{
    /// <summary>done.json is there, the run completed or diverged.</summary>
    Finished,

    /// <summary>Stopped on request after a checkpoint.</summary>
    Checkpointed,

    /// <summary>Ended on request before it could write a checkpoint: the last one stands.</summary>
    Stopped,

    /// <summary>Its worker failed, also when tried again.</summary>
    Failed,
}

/// <summary>The end of one task.</summary>
/// <param name="Task">The task.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="ExitCode">Of the last worker.</param>
/// <param name="Error">What the worker wrote to stderr, when it failed.</param>
public sealed record TaskResult(SweepTask Task, TaskOutcome Outcome, int ExitCode, string Error);
