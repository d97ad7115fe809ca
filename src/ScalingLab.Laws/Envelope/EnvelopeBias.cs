using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Envelope;

/// <summary>The bias of Approach 1 on one's own runs: their losses are replaced by those of a law without noise, and the envelope is drawn again.</summary>
/// <remarks>At both ends of the data the best run is the best for want of smaller or larger ones: a hull that takes those in is flatter than the law.</remarks>
public static class EnvelopeBias
{
    /// <summary>The bias; null where the envelope of the law gives no power law, or the law has no optimum.</summary>
    /// <param name="points">The user's data.</param>
    /// <param name="law">The law that stands for the truth: best the one fitted to the same data.</param>
    /// <param name="kind">How the envelope is drawn.</param>
    public static ApproachBias? Of(FitPoints points, ChinchillaLaw law, EnvelopeKind kind)
    {
        if (law is not { A: > 0, B: > 0 })
            return null;
        double[] exact = [.. points.Parameters.Zip(points.Tokens, (n, d) => law.Loss(n, d).Value)];
        var envelope = EnvelopeFitter.Draw(points, kind, exact);
        return EnvelopeFitter.Laws(envelope) is { } read ? ApproachBias.Against(law, read, envelope.Max(p => p.Flops), points.FlopsPerParameterToken, envelope.Count) : null;
    }
}
