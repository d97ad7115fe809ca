using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Resampling;

/// <summary>Draws resamples: each a pure function of the seed and its number.</summary>
internal sealed class Resampler
{
    private readonly FitPoints _points;
    private readonly BootstrapKind _kind;
    private readonly BootstrapOptions _options;
    private readonly double[] _fitted, _residuals;
    private readonly bool _log;

    public Resampler(FitPoints points, double[] fitted, BootstrapKind kind, ResidualScale scale, BootstrapOptions options)
    {
        (_points, _fitted, _kind, _options, _log) = (points, fitted, kind, options, scale == ResidualScale.Log);
        _residuals = [.. Enumerable.Range(0, points.Count).Select(i => _log ? Math.Log(points.Loss[i]) - Math.Log(fitted[i]) : points.Loss[i] - fitted[i])];
    }

    /// <summary>Whether every point stays, with another loss, rather than being drawn some number of times.</summary>
    public bool KeepsPoints => _kind is BootstrapKind.Residual or BootstrapKind.Noise;

    public void DrawMultiplicity(int resample, Span<int> multiplicity)
    {
        var random = new CounterRandom(_options.Seed, resample);
        multiplicity.Clear();
        if (_kind == BootstrapKind.Case)
        {
            for (int k = 0; k < _points.Count; k++)
                multiplicity[random.NextIndex(_points.Count)]++;
            return;
        }
        Span<int> drawn = _points.ClusterCount <= 1024 ? stackalloc int[_points.ClusterCount] : new int[_points.ClusterCount];
        drawn.Clear();
        for (int k = 0; k < _points.ClusterCount; k++)
            drawn[random.NextIndex(_points.ClusterCount)]++;
        for (int i = 0; i < _points.Count; i++)
            multiplicity[i] = drawn[_points.Clusters[i]];
    }

    public void DrawLosses(int resample, Span<double> loss)
    {
        var random = new CounterRandom(_options.Seed, resample);
        for (int i = 0; i < loss.Length; i++)
        {
            if (_kind == BootstrapKind.Noise)
                loss[i] = Math.Max(_points.Loss[i] + _options.NoiseSd * random.NextNormal(), 1e-6);
            else
            {
                double residual = _residuals[random.NextIndex(loss.Length)];
                loss[i] = _log ? _fitted[i] * Math.Exp(residual) : Math.Max(_fitted[i] + residual, 1e-6);
            }
        }
    }
}
