using System.Globalization;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Models;

namespace ScalingLab.Cli.Benchmarks;

/// <summary>Keeps a benchmark from being killed for memory: what a model needs at the very least, against what there is.</summary>
internal static class BenchMemory
{
    /// <summary>Weights, gradients and two moments, and logits with their gradients; a step needs more.</summary>
    /// <param name="model">The model.</param>
    /// <param name="runs">Models in one step.</param>
    public static double LeastBytes(BenchedModel model, int runs = 1)
    {
        double parameters = ParameterCounts.Of(model.Shape, model.Vocabulary).Total;
        double logits = (double)model.Batch * model.Shape.ContextTokens * model.Vocabulary;
        double stream = (double)model.Batch * model.Shape.ContextTokens * model.Shape.Width * model.Shape.Layers;
        return runs * sizeof(float) * ((4 * parameters) + (2 * logits) + stream);
    }

    /// <summary>Null when the model may fit.</summary>
    public static Diagnostic? TooLarge(BenchedModel model, int runs = 1)
    {
        double needed = LeastBytes(model, runs), available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (needed <= available && (double)model.Batch * model.Shape.ContextTokens * 16 <= int.MaxValue)
            return null;
        return new Diagnostic("SL0144", string.Create(CultureInfo.InvariantCulture, $"a step of this model needs {Gibibytes(needed)} or more; this machine has {Gibibytes(available)}"), null, $"take fewer --layers, --batch or --vocab{(runs > 1 ? " or a smaller --stack" : "")}, or less --width or --context");
    }

    private static string Gibibytes(double bytes) => (bytes / (1L << 30)).ToString("0.0 GiB", CultureInfo.InvariantCulture);
}
