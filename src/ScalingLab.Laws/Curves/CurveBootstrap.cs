using System.Diagnostics;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Laws.Curves;

/// <summary>Parameters fitted to resamples of the data.</summary>
/// <param name="Kind">What was resampled.</param>
/// <param name="Parameters">One row a resample, in order; failures are left out.</param>
/// <param name="Failed">Resamples without a converged fit.</param>
/// <param name="Elapsed">Time spent.</param>
public sealed record CurveResamples(BootstrapKind Kind, IReadOnlyList<IReadOnlyList<double>> Parameters, int Failed, TimeSpan Elapsed);

/// <summary>Bootstrap of a curve's fit; every resample starts from the fit of the whole data.</summary>
public static class CurveBootstrap
{
    /// <summary>Fits every resample.</summary>
    public static CurveResamples Run(FitPoints points, CurveFit fit, IReadOnlyDictionary<string, double> held, BootstrapOptions bootstrap)
    {
        var clock = Stopwatch.StartNew();
        var kind = bootstrap.Kind ?? (points.Clustered ? BootstrapKind.Cluster : BootstrapKind.Case);
        double[] fitted = [.. Enumerable.Range(0, points.Count).Select(i => fit.Predict(points, i))];
        var sampler = new Resampler(points, fitted, kind, fit.Objective.Scale, bootstrap);
        var rows = new IReadOnlyList<double>?[bootstrap.Resamples];
        Parallel.For(0, bootstrap.Resamples, new ParallelOptions { MaxDegreeOfParallelism = bootstrap.Threads ?? Environment.ProcessorCount },
            () => (Fitter: new CurveFitter(fit.Curve, points, fit.Objective, held), Multiplicity: new int[points.Count], Loss: points.Loss.ToArray()),
            (r, _, own) =>
            {
                if (sampler.KeepsPoints)
                {
                    Array.Fill(own.Multiplicity, 1);
                    sampler.DrawLosses(r, own.Loss);
                }
                else
                    sampler.DrawMultiplicity(r, own.Multiplicity);
                rows[r] = own.Fitter.Refit(fit.Parameters, own.Multiplicity, own.Loss);
                return own;
            },
            _ => { });
        IReadOnlyList<double>[] kept = [.. rows.OfType<IReadOnlyList<double>>()];
        return new CurveResamples(kind, kept, rows.Length - kept.Length, clock.Elapsed);
    }
}
