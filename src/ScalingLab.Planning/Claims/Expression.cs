using System.Globalization;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Planning.Claims;

/// <summary>An expression is wrong; the message says where, the help what would be right.</summary>
public sealed class ExpressionException(string message, string? help = null) : Exception(message)
{
    /// <summary>The nearest right thing.</summary>
    public string? Help { get; } = help;
}

/// <summary>Evaluates formulas over quantities with units: <c>6 FLOP/param/token * 175B param * 300e9 tokens</c>.</summary>
/// <remarks>
/// Grammar: sum = product (('+' | '-') product)*; product = power (('*' | '/')? power)*, where standing side by side multiplies and binds as '*' does;
/// power = '-'? atom ('^' power)?; atom = number | name | name '(' sum (',' sum)* ')' | '(' sum ')'.
/// A number may end in K, M, B or T, each right behind its digits. A name is a variable, else a unit.
/// </remarks>
public sealed class Expression
{
    private const int Deepest = 64;
    private readonly string text;
    private readonly Func<string, Quantity?> variables;
    private int at;
    private int depth;

    private Expression(string text, Func<string, Quantity?> variables) => (this.text, this.variables) = (text, variables);

    /// <summary>The value of a formula.</summary>
    /// <param name="text">Formula.</param>
    /// <param name="variables">Variables by name; null for a name that is none.</param>
    /// <exception cref="ExpressionException">It cannot be read, adds what differs in unit, or gives no finite number.</exception>
    public static Quantity Evaluate(string text, Func<string, Quantity?>? variables = null)
    {
        var expression = new Expression(text, variables ?? (_ => null));
        Quantity value = expression.Sum();
        expression.Space();
        if (expression.at < text.Length)
            throw expression.Wrong($"'{text[expression.at]}' is out of place");
        return double.IsFinite(value.Value) ? value : throw new ExpressionException($"'{text}' gives no finite number");
    }

    private Quantity Sum()
    {
        if (++depth > Deepest)
            throw new ExpressionException("the formula is nested too deeply", $"at most {Deepest} levels");
        Quantity value = Product();
        while (Take("+-") is { } sign)
        {
            Quantity next = Product();
            if (next.Dimensions != value.Dimensions)
                throw new ExpressionException($"'{text}' {(sign == '+' ? "adds" : "subtracts")} {next.Dimensions} {(sign == '+' ? "to" : "from")} {value.Dimensions}", $"units that fit: {UnitTable.FitText(value.Dimensions)}");
            value = value with { Value = sign == '+' ? value.Value + next.Value : value.Value - next.Value };
        }
        depth--;
        return value;
    }

    private Quantity Product()
    {
        Quantity value = Power();
        while (true)
        {
            if (Take("*/") is { } sign)
                value = sign == '*' ? value * Power() : value / Power();
            else if (at < text.Length && (char.IsLetterOrDigit(text[at]) || text[at] is '(' or '.' or '%'))
                value *= Power();
            else
                return value;
        }
    }

    private Quantity Power()
    {
        if (Take("-") is not null)
        {
            if (++depth > Deepest)
                throw new ExpressionException("the formula is nested too deeply", $"at most {Deepest} levels");
            Quantity negated = Power();
            depth--;
            return negated with { Value = -negated.Value };
        }
        Quantity value = Atom();
        if (Take("^") is null)
            return value;
        if (++depth > Deepest)
            throw new ExpressionException("the formula is nested too deeply", $"at most {Deepest} levels");
        Quantity exponent = Power();
        depth--;
        return exponent.Dimensions == Dimensions.None
            ? new(Math.Pow(value.Value, exponent.Value), value.Dimensions.Power(exponent.Value))
            : throw new ExpressionException($"an exponent of '{text}' counts {exponent.Dimensions}", "an exponent is a pure number");
    }

    private Quantity Atom()
    {
        Space();
        if (at >= text.Length)
            throw Wrong("it ends too early");
        if (Take("(") is not null)
        {
            Quantity inner = Sum();
            return Take(")") is not null ? inner : throw Wrong("a bracket is not closed");
        }
        if (char.IsAsciiDigit(text[at]) || text[at] == '.')
            return Number();
        if (Take("%") is not null)
            return 0.01;
        if (!char.IsLetter(text[at]))
            throw Wrong($"'{text[at]}' is out of place");
        string name = Name();
        return Take("(") is not null ? Call(name)
            : variables(name) ?? UnitTable.Find(name) ?? throw new ExpressionException($"'{name}' in '{text}' is neither a variable nor a unit", Suggestions.DidYouMean(name, UnitTable.Names) ?? $"units: {string.Join(", ", UnitTable.Names.Take(12))}, ...");
    }

    private Quantity Call(string name)
    {
        var arguments = new List<Quantity>();
        do
            arguments.Add(Sum());
        while (Take(",") is not null);
        return Take(")") is not null ? Functions.Call(name, arguments) : throw Wrong("a bracket is not closed");
    }

    private Quantity Number()
    {
        int start = at;
        while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] == '.'))
            at++;
        if (at + 1 < text.Length && text[at] is 'e' or 'E')
        {
            int digits = at + (text[at + 1] is '+' or '-' ? 2 : 1);
            if (digits < text.Length && char.IsAsciiDigit(text[digits]))
                for (at = digits; at < text.Length && char.IsAsciiDigit(text[at]);)
                    at++;
        }
        if (!double.TryParse(text[start..at], NumberStyles.Float, CultureInfo.InvariantCulture, out double value))
            throw Wrong($"'{text[start..at]}' is not a number");
        double scale = at < text.Length && (at + 1 == text.Length || !char.IsLetterOrDigit(text[at + 1])) ? text[at] switch { 'K' => 1e3, 'M' => 1e6, 'B' => 1e9, 'T' => 1e12, _ => 0 } : 0;
        if (scale == 0)
            return value;
        at++;
        return value * scale;
    }

    private string Name()
    {
        int start = at;
        while (at < text.Length && (char.IsLetterOrDigit(text[at]) || text[at] is '_' or '.'))
            at++;
        if (at < text.Length && text[at] == '-') // PF-day, GPU-hours
        {
            int end = at + 1;
            while (end < text.Length && char.IsLetter(text[end]))
                end++;
            if (UnitTable.Find(text[start..end]) is not null)
                at = end;
        }
        return text[start..at];
    }

    private char? Take(string any)
    {
        Space();
        return at < text.Length && any.Contains(text[at], StringComparison.Ordinal) ? text[at++] : null;
    }

    private void Space()
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
            at++;
    }

    private ExpressionException Wrong(string what) => new($"'{text}' cannot be read: {what} at character {at + 1}", "write a formula such as 6 FLOP/param/token * 70B param * 1.4T token");
}
