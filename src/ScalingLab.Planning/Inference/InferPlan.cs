using System.Text.Json;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Planning.Models;
using ScalingLab.Planning.Reference;
using ScalingLab.Planning.Training;

namespace ScalingLab.Planning.Inference;

/// <summary>What is served, and how.</summary>
public sealed record InferTask
{
    /// <summary>Tokens a day, prompts and answers together; null to look at one group only.</summary>
    public double? TokensPerDay { get; init; }

    /// <summary>Tokens of a prompt.</summary>
    public double PromptTokens { get; init; } = 1024;

    /// <summary>Tokens of an answer.</summary>
    public double OutputTokens { get; init; } = 256;

    /// <summary>Sequences decoded together; null for as many as memory holds, at most <see cref="MostBatch"/>.</summary>
    public int? Batch { get; init; }

    /// <summary>Accelerators that hold one copy; null for the least power of 2.</summary>
    public int? Group { get; init; }

    /// <summary>Bytes a weight.</summary>
    public double WeightBytes { get; init; } = 2;

    /// <summary>Bytes a cached value.</summary>
    public double KvBytes { get; init; } = 2;

    /// <summary>Share of the bandwidth that decoding reaches.</summary>
    public double BandwidthShare { get; init; } = 0.7;

    /// <summary>Share of memory for weights and cache.</summary>
    public double UsableShare { get; init; } = 0.9;

    /// <summary>Largest batch that is chosen unasked.</summary>
    public const int MostBatch = 256;
}

/// <summary>Speed of one phase.</summary>
/// <param name="TokensPerSecondPerAccelerator">Tokens of this phase over accelerator-seconds.</param>
/// <param name="Seconds">Time of the step: to the first token in prefill, between tokens in decoding.</param>
/// <param name="Bound">compute or bandwidth.</param>
/// <param name="ShareOfPeak">FLOPs done over the dense peak.</param>
public sealed record PhaseSpeed(double TokensPerSecondPerAccelerator, double Seconds, string Bound, double ShareOfPeak);

/// <summary>Accelerators and money for a traffic.</summary>
/// <param name="Accelerators">Whole accelerators.</param>
/// <param name="UsdPerMonth">Rent of 30 days; null without a price.</param>
/// <param name="UsdPerMillionTokens">The same over the tokens of 30 days.</param>
public sealed record ServingCost(long Accelerators, double? UsdPerMonth, double? UsdPerMillionTokens);

/// <summary>What <c>plan infer --json</c> prints: how fast a model answers, and what a traffic costs.</summary>
public sealed record InferPlan
{
    private const double DaysPerMonth = 30;

    /// <summary>Format.</summary>
    public string Schema { get; init; } = "scalinglab.plan.infer/1";

    /// <summary>N, all parameters.</summary>
    public required double Params { get; init; }

    /// <summary>Those that one token passes.</summary>
    public required double ActiveParams { get; init; }

    /// <summary>Where the dimensions come from.</summary>
    public required string ShapeSource { get; init; }

    /// <summary>Accelerator.</summary>
    public required string Accelerator { get; init; }

    /// <summary>Accelerators that hold one copy of the model.</summary>
    public required int AcceleratorsPerCopy { get; init; }

    /// <summary>Bytes of all weights.</summary>
    public required double WeightsBytes { get; init; }

    /// <summary>Fewest accelerators that hold the weights alone.</summary>
    public required long AcceleratorsForWeights { get; init; }

    /// <summary>Bytes of the cache, a token of context.</summary>
    public required double KvBytesPerToken { get; init; }

    /// <summary>Bytes of the cache of one whole sequence.</summary>
    public required double KvBytesPerSequence { get; init; }

    /// <summary>Sequences decoded together.</summary>
    public required int Batch { get; init; }

    /// <summary>Sequences that memory holds beside the weights.</summary>
    public required double MostBatch { get; init; }

    /// <summary>Batch from which decoding's products with weights are bound by compute, at peak rates.</summary>
    public required double CrossoverBatch { get; init; }

    /// <summary>Reading prompts.</summary>
    public required PhaseSpeed Prefill { get; init; }

