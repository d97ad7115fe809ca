using System.Text.Json.Serialization;
using ScalingLab.Core.Models;

namespace ScalingLab.Core.Runs;

/// <summary>Why a run ended.</summary>
public enum EndReason
{
    /// <summary>It trained on all its tokens.</summary>
    Completed,

    /// <summary>Its loss or gradient was not finite: no observation for a fit.</summary>
    Diverged,
}

/// <summary>Training FLOPs of a whole run under each convention; see <see cref="FlopCounts"/>.</summary>
public sealed record FlopTotals
{
    /// <summary>Counted at the dispatcher; null when the provider cannot.</summary>
    public required double? Measured { get; init; }

    /// <summary>Forward part of the measured count.</summary>
    public required double? MeasuredForward { get; init; }

    /// <summary>Backward part of the measured count.</summary>
    public required double? MeasuredBackward { get; init; }

    /// <summary><see cref="FlopCounts.MatrixProducts"/> × tokens.</summary>
    public required double MatrixProducts { get; init; }

    /// <summary><see cref="FlopCounts.SixN"/> × tokens.</summary>
    public required double SixNd { get; init; }

    /// <summary><see cref="FlopCounts.Kaplan"/> × tokens.</summary>
    public required double Kaplan { get; init; }

    /// <summary><see cref="FlopCounts.Palm"/> × tokens.</summary>
    public required double Palm { get; init; }

    /// <summary><see cref="FlopCounts.ChinchillaAppendixF"/> × tokens.</summary>
    public required double ChinchillaAppendixF { get; init; }
}

/// <summary><c>done.json</c>: published last, by rename; a run folder with it is finished.</summary>
public sealed record DoneRecord
{
    /// <summary>Format of this file.</summary>
    public string Schema { get; init; } = "scalinglab.done/1";

    /// <summary>Why it ended.</summary>
    public required EndReason Reason { get; init; }

    /// <summary>Last evaluation; null when there was none before a divergence.</summary>
    public required EvalEntry? FinalEvaluation { get; init; }

    /// <summary>Parameters by group.</summary>
    public required ParameterCounts Parameters { get; init; }

    /// <summary>Tokens trained on.</summary>
    public required long Tokens { get; init; }

    /// <summary>Distinct tokens among them.</summary>
    public required long UniqueTokens { get; init; }

    /// <summary>FLOPs by convention.</summary>
    public required FlopTotals Flops { get; init; }

    /// <summary>Seconds from start to end, summed over attempts.</summary>
    public required double WallSeconds { get; init; }

    /// <summary>Energy in joules, summed over attempts; null where it was not measured or cannot be laid to this run alone.</summary>
    public required double? Joules { get; init; }

    /// <summary>What the joules were read from: nvml-counter, rapl-package, or nvml-power-integral (power summed between samples, no counter); left out without joules.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? JoulesSource { get; init; }

    /// <summary>Why there are no joules; left out where there are.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? JoulesMissing { get; init; }

    /// <summary>Attempt that finished it, from 1.</summary>
    public required int Attempt { get; init; }
}
