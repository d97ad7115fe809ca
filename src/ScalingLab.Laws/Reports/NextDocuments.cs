using System.Diagnostics;
using MathNet.Numerics.Distributions;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Models;
using ScalingLab.Laws.Conventions;
using ScalingLab.Laws.Design;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Laws.Reports;

/// <summary>From the present runs to the next ones.</summary>
public static class NextDocuments
{
    private static readonly double[] Fractions = [1.0 / 64, 1.0 / 16, 1.0 / 4];
    private const double Disagreement = 2;
    private const double OneSigma = 0.6827;
    private const double FarBudget = 1000;

    /// <summary>Fits, finds what noise there is, and chooses.</summary>
    /// <exception cref="UserErrorException">The law cannot be fitted, does not give the quantity, has no noise to speak of, or no candidate fits the budget and the bounds.</exception>
    public static NextDocument Build(FitPoints points, NextOptions options)
    {
        var clock = Stopwatch.StartNew();
        var fit = ChinchillaFitter.Fit(points, options.Fit);
        double k = points.FlopsPerParameterToken, value = options.Quantity.Value(fit.Law, k);
        if (!double.IsFinite(value) || fit.Law is not { A: > 0, B: > 0 })
            throw Refuse($"the law fitted to these data gives no {options.Quantity.Name}: {(fit.AtBound.Count > 0 ? string.Join(", ", fit.AtBound) + " lies on a bound" : "it has no interior optimum")}", "vary both N and D over a decade first");
        var noise = NoiseOf(points, fit, options);
        var resamples = ChinchillaBootstrap.Run(points, fit, options.Fit, new BootstrapOptions { Resamples = options.Resamples, Seed = options.Seed });
        var model = new DesignModel(points, fit, [.. options.Fit.Fixed.Keys], noise, options.Quantity);
        double now = model.StandardError(model.Present);
        if (!(now > 0))
            throw Refuse($"{options.Quantity.Name} depends on no parameter that is free: nothing is left to learn", "leave out --fix");

        double present = Enumerable.Range(0, points.Count).GroupBy(i => points.Runs[i]).Sum(g => g.Max(i => points.Flops[i])), budget = options.BudgetFlops ?? present;
        var bounds = Bounds(points, options);
        var cost = CostLaw.Of(points);
        var shapes = options.Shapes?.Between(bounds.Parameters.Low, bounds.Parameters.High);
        var candidates = CandidateGrid.Of(bounds, cost, shapes is { Count: > 0 } ? [.. shapes.Select(s => s.Parameters)] : null);
        if (candidates.Count == 0)
            throw Refuse("no run lies within the bounds of N, D and D/N", "widen --params, --tokens or --tokens-per-param, or raise --reach");
        if (candidates.All(c => c.Flops > budget))
            throw Refuse(FormattableString.Invariant($"the cheapest run within the bounds costs {candidates.Min(c => c.Flops):0.##e0} FLOPs, and the budget is {budget:0.##e0}"), "raise --budget, or lower the bounds with --params or --tokens");

        var chosen = RunChooser.Choose(model, candidates, budget, options.MostRuns);
        double? resampled = resamples.Interval(l => options.Quantity.Value(l, k), OneSigma) is { High: var high, Low: var low } && high > low ? (high - low) / 2 : null;
        double scale = (resampled ?? now) / now;
        return new NextDocument
        {
            Quantity = options.Quantity.Name,
            Value = options.Quantity.Logarithmic ? Math.Exp(value) : value,
            Logarithmic = options.Quantity.Logarithmic,
            StandardErrorNow = scale * now,
            StandardErrorFirstOrder = now,
            IntervalNow = Interval(options, value, scale * now),
            IntervalAfter = Interval(options, value, scale * chosen.StandardError),
            Level = options.Level,
            BudgetFlops = budget,
            Runs = [.. chosen.Runs.Select(r => Told(r, points, shapes))],
            Chosen = Spending(chosen.Runs, chosen.StandardError, now, scale),
            Repeated = Repeated(points, present, chosen.Flops, scale * now),
            Uniform = Uniform(model, bounds, cost, chosen) is ({ Count: > 0 } grid, double error) ? Spending(grid, error, now, scale) : null,
            Frontier = [.. Fractions.Select(f => RunChooser.Choose(model, candidates, budget * f, options.MostRuns)).Where(c => c.Runs.Count > 0).Append(chosen).DistinctBy(c => c.Flops)
                .Select(c => Spending(c.Runs, c.StandardError, now, scale))],
            NoiseSd = noise.Sd,
            NoiseShared = noise.Shared,
            Observations = points.Count,
            PresentFlops = present,
            Candidates = new([bounds.Parameters.Low, bounds.Parameters.High], [bounds.Tokens.Low, bounds.Tokens.High], [bounds.TokensPerParameter.Low, bounds.TokensPerParameter.High], bounds.PointsPerRun, candidates.Count),
            Warnings = [.. FitWarnings.OfFit(points, fit), .. Warnings(points, options, chosen, now, resampled, cost, budget)],
            Seconds = clock.Elapsed.TotalSeconds,
        };
    }

