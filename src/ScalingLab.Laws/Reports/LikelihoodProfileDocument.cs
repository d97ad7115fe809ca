using System.Globalization;
using ScalingLab.Laws.Intervals;

namespace ScalingLab.Laws.Reports;

/// <summary>The profile likelihood of one quantity, as in a file.</summary>
/// <param name="Estimate">Value at the fit.</param>
/// <param name="Interval">[low, high]; an end is null when the profile does not bound the quantity on that side.</param>
/// <param name="LowReason">Why the lower end is open, or where the interval meets the quantity's own bound; null otherwise.</param>
/// <param name="HighReason">Likewise the upper end.</param>
/// <param name="CriticalDeviance">Deviance at the ends; null when there is no profile.</param>
/// <param name="Dispersion">What the deviance is too large by on average, see <see cref="Sandwich"/>; null when the likelihood was taken at its word.</param>
/// <param name="Points">[value, deviance] by ascending value: twice the fall of the ln likelihood, its scale fitted anew.</param>
public sealed record LikelihoodProfileDocument(double Estimate, double?[] Interval, string? LowReason, string? HighReason, double? CriticalDeviance, double? Dispersion, IReadOnlyList<double[]> Points)
{
    /// <summary>Of a profile; open on both sides when there is none.</summary>
    /// <param name="estimate">Value at the fit.</param>
    /// <param name="profile">Profile.</param>
    public static LikelihoodProfileDocument Of(double estimate, LikelihoodProfile? profile)
    {
        if (profile is null)
            return new(estimate, [null, null], "no profile: the quantity is held, on a bound, or nothing is left to judge a deviance by", "likewise", null, null, []);
        return new(profile.Estimate, [profile.Low, profile.High], Reason(profile.LowReason, profile.Points[0].Value, "below"), Reason(profile.HighReason, profile.Points[^1].Value, "above"),
            profile.CriticalDeviance, profile.Dispersion, [.. profile.Points.Where(p => double.IsFinite(p.Value) && double.IsFinite(p.Deviance)).Select(p => new[] { p.Value, p.Deviance })]);
    }

    private static string? Reason(OpenEnd reason, double reached, string side) => reason switch
    {
        OpenEnd.None => null,
        OpenEnd.Flat => Text($"flat {side}: followed to {reached:0.###e0} without a limit"),
        OpenEnd.EndOfRange => Text($"flat {side}: no limit up to the end of the law's range, {reached:0.####}"),
        OpenEnd.OwnBound => Text($"the interval reaches the bound {reached:0.####}"),
        _ => Text($"no constrained minimum was found {side} {reached:0.####e0}"),
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
