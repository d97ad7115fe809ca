using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Tables;
using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Curves;

/// <summary>Bcrit(L) = B*/L^(1/αB): the batch, in tokens, beyond which larger batches hardly save steps on the way to the loss L.</summary>
/// <remarks>
/// Kaplan et al. 2020, arXiv:2001.08361, Eq. 1.4 and 5.3: B* near 2e8 tokens and αB near .21 on WebText2.
/// Read from a column critical_batch, or from steps and batches that reached the same losses: see <see cref="StepsAgainstBatch"/>.
/// </remarks>
public sealed record CriticalBatch() : LossCurve("critical-batch", "Bcrit(L) = Bstar/L^(1/alphaB)", "Kaplan et al. 2020, arXiv:2001.08361, Eq. 1.4", Inputs.Loss,
    [CurveParameter.Scale("Bstar"), CurveParameter.Exponent("alphaB")])
{
    private const int FewestBatches = 2;

    /// <inheritdoc/>
    public override Jet LogLoss(in Setting at, ReadOnlySpan<Jet> x) => x[0] - Math.Log(at.L) / x[1];

    /// <inheritdoc/>
    public override IEnumerable<double[]> Starts(FitPoints points)
    {
        double batch = MeanLog(points.Loss), loss = MeanLog(points.GivenLoss!);
        foreach (double alpha in new[] { 0.1, 0.21, 0.5 })
            yield return [Math.Exp(batch + loss / alpha), alpha];
    }

    /// <inheritdoc/>
    public override FitPoints Read(ObservationTable table, ParameterCount count)
    {
        if (table.Rows.All(r => r.CriticalBatch is not null))
            return FitPoints.OfLoss([.. table.Rows.Select(r => r.CriticalBatch!.Value)], [.. table.Rows.Select(r => r.Loss)]);
        if (table.Rows.Any(r => r.Steps is null || r.BatchTokens is null))
        {
            throw new UserErrorException(ExitCode.CorruptData, new Diagnostic("SL0402", "critical-batch needs a column critical_batch, or steps and batch_tokens, in every row",
                Help: "rows are losses with the critical batch there, or the steps that runs of several batches took to the same losses"));
        }
        var levels = table.Rows.GroupBy(r => r.Loss).Select(g => (Loss: g.Key, Runs: g.DistinctBy(r => r.BatchTokens).ToArray())).Where(l => l.Runs.Length >= FewestBatches)
            .Select(l => (l.Loss, Fit: StepsAgainstBatch.Fit([.. l.Runs.Select(r => r.Steps!.Value)], [.. l.Runs.Select(r => r.BatchTokens!.Value)]))).Where(l => l.Fit.CriticalBatch > 0).ToArray();
        return levels.Length >= Parameters.Count ? FitPoints.OfLoss([.. levels.Select(l => l.Fit.CriticalBatch)], [.. levels.Select(l => l.Loss)])
            : throw new UserErrorException(ExitCode.CorruptData, new Diagnostic("SL0602",
                $"{levels.Length} losses were reached with several batches and by fewer steps in larger ones; critical-batch needs {Parameters.Count}",
                Help: "give rows of equal loss with different batch_tokens and the steps that each took"));
    }
}

/// <summary>Steps to one loss against the batch: S = Smin·(1 + Bcrit/B).</summary>
/// <remarks>
/// McCandlish et al. 2018, arXiv:1812.06162 (Kaplan et al. 2020, Eq. 5.1 and 5.2): (S/Smin − 1)(E/Emin − 1) = 1 with E = B·S examples
/// and Bcrit = Emin/Smin. Multiplied out, S = Smin + Emin/B: least squares of S/S_i, which is a relative error, is linear in (Smin, Emin).
/// </remarks>
/// <param name="LeastSteps">Smin.</param>
/// <param name="LeastTokens">Emin, tokens.</param>
public readonly record struct StepsAgainstBatch(double LeastSteps, double LeastTokens)
{
    /// <summary>Emin/Smin, tokens; 0 or less, or not a number, where larger batches did not save steps.</summary>
    public double CriticalBatch => LeastSteps > 0 && LeastTokens > 0 ? LeastTokens / LeastSteps : 0;

    /// <summary>Fits two or more runs.</summary>
    /// <param name="steps">S of each.</param>
    /// <param name="batchTokens">B of each.</param>
    public static StepsAgainstBatch Fit(IReadOnlyList<double> steps, IReadOnlyList<double> batchTokens)
    {
        double uu = 0, uv = 0, vv = 0, u1 = 0, v1 = 0; // Columns u = 1/S and v = 1/(B·S) against 1.
        for (int i = 0; i < steps.Count; i++)
        {
            double u = 1 / steps[i], v = u / batchTokens[i];
            (uu, uv, vv, u1, v1) = (uu + u * u, uv + u * v, vv + v * v, u1 + u, v1 + v);
        }
        double determinant = uu * vv - uv * uv;
        return new((u1 * vv - v1 * uv) / determinant, (v1 * uu - u1 * uv) / determinant);
    }
}
