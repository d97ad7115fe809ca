using MathNet.Numerics;
using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.IsoFlop;

/// <summary>Finds the least loss of one budget's points.</summary>
internal static class ProfileCurve
{
    private const int GridPerGap = 25; // Porian et al. 2024: 25·(points − 1) geometric steps from least to largest N.

    /// <summary>The profile with its optimum or its refusal filled in.</summary>
    public static IsoFlopProfile Read(IsoFlopProfile profile, Curve curve)
    {
        int fewest = curve == Curve.Akima ? IsoFlopOptions.FewestAkimaPoints : IsoFlopOptions.FewestPoints;
        if (profile.Parameters.Distinct().Count() < fewest)
            return profile with { Refusal = ProfileRefusal.TooFewPoints };
        return curve == Curve.Akima ? ReadAkima(profile) : ReadParabola(profile);
    }

    private static IsoFlopProfile ReadParabola(IsoFlopProfile profile)
    {
        double[] t = [.. profile.Parameters.Select(v => Math.Log(v))];
        double centre = t.Average(), half = (t[^1] - t[0]) / 2;
        (double c0, double c1, double c2) = LeastSquares(t, profile.Loss, centre, half);
        var read = profile with { Parabola = [c0 - c1 * centre + c2 * centre * centre, c1 - 2 * c2 * centre, c2] };
        if (!(c2 > 0))
            return read with { Refusal = ProfileRefusal.NotConvex };
        double vertex = centre - c1 / (2 * c2);
        if (vertex <= t[0])
            return read with { Refusal = ProfileRefusal.MinimumAtSmallEnd };
        if (vertex >= t[^1])
            return read with { Refusal = ProfileRefusal.MinimumAtLargeEnd };
        return read with { Optimum = At(profile, vertex), OptimumLoss = c0 - c1 * c1 / (4 * c2) };
    }

    // Normal equations in z = (t − centre)/half, whose condition is of order 10 however wide the budget's sizes lie.
    private static (double C0, double C1, double C2) LeastSquares(double[] t, IReadOnlyList<double> loss, double centre, double half)
    {
        Span<double> matrix = stackalloc double[9], right = stackalloc double[3], powers = stackalloc double[3];
        matrix.Clear();
        right.Clear();
        for (int i = 0; i < t.Length; i++)
        {
            double z = (t[i] - centre) / half;
            (powers[0], powers[1], powers[2]) = (1, z, z * z);
            for (int r = 0; r < 3; r++)
            {
                right[r] += powers[r] * loss[i];
                for (int c = 0; c <= r; c++)
                    matrix[r * 3 + c] += powers[r] * powers[c];
            }
        }
        if (!SmallCholesky.Factor(matrix, 3))
            return (loss.Average(), 0, 0);
        SmallCholesky.Solve(matrix, 3, right);
        return (right[0], right[1] / half, right[2] / (half * half));
    }

    private static IsoFlopProfile ReadAkima(IsoFlopProfile profile)
    {
        // A size met twice at one budget counts with its mean.
        var groups = profile.Parameters.Zip(profile.Loss).GroupBy(p => p.First).OrderBy(g => g.Key).ToArray();
        double[] t = [.. groups.Select(g => Math.Log(g.Key))];
        var spline = AkimaCurve.Through(t, [.. groups.Select(g => g.Average(p => Math.Log(p.Second)))]);
        int steps = GridPerGap * (t.Length - 1), best = 0;
        double least = double.PositiveInfinity, step = (t[^1] - t[0]) / (steps - 1);
        for (int i = 0; i < steps; i++)
        {
            double value = spline.Interpolate(t[0] + i * step);
            if (value < least)
                (best, least) = (i, value);
        }
        if (best == 0)
            return profile with { Refusal = ProfileRefusal.MinimumAtSmallEnd };
        if (best == steps - 1)
            return profile with { Refusal = ProfileRefusal.MinimumAtLargeEnd };
        return profile with { Optimum = At(profile, t[0] + best * step), OptimumLoss = Math.Exp(least) };
    }

    // D at the optimal N by the budget's own line ln D = k + s·ln N: exact when C = 6·N·D, fair when C is measured.
    private static Allocation At(IsoFlopProfile profile, double lnN)
    {
        (double intercept, double slope) = Fit.Line([.. profile.Parameters.Select(v => Math.Log(v))], [.. profile.Tokens.Select(v => Math.Log(v))]);
        return new(Math.Exp(lnN), Math.Exp(intercept + slope * lnN));
    }
}
