"""How fast this device tunes and answers with models of 0.5 and 1.5 billion parameters; random weights tell it as well.

    python -m bench.models                      both shapes, 20 steps of 512 tokens; under 12 GB, under 8 minutes
    python -m bench.models --shapes tiny        the same path in seconds, for a look

Steps that would take longer than ``--limit`` seconds a shape are not taken: what all of them take is then computed
from those that were, and printed as computed.

For each shape: the rate of plain matrix products on this device, the device's peak as far as anything reaches it;
steps a second, tokens a second, operations a second and their share of that peak, the seconds of the whole run, and
the memory that was estimated and that was taken. Then the seconds that an answer takes at each effort, computed from
those rates: what they assume is printed with them.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

SHAPES = {
    "tiny": {"hidden_size": 256, "intermediate_size": 1024, "num_hidden_layers": 4, "num_attention_heads": 4,
             "num_key_value_heads": 2, "vocab_size": 8192},
    "0.5b": {"hidden_size": 896, "intermediate_size": 4864, "num_hidden_layers": 24, "num_attention_heads": 14,
             "num_key_value_heads": 2, "vocab_size": 151_936},
    "1.5b": {"hidden_size": 1536, "intermediate_size": 8960, "num_hidden_layers": 28, "num_attention_heads": 12,
             "num_key_value_heads": 2, "vocab_size": 151_936},
}  # fmt: skip
_PROMPT, _ANSWER = 3000, 200  # tokens that an answer is computed for
_MOST_MEMORY = 11_500_000_000  # bytes; a plan that takes more is made smaller
_STEPS = {"balanced": 25, "deep": 75}  # 20 and 60 chunks, with a step of facts after every fourth
_GATE_PASSES = 16


@dataclass(frozen=True)
class Measured:
    """What one shape did."""

    shape: str
    parameters: int
    device: str
    bf16: bool
    plan: str  # what was given up for memory
    base: str
    threads: int
    matmul_flops: float  # a second, the better of float32 and bfloat16
    load_seconds: float
    wanted: int  # steps
    steps: int  # that were taken
    tokens: int
    seconds: float  # of those
    flops: float  # a second while tuning
    share_of_peak: float
    estimated_bytes: int
    taken_bytes: int
    forward_seconds: float  # one text of ``tokens``, without gradients

    @property
    def steps_a_second(self) -> float:
        return self.steps / self.seconds


def _matmul_flops(device: str, *, bf16: bool) -> float:
    """Return operations a second of the largest products that fit comfortably: the best of three."""
    import torch

    size = 8192 if device == "cuda" else 2048
    best = 0.0
    for dtype in (torch.float32, *((torch.bfloat16,) if bf16 else ())):
        a = torch.randn(size, size, device=device).to(dtype)
        b = torch.randn(size, size, device=device).to(dtype)
        for _ in range(4):
            _synchronise(device)
            start = time.perf_counter()
            product = a @ b
            _synchronise(device)
            taken = time.perf_counter() - start
            best = max(best, 2.0 * size**3 / taken)
            del product
    return best


def _synchronise(device: str) -> None:
    import torch

    if device == "cuda":
        torch.cuda.synchronize()
    elif device == "mps":
        torch.mps.synchronize()


def _model(folder: Path, name: str) -> Any:
    """Write a qwen2 model with random weights, without ever having it in memory in float32; return it installed."""
    import numpy as np
    from gguf import GGUFWriter
    from safetensors.numpy import save_file

    from engine.models import InstalledModel, Shape

    sizes = SHAPES[name]
    config = {
        **sizes,
        **{"architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "tie_word_embeddings": True},
        **{"max_position_embeddings": 32_768, "rms_norm_eps": 1e-6, "hidden_act": "silu", "rope_theta": 1e6},
    }
    shape = Shape.of(config)
    folder.mkdir(parents=True)
    random = np.random.default_rng(0)
    tensors = {"model.embed_tokens.weight": (shape.vocabulary, shape.hidden), "model.norm.weight": (shape.hidden,)}
    names = ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj",
             "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"]  # fmt: skip
    for layer in range(shape.layers):
        for module, (rows, columns) in zip(names, shape.projections, strict=True):
            tensors[f"model.layers.{layer}.{module}.weight"] = (columns, rows)
            if module.split(".")[1] in {"q_proj", "k_proj", "v_proj"}:
                tensors[f"model.layers.{layer}.{module}.bias"] = (columns,)
        for norm in ("input_layernorm", "post_attention_layernorm"):
            tensors[f"model.layers.{layer}.{norm}.weight"] = (shape.hidden,)
    block = (random.standard_normal(1 << 22) * 0.02).astype(np.float16)
    values = {}
    for each, size in tensors.items():
        is_norm = each.endswith("norm.weight")
        values[each] = np.ones(size, np.float16) if is_norm else np.resize(block, size)
    save_file(values, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(config))
    _tokenizer(folder)
    # Nothing is answered here, so the GGUF is only a name: an empty one, as if its weights were exact.
    gguf = folder / "own.gguf"
    writer = GGUFWriter(gguf, "qwen2")
    from engine.models.gguf import gguf_name

    zero = np.zeros(1, np.float32)
    for each in tensors:
        writer.add_tensor(gguf_name(each, "qwen2", shape.layers), zero)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return InstalledModel(name, folder, gguf, "qwen2", 32_768, "chat", shape.parameters, name, shape=shape)


def _tokenizer(folder: Path) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE({text: number for number, text in enumerate(alphabet)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.save(str(folder / "tokenizer.json"))
    template = "{% for m in messages %}{{ m['content'] }}{% endfor %}"
    (folder / "tokenizer_config.json").write_text(json.dumps({"chat_template": template}))


def _peak_bytes(device: str) -> int:
    if device == "cuda":
        import torch

        return int(torch.cuda.max_memory_allocated())
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def measure(name: str, wanted: int, tokens: int, threads: int, limit: float) -> Measured:
    """Tune a model of the shape ``name`` in this process; its peak memory is the process's."""
    import numpy as np

    from engine.models.devices import choose_device, free_device_memory
    from engine.tuning import Tuner
    from engine.tuning.examples import Encoded
    from engine.tuning.recipe import recipe_for

    with tempfile.TemporaryDirectory() as place:
        model = _model(Path(place) / name, name)
        recipe = recipe_for(model.parameters)
        device = choose_device(model.parameters)
        tuner = Tuner(model, recipe=recipe, threads=threads, memory=min(free_device_memory(device), _MOST_MEMORY))
        tuner.prepare()
        assert tuner.plan is not None and tuner.device is not None
        ids = np.random.default_rng(1).integers(0, 250, min(tokens, tuner.plan.max_tokens))
        example = Encoded(ids, np.arange(len(ids)) > 0)
        start = time.perf_counter()
        tuner.losses([example])
        forward = time.perf_counter() - start
        start = time.perf_counter()
        tuner.train([[example]])  # the first step is a little slower: it counts for nothing
        steps = max(2, min(wanted, int(limit / (time.perf_counter() - start))))
        training = tuner.train([[example]] * steps)
        shape = model.shape
        assert shape is not None
        # Forwards, backwards to the activations, and forwards once more where they are computed again.
        passes = 3.0 if tuner.plan.checkpointing else 2.0
        operations = steps * passes * shape.forward_operations(len(ids))
        bf16 = bool(tuner._bf16)
        kind = tuner.device.kind
        plan = tuner.plan
        estimated, taken = plan.bytes, _peak_bytes(kind)
        words = plan.words(shape, recipe)
        tuner.release()
        peak = _matmul_flops(kind, bf16=bf16)
        flops = operations / training.seconds
        return Measured(
            name, model.parameters, tuner.device.name, bf16, words, plan.base, threads, peak, tuner.prepare_seconds,
            wanted, steps, len(ids), training.seconds, flops, flops / peak, estimated, taken, forward,
        )  # fmt: skip


