using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Planning.Reference;

namespace ScalingLab.Planning.Models;

/// <summary>A model as the planner sees it: how large, how much of it works for one token, and its shape.</summary>
/// <param name="Parameters">All parameters: what memory holds.</param>
/// <param name="ActiveParameters">Those that one token passes: what FLOPs depend on. Fewer in a mixture of experts.</param>
/// <param name="Shape">Dimensions.</param>
/// <param name="ShapeSource">Where the shape comes from.</param>
/// <param name="Experts">Experts a layer; 1 for a dense model.</param>
/// <param name="ExpertsPerToken">Experts that one token passes.</param>
public sealed record ModelSize(double Parameters, double ActiveParameters, TransformerShape Shape, string ShapeSource, int Experts = 1, int ExpertsPerToken = 1)
{
    /// <summary>Source of a guessed shape.</summary>
    public const string Guessed = "guessed from the parameters: width 128 times layers as in GPT-3, heads of 128, no grouped queries";

    /// <summary>Whether the shape is a guess.</summary>
    public bool IsGuessed => ShapeSource == Guessed;

    /// <summary>Parameters in experts, when the share of each token's experts is known; null otherwise.</summary>
    /// <remarks>total = shared + X and active = shared + X·k/E give X = (total − active)/(1 − k/E).</remarks>
    public double? ExpertParameters => Experts > ExpertsPerToken && Parameters > ActiveParameters ? Math.Min(Parameters, (Parameters - ActiveParameters) / (1 - (double)ExpertsPerToken / Experts)) : null;

    /// <summary>Parameters that a batch of tokens reads: with experts chosen evenly, each is missed by all b tokens with chance (1 − k/E)^b.</summary>
    public double ParametersRead(double batch) => ExpertParameters is { } experts
        ? Parameters - experts * Math.Pow(1 - (double)ExpertsPerToken / Experts, batch)
        : Parameters;

    /// <summary>A model of the table by its name.</summary>
    /// <exception cref="UserErrorException">There is none; the nearest is suggested.</exception>
    public static ModelSize Named(string name)
    {
        var rows = ReferenceTable.Read("models.csv");
        var row = rows.FirstOrDefault(r => string.Equals(r.Text("key"), name, StringComparison.OrdinalIgnoreCase)) ?? throw new UserErrorException(ExitCode.Usage, new Diagnostic("SL0139",
            $"--model: unknown model '{name}'", Help: Suggestions.DidYouMean(name, rows.Select(r => r.Text("key"))) ?? $"there are {string.Join(", ", rows.Select(r => r.Text("key")))}; or give --params and a shape"));
        var shape = new TransformerShape(row.Whole("layers"), row.Whole("width"), row.Whole("heads"), row.Whole("kv_heads"), row.Whole("head_width"), row.Whole("mlp_width"), row.YesNo("gated"), row.Whole("vocabulary"), row.Whole("context"));
        return new(row.Number("parameters_total"), row.Number("parameters_active"), shape, row.Text("source"), row.Whole("experts"), row.Whole("experts_per_token"));
    }

    /// <summary>Names of the table.</summary>
    public static IReadOnlyList<string> Names => [.. ReferenceTable.Read("models.csv").Select(r => r.Text("key"))];
}
