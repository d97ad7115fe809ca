using System.Text.Json.Serialization;
using ScalingLab.Core.Configs;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Runs;

namespace ScalingLab.Cli.Status;

/// <summary>One run.</summary>
/// <param name="Run">Its id.</param>
/// <param name="State">planned, running, interrupted, finished, diverged or damaged.</param>
/// <param name="Tokens">Tokens trained on, as of the last log line.</param>
/// <param name="TotalTokens">Tokens of the whole run.</param>
/// <param name="LossNats">Held-out loss when there is one, else the last training loss.</param>
/// <param name="BitsPerByte">Held-out bits per byte.</param>
/// <param name="TokensPerSecond">As last logged.</param>
internal sealed record RunStatus(string Run, string State, long Tokens, long? TotalTokens, double? LossNats, double? BitsPerByte, double? TokensPerSecond)
{
    private const int CurvePoints = 12;

    /// <summary>Training losses, evenly spread.</summary>
    [JsonIgnore]
    public IReadOnlyList<double> Curve { get; init; } = [];

    /// <summary>What is wrong with a damaged run; null for a sound one.</summary>
    public string? Problem { get; init; }

    /// <summary>Whether nothing can change any more.</summary>
    [JsonIgnore]
    public bool Ended => State is "finished" or "diverged" or "damaged";

    /// <summary>What a run's files tell; of damaged ones, that they are.</summary>
    public static RunStatus Of(FoundRun found)
    {
        try
        {
            return found.Problem is { } problem ? Damaged(found, problem) : Read(found);
        }
        catch (UserErrorException problem) when (problem.ExitCode == Core.ExitCode.CorruptData)
        {
            return Damaged(found, problem);
        }
    }

    private static RunStatus Read(FoundRun found)
    {
        RunConfig? config = found.Folder.ReadManifest()?.Config;
        IReadOnlyList<LogEntry> log = found.Folder.ReadLog().Entries;
        EvalEntry? evaluation = found.Done?.FinalEvaluation ?? found.Folder.ReadEvaluations().Entries.LastOrDefault();
        double[] losses = [.. log.Where(e => e.LossNats is not null).Select(e => e.LossNats!.Value)];
        return new RunStatus(
            found.Folder.Id, found.State.ToString().ToLowerInvariant(), log.LastOrDefault()?.Tokens ?? 0, config?.Training.Tokens,
            evaluation?.LossNats ?? log.LastOrDefault()?.LossNats, evaluation?.BitsPerByte, log.LastOrDefault()?.TokensPerSecond)
        {
            Curve = losses.Length <= CurvePoints ? losses : [.. Enumerable.Range(0, CurvePoints).Select(i => losses[i * (losses.Length - 1) / (CurvePoints - 1)])],
        };
    }

    private static RunStatus Damaged(FoundRun found, UserErrorException problem)
    {
        Diagnostic first = problem.Diagnostics[0];
        string place = first.Location is { } at ? at.Line > 0 ? FormattableString.Invariant($"{at.File}:{at.Line}: ") : $"{at.File}: " : "";
        return new(found.Folder.Id, "damaged", 0, null, null, null, null) { Problem = place + first.Message };
    }
}

/// <summary>The JSON of <c>status --json</c>.</summary>
internal sealed record StatusDocument(IReadOnlyList<RunStatus> Runs)
{
    public string Schema { get; init; } = "scalinglab.status/1";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(StatusDocument))]
internal sealed partial class StatusJson : JsonSerializerContext;
