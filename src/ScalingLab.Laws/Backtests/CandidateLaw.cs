using ScalingLab.Laws.Curves;
using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Backtests;

/// <summary>A law that a backtest fits again and again.</summary>
/// <param name="Name">As on the command line.</param>
/// <param name="FreeParameters">Parameters that a fit determines.</param>
/// <param name="Fit">Fits it to points; throws a user's error where they cannot determine it.</param>
public sealed record CandidateLaw(string Name, int FreeParameters, Func<FitPoints, CandidateFit> Fit)
{
    /// <summary>Hoffmann et al. 2022, Eq. 2.</summary>
    public static CandidateLaw Chinchilla(ChinchillaFitOptions options) => new("chinchilla", ChinchillaLaw.ParameterNames.Count - options.Fixed.Count, points =>
    {
        var fit = ChinchillaFitter.Fit(points, options);
        return new CandidateFit(ChinchillaLaw.ParameterNames.ToDictionary(n => n, fit.Law.Parameter), fit.Value, fit.Converged,
            (p, i) => fit.Law.Loss(p.Parameters[i], p.Tokens[i]).Value);
    });

    /// <summary>Any of <see cref="CurveLaws"/>.</summary>
    public static CandidateLaw Of(LossCurve curve, Objective objective) => new(curve.Name, curve.Parameters.Count, points =>
    {
        var fit = new CurveFitter(curve, points, objective).Fit();
        return new CandidateFit(curve.Parameters.Zip(fit.Parameters).ToDictionary(p => p.First.Name, p => p.Second), fit.Value, fit.Outcome.Converged, fit.Predict);
    });
}

/// <summary>A candidate fitted to some points.</summary>
/// <param name="Parameters">Fitted values by name.</param>
/// <param name="Value">Objective, summed.</param>
/// <param name="Converged">Whether the solver stands on a minimum.</param>
/// <param name="Predict">Loss of a point, nats per token, from its N, D and C alone.</param>
public sealed record CandidateFit(IReadOnlyDictionary<string, double> Parameters, double Value, bool Converged, Func<FitPoints, int, double> Predict)
{
    /// <summary>Predicted over observed, less 1.</summary>
    public double RelativeError(FitPoints points, int i) => Predict(points, i) / points.Loss[i] - 1;
}
