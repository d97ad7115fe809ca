using System.Text.Json.Nodes;
using ScalingLab.Core.Models;
using ScalingLab.Training.Checkpoints;

namespace ScalingLab.Training.HuggingFace;

/// <summary>GPT-NeoX: layer norm and rotary positions, here over whole heads and with attention before the MLP, not beside it.</summary>
/// <remarks>Names and layouts of transformers' GPTNeoXForCausalLM, whose joint matrix keeps query, key and value of a head together.</remarks>
internal sealed class NeoXArchitecture : Architecture
{
    private const int RotaryBase = 10000;

    public override string Name => "GPT-NeoX";

    public override string ClassName => "GPTNeoXForCausalLM";

    public override string ModelType => "gpt_neox";

    public override IReadOnlyList<string> Misfits(ModelShape shape) => Broken(
        (shape.Norm == Norm.LayerNorm, "norm: rms_norm"),
        (shape.Positions == Positions.Rope, shape.Positions == Positions.Learned ? "positions: learned" : "positions: none"),
        (ActivationName(shape.Activation) is not null, "activation: swiglu"),
        (!shape.QkNorm, "qk_norm: true"));

    public override JsonObject Config(ModelShape shape) => new()
    {
        ["hidden_size"] = shape.Width,
        ["intermediate_size"] = shape.HiddenWidth,
        ["num_hidden_layers"] = shape.Layers,
        ["num_attention_heads"] = shape.Heads,
        ["hidden_act"] = ActivationName(shape.Activation),
        ["max_position_embeddings"] = shape.ContextTokens,
        ["layer_norm_eps"] = HuggingFaceModel.NormEpsilon,
        ["rotary_pct"] = 1.0,
        ["rotary_emb_base"] = RotaryBase,
        ["use_parallel_residual"] = false,
        ["attention_bias"] = true,
        ["attention_dropout"] = 0.0,
        ["hidden_dropout"] = 0.0,
    };

    public override IEnumerable<NamedArray> Weights(ModelShape shape, WeightReader weights)
    {
        int width = shape.Width, headWidth = shape.HeadWidth;

        // Ours keeps all queries, then all keys, then all values; theirs head by head.
        int[] byHead = [.. from head in Enumerable.Range(0, shape.Heads) from part in Enumerable.Range(0, 3) from row in Enumerable.Range(0, headWidth) select (part * width) + (head * headWidth) + row];
        yield return weights.Take("token_embedding.weight", "gpt_neox.embed_in.weight");
        for (int i = 0; i < shape.Layers; i++)
        {
            string ours = $"blocks.{i}", theirs = $"gpt_neox.layers.{i}";
            foreach (string part in (string[])["weight", "bias"])
            {
                yield return weights.Take($"{ours}.attention_norm.{part}", $"{theirs}.input_layernorm.{part}");
                yield return weights.Take($"{ours}.mlp_norm.{part}", $"{theirs}.post_attention_layernorm.{part}");
            }

            yield return weights.Reordered($"{ours}.attention.qkv.weight", $"{theirs}.attention.query_key_value.weight", byHead);
            yield return WeightReader.Zeros($"{theirs}.attention.query_key_value.bias", 3 * width);
            yield return weights.Take($"{ours}.attention.output.weight", $"{theirs}.attention.dense.weight");
            yield return WeightReader.Zeros($"{theirs}.attention.dense.bias", width);
            yield return weights.Take($"{ours}.mlp.input.weight", $"{theirs}.mlp.dense_h_to_4h.weight");
            yield return WeightReader.Zeros($"{theirs}.mlp.dense_h_to_4h.bias", shape.HiddenWidth);
            yield return weights.Take($"{ours}.mlp.output.weight", $"{theirs}.mlp.dense_4h_to_h.weight");
            yield return WeightReader.Zeros($"{theirs}.mlp.dense_4h_to_h.bias", width);
        }

        foreach (string part in (string[])["weight", "bias"])
            yield return weights.Take($"final_norm.{part}", $"gpt_neox.final_layer_norm.{part}");
        if (!shape.TiedHead)
            yield return weights.Take("head.weight", "embed_out.weight");
    }
}
