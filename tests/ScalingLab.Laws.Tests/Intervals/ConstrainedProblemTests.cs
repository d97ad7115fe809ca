using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.Intervals;

namespace ScalingLab.Laws.Tests.Intervals;

public class ConstrainedProblemTests
{
    private static readonly double[] At = [1.8, 0.5, 0.6, 0.35, 0.4]; // E, A', B', alpha, beta

    /// <summary>Each quantity with each variable that can give way for it.</summary>
    [Theory]
    [InlineData("A", 1), InlineData("A", 3), InlineData("B", 2), InlineData("exponentN", 3), InlineData("exponentN", 4), InlineData("params", 1), InlineData("params", 4)]
    [InlineData("optimalLoss", 0), InlineData("optimalLoss", 2), InlineData("optimalLoss", 3), InlineData("loss", 0), InlineData("loss", 4)]
    public void Reduced_gradient_and_Hessian_agree_with_central_differences_and_the_quantity_stays(string name, int eliminated)
    {
        var points = PlantedRuns.Grid(PlantedRuns.Law, 0.05, 2, 3, 4);
        var problem = new ChinchillaProblem(points.Count, ResidualScale.Log);
        problem.Clear();
        for (int i = 0; i < points.Count; i++)
            problem.Add(Math.Log(points.Parameters[i] / 2e8), Math.Log(points.Tokens[i] / 6e9), points.Loss[i], 1 + i % 2);
        problem.SetPenalty(double.PositiveInfinity, 1);
        var all = new ChinchillaQuantities(Math.Log(2e8), Math.Log(6e9), 6);
        Quantity quantity = name switch
        {
            "exponentN" => all.ExponentN,
            "params" => all.OptimalParameters(1e22),
            "optimalLoss" => all.OptimalLoss(1e22),
            "loss" => all.Loss(3e9, 1e11),
            _ => all.Parameter(name),
        };
        var constrained = new ConstrainedProblem(problem, quantity.Of);
        constrained.Constrain(quantity.At(At), eliminated);
        (double[] gradient, double[] hessian) = Derivatives(constrained, At);
        for (int i = 0; i < 5; i++)
        {
            if (i == eliminated)
                continue;
            double h = 1e-5;
            double[] up = [.. At], down = [.. At];
            up[i] += h;
            down[i] -= h;
            double slope = (constrained.Value(up) - constrained.Value(down)) / (2 * h);
            Assert.Equal(slope, gradient[i], tolerance: 1e-6 * Math.Max(1, gradient.Max(Math.Abs)));
            double[] moved = [.. down];
            moved[eliminated] = constrained.Eliminated;
            Assert.Equal(quantity.At(At), quantity.At(moved), 1e-12);
            double[] above = Derivatives(constrained, up).Gradient, below = Derivatives(constrained, down).Gradient;
            for (int l = 0; l <= i; l++)
            {
                if (l != eliminated)
                    Assert.Equal((above[l] - below[l]) / (2 * h), hessian[i * 5 + l], tolerance: 1e-6 * Math.Max(1, hessian.Max(Math.Abs)));
            }
        }
    }

    private static (double[] Gradient, double[] Hessian) Derivatives(ISmoothProblem problem, double[] x)
    {
        var (gradient, scale, hessian, metric) = (new double[5], new double[5], new double[25], new double[25]);
        problem.Value(x);
        problem.Derivatives(gradient, scale, hessian, metric);
        return (gradient, hessian);
    }
}
