using ScalingLab.Core.Configs;
using ScalingLab.Core.Models;

namespace ScalingLab.Training.Model;

/// <summary>The forward pass of <see cref="Gpt"/> in fused operators, whose backward passes write straight into the flat gradients.</summary>
/// <remarks>The same function as the plain composition, in another order of roundings: losses agree to 1e-5 (see docs/laws.md).</remarks>
internal sealed class FusedForward(ModelShape shape, ParameterSet parameters, RotaryPositions? rotary)
{
    private readonly string activation = ChoiceNames<Activation>.Of(shape.Activation);
    private readonly string[] attentionNorms = Names(shape, "attention_norm");
    private readonly string[] attentions = Names(shape, "attention");
    private readonly string[] mlpNorms = Names(shape, "mlp_norm");
    private readonly string[] mlps = Names(shape, "mlp");

    private string Head => shape.TiedHead ? "token_embedding.weight" : "head.weight";

    /// <summary>(B, T) → (B, T, C): the stream after the last block, before the final norm.</summary>
    public Tensor Stream(Tensor inputs)
    {
        (Tensor? positions, Tensor? positionsGradient) = shape.Positions == Positions.Learned ? Both("position_embedding.weight") : (null, null);
        Tensor x = FusedOperators.Embedding(inputs, parameters["token_embedding.weight"], positions, parameters.GradientOf("token_embedding.weight"), positionsGradient);
        for (int i = 0; i < shape.Layers; i++)
            x = Mlp(Attention(x, attentions[i], attentionNorms[i]), mlps[i], mlpNorms[i]);
        return x;
    }

    /// <summary>Mean cross-entropy in nats per token.</summary>
    public Tensor Loss(Tensor inputs, Tensor targets) => FusedOperators.HeadLoss(Stream(inputs), parameters[Head], targets, Norm("final_norm"), parameters.GradientOf(Head));

    /// <summary>Queries, keys and values of all heads, (B, T, 3C), to the values that each position sees, (B, T, C).</summary>
    public Tensor Mix(Tensor qkv) => FusedOperators.CausalAttention(qkv, shape.Heads, rotary?.Cosines, rotary?.Sines, shape.QkNorm);

    private static string[] Names(ModelShape shape, string part) => [.. Enumerable.Range(0, shape.Layers).Select(i => $"blocks.{i}.{part}")];

    private Tensor Attention(Tensor x, string name, string norm)
    {
        (Tensor input, Tensor inputGradient) = Both(name + ".qkv.weight");
        (Tensor output, Tensor outputGradient) = Both(name + ".output.weight");
        return FusedOperators.SelfAttention(x, input, output, shape.Heads, rotary?.Cosines, rotary?.Sines, shape.QkNorm, Norm(norm), inputGradient, outputGradient);
    }

    private Tensor Mlp(Tensor x, string name, string norm)
    {
        (Tensor input, Tensor inputGradient) = Both(name + ".input.weight");
        (Tensor? gate, Tensor? gateGradient) = shape.Activation == Activation.SwiGlu ? Both(name + ".gate.weight") : (null, null);
        (Tensor output, Tensor outputGradient) = Both(name + ".output.weight");
        return FusedOperators.Mlp(x, input, gate, output, activation, Norm(norm), inputGradient, gateGradient, outputGradient);
    }

    private PreNorm Norm(string name)
    {
        (Tensor weight, Tensor weightGradient) = Both(name + ".weight");
        (Tensor? bias, Tensor? biasGradient) = shape.Norm == Core.Models.Norm.LayerNorm ? Both(name + ".bias") : (null, null);
        return new PreNorm(weight, bias, Normalisation.Epsilon, weightGradient, biasGradient);
    }

    private (Tensor Parameter, Tensor Gradient) Both(string name) => (parameters[name], parameters.GradientOf(name));
}
