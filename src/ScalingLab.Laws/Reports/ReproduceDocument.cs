using System.Text.Json;
using System.Text.Json.Serialization;
using ScalingLab.Laws.Reproduction;

namespace ScalingLab.Laws.Reports;

/// <summary>One number, published and refitted.</summary>
/// <param name="Quantity">What it is.</param>
/// <param name="Published">As published.</param>
/// <param name="Refitted">Ours; null when refused.</param>
/// <param name="RelativeDifference">Ours over theirs, less 1; null when there is none.</param>
/// <param name="Tolerance">Relative difference that counts as reproduced.</param>
/// <param name="Verdict">reproduced, bettered, off or refused.</param>
/// <param name="Note">A reason, where one is needed.</param>
public sealed record ReproducedDocument(string Quantity, double Published, double? Refitted, double? RelativeDifference, double Tolerance, string Verdict, string? Note);

/// <summary>One data set.</summary>
/// <param name="Name">Folder.</param>
/// <param name="Rows">Numbers.</param>
/// <param name="NotServed">Published, and not refitted.</param>
/// <param name="Seconds">Time spent.</param>
public sealed record ReproducedSetDocument(string Name, IReadOnlyList<ReproducedDocument> Rows, IReadOnlyList<NotServed> NotServed, double Seconds);

/// <summary>What <c>reproduce --json</c> prints: schema scalinglab.reproduce/1.</summary>
public sealed record ReproduceDocument
{
    /// <summary>Format.</summary>
    public string Schema { get; init; } = "scalinglab.reproduce/1";

    /// <summary>Data sets.</summary>
    public required IReadOnlyList<ReproducedSetDocument> DataSets { get; init; }

    /// <summary>Numbers compared.</summary>
    public required int Rows { get; init; }

    /// <summary>Of them, within tolerance.</summary>
    public required int Reproduced { get; init; }

    /// <summary>Of them, objectives below the published.</summary>
    public required int Bettered { get; init; }

    /// <summary>Of them, neither.</summary>
    public required int Off { get; init; }

    /// <summary>Of them, refused for a reason.</summary>
    public required int Refused { get; init; }

    /// <summary>Time spent.</summary>
    public required double Seconds { get; init; }

    /// <summary>Collects the data sets of a folder.</summary>
    public static ReproduceDocument Of(IEnumerable<ReproducedSet> sets)
    {
        var documents = sets.Select(s => new ReproducedSetDocument(s.Name,
            [.. s.Rows.Select(r => new ReproducedDocument(r.Quantity, r.Published, r.Refitted, r.Refitted is { } v && r.Published != 0 ? v / r.Published - 1 : null, r.Tolerance, Name(r.Verdict), r.Note))],
            s.NotServed, s.Elapsed.TotalSeconds)).ToArray();
        int Count(Verdict verdict) => documents.Sum(d => d.Rows.Count(r => r.Verdict == Name(verdict)));
        return new ReproduceDocument
        {
            DataSets = documents,
            Rows = documents.Sum(d => d.Rows.Count),
            Reproduced = Count(Verdict.Reproduced),
            Bettered = Count(Verdict.Bettered),
            Off = Count(Verdict.Off),
            Refused = Count(Verdict.Refused),
            Seconds = documents.Sum(d => d.Seconds),
        };
    }

    /// <summary>As JSON, indented.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ReproduceJson.Default.ReproduceDocument);

    private static string Name(Verdict verdict) => verdict.ToString().ToLowerInvariant();
}

/// <summary>Serialisation generated at build time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ReproduceDocument))]
public sealed partial class ReproduceJson : JsonSerializerContext;
