using System.Text.Json.Serialization;

namespace ScalingLab.Training.Checkpoints;

/// <summary>What a checkpoint holds beside weights and moments. The data cursor and every random number are functions of seed and step.</summary>
public sealed record CheckpointState
{
    /// <summary>Format of the checkpoint.</summary>
    public string Schema { get; init; } = "scalinglab.checkpoint/1";

    /// <summary>The run that it belongs to.</summary>
    public required string RunId { get; init; }

    /// <summary>Steps done.</summary>
    public required long Step { get; init; }

    /// <summary>Tokens trained on.</summary>
    public required long Tokens { get; init; }

    /// <summary>First sequence of the next batch: the data cursor.</summary>
    public required long NextSequence { get; init; }

    /// <summary>Key of the counter-based generator (Philox4x32-10).</summary>
    public required int RandomSeed { get; init; }

    /// <summary>Seconds of training so far, evaluations and checkpoints left out.</summary>
    public required double TrainingSeconds { get; init; }

    /// <summary>Seconds of all work so far.</summary>
    public required double WallSeconds { get; init; }

    /// <summary>Measured forward FLOPs of a step; null when they were not measured.</summary>
    public required double? FlopsPerStepForward { get; init; }

    /// <summary>Measured backward FLOPs of a step.</summary>
    public required double? FlopsPerStepBackward { get; init; }

    /// <summary>Energy so far, joules; null where it was not measured.</summary>
    public double? Joules { get; init; }

    /// <summary>What the joules were read from.</summary>
    public string? JoulesSource { get; init; }

    /// <summary>Why there are no joules.</summary>
    public string? JoulesMissing { get; init; }
}

/// <summary>Weights read from a checkpoint.</summary>
/// <param name="State">What it says of itself.</param>
/// <param name="Arrays">The arrays by the model's names.</param>
public sealed record SavedWeights(CheckpointState State, IReadOnlyList<NamedArray> Arrays);

/// <summary>Size and checksum of one file of a checkpoint.</summary>
public sealed record ManifestEntry
{
    /// <summary>File name.</summary>
    public required string File { get; init; }

    /// <summary>Its size.</summary>
    public required long Bytes { get; init; }

    /// <summary>Its SHA-256, lower-case hexadecimal.</summary>
    public required string Sha256 { get; init; }
}

/// <summary><c>manifest.json</c>: written last; a checkpoint whose files disagree with it is not loaded.</summary>
public sealed record CheckpointManifest
{
    /// <summary>The other files.</summary>
    public required IReadOnlyList<ManifestEntry> Files { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(CheckpointState))]
[JsonSerializable(typeof(CheckpointManifest))]
internal sealed partial class CheckpointJson : JsonSerializerContext;
