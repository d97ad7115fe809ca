using System.Text.Json.Serialization;

namespace ScalingLab.Cli.Sampling;

/// <summary>The JSON of <c>sample --json</c>.</summary>
/// <param name="Run">Id of the run.</param>
/// <param name="Step">Step of the checkpoint that the weights are from.</param>
/// <param name="TokensTrained">Tokens trained on by then.</param>
/// <param name="Prompt">The prompt.</param>
/// <param name="PromptTokens">Its ids, as the model read them: with end-of-document before them.</param>
/// <param name="Temperature">Divisor of the scores; 0 is greedy.</param>
/// <param name="TopK">Highest scores that take part; null for all.</param>
/// <param name="Seed">Seed.</param>
/// <param name="Samples">The texts.</param>
/// <param name="Seconds">Time of drawing all of them.</param>
/// <param name="TokensPerSecond">Tokens drawn per second; null when none was.</param>
internal sealed record SampleDocument(
    string Run, long Step, long TokensTrained, string Prompt, IReadOnlyList<int> PromptTokens, double Temperature, int? TopK, long Seed,
    IReadOnlyList<SampledText> Samples, double Seconds, double? TokensPerSecond)
{
    public string Schema { get; init; } = "scalinglab.sample/1";
}

/// <summary>One text.</summary>
/// <param name="Text">What follows the prompt; bytes that are no UTF-8 are U+FFFD.</param>
/// <param name="Tokens">The same as ids.</param>
/// <param name="End">length or end-of-document.</param>
internal sealed record SampledText(string Text, IReadOnlyList<int> Tokens, string End);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SampleDocument))]
internal sealed partial class SampleJson : JsonSerializerContext;
