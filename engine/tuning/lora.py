"""One base model, wrapped once with PEFT; for every question a fresh LoRA adapter in place.

LoRA: Hu et al. 2021, arXiv 2106.09685, on the seven projections of every layer. Between questions A is
restored, B set to zero and the optimizer created anew, so that no adapter starts from another one.
"""

from __future__ import annotations

import gc
import logging
import math
import threading
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.config import default_threads
from engine.errors import Cancelled, TuningError
from engine.models import InstalledModel
from engine.models.devices import Device, choose_device, free_device_memory, is_out_of_memory
from engine.models.folder import read_config
from engine.models.gguf import write_lora_gguf
from engine.models.loading import LOADING
from engine.models.memory import answering_bytes
from engine.models.precision import bf16_is_fast
from engine.models.shape import Shape
from engine.tuning.examples import Encoded, Example, ExampleEncoder
from engine.tuning.plan import TuningPlan, less_than, plan_tuning
from engine.tuning.recipe import Recipe, recipe_for
from engine.types import CancelToken, Floats, Progress, Report

if TYPE_CHECKING:
    import torch

__all__ = ["TARGET_MODULES", "Training", "Tuner"]

TARGET_MODULES = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
_LOG = logging.getLogger(__name__)
_LOGITS_HELD = 32_000_000  # numbers; 128 MB of float32 in one forward pass without gradients


@dataclass(frozen=True, slots=True)
class Training:
    """What a run of gradient steps did."""

    losses: tuple[float, ...]  # nats a learned token, before each step
    seconds: float
    skipped: bool = False  # the user had enough before the last step


