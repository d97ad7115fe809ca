#!/usr/bin/env python3
"""First twenty training losses of small transformers in plain PyTorch, for the tests to compare with.

An implementation of its own: it shares no code with the program, only the definitions of architecture, optimizer and
schedule. Weights and batches come from a small integer generator that both sides write down independently, and from
the committed corpus. Needs python3-torch (Debian's 1.13 or later):

    python3 scripts/reference-losses.py > tests/ScalingLab.Training.Tests/Reference/losses.json
"""
import gzip
import json
import math
import os

import torch
import torch.nn.functional as F

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CORPUS = os.path.join(ROOT, "data/corpora/state-of-the-union/state-of-the-union.txt.gz")
STEPS, BATCH, VOCABULARY = 20, 4, 257

CASES = [
    {"name": "layer norm, GELU, learned positions, tied head", "layers": 2, "width": 32, "heads": 4, "context": 24,
     "hidden": 128, "norm": "layer_norm", "activation": "gelu", "positions": "learned", "qk_norm": False, "tied": True},
    {"name": "RMS norm, SwiGLU, rotary positions, QK norm, own head", "layers": 3, "width": 24, "heads": 2, "context": 33,
     "hidden": 64, "norm": "rms_norm", "activation": "swiglu", "positions": "rope", "qk_norm": True, "tied": False},
    {"name": "layer norm, squared ReLU, no positions, tied head", "layers": 1, "width": 40, "heads": 5, "context": 17,
     "hidden": 160, "norm": "layer_norm", "activation": "relu2", "positions": "none", "qk_norm": False, "tied": True},
]
ADAM = {"beta1": 0.9, "beta2": 0.95, "epsilon": 1e-8, "weight_decay": 0.1}
PEAK, WARMUP_STEPS, FINAL, CLIP = 0.01, 5, 0.1, 0.5


class Lcg:
    """x <- 6364136223846793005 x + 1442695040888963407 mod 2^64; the top 24 bits are used."""

    def __init__(self, seed):
        self.state = seed

    def next24(self):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) & (2 ** 64 - 1)
        return self.state >> 40

    def uniform(self, scale):
        return (self.next24() / 2 ** 24 - 0.5) * scale


def shapes(case):
    """Names and shapes of the parameters, in the order in which the generator fills them."""
    d, h = case["width"], case["hidden"]
    made = [("token_embedding.weight", (VOCABULARY, d))]
    if case["positions"] == "learned":
        made.append(("position_embedding.weight", (case["context"], d)))
    norm = ["weight", "bias"] if case["norm"] == "layer_norm" else ["weight"]
    for i in range(case["layers"]):
        made += [(f"blocks.{i}.attention_norm.{n}", (d,)) for n in norm]
        made += [(f"blocks.{i}.attention.qkv.weight", (3 * d, d)), (f"blocks.{i}.attention.output.weight", (d, d))]
        made += [(f"blocks.{i}.mlp_norm.{n}", (d,)) for n in norm]
        made.append((f"blocks.{i}.mlp.input.weight", (h, d)))
        if case["activation"] == "swiglu":
            made.append((f"blocks.{i}.mlp.gate.weight", (h, d)))
        made.append((f"blocks.{i}.mlp.output.weight", (d, h)))
    made += [(f"final_norm.{n}", (d,)) for n in norm]
    if not case["tied"]:
        made.append(("head.weight", (VOCABULARY, d)))
    return made


def parameters(case):
    generator = Lcg(12345)
    made = {}
    for name, shape in shapes(case):
        offset = 1.0 if name.endswith("norm.weight") else 0.0
        values = [offset + generator.uniform(0.2) for _ in range(math.prod(shape))]
        made[name] = torch.tensor(values, dtype=torch.float64).float().reshape(shape).requires_grad_()
    return made


def rms(x):
    return x / torch.sqrt((x * x).mean(-1, keepdim=True) + 1e-5)


def normalise(case, p, name, x):
    if case["norm"] == "layer_norm":
        return F.layer_norm(x, (case["width"],), p[name + ".weight"], p[name + ".bias"], 1e-5)
    return rms(x) * p[name + ".weight"]


