using ScalingLab.Core.Configs;
using ScalingLab.Core.Models;

namespace ScalingLab.Training.Model;

/// <summary>The forward pass of <see cref="Gpt"/> in fused operators, whose backward passes write straight into the flat gradients.</summary>
/// <remarks>The same function as the plain composition, in another order of roundings: losses agree to 1e-5 (see docs/laws.md).</remarks>
internal sealed class FusedForward(ModelShape shape, ParameterSet parameters, RotaryPositions? rotary)
{
    private readonly string activation = ChoiceNames<Activation>.Of(shape.Activation);
    private readonly string[] attentionNorms = [.. Names(shape, "attention_norm"), "final_norm"];
    private readonly string[] attentions = Names(shape, "attention");
    private readonly string[] mlpNorms = Names(shape, "mlp_norm");
    private readonly string[] mlps = Names(shape, "mlp");

    private string Head => shape.TiedHead ? "token_embedding.weight" : "head.weight";

    /// <summary>(B, T) → (B, T, V).</summary>
    public Tensor Logits(Tensor inputs) => Linear(Hidden(inputs), Head);

    /// <summary>Mean cross-entropy in nats per token.</summary>
    public Tensor Loss(Tensor inputs, Tensor targets) => FusedOperators.HeadLoss(Hidden(inputs), parameters[Head], targets, parameters.GradientOf(Head));

    /// <summary>Queries, keys and values of all heads, (B, T, 3C), to the values that each position sees, (B, T, C).</summary>
    public Tensor Mix(Tensor qkv) => FusedOperators.CausalAttention(qkv, shape.Heads, rotary?.Cosines, rotary?.Sines, shape.QkNorm);

    private static string[] Names(ModelShape shape, string part) => [.. Enumerable.Range(0, shape.Layers).Select(i => $"blocks.{i}.{part}")];

    // The stream and its norm go from branch to branch: each addition happens inside the norm that follows it.
    private Tensor Hidden(Tensor inputs)
    {
        (Tensor? positions, Tensor? positionsGradient) = shape.Positions == Positions.Learned ? Both("position_embedding.weight") : (null, null);
        Tensor x = FusedOperators.Embedding(inputs, parameters["token_embedding.weight"], positions, parameters.GradientOf("token_embedding.weight"), positionsGradient);
        (x, Tensor normed) = Norm(x, null, attentionNorms[0]);
        for (int i = 0; i < shape.Layers; i++)
        {
            (x, normed) = Norm(x, Attention(normed, attentions[i]), mlpNorms[i]);
            (x, normed) = Norm(x, Mlp(normed, mlps[i]), attentionNorms[i + 1]);
        }

        return normed;
    }

    private Tensor Linear(Tensor x, string weight) => FusedOperators.Linear(x, parameters[weight], parameters.GradientOf(weight));

    private Tensor Attention(Tensor x, string name)
    {
        (Tensor input, Tensor inputGradient) = Both(name + ".qkv.weight");
        (Tensor output, Tensor outputGradient) = Both(name + ".output.weight");
        return FusedOperators.SelfAttention(x, input, output, shape.Heads, rotary?.Cosines, rotary?.Sines, shape.QkNorm, inputGradient, outputGradient);
    }

    private (Tensor Sum, Tensor Normed) Norm(Tensor x, Tensor? branch, string name)
    {
        (Tensor weight, Tensor weightGradient) = Both(name + ".weight");
        (Tensor? bias, Tensor? biasGradient) = shape.Norm == Core.Models.Norm.LayerNorm ? Both(name + ".bias") : (null, null);
        return FusedOperators.ResidualNorm(x, branch, weight, bias, Normalisation.Epsilon, weightGradient, biasGradient);
    }

    private Tensor Mlp(Tensor x, string name)
    {
        (Tensor input, Tensor inputGradient) = Both(name + ".input.weight");
        (Tensor? gate, Tensor? gateGradient) = shape.Activation == Activation.SwiGlu ? Both(name + ".gate.weight") : (null, null);
        (Tensor output, Tensor outputGradient) = Both(name + ".output.weight");
        return FusedOperators.Mlp(x, input, gate, output, activation, inputGradient, gateGradient, outputGradient);
    }

    private (Tensor Parameter, Tensor Gradient) Both(string name) => (parameters[name], parameters.GradientOf(name));
}
