using System.Diagnostics;
using ScalingLab.Core.Units;
using ScalingLab.Laws;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.Intervals;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Bench.Coverage;

/// <summary>How often nominal intervals hold a planted truth: <c>dotnet run -c Release --project bench/ScalingLab.Bench -- coverage DESIGN [--sets 500] [--resamples 300] [--objective log-huber:1e-3] [--methods ...]</c>.</summary>
/// <remarks>
/// A data set is planted, fitted, and given 90 % and 95 % intervals by each method as <c>fit</c> gives them; then it is counted whether they hold the planted alpha, beta, E and a,
/// ln N* at 10 and at 100 times the design's largest cost, and the loss there. Prediction intervals are counted against one new run each, at a tenth of the largest cost and at 100 times it.
/// One thread, no clock in the results: a seed gives the same table anywhere.
/// </remarks>
public static class CoverageStudy
{
    private static readonly string[] Methods = ["case", "cluster", "residual", "noise", "profile", "likelihood"];
    private static readonly string[] Columns = ["alpha", "beta", "E", "a", "N* x10", "N* x100", "loss* x100", "new run x0.1", "new run x100"];

    /// <summary>Runs the study and prints a table in Markdown.</summary>
    public static int Run(string[] arguments)
    {
        string Option(string name, string otherwise) => Array.IndexOf(arguments, name) is var at && at >= 0 && at + 1 < arguments.Length ? arguments[at + 1] : otherwise;
        if (arguments.Length == 0 || PlantedDesign.All.FirstOrDefault(d => d.Name == arguments[0]) is not { } design)
        {
            Console.Error.WriteLine("usage: coverage DESIGN [--sets N] [--resamples N] [--objective O] [--methods a,b]; designs: " + string.Join(", ", PlantedDesign.All.Select(d => d.Name)) + "; methods: " + string.Join(", ", Methods));
            return 2;
        }
        int sets = int.Parse(Option("--sets", "500")), resamples = int.Parse(Option("--resamples", "300"));
        var options = new ChinchillaFitOptions { Objective = Objective.Parse(Option("--objective", "log-huber:1e-3")) };
        string[] methods = Option("--methods", string.Join(',', Methods)).Split(',');
        var clock = Stopwatch.StartNew();
        var counts = methods.ToDictionary(m => m, _ => Columns.Select(_ => new CoverageCounts()).ToArray());
        for (int set = 0; set < sets; set++)
            One(design, set, resamples, options, counts);
        Console.WriteLine($"{design.Name}: {design.Says}; {options.Objective.Name}, {sets} data sets, {resamples} resamples, {clock.Elapsed.TotalSeconds:0} s");
        Console.WriteLine("\n| method | " + string.Join(" | ", Columns) + " |\n|" + string.Concat(Enumerable.Repeat(" --- |", Columns.Length + 1)));
        foreach (string method in methods.Where(m => counts[m][0].Sets > 0))
        {
            foreach ((string level, Func<CoverageCounts, string> cell) in new (string, Func<CoverageCounts, string>)[]
            {
                ("90 %", c => c.Percent(c.Held90)), ("95 %", c => c.Percent(c.Held95)), ("width", c => FormattableString.Invariant($"{c.MedianWidth:g2}") + (c.Open > 0 ? $", {c.Open} open" : "")),
            })
                Console.WriteLine($"| {method}, {level} | " + string.Join(" | ", counts[method].Select(c => c.Sets == 0 ? "" : cell(c))) + " |");
        }
        return 0;
    }

    private static void One(PlantedDesign design, int set, int resamples, ChinchillaFitOptions options, Dictionary<string, CoverageCounts[]> counts)
    {
        var points = FitPoints.From(design.DataSet(set));
        var fit = ChinchillaFitter.Fit(points, options);
        double ten = 10 * design.LargestFlops, hundred = 100 * design.LargestFlops;
        Func<ChinchillaLaw, double>[] quantities = [l => l.Alpha, l => l.Beta, l => l.E, l => l.ExponentN, l => LogN(l, ten), l => LogN(l, hundred), l => OptimalLoss(l, hundred)];
        foreach ((string method, CoverageCounts[] columns) in counts)
        {
            if (method is "profile" or "likelihood")
                Profile(points, fit, options, method == "profile" ? ProfileCriterion.Robust : ProfileCriterion.Likelihood, ten, hundred, quantities, columns);
            else if (method != "cluster" || points.Clustered)
                Bootstrap(design, set, points, fit, options, Enum.Parse<BootstrapKind>(method, ignoreCase: true), resamples, quantities, columns);
        }
    }

