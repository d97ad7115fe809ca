using System.Globalization;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Tables;
using ScalingLab.Laws;
using ScalingLab.Laws.Curves;
using ScalingLab.Laws.Envelope;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.Intervals;
using ScalingLab.Laws.IsoFlop;
using ScalingLab.Laws.Reports;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Cli.Commands;

/// <summary>Turns the words of <c>fit</c>'s flags into values, or refuses them with what there is.</summary>
internal static class FitRequest
{
    /// <summary>Every law that can be fitted.</summary>
    public static string LawNames => "chinchilla, " + string.Join(", ", CurveLaws.Names);

    /// <summary>The curve of a law's name; null for Chinchilla's, which has a solver of its own.</summary>
    public static LossCurve? Law(string flag, string law, Inputs of, string? terms) =>
        CurveLaws.Find(Choose(flag, law, CurveLaws.Names.Prepend("chinchilla").Select(l => (l, l)), []), of, terms?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    /// <summary>Column of the power law.</summary>
    public static Inputs Of(string of) => Choose("--of", of, [("params", Inputs.Parameters), ("tokens", Inputs.Tokens), ("flops", Inputs.Flops)], []);

    /// <summary>Approach by its name.</summary>
    public static Approach Approach(string approach) => Choose("--approach", approach,
        [("parametric", Laws.Approach.Parametric), ("isoflop", Laws.Approach.IsoFlop), ("envelope", Laws.Approach.Envelope)], []);

    /// <summary>Curve of isoFLOP profiles; a parabola where none is named.</summary>
    public static Curve ProfileCurve(string? curve) => Curve(curve, Laws.Approach.IsoFlop).Profile ?? Laws.IsoFlop.Curve.Parabola;

    /// <summary>Envelope of Approach 1; the minimum where none is named.</summary>
    public static EnvelopeKind EnvelopeKind(string? curve) => Curve(curve, Laws.Approach.Envelope).Envelope ?? Laws.Envelope.EnvelopeKind.Minimum;

    // One flag serves both approaches, and a curve of the one is refused for the other.
    private static (Curve? Profile, EnvelopeKind? Envelope) Curve(string? curve, Approach approach)
    {
        if (curve is null)
            return (null, null);
        var (profile, envelope) = Choose<(Curve?, EnvelopeKind?)>("--curve", curve,
            [("parabola", (Laws.IsoFlop.Curve.Parabola, null)), ("akima", (Laws.IsoFlop.Curve.Akima, null)), ("minimum", (null, Laws.Envelope.EnvelopeKind.Minimum)), ("hull", (null, Laws.Envelope.EnvelopeKind.Hull))], []);
        if (approach == Laws.Approach.IsoFlop && profile is null)
            throw Usage($"--curve {curve} is of --approach envelope", "isoFLOP profiles take parabola or akima");
        if (approach == Laws.Approach.Envelope && envelope is null)
            throw Usage($"--curve {curve} is of --approach isoflop", "envelopes take minimum or hull");
        return (profile, envelope);
    }

    public static ParameterCount Count(string count) =>
        Choose("--count", count, [("total", ParameterCount.Total), ("non-embedding", ParameterCount.NonEmbedding), ("with-head", ParameterCount.WithHead)], []);

    public static BootstrapKind? Kind(string? kind) => kind is null ? null : Choose("--bootstrap-kind", kind,
        [("case", BootstrapKind.Case), ("residual", BootstrapKind.Residual), ("cluster", BootstrapKind.Cluster), ("noise", BootstrapKind.Noise)], []);

    /// <summary><c>alpha=0.34,E=1.7</c> as a map; the fitter checks names and ranges.</summary>
    public static IReadOnlyDictionary<string, double> Fixed(string? text)
    {
        var held = new Dictionary<string, double>();
        foreach (string part in text?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [])
        {
            string[] pair = part.Split('=', 2, StringSplitOptions.TrimEntries);
            if (pair.Length != 2 || !double.TryParse(pair[1], NumberStyles.Float, CultureInfo.InvariantCulture, out double value))
                throw Usage($"--fix '{part}' is not NAME=NUMBER", "write --fix alpha=0.34,E=1.7");
            if (!held.TryAdd(pair[0], value))
                throw Usage($"--fix names {pair[0]} twice", null);
        }
        return held;
    }

    /// <summary>Which intervals: whether resamples are drawn, and what profile likelihoods are measured against.</summary>
    public static (bool Bootstrap, bool Profile) Intervals(string kind) => Choose("--intervals", kind, [("bootstrap", (true, false)), ("profile", (false, true)), ("both", (true, true))], []);

    /// <summary>What a deviance is measured against.</summary>
    public static ProfileCriterion Deviance(string kind) => Choose("--deviance", kind, [("robust", ProfileCriterion.Robust), ("likelihood", ProfileCriterion.Likelihood)], []);

    /// <summary><c>flops=1e21</c> or <c>params=7e9,tokens=1e12</c>, one a flag.</summary>
    public static AtPoint At(string text)
    {
        var point = new AtPoint();
        string[] parts = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (parts.Length == 0)
            throw Usage("--at names no point", AtHelp);
        var seen = new HashSet<string>();
        foreach (string part in parts)
        {
            string[] pair = part.Split('=', 2, StringSplitOptions.TrimEntries);
            if (pair.Length != 2 || !double.TryParse(pair[1], NumberStyles.Float, CultureInfo.InvariantCulture, out double value) || !(value > 0) || !double.IsFinite(value))
                throw Usage($"--at '{part}' is not NAME=NUMBER with a number above 0", AtHelp);
            Func<AtPoint, double, AtPoint> set = Choose<Func<AtPoint, double, AtPoint>>("--at", pair[0], [("flops", (p, v) => p with { Flops = v }), ("params", (p, v) => p with { Params = v }),
                ("tokens", (p, v) => p with { Tokens = v }), ("unique", (p, v) => p with { UniqueTokens = v }), ("steps", (p, v) => p with { Steps = v }),
                ("batch", (p, v) => p with { BatchTokens = v }), ("loss", (p, v) => p with { Loss = v })], []);
            if (!seen.Add(pair[0]))
                throw Usage($"--at names {pair[0]} twice", AtHelp);
            point = set(point, value);
        }
        return point;
    }

    private const string AtHelp = "write --at flops=1e21 for the optimum of a budget, or --at params=7e9,tokens=1e12";

    /// <summary>Says on standard error what was done to the source, and what was left out of it.</summary>
    public static void Tell(ObservationTable table)
    {
        foreach (string note in table.Notes)
            Console.Error.WriteLine($"note: {note}");
        foreach (var excluded in table.Excluded)
            Console.Error.WriteLine($"note: {excluded.Run} left out: {excluded.Reason}");
    }

    public static UserErrorException Usage(string message, string? help) => new(ExitCode.Usage, new Diagnostic("SL0120", message, Help: help));

    private static T Choose<T>(string flag, string word, IEnumerable<(string Name, T Value)> available, IReadOnlyList<string> later)
    {
        var all = available.ToArray();
        foreach ((string name, T value) in all)
        {
            if (name == word)
                return value;
        }
        string list = string.Join(", ", all.Select(a => a.Name));
        throw later.Contains(word)
            ? Usage($"{flag} {word} is not available yet", $"available: {list}")
            : Usage($"{flag} '{word}' is not known", Suggestions.DidYouMean(word, all.Select(a => a.Name)) ?? $"available: {list}");
    }
}
