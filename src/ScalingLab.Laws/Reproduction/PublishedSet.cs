using System.Globalization;
using System.Text.Json;
using ScalingLab.Core.Tables;
using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Reproduction;

/// <summary>How a refitted number stands to the published one.</summary>
public enum Verdict
{
    /// <summary>Equal within the tolerance of the row.</summary>
    Reproduced,

    /// <summary>An objective below the published one: the published fit had not reached its minimum.</summary>
    Bettered,

    /// <summary>Neither.</summary>
    Off,

    /// <summary>Ours gives no number here, on purpose: the note says why.</summary>
    Refused,
}

/// <summary>One number, published and refitted.</summary>
/// <param name="Quantity">What it is.</param>
/// <param name="Published">As published, or from the converged refit that lies with the data.</param>
/// <param name="Refitted">Ours; null when refused.</param>
/// <param name="Tolerance">Relative difference that still counts as reproduced.</param>
/// <param name="Verdict">Verdict.</param>
/// <param name="Note">A reason, where one is needed.</param>
public sealed record ReproducedRow(string Quantity, double Published, double? Refitted, double Tolerance, Verdict Verdict, string? Note = null)
{
    private const double SameObjective = 1e-6;

    /// <summary>A fitted value.</summary>
    public static ReproducedRow Value(string quantity, double published, double ours, double tolerance, string? note = null) =>
        new(quantity, published, ours, tolerance, Math.Abs(ours - published) <= tolerance * Math.Abs(published) ? Verdict.Reproduced : Verdict.Off, note);

    /// <summary>An objective, which must be reached or undercut.</summary>
    public static ReproducedRow Objective(string quantity, double published, double ours) =>
        new(quantity, published, ours, SameObjective, ours < published * (1 - SameObjective) ? Verdict.Bettered : ours <= published * (1 + SameObjective) ? Verdict.Reproduced : Verdict.Off);
}

/// <summary>What is published with a data set and cannot be refitted.</summary>
/// <param name="Part">What.</param>
/// <param name="Reason">Why not.</param>
public sealed record NotServed(string Part, string Reason);

/// <summary>A folder with runs and expected.json.</summary>
internal sealed class PublishedSet(string folder)
{
    /// <summary>Name of the folder.</summary>
    public string Name { get; } = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));

    /// <summary>Contents of expected.json.</summary>
    public JsonElement Expected { get; } = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "expected.json"))).RootElement;

    /// <summary>A number of expected.json by its path.</summary>
    public double Number(params ReadOnlySpan<string> path) => Element(path).GetDouble();

    /// <summary>A part of expected.json by its path.</summary>
    public JsonElement Element(params ReadOnlySpan<string> path)
    {
        JsonElement at = Expected;
        foreach (string name in path)
            at = at.GetProperty(name);
        return at;
    }

    /// <summary>A table of the folder.</summary>
    public ObservationTable Table(string file, string? columns = null, string? where = null) => ObservationTable.FromCsv(Path.Combine(folder, file), columns, where);

    /// <summary>Points of a table.</summary>
    public FitPoints Points(string file, string? columns = null, string? where = null) => FitPoints.From(Table(file, columns, where).Rows);

    /// <summary>Rows of a plain table without losses, by column name.</summary>
    public IEnumerable<IReadOnlyDictionary<string, string>> Rows(string file)
    {
        string[][] lines = [.. File.ReadLines(Path.Combine(folder, file)).Where(l => l.Length > 0).Select(l => l.Split(','))];
        return lines.Skip(1).Select(l => (IReadOnlyDictionary<string, string>)lines[0].Zip(l).ToDictionary(p => p.First, p => p.Second));
    }

    /// <summary>Text as a number.</summary>
    public static double Parse(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
