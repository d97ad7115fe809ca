using ScalingLab.Core.Units;
using ScalingLab.Laws;

namespace ScalingLab.Planning.Optimum;

/// <summary>The one optimiser behind every constraint: it walks along ln N, and D follows from what is held.</summary>
/// <remarks>A grid first, since limited data can bend the curve twice, then golden sections between the neighbours of the best point.</remarks>
public static class AllocationSearch
{
    private const int GridPoints = 160;
    private const double Tolerance = 1e-10; // of ln N; the loss is flat there, so about 1e-8 of N is what doubles can tell
    private static readonly double Golden = (Math.Sqrt(5) - 1) / 2;

    /// <summary>Least loss for a budget.</summary>
    /// <param name="surface">Law, and the distinct tokens if they are limited.</param>
    /// <param name="spending">Cost of N and D.</param>
    /// <param name="budget">C in training FLOPs.</param>
    /// <param name="mostParameters">Largest N that memory allows; null for no limit.</param>
    /// <returns>Null when no N of 1 or more leaves a token to train on.</returns>
    public static Allocation? LeastLoss(LossSurface surface, Spending spending, double budget, double? mostParameters = null)
    {
        double most = Math.Min(mostParameters ?? double.PositiveInfinity, budget / (spending.PerParameter + spending.FlopsPerParameterToken)); // D is 1 there
        if (!(most >= 1))
            return null;
        if (spending.PerParameter == 0 && surface.UniqueTokens is null)
        {
            var free = surface.Law.ComputeOptimal(new Flops(budget), spending.FlopsPerParameterToken);
            if (free.Parameters <= most)
                return free;
        }
        double lnN = Minimum(x => surface.Loss(Math.Exp(x), spending.TokensWithin(budget, Math.Exp(x))), 0, Math.Log(most));
        return new(Math.Exp(lnN), spending.TokensWithin(budget, Math.Exp(lnN)));
    }

    /// <summary>Least cost of a loss: Sardana et al. 2024, arXiv:2401.00448, Eq. 2.</summary>
    /// <param name="surface">Law, and the distinct tokens if they are limited.</param>
    /// <param name="spending">Cost of N and D.</param>
    /// <param name="loss">Loss to reach, nats a token.</param>
    /// <param name="from">Any allocation that reaches it, with the N of least training cost: serving only ever makes N smaller.</param>
    public static Allocation LeastCost(LossSurface surface, Spending spending, double loss, Allocation from)
    {
        const double Smaller = 12; // e^12: no serving makes a model 160,000 times smaller worth its training
        double top = Math.Log(from.Parameters);
        double lnN = Minimum(x => surface.TokensFor(Math.Exp(x), loss) is { } d ? spending.Lifetime(new(Math.Exp(x), d)) : double.PositiveInfinity, top - Smaller, top);
        return new(Math.Exp(lnN), surface.TokensFor(Math.Exp(lnN), loss) ?? from.Tokens);
    }

    /// <summary>The x of least value between two ends.</summary>
    internal static double Minimum(Func<double, double> value, double low, double high)
    {
        double step = (high - low) / GridPoints;
        if (!(step > 0))
            return low;
        int best = 0;
        double least = double.PositiveInfinity;
        for (int i = 0; i <= GridPoints; i++)
        {
            double v = value(low + i * step);
            if (v < least)
                (best, least) = (i, v);
        }
        (double a, double b) = (low + Math.Max(0, best - 1) * step, Math.Min(high, low + (best + 1) * step));
        double c = b - Golden * (b - a), d = a + Golden * (b - a);
        double atC = value(c), atD = value(d);
        while (b - a > Tolerance)
        {
            if (atC < atD)
            {
                (b, d, atD) = (d, c, atC);
                c = b - Golden * (b - a);
                atC = value(c);
            }
            else
            {
                (a, c, atC) = (c, d, atD);
                d = a + Golden * (b - a);
                atD = value(d);
            }
        }
        double middle = (a + b) / 2;
        return value(middle) <= value(high) ? middle : high; // a limit is met exactly
    }
}
