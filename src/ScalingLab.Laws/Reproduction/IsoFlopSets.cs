using ScalingLab.Core.Runs;
using ScalingLab.Core.Tables;
using ScalingLab.Core.Units;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.IsoFlop;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Laws.Reproduction;

/// <summary>Data sets with isoFLOP optima.</summary>
internal static class IsoFlopSets
{
    private const double Noise = 0.002; // Porian et al. 2024: standard deviation of the loss between seeds, RefinedWeb.
    private const double LargerNoise = 0.01; // Likewise, OpenWebText2.

    /// <summary>Porian et al. 2024, arXiv:2406.19146.</summary>
    public static void Porian(PublishedSet set, List<ReproducedRow> rows, List<NotServed> missing)
    {
        ObservationTable optima = set.Table("optima.csv", "params=N_opt,tokens=D_opt,flops=C,loss=loss_opt");
        double[] flops = [.. optima.Rows.Select(r => r.Flops!.Value)], parameters = [.. optima.Rows.Select(r => r.ParametersTotal!.Value)];
        int spread = optima.ExtraColumns.ToList().IndexOf("N_opt_log_std");
        double[] weights = [.. optima.Extras.Select(e => 1 / Math.Pow(PublishedSet.Parse(e[spread]), 2))];
        var weighted = PowerLaw.Through(flops, parameters, weights);
        rows.Add(ReproducedRow.Value("their optima, weighted: exponent of N", set.Number("published", "N_exponent_weighted"), weighted.Exponent, 1e-5));
        rows.Add(ReproducedRow.Value("their optima, unweighted: exponent of N", set.Number("published", "N_exponent_unweighted"), PowerLaw.Through(flops, parameters).Exponent, 1e-5));
        rows.Add(ReproducedRow.Value("their optima, weighted: coefficient of N", set.Number("published", "N_coef_weighted"), weighted.Coefficient, 1e-3));

        rows.Add(ReproducedRow.Value("their optima, unweighted: coefficient of N", set.Number("published", "N_coef_unweighted"), PowerLaw.Through(flops, parameters).Coefficient, 1e-3));
        double[] tokens = [.. optima.Rows.Select(r => r.Tokens!.Value)];
        int tokenSpread = optima.ExtraColumns.ToList().IndexOf("D_opt_log_std");
        rows.Add(ReproducedRow.Value("their optima, weighted: exponent of D", set.Number("published", "D_exponent_weighted"), PowerLaw.Through(flops, tokens, [.. optima.Extras.Select(e => 1 / Math.Pow(PublishedSet.Parse(e[tokenSpread]), 2))]).Exponent, 1e-5));
        rows.Add(ReproducedRow.Value("their optima: R2 of ln N under the weighted law", set.Number("published", "r2_unweighted_score"), R2(parameters, [.. flops.Select(weighted.At)]), 1e-6));

        double noise = set.Name.StartsWith("porian-owt2", StringComparison.Ordinal) ? LargerNoise : Noise;
        var fit = IsoFlopFitter.Fit(set.Points("isoflop_points.csv"), new IsoFlopOptions { Curve = Curve.Akima, Bootstrap = new BootstrapOptions { NoiseSd = noise } });
        if (fit.OptimalParameters is not { } law)
            return;
        rows.Add(ReproducedRow.Value("their profiles, Akima without noise: exponent of N", set.Number("refit", "N_exponent_unweighted_noiseless_akima"), law.Exponent, 1e-9));
        if (IsoFlopFitter.Fit(set.Points("isoflop_points.csv"), new IsoFlopOptions { Curve = Curve.Parabola, Bootstrap = new BootstrapOptions { Resamples = 0 } }) is { OptimalParameters: { } parabola } all)
        {
            int refused = all.Profiles.Count(p => p.Refusal is not null);
            double published = set.Number("refit", "parabola_all_points_logN");
            rows.Add(refused == 0 ? ReproducedRow.Value("their profiles, one parabola a budget over all sizes: exponent of N", published, parabola.Exponent, 1e-6)
                : new ReproducedRow("their profiles, one parabola a budget over all sizes: exponent of N", published, null, 1e-6, Verdict.Refused, $"{refused} of {all.Profiles.Count} budgets have no interior minimum, and are not extrapolated"));
        }
        rows.Add(ReproducedRow.Value("their profiles, Akima: exponent of N as published", set.Number("published", "N_exponent_weighted"), law.Exponent, 0.005, "ours is unweighted"));
        if (fit.ExponentNInterval(0.95) is { } interval)
        {
            rows.Add(ReproducedRow.Value("95 % interval under seed noise: low end", set.Element("published", "ci95_exponent")[0].GetDouble(), interval.Low, 0.01, "other random numbers; ours is unweighted"));
            rows.Add(ReproducedRow.Value("95 % interval under seed noise: high end", set.Element("published", "ci95_exponent")[1].GetDouble(), interval.High, 0.01, "other random numbers; ours is unweighted"));
        }
        CurveSets.LossAtOptimum(set, rows);
    }

