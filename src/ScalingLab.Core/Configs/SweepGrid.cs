using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Core.Configs;

/// <summary>The points of <c>sweep.grid</c>: every combination of its values.</summary>
internal static class SweepGrid
{
    private const long MostRuns = 100_000;

    /// <summary>The sweep at each point, the last axis running fastest; the sweep itself when the grid is empty.</summary>
    public static IEnumerable<SweepConfig> Points(SweepConfig sweep)
    {
        KeyValuePair<string, IReadOnlyList<string>>[] axes = [.. sweep.Sweep.Grid];
        return From(sweep, 0);

        IEnumerable<SweepConfig> From(SweepConfig config, int axis) => axis == axes.Length
            ? [config]
            : axes[axis].Value.SelectMany(value => From(With(config, axes[axis].Key, value), axis + 1));
    }

    /// <summary>Grid points and shapes that make no model, each message once; or too many runs.</summary>
    public static IEnumerable<Problem> Problems(SweepConfig sweep)
    {
        double runs = sweep.Sweep.Grid.Values.Aggregate(1.0, (product, values) => product * values.Count)
            * Math.Max(1, sweep.Sweep.Shapes.Count) * sweep.Sweep.Seeds.Count * Math.Max(1, sweep.Sweep.Flops.Count + sweep.Sweep.Tokens.Count);
        if (runs > MostRuns)
            return [new Problem("sweep", $"the sweep makes {Numbers.Compact(runs)} runs; at most {MostRuns} can be planned")];
        return Points(sweep).SelectMany(OfPoint).DistinctBy(p => p.Message);
    }

    private static IEnumerable<Problem> OfPoint(SweepConfig point)
    {
        string? axis = point.Sweep.Grid.Keys.FirstOrDefault(k => k.StartsWith("model.", StringComparison.Ordinal));
        foreach (Problem problem in point.Sweep.Grid.ContainsKey("training.batch_rule") ? point.Training.Problems() : [])
            yield return problem with { Key = "sweep.grid.training.batch_rule", Message = $"sweep.grid: {problem.Message}" };
        Problem[] model = [.. point.Model.Problems()];
        foreach (Problem problem in model)
            yield return problem with { Key = $"sweep.grid.{axis}", Message = $"sweep.grid: {problem.Message}" };
        for (int i = 0; model.Length == 0 && i < point.Sweep.Shapes.Count; i++)
            foreach (Problem problem in point.Sweep.Shapes[i].Problems(point.Model))
                yield return problem.Under($"sweep.shapes[{i}]");
    }

    private static SweepConfig With(SweepConfig config, string path, string value)
    {
        var problems = new List<Diagnostic>();
        SweepConfig point = SweepConfigKeys.Find(path) is { InGrid: true } key
            ? key.Read(config, new ScalarNode(0, 0, value, false), new ConfigSource("sweep.grid", null, problems))
            : throw new ArgumentException($"sweep.grid cannot vary '{path}'.", nameof(path));
        return problems.Count == 0 ? point : throw new ArgumentException($"sweep.grid: {problems[0].Message}.", nameof(value));
    }
}
