using System.Text.Json.Serialization;

namespace ScalingLab.Core.Runs;

/// <summary>One line of <c>log.jsonl</c>: a logged training step. File keys are these names in snake_case.</summary>
public sealed record LogEntry
{
    /// <summary>Steps done, from 1.</summary>
    public required long Step { get; init; }

    /// <summary>Tokens trained on so far.</summary>
    public required long Tokens { get; init; }

    /// <summary>Training loss of this step's batch, nats per token; null when it was not finite.</summary>
    public required double? LossNats { get; init; }

    /// <summary>Learning rate of this step.</summary>
    public required double Lr { get; init; }

    /// <summary>Global gradient norm before clipping; null when it was not finite.</summary>
    public required double? GradNorm { get; init; }

    /// <summary>Seconds of training so far, evaluations and checkpoints left out, summed over attempts.</summary>
    public required double Seconds { get; init; }

    /// <summary>Tokens per second since the previous logged step.</summary>
    public required double TokensPerSecond { get; init; }

    /// <summary>FLOPs so far, from the measured count of a step; null when they were not measured.</summary>
    public required double? FlopsMeasured { get; init; }

    /// <summary>Energy so far in joules, summed over attempts; null where it was not measured, or not at this step. <see cref="DoneRecord.JoulesSource"/> says by what.</summary>
    public required double? Joules { get; init; }

    /// <summary>Power of the GPU's board at this step, W; left out where it was not measured.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? PowerWatts { get; init; }

    /// <summary>Temperature of the GPU, °C.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? TemperatureCelsius { get; init; }

    /// <summary>Clock of the GPU's multiprocessors, MHz.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? SmClockMhz { get; init; }

    /// <summary>Clock of the GPU's memory, MHz.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? MemoryClockMhz { get; init; }

    /// <summary>Share of the moments before in which a kernel ran on the GPU, percent.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? UtilisationPercent { get; init; }
}
