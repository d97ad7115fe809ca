"""Training steps of one model in every way that matters on a GPU: ours and PyTorch's. Called by compare-pytorch.py --device.

Rows: our step as one CUDA graph; the same on kernels of our own; our step operator by operator; that with libtorch's plain operators, which is what a
TorchSharp program does; PyTorch eager; torch.compile in its default mode and in reduce-overhead, which uses CUDA graphs itself.
The peer is written as a PyTorch user who cares for speed writes it: scaled_dot_product_attention, fused AdamW, autocast for
bf16, gradients set to None, tokens on the device, no loss read back but after a slice. All start from the same weights and take
the same batches; losses are compared before times. Every row is a process that stays alive, and they take slices in turn, each
slice between two synchronisations of the device. Without CUDA, --device cpu runs the same rows but these two.
"""
import json
import math
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time

SHAPES = {
    "d64": {"layers": 2, "width": 64, "heads": 2, "context": 128, "batch": 16, "vocab": 256},
    "d128": {"layers": 4, "width": 128, "heads": 4, "context": 256, "batch": 32, "vocab": 2048},
    "d384": {"layers": 6, "width": 384, "heads": 6, "context": 256, "batch": 64, "vocab": 4096},
    "d768": {"layers": 12, "width": 768, "heads": 12, "context": 1024, "batch": 8, "vocab": 50304},  # GPT-2 124M's; all rows hold their memory at once
}
OURS = {
    "graph": ("scalinglab, CUDA graph", []),
    "own": ("scalinglab, CUDA graph, own kernels", ["--kernels", "own"]),
    "eager": ("scalinglab, eager", ["--graph", "off"]),
    "plain": ("scalinglab as TorchSharp does it", ["--graph", "off", "--kernels", "reference"]),
}
PEERS = {
    "torch": "PyTorch, eager",
    "compile": "torch.compile",
    "reduce-overhead": "torch.compile, reduce-overhead",
}
# Largest relative difference of a loss in the first steps. On a GPU products are summed in an order that changes from
# kernel to kernel; bf16 has 8 bits of significand.
PARITY = {("cpu", "fp32"): 1e-5, ("cuda", "fp32"): 2e-4, ("cuda", "bf16"): 2e-2}
PARITY_STEPS = 10
DEVICE_EXIT = 5


# --- the peer -------------------------------------------------------------------------------------------------------------


