using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Tables;
using ScalingLab.Laws.Curves;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.Reports;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Laws.Tests.Curves;

public class TermSumTests
{
    [Fact]
    public void Derivatives_in_closed_form_are_those_of_the_jets()
    {
        var law = new TermSum(["a", "b", "c"]);
        var at = new Setting(0, 0, 0, 0) { Terms = [3e6, 40, 2e9] };
        double[] x = [1.7, 5, -0.2, 9, 0.3, 0.5, 0.45];
        foreach (int[] free in new int[][] { [0, 1, 2, 3, 4, 5, 6], [1, 4], [0, 2, 6] })
        {
            int n = free.Length;
            var (slow, fast) = (new JetEvaluator(law, free), law.Evaluator(free));
            double[] gradient = new double[n], hessian = new double[n * (n + 1) / 2], gradient2 = new double[n], hessian2 = new double[hessian.Length];
            slow.Move(x);
            fast.Move(x);
            Assert.Equal(slow.LogLoss(at, gradient, hessian), fast.LogLoss(at, gradient2, hessian2), 1e-14);
            for (int i = 0; i < n; i++)
                Assert.Equal(gradient[i], gradient2[i], 1e-13);
            for (int k = 0; k < hessian.Length; k++)
                Assert.Equal(hessian[k], hessian2[k], 1e-11);
        }
    }

    /// <summary>Over N and D the sum is Chinchilla's law, which has a solver of its own.</summary>
    [Theory, InlineData("log-huber:1e-3"), InlineData("mse")]
    public void Over_parameters_and_tokens_it_is_Chinchillas_law(string objective)
    {
        var points = PlantedRuns.Grid(PlantedRuns.Law, 0.01, 7);
        var chinchilla = ChinchillaFitter.Fit(points, new ChinchillaFitOptions { Objective = Objective.Parse(objective) });
        var sum = new CurveFitter(new TermSum(["params", "tokens"]), points.With([.. Enumerable.Range(0, points.Count).Select(i => new[] { points.Parameters[i], points.Tokens[i] })]), Objective.Parse(objective)).Fit();
        Assert.Equal(chinchilla.Value, sum.Value, tolerance: 1e-10 * sum.Value);
        Assert.Equal(chinchilla.Law.Alpha, sum.Parameters[3], tolerance: 1e-6);
    }

    [Fact]
    public void One_width_only_a_missing_column_and_bad_cells_are_refused()
    {
        UserErrorException Refusal(string csv, params string[] terms) => Assert.Throws<UserErrorException>(() => Read(csv, terms));
        Assert.Contains("width is 64 in all 3 observations", Refusal("N,D,loss,width\n1,2,3,64\n2,2,3,64\n3,2,3,64\n", "width", "tokens").Message);
        Assert.Contains("names no column: 'widht'", Refusal("N,D,loss,width\n1,2,3,64\n", "widht").Message);
        Assert.Contains("width of observation 2 (line-3) is not a finite number above 0", Refusal("N,D,loss,width\n1,2,3,64\n1,2,3,wide\n", "width").Message);
        Assert.Contains("names a column twice", Assert.Throws<UserErrorException>(() => new TermSum(["width", "width"])).Message);
        Assert.Contains("needs --terms", Assert.Throws<UserErrorException>(() => new TermSum([])).Message);
    }

    [Fact]
    public void A_column_that_does_nothing_is_called_so()
    {
        var random = new RandomStream(2, 0);
        string rows = string.Concat(Enumerable.Range(0, 60).Select(i => (N: 1e6 * Math.Pow(2, i % 9), Heads: 1 + i * 7 % 11))
            .Select(r => FormattableString.Invariant($"{r.N},1e9,{1.8 + 400 / Math.Pow(r.N, 0.34) + 0.002 * random.NextNormal() + 0.01 * Math.Log(r.Heads)},{r.Heads}\n")));
        var law = new TermSum(["params", "heads"]);
        var document = CurveDocuments.Build(Read("N,D,loss,heads\n" + rows, "params", "heads"), law, Objective.Parse("log-mse"), new Dictionary<string, double>(), new BootstrapOptions { Resamples = 0 });
        Assert.Contains(document.Warnings, w => w.Contains("term of heads is nowhere a millionth of the loss")); // Loss grows with heads here, and no term may.
    }

    private static FitPoints Read(string csv, params string[] terms)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, csv);
            return new TermSum(terms).Read(ObservationTable.FromCsv(path), ParameterCount.Total);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