    private static IEnumerable<string> Warnings(FitPoints points, NextOptions options, RunChoice chosen, double now, double? resampled, CostLaw cost, double budget)
    {
        int outside = chosen.Runs.Count(r => !Within(r, points));
        if (outside > 0)
            yield return $"{outside} of the {chosen.Runs.Count} runs lie outside the N or D tried so far: that the law holds there is part of what they test; --reach 1 keeps within";
        if (resampled is { } other && (other > now * Disagreement || now > other * Disagreement))
            yield return FormattableString.Invariant($"resamples give a standard error of {other:0.####}, the first-order formula {now:0.####}: noise is uneven or the law strongly bent there, and the shrinkage is rough");
        if (chosen.Runs.Count == 0)
            yield return "no run within the budget would lower the error noticeably";
        else if (chosen.Flops < budget / 2)
            yield return FormattableString.Invariant($"the choice leaves {100 - 100 * chosen.Flops / budget:0} % of the budget: with {chosen.Runs.Count} runs within the bounds more compute does not help; allow more --runs or a wider --reach");
        if (cost.WorstDeparture > 0.2)
            yield return FormattableString.Invariant($"costs of the models lie up to {cost.WorstDeparture * 100:0} % off the power of N that candidates are costed by");
        if (options.Quantity.Name.Split('@') is [_, var at] && double.Parse(at, System.Globalization.CultureInfo.InvariantCulture) > FarBudget * points.Flops.Max())
            yield return $"{options.Quantity.Name} lies more than {FarBudget:0} times beyond the largest run: the error of the law itself is not in these intervals";
    }

    private static ResidualNoise NoiseOf(FitPoints points, ChinchillaFit fit, NextOptions options)
    {
        var noise = ResidualNoise.Of(points, fit, ChinchillaLaw.ParameterNames.Count - options.Fit.Fixed.Count);
        if (options.NoiseNats is { } nats)
            return noise with { Sd = fit.Objective.Scale == ResidualScale.Log ? nats / points.Loss.Average() : nats, Smooth = false };
        return noise.Smooth ? throw Refuse("the losses follow the law to rounding: there is no noise to average out", "give its size with --noise SD, nats") : noise;
    }

    private static CandidateBounds Bounds(FitPoints points, NextOptions options)
    {
        var own = CandidateBounds.Of(points, options.Reach);
        return own with { Parameters = options.Parameters ?? own.Parameters, Tokens = options.Tokens ?? own.Tokens, TokensPerParameter = options.TokensPerParameter ?? own.TokensPerParameter };
    }

    private static SpendingDocument Spending(IReadOnlyList<CandidateRun> runs, double error, double now, double scale) => new(runs.Count, runs.Sum(r => r.Flops), scale * error, error / now);

    // Twice the present runs halve every variance.
    private static SpendingDocument Repeated(FitPoints points, double present, double flops, double now)
    {
        double share = flops / present, shrinkage = 1 / Math.Sqrt(1 + share);
        return new((int)Math.Round(share * points.Runs.Distinct().Count()), flops, now * shrinkage, shrinkage);
    }

    private static (IReadOnlyList<CandidateRun> Runs, double Error) Uniform(DesignModel model, CandidateBounds bounds, CostLaw cost, RunChoice chosen)
    {
        var grid = chosen.Runs.Count == 0 ? [] : CandidateGrid.Uniform(bounds, cost, chosen.Flops, chosen.Runs.Count);
        var sum = model.Present.Copy();
        foreach (var run in grid)
            model.Add(sum, 1, run);
        return (grid, model.StandardError(sum));
    }

    private static NextRunDocument Told(CandidateRun run, FitPoints points, IReadOnlyList<(ModelShape Shape, double Parameters)>? shapes)
    {
        var shape = shapes?.FirstOrDefault(s => s.Parameters == run.Parameters).Shape;
        return new(run.Parameters, run.Tokens[^1], run.Flops, run.Tokens, shape?.Layers, shape?.Width, shape?.Heads, Within(run, points));
    }

    private static bool Within(CandidateRun run, FitPoints points) =>
        run.Parameters >= points.Parameters.Min() / 1.0001 && run.Parameters <= points.Parameters.Max() * 1.0001 && run.Tokens[^1] >= points.Tokens.Min() / 1.0001 && run.Tokens[^1] <= points.Tokens.Max() * 1.0001;

    private static double[] Interval(NextOptions options, double value, double error)
    {
        double half = Normal.InvCDF(0, 1, (1 + options.Level) / 2) * error;
        return options.Quantity.Logarithmic ? [Math.Exp(value - half), Math.Exp(value + half)] : [value - half, value + half];
    }

    private static UserErrorException Refuse(string message, string help) => new(ExitCode.CorruptData, new Diagnostic("SL0412", message, Help: help));
}
