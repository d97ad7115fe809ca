#!/usr/bin/env python3
"""Training steps and a whole sweep, beside the same models in plain PyTorch, timed alternately on this machine.

    python3 scripts/compare-pytorch.py                 # three shapes, one thread; about three minutes
    python3 scripts/compare-pytorch.py --shapes small  # one of them
    python3 scripts/compare-pytorch.py --sweep         # a small sweep on all cores
    python3 scripts/compare-pytorch.py --device cuda   # torch.compile too, fp32 and bf16: see compare-modes.py

The peer is the model of scripts/reference-losses.py with torch.optim.AdamW, from the same initial weights (safetensors)
and on the same batches. Losses are compared first: times of different models would mean nothing. It runs twice: as
installed, that is with whatever this machine sets, and with every setting that the program gives itself (BLAS library
and kernels, OpenMP's waiting, malloc, threads). Processes stay alive and take slices of steps in turn, so that a change
of the machine's speed meets all of them. Needs python3-torch (Debian's 1.13 or later) and the built program.
"""
import argparse
import ctypes
import glob
import importlib.util
import json
import math
import os
import statistics
import struct
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SHAPES = {
    "small": {"layers": 2, "width": 64, "vocab": 256},
    "medium": {"layers": 4, "width": 128, "vocab": 2048},
    "large": {"layers": 6, "width": 256, "vocab": 4096},
}
BATCH, CONTEXT = 16, 128
PARITY = 1e-5  # largest relative difference of a loss; float32 products are summed in another order
PARITY_STEPS = 20  # at most; slow peers take fewer
SLICE_SECONDS = 0.6
LEAST_STEPS, UNTIMED_STEPS = 6, 2  # of a slice; the first find caches that another process has filled, and a core that has rested
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_MAX, M_ARENA_MAX = -1, -2, -4, -8  # glibc's malloc.h
MADV_HUGEPAGE, HUGE_PAGE, HUGE_HEAP = 14, 2 << 20, 1 << 30

SWEEP = """\
name: compare
corpus: {path: data/corpora/state-of-the-union/state-of-the-union.txt.gz, tokenizer: byte}
model: {heads: 2, width: 64, context_tokens: 128, norm: layer_norm, activation: gelu, positions: learned, qk_norm: false, tied_head: false}
training: {batch_tokens: 2048, learning_rate: 0.003}
evaluation: {tokens: 65536}
sweep:
  shapes: [{layers: 2, width: 32}, {layers: 2, width: 64}, {layers: 3, width: 96}, {layers: 4, width: 128}]
  tokens: [%d]
"""


# --- the peer -------------------------------------------------------------------------------------------------------------


def reference():
    """The model of reference-losses.py."""
    return script("reference-losses")


def modes():
    """The comparison on a device."""
    return script("compare-modes")


def script(name):
    """Another script beside this one as a module; torch.compile looks a function's module up by its name."""
    known = name.replace("-", "_")
    if known not in sys.modules:
        spec = importlib.util.spec_from_file_location(known, os.path.join(ROOT, f"scripts/{name}.py"))
        sys.modules[known] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[known])
    return sys.modules[known]


def python_with_torch():
    """This Python where it has torch, else the system's."""
    return sys.executable if importlib.util.find_spec("torch") else "/usr/bin/python3"


