using ScalingLab.Planning.Models;

namespace ScalingLab.Planning.Memory;

/// <summary>Bytes on one device: the fullest, which is the first stage of a pipeline.</summary>
/// <param name="Weights">16-bit weights.</param>
/// <param name="Gradients">16-bit gradients.</param>
/// <param name="Optimizer">32-bit master weights and two moments.</param>
/// <param name="Activations">What the forward pass keeps for the backward pass.</param>
public sealed record DeviceBytes(double Weights, double Gradients, double Optimizer, double Activations)
{
    /// <summary>All four.</summary>
    public double Total => Weights + Gradients + Optimizer + Activations;
}

/// <summary>Memory of mixed-precision training with Adam.</summary>
public static class TrainingMemory
{
    /// <summary>2 weights, 2 gradients, 12 optimizer (Rajbhandari et al. 2020, arXiv:1910.02054, Sec. 3.1).</summary>
    public const double WeightBytes = 2, GradientBytes = 2, OptimizerBytes = 12;

    /// <summary>Bytes a device.</summary>
    /// <remarks>Parameters are taken as spread evenly over tensor ranks and stages: embeddings make the first and last stage a little fuller.</remarks>
    public static DeviceBytes Of(ModelSize model, Layout layout)
    {
        double own = model.Parameters / layout.Tensor / layout.Pipeline, d = layout.Data;
        return new(WeightBytes * own / (layout.Zero >= 3 ? d : 1), GradientBytes * own / (layout.Zero >= 2 ? d : 1), OptimizerBytes * own / (layout.Zero >= 1 ? d : 1),
            Activations(model.Shape, layout));
    }

    /// <summary>Activations on the first stage, 16-bit: it holds p micro-batches of l/p layers, whatever p is.</summary>
    /// <remarks>
    /// Korthikanti et al. 2022, arXiv:2205.05198. A layer, Table 2: s·b·h·(34 + 5·a·s/h) on one device; (10 + 24/t + 5·a·s/(h·t)) with tensor
    /// ranks alone; all over t with sequence ranks; the 5·a·s/h goes with selective recomputation; 2·s·b·h with full. Embedding and head, Sec. 4.3:
    /// p·s·b·h/t for the embedding's dropout, and 4·s·b·h/t·(1 + V/h) where one stage holds both ends.
    /// The paper's 34 is of an MLP of width 4h and as many key heads as query heads: other shapes differ by some per cent of it.
    /// </remarks>
    public static double Activations(TransformerShape shape, Layout layout)
    {
        double s = shape.Context, b = layout.MicroBatch, h = shape.Width, a = shape.Heads, t = layout.Tensor, p = layout.Pipeline;
        double attention = layout.Recompute == Recompute.None ? 5 * a * s / h / t : 0;
        double split = layout.SequenceParallel ? t : 1;
        double layer = layout.Recompute == Recompute.Full ? 2 / split : 10 / split + 24 / t + attention;
        double ends = p / t + (layout.Pipeline == 1 ? 4 / t * (1 + shape.Vocabulary / h) : 0);
        return s * b * h * (shape.Layers * layer + ends);
    }
}
