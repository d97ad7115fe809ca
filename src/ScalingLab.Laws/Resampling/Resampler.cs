using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Resampling;

/// <summary>Draws resamples: each a pure function of the seed and its number.</summary>
internal sealed class Resampler
{
    private readonly FitPoints points;
    private readonly BootstrapKind kind;
    private readonly BootstrapOptions options;
    private readonly double[] fitted, residuals;
    private readonly bool log;

    public Resampler(FitPoints points, double[] fitted, BootstrapKind kind, ResidualScale scale, BootstrapOptions options)
    {
        (this.points, this.fitted, this.kind, this.options, log) = (points, fitted, kind, options, scale == ResidualScale.Log);
        residuals = [.. Enumerable.Range(0, points.Count).Select(i => log ? Math.Log(points.Loss[i]) - Math.Log(fitted[i]) : points.Loss[i] - fitted[i])];
    }

    /// <summary>Whether every point stays, with another loss, rather than being drawn some number of times.</summary>
    public bool KeepsPoints => kind is BootstrapKind.Residual or BootstrapKind.Noise;

    public void DrawMultiplicity(int resample, Span<int> multiplicity)
    {
        var random = new RandomStream(options.Seed, resample);
        multiplicity.Clear();
        if (kind == BootstrapKind.Case)
        {
            for (int k = 0; k < points.Count; k++)
                multiplicity[random.NextIndex(points.Count)]++;
            return;
        }
        Span<int> drawn = points.ClusterCount <= 1024 ? stackalloc int[points.ClusterCount] : new int[points.ClusterCount];
        drawn.Clear();
        for (int k = 0; k < points.ClusterCount; k++)
            drawn[random.NextIndex(points.ClusterCount)]++;
        for (int i = 0; i < points.Count; i++)
            multiplicity[i] = drawn[points.Clusters[i]];
    }

    public void DrawLosses(int resample, Span<double> loss)
    {
        var random = new RandomStream(options.Seed, resample);
        for (int i = 0; i < loss.Length; i++)
        {
            if (kind == BootstrapKind.Noise)
                loss[i] = Math.Max(points.Loss[i] + options.NoiseSd * random.NextNormal(), 1e-6);
            else
            {
                double residual = residuals[random.NextIndex(loss.Length)];
                loss[i] = log ? fitted[i] * Math.Exp(residual) : Math.Max(fitted[i] + residual, 1e-6);
            }
        }
    }
}