def set_malloc():
    """As NativeEnvironment.cs does it."""
    libc = ctypes.CDLL(None)
    libc.mallopt(M_MMAP_MAX, 0)
    libc.mallopt(M_TRIM_THRESHOLD, -1)
    libc.mallopt(M_TOP_PAD, 64 << 20)
    libc.mallopt(M_ARENA_MAX, 1)
    libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]
    heap = libc.malloc(HUGE_HEAP)
    if heap:
        first = -(-heap // HUGE_PAGE) * HUGE_PAGE
        libc.madvise(ctypes.c_void_p(first), ctypes.c_size_t((heap + HUGE_HEAP) // HUGE_PAGE * HUGE_PAGE - first), MADV_HUGEPAGE)
        libc.free(heap)


def loaded_blas():
    """Path and kernels of the BLAS in this process."""
    with open("/proc/self/maps") as maps:
        files = {line[line.index("/"):].strip() for line in maps if "/" in line}
    for family in ("libopenblas", "libmkl_", "libblas.", "libblis"):
        for path in sorted(files):
            if os.path.basename(path).startswith(family):
                try:
                    name = ctypes.CDLL(path).openblas_get_corename
                    name.restype = ctypes.c_char_p
                    return path, name().decode()
                except (AttributeError, OSError):
                    return path, None
    return None, None


def read_safetensors(torch, path):
    with open(path, "rb") as file:
        data = file.read()
    length, = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + length])
    made = {}
    for name, entry in header.items():
        if name != "__metadata__":
            assert entry["dtype"] == "F32", entry
            start, end = entry["data_offsets"]
            values = torch.frombuffer(bytearray(data[8 + length + start:8 + length + end]), dtype=torch.float32)
            made[name] = values.reshape(entry["shape"]).clone().requires_grad_()
    return made


def case_of(model):
    """A shape of setup.json or config.json as reference-losses.py spells it."""
    return {"layers": model["layers"], "width": model["width"], "heads": model["heads"], "context": model["context_tokens"],
            "hidden": model["hidden_width"], "norm": model["norm"], "activation": model["activation"],
            "positions": model["positions"], "qk_norm": model["qk_norm"], "tied": model["tied_head"]}


class Peer:
    """One training step as a PyTorch user writes it."""

    def __init__(self, torch, case, parameters, training):
        self.torch, self.case, self.p, self.clip = torch, case, parameters, training["gradient_clip"]
        self.forward = reference().forward
        adam = training["adam"]
        matrices = [v for v in parameters.values() if v.dim() > 1]
        vectors = [v for v in parameters.values() if v.dim() == 1]
        self.optimizer = torch.optim.AdamW(
            [{"params": matrices, "weight_decay": adam["weight_decay"]}, {"params": vectors, "weight_decay": 0.0}],
            lr=training["learning_rate"], betas=(adam["beta1"], adam["beta2"]), eps=adam["epsilon"])

    def loss(self, inputs, targets):
        logits = self.forward(self.case, self.p, inputs)
        return self.torch.nn.functional.cross_entropy(logits.reshape(-1, logits.shape[-1]), targets.reshape(-1))

    def step(self, inputs, targets):
        loss = self.loss(inputs, targets)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.torch.nn.utils.clip_grad_norm_(self.p.values(), self.clip)
        self.optimizer.step()
        return float(loss)


def start_torch(arguments):
    """torch, with the settings of the program or untouched."""
    if arguments.tuned:
        set_malloc()
    import torch
    if arguments.tuned:
        torch.set_num_threads(arguments.threads)
    return torch


def peer_steps(arguments):
    """Answers slices of steps on stdin, as `scalinglab bench step --slices` does."""
    torch = start_torch(arguments)
    with open(os.path.join(arguments.peer, "setup.json")) as file:
        setup = json.load(file)
    shape = (setup["steps"], 2, setup["batch"], setup["model"]["context_tokens"])
    with open(os.path.join(arguments.peer, "batches.bin"), "rb") as file:
        batches = torch.frombuffer(bytearray(file.read()), dtype=torch.int32).long().reshape(shape)
    peer = Peer(torch, case_of(setup["model"]), read_safetensors(torch, os.path.join(arguments.peer, "weights.safetensors")), setup["training"])
    losses = []
    for line in sys.stdin:
        times = []
        for _ in range(int(line)):
            inputs, targets = batches[len(losses) % len(batches)]
            start = time.perf_counter()
            loss = peer.step(inputs, targets)
            times.append((time.perf_counter() - start) * 1e3)
            losses.append(loss)
        print(json.dumps({"stepMilliseconds": times}), flush=True)
    blas, kernels = loaded_blas()
    print(json.dumps({"losses": losses, "torch": torch.__version__, "threads": torch.get_num_threads(), "blas": blas, "kernels": kernels}))


def peer_sweep(arguments):
    """Trains the runs of a sweep one after another, and says their held-out losses."""
    start = time.perf_counter()
    torch = start_torch(arguments)
    train, held_out = (read_tokens(torch, os.path.join(arguments.tokens, name)) for name in ("train.bin", "heldout.bin"))
    results = {}
    for folder in sorted(glob.glob(os.path.join(arguments.peer_sweep, "*", "config.json"))):
        with open(folder) as file:
            manifest = json.load(file)
        config, vocabulary = manifest["config"], manifest["vocabulary"]
        model = dict(config["model"])
        model["hidden_width"] = model.get("mlp_width") or 4 * model["width"]
        case, training, context = case_of(model), config["training"], model["context_tokens"]
        parameters = initial_weights(torch, case, vocabulary)
        peer = Peer(torch, case, parameters, training)
        rows = training["batch_tokens"] // context
        for _ in range(max(1, round(training["tokens"] / (rows * context)))):
            inputs, targets = windows(torch, train, torch.randint(0, len(train) - context - 1, (rows,)), context)
            peer.step(inputs, targets)
        count = min(config["evaluation"]["tokens"], len(held_out) - 1) // context
        nats = 0.0
        with torch.no_grad():
            for first in range(0, count, 32):
                places = torch.arange(first, min(first + 32, count)) * context
                inputs, targets = windows(torch, held_out, places, context)
                nats += float(peer.loss(inputs, targets)) * len(places)
        results[os.path.basename(os.path.dirname(folder))] = nats / count
    blas, kernels = loaded_blas()
    print(json.dumps({"seconds": time.perf_counter() - start, "losses": results, "threads": torch.get_num_threads(), "blas": blas, "kernels": kernels}))


def read_tokens(torch, path):
    """A token file: 256 bytes of header, then uint16 (its place 12 says so)."""
    with open(path, "rb") as file:
        data = file.read()
    assert data[:8] == b"SLTOKENS" and struct.unpack("<i", data[12:16])[0] == 2, path
    return torch.frombuffer(bytearray(data[256:]), dtype=torch.int16).long() & 0xFFFF


def windows(torch, tokens, places, context):
    rows = torch.stack([tokens[p:p + context + 1] for p in places.tolist()])
    return rows[:, :-1], rows[:, 1:]


def initial_weights(torch, case, vocabulary):
    """Normal with deviation 0.5 over the root of the width, as the program's default; residual outputs less."""
    module = reference()
    module.VOCABULARY = vocabulary
    torch.manual_seed(1)
    deviation, made = 0.5 / math.sqrt(case["width"]), {}
    for name, shape in module.shapes(case):
        if len(shape) == 1:
            values = torch.ones(shape) if name.endswith(".weight") else torch.zeros(shape)
        else:
            values = torch.randn(shape) * (deviation / math.sqrt(2 * case["layers"]) if name.endswith(".output.weight") else deviation)
        made[name] = values.requires_grad_()
    return made


# --- the comparison -------------------------------------------------------------------------------------------------------


def tuned_environment(engine, threads):
    """The settings that the program gives itself, for a process that starts with them."""
    environment = dict(os.environ, OMP_NUM_THREADS=str(threads), OPENBLAS_NUM_THREADS=str(threads), OMP_WAIT_POLICY="passive")
    if engine.get("blas_library"):
        environment["LD_LIBRARY_PATH"] = os.path.dirname(engine["blas_library"])
    if engine.get("blas_kernels"):
        environment["OPENBLAS_CORETYPE"] = engine["blas_kernels"]
    return environment


class Timed:
    """A process that takes steps when told to."""

    def __init__(self, name, command, environment=None):
        self.name, self.times, self.fastest, self.steps = name, [], math.inf, 3
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT)

    def slice(self, steps):
        self.process.stdin.write(f"{steps}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{self.name} ended with exit code {self.process.wait()}")
        times = json.loads(line)["stepMilliseconds"]
        self.fastest = min(self.fastest, *times)
        self.times += times[UNTIMED_STEPS:]
        return times

    def end(self):
        """Closes stdin and reads what the process says of itself."""
        self.process.stdin.close()
        document = json.loads(self.process.stdout.read())
        self.process.wait()
        return document

    @property
    def median(self):
        return statistics.median(self.times)


