using ScalingLab.Core.Units;
using ScalingLab.Laws.Curves;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.Intervals;
using Xunit.Abstractions;

namespace ScalingLab.Laws.Tests.Intervals;

public class LikelihoodProfileTests(ITestOutputHelper output)
{
    private static readonly ChinchillaFitOptions Options = new();

    /// <summary>E, A and B enter linearly: with both exponents held and squares of raw losses, the interval is the textbook's t interval of a linear regression.</summary>
    [Theory, InlineData("E"), InlineData("A"), InlineData("B"), InlineData("loss")]
    public void A_linear_law_with_normal_noise_has_its_exact_t_interval(string name)
    {
        var points = PlantedRuns.Grid(PlantedRuns.Law, 0.01, 3, sizes: 4, lengths: 4);
        var options = new ChinchillaFitOptions { Objective = Objective.Parse("mse"), Fixed = new Dictionary<string, double> { ["alpha"] = 0.35, ["beta"] = 0.37 } };
        var fit = ChinchillaFitter.Fit(points, options);
        var profile = ChinchillaProfiles.Trace(points, fit, options, q => [name == "loss" ? q.Loss(1e11, 1e12) : q.Parameter(name)], 0.9, ProfileCriterion.Likelihood)[0]!;
        double[] wanted = name switch { "E" => [1, 0, 0], "A" => [0, 1, 0], "B" => [0, 0, 1], _ => [1, Math.Pow(1e11, -0.35), Math.Pow(1e12, -0.37)] };
        var x = MathNet.Numerics.LinearAlgebra.Matrix<double>.Build.Dense(16, 3, (i, k) => k == 0 ? 1 : k == 1 ? Math.Pow(points.Parameters[i], -0.35) : Math.Pow(points.Tokens[i], -0.37));
        var y = MathNet.Numerics.LinearAlgebra.Vector<double>.Build.Dense(points.Loss);
        var inverse = (x.TransposeThisAndMultiply(x)).Inverse();
        var c = MathNet.Numerics.LinearAlgebra.Vector<double>.Build.Dense(wanted);
        double estimate = c * (inverse * x.TransposeThisAndMultiply(y));
        var residuals = y - x * (inverse * x.TransposeThisAndMultiply(y));
        double half = 1.7709334 * Math.Sqrt((residuals * residuals) / 13 * (c * (inverse * c))); // Student's t, 13 degrees of freedom, .95
        Assert.Equal(estimate, profile.Estimate, tolerance: 1e-6 * Math.Abs(estimate));
        Assert.Equal(estimate - half, profile.Low!.Value, tolerance: 2e-3 * half); // The ends are found to 1e-3 of the root.
        Assert.Equal(estimate + half, profile.High!.Value, tolerance: 2e-3 * half);
    }

    /// <summary>Holding a parameter by --fix is another road to the same constrained minimum, from sixteen starts.</summary>
    [Theory]
    [InlineData("log-huber:1e-3", "alpha"), InlineData("log-huber:1e-3", "beta"), InlineData("log-huber:1e-3", "E"), InlineData("log-huber:1e-3", "A")]
    [InlineData("log-mse", "B"), InlineData("mse", "E"), InlineData("log-l1", "alpha"), InlineData("asymmetric:10", "beta")]
    public void The_deviance_is_that_of_the_refit_with_the_parameter_held(string objective, string name)
    {
        var points = PlantedRuns.Grid(PlantedRuns.Law, 0.01, 5);
        var options = new ChinchillaFitOptions { Objective = Objective.Parse(objective) };
        var fit = ChinchillaFitter.Fit(points, options);
        var profile = ChinchillaProfiles.Trace(points, fit, options, q => [q.Parameter(name)], 0.95, ProfileCriterion.Likelihood)[0]!;
        Assert.False(profile.LowerMinimum);
        double best = Likelihood.Log(fit.Objective, fit.Value, points.Count);
        foreach (var point in profile.Points)
        {
            var held = ChinchillaFitter.Fit(points, options with { Fixed = new Dictionary<string, double> { [name] = point.Value } });
            double deviance = 2 * (best - Likelihood.Log(held.Objective, held.Value, points.Count));
            output.WriteLine($"{point.Value:g6}: {point.Deviance:g6} {deviance:g6}");
            Assert.Equal(deviance, point.Deviance, tolerance: 2e-4 * Math.Max(1, deviance));
        }
    }

