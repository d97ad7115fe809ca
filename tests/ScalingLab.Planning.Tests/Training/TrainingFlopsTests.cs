using ScalingLab.Planning.Models;
using ScalingLab.Planning.Training;

namespace ScalingLab.Planning.Tests.Training;

public class TrainingFlopsTests
{
    private static readonly ModelSize Gpt3 = ModelSize.Named("gpt-3");

    /// <summary>Narayanan et al. 2021, arXiv:2104.04473, Sec. 5.1: GPT-3 with 300 billion tokens; 6ND is 3.15e23 and full recomputation a third more.</summary>
    [Fact]
    public void The_conventions_differ_by_attention_and_recomputation_only()
    {
        var all = TrainingFlops.All(Gpt3, 300e9).ToDictionary(c => c.Name, c => c.Flops);
        Assert.Equal(TrainingFlops.Names, all.Keys);
        Assert.Equal(3.15e23, all["6nd"], tolerance: 1e18);
        Assert.InRange(all["megatron"] / all["6nd"], 1.0, 1.06);
        Assert.InRange(all["chinchilla"] / all["megatron"], 0.99, 1.02); // one counts the looked-up embedding and softmax, the other does not
        Assert.InRange(all["palm"] / all["6nd"], 1.02, 1.05);
    }

    [Fact]
    public void Kaplan_counts_half_the_attention_of_PaLM()
    {
        // With the same N, the excess over 6ND is 6·l·n·d in the one and 12·l·n·d in the other.
        var s = Gpt3.Shape with { Vocabulary = 1 };
        double n = 12.0 * s.Layers * s.Width * s.Width;
        double kaplan = TrainingFlops.Kaplan(n, s, 1) - 6 * n, palm = TrainingFlops.Palm(n, s, 1) - 6 * n;
        Assert.Equal(palm / 2, kaplan, tolerance: 1e-6 * palm);
    }

    [Fact]
    public void Recomputing_everything_adds_one_forward_pass_of_the_layers()
    {
        var s = Gpt3.Shape;
        double layers = 24.0 * s.Layers * s.Width * s.Width * (1 + s.Context / (6.0 * s.Width));
        Assert.Equal(layers, TrainingFlops.Megatron(s, 1, true) - TrainingFlops.Megatron(s, 1, false), tolerance: 1e-9 * layers);
    }

    [Fact]
    public void A_guessed_shape_is_not_counted_and_experts_are_not_taken_for_dense()
    {
        Assert.Single(TrainingFlops.All(new(1e9, 1e9, TransformerShape.Guess(1e9), ModelSize.Guessed), 1e10));
        Assert.Equal(["6nd", "kaplan", "palm"], TrainingFlops.All(ModelSize.Named("mixtral-8x7b"), 1e12).Select(c => c.Name));
    }
}
