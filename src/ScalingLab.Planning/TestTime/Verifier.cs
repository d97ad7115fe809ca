namespace ScalingLab.Planning.TestTime;

/// <summary>A check that accepts or rejects an answer.</summary>
/// <param name="TruePositiveRate">Share of correct answers that it accepts, t.</param>
/// <param name="FalsePositiveRate">Share of wrong answers that it accepts, f.</param>
public readonly record struct Verifier(double TruePositiveRate, double FalsePositiveRate)
{
    /// <summary>Accepts what is correct and nothing else: best of n is then coverage.</summary>
    public static readonly Verifier Perfect = new(1, 0);

    /// <summary>Success of best of n: n answers, one drawn among those accepted, or among all when none is.</summary>
    /// <param name="p">Chance that one answer is correct.</param>
    /// <param name="n">Answers, 1 or more; need not be whole.</param>
    /// <remarks>
    /// With q = p·t + (1−p)·f accepted, an accepted answer is correct with p·t/q and a rejected one with p·(1−t)/(1−q), each independent of the others, so
    /// the success is (1 − (1−q)^n)·p·t/q + (1−q)^n·p·(1−t)/(1−q). Bayes' rule; t = 1, f = 0 gives coverage 1 − (1−p)^n.
    /// </remarks>
    public double Success(double p, double n)
    {
        double t = TruePositiveRate, f = FalsePositiveRate, q = p * t + (1 - p) * f;
        double none = q >= 1 ? 0 : Math.Exp(n * Math.Log(1 - q));
        double accepted = q > 0 ? p * t / q : 0, rejected = q < 1 ? p * (1 - t) / (1 - q) : 0;
        return (1 - none) * accepted + none * rejected;
    }

    /// <summary>What it tends to as n grows, p·t/q: more answers do not lift it.</summary>
    public static double Ceiling(double p, double t, double f) => p * t / (p * t + (1 - p) * f);

    /// <summary>The ceiling at p; 1 for a verifier that accepts nothing wrong, and p for one that accepts nothing.</summary>
    public double Ceiling(double p) => TruePositiveRate == 0 && FalsePositiveRate == 0 ? p : p == 0 ? 0 : Ceiling(p, TruePositiveRate, FalsePositiveRate);
}
