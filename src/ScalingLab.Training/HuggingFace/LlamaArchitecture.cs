using System.Text.Json.Nodes;
using ScalingLab.Core.Models;
using ScalingLab.Training.Checkpoints;

namespace ScalingLab.Training.HuggingFace;

/// <summary>Llama: RMS norm, rotary positions, SwiGLU; and Qwen3, which is Llama with a norm of queries and keys.</summary>
/// <remarks>Names of transformers' LlamaForCausalLM and Qwen3ForCausalLM; Qwen3's norms have gains, ours are one.</remarks>
internal sealed class LlamaArchitecture(bool qkNorm) : Architecture
{
    private const double RotaryBase = 10000;

    public override string Name => qkNorm ? "Qwen3" : "Llama";

    public override string ClassName => qkNorm ? "Qwen3ForCausalLM" : "LlamaForCausalLM";

    public override string ModelType => qkNorm ? "qwen3" : "llama";

    public override IReadOnlyList<string> Misfits(ModelShape shape) => Broken(
        (shape.Norm == Norm.RmsNorm, "norm: layer_norm"),
        (shape.Positions == Positions.Rope, shape.Positions == Positions.Learned ? "positions: learned" : "positions: none"),
        (shape.Activation == Activation.SwiGlu, shape.Activation == Activation.Gelu ? "activation: gelu" : "activation: relu2"),
        (shape.QkNorm == qkNorm, qkNorm ? "qk_norm: false" : "qk_norm: true"));

    public override JsonObject Config(ModelShape shape) => new()
    {
        ["hidden_size"] = shape.Width,
        ["intermediate_size"] = shape.HiddenWidth,
        ["num_hidden_layers"] = shape.Layers,
        ["num_attention_heads"] = shape.Heads,
        ["num_key_value_heads"] = shape.Heads,
        ["head_dim"] = shape.HeadWidth,
        ["hidden_act"] = "silu",
        ["max_position_embeddings"] = shape.ContextTokens,
        ["rms_norm_eps"] = HuggingFaceModel.NormEpsilon,
        ["rope_theta"] = RotaryBase,
        ["attention_bias"] = false,
        ["mlp_bias"] = false,
        ["attention_dropout"] = 0.0,
    };

    public override IEnumerable<NamedArray> Weights(ModelShape shape, WeightReader weights)
    {
        long width = shape.Width;
        yield return weights.Take("token_embedding.weight", "model.embed_tokens.weight");
        for (int i = 0; i < shape.Layers; i++)
        {
            string ours = $"blocks.{i}", theirs = $"model.layers.{i}";
            yield return weights.Take($"{ours}.attention_norm.weight", $"{theirs}.input_layernorm.weight");
            yield return weights.Take($"{ours}.mlp_norm.weight", $"{theirs}.post_attention_layernorm.weight");
            foreach ((string letter, int part) in new[] { ("q", 0), ("k", 1), ("v", 2) })
                yield return weights.Rows($"{ours}.attention.qkv.weight", $"{theirs}.self_attn.{letter}_proj.weight", part * width, width);
            yield return weights.Take($"{ours}.attention.output.weight", $"{theirs}.self_attn.o_proj.weight");
            if (qkNorm)
            {
                yield return WeightReader.Ones($"{theirs}.self_attn.q_norm.weight", shape.HeadWidth);
                yield return WeightReader.Ones($"{theirs}.self_attn.k_norm.weight", shape.HeadWidth);
            }

            yield return weights.Take($"{ours}.mlp.gate.weight", $"{theirs}.mlp.gate_proj.weight");
            yield return weights.Take($"{ours}.mlp.input.weight", $"{theirs}.mlp.up_proj.weight");
            yield return weights.Take($"{ours}.mlp.output.weight", $"{theirs}.mlp.down_proj.weight");
        }

        yield return weights.Take("final_norm.weight", "model.norm.weight");
        if (!shape.TiedHead)
            yield return weights.Take("head.weight", "lm_head.weight");
    }
}
