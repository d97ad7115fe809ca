using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Runs;
using ScalingLab.Core.Tables;
using ScalingLab.Laws.Curves;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.Reports;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Laws.Tests.Curves;

public class KaplanStepsTests
{
    private static readonly double[] Published = [6.5e13, 0.077, 2.1e3, 0.76, 2e8, 0.21]; // Kaplan et al. 2020, Table 3 and Eq. 5.3.

    [Theory, InlineData(1e6, 1e3, 5e5), InlineData(1e9, 1e5, 5e5), InlineData(1e8, 3e4, 1e9), InlineData(1e3, 10, 100)]
    public void The_loss_is_that_of_Eq_1_6_at_the_steps_of_Eq_5_4(double n, double s, double b)
    {
        double loss = KaplanSteps.WithBatch.Loss(new Setting(n, 0, 0, 0) { S = s, B = b }, Published);
        double critical = 2e8 / Math.Pow(loss, 1 / 0.21), least = s / (1 + critical / b);
        Assert.Equal(Math.Pow(6.5e13 / n, 0.077) + Math.Pow(2.1e3 / least, 0.76), loss, tolerance: 1e-12 * loss);
    }

    [Fact]
    public void Derivatives_in_closed_form_are_those_of_the_jets()
    {
        double[] x = [Math.Log(6.5e13), 0.08, Math.Log(2.1e3), 0.7, Math.Log(2e8), 0.25];
        foreach (double b in new[] { 1e3, 3e6, 1e12 })
        {
            foreach (int[] free in new int[][] { [0, 1, 2, 3, 4, 5], [1, 3, 5] })
            {
                int n = free.Length;
                var at = new Setting(3e7, 0, 0, 0) { S = 7e3, B = b };
                var (slow, fast) = (new JetEvaluator(KaplanSteps.WithBatch, free), KaplanSteps.WithBatch.Evaluator(free));
                double[] gradient = new double[n], hessian = new double[n * (n + 1) / 2], gradient2 = new double[n], hessian2 = new double[hessian.Length];
                slow.Move(x);
                fast.Move(x);
                Assert.Equal(slow.LogLoss(at, gradient, hessian), fast.LogLoss(at, gradient2, hessian2), 1e-13);
                for (int i = 0; i < n; i++)
                    Assert.Equal(gradient[i], gradient2[i], tolerance: 1e-11 * Math.Max(1, Math.Abs(gradient[i])));
                for (int k = 0; k < hessian.Length; k++)
                    Assert.Equal(hessian[k], hessian2[k], tolerance: 1e-9 * Math.Max(1, Math.Abs(hessian[k])));
            }
        }
    }

    [Fact]
    public void A_batch_without_end_makes_every_step_count()
    {
        double At(double b) => KaplanSteps.WithBatch.Loss(new Setting(1e8, 0, 0, 0) { S = 1e4, B = b }, Published);
        double least = KaplanSteps.Minimal.Loss(new Setting(1e8, 0, 0, 0) { S = 1e4 }, Published);
        Assert.Equal(least, At(1e25), tolerance: 1e-12);
        Assert.True(At(1e6) > At(1e7) && At(1e7) > least);
    }

    [Fact]
    public void One_batch_cannot_tell_the_critical_one_unless_it_is_held()
    {
        var points = FitPoints.From(Runs([524288]), needed: KaplanSteps.WithBatch.Inputs);
        string[] Warnings(Dictionary<string, double> held) => [.. CurveDocuments.Build(points, KaplanSteps.WithBatch, Objective.Default, held, new BootstrapOptions { Resamples = 0 }).Warnings];
        Assert.Contains(Warnings([]), w => w.Contains("nearly one batch"));
        var fixedBatch = new Dictionary<string, double> { ["Bstar"] = 2e8, ["alphaB"] = 0.21 };
        Assert.DoesNotContain(Warnings(fixedBatch), w => w.Contains("nearly one batch"));
        var fit = new CurveFitter(KaplanSteps.WithBatch, points, Objective.Default, fixedBatch).Fit();
        for (int i = 0; i < 4; i++)
            Assert.Equal(Published[i], fit.Parameters[i], tolerance: 1e-6 * Published[i]);
    }

