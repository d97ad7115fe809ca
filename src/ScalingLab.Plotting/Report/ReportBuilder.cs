using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Runs;
using ScalingLab.Laws.Conventions;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.IsoFlop;
using ScalingLab.Laws.Reports;
using ScalingLab.Laws.Resampling;
using ScalingLab.Plotting.Figures;

namespace ScalingLab.Plotting.Report;

/// <summary>From a source to its report: load, fit, draw, tell.</summary>
/// <remarks>Data that no law can be fitted to still give a report, which says why; only a source that cannot be read is an error.</remarks>
public static class ReportBuilder
{
    private const int FewestForProfile = 3;

    /// <summary>Reads a folder of runs or a CSV and composes its report.</summary>
    /// <param name="source">Folder of runs or CSV file.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <exception cref="UserErrorException">There is no such source, it is damaged, or an option does not fit it.</exception>
    public static BuiltReport Build(string source, ReportOptions? options = null)
    {
        options ??= new ReportOptions();
        ReportSource read = ReportSource.Read(source, options);
        var warnings = new List<ReportWarning>(read.Warnings);
        (FitPoints? points, FitDocument? fit) = Fit(read, options, warnings);
        IsoFlopFit? isoFlop = points is null ? null : IsoFlopFitter.Fit(points, new IsoFlopOptions { Bootstrap = Few(options) });
        if (fit is not null)
            warnings.AddRange(FitTelling.Warnings(fit));
        return new BuiltReport(
            new ReportContent
            {
                Title = options.Title ?? $"Scaling report: {Path.GetFileName(Path.TrimEndingDirectorySeparator(source))}",
                Source = source,
                Fit = fit is null ? null : FitTelling.Facts(fit, read.All.Count - read.Used.Count),
                Optima = fit is null ? [] : FitTelling.Optima(fit),
                ObservedFlops = points is null ? null : (points.Flops.Min(), points.Flops.Max()),
                Approaches = ApproachTelling.Facts(fit),
                Figures = Figures(read, isoFlop, fit, options.Level),
                Runs = read.Rows,
                Warnings = warnings,
                Provenance = ReportProvenance.Of(source, read.Runs, options),
            },
            fit,
            isoFlop);
    }

    private static BootstrapOptions Few(ReportOptions options) => options.Bootstrap with { Resamples = Math.Min(options.Bootstrap.Resamples, SideBySide.Resamples), Kind = null };

    private static (FitPoints? Points, FitDocument? Fit) Fit(ReportSource read, ReportOptions options, List<ReportWarning> warnings)
    {
        FitPoints? points = null;
        try
        {
            points = FitPoints.From(read.Used, read.Count, options.Compute);
            FitDocument fit = SideBySide.Compare(FitDocuments.Parametric(points, options.Fit, options.Bootstrap, options.Level), points, options.Bootstrap);
            return (points, Convention.Of(read.Used).Count < 2 ? fit : fit with { Conventions = ConventionDocuments.Build(read.Used, options.Fit, Few(options), options.Level) });
        }
        catch (UserErrorException error)
        {
            warnings.AddRange(error.Diagnostics.Select(d => new ReportWarning(ReportSection.Fit, FitTelling.Sentence(d.Message) + (d.Help is null ? "" : " " + FitTelling.Sentence(d.Help)))));
            return (points, null);
        }
    }

    private static List<(ReportSection, Figure)> Figures(ReportSource read, IsoFlopFit? isoFlop, FitDocument? fit, double level)
    {
        var figures = new List<(ReportSection, Figure)>();
        var profiles = isoFlop?.Profiles.Select((p, i) => (Profile: p, Interval: isoFlop.OptimumInterval(i, level))).Where(p => p.Profile.Parameters.Distinct().Count() >= FewestForProfile).ToList() ?? [];
        if (fit is not null)
        {
            var minima = profiles.Where(p => p.Profile.Optimum is not null).Select(p => new OptimumPoint(
                p.Profile.Flops, p.Profile.Optimum!.Value.Parameters, p.Profile.Optimum.Value.Tokens, p.Profile.OptimumLoss, Ends(p.Interval?.Parameters), Ends(p.Interval?.Tokens)));
            (double, double)? exponents = fit.Optimum is { ExponentN: double a, ExponentD: double b } ? (a, b) : null;
            figures.Add((ReportSection.ComputeOptimal, new ComputeOptimal(OptimumLine.Of(fit), (fit.Range.Flops[0], fit.Range.Flops[1]), exponents, [.. minima])));
            Func<double, double, double> law = FitTelling.Law(fit);
            IReadOnlyList<ScalingPoint> shown = read.Points();
            figures.Add((ReportSection.Fit, new FittedSurface(shown, law)));
            figures.Add((ReportSection.Fit, new Residuals(shown, law)));
            if (ApproachTelling.Conventions(fit) is { } conventions)
                figures.Add((ReportSection.ComputeOptimal, conventions));
        }

        if (profiles.Count > 0)
            figures.Add((ReportSection.Runs, new IsoFlopProfiles([.. profiles.Select(p => Profile(p.Profile, Ends(p.Interval?.Parameters)))])));
        figures.AddRange(read.Curves().Select(c => (ReportSection.Runs, (Figure)c)));
        return figures;
    }

    private static (double Low, double High)? Ends(Interval? interval) => interval is { } found ? (found.Low, found.High) : null;

    private static ScalingLab.Plotting.Figures.IsoFlopProfile Profile(Laws.IsoFlop.IsoFlopProfile profile, (double, double)? interval)
    {
        Func<double, double>? curve = profile.Parabola is { } c
            ? n =>
            {
                double t = Math.Log(n);
                return c[0] + t * (c[1] + t * c[2]);
            }
            : null;
        (double, double)? minimum = profile is { Optimum: { } best, OptimumLoss: double loss } ? (best.Parameters, loss) : null;
        return new(profile.Flops, [.. profile.Parameters.Zip(profile.Loss)], curve, minimum, profile.Reason, interval);
    }
}
