using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Laws.Tests.Fitting;

public class ChinchillaProblemTests
{
    private static readonly double[] At = [1.7, 0.6, 0.5, 0.31, 0.44];

    [Theory]
    [InlineData(ResidualScale.Log, 0.02, 1)]
    [InlineData(ResidualScale.Log, double.PositiveInfinity, 1)]
    [InlineData(ResidualScale.Raw, 0.05, 1)]
    [InlineData(ResidualScale.Raw, double.PositiveInfinity, 1)]
    [InlineData(ResidualScale.Raw, 0.05, 10)]
    public void Gradient_and_Hessian_agree_with_central_differences(ResidualScale scale, double delta, double asymmetry)
    {
        var problem = Problem(scale, delta, asymmetry);
        (double[] gradient, double[] hessian) = Derivatives(problem, At);
        for (int i = 0; i < 5; i++)
        {
            double h = 1e-5;
            double[] up = [.. At], down = [.. At];
            up[i] += h;
            down[i] -= h;
            double slope = (problem.Value(up) - problem.Value(down)) / (2 * h);
            Assert.Equal(slope, gradient[i], tolerance: 1e-6 * Math.Max(1, Math.Abs(slope)));
            double[] above = Derivatives(problem, up).Gradient, below = Derivatives(problem, down).Gradient;
            for (int j = 0; j <= i; j++)
            {
                double second = (above[j] - below[j]) / (2 * h);
                Assert.Equal(second, hessian[i * 5 + j], tolerance: 1e-4 * Math.Max(1, Math.Abs(second))); // A point may cross δ within h.
            }
        }
    }

    [Theory, InlineData(ResidualScale.Log), InlineData(ResidualScale.Raw)]
    public void The_value_is_the_plain_sum_of_its_definition(ResidualScale scale)
    {
        var points = PlantedRuns.Grid(PlantedRuns.Law, noise: 0.02, seed: 3, sizes: 5, lengths: 7); // 35: not a multiple of the lanes
        var objective = new Objective(scale, Penalty.Huber, 0.01);
        var workspace = new ChinchillaWorkspace(points, new ChinchillaFitOptions { Objective = objective });
        workspace.Load(points.Loss);
        var x = new double[5];
        var outcome = workspace.SolveFrom(0.3, 0.3, x);
        double plain = ChinchillaFitter.ValueOf(workspace.LawAt(x), points, objective);
        Assert.Equal(plain, outcome.Value, tolerance: 1e-12 * plain);
    }

    private static ChinchillaProblem Problem(ResidualScale scale, double delta, double above)
    {
        var random = new RandomStream(11, 0);
        var problem = new ChinchillaProblem(13, scale);
        problem.Clear();
        problem.SetPenalty(delta, 1.5, above);
        for (int i = 0; i < 13; i++)
        {
            double n = 3 * random.NextUnit() - 1.5, d = 3 * random.NextUnit() - 1.5;
            problem.Add(n, d, 1.8 + 0.5 * Math.Exp(-0.35 * n) + 0.55 * Math.Exp(-0.4 * d) + 0.05 * random.NextNormal(), weight: 1 + i % 3);
        }
        return problem;
    }

    private static (double[] Gradient, double[] Hessian) Derivatives(ChinchillaProblem problem, double[] x)
    {
        var (gradient, scale, hessian, metric) = (new double[5], new double[5], new double[25], new double[25]);
        problem.Value(x);
        problem.Derivatives(gradient, scale, hessian, metric);
        return (gradient, hessian);
    }
}