class Tuner:
    """Trains adapters for one model. One thread at a time may use it; ``prepare`` may run in another before."""

    def __init__(
        self,
        model: InstalledModel,
        *,
        recipe: Recipe | None = None,
        threads: int = 0,
        bf16: bool | None = None,
        memory: int | None = None,
    ) -> None:
        """Take note of the model; nothing is loaded before ``prepare``.

        ``threads`` 0 means all usable cores; ``bf16`` None means bfloat16 products where the processor has units
        for them (gradients and losses stay float32, and so do weights on a processor); ``memory`` is how many bytes
        may be taken, None what is free when the weights are loaded.
        """
        self.model = model
        self.recipe = recipe or recipe_for(model.parameters)
        self.threads = threads or default_threads()
        self.prepare_seconds = 0.0
        self.device: Device | None = None  # chosen by ``prepare``
        self.plan: TuningPlan | None = None  # made by ``prepare``
        self._memory = memory
        self._too_much = 0  # bytes that a plan was to take when there was not enough memory
        self._bf16 = bf16
        self._lock = threading.Lock()
        self._causal: Any = None  # the transformers model, whose projections carry the adapter
        self._encoder: ExampleEncoder | None = None
        self._pairs: dict[str, tuple[torch.nn.Parameter, torch.nn.Parameter]] = {}  # module -> A (r, in), B (out, r)
        self._initial: list[torch.Tensor] = []  # the A of every question's start

    # -- loading ----------------------------------------------------------------------------------

    @property
    def prepared(self) -> bool:
        """Return whether the libraries and weights are loaded."""
        return self._causal is not None

    def prepare(self) -> None:
        """Import the libraries and load the weights, seconds the first time; later calls return at once.

        Raises ModelError when the model's files are missing or damaged, TuningError when it cannot be tuned at all or
        there is not enough memory for it.
        """
        with self._lock:
            if self._causal is not None:
                return
            if self.model.untunable:
                raise TuningError(self.model.untunable)
            start = time.perf_counter()
            encoder = ExampleEncoder(self.model.weights, self.model.style)
            with LOADING, self._within_memory():
                causal = self._load()
            self._encoder = encoder
            self._initial = [a.detach().clone() for a, _ in self._pairs.values()]
            self._causal = causal
            self.prepare_seconds = time.perf_counter() - start

    def release(self) -> None:
        """Let the weights go; the next use loads them again. Not while they are used."""
        with self._lock:
            self._forget()

    def _forget(self) -> None:
        had = self._causal is not None
        self._causal, self._encoder, self._pairs, self._initial = None, None, {}, []
        gc.collect()  # modules refer to each other
        if had and self.device is not None and self.device.kind != "cpu":
            import torch

            (torch.cuda if self.device.kind == "cuda" else torch.mps).empty_cache()

    @contextmanager
    def _within_memory(self) -> Iterator[None]:
        """Turn running out of memory into a TuningError, with the weights let go and the next plan a smaller one."""
        try:
            yield
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            planned = self.plan.bytes if self.plan is not None else 0
            self._too_much = min(planned, self._too_much or planned)
            _LOG.warning("tuning ran out of memory with %s", self.plan)
        else:
            return
        self._forget()  # outside of the handler, whose traceback holds the tensors
        raise TuningError("There was not enough memory to learn; the next question will try with less.")

    def _make_plan(self, device: Device) -> TuningPlan:
        free = self._memory
        if free is None:
            model = self.model
            free = free_device_memory(device) - answering_bytes(model.gguf.stat().st_size, model.shape, model.context)
        if self._too_much:
            free = min(free, less_than(self._too_much))
        shape = self.model.shape or Shape.of(read_config(self.model.weights))
        plan = plan_tuning(shape, self.recipe, free, half_first=device.kind == "cuda", half_products=bool(self._bf16))
        words = plan.words(shape, self.recipe) or "nothing given up"
        _LOG.info("tuning on the %s: about %.1f GB, %s", device.name, plan.bytes / 1e9, words)
        return plan

    def _load(self) -> Any:
        import torch
        from peft import LoraConfig, get_peft_model

        from engine.tuning.base import compute_again, load_base

        # PEFT asks transformers for a property under its old name; nothing that we or the user could change.
        # Not catch_warnings: that is not safe while other threads run.
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)
        torch.set_num_threads(self.threads)
        device = self.device = choose_device(self.model.parameters)
        if self._bf16 is None:
            self._bf16 = _half_is_fast(device)
        plan = self.plan = self._make_plan(device)
        causal = load_base(self.model, plan)
        layers = causal.config.num_hidden_layers
        some = {"layers_to_transform": list(range(layers - plan.layers, layers)), "layers_pattern": "layers"}
        config = LoraConfig(
            r=self.recipe.rank,
            lora_alpha=self.recipe.alpha,
            target_modules=list(TARGET_MODULES),
            lora_dropout=0.0,
            bias="none",
            task_type="CAUSAL_LM",
            **(some if plan.layers < layers else {}),
        )
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.recipe.seed)
            get_peft_model(causal, config)  # changes the projections of ``causal`` in place
        causal.eval()  # no dropout anywhere: the same examples give the same adapter
        if plan.checkpointing:
            compute_again(causal.model.layers)
        if device.kind != "cpu":
            causal.to(device.kind)
        self._pairs = {
            name: (module.lora_A["default"].weight, module.lora_B["default"].weight)
            for name, module in causal.named_modules()
            if "default" in getattr(module, "lora_A", {})
        }
        return causal

    def _loaded(self) -> Any:
        self.prepare()
        return self._causal

    # -- examples ---------------------------------------------------------------------------------

    @property
    def encoder(self) -> ExampleEncoder:
        """Return the model's tokenizer."""
        self._loaded()
        assert self._encoder is not None
        return self._encoder

    def encode(self, example: Example) -> Encoded:
        """Return the tokens of an example, cut to the plan's length and the model's context."""
        encoder = self.encoder
        assert self.plan is not None
        return encoder.encode(example, min(self.plan.max_tokens, self.model.context))

    # -- training ---------------------------------------------------------------------------------

    def reset(self) -> None:
        """Make the adapter an untrained one: A as at the start, B zero. The model then equals its base exactly."""
        import torch

        self._loaded()
        with torch.no_grad():
            for (a, b), initial in zip(self._pairs.values(), self._initial, strict=True):
                a.copy_(initial)
                b.zero_()
                a.grad = b.grad = None

    def train(
        self,
        steps: Sequence[Sequence[Encoded]],
        *,
        progress: Progress | None = None,
        cancel: CancelToken | None = None,
        skip: CancelToken | None = None,
    ) -> Training:
        """Take one gradient step a batch, in order, from a fresh adapter.

        ``progress`` hears the loss and the seconds left after each step. ``skip`` ends the run before its
        next step, ``cancel`` raises Cancelled. Raises TuningError when the loss is not finite or worse
        than a blind guess among all tokens: the rate is too high for this model; or when memory runs out, and the
        weights are let go then.
        """
        self.reset()
        with self._within_memory():
            return self._train(steps, progress=progress, cancel=cancel, skip=skip)

    def _train(
        self,
        steps: Sequence[Sequence[Encoded]],
        *,
        progress: Progress | None,
        cancel: CancelToken | None,
        skip: CancelToken | None,
    ) -> Training:
        import torch

        causal = self._loaded()
        torch.set_num_threads(self.threads)
        steps = [batch for batch in steps if any(each.learned.any() for each in batch)]
        weights = [weight for pair in self._pairs.values() for weight in pair]
        optimizer = torch.optim.AdamW(weights, lr=self.recipe.learning_rate, weight_decay=0.0, fused=True)
        guess = math.log(causal.config.vocab_size)
        sizes = [sum(len(each.ids) for each in batch) for batch in steps]
        losses: list[float] = []
        start = time.perf_counter()
        for number, batch in enumerate(steps, start=1):
            if cancel is not None and cancel.is_set():
                raise Cancelled("Stopped while tuning.")
            if skip is not None and skip.is_set():
                return Training(tuple(losses), time.perf_counter() - start, skipped=True)
            total, count = self._batch_loss(batch)
            mean = total.sum() / count.sum()
            losses.append(float(mean.detach()))
            if not math.isfinite(losses[-1]) or losses[-1] > guess + 1.0:
                raise TuningError(f"Tuning diverged at step {number} of {len(steps)} (loss {losses[-1]:.2f}).")
            optimizer.param_groups[0]["lr"] = self.recipe.rate(number, len(steps))
            optimizer.zero_grad(set_to_none=True)
            mean.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(weights, self.recipe.clip_norm)
            optimizer.step()
            if progress is not None:
                taken = time.perf_counter() - start
                left = taken * sum(sizes[number:]) / sum(sizes[:number])
                progress(Report("tune", number, len(steps), values={"loss": losses[-1], "seconds_left": left}))
        return Training(tuple(losses), time.perf_counter() - start)

    def _batch_loss(self, batch: Sequence[Encoded]) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the summed nats and the number of learned tokens of each example, both (B,).

        Shorter rows are padded on the right, where a causal model's earlier positions cannot see them.
        Logits exist only at the positions that predict a learned token.
        """
        import torch

        length = max(len(each.ids) for each in batch)
        assert self.device is not None
        where = self.device.kind
        ids = torch.zeros(len(batch), length, dtype=torch.long)
        learned = torch.zeros(len(batch), length, dtype=torch.bool)
        for row, each in enumerate(batch):
            ids[row, : len(each.ids)] = torch.from_numpy(each.ids)
            learned[row, : len(each.ids)] = torch.from_numpy(each.learned)
        ids, predicting = ids.to(where), learned[:, 1:].to(where)
        with torch.autocast(where, torch.bfloat16, enabled=bool(self._bf16)):
            hidden = self._causal.model(input_ids=ids, use_cache=False).last_hidden_state  # (B, T, width)
            logits = self._causal.lm_head(hidden[:, :-1][predicting])  # (tokens, vocab)
        logits = _capped(logits.float(), getattr(self._causal.config, "final_logit_softcapping", None))
        nats = torch.nn.functional.cross_entropy(logits, ids[:, 1:][predicting], reduction="none")
        rows = predicting.nonzero()[:, 0]
        total = torch.zeros(len(batch), device=where).index_add_(0, rows, nats)
        return total, predicting.sum(dim=1)

    # -- measuring --------------------------------------------------------------------------------

    def losses(self, examples: Sequence[Encoded]) -> list[float]:
        """Return the loss of each example under the present adapter, nats a learned token.

        Examples of like length share a forward pass. One without a learned token is refused with ValueError.
        """
        import torch

        causal = self._loaded()
        if not all(each.learned.any() for each in examples):
            raise ValueError("an example without a learned token has no loss")
        found = [0.0] * len(examples)
        with torch.inference_mode(), self._within_memory():
            for rows in _buckets(examples, _LOGITS_HELD // causal.config.vocab_size):
                total, count = self._batch_loss([examples[row] for row in rows])
                for row, mean in zip(rows, (total / count).tolist(), strict=True):
                    found[row] = mean
        return found

    @contextmanager
    def base(self) -> Iterator[None]:
        """Switch the adapter off inside the ``with`` block, whatever its state."""
        causal = self._loaded()
        modules = [module for module in causal.modules() if "default" in getattr(module, "lora_A", {})]
        for module in modules:
            module.enable_adapters(enabled=False)
        try:
            yield
        finally:
            for module in modules:
                module.enable_adapters(enabled=True)

    # -- the result -------------------------------------------------------------------------------

    def lora_tensors(self) -> dict[str, tuple[Floats, Floats]]:
        """Return copies of A (r, in) and B (out, r) by module name ("model.layers.0.self_attn.q_proj")."""
        self._loaded()
        return {
            name: (a.detach().cpu().numpy().copy(), b.detach().cpu().numpy().copy())
            for name, (a, b) in self._pairs.items()
        }

    def export(self, path: Path) -> None:
        """Write the present adapter as the GGUF file that llama.cpp attaches; StorageError when that fails."""
        config = read_config(self.model.weights)
        write_lora_gguf(path, self.model.architecture, self.lora_tensors(), self.recipe.alpha, config)


def _half_is_fast(device: Device) -> bool:
    """Return whether the device has units for products in bfloat16; Apple's has none that autocast can use."""
    if device.kind == "cuda":
        import torch

        return bool(torch.cuda.is_bf16_supported())
    return device.kind == "cpu" and bf16_is_fast()


def _capped(logits: torch.Tensor, most: float | None) -> torch.Tensor:
    """Return logits squeezed between ± ``most``, as Gemma 2 does before it chooses."""
    return logits if most is None else (logits / most).tanh() * most


def _buckets(examples: Sequence[Encoded], tokens: int) -> Iterator[list[int]]:
    """Yield the rows of ``examples`` grouped by length so that a padded group holds at most ``tokens``, or one row."""
    order = sorted(range(len(examples)), key=lambda row: len(examples[row].ids))
    group: list[int] = []
    for row in order:
        if group and (len(group) + 1) * len(examples[row].ids) > tokens:
            yield group
            group = []
        group.append(row)
    if group:
        yield group