    [Fact]
    public void Without_a_batch_column_steps_are_taken_for_the_least_and_it_is_said()
    {
        var rows = Runs([1e25]).Select(r => r with { BatchTokens = null }).ToArray();
        var table = new ObservationTable { Source = "t", Rows = rows };
        var law = KaplanSteps.WithBatch.For(table);
        Assert.Same(KaplanSteps.Minimal, law);
        var document = CurveDocuments.Build(law.Read(table, ParameterCount.Total), law, Objective.Default, new Dictionary<string, double>(), new BootstrapOptions { Resamples = 0 });
        Assert.Equal(2.1e3, document.Parameters["Sc"], tolerance: 1e-3);
        Assert.Contains(document.Warnings, w => w.Contains("S is taken as Smin"));
    }

    [Fact]
    public void Steps_and_examples_obey_McCandlishs_relation_and_give_it_back()
    {
        (double least, double tokens) = (3e3, 6e9);
        double[] batches = [1e5, 1e6, 1e7], steps = [.. batches.Select(b => least + tokens / b)];
        foreach ((double b, double s) in batches.Zip(steps))
            Assert.Equal(1, (s / least - 1) * (b * s / tokens - 1), 1e-9); // Eq. 5.1
        var fit = StepsAgainstBatch.Fit(steps, batches);
        Assert.Equal(least, fit.LeastSteps, tolerance: 1e-6 * least);
        Assert.Equal(tokens / least, fit.CriticalBatch, tolerance: 1e-6 * tokens / least);
    }

    [Fact]
    public void The_critical_batch_comes_back_from_a_column_and_from_steps()
    {
        double[] losses = [2.5, 3, 4, 5, 6.5];
        double Critical(double loss) => 2e8 / Math.Pow(loss, 1 / 0.21);
        Observation[] measured = [.. losses.Select(l => new Observation { Run = "", Loss = l, CriticalBatch = Critical(l) })];
        Observation[] steps = [.. losses.SelectMany(l => new[] { 1e4, 1e5, 1e6, 1e7 }.Select(b => new Observation { Run = "", Loss = l, BatchTokens = b, Steps = 2e3 / l * (1 + Critical(l) / b) }))];
        foreach (var rows in new[] { measured, steps })
        {
            var law = new CriticalBatch();
            var points = law.Read(new ObservationTable { Source = "t", Rows = rows }, ParameterCount.Total);
            var document = CurveDocuments.Build(points, law, Objective.Parse("log-mse"), new Dictionary<string, double>(), new BootstrapOptions { Resamples = 0 });
            Assert.Equal(2e8, document.Parameters["Bstar"], tolerance: 10);
            Assert.Equal(0.21, document.Parameters["alphaB"], tolerance: 1e-8);
            Assert.Equal([2.5, 6.5], document.Range.Loss);
        }
    }

    [Fact]
    public void Losses_that_no_two_batches_reached_are_refused()
    {
        Observation[] rows = [.. new[] { 2.5, 3, 4 }.Select(l => new Observation { Run = "", Loss = l, BatchTokens = 1e5, Steps = 1e3 * l })];
        var error = Assert.Throws<UserErrorException>(() => new CriticalBatch().Read(new ObservationTable { Source = "t", Rows = rows }, ParameterCount.Total));
        Assert.Contains("0 losses were reached with several batches", error.Message);
        error = Assert.Throws<UserErrorException>(() => new CriticalBatch().Read(new ObservationTable { Source = "t", Rows = [rows[0] with { Steps = null }] }, ParameterCount.Total));
        Assert.Contains("needs a column critical_batch, or steps and batch_tokens", error.Message);
    }

    private static Observation[] Runs(double[] batches) => [.. from i in Enumerable.Range(0, 6)
                                                               from j in Enumerable.Range(0, 6)
                                                               from b in batches
                                                               let n = 1e6 * Math.Pow(5, i)
                                                               let s = 1e3 * Math.Pow(3, j)
                                                               select new Observation { Run = $"{i}-{j}-{b}", ParametersTotal = n, Steps = s, BatchTokens = b, Loss = KaplanSteps.WithBatch.Loss(new Setting(n, 0, 0, 0) { S = s, B = b }, Published) }];
}
