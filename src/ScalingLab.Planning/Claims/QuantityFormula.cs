namespace ScalingLab.Planning.Claims;

/// <summary>Reads a quantity for a known unit: <c>5GW</c>, <c>176 TWh</c>, or a bare number in that unit.</summary>
public static class QuantityFormula
{
    /// <summary>The value, counted in <paramref name="unit"/>.</summary>
    /// <exception cref="ExpressionException">It cannot be read, or has a unit that does not fit; the units that fit are named.</exception>
    public static double Parse(string text, string unit)
    {
        Quantity value = Expression.Evaluate(text), one = Expression.Evaluate(unit);
        return value.Dimensions == Dimensions.None ? value.Value : In(text, value, one);
    }

    /// <summary>A quantity counted in a unit.</summary>
    /// <exception cref="ExpressionException">They count different things.</exception>
    public static double In(string text, Quantity value, Quantity unit) => value.Dimensions == unit.Dimensions ? value.Value / unit.Value
        : throw new ExpressionException($"'{text}' counts {value.Dimensions}, where {unit.Dimensions} is wanted", $"units that fit: {UnitTable.FitText(unit.Dimensions)}");
}