def compare_shape(name, arguments, seconds):
    shape = SHAPES[name]
    with tempfile.TemporaryDirectory(prefix="scalinglab-compare-") as folder:
        ours = Timed("scalinglab", [
            arguments.program, "bench", "step", "--layers", str(shape["layers"]), "--width", str(shape["width"]), "--vocab", str(shape["vocab"]),
            "--context", str(CONTEXT), "--batch", str(BATCH), "--threads", str(arguments.threads), "--slices", "--export", folder, "--json", *arguments.bench])
        ours.slice(2)  # the files are there once it answers
        with open(os.path.join(folder, "setup.json")) as file:
            engine = json.load(file)["engine"]
        script = [arguments.python, os.path.abspath(__file__), "--peer", folder]
        installed = Timed("as installed", script)
        tuned = Timed("same settings", script + ["--tuned", "--threads", str(arguments.threads)], tuned_environment(engine, arguments.threads))
        peers = [installed, tuned]
        everyone = [ours, *peers]
        for p in everyone:
            p.steps = max(LEAST_STEPS, round(SLICE_SECONDS * 1e3 / min(p.slice(3))))
            p.times = []
        rounds = max(4, round(seconds / sum(max(SLICE_SECONDS, LEAST_STEPS * p.fastest / 1e3) for p in everyone)))
        for _ in range(rounds):
            for p in everyone:
                p.slice(p.steps)
        document, described = ours.end(), [p.end() for p in peers]
    print(f"{name}: L{shape['layers']} d{shape['width']} V{shape['vocab']} B{BATCH} T{CONTEXT}, {document['model']['parameters']:,} parameters")
    compared = min(PARITY_STEPS, *(len(d["losses"]) for d in described))
    worst = max(abs(a - b) / abs(b) for d in described for a, b in zip(document["losses"][:compared], d["losses"][:compared]))
    print(f"  losses of {compared} steps agree within {worst:.1e} (relative; {PARITY:.0e} is allowed)")
    rows = [("scalinglab", ours, f"{document['engine']['provider']} {document['engine']['libtorch']}, threads {document['threads']}", document["engine"]["blas"], document["engine"]["blasKernels"])]
    rows += [(f"PyTorch, {p.name}", p, f"torch {d['torch']}, threads {d['threads']}", d["blas"], d["kernels"]) for p, d in zip(peers, described)]
    for label, p, engine_text, blas, kernels in rows:
        rate = BATCH * CONTEXT / p.median * 1e3
        print(f"  {label:24} {p.median:8.2f} ms a step ({min(p.times):.2f} to {max(p.times):.2f}, {len(p.times)} steps) {rate:9,.0f} tokens/s   {engine_text}, {short(blas)}, {kernels} kernels")
    share = document["flopsPerStepAnalytic"] / (ours.median * 1e-3) / document["gemmPeakFlopsPerSecond"]
    ratios = {p.name: p.median / ours.median for p in peers}
    print(f"  {share:.1%} of the product peak of {document['gemmPeakFlopsPerSecond'] / 1e9:.0f} GFLOP/s; " + ", ".join(f"{ratio:.2f}x of PyTorch {key}" for key, ratio in ratios.items()), flush=True)
    return {"shape": name, "parity": worst, "milliseconds": {label: p.median for label, p, *_ in rows}, "ratios": ratios, "mfu": share,
            "gemmPeakFlopsPerSecond": document["gemmPeakFlopsPerSecond"], "steps": len(ours.times)}


