using MathNet.Numerics;

namespace ScalingLab.Planning.TestTime;

/// <summary>Problems whose chance of a correct answer is Beta(a, b).</summary>
/// <remarks>Schaeffer et al. 2025, arXiv:2502.17578: coverage of k answers is 1 − E[(1−p)^k] = 1 − B(a, b+k)/B(a, b).</remarks>
/// <param name="A">a, above 0: how few problems are nearly hopeless; coverage nears 1 as k^−a.</param>
/// <param name="B">b, above 0.</param>
public sealed record BetaMixture(double A, double B)
{
    private const double LeastLog = -9.3, MostLog = 16; // a and b from 1e-4 to 9e6: beyond, the counts hold no mixture
    private const int MostSteps = 200;
    private const double Step = 0.25; // of the trapezium rule over ln(p/(1−p)): the integrand is analytic and dies off both ways, so it converges faster than any power

    /// <summary>Mean of p.</summary>
    public double Mean => A / (A + B);

    /// <summary>Whether the fit stopped where the counts name no finite mixture.</summary>
    public bool AtBound => Math.Log(A) <= LeastLog + 1e-6 || Math.Log(B) <= LeastLog + 1e-6 || Math.Log(A) >= MostLog - 1e-6 || Math.Log(B) >= MostLog - 1e-6;

    /// <summary>Coverage of k answers.</summary>
    public double At(double k) => -Math.Exp(SpecialFunctions.GammaLn(B + k) - SpecialFunctions.GammaLn(B) + SpecialFunctions.GammaLn(A + B) - SpecialFunctions.GammaLn(A + B + k)) + 1;

    /// <summary>E[f(p)] for a smooth f on 0..1, by the trapezium rule over s = ln(p/(1−p)); what lies beyond |s| = 45 counts as p = 0 or 1.</summary>
    /// <param name="f">Function of p, whose value at p does not hinge on changes of 1e-19 in it.</param>
    public double Expect(Func<double, double> f)
    {
        const double Far = 45, Bells = 40; // beyond e^-40 of its height a bell is nothing
        double normal = SpecialFunctions.GammaLn(A + B) - SpecialFunctions.GammaLn(A) - SpecialFunctions.GammaLn(B);
        double centre = Math.Log(A / B), width = Math.Sqrt(1 / A + 1 / B), step = Math.Min(Step, width / 8);
        double low = Math.Max(-Far, centre - Bells * Math.Max(width, 1 / A)), high = Math.Min(Far, centre + Bells * Math.Max(width, 1 / B));
        double sum = 0;
        for (int i = 0; i <= (int)Math.Floor((high - low) / step + 1e-9); i++)
        {
            double s = low + i * step;
            double lnP = s > 0 ? -Math.Log(1 + Math.Exp(-s)) : s - Math.Log(1 + Math.Exp(s));
            sum += Math.Exp(A * lnP + B * (lnP - s) + normal) * f(Math.Exp(lnP));
        }
        // Where the range was cut, the nodes beyond are a geometric series: p^A falls by e^(A·step) from node to node, and so (1-p)^B.
        double last = low + Math.Floor((high - low) / step + 1e-9) * step;
        double below = low == -Far ? Math.Exp(A * low + normal) / double.ExpM1(A * step) * f(0) : 0;
        double above = high == Far ? Math.Exp(-B * last + normal) / double.ExpM1(B * step) * f(1) : 0;
        return (sum + below + above) * step;
    }

    /// <summary>ln likelihood of counts, without the binomial factors that do not depend on a and b.</summary>
    public double LogLikelihood(IReadOnlyList<SampleCount> problems) => problems.GroupBy(p => p).Sum(g => g.Count() * Term(A, B, g.Key));

