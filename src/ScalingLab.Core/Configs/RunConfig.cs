using ScalingLab.Core.Models;

namespace ScalingLab.Core.Configs;

/// <summary>Everything that decides a run's result: two runs of equal config are the same run.</summary>
public sealed record RunConfig
{
    /// <summary>Text and tokenizer.</summary>
    public required CorpusConfig Corpus { get; init; }

    /// <summary>Architecture.</summary>
    public required ModelShape Model { get; init; }

    /// <summary>Training.</summary>
    public required TrainingConfig Training { get; init; }

    /// <summary>Evaluation.</summary>
    public required EvaluationConfig Evaluation { get; init; }
}
