using ScalingLab.Laws.IsoFlop;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Laws.Envelope;

/// <summary>Why there are no power laws through an envelope.</summary>
public enum EnvelopeRefusal
{
    /// <summary>Fewer than three runs were observed at two costs or more: there are no curves to compare.</summary>
    TooFewCurves,

    /// <summary>Fewer than three sizes: whichever is best may be so for want of smaller and larger ones.</summary>
    TooFewSizes,

    /// <summary>The envelope rests on fewer than three sizes.</summary>
    TooFewOnEnvelope,
}

/// <summary>Approach 1 of Hoffmann et al. 2022 (arXiv:2203.15556, Sec. 3.1): power laws of N and D along the lower envelope of loss against compute.</summary>
public sealed record EnvelopeFit
{
    /// <summary>How the envelope was drawn.</summary>
    public required EnvelopeKind Kind { get; init; }

    /// <summary>Runs with curves, or for the hull all runs.</summary>
    public required int Runs { get; init; }

    /// <summary>The envelope, ascending in C; budgets whose best run is the smallest or largest are not in it (minimum only).</summary>
    public required IReadOnlyList<EnvelopePoint> Points { get; init; }

    /// <summary>Share of budgets whose best run was the smallest or the largest of those that passed it; 0 for the hull.</summary>
    public required double EdgeShare { get; init; }

    /// <summary>Why there are no power laws; null when there are.</summary>
    public required EnvelopeRefusal? Refusal { get; init; }

    /// <summary>N ∝ C^a along the envelope; null when refused.</summary>
    public required PowerLaw? OptimalParameters { get; init; }

    /// <summary>D ∝ C^b along the envelope; null when refused.</summary>
    public required PowerLaw? OptimalTokens { get; init; }

    /// <summary>N's power law in each resample that had one.</summary>
    public required IReadOnlyList<PowerLaw> ResampledParameters { get; init; }

    /// <summary>D's likewise.</summary>
    public required IReadOnlyList<PowerLaw> ResampledTokens { get; init; }

    /// <summary>Resamples without power laws.</summary>
    public required int Failed { get; init; }

    /// <summary>What was resampled; null without resamples.</summary>
    public required BootstrapKind? Resampled { get; init; }

    /// <summary>Time spent on resamples.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Distinct N on the envelope.</summary>
    public int Sizes => Points.Select(p => p.Parameters).Distinct().Count();

    /// <summary>The refusal in words; null when there is none.</summary>
    public string? Reason => Refusal switch
    {
        null => null,
        EnvelopeRefusal.TooFewCurves => $"needs three runs observed at two costs or more; {Runs} are",
        EnvelopeRefusal.TooFewSizes => "needs runs of three sizes",
        _ when Kind == EnvelopeKind.Hull => $"the envelope rests on {Named(Sizes)}; three are needed",
        _ => FormattableString.Invariant($"of the budgets that runs pass, {EdgeShare * 100:0} % have the smallest or the largest size as the best; the rest rest on {Named(Sizes)}, and three are needed"),
    };

    /// <summary>Interval of a; null without resamples.</summary>
    public Interval? ExponentNInterval(double level) => Interval.Percentile(ResampledParameters.Select(p => p.Exponent), level);

    /// <summary>Interval of b likewise.</summary>
    public Interval? ExponentDInterval(double level) => Interval.Percentile(ResampledTokens.Select(p => p.Exponent), level);

    /// <summary>Interval of N on the power law at a budget, likewise.</summary>
    public Interval? ParametersInterval(double flops, double level) => Interval.Percentile(ResampledParameters.Select(p => p.At(flops)), level);

    /// <summary>Interval of D likewise.</summary>
    public Interval? TokensInterval(double flops, double level) => Interval.Percentile(ResampledTokens.Select(p => p.At(flops)), level);

    private static string Named(int sizes) => sizes switch { 0 => "no size", 1 => "one size", _ => $"{sizes} sizes" };
}