    /// <summary>Maximum likelihood under the beta-binomial distribution; the result is <see cref="AtBound"/> when the likelihood rises without end, as when every problem fails.</summary>
    /// <remarks>Newton's method on ln a and ln b, damped towards the gradient, with exact derivatives by digamma and trigamma.</remarks>
    public static BetaMixture Fit(IReadOnlyList<SampleCount> problems)
    {
        var counts = problems.GroupBy(p => p).Select(g => (g.Key, (double)g.Count())).ToArray();
        double mean = Math.Clamp(problems.Average(p => (double)p.Correct / p.Samples), 1e-4, 1 - 1e-4);
        double x = Math.Log(mean), y = Math.Log(1 - mean), value = Value(x, y), damping = 1e-3;
        for (int step = 0; step < MostSteps; step++)
        {
            (double gx, double gy, double hxx, double hxy, double hyy) = Derivatives(counts, Math.Exp(x), Math.Exp(y));
            bool improved = false;
            for (; damping < 1e12; damping *= 4)
            {
                double xx = -hxx + damping * (Math.Abs(hxx) + 1e-9), yy = -hyy + damping * (Math.Abs(hyy) + 1e-9), xy = -hxy, determinant = xx * yy - xy * xy;
                if (!(xx > 0 && determinant > 0))
                    continue;
                double nx = Math.Clamp(x + (yy * gx - xy * gy) / determinant, LeastLog, MostLog), ny = Math.Clamp(y + (xx * gy - xy * gx) / determinant, LeastLog, MostLog), next = Value(nx, ny);
                if (!(next >= value))
                    continue;
                improved = Math.Abs(nx - x) + Math.Abs(ny - y) > 1e-12;
                (x, y, value, damping) = (nx, ny, next, damping / 10);
                break;
            }
            if (!improved)
                break;
        }
        return new(Math.Exp(x), Math.Exp(y));

        double Value(double lnA, double lnB) => counts.Sum(c => c.Item2 * Term(Math.Exp(lnA), Math.Exp(lnB), c.Key));
    }

    // ln B(a + c, b + n − c) − ln B(a, b)
    private static double Term(double a, double b, SampleCount count) =>
        SpecialFunctions.GammaLn(a + count.Correct) - SpecialFunctions.GammaLn(a) + SpecialFunctions.GammaLn(b + count.Samples - count.Correct) - SpecialFunctions.GammaLn(b)
        + SpecialFunctions.GammaLn(a + b) - SpecialFunctions.GammaLn(a + b + count.Samples);

    // Gradient and Hessian of the log likelihood in (ln a, ln b).
    private static (double, double, double, double, double) Derivatives((SampleCount Key, double Weight)[] counts, double a, double b)
    {
        double ga = 0, gb = 0, haa = 0, hab = 0, hbb = 0;
        foreach (var (count, weight) in counts)
        {
            double both = SpecialFunctions.DiGamma(a + b) - SpecialFunctions.DiGamma(a + b + count.Samples), curve = TriGamma(a + b) - TriGamma(a + b + count.Samples);
            ga += weight * (SpecialFunctions.DiGamma(a + count.Correct) - SpecialFunctions.DiGamma(a) + both);
            gb += weight * (SpecialFunctions.DiGamma(b + count.Samples - count.Correct) - SpecialFunctions.DiGamma(b) + both);
            haa += weight * (TriGamma(a + count.Correct) - TriGamma(a) + curve);
            hbb += weight * (TriGamma(b + count.Samples - count.Correct) - TriGamma(b) + curve);
            hab += weight * curve;
        }
        return (a * ga, b * gb, a * a * haa + a * ga, a * b * hab, b * b * hbb + b * gb);
    }

    /// <summary>Second derivative of ln Γ, x above 0.</summary>
    /// <remarks>Recurrence up to x ≥ 10, then the asymptotic series: Abramowitz and Stegun 1964, 6.4.6 and 6.4.12.</remarks>
    public static double TriGamma(double x)
    {
        double sum = 0;
        for (; x < 10; x++)
            sum += 1 / (x * x);
        double u = 1 / (x * x);
        return sum + 1 / x + u / 2 + u / x * (1.0 / 6 - u * (1.0 / 30 - u * (1.0 / 42 - u * (1.0 / 30 - u * 5.0 / 66))));
    }
}
