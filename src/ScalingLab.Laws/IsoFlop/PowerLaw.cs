namespace ScalingLab.Laws.IsoFlop;

/// <summary>y = coefficient · C^exponent.</summary>
public readonly record struct PowerLaw(double Coefficient, double Exponent)
{
    /// <summary>y at C.</summary>
    public double At(double flops) => Coefficient * Math.Pow(flops, Exponent);

    /// <summary>Least squares of ln y on ln C, each point weighted; two or more distinct C.</summary>
    /// <param name="flops">C of each point.</param>
    /// <param name="values">y of each point, above 0.</param>
    /// <param name="weights">Weights; null for equal ones.</param>
    public static PowerLaw Through(IReadOnlyList<double> flops, IReadOnlyList<double> values, IReadOnlyList<double>? weights = null)
    {
        double w = 0, x = 0, y = 0;
        for (int i = 0; i < flops.Count; i++)
        {
            double wi = weights?[i] ?? 1;
            w += wi;
            x += wi * Math.Log(flops[i]);
            y += wi * Math.Log(values[i]);
        }
        (x, y) = (x / w, y / w);
        double xx = 0, xy = 0;
        for (int i = 0; i < flops.Count; i++)
        {
            double wi = weights?[i] ?? 1, dx = Math.Log(flops[i]) - x;
            xx += wi * dx * dx;
            xy += wi * dx * (Math.Log(values[i]) - y);
        }
        double exponent = xy / xx;
        return new(Math.Exp(y - exponent * x), exponent);
    }
}
