using System.Text.Json;
using ScalingLab.Laws.Envelope;
using ScalingLab.Core.Units;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.IsoFlop;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Laws.Reproduction;

/// <summary>Data sets with fits of the Chinchilla law.</summary>
internal static class ChinchillaSets
{
    private const double Loose = 1e-3;  // Published optima that their authors' solvers had not quite reached.
    private const double Refit = 3e-5;  // Converged refits, printed to 8 digits or stopped at 1e-8 of the objective.
    private const double Median = 1e-9; // The level of an interval that has shrunk to it.
    private const string OtherNumbers = "other random numbers";
    private const double Printed = 1e-2; // Three or two digits.
    private const double Spread = 0.06; // Standard errors from other random resamples: 1.1 % sampling error for normal values, more for the long tails of A and B.

    /// <summary>Besiroglu et al. 2024, arXiv:2404.10102: 240 of the runs of Hoffmann et al. 2022, read from a figure.</summary>
    public static void Epoch(PublishedSet set, List<ReproducedRow> rows, List<NotServed> missing)
    {
        var points = set.Points("runs.csv", where: "in_fit=1");
        var notebook = set.Element("published", "notebook_grid");
        var fit = Fit(points, "log-huber:1e-3");
        rows.Add(ReproducedRow.Objective("notebook, log-Huber 1e-3: objective", notebook.GetProperty("objective").GetDouble(), fit.Value));
        rows.AddRange(Parameters("notebook, log-Huber 1e-3", notebook, fit.Law, Loose));
        var absolute = Fit(points, "log-l1");
        rows.AddRange(Parameters("paper, in effect log-L1", set.Element("published", "paper"), absolute.Law, Refit));
        var likelihood = set.Element("published", "loglik");
        rows.Add(ReproducedRow.Value("ln likelihood of the refit", likelihood.GetProperty("fit").GetDouble(), Likelihood.Log(absolute.Objective, absolute.Value, points.Count), 1e-6));
        var rounded = new ChinchillaLaw(1.69, 406.4, 410.7, 0.34, 0.28); // Hoffmann et al. 2022, Eq. 10
        rows.Add(ReproducedRow.Value("ln likelihood of Hoffmann's rounded constants", likelihood.GetProperty("hoffmann_rounded").GetDouble(),
            Likelihood.Log(absolute.Objective, ChinchillaFitter.ValueOf(rounded, points, absolute.Objective), points.Count), 1e-5));
        var unrounded = new ChinchillaLaw(Math.Exp(0.5267228), Math.Exp(6.0073404), Math.Exp(6.0179186), 0.33917084, 0.2849083); // The source of Hoffmann et al. 2022, as Besiroglu et al. quote it.
        rows.Add(ReproducedRow.Value("ln likelihood of Hoffmann's unrounded constants", likelihood.GetProperty("hoffmann_unrounded").GetDouble(),
            Likelihood.Log(absolute.Objective, ChinchillaFitter.ValueOf(unrounded, points, absolute.Objective), points.Count), 1e-5));
        foreach ((string key, string objective) in new[] { ("log_huber_1e3", "log-huber:1e-3"), ("log_huber_1e2", "log-huber:1e-2"), ("log_huber_1e4", "log-huber:1e-4"), ("log_L1", "log-l1"), ("log_mse", "log-mse"), ("raw_mse", "mse") })
            rows.AddRange(Converged($"converged refit, {objective}", set.Element("refit", key), Fit(points, objective)));
        rows.AddRange(Converged("converged refit, all 245 runs", set.Element("refit", "all_245_log_huber_1e3"), Fit(set.Points("runs.csv"), "log-huber:1e-3")));

        var options = new ChinchillaFitOptions();
        var resamples = ChinchillaBootstrap.Run(points, fit, options, new BootstrapOptions { Kind = BootstrapKind.Case, Resamples = 4000 });
        foreach (string name in ChinchillaLaw.ParameterNames)
            rows.Add(ReproducedRow.Value($"bootstrap of 4000: standard error of {name}", set.Number("published", "bootstrap_4000", "se", name), resamples.StandardError(l => l.Parameter(name)) ?? 0, name == "B" ? 2 * Spread : Spread));
        rows.Add(ReproducedRow.Value("bootstrap of 4000: standard error of the exponent of N", set.Number("published", "bootstrap_4000", "se", "a"), resamples.StandardError(l => l.ExponentN) ?? 0, Spread));
        rows.AddRange(Bootstrap("bootstrap of 4000", set.Element("published", "bootstrap_4000"), resamples));
        rows.AddRange(Bootstrap("bootstrap of 4000, converged", set.Element("refit", "bootstrap_4000_converged"), resamples));
        rows.Add(ReproducedRow.Value("exponent of N, log-huber:1e-3", set.Number("refit", "log_huber_1e3", "a"), fit.Law.ExponentN, Refit));
        CurveSets.TiedOnChinchillaRuns(set, points, rows);
        CurveSets.KaplanOnChinchillaRuns(set, points, rows);
    }

