using System.Diagnostics;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Laws.IsoFlop;

/// <summary>Groups observations into budgets, finds each budget's optimum, and draws power laws through the optima.</summary>
public static class IsoFlopFitter
{
    /// <summary>The whole of Approach 2 with its resamples.</summary>
    public static IsoFlopFit Fit(FitPoints points, IsoFlopOptions? options = null)
    {
        options ??= new IsoFlopOptions();
        var profiles = Profiles(points, options.Tolerance).Select(p => ProfileCurve.Read(p, options.Curve)).ToArray();
        (PowerLaw N, PowerLaw D)? laws = Laws(profiles);
        var clock = Stopwatch.StartNew();
        bool residual = options.Curve == Curve.Parabola && options.Bootstrap.Kind is not BootstrapKind.Noise;
        double sd = residual ? 0 : options.Bootstrap.NoiseSd > 0 ? options.Bootstrap.NoiseSd : ProfileNoise.Estimate(profiles);
        var resampled = new (PowerLaw N, PowerLaw D)?[laws is null ? 0 : options.Bootstrap.Resamples];
        var optima = new Allocation?[resampled.Length][];
        Parallel.For(0, resampled.Length, new ParallelOptions { MaxDegreeOfParallelism = options.Bootstrap.Threads ?? Environment.ProcessorCount }, r =>
        {
            var random = new RandomStream(options.Bootstrap.Seed, r);
            var copies = new IsoFlopProfile[profiles.Length];
            for (int i = 0; i < profiles.Length; i++)
                copies[i] = ProfileCurve.Read((residual ? WithResiduals(profiles[i], ref random) : WithNoise(profiles[i], sd, ref random)) with { Refusal = null, Optimum = null }, options.Curve);
            resampled[r] = Laws(copies);
            optima[r] = [.. copies.Select(p => p.Optimum)];
        });
        var kept = resampled.OfType<(PowerLaw N, PowerLaw D)>().ToArray();
        return new IsoFlopFit
        {
            Profiles = profiles,
            OptimalParameters = laws?.N,
            OptimalTokens = laws?.D,
            ResampledParameters = [.. kept.Select(k => k.N)],
            ResampledTokens = [.. kept.Select(k => k.D)],
            ResampledOptima = optima,
            Failed = resampled.Length - kept.Length,
            Kind = resampled.Length == 0 ? null : residual ? BootstrapKind.Residual : BootstrapKind.Noise,
            NoiseSd = resampled.Length == 0 || residual ? null : sd,
            Elapsed = clock.Elapsed,
        };
    }

    /// <summary>The budgets that the observations form by themselves; where less than half of them lie in budgets of three sizes, those that runs pass on their way.</summary>
    public static IReadOnlyList<IsoFlopProfile> Profiles(FitPoints points, double tolerance)
    {
        IsoFlopProfile[] own = [.. Budgets(points, tolerance)];
        // Of scattered costs a few meet by chance; a design by budgets has most of its points in them.
        int met = own.Where(p => p.Parameters.Distinct().Count() >= IsoFlopOptions.FewestPoints).Sum(p => p.Loss.Count);
        if (!points.Clustered || met * 2 >= points.Count)
            return own;
        IsoFlopProfile[] passed = [.. RunInterpolation.Budgets(points)];
        return passed.Length >= 2 ? passed : own;
    }

    /// <summary>Observations of like cost, ascending: a budget reaches from its cheapest point up to (1 + tolerance) times it.</summary>
    public static IEnumerable<IsoFlopProfile> Budgets(FitPoints points, double tolerance)
    {
        int[] order = [.. Enumerable.Range(0, points.Count).OrderBy(i => points.Flops[i]).ThenBy(i => points.Parameters[i])];
        for (int start = 0, end; start < order.Length; start = end)
        {
            end = start + 1;
            while (end < order.Length && points.Flops[order[end]] <= points.Flops[order[start]] * (1 + tolerance))
                end++;
            int[] members = [.. order[start..end].OrderBy(i => points.Parameters[i]).ThenBy(i => points.Loss[i])];
            yield return new IsoFlopProfile
            {
                Flops = Math.Exp(members.Average(i => Math.Log(points.Flops[i]))),
                Parameters = [.. members.Select(i => points.Parameters[i])],
                Tokens = [.. members.Select(i => points.Tokens[i])],
                Loss = [.. members.Select(i => points.Loss[i])],
            };
        }
    }

    internal static (PowerLaw N, PowerLaw D)? Laws(IEnumerable<IsoFlopProfile> profiles)
    {
        var accepted = profiles.Where(p => p.Optimum is not null).ToArray();
        if (accepted.Length < 2)
            return null;
        double[] flops = [.. accepted.Select(p => p.Flops)];
        return (PowerLaw.Through(flops, [.. accepted.Select(p => p.Optimum!.Value.Parameters)]),
            PowerLaw.Through(flops, [.. accepted.Select(p => p.Optimum!.Value.Tokens)]));
    }

    private static double Fitted(IsoFlopProfile profile, int i)
    {
        double t = Math.Log(profile.Parameters[i]);
        var c = profile.Parabola!;
        return c[0] + t * (c[1] + t * c[2]);
    }

    // Residuals are drawn within the budget and widened by √(n/(n − 3)) for the three coefficients they were fitted with.
    private static IsoFlopProfile WithResiduals(IsoFlopProfile profile, ref RandomStream random)
    {
        int n = profile.Loss.Count;
        if (profile.Parabola is null || n <= 3)
            return profile; // Three points leave no residual: such a budget does not vary.
        double widen = Math.Sqrt(n / (n - 3.0));
        var loss = new double[n];
        for (int i = 0; i < n; i++)
        {
            int from = random.NextIndex(n);
            loss[i] = Fitted(profile, i) + widen * (profile.Loss[from] - Fitted(profile, from));
        }
        return profile with { Loss = loss };
    }

    private static IsoFlopProfile WithNoise(IsoFlopProfile profile, double sd, ref RandomStream random)
    {
        var loss = new double[profile.Loss.Count];
        for (int i = 0; i < loss.Length; i++)
            loss[i] = Math.Max(profile.Loss[i] + sd * random.NextNormal(), 1e-6);
        return profile with { Loss = loss };
    }

    /// <summary>Sum of squared residuals of the budgets' parabolas, over budgets of four points or more.</summary>
    public static double SquaredResiduals(IEnumerable<IsoFlopProfile> profiles) => profiles.Where(LeavesResiduals)
        .Select(p => p.Parabola is null ? ProfileCurve.Read(p, Curve.Parabola) : p)
        .Sum(p => Enumerable.Range(0, p.Loss.Count).Sum(i => Math.Pow(p.Loss[i] - Fitted(p, i), 2)));

    private static bool LeavesResiduals(IsoFlopProfile profile) => profile.Parameters.Distinct().Count() > 3;
}
