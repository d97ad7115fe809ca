using System.CommandLine;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Planning.Models;
using ScalingLab.Planning.Reference;
using ScalingLab.Planning.Training;
using ScalingLab.Planning.Units;

namespace ScalingLab.Cli.Commands;

/// <summary>A flag whose value carries a unit: it is read by its dimension, and refused with the unit that fits.</summary>
internal sealed class QuantityOption(string name, Dimension dimension, string description) : Option<string>(name)
{
    public QuantityOption Described()
    {
        Description = description;
        HelpName = dimension == Dimension.Count ? "N" : dimension.Example.Split(" or ")[0].Split(',')[0];
        return this;
    }

    /// <summary>The value in base units; null when the flag is absent.</summary>
    public double? Read(ParseResult parse) => parse.GetValue(this) is { } text ? QuantityText.Parse(text, dimension, Name) : null;

    public int? ReadWhole(ParseResult parse) => parse.GetValue(this) is { } text ? QuantityText.ParseWhole(text, dimension, Name) : null;

    public static QuantityOption Of(string name, Dimension dimension, string description) => new QuantityOption(name, dimension, description).Described();
}

/// <summary>Flags of prices, speed and power, shared by the commands that cost something.</summary>
internal sealed class CostOptions
{
    public Option<string> Accelerator { get; } = new("--accelerator") { Description = $"One of {string.Join(", ", ScalingLab.Planning.Reference.Accelerator.All.Select(a => a.Key))}.", HelpName = "h100" };
    public QuantityOption Utilization { get; } = QuantityOption.Of("--utilization", Dimension.Share, "Share of the dense peak that is reached (MFU). Default 0.375, with the band .28 to .44 of published runs.");
    public QuantityOption Peak { get; } = QuantityOption.Of("--peak", Dimension.FlopRate, "Dense peak instead of the table's.");
    public Option<int> Precision { get; } = new("--precision") { Description = "Bits of the arithmetic, 16 or 8: which peak is taken.", DefaultValueFactory = _ => 16 };
    public QuantityOption UsdPerHour { get; } = QuantityOption.Of("--usd-per-hour", Dimension.UsdPerHour, "Rent of one accelerator. Default: median of the newest year in the table.");
    public QuantityOption PurchaseUsd { get; } = QuantityOption.Of("--purchase-usd", Dimension.Usd, "Price of one accelerator with its share of a server.");
    public QuantityOption UsdPerKwh { get; } = QuantityOption.Of("--usd-per-kwh", Dimension.UsdPerKwh, "Electricity. Default 0.0826.");
    public QuantityOption Watts { get; } = QuantityOption.Of("--watts", Dimension.Power, "Power of one accelerator instead of the table's.");
    public QuantityOption ServerFactor { get; } = QuantityOption.Of("--server-factor", Dimension.Factor, "Power of a server over that of its accelerators. Default by accelerator: H100 1.82, A100 2.03.");
    public QuantityOption PowerFraction { get; } = QuantityOption.Of("--power-fraction", Dimension.Share, "Share of the design power that is drawn. Default 0.75, TPU 0.43.");
    public QuantityOption Pue { get; } = QuantityOption.Of("--pue", Dimension.Factor, "Power of the building over that of its servers. Default 1.1.");
    public QuantityOption KgPerKwh { get; } = QuantityOption.Of("--kg-per-kwh", Dimension.KgPerKwh, "Carbon of the electricity, kg CO2e. Default 0.475, the world's average.");

    public IEnumerable<Option> Speed => [Accelerator, Utilization, Peak, Precision, UsdPerHour];

    public IEnumerable<Option> All => [.. Speed, PurchaseUsd, UsdPerKwh, Watts, ServerFactor, PowerFraction, Pue, KgPerKwh];

    public CostRates Rates(ParseResult parse, Accelerator accelerator, double? utilization = null)
    {
        int bits = parse.GetValue(Precision);
        if (bits is not (8 or 16))
            throw Usage($"--precision {bits}: the table has peaks of 16 and 8 bits", "write --precision 16 or --precision 8");
        if (Pue.Read(parse) is < 1)
            throw Usage($"--pue {parse.GetValue(Pue)} is below 1: a building draws at least what its servers draw", "write 1.1 or so");
        if (ServerFactor.Read(parse) is < 1)
            throw Usage($"--server-factor {parse.GetValue(ServerFactor)} is below 1: a server draws at least what its accelerators draw", "write 1.8 or so, or 1 to leave the server out");
        return CostRates.Resolve(accelerator, new()
        {
            Peak = Peak.Read(parse),
            Utilization = utilization ?? Utilization.Read(parse),
            UsdPerHour = UsdPerHour.Read(parse),
            PurchaseUsd = PurchaseUsd.Read(parse),
            UsdPerKwh = UsdPerKwh.Read(parse),
            Watts = Watts.Read(parse),
            ServerFactor = ServerFactor.Read(parse),
            PowerShare = PowerFraction.Read(parse),
            Pue = Pue.Read(parse),
            KgPerKwh = KgPerKwh.Read(parse),
            EightBit = bits == 8,
        });
    }