    /// <summary>The exact bias of Approach 2 on surfaces without noise: 5 budgets from 1e17 to 1e21 with 15 sizes each.</summary>
    public static void Bias(PublishedSet set, List<ReproducedRow> rows, List<NotServed> missing)
    {
        double worst = 0;
        foreach (var row in set.Rows("expected.csv"))
        {
            double Value(string name) => PublishedSet.Parse(row[name]);
            var law = new ChinchillaLaw(Value("E"), Value("A"), Value("B"), Value("alpha"), Value("beta"));
            var points = Surface(law, Value("k"), row["offset"].StartsWith("3x", StringComparison.Ordinal) ? 3 : 1);
            var exact = ChinchillaFitter.Fit(points).Law;
            worst = Math.Max(worst, ChinchillaLaw.ParameterNames.Max(n => Math.Abs(exact.Parameter(n) / law.Parameter(n) - 1)));
            string surface = $"{row["surface"]}, {row["grid"]}, offset {row["offset"]}: biased", name = $"{surface} exponent of D";
            var fit = IsoFlopFitter.Fit(points, new IsoFlopOptions { Bootstrap = new BootstrapOptions { Resamples = 0 } });
            int refused = fit.Profiles.Count(p => p.Refusal is not null);
            if (refused == 0 && fit.OptimalTokens is { } tokens)
            {
                rows.Add(ReproducedRow.Value($"{surface} intercept of log10 D", Value("b0_fit"), Math.Log10(tokens.Coefficient), 1e-7));
                rows.Add(ReproducedRow.Value($"{surface} D at 1e24 FLOPs", Value("D_fit_1e24"), tokens.At(1e24), 1e-8));
            }
            rows.Add(refused == 0
                ? ReproducedRow.Value(name, Value("b_fit"), fit.OptimalTokens!.Value.Exponent, 1e-8)
                : new ReproducedRow(name, Value("b_fit"), null, 1e-8, Verdict.Refused, $"{refused} of {fit.Profiles.Count} budgets have no interior minimum, and are not extrapolated"));
        }
        rows.Add(new ReproducedRow("approach 3 on the same surfaces: largest relative error of a parameter", 0, worst, 1e-8, worst <= 1e-8 ? Verdict.Reproduced : Verdict.Off, "the tolerance is absolute"));
    }

    // Of logarithms, 1 − Σ(y − ŷ)²/Σ(y − mean)².
    private static double R2(double[] values, double[] predicted)
    {
        double mean = values.Average(v => Math.Log(v));
        return 1 - values.Zip(predicted, (v, p) => Math.Pow(Math.Log(v / p), 2)).Sum() / values.Sum(v => Math.Pow(Math.Log(v) - mean, 2));
    }

    private static FitPoints Surface(ChinchillaLaw law, double width, double drift)
    {
        var rows = new List<Observation>();
        for (int i = 0; i < 5; i++)
        {
            double c = Math.Pow(10, 17 + i), centre = law.ComputeOptimal(new Flops(c)).Tokens * Math.Pow(drift, i / 4.0);
            for (int j = 0; j < 15; j++)
            {
                double d = centre * Math.Pow(width, -1 + j / 7.0), n = c / (6 * d);
                rows.Add(new Observation { Run = $"{i}-{j}", ParametersTotal = n, Tokens = d, Flops = c, Loss = law.Loss(n, d).Value });
            }
        }
        return FitPoints.From(rows);
    }
}
