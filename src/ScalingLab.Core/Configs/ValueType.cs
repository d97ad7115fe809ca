using System.Globalization;
using System.Text.Json.Nodes;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Core.Configs;

/// <summary>What reading one value gave: the value, or what is wrong with it.</summary>
/// <param name="Value">The value; meaningless beside a problem.</param>
/// <param name="Problem">Continues <c>key is 'text'; it must be …</c>; null when the value is good.</param>
/// <param name="Help">A way out, when one is known.</param>
/// <param name="OutOfRange">The type is right and the size is not.</param>
internal readonly record struct Parsed<T>(T? Value, string? Problem = null, string? Help = null, bool OutOfRange = false);

/// <summary>A type of single values in a config: reads, writes and describes them.</summary>
internal abstract class ValueType<T>
{
    /// <summary>Reads one value.</summary>
    public abstract Parsed<T> Parse(ScalarNode node);

    /// <summary>Writes it so that <see cref="Parse"/> gives it back.</summary>
    public abstract string Format(T value);

    /// <summary>JSON schema of a value.</summary>
    public abstract JsonObject Schema();
}

/// <summary>A whole number. <c>1_000_000</c>, <c>1e6</c> and <c>1.5e6</c> are all read.</summary>
internal sealed class WholeNumber<T>(Bounds bounds, Func<long, T> narrow, Func<T, long> widen) : ValueType<T>
{
    public override Parsed<T> Parse(ScalarNode node)
    {
        // Decimal holds 28 digits exactly, so 1e18 + 1 is not rounded on its way to a long.
        if (!decimal.TryParse(Numbers.Plain(node.Text), NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number) || number != decimal.Truncate(number))
            return new(default, "a whole number", Numbers.SuffixHelp(node.Text));
        if (!bounds.Hold((double)number))
            return new(default, bounds.ToString(), OutOfRange: true);
        return new(narrow((long)number));
    }

    public override string Format(T value) => widen(value).ToString(CultureInfo.InvariantCulture);

    public override JsonObject Schema() => bounds.AddTo(new JsonObject { ["type"] = "integer" });
}

/// <summary>A finite number.</summary>
internal sealed class RealNumber(Bounds bounds) : ValueType<double>
{
    public override Parsed<double> Parse(ScalarNode node)
    {
        if (!double.TryParse(Numbers.Plain(node.Text), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) || !double.IsFinite(number))
            return new(default, "a finite number", Numbers.SuffixHelp(node.Text));
        return bounds.Hold(number) ? new(number) : new(default, bounds.ToString(), OutOfRange: true);
    }

    public override string Format(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    public override JsonObject Schema() => bounds.AddTo(new JsonObject { ["type"] = "number" });
}

/// <summary>Free text.</summary>
internal sealed class FreeText : ValueType<string>
{
    public override Parsed<string> Parse(ScalarNode node) => new(node.Text);

    public override string Format(string value) => YamlText.Quoted(value);

    public override JsonObject Schema() => new() { ["type"] = "string" };
}

/// <summary><c>true</c> or <c>false</c>; YAML 1.1's yes and no are not guessed at.</summary>
internal sealed class TrueOrFalse : ValueType<bool>
{
    public override Parsed<bool> Parse(ScalarNode node) => node.Text.ToLowerInvariant() switch
    {
        "true" => new(true),
        "false" => new(false),
        "yes" or "on" => new(default, "true or false", "write true"),
        "no" or "off" => new(default, "true or false", "write false"),
        _ => new(default, "true or false"),
    };

    public override string Format(bool value) => value ? "true" : "false";

    public override JsonObject Schema() => new() { ["type"] = "boolean" };
}

/// <summary>One name out of a fixed set.</summary>
internal sealed class Choice<T> : ValueType<T> where T : struct, Enum
{
    public override Parsed<T> Parse(ScalarNode node) => ChoiceNames<T>.Parse(node.Text) is { } value
        ? new(value)
        : new(default, $"one of {string.Join(", ", ChoiceNames<T>.All)}", Suggestions.DidYouMean(node.Text, ChoiceNames<T>.All));

    public override string Format(T value) => ChoiceNames<T>.Of(value);

    public override JsonObject Schema() => new()
    {
        ["type"] = "string",
        ["enum"] = new JsonArray([.. ChoiceNames<T>.All.Select(n => (JsonNode)n)]),
    };
}

/// <summary>A value or null.</summary>
internal sealed class OrNull<T>(ValueType<T> inner) : ValueType<T?> where T : struct
{
    public override Parsed<T?> Parse(ScalarNode node)
    {
        if (node.IsNull)
            return new(null);
        Parsed<T> parsed = inner.Parse(node);
        return new(parsed.Value, parsed.Problem, parsed.Help, parsed.OutOfRange);
    }

    public override string Format(T? value) => value is { } some ? inner.Format(some) : "null";

    public override JsonObject Schema()
    {
        JsonObject schema = inner.Schema();
        schema["type"] = new JsonArray(schema["type"]!.GetValue<string>(), "null");
        return schema;
    }
}