    /// <summary>kyo-takano/chinchilla: the lower envelope of another reading of that figure.</summary>
    public static void KyoTakano(PublishedSet set, List<ReproducedRow> rows, List<NotServed> missing)
    {
        var points = set.Points("runs.csv");
        var fit = Fit(points, "asymmetric:10");
        foreach ((string name, string key) in new[] { ("notebook", "published_notebook"), ("readme", "published_readme"), ("linear programme", "refit_global") })
            rows.Add(ReproducedRow.Objective($"{name}, asymmetric 10: objective", set.Number(key, "objective"), fit.Value));
        rows.AddRange(Parameters("notebook, asymmetric 10", set.Element("published_notebook"), fit.Law, Loose));
        rows.AddRange(Parameters("readme, asymmetric 10", set.Element("published_readme"), fit.Law, Printed));
        rows.AddRange(Parameters("linear programme, asymmetric 10", set.Element("refit_global"), fit.Law, Loose));
        rows.AddRange(Converged("converged refit, log-huber:1e-3", set.Element("refit_log_huber_1e3"), Fit(points, "log-huber:1e-3")));
        var best = fit.Law.ComputeOptimal(new Flops(set.Number("allocation_published", "C")));
        rows.Add(ReproducedRow.Value("best N at 1e24 FLOPs", set.Number("allocation_published", "N"), best.Parameters, Printed));
        rows.Add(ReproducedRow.Value("best D at 1e24 FLOPs", set.Number("allocation_published", "D"), best.Tokens, 5 * Printed, "printed as 1.0e12"));
    }

    /// <summary>McLeish et al. 2025, arXiv:2502.06857.</summary>
    public static void Gemstones(PublishedSet set, List<ReproducedRow> rows, List<NotServed> missing)
    {
        foreach (JsonElement fit in set.Element("approach3").EnumerateArray())
        {
            bool without = fit.GetProperty("no_embeds").GetBoolean();
            double delta = fit.GetProperty("delta").GetDouble();
            var ours = ChinchillaFitter.Fit(set.Points("runs.csv", without ? "params=N_no_embed" : "params=N"), new ChinchillaFitOptions { Objective = new(ResidualScale.Log, Penalty.Huber, delta) });
            string name = FormattableString.Invariant($"approach 3, {(without ? "without" : "with")} embeddings, delta {delta}");
            rows.Add(ReproducedRow.Objective($"{name}: objective", fit.GetProperty("pub_obj").GetDouble(), ours.Value));
            rows.Add(ReproducedRow.Objective($"{name}: objective of a converged refit", fit.GetProperty("my_obj").GetDouble(), ours.Value));
            double[] refit = [.. fit.GetProperty("my").EnumerateArray().Select(v => v.GetDouble())]; // a, b, e, alpha, beta
            double[] logs = [Math.Log(ours.Law.A), Math.Log(ours.Law.B), Math.Log(ours.Law.E), ours.Law.Alpha, ours.Law.Beta];
            string[] names = ["ln A", "ln B", "ln E", "alpha", "beta"];
            rows.AddRange(names.Select((n, i) => ReproducedRow.Value($"{name}: {n} of that refit", refit[i], logs[i], Loose)));
            if (delta >= 1e-3) // With the smaller delta theirs had not converged: the objectives tell.
                rows.AddRange(fit.GetProperty("pub").EnumerateArray().Select((v, i) => ReproducedRow.Value($"{name}: {names[i]} as published", v.GetDouble(), logs[i], Loose)));
        }
        if (set.Expected.TryGetProperty("approach1", out JsonElement hull))
            Hull(set, hull, rows);
        if (set.Expected.TryGetProperty("four_term", out _))
            CurveSets.FourTerms(set, rows);
    }