    /// <summary>The least deviance over laws with a given exponent a, found by walking along β = α·a/(1 − a) with both held.</summary>
    [Fact]
    public void The_profile_of_the_exponent_is_the_least_over_all_laws_that_have_it()
    {
        var points = PlantedRuns.Grid(PlantedRuns.Law, 0.01, 6, 6, 6);
        var fit = ChinchillaFitter.Fit(points, Options);
        var profile = ChinchillaProfiles.Trace(points, fit, Options, q => [q.ExponentN], 0.95)[0]!;
        double best = Likelihood.Log(fit.Objective, fit.Value, points.Count);
        foreach (var point in new[] { profile.Points[0], profile.Points[^1] })
        {
            double Held(double alpha) => ChinchillaFitter.Fit(points, Options with { Fixed = new Dictionary<string, double> { ["alpha"] = alpha, ["beta"] = alpha * point.Value / (1 - point.Value) } }).Value;
            double low = 0.1, high = 0.8;
            while (high - low > 1e-5)
            {
                double a = high - 0.618034 * (high - low), b = low + 0.618034 * (high - low);
                (low, high) = Held(a) < Held(b) ? (low, b) : (a, high);
            }
            Assert.Equal(2 * (best - Likelihood.Log(fit.Objective, Held(low), points.Count)), point.Deviance, tolerance: 1e-4 * point.Deviance);
        }
    }

    [Fact]
    public void Tokens_and_their_ratio_to_parameters_have_the_intervals_that_follow_from_the_budget()
    {
        var points = PlantedRuns.Grid(PlantedRuns.Law, 0.01, 7);
        var fit = ChinchillaFitter.Fit(points, Options);
        var all = ChinchillaProfiles.Trace(points, fit, Options, q => [q.OptimalParameters(1e23), q.OptimalTokens(1e23), q.TokensPerParameter(1e23), q.OptimalLoss(1e23)], 0.9);
        var best = fit.Law.ComputeOptimal(new Flops(1e23));
        Assert.Equal(best.Parameters, all[0]!.Estimate, tolerance: 1e-9 * best.Parameters);
        Assert.Equal(fit.Law.Loss(best.Parameters, best.Tokens).Value, all[3]!.Estimate, 1e-9);
        Assert.Equal(1e23 / 6 / all[0]!.High!.Value, all[1]!.Low!.Value, tolerance: 2e-3 * all[1]!.Low!.Value);
        Assert.Equal(all[1]!.High!.Value / all[0]!.Low!.Value, all[2]!.High!.Value, tolerance: 4e-3 * all[2]!.High!.Value);
    }

    [Fact]
    public void Ends_are_open_where_the_data_do_not_bound_a_parameter()
    {
        var oneSize = PlantedRuns.Observations(PlantedRuns.Law, 0.005, 1).Where(r => r.ParametersTotal < 1.1e7).ToArray();
        var points = FitPoints.From(oneSize);
        var fit = ChinchillaFitter.Fit(points, Options);
        var all = ChinchillaProfiles.Trace(points, fit, Options, q => [q.Parameter("alpha"), q.Parameter("E")], 0.9);
        output.WriteLine(string.Join("\n", all.Select(p => $"{p?.Quantity.Name} {p?.Low} {p?.LowReason} {p?.High} {p?.HighReason}")));
        Assert.Equal((null, null), (all[0]!.Low, all[0]!.High));
        Assert.Equal((OpenEnd.EndOfRange, OpenEnd.EndOfRange), (all[0]!.LowReason, all[0]!.HighReason));
        Assert.Equal((0.0, OpenEnd.OwnBound), (all[1]!.Low, all[1]!.LowReason));
    }

    /// <summary>Muennighoff et al. 2023: rd = 15.4 as published and 200 fit the 182 runs as well as the best, 95.</summary>
    [PublishedFact]
    public void Rd_of_the_data_constrained_runs_may_be_anything_from_15_to_200_and_beyond()
    {
        var (points, held) = (PublishedData.Constrained(), PublishedData.ConstrainedFixed());
        var fit = new CurveFitter(new DataConstrained(), points, Objective.Default, held).Fit();
        var profile = CurveProfiles.Trace(points, fit, held, [CurveProfiles.Parameter(fit.Curve, 0)], 0.95, ProfileCriterion.Likelihood)[0]!;
        output.WriteLine(string.Join(" ", profile.Points.Select(p => $"({p.Value:g4}, {p.Deviance:g3})")));
        Assert.True(profile.Low < 15);
        Assert.Null(profile.High);
        Assert.Equal(OpenEnd.Flat, profile.HighReason);
        Assert.All(profile.Points.Where(p => p.Value is > 15 and < 200), p => Assert.InRange(p.Deviance, 0, 2.5));
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public void Threads_do_not_change_a_profile(int threads)
    {
        var points = PlantedRuns.Grid(PlantedRuns.Law, 0.01, 8, 5, 5);
        var fit = ChinchillaFitter.Fit(points, Options);
        LikelihoodProfile?[] Trace(int? on) => ChinchillaProfiles.Trace(points, fit, Options, q => [q.Parameter("alpha"), q.ExponentN, q.OptimalLoss(1e23), q.Parameter("B")], 0.9, threads: on);
        Assert.Equal(Trace(5).SelectMany(p => p!.Points), Trace(threads).SelectMany(p => p!.Points));
    }
}
