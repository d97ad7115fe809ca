using System.Globalization;
using System.Text.Json;
using ScalingLab.Planning.Frontier;
using ScalingLab.Plotting.Figures;

namespace ScalingLab.Plotting.Files;

/// <summary>Figures of what <c>plan</c> prints.</summary>
internal static class PlanFigures
{
    private const double Decades = 2; // to either side of the plan, at the same rates

    /// <summary>The price of a smaller model; null for a law without a loss surface.</summary>
    public static OverTrainingTradeOff? OverTraining(JsonElement plan)
    {
        if (PrintedDocument.Part(plan, "overTraining") is not { } rows)
            return null;
        TradeOffPoint[] points = [.. rows.EnumerateArray().Select(r => new TradeOffPoint(r.GetProperty("tokensPerParam").GetDouble(), r.GetProperty("lossPenalty").GetDouble(), PrintedDocument.Number(r, "flopsRatio"), PrintedDocument.Number(r, "breakEvenServedTokens")))];
        double optimum = rows.EnumerateArray().First(r => r.GetProperty("multiple").GetDouble() == 1).GetProperty("tokensPerParam").GetDouble();
        return new(points, optimum, plan.GetProperty("law").GetString() ?? "");
    }

    /// <summary>Cost and energy at the plan's rates, over computes around the plan's.</summary>
    public static CostAndEnergy Cost(JsonElement plan)
    {
        double flops = plan.GetProperty("flops").GetDouble();
        double usd = PrintedDocument.Number(plan, "rentalUsd") ?? PrintedDocument.Number(plan, "ownershipUsd") ?? plan.GetProperty("electricityUsd").GetDouble();
        string money = PrintedDocument.Number(plan, "rentalUsd") is not null ? "rental" : PrintedDocument.Number(plan, "ownershipUsd") is not null ? "ownership" : "electricity";
        double energy = plan.GetProperty("energyMwh").GetDouble();
        JsonElement? bands = PrintedDocument.Part(plan, "bands");
        (double Low, double High) Band(string name, double middle) => bands is { } b && PrintedDocument.Pair(b, name) is { } ends ? ends : (middle, middle);
        (double Low, double High) costs = Band(money + "Usd", usd), energies = Band("energyMwh", energy);
        CostPoint At(double factor) => new(flops * factor, (usd * factor, costs.Low * factor, costs.High * factor), (energy * factor, energies.Low * factor, energies.High * factor));
        string spread = bands is { } s && PrintedDocument.Part(s, "spreads") is { } text ? $" Bands: {text.GetString()}." : " No spread was given.";
        return new([.. Enumerable.Range(0, 33).Select(i => At(Math.Pow(10, -Decades + 2 * Decades * i / 32)))],
            string.Create(CultureInfo.InvariantCulture, $"{plan.GetProperty("accelerator").GetString()}, utilization {plan.GetProperty("utilization").GetDouble():0.###}, cost as {money}; costs are proportional to FLOPs at these rates.") + spread, At(1));
    }

    /// <summary>Counted coverage and the fitted laws.</summary>
    public static CoverageCurves Coverage(JsonElement plan)
    {
        if (PrintedDocument.Part(plan, "coverage") is not { } coverage)
            return new CoverageCurves([]);
        JsonElement[] rows = [.. coverage.GetProperty("rows").EnumerateArray()];
        (double K, double? Counted, double? Power, double? Beta)[] points = [.. rows.Select(r => (r.GetProperty("k").GetDouble(), PrintedDocument.Number(r, "unbiased"), PrintedDocument.Number(r, "power"), PrintedDocument.Number(r, "beta")))];
        var curves = new List<CoverageCurve>();
        (double, double)[] counted = [.. points.Where(p => p.Counted is not null).Select(p => (p.K, p.Counted!.Value))];
        Add("Beta mixture", counted, p => p.Beta);
        Add("exp(a k^b)", [], p => p.Power);
        return new CoverageCurves(curves);

        void Add(string name, (double, double)[] measured, Func<(double K, double? Counted, double? Power, double? Beta), double?> value)
        {
            (double K, double Value)[] fitted = [.. points.Where(p => value(p) is not null).Select(p => (p.K, value(p)!.Value))];
            if (fitted.Length > 1)
                curves.Add(new(name, measured, Joined(fitted), (fitted[0].K, fitted[^1].K)));
        }
    }

    /// <summary>Growth of each quantity, with the models where the table can still be read.</summary>
    public static IReadOnlyList<Figure> Frontier(JsonElement plan)
    {
        string source = plan.GetProperty("source").GetString()!;
        IReadOnlyList<TrainedModel> models = File.Exists(source) ? ModelTable.Read(source).Rows : [];
        var figures = new List<Figure>();
        foreach (JsonProperty quantity in plan.GetProperty("growthPerYear").EnumerateObject().Where(q => q.Value.ValueKind == JsonValueKind.Object))
        {
            FrontierQuantity known = FrontierQuantity.All.First(q => q.Name == quantity.Name);
            double since = quantity.Value.GetProperty("since").GetDouble();
            (double low, double high) = PrintedDocument.Pair(quantity.Value, "interval") ?? throw new FormatException("no interval");
            HashSet<TrainedModel> subset = [.. quantity.Value.GetProperty("subset").GetString() == known.Usual.Name && since == known.Usual.Since ? known.Usual.Of(models, known.Of) : models.Where(m => m.Year >= since)];
            FrontierPoint[] points = [.. models.Where(m => known.Of(m) is > 0).Select(m => new FrontierPoint(m.Name, m.Year, known.Of(m)!.Value, subset.Contains(m)))];
            double growth = quantity.Value.GetProperty("value").GetDouble();
            figures.Add(new FrontierGrowth(points, $"{char.ToUpperInvariant(known.Name[0])}{known.Name[1..]} ({known.Unit})", (growth, low, high), Math.Log10(quantity.Value.GetProperty("at2020").GetDouble()), quantity.Name));
        }

        return figures;
    }

    /// <summary>Straight lines between points over ln k; NaN outside.</summary>
    private static Func<double, double> Joined(IReadOnlyList<(double K, double Value)> points) => k =>
    {
        for (int i = 1; i < points.Count; i++)
            if (k >= points[i - 1].K * (1 - 1e-12) && k <= points[i].K * (1 + 1e-12))
                return double.Lerp(points[i - 1].Value, points[i].Value, Math.Clamp(Math.Log(k / points[i - 1].K) / Math.Log(points[i].K / points[i - 1].K), 0, 1));
        return double.NaN;
    };
}
