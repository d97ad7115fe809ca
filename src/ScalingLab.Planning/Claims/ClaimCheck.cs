using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Planning.Claims;

/// <summary>A claim as a table has it.</summary>
/// <param name="Id">Its key.</param>
/// <param name="Source">Text that makes it.</param>
/// <param name="Claim">What is claimed.</param>
/// <param name="Claimed">The number or words.</param>
/// <param name="Formula">A formula of its own, as after <c>value</c> in a book; empty for the book's.</param>
/// <param name="Unit">Unit of the claimed number when it has a formula of its own.</param>
/// <param name="PublishedRecomputed">What the table says that it comes to; empty when it does not.</param>
/// <param name="PublishedVerdict">The table's verdict; empty when it has none.</param>
/// <param name="Line">Line in the file.</param>
public sealed record ClaimRow(string Id, string Source, string Claim, string Claimed, string Formula, string Unit, string PublishedRecomputed, string PublishedVerdict, int Line);

/// <summary>A computed value.</summary>
/// <param name="Kind"><c>value</c>, <c>or</c> or <c>note</c>.</param>
/// <param name="Label">In words.</param>
/// <param name="Value">In <paramref name="Unit"/>; the lower end of a range.</param>
/// <param name="High">Upper end; null for a single value.</param>
/// <param name="Unit">Empty for a pure number.</param>
/// <param name="Fits">Whether the claim's number agrees; null for a note.</param>
/// <param name="Formula">As computed.</param>
public sealed record ComputedValue(string Kind, string Label, double Value, double? High, string Unit, bool? Fits, string Formula);

/// <summary>A claim recomputed.</summary>
/// <param name="Row">The claim.</param>
/// <param name="Values">What was computed.</param>
/// <param name="Verdict"><c>right</c>: every reading gives the claim's number; <c>caution</c>: some do, or the law is extrapolated; <c>wrong</c>: none does; <c>unverified</c>: nothing to compute from.</param>
/// <param name="UnitThatFits">Unit in which the claim's digits of a wrong claim would have been right; null when none is.</param>
/// <param name="UnitRatio">The digits in that unit over the quantity.</param>
/// <param name="Why">Remark.</param>
/// <param name="Source">Of the formula.</param>
public sealed record CheckedClaim(ClaimRow Row, IReadOnlyList<ComputedValue> Values, string Verdict, string? UnitThatFits, double? UnitRatio, string Why, string Source);

/// <summary>Recomputes claims and compares.</summary>
public sealed class ClaimCheck(ClaimBook book, Func<string, Quantity?> data)
{
    private const double Agreement = 0.05; // between readings of a claim that names no number

    /// <summary>The verdict on one claim.</summary>
    /// <exception cref="ExpressionException">A formula or unit of the row itself is wrong.</exception>
    public CheckedClaim Check(ClaimRow row)
    {
        ClaimFormula formula;
        IReadOnlyDictionary<string, double> numbers = new Dictionary<string, double>();
        if (row.Formula.Length > 0)
        {
            var reading = ClaimBook.ReadingOf(ReadingKind.Value, row.Formula);
            formula = new ClaimFormula(row.Claim) { Readings = [reading.Unit.Length == 0 ? reading with { Unit = row.Unit } : reading], Units = row.Unit.Length > 0 ? [row.Unit] : [], Source = "formula of the row" };
        }
        else if (book.Find(row.Claim) is { } found)
            (formula, numbers) = found;
        else
            return Unverified(row, "there is no formula for it" + (Suggestions.Nearest(row.Claim, book.Formulas.Select(f => f.Claim)) is { } near ? $"; the nearest claim with one is '{near}'" : "; give the row one in a column 'formula'"), "");
        if (formula.Readings.Count == 0)
            return Unverified(row, formula.Why, formula.Source);
        try
        {
            return Compare(row, formula, numbers);
        }
        catch (MissingDataException missing)
        {
            return Unverified(row, missing.Message, formula.Source);
        }
    }

