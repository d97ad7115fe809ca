namespace ScalingLab.Planning.Claims;

/// <summary>In which unit a claim's digits would have been right.</summary>
public static class UnitSearch
{
    private const double Exact = 0.01; // three printed digits
    private const double Near = 0.2; // digits of one unit beside the power of ten of another, as 3.14e3 for 3634 PF-days
    private static readonly double PowerOfTen = Math.Sqrt(10); // a bare power of ten is an order of magnitude

    /// <summary>A unit and how far the digits are from the quantity in it: 1 is exact.</summary>
    public sealed record Hit(string Unit, double Ratio);

    /// <summary>The unit; null when none of the quantity's kind does. The unit that the claim has itself is not an answer.</summary>
    /// <param name="digits">The claim's number, without unit.</param>
    /// <param name="quantity">What the number should have counted.</param>
    /// <param name="claimedUnit">Size of the claim's own unit; null when it is of another kind.</param>
    /// <param name="orderOfMagnitude">Whether the number is a bare power of ten.</param>
    public static Hit? Find(double digits, Quantity quantity, double? claimedUnit, bool orderOfMagnitude)
    {
        if (!(digits > 0) || !(quantity.Value > 0))
            return null;
        var ratios = UnitTable.ThatFit(quantity.Dimensions).Where(u => u.Size != claimedUnit).Select(u => new Hit(u.Name, digits * u.Size / quantity.Value)).OrderBy(h => Math.Abs(Math.Log(h.Ratio))).ToArray();
        if (ratios.Length == 0)
            return null;
        double off = Math.Abs(Math.Log(ratios[0].Ratio));
        return off <= Math.Log(1 + Exact) || off <= Math.Log(1 + Near) || (orderOfMagnitude && off <= Math.Log(PowerOfTen)) ? ratios[0] : null;
    }
}