def short(path):
    return os.path.join(*path.split("/")[-2:]) if path else "BLAS unknown"


def compare_sweep(arguments):
    with tempfile.TemporaryDirectory(prefix="scalinglab-compare-") as folder:
        config = os.path.join(folder, "compare.yaml")
        with open(config, "w") as file:
            file.write(SWEEP % arguments.tokens_a_run)
        environment = dict(os.environ, SCALINGLAB_CACHE=os.path.join(folder, "cache"))
        subprocess.run([arguments.program, "data", "prepare", config], env=environment, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        tokens = os.path.dirname(glob.glob(os.path.join(folder, "cache", "*", "train.bin"))[0])
        ours = []
        peer = None
        for attempt in (1, 2):  # before and after the peer
            runs = os.path.join(folder, f"runs{attempt}")
            start = time.perf_counter()
            subprocess.run([arguments.program, "sweep", config, "--runs", runs, *arguments.bench], env=environment, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            ours.append(time.perf_counter() - start)
            if peer is None:
                start = time.perf_counter()
                answer = subprocess.run([arguments.python, os.path.abspath(__file__), "--peer-sweep", os.path.join(runs, "compare"), "--tokens", tokens], stdout=subprocess.PIPE, check=True, cwd=ROOT)
                seconds = time.perf_counter() - start
                peer = json.loads(answer.stdout)
        losses = {}
        for done in glob.glob(os.path.join(runs, "compare", "*", "done.json")):
            with open(done) as file:
                losses[os.path.basename(os.path.dirname(done))] = json.load(file)["final_evaluation"]["loss_nats"]
    print(f"sweep: {len(losses)} runs of {arguments.tokens_a_run:,} tokens, on {os.cpu_count()} cores")
    for run, loss in sorted(losses.items()):
        print(f"  {run}: held-out loss {loss:.3f}; PyTorch's, on other batches, {peer['losses'][run]:.3f}")
    print(f"  scalinglab sweep, fit and report included: {ours[0]:.1f} s and {ours[1]:.1f} s")
    print(f"  PyTorch as installed, one run after another: {seconds:.1f} s, threads {peer['threads']}, {short(peer['blas'])}, {peer['kernels']} kernels")
    ratio = seconds / statistics.mean(ours)
    print(f"  {ratio:.2f}x")
    return {"runs": len(losses), "tokensARun": arguments.tokens_a_run, "seconds": ours, "peerSeconds": seconds, "ratio": ratio}


def main():
    parser = argparse.ArgumentParser(description="Training steps and a small sweep beside the same in PyTorch.")
    parser.add_argument("--shapes", help=f"of {', '.join(SHAPES)}; with --device of d64, d128, d384, d768")
    parser.add_argument("--sweep", action="store_true", help="compare a small sweep instead")
    parser.add_argument("--threads", type=int, default=1, help="threads of the program and of the peer that is given its settings")
    parser.add_argument("--seconds", type=float, default=20, help="about how long to time a shape")
    parser.add_argument("--tokens-a-run", type=int, default=400_000, help="of the sweep")
    parser.add_argument("--program", default=os.path.join(ROOT, "scalinglab"), help="the program to time")
    parser.add_argument("--python", default=python_with_torch(), help="the Python that has torch")
    parser.add_argument("--device", help="cuda[:i] or cpu: compare there with torch.compile too")
    parser.add_argument("--dtypes", type=lambda text: text.split(","), help="with --device: fp32, bf16 (default: both on a GPU)")
    parser.add_argument("--modes", type=lambda text: text.split(","), default=["graph", "own", "eager", "plain", "torch", "compile", "reduce-overhead"], help="with --device: rows, of graph, own, eager, plain, torch, compile, reduce-overhead")
    parser.add_argument("--stack", type=int, default=1, help="with --device: also time so many of our runs in one step")
    parser.add_argument("--tf32", action="store_true", help="with --device: let fp32 products round to TF32, on both sides")
    parser.add_argument("--slice-seconds", type=float, default=0.5, help="with --device: how long a row runs at a time")
    parser.add_argument("--bench", action="append", default=[], help="a further flag for the program, e.g. --bench=--kernels=reference")
    parser.add_argument("--json", help="write the numbers there too")
    for hidden in ("--peer", "--peer-sweep", "--tokens", "--mode", "--dtype"):
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    parser.add_argument("--tuned", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.device:
        if not (arguments.device == "cpu" or arguments.device.split(":")[0] == "cuda"):
            parser.error(f"there is no device '{arguments.device}'; take cpu or cuda[:i]")
        arguments.dtypes = arguments.dtypes or (["fp32"] if arguments.device == "cpu" else ["fp32", "bf16"])
        return modes().main(arguments, parser, sys.modules[__name__])
    if arguments.peer:
        return peer_steps(arguments)
    if arguments.peer_sweep:
        return peer_sweep(arguments)
    names = (arguments.shapes or ",".join(SHAPES)).split(",")
    unknown = [n for n in names if n not in SHAPES]
    if unknown:
        parser.error(f"there is no shape '{unknown[0]}'; take of {', '.join(SHAPES)}")
    results = [compare_sweep(arguments)] if arguments.sweep else [compare_shape(n, arguments, arguments.seconds) for n in names]
    if arguments.json:
        with open(arguments.json, "w") as file:
            json.dump(results, file, indent=1)
    if any(r.get("parity", 0) > PARITY for r in results):
        sys.exit("losses differ: the times compare different models")


if __name__ == "__main__":
    main()