def forward(torch, case, parameter, inputs, angles, reference):
    """The model of reference-losses.py with PyTorch's own fused attention and norms. `parameter` gives one by its name."""
    F = torch.nn.functional
    batch, tokens = inputs.shape
    heads, width = case["heads"], case["width"]

    def norm(name, x):
        if case["norm"] == "layer_norm":
            return F.layer_norm(x, (width,), parameter(name + ".weight"), parameter(name + ".bias"), 1e-5)
        return reference.rms(x) * parameter(name + ".weight")

    x = F.embedding(inputs, parameter("token_embedding.weight"))
    if case["positions"] == "learned":
        x = x + parameter("position_embedding.weight")[:tokens]
    for i in range(case["layers"]):
        n = norm(f"blocks.{i}.attention_norm", x)
        qkv = F.linear(n, parameter(f"blocks.{i}.attention.qkv.weight")).view(batch, tokens, 3, heads, width // heads)
        q, k, v = (part.transpose(1, 2) for part in qkv.unbind(2))  # (B, H, T, D)
        if case["qk_norm"]:
            q, k = reference.rms(q), reference.rms(k)
        if angles is not None:
            q, k = rotate(torch, q, angles), rotate(torch, k, angles)
        mixed = F.scaled_dot_product_attention(q.to(v.dtype), k.to(v.dtype), v, is_causal=True).transpose(1, 2).reshape(batch, tokens, width)
        x = x + F.linear(mixed, parameter(f"blocks.{i}.attention.output.weight"))
        n = norm(f"blocks.{i}.mlp_norm", x)
        hidden = F.linear(n, parameter(f"blocks.{i}.mlp.input.weight"))
        if case["activation"] == "gelu":
            hidden = F.gelu(hidden)
        elif case["activation"] == "relu2":
            hidden = F.relu(hidden).square()
        else:
            hidden = F.silu(F.linear(n, parameter(f"blocks.{i}.mlp.gate.weight"))) * hidden
        x = x + F.linear(hidden, parameter(f"blocks.{i}.mlp.output.weight"))
    return F.linear(norm("final_norm", x), parameter("token_embedding.weight" if case["tied"] else "head.weight"))


def rotate(torch, x, angles):
    """x: (B, H, T, D); pairs (i, i + D/2)."""
    cosines, sines = angles
    a, b = x.chunk(2, -1)
    return torch.cat([a * cosines - b * sines, a * sines + b * cosines], -1)


def angles_of(torch, case, tokens, device):
    if case["positions"] != "rope":
        return None
    width = case["width"] // case["heads"]
    turns = torch.outer(torch.arange(tokens, dtype=torch.float64), 10000.0 ** (-2.0 * torch.arange(width // 2, dtype=torch.float64) / width))
    return turns.cos().float().to(device), turns.sin().float().to(device)


def module(torch, case, weights, angles, dtype, device, reference):
    """The model as a module that gives the loss: of a module's own parameters torch.compile knows that they stay where they are,
    and its graphs then need no copies of them."""

    class Model(torch.nn.Module):
        def __init__(self):
            super().__init__()
            for name, value in weights.items():
                self.register_parameter(name.replace(".", "_"), torch.nn.Parameter(value.detach().clone()))
            for name, value in zip(("cosines", "sines"), angles or ()):
                self.register_buffer(name, value)

        def forward(self, inputs, targets):
            turns = (self.cosines, self.sines) if angles else None
            with torch.autocast(device.split(":")[0], dtype=torch.bfloat16, enabled=dtype == "bf16"):
                logits = forward(torch, case, lambda name: getattr(self, name.replace(".", "_")), inputs, turns, reference)
                return torch.nn.functional.cross_entropy(logits.view(-1, logits.shape[-1]), targets.reshape(-1))

    return Model().to(device)


class Peer:
    """One training step as a PyTorch user who cares for speed writes it."""

    def __init__(self, torch, mode, device, dtype, setup, weights, plain):
        self.torch, self.mode = torch, mode
        case, training = plain.case_of(setup["model"]), setup["training"]
        self.model = module(torch, case, weights, angles_of(torch, case, setup["model"]["context_tokens"], device), dtype, device, plain.reference())
        self.clip = training["gradient_clip"]
        self.loss = {"torch": lambda m: m, "compile": torch.compile, "reduce-overhead": lambda m: torch.compile(m, mode="reduce-overhead")}[mode](self.model)
        adam, parameters = training["adam"], list(self.model.parameters())
        groups = [{"params": [v for v in parameters if v.dim() > 1], "weight_decay": adam["weight_decay"]},
                  {"params": [v for v in parameters if v.dim() == 1], "weight_decay": 0.0}]
        self.optimizer = torch.optim.AdamW(groups, lr=training["learning_rate"], betas=(adam["beta1"], adam["beta2"]), eps=adam["epsilon"], fused=True)

    def step(self, inputs, targets):
        """The loss stays on the device."""
        if self.mode == "reduce-overhead":
            self.torch.compiler.cudagraph_mark_step_begin()
        loss = self.loss(inputs, targets)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.clip)
        self.optimizer.step()
        return loss.detach().clone()  # a graph's output is overwritten by its next replay


def peer_steps(arguments, plain):
    """Answers slices of steps on stdin, as `scalinglab bench step --slices` does: the mean of the slice, a time each."""
    torch = plain.start_torch(arguments)
    torch.set_num_threads(arguments.threads)
    torch.set_float32_matmul_precision("high" if arguments.tf32 else "highest")
    with open(os.path.join(arguments.peer, "setup.json")) as file:
        setup = json.load(file)
    shape = (setup["steps"], 2, setup["batch"], setup["model"]["context_tokens"])
    with open(os.path.join(arguments.peer, "batches.bin"), "rb") as file:
        batches = torch.frombuffer(bytearray(file.read()), dtype=torch.int32).long().reshape(shape).to(arguments.device)
    weights = plain.read_safetensors(torch, os.path.join(arguments.peer, "weights.safetensors"))
    peer = Peer(torch, arguments.mode, arguments.device, arguments.dtype, setup, weights, plain)
    synchronize = torch.cuda.synchronize if arguments.device.startswith("cuda") else lambda: None
    losses = []
    for line in sys.stdin:
        steps = int(line)
        synchronize()
        start = time.perf_counter()
        for _ in range(steps):
            losses.append(peer.step(*batches[len(losses) % len(batches)]))
        synchronize()
        mean = (time.perf_counter() - start) * 1e3 / steps
        losses[-steps:] = [float(loss) for loss in losses[-steps:]]
        print(json.dumps({"stepMilliseconds": [mean] * steps, "tokensPerStep": shape[2] * shape[3]}), flush=True)
    print(json.dumps({"losses": losses, "torch": torch.__version__, "cuda": torch.version.cuda,
                      "memoryBytes": torch.cuda.max_memory_allocated() if arguments.device.startswith("cuda") else None}))


# --- the comparison -------------------------------------------------------------------------------------------------------


class Row:
    """A way of taking steps: a process that answers slices."""

    def __init__(self, key, label, command, root):
        self.key, self.label, self.slices, self.steps = key, label, [], 1
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=root)
        self.errors = []
        self.reader = threading.Thread(target=lambda: self.errors.extend(self.process.stderr), daemon=True)
        self.reader.start()

    def take(self, steps):
        """Milliseconds a step, mean of the slice; None when the process has ended."""
        try:
            self.process.stdin.write(f"{steps}\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            return None
        answer = json.loads(line)
        self.tokens = answer["tokensPerStep"]
        return sum(answer["stepMilliseconds"]) / len(answer["stepMilliseconds"])

    def end(self):
        self.process.stdin.close()
        text = self.process.stdout.read()
        self.process.wait()
        self.document = json.loads(text)

    def why(self):
        self.process.wait()
        self.reader.join(5)
        told = [line.rstrip() for line in self.errors if line.strip()]
        # The program's own error comes first; of a Python traceback the last line that names an exception says it.
        named = [line for line in told if line.startswith("error")][:1] or [line for line in told if re.match(r"[\w.]*(Error|Exception)\b", line)][-1:] or told[-1:]
        return named[0] if named else f"ended with exit code {self.process.returncode}"

    @property
    def rate(self):
        return self.tokens / statistics.median(self.slices) * 1e3


def ours_command(arguments, shape, key, folder, stack):
    flags = OURS[key][1]
    sizes = [text for name in ("layers", "width", "heads", "context", "batch", "vocab") for text in (f"--{name}", str(shape[name]))]
    return [arguments.program, "bench", "step", *sizes, "--device", arguments.device, "--dtype", arguments.dtype, "--threads", str(arguments.threads),
            *(["--tf32"] if arguments.tf32 else []), *(["--stack", str(stack)] if stack > 1 else []), *flags, *arguments.bench,
            "--slices", "--json", *(["--export", folder] if folder else [])]


def compare(name, arguments, plain):
    shape = SHAPES[name]
    kind = arguments.device.split(":")[0]
    print(f"{name}: L{shape['layers']} d{shape['width']} H{shape['heads']} T{shape['context']} B{shape['batch']} V{shape['vocab']}, {arguments.dtype}"
          f"{' (TF32)' if arguments.tf32 else ''} on {arguments.device}" + (f", {arguments.stack} runs in a step" if arguments.stack > 1 else ""), flush=True)
    left_out = {}
    with tempfile.TemporaryDirectory(prefix="scalinglab-compare-") as folder:
        rows = []

        def start(key, label, command):
            row = Row(key, label, command, plain.ROOT)
            first = row.take(2)  # builds, compiles, writes files
            if first is None:
                left_out[label] = row.why()
                print(f"  {label:36} left out: {left_out[label]}", flush=True)
            else:
                rows.append(row)
            return first is not None

        keys = [k for k in arguments.modes if k in OURS and (kind == "cuda" or k not in ("graph", "own"))]
        if arguments.device == "cpu":
            OURS["eager"] = ("scalinglab", [])
        exported = False
        for key in keys:
            label = OURS[key][0]
            exported |= start(key, label, ours_command(arguments, shape, key, None if exported else folder, 1))
            if arguments.stack > 1 and key != "plain":
                start(f"{key} x{arguments.stack}", f"{label}, {arguments.stack} runs", ours_command(arguments, shape, key, None, arguments.stack))
        if not exported:
            sys.exit("none of the program's own rows runs: there are no weights and batches to give to PyTorch")
        script = [arguments.python, os.path.join(plain.ROOT, "scripts/compare-pytorch.py"), "--peer", folder, "--device", arguments.device,
                  "--dtype", arguments.dtype, "--threads", str(arguments.threads), *(["--tf32"] if arguments.tf32 else [])]
        for key in arguments.modes:
            if key in PEERS:
                start(key, PEERS[key], script + ["--mode", key])
        for row in rows:
            row.take(8)  # graphs are recorded in the first steps
            row.steps = max(3, math.ceil(arguments.slice_seconds * 1e3 / row.take(5)))
        rounds = max(5, round(arguments.seconds / (arguments.slice_seconds * len(rows))))
        for _ in range(rounds):
            for row in rows:
                row.take(max(1, row.steps // 10))  # finds caches and clocks that the row before has left
                row.slices.append(row.take(row.steps))
        for row in rows:
            row.end()
    return summary(name, arguments, shape, kind, rows, left_out)


def summary(name, arguments, shape, kind, rows, left_out):
    allowed = PARITY[kind, arguments.dtype] if not arguments.tf32 else 2e-2
    single = [row for row in rows if " x" not in row.key]
    base = next((row for row in single if row.key in PEERS), single[0])
    worst = 0.0
    for row in single:
        for a, b in list(zip(row.document["losses"], base.document["losses"]))[:PARITY_STEPS]:
            worst = max(worst, math.inf if a is None or b is None else abs(a - b) / abs(b))
    if worst is not math.inf:
        print(f"  losses of {PARITY_STEPS} steps agree within {worst:.1e} (relative; {allowed:.0e} is allowed)")
    for row in rows:
        if row.key.startswith("own") and not row.document["model"]["kernels"].startswith("own"):
            row.label += " (could not be had: libtorch's)"
        print(f"  {row.label:36} {statistics.median(row.slices):9.3f} ms a step ({min(row.slices):.3f} to {max(row.slices):.3f}, {len(row.slices)} slices of {row.steps}) {row.rate:13,.0f} tokens/s")
    peers = [row for row in rows if row.key in PEERS]
    ours = [row for row in rows if row.key not in PEERS]
    ratios = {row.label: {peer.label: row.rate / peer.rate for peer in peers} for row in ours}
    for label, against in ratios.items():
        if against:
            print(f"  {label}: " + ", ".join(f"{ratio:.2f}x of {peer}" for peer, ratio in against.items()), flush=True)
    compiled = [row for row in peers if row.key != "torch"]
    best = max((row.rate for row in compiled), default=None)
    return {"shape": name, "model": shape, "device": arguments.device, "dtype": arguments.dtype, "tf32": arguments.tf32, "stack": arguments.stack,
            "parity": worst if math.isfinite(worst) else None, "parityAllowed": allowed, "leftOut": left_out,
            "rows": [{"key": row.key, "label": row.label, "stepMilliseconds": {"median": statistics.median(row.slices), "min": min(row.slices), "max": max(row.slices)},
                      "slices": len(row.slices), "stepsPerSlice": row.steps, "tokensPerSecond": row.rate,
                      "memoryBytes": row.document.get("memoryBytes")} for row in rows],
            "ratios": ratios, "ratioToBestCompiled": max(row.rate for row in ours) / best if best else None,
            "torch": next((row.document["torch"] for row in peers), None), "cuda": next((row.document["cuda"] for row in peers), None),
            "engine": next((row.document["engine"] for row in ours), None)}


def look_at_torch(arguments):
    """What the peer's Python says of itself; ends the script when that rules the comparison out."""
    asked = "import json, torch; print(json.dumps([torch.__version__, torch.version.cuda, torch.cuda.is_available(), torch.cuda.get_device_name() if torch.cuda.is_available() else None]))"
    answer = subprocess.run([arguments.python, "-c", asked], capture_output=True, text=True, cwd="/")
    if answer.returncode:
        problem(f"{arguments.python} has no PyTorch that runs", (answer.stderr.strip().splitlines() or ["it said nothing"])[-1], "name another with --python")
    version, cuda, available, name = json.loads(answer.stdout)
    if arguments.device.startswith("cuda") and not available:
        problem(f"torch {version} of {arguments.python} sees no CUDA device", "it is built without CUDA" if cuda is None else f"it is built with CUDA {cuda}; `nvidia-smi` tells of the driver",
                "run this on a machine with an NVIDIA GPU, or with --device cpu")
    if tuple(int(part) for part in version.split(".")[:2]) < (2, 0):
        problem(f"torch {version} of {arguments.python} has no torch.compile", "it takes PyTorch 2.0 or later", "name another Python with --python, or leave --device out")
    print(f"torch {version}{f', CUDA {cuda}' if cuda else ''}{f', {name}' if name else ''}", flush=True)
    return {"torch": version, "cuda": cuda, "deviceName": name}


def problem(what, why, way_out):
    print(f"error: {what}: {why}\n  help: {way_out}", file=sys.stderr)
    sys.exit(DEVICE_EXIT)


def main(arguments, parser, plain):
    if arguments.peer:
        return peer_steps(arguments, plain)
    names = (arguments.shapes or "d64,d128,d384,d768").split(",")
    for given, known in ((names, SHAPES), (arguments.modes, {**OURS, **PEERS})):
        unknown = [n for n in given if n not in known]
        if unknown:
            parser.error(f"there is no '{unknown[0]}' on a device; take of {', '.join(known)}")
    if arguments.device == "cpu" and "bf16" in arguments.dtypes:
        parser.error("on the CPU the program trains in fp32 only: --dtypes fp32")
    found = look_at_torch(arguments)
    results = []
    for name in names:
        for dtype in arguments.dtypes:
            arguments.dtype = dtype
            results.append({**compare(name, arguments, plain), **found})
            if arguments.json:  # after each, so that a machine that is taken away leaves what it did
                with open(arguments.json, "w") as file:
                    json.dump(results, file, indent=1)
    differing = [f"{r['shape']} {r['dtype']}" for r in results if r["parity"] is None or r["parity"] > r["parityAllowed"]]
    if differing:
        sys.exit(f"losses differ ({', '.join(differing)}): the times compare different models")
