namespace ScalingLab.Plotting.Report;

/// <summary>A fitted parameter as the table shows it.</summary>
/// <param name="Name">As in files: A, B, E, alpha, beta, Nc, alphaN.</param>
/// <param name="Value">Best value.</param>
/// <param name="StandardError">Over resamples; null when nothing was resampled.</param>
/// <param name="Interval">Interval over resamples; null likewise.</param>
public sealed record ParameterFact(string Name, double Value, double? StandardError, (double Low, double High)? Interval);

/// <summary>A fit as a report tells it.</summary>
public sealed record FitFacts
{
    /// <summary>Name of the law: chinchilla, kaplan-nd.</summary>
    public required string Law { get; init; }

    /// <summary>Its formula in our own markup (*italic*, ^{}, _{}); null when the name is all there is. Never text from outside.</summary>
    public string? Formula { get; init; }

    /// <summary>Approach: parametric, isoflop, envelope.</summary>
    public required string Approach { get; init; }

    /// <summary>What was minimised: log-Huber with its delta, summed.</summary>
    public required string Objective { get; init; }

    /// <summary>Its value at the minimum.</summary>
    public double? ObjectiveValue { get; init; }

    /// <summary>Observations in the fit.</summary>
    public required int Observations { get; init; }

    /// <summary>Rows that were not: diverged, unfinished, filtered out.</summary>
    public int LeftOut { get; init; }

    /// <summary>Which N was used, e.g. "all parameters, embeddings included".</summary>
    public string? ParameterConvention { get; init; }

    /// <summary>Parameters, in the law's order.</summary>
    public IReadOnlyList<ParameterFact> Parameters { get; init; } = [];

    /// <summary>a of N* ∝ C^a; null when the law has no optimum.</summary>
    public double? ExponentN { get; init; }

    /// <summary>Interval of a.</summary>
    public (double Low, double High)? ExponentNInterval { get; init; }

    /// <summary>b of D* ∝ C^b.</summary>
    public double? ExponentD { get; init; }

    /// <summary>Interval of b.</summary>
    public (double Low, double High)? ExponentDInterval { get; init; }

    /// <summary>Coverage meant by the intervals in per cent, e.g. 95.</summary>
    public double IntervalPercent { get; init; } = 95;

    /// <summary>How the intervals were made: "case bootstrap, 1000 resamples, seed 1"; null when they were not.</summary>
    public string? Resampling { get; init; }

    /// <summary>Whether the solver's stop is a convergence.</summary>
    public required bool Converged { get; init; }

    /// <summary>Facts of the solver by name: why it stopped, starts, starts that agree, gradient, condition, seconds.</summary>
    public IReadOnlyList<(string Name, string Value)> Solver { get; init; } = [];
}
