using System.Globalization;
using System.Reflection;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Planning.Claims;

/// <summary>Formulas of claims, by the claim's text.</summary>
/// <remarks>
/// A line is a key and what belongs to it; # opens a comment. <c>claim TEXT</c> begins a formula, or <c>common</c> the steps that all of them may use; then
/// <c>let NAME = FORMULA</c>; <c>unit U; U</c>; <c>says [over|under] FORMULA; FORMULA</c>; <c>value|or|note [LABEL =] FORMULA [.. FORMULA] [in UNIT]</c>;
/// <c>uncompared</c>; <c>fitted FORMULA of FORMULA .. FORMULA</c>; <c>also-counts FORMULA [as NUMBER]</c>; <c>source TEXT</c>; <c>why TEXT</c>.
/// </remarks>
public sealed class ClaimBook
{
    private const string Resource = "ScalingLab.Planning.Claims.claims.book";

    private ClaimBook(IReadOnlyList<(string, string)> common, IReadOnlyList<ClaimFormula> formulas) => (Common, Formulas) = (common, formulas);

    /// <summary>Steps that every formula may use.</summary>
    public IReadOnlyList<(string Name, string Formula)> Common { get; }

    /// <summary>One for each claim.</summary>
    public IReadOnlyList<ClaimFormula> Formulas { get; }

    /// <summary>The book that comes with the program.</summary>
    public static ClaimBook BuiltIn { get; } = ReadBuiltIn();

    /// <summary>The formula of a claim and the numbers in its text; null when the book has none.</summary>
    public (ClaimFormula Formula, IReadOnlyDictionary<string, double> Numbers)? Find(string claim)
    {
        foreach (var formula in Formulas)
        {
            if (formula.Match(claim) is { } numbers)
                return (formula, numbers);
        }
        return null;
    }

    private static ClaimBook ReadBuiltIn()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Resource)!;
        using var reader = new StreamReader(stream);
        return Parse("claims.book", reader.ReadToEnd());
    }

    /// <summary>Reads a book.</summary>
    /// <exception cref="UserErrorException">A line that is none of the above, with its place.</exception>
    public static ClaimBook Parse(string path, string text)
    {
        var common = new List<(string, string)>();
        var formulas = new List<ClaimFormula>();
        ClaimFormula? current = null;
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            int comment = lines[i].IndexOf('#', StringComparison.Ordinal);
            string line = (comment < 0 ? lines[i] : lines[i][..comment]).Trim();
            if (line.Length == 0)
                continue;
            int space = line.IndexOf(' ', StringComparison.Ordinal);
            (string key, string rest) = space < 0 ? (line, "") : (line[..space], line[(space + 1)..].Trim());
            if (key is "claim" or "common")
            {
                if (current is not null)
                    formulas.Add(current);
                current = key == "claim" ? new ClaimFormula(rest) : null;
            }
            else if (current is null && key == "let")
                common.Add(Assignment(rest) ?? throw Bad($"'{line}' is not let NAME = FORMULA"));
            else if (current is null)
                throw Bad($"'{key}' stands before the first claim");
            else
                current = With(current, key, rest) ?? throw Bad($"'{line}' cannot be read");

            UserErrorException Bad(string message) => new(ExitCode.CorruptData, new Diagnostic("SL0407", message, new SourceLocation(path, i + 1, 0, lines[i].TrimEnd()), Suggestions.DidYouMean(key, Keys)));
        }
        return new ClaimBook(common, current is null ? formulas : [.. formulas, current]);
    }

    private static readonly string[] Keys = ["claim", "common", "let", "unit", "says", "value", "or", "note", "uncompared", "fitted", "also-counts", "source", "why"];

    private static ClaimFormula? With(ClaimFormula formula, string key, string rest)
    {
        switch (key)
        {
            case "let":
                return Assignment(rest) is { } step ? formula with { Steps = [.. formula.Steps, step] } : null;
            case "unit":
                return formula with { Units = [.. rest.Split(';', StringSplitOptions.TrimEntries)] };
            case "says":
                return formula with { Says = rest };
            case "value" or "or" or "note":
                var kind = key switch { "value" => ReadingKind.Value, "or" => ReadingKind.Or, _ => ReadingKind.Note };
                return formula with { Readings = [.. formula.Readings, ReadingOf(kind, rest)] };
            case "uncompared":
                return formula with { Uncompared = true };
            case "fitted":
                return rest.Split(" of ", 2) is [var at, var range] && range.Split("..", 2, StringSplitOptions.TrimEntries) is [var low, var high] ? formula with { Fitted = (at, low, high) } : null;
            case "also-counts":
                string[] sides = rest.Split(" as ", 2, StringSplitOptions.TrimEntries);
                return sides.Length == 1 ? formula with { AlsoCounts = (rest, null) }
                    : double.TryParse(sides[1], NumberStyles.Float, CultureInfo.InvariantCulture, out double digits) ? formula with { AlsoCounts = (sides[0], digits) } : null;
            case "source":
                return formula with { Source = rest };
            case "why":
                return formula with { Why = rest };
            default:
                return null;
        }
    }

    /// <summary>A value from <c>[LABEL =] FORMULA [.. FORMULA] [in UNIT]</c>.</summary>
    internal static Reading ReadingOf(ReadingKind kind, string text)
    {
        (string label, string formula) = Assignment(text) ?? ("", text);
        int at = formula.LastIndexOf(" in ", StringComparison.Ordinal);
        string unit = at < 0 ? "" : formula[(at + 4)..].Trim();
        string[] ends = (at < 0 ? formula : formula[..at]).Split("..", 2, StringSplitOptions.TrimEntries);
        return new(kind, label, ends[0], ends.Length == 2 ? ends[1] : null, unit);
    }

    private static (string, string)? Assignment(string text)
    {
        string[] sides = text.Split('=', 2, StringSplitOptions.TrimEntries);
        return sides.Length == 2 && sides[0].Length > 0 && sides[1].Length > 0 ? (sides[0], sides[1]) : null;
    }
}
