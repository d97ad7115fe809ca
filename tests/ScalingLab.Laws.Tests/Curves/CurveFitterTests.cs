using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Runs;
using ScalingLab.Laws.Curves;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.Resampling;
using Xunit.Abstractions;

namespace ScalingLab.Laws.Tests.Curves;

public class CurveFitterTests(ITestOutputHelper output)
{
    /// <summary>Laws with the constants of their papers, as far as they have any.</summary>
    public static readonly TheoryData<string, double[]> Planted = new()
    {
        { "kaplan-n", [8.8e13, 0.076] },
        { "kaplan-d", [5.4e13, 0.095] },
        { "kaplan-c", [3.1e8 * 8.64e19, 0.05] },
        { "kaplan-nd", [6.4e13, 1.8e13, 0.076, 0.103] },
        { "power-n", [400, 1.7, 0.3] },
        { "power-d", [2000, 1.6, 0.35] },
        { "power-c", [1300, 2.0, 0.15] },
        { "data-constrained", [15.4, 5.3, 521, 1488, 1.87, 0.35, 0.37] },
        { "chinchilla-tied", [521, 1488, 1.87, 0.353] },
        { "kaplan-ns", [6.5e13, 0.077, 2.1e3, 0.76, 2e8, 0.21] },
        { "kaplan-ns-minimal", [6.5e13, 0.077, 2.1e3, 0.76] },
        { "overtraining", [140, 230, 1.5, 0.121] },
        { "broken-power", [0.4, 60, 0.08, 0.2, 3e19, 0.5] },
        { "sum", [1.83, 4.6, 0.83, 590, 113000, 0.36, 0.47, 0.4, 0.54] },
        { "sum-two", [1.8, 480, 2100, 0.35, 0.37] },
    };

    [Theory, MemberData(nameof(Planted))]
    public void Gradient_and_Hessian_agree_with_central_differences(string name, double[] parameters)
    {
        var curve = Curve(name);
        foreach (var scale in new[] { ResidualScale.Log, ResidualScale.Raw })
        {
            var problem = new CurveProblem(curve, Points(curve, parameters, 0.03), scale);
            problem.SetPenalty(0.05, 1.5);
            double[] at = [.. parameters.Select((p, i) => curve.Parameters[i].Variable(p) * 1.003)];
            int n = at.Length;
            (double[] gradient, double[] hessian) = Derivatives(problem, at);
            for (int i = 0; i < n; i++)
            {
                double h = 1e-5 * Math.Max(0.1, Math.Abs(at[i]));
                double[] up = [.. at], down = [.. at];
                up[i] += h;
                down[i] -= h;
                double slope = (problem.Value(up) - problem.Value(down)) / (2 * h);
                Assert.Equal(slope, gradient[i], tolerance: 1e-6 * Math.Max(1, gradient.Max(Math.Abs)));
                double[] above = Derivatives(problem, up).Gradient, below = Derivatives(problem, down).Gradient;
                for (int j = 0; j <= i; j++)
                    Assert.Equal((above[j] - below[j]) / (2 * h), hessian[i * n + j], tolerance: 2e-3 * Math.Max(1, hessian.Max(Math.Abs))); // A point may cross δ or a bend within h.
            }
        }
    }

    [Theory, MemberData(nameof(Planted))]
    public void A_law_without_noise_comes_back(string name, double[] parameters)
    {
        var curve = Curve(name);
        foreach (string objective in new[] { "log-huber:1e-3", "mse", "log-l1" })
        {
            var fit = new CurveFitter(curve, Points(curve, parameters, 0), Objective.Parse(objective)).Fit();
            output.WriteLine($"{objective}: {string.Join(", ", fit.Parameters)} {fit.Outcome} {fit.StartsAgreeing}/{fit.Starts} condition {fit.Condition:g2}");
            for (int i = 0; i < parameters.Length; i++)
                Assert.Equal(parameters[i], fit.Parameters[i], tolerance: 1e-5 * parameters[i]);
        }
    }

    /// <summary>Noise of 0.5 %: the exponent is right within 5 %.</summary>
    [Theory, InlineData("kaplan-n", 1), InlineData("kaplan-d", 1), InlineData("kaplan-c", 1), InlineData("kaplan-nd", 2)]
    public void Noise_moves_the_exponent_little(string name, int exponent)
    {
        double[] parameters = (double[])Planted.Single(p => (string)p[0] == name)[1];
        var curve = Curve(name);
        var fit = new CurveFitter(curve, Points(curve, parameters, 0.005), Objective.Default).Fit();
        Assert.Equal(parameters[exponent], fit.Parameters[exponent], tolerance: 0.05 * parameters[exponent]);
        Assert.True(fit.Outcome.Converged);
    }

