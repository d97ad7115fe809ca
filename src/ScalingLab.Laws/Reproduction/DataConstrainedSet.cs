using System.Text.Json;
using ScalingLab.Laws.Curves;
using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Reproduction;

/// <summary>Runs that repeat their data.</summary>
internal static class DataConstrainedSet
{
    private const double Refit = 1e-4;
    private const double R2Rounding = 1e-6; // Theirs predict in single precision.

    /// <summary>Muennighoff et al. 2023, arXiv:2305.16264: their minimum, and the lower one beside it.</summary>
    public static void Reproduce(PublishedSet set, List<ReproducedRow> rows, List<NotServed> missing)
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
            rows.Add(ReproducedRow.Objective("the published minimum, converged: objective", set.Number("refit_local_near_published", "objective"), basin.Objective));
            rows.Add(ReproducedRow.Value("the published minimum, converged: rd", set.Number("refit_local_near_published", "rd"), basin.Parameters[0], Refit));
            rows.Add(ReproducedRow.Value("the published minimum, converged: rn", set.Number("refit_local_near_published", "rn"), basin.Parameters[1], Refit));
            rows.Add(ReproducedRow.Value("rn as published, another minimum of ours", set.Number("published", "rn"), basin.Parameters[1], 2e-3, "theirs was not quite converged"));
        }
        if (set.Expected.TryGetProperty("seven_free_best_seen", out JsonElement free))
            rows.Add(ReproducedRow.Objective("all seven free: objective of the best refit seen", free.GetProperty("objective").GetDouble(), new CurveFitter(new DataConstrained(), set.Points("runs_182.csv"), Objective.Default).Fit().Value));
        Ablations(set, held, rows);
    }

    // One decay without the other, neither, and the geometric form, with R² on raw losses; an infinite rd or rn is no decay.
    private static void Ablations(PublishedSet set, Dictionary<string, double> held, List<ReproducedRow> rows)
    {
        var points = set.Points("runs_182.csv");
        var law = new DataConstrained();
        double[] At(double rd, double rn) => [rd, rn, held["A"], held["B"], held["E"], held["alpha"], held["beta"]];
        CurveFit Without(LossCurve curve, string? decay) => new CurveFitter(curve, points, Objective.Default, decay is null ? held : new Dictionary<string, double>(held) { [decay] = DataConstrained.LargestDecay }).Fit();
        rows.Add(ReproducedRow.Value("neither decays: R2", set.Expected.GetProperty("plain_r2").GetDouble(), R2(law, At(DataConstrained.LargestDecay, DataConstrained.LargestDecay), points), R2Rounding));
        rows.Add(ReproducedRow.Value("rd and rn as published: R2", set.Number("published", "r2"), R2(law, At(set.Number("published", "rd"), set.Number("published", "rn")), points), R2Rounding));
        rows.Add(ReproducedRow.Value("rd and rn of the lowest refit: R2", set.Number("refit_global", "r2"), R2(law, At(set.Number("refit_global", "rd"), set.Number("refit_global", "rn")), points), R2Rounding));

        var data = Without(law, "rn");
        rows.Add(ReproducedRow.Objective("only tokens decay: objective as published", set.Number("published_data_only", "objective"), data.Value));
        rows.Add(ReproducedRow.Objective("only tokens decay: objective of a converged refit", set.Number("refit_data_only", "objective"), data.Value));
        rows.Add(ReproducedRow.Value("only tokens decay: rd of that refit", set.Number("refit_data_only", "rd"), data.Parameters[0], Refit));
        rows.Add(ReproducedRow.Value("only tokens decay: R2 at the published rd", set.Number("published_data_only", "r2"), R2(law, At(set.Number("published_data_only", "rd"), DataConstrained.LargestDecay), points), R2Rounding));

        var parameters = Without(law, "rd");
        rows.Add(ReproducedRow.Objective("only parameters decay: objective of a converged refit", set.Number("refit_param_only", "objective"), parameters.Value));
        rows.Add(ReproducedRow.Value("only parameters decay: rn of that refit", set.Number("refit_param_only", "rn"), parameters.Parameters[1], Refit));
        rows.Add(ReproducedRow.Value("only parameters decay: R2", set.Number("refit_param_only", "r2"), R2(law, parameters.Parameters, points), 1e-6));

        var geometric = Without(new DataConstrainedGeometric(), null);
        rows.Add(ReproducedRow.Objective("geometric form: objective as published", set.Number("published_geometric", "objective"), geometric.Value));
        rows.Add(ReproducedRow.Objective("geometric form: objective of a converged refit", set.Number("refit_geometric", "objective"), geometric.Value));
        rows.Add(ReproducedRow.Value("geometric form: es of that refit", set.Number("refit_geometric", "es"), geometric.Parameters[0], Refit));
        rows.Add(ReproducedRow.Value("geometric form: ns of that refit", set.Number("refit_geometric", "ns"), geometric.Parameters[1], Refit));
        rows.Add(ReproducedRow.Value("geometric form: R2 at the published es and ns", set.Number("published_geometric", "r2"), R2(geometric.Curve, At(set.Number("published_geometric", "es"), set.Number("published_geometric", "ns")), points), R2Rounding));

        foreach (JsonElement check in set.Element("check_values").EnumerateArray())
        {
            double Number(string name) => check.GetProperty(name).GetDouble();
            rows.Add(ReproducedRow.Value(FormattableString.Invariant($"loss at N {Number("N")}, D {Number("D")}, U {Number("U")}"), Number("L"),
                law.Loss(new Setting(Number("N"), Number("D"), 0, Number("U")), At(set.Number("published", "rd"), set.Number("published", "rn"))), 1e-9));
        }
    }

    // 1 − Σ(L − L̂)²/Σ(L − mean)².
    private static double R2(LossCurve curve, IReadOnlyList<double> parameters, FitPoints points)
    {
        double mean = points.Loss.Average();
        return 1 - CurveFitter.ValueOf(curve, parameters, points, Objective.Parse("mse")) / points.Loss.Sum(l => (l - mean) * (l - mean));
    }
}