    private static void Hull(PublishedSet set, JsonElement expected, List<ReproducedRow> rows)
    {
        var fit = EnvelopeFitter.Fit(set.Points("runs.csv"), new EnvelopeOptions { Kind = EnvelopeKind.Hull, Bootstrap = new BootstrapOptions { Resamples = 0 } });
        foreach ((string key, PowerLaw? law) in new[] { ("params", fit.OptimalParameters), ("tokens", fit.OptimalTokens) })
        {
            if (law is not { } ours || !expected.TryGetProperty(key, out JsonElement published))
                continue;
            rows.Add(ReproducedRow.Value($"approach 1, hull: exponent of {key}", published.GetProperty("exponent").GetDouble(), ours.Exponent, 1e-12));
            rows.Add(ReproducedRow.Value($"approach 1, hull: ln coefficient of {key}", published.GetProperty("ln_intercept").GetDouble(), Math.Log(ours.Coefficient), 1e-12));
        }
    }

    // Ends and medians of other resamples are equal within a share of the interval's width; standard errors within that share of themselves.
    private static IEnumerable<ReproducedRow> Bootstrap(string name, JsonElement expected, ChinchillaResamples resamples)
    {
        foreach (string parameter in ChinchillaLaw.ParameterNames)
        {
            JsonElement published = expected.GetProperty("ci95").GetProperty(parameter);
            double width = published[1].GetDouble() - published[0].GetDouble();
            if (resamples.Interval(l => l.Parameter(parameter), 0.95) is not { } interval)
                continue;
            yield return Near($"{name}: low end of {parameter}", published[0], interval.Low, width);
            yield return Near($"{name}: high end of {parameter}", published[1], interval.High, width);
            if (!expected.TryGetProperty("median", out JsonElement median))
                continue;
            yield return Near($"{name}: median of {parameter}", median.GetProperty(parameter), resamples.Interval(l => l.Parameter(parameter), Median)!.Value.Low, width);
            yield return ReproducedRow.Value($"{name}: standard error of {parameter}", expected.GetProperty("se").GetProperty(parameter).GetDouble(), resamples.StandardError(l => l.Parameter(parameter)) ?? 0, parameter == "B" ? 2 * Spread : Spread, OtherNumbers);
        }
        if (!expected.TryGetProperty("a", out JsonElement exponent))
            yield break;
        yield return ReproducedRow.Value($"{name}: standard error of the exponent of N", exponent.GetProperty("se").GetDouble(), resamples.StandardError(l => l.ExponentN) ?? 0, Spread, OtherNumbers);
        foreach ((string key, double level) in new[] { ("ci80", 0.8), ("ci95", 0.95) })
        {
            JsonElement ends = exponent.GetProperty(key);
            double width = ends[1].GetDouble() - ends[0].GetDouble();
            if (resamples.Interval(l => l.ExponentN, level) is not { } interval)
                continue;
            yield return Near($"{name}: low end of the exponent of N, {level * 100:0} %", ends[0], interval.Low, width);
            yield return Near($"{name}: high end of the exponent of N, {level * 100:0} %", ends[1], interval.High, width);
        }
    }

    private static ReproducedRow Near(string name, JsonElement published, double ours, double width) =>
        ReproducedRow.Value(name, published.GetDouble(), ours, Spread * width / published.GetDouble(), OtherNumbers);

    private static ChinchillaFit Fit(FitPoints points, string objective) => ChinchillaFitter.Fit(points, new ChinchillaFitOptions { Objective = Objective.Parse(objective) });

    private static IEnumerable<ReproducedRow> Converged(string name, JsonElement expected, ChinchillaFit fit)
    {
        double value = (expected.TryGetProperty("objective", out var objective) ? objective : expected.GetProperty("sse")).GetDouble();
        return [ReproducedRow.Objective($"{name}: objective", value, fit.Value), .. Parameters(name, expected, fit.Law, Refit)];
    }

    private static IEnumerable<ReproducedRow> Parameters(string name, JsonElement expected, ChinchillaLaw law, double tolerance) =>
        ChinchillaLaw.ParameterNames.Select(p => ReproducedRow.Value($"{name}: {p}", expected.GetProperty(p).GetDouble(), law.Parameter(p), tolerance));
}
