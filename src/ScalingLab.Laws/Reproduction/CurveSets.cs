using System.Text.Json;
using ScalingLab.Laws.Curves;
using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Reproduction;

/// <summary>Data sets with laws other than Chinchilla's.</summary>
internal static class CurveSets
{
    private const double Refit = 1e-4;

    /// <summary>Kaplan's L(N, D) on the Chinchilla runs.</summary>
    public static void KaplanOnChinchillaRuns(PublishedSet set, FitPoints points, List<ReproducedRow> rows)
    {
        foreach ((string key, string value, string objective) in new[] { ("kaplan_LND_log_huber_1e3", "objective", "log-huber:1e-3"), ("kaplan_LND_log_mse", "sse", "log-mse") })
        {
            var fit = new CurveFitter(new KaplanJoint(), points, Objective.Parse(objective)).Fit();
            JsonElement expected = set.Element("refit", key);
            rows.Add(ReproducedRow.Objective($"Kaplan's L(N, D), {objective}: objective", expected.GetProperty(value).GetDouble(), fit.Value));
            foreach ((string name, int i) in new[] { ("Nc", 0), ("Dc", 1), ("aN", 2), ("aD", 3) })
                rows.Add(ReproducedRow.Value($"Kaplan's L(N, D), {objective}: {fit.Curve.Parameters[i].Name}", expected.GetProperty(name).GetDouble(), fit.Parameters[i], Refit));
        }
    }

    /// <summary>Muennighoff et al. 2023, arXiv:2305.16264: their minimum, and the lower one beside it.</summary>
    public static void DataConstrained(PublishedSet set, List<ReproducedRow> rows, List<NotServed> missing)
    {
        var held = new Dictionary<string, double>
        {
            ["A"] = Math.Exp(set.Number("fixed", "a")), ["B"] = Math.Exp(set.Number("fixed", "b")), ["E"] = Math.Exp(set.Number("fixed", "e")),
            ["alpha"] = set.Number("fixed", "alpha"), ["beta"] = set.Number("fixed", "beta"),
        };
        var fit = new CurveFitter(new DataConstrained(), set.Points("runs_182.csv"), Objective.Default, held).Fit();
        rows.Add(ReproducedRow.Objective("rd and rn free: objective as published", set.Number("published", "objective"), fit.Value));
        rows.Add(ReproducedRow.Objective("rd and rn free: objective of the lowest refit", set.Number("refit_global", "objective"), fit.Value));
        rows.Add(ReproducedRow.Value("rd of the lowest refit", set.Number("refit_global", "rd"), fit.Parameters[0], Refit));
        rows.Add(ReproducedRow.Value("rn of the lowest refit", set.Number("refit_global", "rn"), fit.Parameters[1], Refit));
        double rd = set.Number("published", "rd");
        if (fit.OtherBasins.MinBy(b => Math.Abs(b.Parameters[0] - rd)) is { } basin)
        {
            rows.Add(ReproducedRow.Value("rd as published, another minimum of ours", rd, basin.Parameters[0], 2e-3, "theirs was not quite converged"));
            rows.Add(ReproducedRow.Value("rn as published, another minimum of ours", set.Number("published", "rn"), basin.Parameters[1], 2e-3, "theirs was not quite converged"));
        }
        if (set.Expected.TryGetProperty("seven_free_best_seen", out JsonElement free))
            rows.Add(ReproducedRow.Objective("all seven free: objective of the best refit seen", free.GetProperty("objective").GetDouble(), new CurveFitter(new DataConstrained(), set.Points("runs_182.csv"), Objective.Default).Fit().Value));
        missing.Add(new("ablations and the geometric form", "only the two decays together are fitted"));
    }

    /// <summary>Porian et al. 2024, arXiv:2406.19146: the loss at their optima, E + A/C^α, least squares of the logarithm.</summary>
    public static void LossAtOptimum(PublishedSet set, List<ReproducedRow> rows)
    {
        if (!set.Element("published").TryGetProperty("L_of_C", out JsonElement published))
            return;
        var points = set.Points("optima.csv", "params=N_opt,tokens=D_opt,flops=C,loss=loss_opt", "C>1e16,C<5e17");
        var fit = new CurveFitter(new OffsetPower(Inputs.Flops), points, Objective.Parse("log-mse")).Fit();
        foreach ((string name, int i) in new[] { ("A", 0), ("E", 1), ("alpha", 2) })
            rows.Add(ReproducedRow.Value($"loss at their optima, E + A/C^alpha: {name}", published.GetProperty(name).GetDouble(), fit.Parameters[i], Refit));
    }
}
