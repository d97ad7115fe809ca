using ScalingLab.Plotting.Figures;

namespace ScalingLab.Plotting.Report;

/// <summary>Everything that a report says, as values: no file is read and nothing is computed after this.</summary>
public sealed record ReportContent
{
    /// <summary>Title; any text.</summary>
    public required string Title { get; init; }

    /// <summary>What was read: a folder's or a file's name.</summary>
    public required string Source { get; init; }

    /// <summary>The fit; null when there was none, with the reason among <see cref="Warnings"/>.</summary>
    public FitFacts? Fit { get; init; }

    /// <summary>Exponents of the compute-optimal frontier by each approach that the data allow.</summary>
    public IReadOnlyList<ApproachFact> Approaches { get; init; } = [];

    /// <summary>Best splits by budget, for the table; those beyond the observed budgets are marked.</summary>
    public IReadOnlyList<OptimumPoint> Optima { get; init; } = [];

    /// <summary>Least and greatest observed training FLOPs.</summary>
    public (double Low, double High)? ObservedFlops { get; init; }

    /// <summary>Figures with the section to which each belongs, in order.</summary>
    public IReadOnlyList<(ReportSection Section, Figure Figure)> Figures { get; init; } = [];

    /// <summary>Runs or observations, one row each.</summary>
    public IReadOnlyList<RunRow> Runs { get; init; } = [];

    /// <summary>What a reader must know, each shown in the section whose numbers it concerns.</summary>
    public IReadOnlyList<ReportWarning> Warnings { get; init; } = [];

    /// <summary>Name and value of what the numbers can be traced to: config, commit, device, libtorch, data hash, version, command.</summary>
    public IReadOnlyList<(string Name, string Value)> Provenance { get; init; } = [];
}

/// <summary>Parts of a report.</summary>
public enum ReportSection
{
    /// <summary>What was found, in a few sentences.</summary>
    Summary,

    /// <summary>How to split a budget.</summary>
    ComputeOptimal,

    /// <summary>The fitted law and how well it holds.</summary>
    Fit,

    /// <summary>The runs behind it.</summary>
    Runs,
}

/// <summary>Something a reader must know before quoting a number.</summary>
/// <param name="Section">Where the number stands.</param>
/// <param name="Text">One or two whole sentences.</param>
public sealed record ReportWarning(ReportSection Section, string Text);

/// <summary>How the compute-optimal N and D grow with compute according to one approach.</summary>
/// <param name="Name">Approach, in words.</param>
/// <param name="ExponentN">a of N* ∝ C^a; null when the approach gave none.</param>
/// <param name="ExponentNInterval">Its interval.</param>
/// <param name="ExponentD">b of D* ∝ C^b.</param>
/// <param name="ExponentDInterval">Its interval.</param>
/// <param name="Basis">What it rests on, or why it gave none.</param>
/// <param name="Bias">What it reads off the fitted law's own losses on this grid, less the law's a; null where it cannot err so.</param>
public sealed record ApproachFact(string Name, double? ExponentN, (double Low, double High)? ExponentNInterval, double? ExponentD, (double Low, double High)? ExponentDInterval, string Basis, double? Bias = null);