def rotate(x):
    """x: (B, T, H, D); pairs (i, i + D/2), angle t * 10000^(-2 i / D)."""
    t, width = x.shape[1], x.shape[3]
    angles = torch.outer(torch.arange(t, dtype=torch.float64), 10000.0 ** (-2.0 * torch.arange(width // 2, dtype=torch.float64) / width))
    c, s = angles.cos().float()[None, :, None, :], angles.sin().float()[None, :, None, :]
    a, b = x[..., : width // 2], x[..., width // 2:]
    return torch.cat([a * c - b * s, a * s + b * c], -1)


def forward(case, p, inputs):
    batch, tokens = inputs.shape
    heads, width = case["heads"], case["width"]
    x = F.embedding(inputs, p["token_embedding.weight"])
    if case["positions"] == "learned":
        x = x + p["position_embedding.weight"][:tokens]
    future = torch.ones(tokens, tokens, dtype=torch.bool).triu(1)
    for i in range(case["layers"]):
        n = normalise(case, p, f"blocks.{i}.attention_norm", x)
        q, k, v = (n @ p[f"blocks.{i}.attention.qkv.weight"].T).reshape(batch, tokens, 3, heads, width // heads).unbind(2)
        if case["qk_norm"]:
            q, k = rms(q), rms(k)
        if case["positions"] == "rope":
            q, k = rotate(q), rotate(k)
        scores = torch.einsum("bthd,bshd->bhts", q, k) / math.sqrt(width // heads)
        weights = scores.masked_fill(future, -math.inf).softmax(-1)
        mixed = torch.einsum("bhts,bshd->bthd", weights, v).reshape(batch, tokens, width)
        x = x + mixed @ p[f"blocks.{i}.attention.output.weight"].T
        n = normalise(case, p, f"blocks.{i}.mlp_norm", x)
        hidden = n @ p[f"blocks.{i}.mlp.input.weight"].T
        if case["activation"] == "gelu":
            hidden = F.gelu(hidden)
        elif case["activation"] == "relu2":
            hidden = F.relu(hidden) ** 2
        else:
            hidden = F.silu(n @ p[f"blocks.{i}.mlp.gate.weight"].T) * hidden
        x = x + hidden @ p[f"blocks.{i}.mlp.output.weight"].T
    head = p["token_embedding.weight"] if case["tied"] else p["head.weight"]
    return normalise(case, p, "final_norm", x) @ head.T


def learning_rate(step):
    """Step counts from 1: linear warmup, then a cosine from the peak to FINAL of it at the last step."""
    if step <= WARMUP_STEPS:
        return PEAK * step / WARMUP_STEPS
    progress = (step - WARMUP_STEPS) / (STEPS - WARMUP_STEPS)
    return PEAK * (FINAL + (1 - FINAL) * 0.5 * (1 + math.cos(math.pi * progress)))


def train(case, text):
    p = parameters(case)
    matrices = [v for v in p.values() if v.dim() > 1]
    vectors = [v for v in p.values() if v.dim() == 1]
    optimizer = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": ADAM["weight_decay"]}, {"params": vectors, "weight_decay": 0.0}],
        lr=PEAK, betas=(ADAM["beta1"], ADAM["beta2"]), eps=ADAM["epsilon"])
    offsets = Lcg(777)
    losses, norms = [], []
    for step in range(1, STEPS + 1):
        window = case["context"] + 1
        rows = []
        for _ in range(BATCH):
            start = offsets.next24() % (len(text) - window)
            rows.append(torch.tensor(list(text[start:start + window])))
        tokens = torch.stack(rows)
        logits = forward(case, p, tokens[:, :-1])
        loss = F.cross_entropy(logits.reshape(-1, VOCABULARY), tokens[:, 1:].reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        norms.append(float(torch.nn.utils.clip_grad_norm_(p.values(), CLIP)))
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step)
        optimizer.step()
        losses.append(float(loss))
    return losses, norms


def main():
    torch.set_num_threads(1)
    with gzip.open(CORPUS, "rb") as file:
        text = file.read(1 << 20)
    cases = []
    for case in CASES:
        losses, norms = train(case, text)
        cases.append({**case, "losses": losses, "gradient_norms": norms})
    print(json.dumps({
        "made_by": "scripts/reference-losses.py", "torch": torch.__version__, "steps": STEPS, "batch": BATCH,
        "vocabulary": VOCABULARY, "peak_learning_rate": PEAK, "warmup_steps": WARMUP_STEPS, "final_fraction": FINAL,
        "clip": CLIP, **ADAM, "cases": cases}, indent=1))


if __name__ == "__main__":
    main()
