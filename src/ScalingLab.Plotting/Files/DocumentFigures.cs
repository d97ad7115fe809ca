using System.Text.Json;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Laws.Reports;
using ScalingLab.Plotting.Figures;
using ScalingLab.Plotting.Report;

namespace ScalingLab.Plotting.Files;

/// <summary>Figures of the documents that other commands print with <c>--json</c>, by their schema.</summary>
public static class DocumentFigures
{
    private static readonly (string Schema, Func<JsonElement, IReadOnlyList<Figure>> Figures)[] Readers =
    [
        ("scalinglab.fit/1", document => OfFit(document.Deserialize(FitJson.Default.FitDocument)!)),
        ("scalinglab.backtest/1", document => [new BacktestErrors(document.Deserialize(BacktestJson.Default.BacktestDocument)!)]),
    ];

    private static IReadOnlyList<Figure> OfFit(FitDocument fit) => ApproachTelling.Conventions(fit) is { } conventions ? [conventions] :
        throw new UserErrorException(ExitCode.Usage, new Diagnostic("SL0715", "this fit holds nothing to draw by itself", null, "fit with --conventions, or plot the source of the fit"));

    /// <summary>Schemas that can be drawn.</summary>
    public static IEnumerable<string> Schemas => Readers.Select(r => r.Schema);

    /// <summary>Whether a path is a file that looks like a document rather than a table.</summary>
    public static bool IsDocument(string path) => File.Exists(path) && Path.GetExtension(path) == ".json";

    /// <summary>Reads a document and makes its figures.</summary>
    /// <exception cref="UserErrorException">It cannot be read, is no JSON, or has a schema that has no figure.</exception>
    public static IReadOnlyList<Figure> Read(string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            string? schema = document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("schema", out JsonElement name) ? name.GetString() : null;
            foreach ((string known, Func<JsonElement, IReadOnlyList<Figure>> figures) in Readers)
                if (known == schema)
                    return figures(document.RootElement);
            throw new UserErrorException(ExitCode.Usage, new Diagnostic("SL0712", schema is null ? $"'{path}' has no field 'schema'" : $"there is no figure for '{schema}'", null, $"documents that can be drawn: {string.Join(", ", Schemas)}"));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new UserErrorException(ExitCode.CorruptData, new Diagnostic("SL0713", $"'{path}' is not a document of this program: {e.Message}", null, "print it again with --json"), e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException(ExitCode.Usage, new Diagnostic("SL0714", $"cannot read '{path}': {e.Message}"), e);
        }
    }
}
