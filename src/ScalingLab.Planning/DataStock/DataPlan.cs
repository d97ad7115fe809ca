using System.Text.Json;
using System.Text.Json.Serialization;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Planning.Frontier;

namespace ScalingLab.Planning.DataStock;

/// <summary>Tokens seen over and over.</summary>
/// <param name="Epochs">Times that each token is seen.</param>
/// <param name="Tokens">D, seen in all.</param>
/// <param name="FreshTokens">D', fresh tokens that do as much.</param>
/// <param name="Share">D'/D.</param>
/// <param name="NextToken">What one more token is worth of a fresh one.</param>
/// <param name="Loss">Of the model asked for, nats per token; null without one.</param>
public sealed record EpochRow(double Epochs, double Tokens, double FreshTokens, double Share, double NextToken, double? Loss);

/// <summary>Need against stock.</summary>
/// <param name="Stock">Median of the stock, tokens.</param>
/// <param name="StockInterval">5th and 95th percentile; null when it is known.</param>
/// <param name="Share">Need over the median.</param>
/// <param name="ProbabilityShort">That the stock is below the need.</param>
/// <param name="EpochsOfStock">Epochs of the median stock that are worth the need; null when none are.</param>
/// <param name="Source">Of the stock.</param>
public sealed record StockDocument(double Stock, double[]? StockInterval, double Share, double ProbabilityShort, double? EpochsOfStock, string Source);

/// <summary>When the training sets of a table of models reach the stock, if they go on growing.</summary>
/// <param name="Growth">Factor a year.</param>
/// <param name="GrowthInterval">Its interval.</param>
/// <param name="N">Models of the trend.</param>
/// <param name="Subset">Which.</param>
/// <param name="Years">Lower end, median and upper end.</param>
/// <param name="Level">Of the intervals.</param>
/// <param name="Published">Date of the stock's own source.</param>
public sealed record StockDateDocument(double Growth, double[] GrowthInterval, int N, string Subset, double?[] Years, double Level, string Published);

/// <summary>What <c>plan data --json</c> prints.</summary>
public sealed record DataPlan
{
    /// <summary>Format.</summary>
    public string Schema { get; init; } = "scalinglab.plan.data/1";

    /// <summary>Tokens needed, all fresh.</summary>
    public required double TokensNeeded { get; init; }

    /// <summary>How that number came about.</summary>
    public required string Need { get; init; }

    /// <summary>N; null when the need was given by itself.</summary>
    public required double? Params { get; init; }

    /// <summary>Against the stock.</summary>
    public required StockDocument Stock { get; init; }

    /// <summary>Distinct tokens at hand; the median stock without a number of one's own.</summary>
    public required double UniqueTokens { get; init; }

    /// <summary>Epochs of those that are worth the need; null when none are.</summary>
    public required double? EpochsNeeded { get; init; }

    /// <summary>Most fresh tokens that any number of epochs is worth, (1 + rd)·U.</summary>
    public required double MostFreshTokens { get; init; }

    /// <summary>Value of repetition.</summary>
    public required IReadOnlyList<EpochRow> Epochs { get; init; }

    /// <summary>Null without a table of models.</summary>
    public required StockDateDocument? Date { get; init; }

    /// <summary>What the numbers assume, and their sources.</summary>
    public required IReadOnlyList<string> Assumptions { get; init; }

    /// <summary>What a reader should know.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    private static readonly double[] UsualEpochs = [1, 2, 4, 8, 16, 40, 100];

    /// <summary>The plan.</summary>
    /// <param name="tokens">D, fresh tokens needed.</param>
    /// <param name="need">How it came about.</param>
    /// <param name="parameters">N, for losses; null for none.</param>
    /// <param name="unique">U; null for the median stock.</param>
    /// <param name="stock">The stock.</param>
    /// <param name="models">For the date; null for none.</param>
    /// <param name="options">Subset and resamples of the date's trend.</param>
    public static DataPlan For(double tokens, string need, double? parameters, double? unique, Threshold stock, ModelTable? models, FrontierOptions options)
    {
        double u = unique ?? stock.Median;
        var warnings = new List<string>();
        double? epochs = RepeatedTokens.EpochsFor(u, tokens);
        if (epochs is null)
            warnings.Add(FormattableString.Invariant($"no number of epochs is worth the need: {1 + RepeatedTokens.Decay:0.#} times the distinct tokens are the most"));
        else if (epochs > 40)
            warnings.Add("beyond some 40 epochs the law was hardly measured");
        return new DataPlan
        {
            TokensNeeded = tokens,
            Need = need,
            Params = parameters,
            Stock = new(stock.Median, stock.Low == stock.High ? null : [stock.Low, stock.High], tokens / stock.Median, TokenStock.ProbabilityBelow(stock, tokens), RepeatedTokens.EpochsFor(stock.Median, tokens), stock.Source),
            UniqueTokens = u,
            EpochsNeeded = epochs,
            MostFreshTokens = (1 + RepeatedTokens.Decay) * u,
            Epochs = [.. UsualEpochs.Concat(epochs is > 1 and var e ? [e] : []).Distinct().Order().Select(k => new EpochRow(k, k * u, RepeatedTokens.Worth(u, k * u), RepeatedTokens.Worth(u, k * u) / (k * u), RepeatedTokens.NextToken(k),
                parameters is { } n ? RepeatedTokens.Loss(n, k * u, u) : null))],
            Date = models is null ? null : DateOf(models, stock, options),
            Assumptions =
            [
                "worth of repeats: Muennighoff et al. 2023, arXiv:2305.16264, Eq. 5, rd 15.387756; other minima of their fit put rd anywhere from 7 up (docs/laws.md)",
                "losses: the constants of their code (E 1.869, A 520.8, B 1487.7, alpha = beta = .3526596, rn 5.309743), which are of their own data and tokenizer",
                "stock: log-normal on each side of its median; it already counts some repetition of good text",
            ],
            Warnings = warnings,
        };
    }

    private static StockDateDocument DateOf(ModelTable models, Threshold stock, FrontierOptions options)
    {
        var quantity = FrontierQuantity.Tokens;
        var subset = options.For(quantity.Usual);
        var trend = quantity.Trend(models.Rows, subset, options.Resamples, options.Seed)
            ?? throw new UserErrorException(ExitCode.CorruptData, new Diagnostic("SL0406", $"{models.Source}: fewer than {GrowthTrend.FewestPoints} models of '{subset.Name}' report their tokens"));
        var date = Crossover.Of(trend, stock, options.Level, options.Seed);
        var growth = trend.GrowthInterval(options.Level)!.Value;
        return new(trend.Growth, [growth.Low, growth.High], trend.Count, subset.Name, [date.Low, date.Middle, date.High], options.Level, "2026 to 2032: Villalobos et al. 2024, arXiv:2211.04325v2");
    }

    /// <summary>As JSON, indented.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, DataPlanJson.Default.DataPlan);
}

/// <summary>Serialisation generated at build time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(DataPlan))]
public sealed partial class DataPlanJson : JsonSerializerContext;
