using System.Globalization;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Planning.Frontier;

/// <summary>Which models a trend is drawn through.</summary>
/// <param name="Kind">All, those flagged as frontier by the source, or the running largest.</param>
/// <param name="Top">For the running largest: how many at a time.</param>
/// <param name="Since">First year.</param>
/// <param name="WithFineTuned">Whether models that start from another one count.</param>
/// <param name="Domain">Only models whose domain holds this word; null for all.</param>
public sealed record ModelSubset(SubsetKind Kind, double Since, int Top = 0, bool WithFineTuned = true, string? Domain = null)
{
    /// <summary>As the command line writes it: <c>all</c>, <c>frontier</c>, <c>top:10</c>.</summary>
    /// <exception cref="UserErrorException">None of these.</exception>
    public static (SubsetKind Kind, int Top) Parse(string text)
    {
        if (text.StartsWith("top:", StringComparison.Ordinal) && int.TryParse(text[4..], NumberStyles.None, CultureInfo.InvariantCulture, out int top) && top > 0)
            return (SubsetKind.RunningTop, top);
        return text switch
        {
            "all" => (SubsetKind.All, 0),
            "frontier" => (SubsetKind.Frontier, 0),
            _ => throw new UserErrorException(ExitCode.Usage, new Diagnostic("SL0141", $"--subset '{text}' is not known", Help: Suggestions.DidYouMean(text, ["all", "frontier", "top:10"]) ?? "available: all, frontier, top:K (the K largest at each date)")),
        };
    }

    /// <summary>In words.</summary>
    public string Name => (Kind switch { SubsetKind.All => "all models", SubsetKind.Frontier => "frontier models", _ => FormattableString.Invariant($"running top {Top}") })
        + (Domain is null ? "" : $", {Domain.ToLowerInvariant()}") + (WithFineTuned ? "" : ", without fine-tuned ones");

    /// <summary>The rows of it that have the quantity.</summary>
    /// <remarks>A model is in the running top K when fewer than K models of its date or earlier, of whatever year, exceed it.</remarks>
    public IReadOnlyList<TrainedModel> Of(IReadOnlyList<TrainedModel> rows, Func<TrainedModel, double?> quantity)
    {
        TrainedModel[] having = [.. rows.Where(r => quantity(r) is not null && (WithFineTuned || !r.FineTuned) && (Domain is null || r.Domain.Contains(Domain, StringComparison.OrdinalIgnoreCase)))];
        return [.. having.Where(r => r.Year >= Since && Kind switch
        {
            SubsetKind.All => true,
            SubsetKind.Frontier => r.Frontier,
            _ => having.Count(other => other.Year <= r.Year && quantity(other) > quantity(r)) < Top,
        })];
    }
}

/// <summary>See <see cref="ModelSubset"/>.</summary>
public enum SubsetKind
{
    /// <summary>Every model.</summary>
    All,

    /// <summary>Those that the source flags.</summary>
    Frontier,

    /// <summary>The K largest at each date.</summary>
    RunningTop,
}