    private CheckedClaim Compare(ClaimRow row, ClaimFormula formula, IReadOnlyDictionary<string, double> numbers)
    {
        var variables = numbers.ToDictionary(n => n.Key, n => (Quantity)n.Value);
        IReadOnlyList<ClaimedValue> claimed = formula.Uncompared ? [] : ClaimedValue.Parse(row.Claimed, formula.Units);
        if (ClaimedValue.Parse(row.Claimed, formula.Units) is [var first, ..])
            variables["claimed"] = first.Value;
        foreach ((string name, string step) in book.Common.Concat(formula.Steps))
            variables[name] = Value(step);
        if (claimed.Count == 0 && formula.Says is not null)
            claimed = Says(formula.Says);

        var values = new List<ComputedValue>();
        int part = 0;
        Quantity? firstValue = null;
        foreach (var reading in formula.Readings)
        {
            Quantity low = Value(reading.Low), high = reading.High is null ? low : Value(reading.High);
            if (high.Value < low.Value)
                (low, high) = (high, low);
            Quantity unit = reading.Unit.Length == 0 ? 1 : Expression.Evaluate(reading.Unit, Find);
            if (low.Dimensions != unit.Dimensions || high.Dimensions != unit.Dimensions)
                throw new ExpressionException($"'{reading.Low}' counts {low.Dimensions}, and not {(reading.Unit.Length == 0 ? "a pure number" : reading.Unit)}", $"units that fit: {UnitTable.FitText(low.Dimensions)}");
            double size = low.Value / unit.Value;
            firstValue ??= low;
            var against = reading.Kind == ReadingKind.Value ? claimed.ElementAtOrDefault(part++) : claimed.ElementAtOrDefault(0);
            if (against is not null && reading.Kind != ReadingKind.Note && against.Value.Dimensions != low.Dimensions)
                throw new ExpressionException($"'{row.Claimed}' counts {against.Value.Dimensions}, where the formula gives {low.Dimensions}", $"units that fit: {UnitTable.FitText(low.Dimensions)}");
            bool? fits = reading.Kind == ReadingKind.Note ? null : against?.Fits(low.Value, high.Value) ?? Math.Abs(low.Value / firstValue.Value.Value - 1) <= Agreement || reading.Kind == ReadingKind.Value;
            values.Add(new(reading.Kind.ToString().ToLowerInvariant(), reading.Label, size, reading.High is null ? null : high.Value / unit.Value, reading.Unit, fits, reading.High is null ? reading.Low : $"{reading.Low} .. {reading.High}"));
        }
        string verdict = Verdict(values);
        if (verdict == "right" && formula.Fitted is { } fitted && Value(fitted.At).Value is var at && (at < Value(fitted.Low).Value || at > Value(fitted.High).Value))
            verdict = "caution";
        var hit = verdict != "wrong" ? null : UnitOf(row, formula, firstValue!.Value, Value);
        return new(row, values, verdict, hit?.Unit, hit?.Ratio, formula.Why, formula.Source);

        Quantity? Find(string name) => variables.TryGetValue(name, out var value) ? value : data(name);

        Quantity Value(string text) => Expression.Evaluate(text, Find);

        ClaimedValue[] Says(string says)
        {
            var bound = says.StartsWith("over ", StringComparison.Ordinal) ? ClaimBound.Over : says.StartsWith("under ", StringComparison.Ordinal) ? ClaimBound.Under : ClaimBound.Equal;
            string rest = bound == ClaimBound.Equal ? says : says[(says.IndexOf(' ', StringComparison.Ordinal) + 1)..];
            return [.. rest.Split(';').Select(s => Value(s)).Select(q => new ClaimedValue(q, 2, bound, q.Value))];
        }
    }

    // The values together are one reading, each alternative is another.
    private static string Verdict(IReadOnlyList<ComputedValue> values)
    {
        bool[] readings = [values.Where(v => v.Kind == "value").All(v => v.Fits == true), .. values.Where(v => v.Kind == "or").Select(v => v.Fits == true)];
        return readings.All(r => r) ? "right" : readings.Any(r => r) ? "caution" : "wrong";
    }

    private static UnitSearch.Hit? UnitOf(ClaimRow row, ClaimFormula formula, Quantity first, Func<string, Quantity> value)
    {
        var claimed = ClaimedValue.Parse(row.Claimed, formula.Units).FirstOrDefault();
        Quantity quantity = formula.AlsoCounts is { } also ? value(also.Quantity) : first;
        if (quantity.Dimensions == Dimensions.None || (formula.AlsoCounts?.Digits ?? claimed?.Number) is not { } digits)
            return null;
        double? own = claimed is not null && claimed.Value.Dimensions == quantity.Dimensions && claimed.Number != 0 ? claimed.Value.Value / claimed.Number : null;
        return UnitSearch.Find(digits, quantity, own, claimed is { Digits: 1, Number: var n } && Math.Log10(n) % 1 == 0);
    }

    private static CheckedClaim Unverified(ClaimRow row, string why, string source) => new(row, [], "unverified", null, null, why, source);
}

/// <summary>A formula needs a table that is not at hand.</summary>
public sealed class MissingDataException(string message) : Exception(message);
