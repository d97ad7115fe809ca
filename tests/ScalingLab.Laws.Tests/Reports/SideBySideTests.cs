using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Runs;
using ScalingLab.Laws.Envelope;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.IsoFlop;
using ScalingLab.Laws.Reports;
using ScalingLab.Laws.Resampling;
using ScalingLab.Laws.Tests.Envelope;

namespace ScalingLab.Laws.Tests.Reports;

public class SideBySideTests
{
    private static readonly BootstrapOptions Few = new() { Resamples = 40 };

    /// <summary>Whichever approach leads, each row says the same but for its resamples.</summary>
    [Fact]
    public void Every_approach_has_the_row_that_it_would_have_by_itself()
    {
        var points = TrunkRuns.Points(PlantedRuns.Law, 12, noise: 0.001);
        FitDocument[] documents =
        [
            FitDocuments.Parametric(points, new ChinchillaFitOptions(), Few),
            FitDocuments.IsoFlop(points, new IsoFlopOptions { Curve = Curve.Parabola, Bootstrap = Few }),
            FitDocuments.IsoFlop(points, new IsoFlopOptions { Curve = Curve.Akima, Bootstrap = Few }),
            EnvelopeDocuments.Build(points, new EnvelopeOptions { Bootstrap = Few }),
            EnvelopeDocuments.Build(points, new EnvelopeOptions { Kind = EnvelopeKind.Hull, Bootstrap = Few }),
        ];
        var tables = documents.Select(d => SideBySide.Compare(d, points, Few).Approaches!).ToArray();
        Assert.All(tables, t => Assert.Equal(["parametric/", "isoflop/parabola", "isoflop/akima", "envelope/minimum", "envelope/hull"], t.Select(r => $"{r.Approach}/{r.Curve}")));
        for (int row = 0; row < documents.Length; row++)
        {
            var own = tables[row][row];
            Assert.Equal(documents[row].Optimum.ExponentN, own.ExponentN);
            foreach (var table in tables)
            {
                Assert.Equal(own.ExponentN!.Value, table[row].ExponentN!.Value, 1e-9);
                Assert.Equal(own.Params!.Value, table[row].Params!.Value, 1e-6 * own.Params.Value);
                Assert.Equal(own.ExponentNInterval!, table[row].ExponentNInterval!); // The same resamples, since their number and seed are.
                Assert.Equal(own.Bias?.ExponentN ?? 0, table[row].Bias?.ExponentN ?? 0, 1e-9);
                if (own.Curve != "hull") // Resamples, which miss runs, lie to one side of its ends.
                    Assert.InRange(own.Params.Value, own.ParamsInterval![0], own.ParamsInterval[1]);
            }
        }
    }

    [Fact]
    public void An_approach_that_is_refused_says_why_and_the_others_stand()
    {
        var points = PlantedRuns.Grid(PlantedRuns.Law, 0.002, 1);
        var table = SideBySide.Compare(FitDocuments.Parametric(points, new ChinchillaFitOptions(), Few), points, Few).Approaches!;
        var envelope = table.Single(r => r.Curve == "minimum");
        Assert.Contains("two costs", envelope.Refusal);
        Assert.Null(envelope.ExponentN);
        Assert.NotNull(table[0].ExponentN);
        Assert.NotNull(FitDocument.FromJson(SideBySide.Compare(FitDocuments.Parametric(points, new ChinchillaFitOptions(), Few), points, Few).ToJson()).Approaches);
    }

    /// <summary>Two budgets 6 % apart with optima a hundredfold apart: the exponent would be 79, and its coefficient 0.</summary>
    [Fact]
    public void A_power_law_out_of_the_range_of_numbers_is_refused_and_the_document_still_written()
    {
        var rows = new[] { (C: 1e20, Best: 1e8), (C: 1.06e20, Best: 1e10) }.SelectMany(b => Enumerable.Range(0, 9).Select(i => Math.Pow(10, 6.5 + 0.6 * i))
            .Select(n => new Observation { Run = "", ParametersTotal = n, Tokens = b.C / (6 * n), Flops = b.C, Loss = 3 + 0.01 * Math.Pow(Math.Log(n / b.Best), 2) }));
        var points = FitPoints.From([.. rows]);
        var document = SideBySide.Compare(FitDocuments.Parametric(points, new ChinchillaFitOptions(), Few), points, Few);
        Assert.Contains("too close", document.Approaches!.Single(r => r.Curve == "parabola").Refusal);
        Assert.Contains("too close", document.ToJson());
        Assert.Equal("SL0408", Assert.Throws<UserErrorException>(() => FitDocuments.IsoFlop(points, new IsoFlopOptions { Bootstrap = Few })).Diagnostics[0].Code);
    }

    /// <summary>One size at many lengths: no approach can tell how N grows, and none pretends to.</summary>
    [Fact]
    public void Data_without_an_optimum_get_no_exponent_from_approaches_1_and_2()
    {
        var points = FitPoints.From([.. TrunkRuns.Rows(PlantedRuns.Law, 12, noise: 0.001).Where(r => r.Run == "n3")]);
        var table = SideBySide.Compare(FitDocuments.Parametric(points, new ChinchillaFitOptions(), Few), points, Few).Approaches!;
        Assert.All(table.Skip(1), r => Assert.NotNull(r.Refusal));
    }
}
