namespace ScalingLab.Core.Runs;

/// <summary>One line of <c>eval.jsonl</c>: held-out loss after some tokens.</summary>
public sealed record EvalEntry
{
    /// <summary>Steps done.</summary>
    public required long Step { get; init; }

    /// <summary>Tokens trained on.</summary>
    public required long Tokens { get; init; }

    /// <summary>Held-out loss, nats per token; null when it was not finite.</summary>
    public required double? LossNats { get; init; }

    /// <summary>The same in bits per byte of held-out text.</summary>
    public required double? BitsPerByte { get; init; }

    /// <summary>Measured training FLOPs so far; null when they were not measured.</summary>
    public required double? FlopsMeasured { get; init; }
}
