#!/usr/bin/env python3
"""Loads a model folder that `scalinglab export --format hf` wrote and compares its logits with the program's own.

An implementation of its own, in numpy and double precision, of the published formulas of the four architectures that the
program exports to (GPT-2, GPT-NeoX, Llama, Qwen3) as Hugging Face's config.json and safetensors spell them. It shares no
code with the program or with transformers. Needs python3-numpy:

    scalinglab export RUN --format hf --output model
    scalinglab sample RUN --prompt "Some text" --max-tokens 0 --logits logits.safetensors
    python3 scripts/check-export.py model logits.safetensors

Exit code 0: all logits agree to 1e-5; 1: some do not; 2: wrong call; 3: numpy is not there.
"""
import json
import math
import os
import struct
import sys

try:
    import numpy as np
except ImportError:
    print("numpy is not there")
    sys.exit(3)

TOLERANCE = 1e-5


def read_safetensors(path):
    with open(path, "rb") as file:
        data = file.read()
    (size,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + size])
    types = {"F32": np.float32, "I64": np.int64}
    arrays = {}
    for name, entry in header.items():
        if name != "__metadata__":
            start, end = entry["data_offsets"]
            arrays[name] = np.frombuffer(data[8 + size + start:8 + size + end], types[entry["dtype"]]).reshape(entry["shape"])
    return arrays


def layer_norm(x, weight, bias, epsilon):
    mean = x.mean(-1, keepdims=True)
    return (x - mean) / np.sqrt(((x - mean) ** 2).mean(-1, keepdims=True) + epsilon) * weight + bias


def rms_norm(x, weight, epsilon):
    return x / np.sqrt((x ** 2).mean(-1, keepdims=True) + epsilon) * weight


ACTIVATIONS = {
    "gelu": np.vectorize(lambda v: 0.5 * v * (1 + math.erf(v / math.sqrt(2)))),
    "relu2": lambda x: np.maximum(x, 0) ** 2,
    "silu": lambda x: x / (1 + np.exp(-x)),
}


