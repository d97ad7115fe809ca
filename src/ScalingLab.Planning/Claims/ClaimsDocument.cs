using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Planning.Claims;

/// <summary>One claim of a document.</summary>
/// <param name="Id">Of the table.</param>
/// <param name="Source">Text that makes it.</param>
/// <param name="Claim">What is claimed.</param>
/// <param name="Claimed">Number or words, as claimed.</param>
/// <param name="Recomputed">What it comes to, in text, with its unit where the claim has one; null when nothing can be computed.</param>
/// <param name="Unit">Unit of a single value; null for none or several.</param>
/// <param name="Verdict">right, caution, wrong or unverified.</param>
/// <param name="UnitThatFits">Unit in which the claim's digits would have been right; null when none is.</param>
/// <param name="UnitRatio">The digits in that unit over the quantity; null without one.</param>
/// <param name="Values">Each value in numbers.</param>
/// <param name="Why">Remark.</param>
/// <param name="FormulaSource">Where formula and constants are from.</param>
/// <param name="TableVerdict">Verdict that the table has itself; null without one.</param>
public sealed record ClaimDocument(string Id, string Source, string Claim, string Claimed, string? Recomputed, string? Unit, string Verdict, string? UnitThatFits, double? UnitRatio,
    IReadOnlyList<ComputedValue> Values, string Why, string FormulaSource, string? TableVerdict);

/// <summary>What <c>plan claims --json</c> prints.</summary>
public sealed record ClaimsDocument
{
    /// <summary>Format.</summary>
    public string Schema { get; init; } = "scalinglab.plan.claims/1";

    /// <summary>The table of claims.</summary>
    public required string Source { get; init; }

    /// <summary>The table of models; null without one.</summary>
    public required string? Models { get; init; }

    /// <summary>One for each row.</summary>
    public required IReadOnlyList<ClaimDocument> Rows { get; init; }

    /// <summary>Claims by verdict.</summary>
    public required IReadOnlyDictionary<string, int> Verdicts { get; init; }

    /// <summary>Rows whose verdict is the table's own; null when the table has none.</summary>
    public required int? AgreeWithTable { get; init; }

    /// <summary>How verdicts come about.</summary>
    public required IReadOnlyList<string> Assumptions { get; init; }

    /// <summary>As JSON, indented.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ClaimsJson.Default.ClaimsDocument);

    /// <summary>Recomputes every row.</summary>
    /// <exception cref="UserErrorException">Formulas or units of rows are wrong; all of them are named.</exception>
    public static ClaimsDocument Of(string path, IReadOnlyList<ClaimRow> rows, ClaimBook book, Frontier.ModelTable? models)
    {
        var check = new ClaimCheck(book, new FrontierData(models).Find);
        var documents = new List<ClaimDocument>();
        var problems = new List<Diagnostic>();
        foreach (var row in rows)
        {
            try
            {
                documents.Add(Document(check.Check(row)));
            }
            catch (ExpressionException e)
            {
                problems.Add(new Diagnostic("SL0408", $"claim {row.Id}: {e.Message}", new SourceLocation(path, row.Line, 0), e.Help));
            }
        }
        if (problems.Count > 0)
            throw new UserErrorException(ExitCode.CorruptData, problems);
        return new ClaimsDocument
        {
            Source = path,
            Models = models?.Source,
            Rows = documents,
            Verdicts = documents.GroupBy(d => d.Verdict).OrderBy(g => g.Key, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Count()),
            AgreeWithTable = documents.All(d => d.TableVerdict is null) ? null : documents.Count(d => d.TableVerdict == d.Verdict),
            Assumptions =
            [
                "a number agrees within half of its last printed digit or 2 %, one of a single digit within 10 %, 'about' within 25 %; 'over' is strict",
                "right: every reading agrees; caution: some do, or the law is extrapolated; wrong: none does; unverified: there is nothing to compute it from",
                "unit that fits: the digits in that unit are within 1 % of the quantity, else within 20 %, a bare power of ten within half a decade",
            ],
        };
    }

    private static ClaimDocument Document(CheckedClaim c)
    {
        ComputedValue[] counted = [.. c.Values.Where(v => v.Kind != "note")];
        bool bare = counted.Length == 1 && c.Row.Claimed.Length > 0 && (char.IsAsciiDigit(c.Row.Claimed[^1]) || c.Row.Claimed[^1] is 'K' or 'M' or 'B' or 'T');
        string? text = counted.Length switch
        {
            0 => null,
            1 => One(counted[0], bare),
            _ => string.Join("; ", counted.Select(v => v.Label.Length == 0 ? One(v) : $"{v.Label} {One(v)}")),
        };
        return new(c.Row.Id, c.Row.Source, c.Row.Claim, c.Row.Claimed, text, counted is [{ Unit.Length: > 0 }] ? counted[0].Unit : null, c.Verdict, c.UnitThatFits, c.UnitRatio, c.Values, c.Why, c.Source,
            c.Row.PublishedVerdict.Length == 0 ? null : c.Row.PublishedVerdict);
    }

    /// <summary>The recomputed text with its unit, whether or not the claim has one.</summary>
    public static string WithUnit(ClaimDocument row) => row.Recomputed is not { } text ? "-" : row.Unit is { } unit && !text.EndsWith(' ' + unit, StringComparison.Ordinal) ? $"{text} {unit}" : text;

    private static string One(ComputedValue v, bool bare = false) => Number(v.Value) + (v.High is { } high ? " .. " + Number(high) : "") + (v.Unit.Length > 0 && !bare ? " " + v.Unit : "");

    /// <summary>Four digits, or all digits of a whole part below a million: 2.376, 38184, 7.011e5.</summary>
    public static string Number(double value) => Math.Abs(value) switch
    {
        0 => "0",
        >= 1e3 and < 99999.5 => value.ToString("0", CultureInfo.InvariantCulture),
        >= 1e-3 and < 1e3 => value.ToString("G4", CultureInfo.InvariantCulture),
        _ => value.ToString("0.###e0", CultureInfo.InvariantCulture),
    };
}

/// <summary>Serialisation generated at build time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ClaimsDocument))]
public sealed partial class ClaimsJson : JsonSerializerContext;