def seconds_an_answer(found: Measured, parameters: int | None = None) -> dict[str, float]:
    """Return the seconds that learning adds at each effort, computed: measured operations a second, spread over sizes.

    Another model's ``parameters`` scale the operations of a step; its memory may force it to compute more.
    """
    scale = (parameters or found.parameters) / found.parameters
    step, forward = found.seconds / found.steps * scale, found.forward_seconds * scale
    return {effort: count * step + _GATE_PASSES * forward for effort, count in _STEPS.items()}


# Assumed, each of a class of machines: operations a second while tuning and reading, bytes a second of memory.
_CLASSES = (
    ("four laptop cores", 100e9, 40e9),
    ("eight cores with bfloat16 units", 1e12, 80e9),
    ("a GPU of the middle class", 20e12, 300e9),
)
_CHUNK = 300  # tokens of a chunk that is learned


def table() -> str:
    """Return the computed seconds of a question for each model of the catalogue and class of machines, as Markdown."""
    from engine.models.catalogue import CATALOGUE
    from engine.models.memory import stored_bytes

    head = " | ".join(f"{name}: instant / balanced / deep" for name, _, _ in _CLASSES)
    lines = [f"| Model | {head} |", "| --- |" + " --- |" * len(_CLASSES)]
    for entry in CATALOGUE:
        if entry.shape is None or entry.weights is None:
            continue
        cells = []
        for _, rate, bandwidth in _CLASSES:
            unread = 2.0 * _PROMPT * entry.shape.vocabulary * entry.shape.hidden  # logits of all tokens but the last
            reading = (entry.shape.forward_operations(_PROMPT) - unread) / rate
            answer = reading + _ANSWER * stored_bytes(entry.shape) / bandwidth
            chunk = entry.shape.forward_operations(_CHUNK) / rate
            whole = [answer, *(answer + (2 * steps + _GATE_PASSES) * chunk for steps in _STEPS.values())]
            cells.append(" / ".join(f"{seconds:,.0f} s" if seconds >= 10 else f"{seconds:.1f} s" for seconds in whole))
        lines.append(f"| {entry.name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.models", description=__doc__)
    parser.add_argument("--shapes", nargs="+", choices=SHAPES, default=["0.5b", "1.5b"])
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--tokens", type=int, default=512)
    parser.add_argument("--limit", type=float, default=100.0, help="seconds of steps a shape")
    parser.add_argument("--threads", type=int, default=0, help="0: all usable cores")
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--table", action="store_true", help="measure nothing; print the computed table of docs/models.md"
    )
    parser.add_argument("--worker", choices=SHAPES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    from engine.config import default_threads

    threads = options.threads or default_threads()
    if options.table:
        print(table())
        return 0
    if options.worker:
        print(json.dumps(asdict(measure(options.worker, options.steps, options.tokens, threads, options.limit))))
        return 0
    results = []
    for name in options.shapes:  # in a process of its own, whose peak memory is this shape's
        command = [sys.executable, "-m", "bench.models", "--worker", name, "--steps", str(options.steps)]
        done = subprocess.run(
            [*command, "--tokens", str(options.tokens), "--threads", str(threads), "--limit", str(options.limit)],
            stdout=subprocess.PIPE,
            text=True,
            check=False,
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
        )
        if done.returncode:
            raise SystemExit(f"the shape {name} failed")
        results.append(Measured(**json.loads(done.stdout.splitlines()[-1])))
    if options.json:
        print(json.dumps([{**asdict(each), "computed": seconds_an_answer(each)} for each in results]))
        return 0
    for each in results:
        _show(each)
    return 0


def _show(found: Measured) -> None:
    kind = "bfloat16" if found.bf16 else "float32"
    print(f"{found.shape}: {found.parameters:,} parameters, {found.device}, {found.threads} threads, {kind} products")
    print(f"  plan              {found.base} weights" + (f", {found.plan}" if found.plan else ""))
    print(f"  matrix products   {found.matmul_flops / 1e9:8.0f} GFLOP/s, the peak that anything here reaches")
    print(f"  tuning            {found.flops / 1e9:8.0f} GFLOP/s, {100 * found.share_of_peak:.0f} % of it")
    a_step = f"{found.tokens} tokens a step"
    print(f"  steps a second    {found.steps_a_second:8.3f}, {a_step}")
    whole = found.seconds * found.wanted / found.steps
    how = "measured" if found.steps == found.wanted else f"computed from {found.steps} measured"
    print(f"  {found.wanted:2} steps          {whole:8.1f} s ({how}), after {found.load_seconds:.1f} s of loading")
    print(f"  a forward pass    {found.forward_seconds:8.2f} s")
    print(
        f"  memory            {found.taken_bytes / 1e9:8.1f} GB taken, {found.estimated_bytes / 1e9:.1f} GB estimated"
    )
    computed = ", ".join(f"{effort} {seconds:.0f} s" for effort, seconds in seconds_an_answer(found).items())
    print(f"  learning adds     {computed} (computed: steps of this size, and 16 forward passes of the gate)")


if __name__ == "__main__":
    sys.exit(main())