    /// <summary>Writing answers.</summary>
    public required PhaseSpeed Decode { get; init; }

    /// <summary>Tokens a day; null when none were given.</summary>
    public double? TokensPerDay { get; init; }

    /// <summary>What the traffic costs by this roofline; null without a traffic.</summary>
    public ServingCost? Cost { get; init; }

    /// <summary>The back-of-the-envelope answer, 2·N FLOPs a token at the same utilisation; null without a traffic.</summary>
    public ServingCost? Naive { get; init; }

    /// <summary>Why the two differ.</summary>
    public IReadOnlyList<string> Why { get; init; } = [];

    /// <summary>Every number that this rests on.</summary>
    public required IReadOnlyList<Assumption> Assumptions { get; init; }

    /// <summary>What a reader should know.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>As JSON, indented.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, PlanJson.Default.InferPlan);

    /// <summary>The plan of a model on accelerators.</summary>
    /// <exception cref="UserErrorException">The weights and one sequence do not fit into the group, or the batch does not.</exception>
    public static InferPlan For(ModelSize model, CostRates rates, InferTask task)
    {
        double context = task.PromptTokens + task.OutputTokens;
        double kvToken = KvCache.BytesPerToken(model.Shape, task.KvBytes), sequence = kvToken * context;
        double weights = model.Parameters * task.WeightBytes, usable = rates.Accelerator.MemoryBytes * task.UsableShare;
        int group = task.Group ?? Group(weights + sequence, usable);
        double room = (group * usable - weights) / sequence;
        if (room < 1)
        {
            int fits = Group(weights + sequence, usable);
            throw new UserErrorException(ExitCode.Usage, new Diagnostic("SL0143",
                $"{Gigabytes(weights)} of weights and {Gigabytes(sequence)} of cache for one sequence do not fit into {group} x {Gigabytes(usable)} usable of {rates.Accelerator.Name}",
                Help: fits * usable < weights + sequence ? "no group of accelerators holds it: check the units of --params and the lengths" : $"give --accelerators-per-copy {fits} or more, fewer bytes a weight with --weight-bits 8, or leave the flag out"));
        }
        if (task.Batch > room)
        {
            throw new UserErrorException(ExitCode.Usage, new Diagnostic("SL0143",
                FormattableString.Invariant($"--batch {task.Batch}: beside the weights, memory holds the caches of {Math.Floor(room):0} sequences of {context:0} tokens"),
                Help: FormattableString.Invariant($"give --batch {Math.Floor(room):0} or less, or more --accelerators-per-copy")));
        }
        int batch = task.Batch ?? (int)Math.Min(room, InferTask.MostBatch);
        var roofline = new Roofline(model, group, rates.Achieved.Value, rates.Accelerator.BytesPerSecond * task.BandwidthShare, task.WeightBytes, task.KvBytes);
        StepTime prefill = roofline.Prefill(task.PromptTokens), decode = roofline.Decode(batch, task.PromptTokens + task.OutputTokens / 2);
        var plan = new InferPlan
        {
            Params = model.Parameters,
            ActiveParams = model.ActiveParameters,
            ShapeSource = model.ShapeSource,
            Accelerator = rates.Accelerator.Name,
            AcceleratorsPerCopy = group,
            WeightsBytes = weights,
            AcceleratorsForWeights = (long)Math.Ceiling(weights / rates.Accelerator.MemoryBytes),
            KvBytesPerToken = kvToken,
            KvBytesPerSequence = sequence,
            Batch = batch,
            MostBatch = Math.Floor(room),
            CrossoverBatch = rates.Peak.Value / rates.Accelerator.BytesPerSecond * task.WeightBytes / 2,
            Prefill = new(task.PromptTokens / prefill.Seconds / group, prefill.Seconds, prefill.Bound, prefill.ComputeSeconds / prefill.Seconds * rates.Utilization),
            Decode = new(batch / decode.Seconds / group, decode.Seconds, decode.Bound, decode.ComputeSeconds / decode.Seconds * rates.Utilization),
            Assumptions = [.. rates.Assumptions.Where(a => a.Name is not ("PUE" or "carbon" or "electricity" or "server power factor" or "share of design power drawn" or "accelerator power" or "purchase with server")),
                new("memory bandwidth", rates.Accelerator.BytesPerSecond, "byte/s", rates.Accelerator.Source, false),
                new("share of bandwidth reached", task.BandwidthShare, "", "assumed: change it with --bandwidth-share", false),
                new("prompt", task.PromptTokens, "tokens", "--prompt-tokens", false), new("answer", task.OutputTokens, "tokens", "--output-tokens", false),
                new("bytes a weight", task.WeightBytes, "byte", "--weight-bits", false), new("bytes a cached value", task.KvBytes, "byte", "--kv-bits", false)],
            Warnings =
            [
                .. model.IsGuessed ? [$"the shape is {ModelSize.Guessed}, which makes the cache large: give --layers, --width, --heads and --kv-heads, or --model"] : Array.Empty<string>(),
                .. model.Parameters != model.ActiveParameters && model.ExpertParameters is null ? ["every step is taken to read all experts: give --experts and --experts-per-token"] : Array.Empty<string>(),
                .. rates.UsdPerHour is null ? ["no rent is known for this accelerator: give --usd-per-hour"] : Array.Empty<string>(),
                .. group > 8 ? [$"one copy spans {group} accelerators: what they say to each other is taken as free, and will not be"] : Array.Empty<string>(),
            ],
        };
        return task.TokensPerDay is { } traffic ? plan.WithTraffic(rates, task, traffic, prefill, decode) : plan;
    }

