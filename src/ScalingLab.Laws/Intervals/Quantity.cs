using ScalingLab.Laws.Curves;

namespace ScalingLab.Laws.Intervals;

/// <summary>A function of a fit's variables, with its derivatives.</summary>
/// <param name="x">The solver's variables.</param>
public delegate Jet JetFunction(ReadOnlySpan<Jet> x);

/// <summary>Something that a fit determines and that an interval is wanted for: a parameter, an exponent, an optimum, a loss.</summary>
/// <param name="Name">As in files and tables.</param>
/// <param name="Of">Its value, or the logarithm of it when <paramref name="Logarithm"/>.</param>
/// <param name="Logarithm">Whether <paramref name="Of"/> is the logarithm of the quantity: for what is above 0 and known by a factor.</param>
/// <param name="Low">Least value of the quantity.</param>
/// <param name="High">Largest.</param>
/// <param name="LowIsNatural">Whether <paramref name="Low"/> belongs to the quantity's own range, so that an interval may end there: E is 0 or more.</param>
public sealed record Quantity(string Name, JetFunction Of, bool Logarithm, double Low, double High, bool LowIsNatural = false)
{
    /// <summary>The scale on which its profile is traced, at a value.</summary>
    public double Scaled(double value) => Logarithm ? Math.Log(value) : value;

    /// <summary>The value at a point of that scale.</summary>
    public double Value(double scaled) => Logarithm ? Math.Exp(scaled) : scaled;

    /// <summary>Its scaled value at a point.</summary>
    public double At(ReadOnlySpan<double> x)
    {
        Span<Jet> jets = new Jet[x.Length];
        for (int i = 0; i < x.Length; i++)
            jets[i] = x[i];
        return Of(jets).Value;
    }
}
