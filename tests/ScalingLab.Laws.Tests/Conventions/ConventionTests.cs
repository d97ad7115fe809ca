using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Runs;
using ScalingLab.Core.Units;
using ScalingLab.Laws.Conventions;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.Reports;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Laws.Tests.Conventions;

public class ConventionTests
{
    private static readonly BootstrapOptions None = new() { Resamples = 0 };

    /// <summary>Against a search over N on the budget's own curve.</summary>
    [Theory, InlineData(0.7), InlineData(1.0), InlineData(1.3)]
    public void No_other_split_of_the_budget_has_a_lower_loss(double s)
    {
        var cost = new CostLaw(9, s, 0);
        var law = PlantedRuns.Law;
        var best = cost.ComputeOptimal(law, new Flops(1e20));
        Assert.Equal(1e20, 9 * Math.Pow(best.Parameters, s) * best.Tokens, 1e-9 * 1e20);
        foreach (double factor in new[] { 0.5, 0.99, 1.01, 2 })
        {
            double n = best.Parameters * factor, d = 1e20 / (9 * Math.Pow(n, s));
            Assert.True(law.Loss(n, d).Value > law.Loss(best.Parameters, best.Tokens).Value, $"N x {factor}");
        }
        var dearer = cost.ComputeOptimal(law, new Flops(1e22));
        Assert.Equal(cost.ExponentN(law), Math.Log(dearer.Parameters / best.Parameters) / Math.Log(100), 1e-9);
        Assert.Equal(cost.ExponentD(law), Math.Log(dearer.Tokens / best.Tokens) / Math.Log(100), 1e-9);
    }

    [Fact]
    public void At_six_N_D_the_optimum_is_Hoffmanns()
    {
        (Allocation theirs, Allocation ours) = (PlantedRuns.Law.ComputeOptimal(new Flops(1e21)), new CostLaw(6, 1, 0).ComputeOptimal(PlantedRuns.Law, new Flops(1e21)));
        Assert.Equal(theirs.Parameters, ours.Parameters, 1e-12 * theirs.Parameters);
        Assert.Equal(theirs.Tokens, ours.Tokens, 1e-12 * theirs.Tokens);
    }

    /// <summary>
    /// Parameters without embeddings are made N^1.2 / 100. Then N ∝ C^a and N' = N^1.2/100 ∝ C^(1.2 a) at the same C: what one convention
    /// says follows from the other, and both from the planted law.
    /// </summary>
    [Fact]
    public void Exponents_move_between_conventions_as_the_counts_do()
    {
        var rows = PlantedRuns.Observations(PlantedRuns.Law, 0, 1).Select(r => r with { ParametersNonEmbedding = Math.Pow(r.ParametersTotal!.Value, 1.2) / 100, Flops = 7 * r.ParametersTotal * r.Tokens }).ToArray();
        var table = ConventionDocuments.Build(rows, new ChinchillaFitOptions(), None, 0.95);
        ConventionDocument Row(string count, string compute) => table.Single(c => c.Count == count && c.Compute == compute);
        double Exponent(string count, string compute) => Row(count, compute).Approaches[0].ExponentN!.Value;

        (double alpha, double beta) = (PlantedRuns.Law.Alpha, PlantedRuns.Law.Beta);
        Assert.Equal(beta / (alpha + beta), Exponent("total", "6nd"), 1e-6);
        Assert.Equal(Exponent("total", "6nd"), Exponent("total", "source"), 1e-6); // 7·N·D: another k, the same growth.
        Assert.Equal(beta / (alpha + 1.2 * beta), Exponent("total", "kaplan"), 1e-6);
        Assert.Equal(1.2 * Exponent("total", "kaplan"), Exponent("non-embedding", "6nd"), 1e-5);
        Assert.Equal(1.2 * Exponent("total", "source"), Exponent("non-embedding", "source"), 1e-5);
        Assert.Equal(1 / 1.2, Row("non-embedding", "source").CostExponent, 1e-9);
        Assert.Equal(0, Row("total", "kaplan").CostDeparture, 1e-9);
        var optimum = Row("total", "source").Approaches[0];
        Assert.Equal(PlantedRuns.Law.ComputeOptimal(new Flops(optimum.Flops), 7).Parameters, optimum.Params!.Value, 1e-4 * optimum.Params.Value);
        Assert.Equal(5, table.Count); // Non-embedding: 6nd is Kaplan's; total: 6nd, Kaplan's, the source's; no count with the head.
    }

    [Fact]
    public void A_source_with_one_convention_is_refused_and_equal_counts_are_not_shown_twice()
    {
        var rows = PlantedRuns.Observations(PlantedRuns.Law, 0, 1);
        Assert.Equal("SL0411", Assert.Throws<UserErrorException>(() => ConventionDocuments.Build(rows, new ChinchillaFitOptions(), None, 0.95)).Diagnostics[0].Code);
        Observation[] printed = [.. rows.Select(r => r with { Flops = 6 * r.ParametersTotal * r.Tokens * (1 + 1e-9), ParametersWithHead = r.ParametersTotal })];
        Assert.Single(Convention.Of(printed));
    }
}
