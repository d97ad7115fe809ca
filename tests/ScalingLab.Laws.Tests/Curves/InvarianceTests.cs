using ScalingLab.Core.Runs;
using ScalingLab.Laws.Curves;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Laws.Tests.Curves;

/// <summary>What must not change a fit: the order of the rows, and the units of parameters, tokens, steps and FLOPs.</summary>
public class InvarianceTests
{
    public static readonly TheoryData<string> Laws = ["chinchilla-tied", "kaplan-nd", "kaplan-ns", "overtraining", "power", "sum", "broken-power"];

    [Theory, MemberData(nameof(Laws))]
    public void Neither_order_nor_units_change_the_objective_or_the_exponents(string name)
    {
        Observation[] rows = [.. Rows()];
        var fit = Fit(name, rows);
        var shuffled = Fit(name, [.. rows.Select((r, i) => (r, Key: i * 7919 % 36)).OrderBy(p => p.Key).Select(p => p.r)]);
        var scaled = Fit(name, [.. rows.Select(r => r with { ParametersTotal = r.ParametersTotal * 12, Tokens = r.Tokens / 50, Flops = r.Flops * 3, Steps = r.Steps * 8, BatchTokens = r.BatchTokens / 400 })]);
        foreach (var other in new[] { shuffled, scaled })
        {
            Assert.Equal(fit.Value, other.Value, tolerance: 1e-7 * fit.Value);
            for (int i = 0; i < fit.Parameters.Count; i++)
            {
                string parameter = fit.Curve.Parameters[i].Name;
                if (parameter.StartsWith("alpha", StringComparison.Ordinal) || parameter is "eta" or "E")
                    Assert.Equal(fit.Parameters[i], other.Parameters[i], tolerance: 1e-3);
            }
        }
    }

    private static CurveFit Fit(string name, Observation[] rows)
    {
        var law = CurveLaws.Find(name, Inputs.Flops, ["params", "tokens"])!;
        var points = FitPoints.From(rows, needed: law.Inputs | Inputs.Parameters | Inputs.Tokens);
        points = points.With([.. Enumerable.Range(0, points.Count).Select(i => new[] { points.Parameters[i], points.Tokens[i] })]);
        return new CurveFitter(law, points, Objective.Parse("log-mse")).Fit();
    }

    private static IEnumerable<Observation> Rows()
    {
        var random = new RandomStream(5, 0);
        for (int i = 0; i < 6; i++)
        {
            for (int j = 0; j < 6; j++)
            {
                double n = 1e7 * Math.Pow(3, i), d = 3e8 * Math.Pow(3, j), b = 65536 * Math.Pow(8, (i + 2 * j) % 3);
                double loss = PlantedRuns.Law.Loss(n, d).Value * (1 + 0.1 / Math.Log10(b)) * Math.Exp(0.01 * random.NextNormal());
                yield return new Observation { Run = $"{i}-{j}", ParametersTotal = n, Tokens = d, Flops = 6 * n * d, Steps = d / b, BatchTokens = b, Loss = loss };
            }
        }
    }
}