    /// <summary>Accelerators by 2·N FLOPs a token and a utilisation, as a compute-only estimate has them.</summary>
    public static ServingCost NaiveCost(double activeParameters, double tokensPerDay, CostRates rates) => Priced(2 * activeParameters * tokensPerDay / 86400 / rates.Achieved.Value, 1, tokensPerDay, rates);

    private InferPlan WithTraffic(CostRates rates, InferTask task, double traffic, StepTime prefill, StepTime decode)
    {
        double requests = traffic / 86400 / (task.PromptTokens + task.OutputTokens);
        double prefillShare = requests * prefill.Seconds, decodeShare = requests * task.OutputTokens * decode.Seconds / Batch; // copies kept busy by each
        var cost = Priced((prefillShare + decodeShare) * AcceleratorsPerCopy, AcceleratorsPerCopy, traffic, rates);
        var naive = NaiveCost(ActiveParams, traffic, rates);
        return this with
        {
            TokensPerDay = traffic,
            Cost = cost,
            Naive = naive,
            Why =
            [
                FormattableString.Invariant($"the naive answer takes every token for prefill at {rates.Utilization * 100:0.#} % of peak"),
                FormattableString.Invariant($"decoding {task.OutputTokens / (task.PromptTokens + task.OutputTokens) * 100:0.#} % of the tokens is {Decode.Bound}-bound at batch {Batch} and reaches {Decode.ShareOfPeak * 100:0.#} % of peak; it takes {decodeShare / (prefillShare + decodeShare) * 100:0.#} % of the accelerators"),
                FormattableString.Invariant($"weights of {WeightsBytes / 1e9:0.#} GB need {AcceleratorsForWeights} accelerators at least, and copies come in groups of {AcceleratorsPerCopy}"),
            ],
        };
    }

    private static ServingCost Priced(double busy, int group, double tokensPerDay, CostRates rates)
    {
        double whole = Math.Ceiling(busy / group * (1 - 1e-12)) * group;
        if (!(whole < 1e15))
            throw new UserErrorException(ExitCode.Usage, new Diagnostic("SL0131", "the numbers are too large: the accelerators overflow", Help: "check the units of --params and --tokens-per-day"));
        double? month = whole * 24 * DaysPerMonth * rates.UsdPerHour;
        return new((long)whole, month, month / (tokensPerDay * DaysPerMonth) * 1e6);
    }

    private static string Gigabytes(double bytes) => FormattableString.Invariant($"{bytes / 1e9:G4} GB");

    private static int Group(double bytes, double usable)
    {
        int group = 1;
        while (group * usable < bytes && group < 1 << 24)
            group *= 2;
        return group;
    }
}
