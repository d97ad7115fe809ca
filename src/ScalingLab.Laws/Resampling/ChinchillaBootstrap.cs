using System.Diagnostics;
using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Resampling;

/// <summary>The laws fitted to resamples of the data.</summary>
public sealed record ChinchillaResamples
{
    /// <summary>What was resampled.</summary>
    public required BootstrapKind Kind { get; init; }

    /// <summary>Seed.</summary>
    public required long Seed { get; init; }

    /// <summary>One law a resample, in order; those that failed are left out.</summary>
    public required IReadOnlyList<ChinchillaLaw> Laws { get; init; }

    /// <summary>Resamples without a converged fit, or with too few distinct points for one.</summary>
    public required int Failed { get; init; }

    /// <summary>Time spent.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Standard deviation of a quantity over the resamples; null with fewer than two.</summary>
    public double? StandardError(Func<ChinchillaLaw, double> quantity)
    {
        double[] values = [.. Laws.Select(quantity).Where(double.IsFinite)];
        if (values.Length < 2)
            return null;
        double mean = values.Average();
        return Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1));
    }

    /// <summary>Percentile interval of a quantity over the resamples; null without any.</summary>
    public Interval? Interval(Func<ChinchillaLaw, double> quantity, double level) => Resampling.Interval.Percentile(Laws.Select(quantity), level);
}

/// <summary>Bootstrap of the Chinchilla fit: Efron 1979, doi:10.1214/aos/1176344552.</summary>
/// <remarks>
/// Every resample is fitted from several starts: the law of the whole data, and the corners of <see cref="Corners"/>.
/// </remarks>
public static class ChinchillaBootstrap
{
    // A resample's landscape has the whole data's shape; far starts guard against a basin that resampling made the lowest.
    private static readonly (double Alpha, double Beta)[] Corners = [(0.2, 0.7), (0.7, 0.2)];

    /// <summary>Fits every resample.</summary>
    /// <param name="points">The data.</param>
    /// <param name="fit">Their fit.</param>
    /// <param name="options">Options of that fit.</param>
    /// <param name="bootstrap">Options of the bootstrap.</param>
    public static ChinchillaResamples Run(FitPoints points, ChinchillaFit fit, ChinchillaFitOptions options, BootstrapOptions bootstrap)
    {
        var clock = Stopwatch.StartNew();
        var kind = bootstrap.Kind ?? (points.Clustered ? BootstrapKind.Cluster : BootstrapKind.Case);
        double[] fitted = [.. Enumerable.Range(0, points.Count).Select(i => fit.Law.Loss(points.Parameters[i], points.Tokens[i]).Value)];
        var sampler = new Resampler(points, fitted, kind, options.Objective.Scale, bootstrap);
        var laws = new ChinchillaLaw?[bootstrap.Resamples];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = bootstrap.Threads ?? Environment.ProcessorCount };
        Parallel.For(0, bootstrap.Resamples, parallel,
            () => new Thread(points, options, fit.Law),
            (i, _, thread) =>
            {
                laws[i] = thread.Fit(sampler, i);
                return thread;
            },
            _ => { });
        ChinchillaLaw[] kept = [.. laws.OfType<ChinchillaLaw>()];
        return new ChinchillaResamples { Kind = kind, Seed = bootstrap.Seed, Laws = kept, Failed = laws.Length - kept.Length, Elapsed = clock.Elapsed };
    }

    /// <summary>Fits one resample given as multiplicities of the points, as the bootstrap does.</summary>
    /// <returns>The law and the value of its objective; null when no start converged.</returns>
    public static (ChinchillaLaw Law, double Value)? FitResample(FitPoints points, ChinchillaFit fit, ChinchillaFitOptions options, ReadOnlySpan<int> multiplicity)
    {
        var thread = new Thread(points, options, fit.Law);
        thread.Workspace.LoadResample(multiplicity);
        return thread.Best();
    }

    private sealed class Thread(FitPoints points, ChinchillaFitOptions options, ChinchillaLaw whole)
    {
        private readonly int[] multiplicity = new int[points.Count];
        private readonly double[] loss = new double[points.Count];
        private readonly double[] x = new double[5], bestX = new double[5];
        private readonly int freeParameters = 5 - options.Fixed.Count;

        public ChinchillaWorkspace Workspace { get; } = new(points, options);

        public ChinchillaLaw? Fit(Resampler sampler, int resample)
        {
            if (sampler.KeepsPoints)
            {
                sampler.DrawLosses(resample, loss);
                Workspace.Load(loss);
            }
            else
            {
                sampler.DrawMultiplicity(resample, multiplicity);
                Workspace.LoadResample(multiplicity);
                if (Workspace.LoadedPoints < freeParameters)
                    return null;
            }
            return Best()?.Law;
        }

        public (ChinchillaLaw Law, double Value)? Best()
        {
            Workspace.PointOf(whole, x);
            var best = Workspace.Polish(x, 0);
            x.CopyTo(bestX, 0);
            foreach ((double alpha, double beta) in Corners)
            {
                var outcome = Workspace.SolveFrom(options.Fixed.GetValueOrDefault("alpha", alpha), options.Fixed.GetValueOrDefault("beta", beta), x);
                if (!(outcome.Value < best.Value) || !outcome.Converged)
                    continue;
                best = outcome;
                x.CopyTo(bestX, 0);
            }
            return best.Converged ? (Workspace.LawAt(bestX), best.Value) : null;
        }
    }
}
