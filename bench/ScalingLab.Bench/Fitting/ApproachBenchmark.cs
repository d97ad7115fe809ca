using BenchmarkDotNet.Attributes;
using ScalingLab.Core.Runs;
using ScalingLab.Laws;
using ScalingLab.Laws.Conventions;
using ScalingLab.Laws.Design;
using ScalingLab.Laws.Envelope;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.IsoFlop;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Bench.Fitting;

/// <summary>Approaches 1 and 2 and the choice of next runs, on 20 planted training curves of 12 points each.</summary>
[MemoryDiagnoser]
public class ApproachBenchmark
{
    private static readonly ChinchillaLaw Planted = new(1.8, 480, 2100, 0.35, 0.37);
    private static readonly BootstrapOptions None = new() { Resamples = 0 };
    private FitPoints points = null!;
    private DesignModel model = null!;
    private IReadOnlyList<CandidateRun> candidates = null!;

    /// <summary>The envelope's exponent is checked against the planted law's before anything is timed.</summary>
    [GlobalSetup]
    public void Plant()
    {
        var random = new RandomStream(240, 0);
        var rows = from i in Enumerable.Range(0, 20)
                   from j in Enumerable.Range(0, 12)
                   let n = Math.Pow(10, 7 + 3.0 * i / 19)
                   let d = 3e8 * Math.Pow(333, j / 11.0)
                   select (i, n, d);
        points = FitPoints.From([.. rows.Select(r => new Observation
        {
            Run = $"n{r.i}",
            ParametersTotal = r.n,
            Tokens = r.d,
            Flops = 6 * r.n * r.d,
            Loss = Planted.Loss(r.n, r.d).Value * Math.Exp(0.001 * random.NextNormal()),
        })]);
        var fit = ChinchillaFitter.Fit(points);
        model = new DesignModel(points, fit, [], ResidualNoise.Of(points, fit, 5), DesignQuantity.Parse("N@1e24"));
        candidates = CandidateGrid.Of(CandidateBounds.Of(points, 2), CostLaw.Of(points));
        if (!(Math.Abs(Minimum().OptimalParameters!.Value.Exponent - Planted.ExponentN) < 0.05))
            throw new InvalidOperationException("The envelope does not have the law's exponent: its time means nothing.");
    }

    /// <summary>Run of least loss at 1500 budgets.</summary>
    [Benchmark]
    public EnvelopeFit Minimum() => EnvelopeFitter.Fit(points, new EnvelopeOptions { Bootstrap = None });

    /// <summary>Convex hull.</summary>
    [Benchmark]
    public EnvelopeFit Hull() => EnvelopeFitter.Fit(points, new EnvelopeOptions { Kind = EnvelopeKind.Hull, Bootstrap = None });

    /// <summary>Budgets that curves pass, parabolas.</summary>
    [Benchmark]
    public IsoFlopFit Parabolas() => IsoFlopFitter.Fit(points, new IsoFlopOptions { Bootstrap = None });

    /// <summary>Four runs among some 500.</summary>
    [Benchmark]
    public RunChoice NextRuns() => RunChooser.Choose(model, candidates, points.Flops.Max(), 4);
}
