using System.Text.Json;
using ScalingLab.Laws.Curves;
using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Reproduction;

/// <summary>Data sets with laws other than Chinchilla's.</summary>
internal static class CurveSets
{
    private const double Refit = 1e-4;
    private const double FourDigits = 1e-3; // Printed to four decimals, from refits stopped near 1e-6 of the objective.

    /// <summary>One exponent for N and D on the Chinchilla runs.</summary>
    public static void TiedOnChinchillaRuns(PublishedSet set, FitPoints points, List<ReproducedRow> rows)
    {
        var fit = new CurveFitter(new ChinchillaTied(), points, Objective.Default).Fit();
        JsonElement expected = set.Element("refit", "tied_log_huber_1e3");
        rows.Add(ReproducedRow.Objective("alpha = beta, log-huber:1e-3: objective", expected.GetProperty("objective").GetDouble(), fit.Value));
        rows.AddRange(fit.Curve.Parameters.Select((p, i) => ReproducedRow.Value($"alpha = beta, log-huber:1e-3: {p.Name}", expected.GetProperty(p.Name).GetDouble(), fit.Parameters[i], Refit)));
    }

    /// <summary>McLeish et al. 2025, arXiv:2502.06857: a sum over width, depth, N and D.</summary>
    public static void FourTerms(PublishedSet set, List<ReproducedRow> rows)
    {
        var law = new TermSum(["width", "depth", "params", "tokens"]);
        var points = law.Read(set.Table("runs.csv", "params=N"), ParameterCount.Total);
        foreach (JsonProperty published in set.Element("four_term").EnumerateObject())
        {
            double delta = PublishedSet.Parse(published.Name);
            var fit = new CurveFitter(law, points, new(ResidualScale.Log, Penalty.Huber, delta)).Fit();
            string name = FormattableString.Invariant($"width, depth, N and D, delta {delta}");
            rows.Add(ReproducedRow.Objective($"{name}: objective", published.Value.GetProperty("published_objective").GetDouble(), fit.Value));
            rows.Add(ReproducedRow.Objective($"{name}: objective of a converged refit", published.Value.GetProperty("refit_objective").GetDouble(), fit.Value));
            double[] exponents = [.. published.Value.GetProperty("exponents_width_depth_params_tokens").EnumerateArray().Select(v => v.GetDouble())];
            double[] logs = [.. published.Value.GetProperty("log_coefs").EnumerateArray().Select(v => v.GetDouble())];
            for (int i = 0; i < 4; i++)
            {
                rows.Add(ReproducedRow.Value($"{name}: exponent of {law.Terms[i]}", exponents[i], fit.Parameters[5 + i], FourDigits));
                rows.Add(ReproducedRow.Value($"{name}: ln coefficient of {law.Terms[i]}", logs[i], Math.Log(fit.Parameters[1 + i]), FourDigits));
            }
            rows.Add(ReproducedRow.Value($"{name}: ln E", published.Value.GetProperty("e").GetDouble(), Math.Log(fit.Parameters[0]), FourDigits));
        }
    }

    /// <summary>Gadre et al. 2024, arXiv:2403.08540: fitted to five small runs, foretells 1.4B and 6.9B at 20 tokens a parameter.</summary>
    public static void Overtraining(PublishedSet set, List<ReproducedRow> rows, List<NotServed> missing)
    {
        var table = set.Table("runs.csv", "loss=loss_c4_val,run=model");
        int multiplier = table.ExtraColumns.ToList().IndexOf("chinchilla_multiplier");
        var points = FitPoints.From(table.Rows, needed: new Overtraining().Inputs);
        double Multiple(int i) => PublishedSet.Parse(table.Extras[i][multiplier]);
        bool Held(int i) => table.Rows[i].Run.StartsWith("open_lm_", StringComparison.Ordinal);
        int[] small = [.. Enumerable.Range(0, points.Count).Where(i => !Held(i) && (Multiple(i) == 1 || (Multiple(i) == 16 && table.Rows[i].Run == "d=96_l=8_h=4")))];
        var fit = new CurveFitter(new Overtraining(), points.Subset(small), Objective.Parse("mse")).Fit();
        double eta = 2 * fit.Parameters[3]; // Theirs is the exponent of N and D, twice that of C.
        rows.Add(ReproducedRow.Objective("five small runs, mse: sum of squares", set.Number("refit", "rss"), fit.Value));
        rows.Add(ReproducedRow.Value("exponent of N and of D", set.Number("refit", "eta"), eta, Refit));
        rows.Add(ReproducedRow.Value("E", set.Number("refit", "E"), fit.Parameters[2], Refit));
        rows.Add(ReproducedRow.Value("coefficient of N", set.Number("refit", "al"), fit.Parameters[0] * Math.Pow(6, -eta / 2), Refit));
        rows.Add(ReproducedRow.Value("coefficient of D, times 6^(eta/2)", set.Number("refit", "be"), fit.Parameters[1], Refit));
        foreach (JsonProperty error in set.Element("refit", "rel_err").EnumerateObject())
        {
            string[] words = error.Name.Split(" M=");
            int held = Enumerable.Range(0, points.Count).Single(i => table.Rows[i].Run == words[0] && Math.Round(points.Tokens[i] / points.Parameters[i]) == PublishedSet.Parse(words[1]));
            rows.Add(ReproducedRow.Value($"relative error foretelling {error.Name}", PublishedSet.Parse(error.Value.GetString()!.TrimEnd('%')) / 100, Math.Abs(fit.Predict(points, held) / points.Loss[held] - 1), Refit));
        }
        missing.Add(new("downstream error against loss", "the data set holds losses only"));
    }

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
