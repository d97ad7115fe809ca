using System.Globalization;

namespace ScalingLab.Plotting.Tests;

/// <summary>Runs an action as on a machine where a comma separates decimals and a point groups thousands.</summary>
internal static class Culture
{
    public static T German<T>(Func<T> action)
    {
        // The solution runs with invariant globalization, where "de-DE" carries invariant data: spell the difference out.
        var german = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        german.NumberFormat.NumberDecimalSeparator = ",";
        german.NumberFormat.NumberGroupSeparator = ".";
        german.NumberFormat.NegativeSign = "\u2212";
        CultureInfo before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = german;
        try
        {
            return action();
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