    /// <summary>Kaplan's L(N, D) on the Chinchilla runs; values from an independent converged refit.</summary>
    [PublishedTheory]
    [InlineData("log-huber:1e-3", "kaplan_LND_log_huber_1e3", "objective")]
    [InlineData("log-mse", "kaplan_LND_log_mse", "sse")]
    public void Kaplans_joint_law_reaches_the_reference(string objective, string key, string value)
    {
        var points = PublishedData.Points("chinchilla-epoch/runs.csv", inFitOnly: true);
        var fit = new CurveFitter(new KaplanJoint(), points, Objective.Parse(objective)).Fit();
        var expected = PublishedData.Expected("chinchilla-epoch").GetProperty("refit").GetProperty(key);
        output.WriteLine($"{fit.Value:R} {expected.GetProperty(value).GetDouble():R} {string.Join(", ", fit.Parameters)} {fit.Outcome} {fit.StartsAgreeing}/{fit.Starts}");
        Assert.True(fit.Value <= expected.GetProperty(value).GetDouble() * (1 + 1e-8));
        foreach ((string name, int i) in new[] { ("Nc", 0), ("Dc", 1), ("aN", 2), ("aD", 3) })
            Assert.Equal(expected.GetProperty(name).GetDouble(), fit.Parameters[i], tolerance: 1e-5 * fit.Parameters[i]);
    }

    /// <summary>Muennighoff et al. 2023, arXiv:2305.16264: their minimum is one of two, and the other is lower.</summary>
    [PublishedFact]
    public void Both_basins_of_the_data_constrained_law_are_found()
    {
        var points = PublishedData.Constrained();
        var expected = PublishedData.Expected("data-constrained");
        var held = expected.GetProperty("fixed");
        double Held(string name) => held.GetProperty(name).GetDouble();
        var fit = new CurveFitter(new DataConstrained(), points, Objective.Default, new Dictionary<string, double>
        {
            ["A"] = Math.Exp(Held("a")), ["B"] = Math.Exp(Held("b")), ["E"] = Math.Exp(Held("e")), ["alpha"] = Held("alpha"), ["beta"] = Held("beta"),
        }).Fit();
        output.WriteLine($"{fit.Value:R} {fit.Parameters[0]} {fit.Parameters[1]} {fit.Outcome} {fit.StartsAgreeing}/{fit.Starts}");
        foreach (var basin in fit.OtherBasins)
            output.WriteLine($"{basin.Objective:R} {basin.Parameters[0]} {basin.Parameters[1]} {basin.Starts}");
        var best = expected.GetProperty("refit_global");
        Assert.True(fit.Value <= best.GetProperty("objective").GetDouble() * (1 + 1e-8));
        Assert.Equal(best.GetProperty("rd").GetDouble(), fit.Parameters[0], tolerance: 1e-3 * fit.Parameters[0]);
        Assert.Equal(best.GetProperty("rn").GetDouble(), fit.Parameters[1], tolerance: 1e-3);
        var published = expected.GetProperty("refit_local_near_published");
        var local = Assert.Single(fit.OtherBasins, b => Math.Abs(b.Parameters[0] - published.GetProperty("rd").GetDouble()) < 0.05);
        Assert.Equal(published.GetProperty("rn").GetDouble(), local.Parameters[1], 0.01);
        Assert.True(local.Objective <= published.GetProperty("objective").GetDouble() * (1 + 1e-8));
        foreach (var check in expected.GetProperty("check_values").EnumerateArray())
        {
            double Number(string name) => check.GetProperty(name).GetDouble();
            double[] at = [15.387756, 5.309743, Math.Exp(Held("a")), Math.Exp(Held("b")), Math.Exp(Held("e")), Held("alpha"), Held("beta")];
            Assert.Equal(Number("L"), new DataConstrained().Loss(new Setting(Number("N"), Number("D"), 0, Number("U")), at), 1e-9);
        }
    }

