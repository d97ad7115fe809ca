using System.Text.Json.Nodes;
using ScalingLab.Core.Models;
using ScalingLab.Training.Checkpoints;

namespace ScalingLab.Training.HuggingFace;

/// <summary>GPT-2: layer norm, learned positions. Ours has no biases in linear maps, there they are zero; no positions are positions of zero.</summary>
/// <remarks>Names and layouts of transformers' GPT2LMHeadModel, whose linear maps (Conv1D) keep (in, out).</remarks>
internal sealed class Gpt2Architecture : Architecture
{
    public override string Name => "GPT-2";

    public override string ClassName => "GPT2LMHeadModel";

    public override string ModelType => "gpt2";

    public override IReadOnlyList<string> Misfits(ModelShape shape) => Broken(
        (shape.Norm == Norm.LayerNorm, "norm: rms_norm"),
        (shape.Positions != Positions.Rope, "positions: rope"),
        (ActivationName(shape.Activation) is not null, "activation: swiglu"),
        (!shape.QkNorm, "qk_norm: true"));

    public override JsonObject Config(ModelShape shape) => new()
    {
        ["n_positions"] = shape.ContextTokens,
        ["n_ctx"] = shape.ContextTokens,
        ["n_embd"] = shape.Width,
        ["n_layer"] = shape.Layers,
        ["n_head"] = shape.Heads,
        ["n_inner"] = shape.HiddenWidth,
        ["activation_function"] = ActivationName(shape.Activation),
        ["layer_norm_epsilon"] = HuggingFaceModel.NormEpsilon,
        ["scale_attn_weights"] = true,
        ["scale_attn_by_inverse_layer_idx"] = false,
        ["reorder_and_upcast_attn"] = false,
        ["resid_pdrop"] = 0.0,
        ["embd_pdrop"] = 0.0,
        ["attn_pdrop"] = 0.0,
    };

    public override IEnumerable<NamedArray> Weights(ModelShape shape, WeightReader weights)
    {
        long width = shape.Width;
        yield return weights.Take("token_embedding.weight", "transformer.wte.weight");
        yield return shape.Positions == Positions.Learned
            ? weights.Take("position_embedding.weight", "transformer.wpe.weight")
            : WeightReader.Zeros("transformer.wpe.weight", shape.ContextTokens, width);
        for (int i = 0; i < shape.Layers; i++)
        {
            string ours = $"blocks.{i}", theirs = $"transformer.h.{i}";
            foreach (string part in (string[])["weight", "bias"])
            {
                yield return weights.Take($"{ours}.attention_norm.{part}", $"{theirs}.ln_1.{part}");
                yield return weights.Take($"{ours}.mlp_norm.{part}", $"{theirs}.ln_2.{part}");
            }

            yield return weights.Transposed($"{ours}.attention.qkv.weight", $"{theirs}.attn.c_attn.weight");
            yield return WeightReader.Zeros($"{theirs}.attn.c_attn.bias", 3 * width);
            yield return weights.Transposed($"{ours}.attention.output.weight", $"{theirs}.attn.c_proj.weight");
            yield return WeightReader.Zeros($"{theirs}.attn.c_proj.bias", width);
            yield return weights.Transposed($"{ours}.mlp.input.weight", $"{theirs}.mlp.c_fc.weight");
            yield return WeightReader.Zeros($"{theirs}.mlp.c_fc.bias", shape.HiddenWidth);
            yield return weights.Transposed($"{ours}.mlp.output.weight", $"{theirs}.mlp.c_proj.weight");
            yield return WeightReader.Zeros($"{theirs}.mlp.c_proj.bias", width);
        }

        foreach (string part in (string[])["weight", "bias"])
            yield return weights.Take($"final_norm.{part}", $"transformer.ln_f.{part}");
        if (!shape.TiedHead)
            yield return weights.Take("head.weight", "lm_head.weight");
    }
}
