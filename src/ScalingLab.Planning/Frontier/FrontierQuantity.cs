namespace ScalingLab.Planning.Frontier;

/// <summary>A quantity of trained models whose growth is measured.</summary>
/// <param name="Name">In documents.</param>
/// <param name="Unit">Of <paramref name="Of"/>.</param>
/// <param name="Of">Its value for a model.</param>
/// <param name="Usual">Subset that the published growth figures use, and the default.</param>
public sealed record FrontierQuantity(string Name, string Unit, Func<TrainedModel, double?> Of, ModelSubset Usual)
{
    /// <summary>First year of the trends; the published fits start with deep learning.</summary>
    public const double DeepLearning = 2010;

    // Before 2015 only one frontier model has a cost estimate.
    private const double FirstCosts = 2015;

    /// <summary>Training compute, all models since 2010.</summary>
    public static readonly FrontierQuantity Compute = new("compute", "FLOP", m => m.Flops, new(SubsetKind.All, DeepLearning));

    /// <summary>Wall-clock time; fine-tuned models left out, since theirs is the time of a last step only.</summary>
    public static readonly FrontierQuantity Duration = new("duration", "h", m => m.Hours, new(SubsetKind.All, DeepLearning, WithFineTuned: false));

    /// <summary>Amortised hardware and energy of frontier models, 2023 USD.</summary>
    public static readonly FrontierQuantity Cost = new("cost", "USD", m => m.Usd, new(SubsetKind.Frontier, FirstCosts));

    /// <summary>Power of the cluster of frontier models.</summary>
    public static readonly FrontierQuantity Power = new("power", "W", m => m.Watts, new(SubsetKind.Frontier, DeepLearning));

    /// <summary>Energy of a run of a frontier model.</summary>
    public static readonly FrontierQuantity Energy = new("energy", "Wh", m => m.WattHours, new(SubsetKind.Frontier, DeepLearning));

    /// <summary>Training sets of language models, the ten largest at each date.</summary>
    public static readonly FrontierQuantity Tokens = new("tokens", "token", m => m.Tokens, new(SubsetKind.RunningTop, DeepLearning, Top: 10, Domain: "Language"));

    /// <summary>All, in the order of tables.</summary>
    public static readonly IReadOnlyList<FrontierQuantity> All = [Compute, Duration, Cost, Power, Energy, Tokens];

    /// <summary>The trend through a subset; null when it has too few models.</summary>
    public GrowthTrend? Trend(IReadOnlyList<TrainedModel> rows, ModelSubset subset, int resamples, long seed)
    {
        var chosen = subset.Of(rows, Of);
        return GrowthTrend.Through([.. chosen.Select(m => m.Year)], [.. chosen.Select(m => Math.Log(Of(m)!.Value))], resamples, seed);
    }
}
