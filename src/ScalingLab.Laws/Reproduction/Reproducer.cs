using System.Diagnostics;
using System.Text.Json;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Laws.Reproduction;

/// <summary>A data set's published numbers beside ours.</summary>
/// <param name="Name">Name of its folder.</param>
/// <param name="Rows">Numbers.</param>
/// <param name="NotServed">What is published and not refitted, with the reasons.</param>
/// <param name="Elapsed">Time spent.</param>
public sealed record ReproducedSet(string Name, IReadOnlyList<ReproducedRow> Rows, IReadOnlyList<NotServed> NotServed, TimeSpan Elapsed);

/// <summary>Refits published data sets and sets the results side by side.</summary>
public static class Reproducer
{
    /// <summary>Every data set in a folder, or the folder's own.</summary>
    /// <exception cref="UserErrorException">There is none.</exception>
    public static IEnumerable<ReproducedSet> Run(string folder)
    {
        string[] folders = File.Exists(Path.Combine(folder, "expected.json")) ? [folder]
            : Directory.Exists(folder) ? [.. Directory.GetDirectories(folder).Where(d => File.Exists(Path.Combine(d, "expected.json"))).Order(StringComparer.Ordinal)] : [];
        return folders.Length > 0 ? folders.Select(One) : throw new UserErrorException(ExitCode.Usage, new Diagnostic("SL0106",
            $"there is no data set in '{folder}'", Help: "give a folder with expected.json, or one whose folders have it"));
    }

    private static ReproducedSet One(string folder)
    {
        var clock = Stopwatch.StartNew();
        var rows = new List<ReproducedRow>();
        var missing = new List<NotServed>();
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        try
        {
            var set = new PublishedSet(folder);
            if (Recipe(set.Name) is { } recipe)
                recipe(set, rows, missing);
            else
                missing.Add(new("all of it", "no recipe for a data set of this name"));
        }
        catch (Exception error) when (error is UserErrorException or JsonException or KeyNotFoundException or FormatException or InvalidOperationException or IOException)
        {
            missing.Add(new(rows.Count == 0 ? "all of it" : "the rest", $"its files are not as expected: {error.Message}"));
        }
        return new ReproducedSet(name, rows, missing, clock.Elapsed);
    }

    private static Action<PublishedSet, List<ReproducedRow>, List<NotServed>>? Recipe(string name) => name switch
    {
        "chinchilla-epoch" => ChinchillaSets.Epoch,
        "chinchilla-kyotakano" => ChinchillaSets.KyoTakano,
        _ when name.StartsWith("gemstones-", StringComparison.Ordinal) => ChinchillaSets.Gemstones,
        _ when name.StartsWith("porian-", StringComparison.Ordinal) => IsoFlopSets.Porian,
        "synthetic-approach2-bias" => IsoFlopSets.Bias,
        "data-constrained" => DataConstrainedSet.Reproduce,
        _ when name.StartsWith("overtraining-", StringComparison.Ordinal) => CurveSets.Overtraining,
        _ => null,
    };
}
