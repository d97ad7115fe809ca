using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.Reports;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Plotting.Report;

/// <summary>How a source is read, fitted and told.</summary>
public sealed record ReportOptions
{
    /// <summary>Argument of <c>--columns</c> for a CSV; null without it.</summary>
    public string? Columns { get; init; }

    /// <summary>Argument of <c>--where</c> for a CSV: rows that it leaves out are shown, but not fitted.</summary>
    public string? Where { get; init; }

    /// <summary>Convention of N; null for the first of total, with-head and non-embedding that every observation has.</summary>
    public ParameterCount? Count { get; init; }

    /// <summary>Where C comes from.</summary>
    public ComputeSource Compute { get; init; } = ComputeSource.ColumnOrSixNd;

    /// <summary>How the law is fitted.</summary>
    public ChinchillaFitOptions Fit { get; init; } = new();

    /// <summary>How uncertainty is estimated.</summary>
    public BootstrapOptions Bootstrap { get; init; } = new();

    /// <summary>Share of resamples that the intervals hold.</summary>
    public double Level { get; init; } = FitDocuments.DefaultLevel;

    /// <summary>Title; null for one made from the source's name.</summary>
    public string? Title { get; init; }

    /// <summary>Version of the program that writes the report; null leaves it out.</summary>
    public string? ProgramVersion { get; init; }

    /// <summary>Commit of its source; null leaves it out.</summary>
    public string? ProgramCommit { get; init; }
}
