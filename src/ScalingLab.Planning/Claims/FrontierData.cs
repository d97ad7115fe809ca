using ScalingLab.Planning.Frontier;

namespace ScalingLab.Planning.Claims;

/// <summary>Numbers that claims take from a table of models: <c>epoch.compute.growth</c>, <c>epoch.mfu.median</c> and others.</summary>
public sealed class FrontierData
{
    private const double NormalQuantile95 = 1.6448536269514722;
    private const int Resamples = 2000;
    private readonly ModelTable? table;
    private readonly Dictionary<string, double> values = [];

    /// <param name="table">Null when none is at hand: each number is then missing.</param>
    public FrontierData(ModelTable? table) => this.table = table;

    /// <summary>A number by its name; null when the name is none of these.</summary>
    /// <exception cref="MissingDataException">There is no table, or too few models in it.</exception>
    public Quantity? Find(string name)
    {
        if (!name.StartsWith("epoch.", StringComparison.Ordinal))
            return null;
        if (table is null)
            throw new MissingDataException("needs a table of trained models: --models epoch_notable_models.csv");
        string group = name.Split('.')[1];
        if (!values.Keys.Any(k => k.Split('.')[1] == group))
            Fill(group, table);
        return values.TryGetValue(name, out double value) ? value
            : values.Keys.Any(k => k.Split('.')[1] == group) ? null : throw new MissingDataException($"too few models in {table.Source} for {name}");
    }

    private void Fill(string group, ModelTable models)
    {
        var compute = FrontierQuantity.Compute;
        var frontier = compute.Usual with { Kind = SubsetKind.Frontier };
        switch (group)
        {
            case "compute":
                Trend(compute.Trend(models.Rows, compute.Usual, Resamples, 1));
                break;
            case "frontier":
                Trend(compute.Trend(models.Rows, frontier, Resamples, 1));
                break;
            case "duration":
                Trend(FrontierQuantity.Duration.Trend(models.Rows, FrontierQuantity.Duration.Usual, Resamples, 1));
                break;
            case "duration_all":
                Trend(FrontierQuantity.Duration.Trend(models.Rows, FrontierQuantity.Duration.Usual with { WithFineTuned = true }, Resamples, 1));
                break;
            case "split" when GrowthSplit.Of(models.Rows, frontier, 0, 1) is { } split:
                Add("chips", split.Share(split.Chips));
                Add("throughput", split.Share(split.Throughput));
                Add("duration", split.Share(split.Duration));
                Add("n", split.Compute.Count);
                break;
            case "mfu" when models.Rows.Select(r => r.Utilization).OfType<double>().Order().ToArray() is { Length: >= GrowthTrend.FewestPoints } sorted:
                Add("q1", Quantile(sorted, 0.25));
                Add("median", Quantile(sorted, 0.5));
                Add("q3", Quantile(sorted, 0.75));
                Add("n", sorted.Length);
                break;
            default:
                break;
        }

        void Trend(GrowthTrend? trend)
        {
            if (trend is null)
                return;
            var bySe = trend.GrowthByStandardError(NormalQuantile95);
            var boot = trend.GrowthInterval(0.95)!.Value;
            Add("growth", trend.Growth);
            Add("low90", bySe.Low);
            Add("high90", bySe.High);
            Add("low", boot.Low);
            Add("high", boot.High);
            Add("n", trend.Count);
        }

        void Add(string name, double value) => values[$"epoch.{group}.{name}"] = value;
    }

    private static double Quantile(double[] sorted, double share)
    {
        double position = share * (sorted.Length - 1);
        int below = (int)position;
        return below + 1 >= sorted.Length ? sorted[^1] : sorted[below] + (position - below) * (sorted[below + 1] - sorted[below]);
    }
}