    public static UserErrorException Usage(string message, string? help) => new(ExitCode.Usage, new Diagnostic("SL0134", message, Help: help));
}

/// <summary>Flags that describe a model.</summary>
internal sealed class ModelOptions
{
    public QuantityOption Params { get; } = QuantityOption.Of("--params", Dimension.Parameters, "Parameters, all of them.");
    public QuantityOption ActiveParams { get; } = QuantityOption.Of("--active-params", Dimension.Parameters, "Parameters that one token passes, in a mixture of experts.");
    public Option<string> Model { get; } = new("--model") { Description = $"A published shape: {string.Join(", ", ModelSize.Names)}." };
    public QuantityOption Layers { get; } = QuantityOption.Of("--layers", Dimension.Count, "Layers.");
    public QuantityOption Width { get; } = QuantityOption.Of("--width", Dimension.Count, "Width of the residual stream.");
    public QuantityOption Heads { get; } = QuantityOption.Of("--heads", Dimension.Count, "Query heads.");
    public QuantityOption KvHeads { get; } = QuantityOption.Of("--kv-heads", Dimension.Count, "Key and value heads. Default: as many as query heads.");
    public QuantityOption MlpWidth { get; } = QuantityOption.Of("--mlp-width", Dimension.Count, "Hidden width of the MLP. Default 4 times the width.");
    public Option<bool> Gated { get; } = new("--gated-mlp") { Description = "The MLP has a gate (three matrices)." };
    public QuantityOption Vocabulary { get; } = QuantityOption.Of("--vocabulary", Dimension.Count, "Vocabulary.");
    public QuantityOption Context { get; } = QuantityOption.Of("--context", Dimension.Count, "Tokens of a sequence.");
    public QuantityOption Experts { get; } = QuantityOption.Of("--experts", Dimension.Count, "Experts a layer.");
    public QuantityOption ExpertsPerToken { get; } = QuantityOption.Of("--experts-per-token", Dimension.Count, "Experts that one token passes.");

    public IEnumerable<Option> All => [Params, ActiveParams, Model, Layers, Width, Heads, KvHeads, MlpWidth, Gated, Vocabulary, Context, Experts, ExpertsPerToken];

    /// <summary>The model that the flags describe; null when they describe none.</summary>
    public ModelSize? Read(ParseResult parse)
    {
        var table = parse.GetValue(Model) is { } name ? ModelSize.Named(name) : null;
        double? total = Params.Read(parse), active = ActiveParams.Read(parse);
        int? layers = Layers.ReadWhole(parse), width = Width.ReadWhole(parse), heads = Heads.ReadWhole(parse);
        if (table is null && (layers, width, heads) is not ((null, null, null) or (not null, not null, not null)))
            throw CostOptions.Usage("a shape needs --layers, --width and --heads together", "give all three, or none of them");
        var shape = table?.Shape;
        if (layers is { } l && width is { } w && heads is { } h)
        {
            if (w % h != 0)
                throw CostOptions.Usage($"--width {w} is not a multiple of --heads {h}", $"try --width {Math.Max(1, w / h) * h} or {(w / h + 1) * h}");
            shape = new(l, w, h, h, w / h, 4 * w, false, 50_000, 2048);
        }
        bool own = shape is not null;
        total ??= table?.Parameters ?? (own ? Edited(parse, shape!).Parameters(Experts.ReadWhole(parse) ?? 1) : null);
        if (total is not { } n)
            return null;
        active ??= table is not null && Params.Read(parse) is null ? table.ActiveParameters : n;
        if (active > n)
            throw CostOptions.Usage(FormattableString.Invariant($"--active-params {active:0.###e0} is more than --params {n:0.###e0}"), "a token passes at most all parameters");
        shape = Edited(parse, shape ?? TransformerShape.Guess(active.Value));
        int experts = Experts.ReadWhole(parse) ?? table?.Experts ?? 1, each = ExpertsPerToken.ReadWhole(parse) ?? table?.ExpertsPerToken ?? 1;
        if (each > experts)
            throw CostOptions.Usage($"--experts-per-token {each} is more than --experts {experts}", $"give at most {experts}");
        return new(n, active.Value, shape, table?.ShapeSource ?? (own ? "given" : ModelSize.Guessed), experts, each);
    }

    private TransformerShape Edited(ParseResult parse, TransformerShape shape)
    {
        int kv = KvHeads.ReadWhole(parse) ?? shape.KvHeads;
        if (shape.Heads % kv != 0)
            throw CostOptions.Usage($"--kv-heads {kv} does not divide the {shape.Heads} query heads", "give a divisor, such as 8");
        return shape with
        {
            KvHeads = kv,
            MlpWidth = MlpWidth.ReadWhole(parse) ?? shape.MlpWidth,
            Gated = parse.GetValue(Gated) || shape.Gated,
            Vocabulary = Vocabulary.ReadWhole(parse) ?? shape.Vocabulary,
            Context = Context.ReadWhole(parse) ?? shape.Context,
        };
    }
}
