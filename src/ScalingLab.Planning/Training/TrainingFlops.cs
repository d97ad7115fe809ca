using ScalingLab.Core.Models;
using ScalingLab.Planning.Models;

namespace ScalingLab.Planning.Training;

/// <summary>Training FLOPs by one convention.</summary>
/// <param name="Name">As on the command line.</param>
/// <param name="Flops">Forward and backward over all tokens.</param>
/// <param name="Formula">What is counted.</param>
/// <param name="Source">Citation.</param>
public sealed record FlopsByConvention(string Name, double Flops, string Formula, string Source);

/// <summary>The conventions by which papers count training FLOPs; they differ by what they do with attention and embeddings.</summary>
public static class TrainingFlops
{
    /// <summary>Names of the conventions.</summary>
    public static readonly IReadOnlyList<string> Names = ["6nd", "kaplan", "palm", "megatron", "megatron-recompute", "chinchilla"];

    /// <summary>Every convention that applies: those of dense shapes are left out for mixtures of experts, and all but 6ND for a guessed shape.</summary>
    public static IReadOnlyList<FlopsByConvention> All(ModelSize model, double tokens)
    {
        var all = new List<FlopsByConvention> { new("6nd", SixNd(model.ActiveParameters, tokens), "6 N D, N active parameters", "Hoffmann et al. 2022, arXiv:2203.15556, Sec. 3") };
        if (model.IsGuessed)
            return all;
        var s = model.Shape;
        all.Add(new("kaplan", Kaplan(s.Parameters(model.ExpertsPerToken) - 2.0 * s.Vocabulary * s.Width, s, tokens), "6 N (1 + n_ctx/(12 d)) D, N without embeddings", "Kaplan et al. 2020, arXiv:2001.08361, Table 1 and Sec. 2.1"));
        all.Add(new("palm", Palm(model.ActiveParameters, s, tokens), "(6 N + 12 L H Q T) D", "Chowdhery et al. 2022, arXiv:2204.02311, App. B"));
        if (model.Experts > 1)
            return all;
        all.Add(new("megatron", Megatron(s, tokens, recompute: false), "72 l h^2 (1 + s/(6h) + V/(12 l h)) D, an MLP of 4 h", "Narayanan et al. 2021, arXiv:2104.04473, Eq. 3 without recomputation"));
        all.Add(new("megatron-recompute", Megatron(s, tokens, recompute: true), "96 l h^2 (1 + s/(6h) + V/(16 l h)) D, an MLP of 4 h", "Narayanan et al. 2021, arXiv:2104.04473, Eq. 3"));
        all.Add(new("chinchilla", FlopCounts.ChinchillaAppendixF(s.ForCounting, s.Vocabulary) * tokens, "embeddings, attention, softmax, MLP, head, times 3; as many key heads as query heads", "Hoffmann et al. 2022, arXiv:2203.15556, App. F"));
        return all;
    }

    /// <summary>C = 6·N·D: two FLOPs a parameter a token forward, four backward.</summary>
    public static double SixNd(double parameters, double tokens) => 6 * parameters * tokens;

    /// <summary>C = 6·N·(1 + n_ctx/(12·d))·D, N without embeddings.</summary>
    /// <remarks>Attention here is half of PaLM's count: Kaplan et al. have 2·l·n_ctx·d forward where PaLM has 4.</remarks>
    public static double Kaplan(double nonEmbedding, TransformerShape s, double tokens) => 6 * nonEmbedding * (1 + s.Context / (12.0 * s.Width)) * tokens;

    /// <summary>C = (6·N + 12·L·H·Q·T)·D.</summary>
    public static double Palm(double parameters, TransformerShape s, double tokens) => (6 * parameters + 12.0 * s.Layers * s.AttentionWidth * s.Context) * tokens;

    /// <summary>96·B·s·l·h²·(1 + s/(6h) + V/(16·l·h)) an iteration with every activation recomputed; 72 and 12 without.</summary>
    public static double Megatron(TransformerShape s, double tokens, bool recompute)
    {
        double l = s.Layers, h = s.Width;
        return (recompute ? 96 : 72) * l * h * h * (1 + s.Context / (6 * h) + s.Vocabulary / ((recompute ? 16 : 12) * l * h)) * tokens;
    }
}
