using ScalingLab.Plotting.Axes;

namespace ScalingLab.Plotting.Figures;

/// <summary>The least loss that any of some runs reached for a spend or less.</summary>
internal static class LowerEnvelope
{
    private const int Places = 240;

    /// <summary>The envelope at even places of a logarithmic axis; between logged points loss is interpolated in log-log.</summary>
    public static IReadOnlyList<(double Spent, double Loss)> Of(IReadOnlyList<LossCurve> curves, LogScale axis)
    {
        var least = new double[Places + 1];
        Array.Fill(least, double.PositiveInfinity);
        foreach (LossCurve curve in curves)
            Lower(least, axis, curve.Points);
        var envelope = new List<(double, double)>();
        double running = double.PositiveInfinity;
        for (int i = 0; i <= Places; i++)
        {
            running = Math.Min(running, least[i]);
            if (double.IsFinite(running) && double.IsFinite(least[i])) // beyond the last run nothing was measured
                envelope.Add((axis.Value((double)i / Places), running));
        }

        return envelope;
    }

    private static void Lower(double[] least, LogScale axis, IReadOnlyList<(double Spent, double Loss)> points)
    {
        double previousPlace = double.NaN, previousLoss = double.NaN;
        foreach ((double spent, double loss) in points)
        {
            double place = axis.Place(spent) * Places, logLoss = Math.Log(loss);
            if (!double.IsFinite(place) || !double.IsFinite(logLoss))
                continue;
            double start = double.IsNaN(previousPlace) ? place : previousPlace;
            int first = Math.Max(0, (int)Math.Ceiling(start)), last = Math.Min(Places, (int)Math.Floor(place));
            if (double.IsNaN(previousPlace)) // runs of one budget begin a rounding apart, and share the nearest place
                first = last = Math.Clamp((int)Math.Round(place), 0, Places);
            for (int i = first; i <= last; i++)
            {
                double share = place > start ? (i - start) / (place - start) : 1;
                least[i] = Math.Min(least[i], Math.Exp(double.IsNaN(previousLoss) ? logLoss : previousLoss + share * (logLoss - previousLoss)));
            }

            (previousPlace, previousLoss) = (place, logLoss);
        }
    }
}
