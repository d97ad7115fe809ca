using System.Diagnostics;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.IsoFlop;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Laws.Envelope;

/// <summary>Draws the envelope, its power laws, and those of resamples.</summary>
/// <remarks>
/// Resamples draw clusters with replacement: a cluster drawn twice counts once, since a minimum does not weigh. The bootstrap of a minimum is rough
/// (Bickel and Freedman 1981, doi:10.1214/aos/1176345637, Sec. 6), here less so, since what is fitted runs through many minima.
/// </remarks>
public static class EnvelopeFitter
{
    private const int FewestCurves = 3;

    /// <summary>The whole of Approach 1 with its resamples; refusals are values.</summary>
    public static EnvelopeFit Fit(FitPoints points, EnvelopeOptions? options = null)
    {
        options ??= new EnvelopeOptions();
        IEnvelope source = SourceOf(points, options.Kind);
        var (envelope, edge) = source.Draw(points.Loss, All(points));
        EnvelopeRefusal? refusal = source.Refusal ?? (Laws(envelope) is null ? EnvelopeRefusal.TooFewOnEnvelope : null);
        var laws = refusal is null ? Laws(envelope) : null;
        var clock = Stopwatch.StartNew();
        bool noise = options.Bootstrap.Kind == BootstrapKind.Noise;
        var resampled = new (PowerLaw N, PowerLaw D)?[laws is null ? 0 : options.Bootstrap.Resamples];
        Parallel.For(0, resampled.Length, new ParallelOptions { MaxDegreeOfParallelism = options.Bootstrap.Threads ?? Environment.ProcessorCount }, r =>
        {
            var random = new RandomStream(options.Bootstrap.Seed, r);
            double[] loss = points.Loss;
            var taken = new bool[points.ClusterCount];
            Array.Fill(taken, noise);
            if (noise)
                loss = [.. loss.Select(l => Math.Max(l + options.Bootstrap.NoiseSd * random.NextNormal(), 1e-6))];
            else
                for (int k = 0; k < taken.Length; k++)
                    taken[random.NextIndex(taken.Length)] = true;
            resampled[r] = Laws(source.Draw(loss, taken).Points);
        });
        var kept = resampled.OfType<(PowerLaw N, PowerLaw D)>().ToArray();
        return new EnvelopeFit
        {
            Kind = options.Kind,
            Runs = source.Runs,
            Points = envelope,
            EdgeShare = envelope.Count + edge == 0 ? 0 : (double)edge / (envelope.Count + edge),
            Refusal = refusal,
            OptimalParameters = laws?.N,
            OptimalTokens = laws?.D,
            ResampledParameters = [.. kept.Select(k => k.N)],
            ResampledTokens = [.. kept.Select(k => k.D)],
            Failed = resampled.Length - kept.Length,
            Resampled = resampled.Length == 0 ? null : noise ? BootstrapKind.Noise : BootstrapKind.Cluster,
            Elapsed = clock.Elapsed,
        };
    }

    /// <summary>The envelope of the points with other losses.</summary>
    internal static List<EnvelopePoint> Draw(FitPoints points, EnvelopeKind kind, double[] loss)
    {
        IEnvelope source = SourceOf(points, kind);
        return source.Refusal is null ? source.Draw(loss, All(points)).Points : [];
    }

    /// <summary>Power laws along an envelope; null below <see cref="EnvelopeOptions.FewestSizes"/> sizes.</summary>
    internal static (PowerLaw N, PowerLaw D)? Laws(IReadOnlyList<EnvelopePoint> envelope)
    {
        if (envelope.Select(p => p.Parameters).Distinct().Count() < EnvelopeOptions.FewestSizes)
            return null;
        double[] flops = [.. envelope.Select(p => p.Flops)];
        return (PowerLaw.Through(flops, [.. envelope.Select(p => p.Parameters)]), PowerLaw.Through(flops, [.. envelope.Select(p => p.Tokens)]));
    }

    private static IEnvelope SourceOf(FitPoints points, EnvelopeKind kind) => kind == EnvelopeKind.Hull ? new Hull(points) : new Minimum(points);

    private static bool[] All(FitPoints points)
    {
        var all = new bool[points.ClusterCount];
        Array.Fill(all, true);
        return all;
    }

    private interface IEnvelope
    {
        int Runs { get; }

        EnvelopeRefusal? Refusal { get; }

        (List<EnvelopePoint> Points, int AtEdge) Draw(double[] loss, bool[] clusters);
    }

    private sealed class Hull(FitPoints points) : IEnvelope
    {
        public int Runs { get; } = points.Runs.Distinct().Count();

        public EnvelopeRefusal? Refusal { get; } = points.Parameters.Distinct().Count() < FewestCurves ? EnvelopeRefusal.TooFewSizes : null;

        public (List<EnvelopePoint> Points, int AtEdge) Draw(double[] loss, bool[] clusters) => (HullEnvelope.Of(points, loss, i => clusters[points.Clusters[i]]), 0);
    }

    private sealed class Minimum : IEnvelope
    {
        private readonly FitPoints points;
        private readonly IReadOnlyList<TrainingCurve> curves;
        private readonly MinimumEnvelope? envelope;
        private readonly (double Tokens, double Loss)?[][]? whole;

        public Minimum(FitPoints points)
        {
            this.points = points;
            curves = TrainingCurve.Of(points);
            if (curves.Count == 0)
                return;
            envelope = new MinimumEnvelope(points, curves);
            whole = envelope.Read(points.Loss);
        }

        public int Runs => curves.Count;

        public EnvelopeRefusal? Refusal => curves.Count < FewestCurves ? EnvelopeRefusal.TooFewCurves
            : curves.Select(c => c.Parameters).Distinct().Count() < FewestCurves ? EnvelopeRefusal.TooFewSizes : null;

        public (List<EnvelopePoint> Points, int AtEdge) Draw(double[] loss, bool[] clusters)
        {
            if (envelope is null)
                return ([], 0);
            Span<bool> taken = stackalloc bool[Math.Min(curves.Count, 512)];
            if (curves.Count > taken.Length)
                taken = new bool[curves.Count];
            for (int c = 0; c < curves.Count; c++)
                taken[c] = clusters[curves[c].Cluster];
            return envelope.Of(ReferenceEquals(loss, points.Loss) ? whole! : envelope.Read(loss), taken);
        }
    }
}
