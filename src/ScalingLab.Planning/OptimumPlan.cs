using System.Text.Json;
using System.Text.Json.Serialization;
using ScalingLab.Core.Units;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Planning;

/// <summary>Intervals of a plan over the law's resamples.</summary>
/// <param name="Level">Share of resamples between the ends.</param>
/// <param name="Params">N.</param>
/// <param name="Tokens">D.</param>
/// <param name="TokensPerParam">D/N.</param>
/// <param name="Loss">Loss; null when the law predicts none.</param>
public sealed record OptimumBands(double Level, double[] Params, double[] Tokens, double[] TokensPerParam, double[]? Loss);

/// <summary>What <c>plan optimum --json</c> prints: how to spend a budget.</summary>
public sealed record OptimumPlan
{
    /// <summary>Format.</summary>
    public string Schema { get; init; } = "scalinglab.plan.optimum/1";

    /// <summary>Name of the law or path of the fit.</summary>
    public required string Law { get; init; }

    /// <summary>Where its constants come from.</summary>
    public required string Source { get; init; }

    /// <summary>C.</summary>
    public required double Flops { get; init; }

    /// <summary>N.</summary>
    public required double Params { get; init; }

    /// <summary>D.</summary>
    public required double Tokens { get; init; }

    /// <summary>D/N.</summary>
    public required double TokensPerParam { get; init; }

    /// <summary>Predicted loss, nats per token; null when the law predicts none.</summary>
    public required double? Loss { get; init; }

    /// <summary>Bands; null for a law without resamples.</summary>
    public required OptimumBands? Bands { get; init; }

    /// <summary>What a reader should know.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>The plan for a budget.</summary>
    public static OptimumPlan For(PlanningLaw law, Flops budget)
    {
        var best = law.Optimum(budget);
        var resampled = law.Resampled(budget).Where(r => double.IsFinite(r.At.Parameters) && double.IsFinite(r.At.Tokens)).ToArray();
        return new OptimumPlan
        {
            Law = law.Name,
            Source = law.Source,
            Flops = budget.Count,
            Params = best.At.Parameters,
            Tokens = best.At.Tokens,
            TokensPerParam = best.At.TokensPerParameter,
            Loss = best.Loss,
            Bands = resampled.Length < 2 ? null : new(law.Level, Ends(r => r.At.Parameters)!, Ends(r => r.At.Tokens)!, Ends(r => r.At.TokensPerParameter)!, Ends(r => r.Loss ?? double.NaN)),
            Warnings = [.. law.Range.Beyond(best.At), .. resampled.Length < 2 ? ["this law carries no resamples: no bands"] : Array.Empty<string>()],
        };

        double[]? Ends(Func<PlanningLaw.Predicted, double> quantity) => Interval.Percentile(resampled.Select(quantity), law.Level) is { } i ? [i.Low, i.High] : null;
    }

    /// <summary>As JSON, indented.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, PlanJson.Default.OptimumPlan);
}

/// <summary>Serialisation generated at build time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(OptimumPlan))]
public sealed partial class PlanJson : JsonSerializerContext;
