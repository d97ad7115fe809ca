using MathNet.Numerics.Interpolation;

namespace ScalingLab.Laws.IsoFlop;

/// <summary>Akima's spline: Akima 1970, doi:10.1145/321607.321609, Sec. 2 (slopes) and 2.3 (ends).</summary>
/// <remarks>
/// MathNet's own Akima takes three-point slopes at both ends; Akima, and SciPy after him, extends the data by two chords on
/// each side instead. Only the slopes are computed here, and the cubic pieces are MathNet's.
/// </remarks>
public static class AkimaCurve
{
    /// <summary>The spline through points of increasing x; two or more.</summary>
    public static CubicSpline Through(double[] x, double[] y) => CubicSpline.InterpolateHermiteSorted(x, y, Slopes(x, y));

    private static double[] Slopes(double[] x, double[] y)
    {
        int n = x.Length;
        var m = new double[n + 3]; // Chords: m[i + 2] spans points i and i + 1.
        for (int i = 0; i + 1 < n; i++)
            m[i + 2] = (y[i + 1] - y[i]) / (x[i + 1] - x[i]);
        if (n == 2)
            return [m[2], m[2]];
        m[1] = 2 * m[2] - m[3];
        m[0] = 2 * m[1] - m[2];
        m[n + 1] = 2 * m[n] - m[n - 1];
        m[n + 2] = 2 * m[n + 1] - m[n];
        var slopes = new double[n];
        for (int i = 0; i < n; i++)
        {
            double after = Math.Abs(m[i + 3] - m[i + 2]), before = Math.Abs(m[i + 1] - m[i]);
            slopes[i] = after + before > 1e-9 * m.Max(Math.Abs) // Below that the two weights are rounding.
                ? (after * m[i + 1] + before * m[i + 2]) / (after + before)
                : (m[i + 1] + m[i + 2]) / 2;
        }
        return slopes;
    }
}
