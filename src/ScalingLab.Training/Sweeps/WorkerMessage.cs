using System.Text.Json;
using System.Text.Json.Serialization;

namespace ScalingLab.Training.Sweeps;

/// <summary>One line that a worker process writes to its parent: how far its run is.</summary>
public sealed record WorkerMessage
{
    /// <summary>Id of the run, where a worker trains several; null where it trains one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Run { get; init; }

    /// <summary>Steps done.</summary>
    public required long Step { get; init; }

    /// <summary>Steps of the whole run.</summary>
    public required long TotalSteps { get; init; }

    /// <summary>Tokens trained on.</summary>
    public required long Tokens { get; init; }

    /// <summary>Training loss of the last step, nats per token; null when it was not finite.</summary>
    public double? LossNats { get; init; }

    /// <summary>Rate since the message before.</summary>
    public double TokensPerSecond { get; init; }

    /// <summary>The same in FLOP/s, exact count of matrix products.</summary>
    public double FlopsPerSecond { get; init; }

    /// <summary>One line of JSON.</summary>
    public string ToLine() => JsonSerializer.Serialize(this, WorkerJson.Default.WorkerMessage);

    /// <summary>The message of a line, or null when the line is none.</summary>
    public static WorkerMessage? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, WorkerJson.Default.WorkerMessage);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(WorkerMessage))]
internal sealed partial class WorkerJson : JsonSerializerContext;