    private static void Bootstrap(PlantedDesign design, int set, FitPoints points, ChinchillaFit fit, ChinchillaFitOptions options, BootstrapKind kind, int resamples, Func<ChinchillaLaw, double>[] quantities, CoverageCounts[] columns)
    {
        double noiseSd = Enumerable.Range(0, points.Count).Average(i => design.NoiseSd(points.Flops[i]) * points.Loss[i]);
        var laws = ChinchillaBootstrap.Run(points, fit, options, new BootstrapOptions { Kind = kind, Resamples = resamples, Seed = set, Threads = 1, NoiseSd = noiseSd });
        for (int q = 0; q < quantities.Length; q++)
            columns[q].Add(quantities[q](PlantedDesign.Law), Ends(laws.Interval(quantities[q], 0.9)), Ends(laws.Interval(quantities[q], 0.95)));
        double[] predicted = [.. Enumerable.Range(0, points.Count).Select(i => fit.Law.Loss(points.Parameters[i], points.Tokens[i]).Value)];
        var noise = RunNoise.Of(points, predicted, options.Objective.Scale, 5);
        var random = new RandomStreamBox(-1, set);
        foreach ((int column, double flops) in new[] { (quantities.Length, design.LargestFlops / 10), (quantities.Length + 1, 100 * design.LargestFlops) })
        {
            var at = PlantedDesign.Law.ComputeOptimal(new Flops(flops));
            double observed = PlantedDesign.Law.Loss(at.Parameters, at.Tokens).Value * Math.Exp(design.NoiseSd(flops) * design.Deviate(random));
            double[] losses = [.. laws.Laws.Select(l => l.Loss(at.Parameters, at.Tokens).Value)], about = noise.At(flops, fit.Law.Loss(at.Parameters, at.Tokens).Value);
            (double? Low, double? High) Prediction(double level) => Ends(NewRun.Prediction(losses, about, options.Objective.Scale, level));
            columns[column].Add(observed, Prediction(0.9), Prediction(0.95));
        }
    }

    private static void Profile(FitPoints points, ChinchillaFit fit, ChinchillaFitOptions options, ProfileCriterion criterion, double ten, double hundred, Func<ChinchillaLaw, double>[] quantities, CoverageCounts[] columns)
    {
        LikelihoodProfile?[] At(double level) => ChinchillaProfiles.Trace(points, fit, options,
            q => [q.Parameter("alpha"), q.Parameter("beta"), q.Parameter("E"), q.ExponentN, q.OptimalParameters(ten), q.OptimalParameters(hundred), q.OptimalLoss(hundred)], level, criterion, threads: 1);
        var (ninety, ninetyFive) = (At(0.9), At(0.95));
        for (int q = 0; q < quantities.Length; q++)
            columns[q].Add(quantities[q](PlantedDesign.Law), Ends(ninety[q]), Ends(ninetyFive[q]));
    }

    private static double LogN(ChinchillaLaw law, double flops) => Math.Log(law.ComputeOptimal(new Flops(flops)).Parameters);

    private static double OptimalLoss(ChinchillaLaw law, double flops)
    {
        var best = law.ComputeOptimal(new Flops(flops));
        return law.Loss(best.Parameters, best.Tokens).Value;
    }

    private static (double? Low, double? High) Ends(Interval? interval) => interval is { } i ? (i.Low, i.High) : (null, null);

    // On the quantity's own scale: ln N for N*.
    private static (double? Low, double? High) Ends(LikelihoodProfile? profile) => profile is null ? (null, null)
        : (profile.Low is { } l ? profile.Quantity.Scaled(l) : null, profile.High is { } h ? profile.Quantity.Scaled(h) : null);
}