    /// <summary>Porian et al. 2024, arXiv:2406.19146: E + A/C^α through the losses at their optima.</summary>
    [PublishedTheory]
    [InlineData("porian-rw-tuned-short-const-standard-val")]
    [InlineData("porian-rw-base-long-kaplan-kaplan-train")]
    public void A_power_law_with_an_offset_follows_the_published_optimal_losses(string folder)
    {
        string[][] table = PublishedData.Csv(folder + "/optima.csv");
        double Number(string[] row, string name) => PublishedData.Number(row[Array.IndexOf(table[0], name)]);
        var points = FitPoints.From([.. table.Skip(1).Where(r => Number(r, "C") is > 1e16 and < 5e17).Select(r => new Observation { Run = "", Flops = Number(r, "C"), Loss = Number(r, "loss_opt") })], needed: Inputs.Flops);
        var published = PublishedData.Expected(folder).GetProperty("published").GetProperty("L_of_C");
        double[] theirs = [published.GetProperty("A").GetDouble(), published.GetProperty("E").GetDouble(), published.GetProperty("alpha").GetDouble()];
        var fit = new CurveFitter(new OffsetPower(Inputs.Flops), points, Objective.Parse("log-mse")).Fit();
        double value = CurveFitter.ValueOf(fit.Curve, theirs, points, fit.Objective);
        output.WriteLine($"{fit.Value:R} theirs {value:R}; {string.Join(", ", fit.Parameters)} against {string.Join(", ", theirs)}; {fit.Outcome}");
        Assert.True(fit.Value <= value * (1 + 1e-9));
        Assert.Equal(theirs[2], fit.Parameters[2], tolerance: 0.01 * theirs[2]);
    }

    [Fact]
    public void Too_few_sizes_are_refused_by_name()
    {
        var points = FitPoints.From([.. Enumerable.Range(0, 9).Select(i => new Observation { Run = "", ParametersTotal = 1e8, Loss = 3 + 0.01 * i })], needed: Inputs.Parameters);
        var error = Assert.Throws<UserErrorException>(() => new CurveFitter(KaplanPower.OfParameters, points, Objective.Default));
        Assert.Contains("1 distinct N cannot determine 2 free parameters of kaplan-n", error.Message);
    }

    private static LossCurve Curve(string name) => name switch
    {
        "kaplan-n" => KaplanPower.OfParameters,
        "kaplan-d" => KaplanPower.OfTokens,
        "kaplan-c" => KaplanPower.OfCompute,
        "kaplan-nd" => new KaplanJoint(),
        "power-n" => new OffsetPower(Inputs.Parameters),
        "power-d" => new OffsetPower(Inputs.Tokens),
        "power-c" => new OffsetPower(Inputs.Flops),
        "chinchilla-tied" => new ChinchillaTied(),
        "kaplan-ns" => KaplanSteps.WithBatch,
        "kaplan-ns-minimal" => KaplanSteps.Minimal,
        "overtraining" => new Overtraining(),
        "broken-power" => new BrokenPower(Inputs.Flops),
        "sum" => new TermSum(["width", "depth", "params", "tokens"]),
        "sum-two" => new TermSum(["params", "tokens"]),
        _ => new DataConstrained(),
    };

    // 6 sizes × 6 lengths, every other length three to twelve times over the same tokens; three batches; widths and depths that do not follow N.
    private static FitPoints Points(LossCurve curve, double[] parameters, double noise)
    {
        var random = new RandomStream(17, 0);
        var rows = new List<Observation>();
        var terms = new List<double[]>();
        for (int i = 0; i < 6; i++)
        {
            for (int j = 0; j < 6; j++)
            {
                double n = 1e7 * Math.Pow(4, i), d = 2e8 * Math.Pow(4, j), u = d / (j % 2 == 0 ? 1 : 3 * Math.Pow(2, i % 3)), b = 16384 * Math.Pow(16, (i + j) % 3);
                double width = 128 * Math.Pow(2, i * 0.7), depth = 2 + 3 * ((i * 5 + j) % 6);
                terms.Add(curve is TermSum { Terms.Count: 4 } ? [width, depth, n, d] : [n, d]);
                var at = new Setting(n, d, 6 * n * d, u) { S = d / b, B = b, Terms = terms[^1] };
                double loss = curve.Loss(at, parameters) * Math.Exp(noise * random.NextNormal());
                rows.Add(new Observation { Run = $"{i}-{j}", ParametersTotal = n, Tokens = d, UniqueTokens = u, Steps = d / b, BatchTokens = b, Loss = loss });
            }
        }
        return FitPoints.From(rows).With([.. terms]);
    }

    private static (double[] Gradient, double[] Hessian) Derivatives(CurveProblem problem, double[] x)
    {
        int n = x.Length;
        var (gradient, scale, hessian, metric) = (new double[n], new double[n], new double[n * n], new double[n * n]);
        problem.Value(x);
        problem.Derivatives(gradient, scale, hessian, metric);
        return (gradient, hessian);
    }
}
