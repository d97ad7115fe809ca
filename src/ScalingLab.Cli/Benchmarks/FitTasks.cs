using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Tables;
using ScalingLab.Laws.Curves;
using ScalingLab.Laws.Envelope;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.IsoFlop;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Cli.Benchmarks;

/// <summary>Something to time.</summary>
/// <param name="Name">What.</param>
/// <param name="Threads">Threads it uses.</param>
/// <param name="TargetMilliseconds">What it should take at most; null where nothing is promised.</param>
/// <param name="Run">Does it once.</param>
internal sealed record FitTask(string Name, int Threads, double? TargetMilliseconds, Action Run);

/// <summary>The fits that <c>bench fit</c> times on a table, and those that it cannot with the reasons.</summary>
internal static class FitTasks
{
    private const double FitTarget = 10, BootstrapTarget = 2000; // Milliseconds, for 240 observations on two cores.

    /// <summary>Resamples that the target is for, as in Besiroglu et al. 2024.</summary>
    public const int Resamples = 4000;

    /// <param name="table">Observations of single runs or curves.</param>
    /// <param name="curves">Observations with training curves, for the envelope.</param>
    /// <param name="resamples">Resamples of the bootstrap.</param>
    public static (IReadOnlyList<FitTask> Tasks, IReadOnlyList<(string Name, string Reason)> Left) Of(ObservationTable table, ObservationTable curves, int resamples)
    {
        var points = FitPoints.From(table.Rows);
        var tasks = new List<FitTask>();
        var left = new List<(string, string)>();
        foreach (string name in new[] { "log-huber:1e-3", "log-l1", "log-mse", "asymmetric:10" })
        {
            var options = new ChinchillaFitOptions { Objective = Objective.Parse(name) };
            tasks.Add(new($"chinchilla, {name}, 16 starts", 1, name == "log-huber:1e-3" ? FitTarget : null, () => ChinchillaFitter.Fit(points, options)));
        }
        var fit = ChinchillaFitter.Fit(points);
        tasks.Add(new($"chinchilla, {resamples} case resamples, 3 starts each", Environment.ProcessorCount, resamples == Resamples ? BootstrapTarget : null,
            () => ChinchillaBootstrap.Run(points, fit, new ChinchillaFitOptions(), new BootstrapOptions { Kind = BootstrapKind.Case, Resamples = resamples })));
        foreach (string name in CurveLaws.Names)
        {
            try
            {
                var law = CurveLaws.Find(name, terms: ["params_total", "tokens"])!.For(table);
                var read = law.Read(table, ParameterCount.Total);
                new CurveFitter(law, read, Objective.Default).Fit();
                tasks.Add(new($"{name}, log-huber:1e-3", law.Rugged ? Environment.ProcessorCount : 1, null, () => new CurveFitter(law, read, Objective.Default).Fit()));
            }
            catch (UserErrorException error)
            {
                left.Add((name, error.Diagnostics[0].Message));
            }
        }
        foreach (Curve curve in Enum.GetValues<Curve>())
            tasks.Add(new($"isoFLOP, {curve.ToString().ToLowerInvariant()}", 1, null, () => IsoFlopFitter.Fit(points, new IsoFlopOptions { Curve = curve, Bootstrap = new BootstrapOptions { Resamples = 0 } })));
        var along = FitPoints.From(curves.Rows);
        foreach (EnvelopeKind kind in Enum.GetValues<EnvelopeKind>())
            tasks.Add(new($"envelope, {kind.ToString().ToLowerInvariant()}", 1, null, () => EnvelopeFitter.Fit(along, new EnvelopeOptions { Kind = kind, Bootstrap = new BootstrapOptions { Resamples = 0 } })));
        return (tasks, left);
    }
}