def rotate(x, base):
    """Rotate-half rotary embedding of (heads, tokens, head width)."""
    tokens, width = x.shape[-2:]
    frequencies = 1.0 / base ** (np.arange(0, width, 2) / width)
    angles = np.outer(np.arange(tokens), frequencies)
    angles = np.concatenate([angles, angles], -1)
    half = np.concatenate([-x[..., width // 2:], x[..., :width // 2]], -1)
    return x * np.cos(angles) + half * np.sin(angles)


def attend(q, k, v):
    """(heads, tokens, head width) each -> (tokens, width)."""
    heads, tokens, width = q.shape
    scores = q @ k.transpose(0, 2, 1) / math.sqrt(width)
    scores = np.where(np.tril(np.ones((tokens, tokens), bool)), scores, -np.inf)
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    weights /= weights.sum(-1, keepdims=True)
    return (weights @ v).transpose(1, 0, 2).reshape(tokens, heads * width)


def split_heads(x, heads):
    return x.reshape(x.shape[0], heads, -1).transpose(1, 0, 2)


def gpt2(c, w, ids):
    epsilon, heads = c["layer_norm_epsilon"], c["n_head"]
    x = w["transformer.wte.weight"][ids] + w["transformer.wpe.weight"][:len(ids)]
    for i in range(c["n_layer"]):
        p = f"transformer.h.{i}."
        h = layer_norm(x, w[p + "ln_1.weight"], w[p + "ln_1.bias"], epsilon)
        q, k, v = np.split(h @ w[p + "attn.c_attn.weight"] + w[p + "attn.c_attn.bias"], 3, -1)
        x = x + attend(*(split_heads(t, heads) for t in (q, k, v))) @ w[p + "attn.c_proj.weight"] + w[p + "attn.c_proj.bias"]
        h = layer_norm(x, w[p + "ln_2.weight"], w[p + "ln_2.bias"], epsilon)
        h = ACTIVATIONS[c["activation_function"]](h @ w[p + "mlp.c_fc.weight"] + w[p + "mlp.c_fc.bias"])
        x = x + h @ w[p + "mlp.c_proj.weight"] + w[p + "mlp.c_proj.bias"]
    x = layer_norm(x, w["transformer.ln_f.weight"], w["transformer.ln_f.bias"], epsilon)
    return x @ w["transformer.wte.weight" if c["tie_word_embeddings"] else "lm_head.weight"].T


def gpt_neox(c, w, ids):
    assert not c["use_parallel_residual"] and c["rotary_pct"] == 1
    epsilon, heads = c["layer_norm_eps"], c["num_attention_heads"]
    x = w["gpt_neox.embed_in.weight"][ids]
    for i in range(c["num_hidden_layers"]):
        p = f"gpt_neox.layers.{i}."
        h = layer_norm(x, w[p + "input_layernorm.weight"], w[p + "input_layernorm.bias"], epsilon)
        qkv = split_heads(h @ w[p + "attention.query_key_value.weight"].T + w[p + "attention.query_key_value.bias"], heads)
        q, k, v = np.split(qkv, 3, -1)  # a head's query, key and value lie together
        mixed = attend(rotate(q, c["rotary_emb_base"]), rotate(k, c["rotary_emb_base"]), v)
        x = x + mixed @ w[p + "attention.dense.weight"].T + w[p + "attention.dense.bias"]
        h = layer_norm(x, w[p + "post_attention_layernorm.weight"], w[p + "post_attention_layernorm.bias"], epsilon)
        h = ACTIVATIONS[c["hidden_act"]](h @ w[p + "mlp.dense_h_to_4h.weight"].T + w[p + "mlp.dense_h_to_4h.bias"])
        x = x + h @ w[p + "mlp.dense_4h_to_h.weight"].T + w[p + "mlp.dense_4h_to_h.bias"]
    x = layer_norm(x, w["gpt_neox.final_layer_norm.weight"], w["gpt_neox.final_layer_norm.bias"], epsilon)
    return x @ w["gpt_neox.embed_in.weight" if c["tie_word_embeddings"] else "embed_out.weight"].T


def llama(c, w, ids):
    epsilon, heads = c["rms_norm_eps"], c["num_attention_heads"]
    assert c["num_key_value_heads"] == heads and c["hidden_size"] == heads * c["head_dim"]
    x = w["model.embed_tokens.weight"][ids]
    for i in range(c["num_hidden_layers"]):
        p = f"model.layers.{i}."
        h = rms_norm(x, w[p + "input_layernorm.weight"], epsilon)
        q, k, v = (split_heads(h @ w[f"{p}self_attn.{t}_proj.weight"].T, heads) for t in "qkv")
        if c["model_type"] == "qwen3":
            q = rms_norm(q, w[p + "self_attn.q_norm.weight"], epsilon)
            k = rms_norm(k, w[p + "self_attn.k_norm.weight"], epsilon)
        x = x + attend(rotate(q, c["rope_theta"]), rotate(k, c["rope_theta"]), v) @ w[p + "self_attn.o_proj.weight"].T
        h = rms_norm(x, w[p + "post_attention_layernorm.weight"], epsilon)
        gated = ACTIVATIONS[c["hidden_act"]](h @ w[p + "mlp.gate_proj.weight"].T) * (h @ w[p + "mlp.up_proj.weight"].T)
        x = x + gated @ w[p + "mlp.down_proj.weight"].T
    x = rms_norm(x, w["model.norm.weight"], epsilon)
    return x @ w["model.embed_tokens.weight" if c["tie_word_embeddings"] else "lm_head.weight"].T


MODELS = {"gpt2": gpt2, "gpt_neox": gpt_neox, "llama": llama, "qwen3": llama}


def main():
    if len(sys.argv) != 3:
        print("usage: python3 scripts/check-export.py MODEL_FOLDER logits.safetensors")
        return 2
    folder, logits = sys.argv[1:]
    with open(os.path.join(folder, "config.json"), encoding="utf-8") as file:
        config = json.load(file)
    weights = {name: array.astype(np.float64) for name, array in read_safetensors(os.path.join(folder, "model.safetensors")).items()}
    expected = read_safetensors(logits)
    ours = MODELS[config["model_type"]](config, weights, expected["tokens"])
    difference = np.abs(ours - expected["logits"]).max()
    print(f"{config['model_type']}: {expected['logits'].size} logits, largest {np.abs(ours).max():.3g}, greatest difference {difference:.2g}")
    return 0 if difference < TOLERANCE else 1


if __name__ == "__main__":
    sys.exit(main())
