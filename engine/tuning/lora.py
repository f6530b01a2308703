"""One base model, loaded once; for every question a fresh LoRA adapter in place.

LoRA: Hu et al. 2021, arXiv 2106.09685, on the seven projections of the layers. Between questions A is restored,
B set to zero and the optimizer begun anew, so that no adapter starts from another one. Who computes the passes,
``direct`` or ``wrapped``, follows from the model and the plan for it.
"""

from __future__ import annotations

import gc
import logging
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

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
from engine.tuning.passes import Passes, State
from engine.tuning.plan import TuningPlan, less_than, plan_tuning
from engine.tuning.recipe import Recipe, recipe_for
from engine.types import CancelToken, Floats, Progress, Report

__all__ = ["AfterStep", "Training", "Tuner"]

_LOG = logging.getLogger(__name__)
_LOGITS_HELD = 32_000_000  # numbers; 128 MB of float32 in one forward pass without gradients
_ENCODED = 4096  # examples whose tokens are remembered

AfterStep = Callable[[int], int | None]


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
        self._passes: Passes | None = None
        self._encoder: ExampleEncoder | None = None
        self._tokens: OrderedDict[Example, Encoded] = OrderedDict()
        self._untuned: dict[tuple[Example, ...], list[float]] = {}

    # -- loading ----------------------------------------------------------------------------------

    @property
    def prepared(self) -> bool:
        """Return whether the libraries and weights are loaded."""
        return self._passes is not None

    def prepare(self) -> None:
        """Import the libraries and load the weights, seconds the first time; later calls return at once.

        Raises ModelError when the model's files are missing or damaged, TuningError when it cannot be tuned at all or
        there is not enough memory for it.
        """
        with self._lock:
            if self._passes is not None:
                return
            if self.model.untunable:
                raise TuningError(self.model.untunable)
            start = time.perf_counter()
            encoder = ExampleEncoder(self.model.weights, self.model.style)
            with LOADING, self._within_memory():
                passes = self._load()
            self._encoder = encoder
            self._passes = passes
            self.prepare_seconds = time.perf_counter() - start

    def release(self) -> None:
        """Let the weights go; the next use loads them again. Not while they are used."""
        with self._lock:
            self._forget()

    def _forget(self) -> None:
        had = self._passes is not None
        self._passes, self._encoder = None, None
        self._tokens.clear()
        self._untuned.clear()
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

    def _load(self) -> Passes:
        import torch

        from engine.tuning.direct import DirectModel, is_direct

        torch.set_num_threads(self.threads)
        device = self.device = choose_device(self.model.parameters)
        if self._bf16 is None:
            self._bf16 = _half_is_fast(device)
        plan = self.plan = self._make_plan(device)
        if is_direct(read_config(self.model.weights), plan, device.kind):
            return DirectModel(self.model, plan, self.recipe, half=self._bf16)
        from engine.tuning.wrapped import WrappedModel

        return WrappedModel(self.model, plan, self.recipe, device=device.kind, half=self._bf16)

    def _loaded(self) -> Passes:
        self.prepare()
        assert self._passes is not None
        return self._passes

    # -- examples ---------------------------------------------------------------------------------

    @property
    def encoder(self) -> ExampleEncoder:
        """Return the model's tokenizer."""
        self._loaded()
        assert self._encoder is not None
        return self._encoder

    def encode(self, example: Example) -> Encoded:
        """Return the tokens of an example, cut to the plan's length and the model's context; made once."""
        encoder = self.encoder
        assert self.plan is not None
        found = self._tokens.pop(example, None)
        if found is None:
            found = encoder.encode(example, min(self.plan.max_tokens, self.model.context))
        self._tokens[example] = found  # the latest stand last
        if len(self._tokens) > _ENCODED:
            self._tokens.popitem(last=False)
        return found

    # -- training ---------------------------------------------------------------------------------

    def reset(self) -> None:
        """Make the adapter an untrained one: A as at the start, B zero. The model then equals its base exactly."""
        self._loaded().reset()

    def train(
        self,
        steps: Sequence[Sequence[Encoded]],
        *,
        progress: Progress | None = None,
        cancel: CancelToken | None = None,
        skip: CancelToken | None = None,
        after_step: AfterStep | None = None,
        first_plan: int | None = None,
    ) -> Training:
        """Take one gradient step a batch, in order, from a fresh adapter.

        ``progress`` hears the loss and the seconds left after each step, and then ``after_step`` the step's number,
        from 1; it may look at losses. What it returns is the step to end with from then on, None for no change;
        ``first_plan`` is the one to end with before that, None for the last. ``skip`` ends the run before its next
        step, ``cancel`` raises Cancelled. Raises TuningError when the loss is not finite or worse than a blind guess
        among all tokens: the rate is too high for this model; or when memory runs out, and the weights are let go.
        """
        self.reset()
        with self._within_memory():
            steps = [batch for batch in steps if any(each.learned.any() for each in batch)]
            last = min(len(steps), first_plan or len(steps))
            return self._train(steps, last, progress, cancel, skip, after_step)

    def _train(
        self,
        steps: Sequence[Sequence[Encoded]],
        last: int,
        progress: Progress | None,
        cancel: CancelToken | None,
        skip: CancelToken | None,
        after_step: AfterStep | None,
    ) -> Training:
        import torch

        passes = self._loaded()
        torch.set_num_threads(self.threads)
        sizes = [sum(len(each.ids) for each in batch) for batch in steps]
        losses: list[float] = []
        start = time.perf_counter()
        while len(losses) < last:
            if cancel is not None and cancel.is_set():
                raise Cancelled("Stopped while tuning.")
            if skip is not None and skip.is_set():
                return Training(tuple(losses), time.perf_counter() - start, skipped=True)
            loss = passes.gradient(steps[len(losses)])
            losses.append(loss)
            number = len(losses)
            if not math.isfinite(loss) or loss > math.log(passes.vocabulary) + 1.0:
                raise TuningError(f"Tuning diverged at step {number} of {last} (loss {loss:.2f}).")
            passes.step(self.recipe.rate(number, last))
            if progress is not None:
                taken = time.perf_counter() - start
                left = taken * sum(sizes[number:last]) / sum(sizes[:number])
                progress(Report("tune", number, last, values={"loss": loss, "seconds_left": left}))
            if after_step is not None:
                changed = after_step(number)
                last = last if changed is None else max(number, min(changed, len(steps)))
        return Training(tuple(losses), time.perf_counter() - start)

    # -- measuring --------------------------------------------------------------------------------

    def losses(self, examples: Sequence[Encoded], *, check: Callable[[], None] | None = None) -> list[float]:
        """Return the loss of each example under the present adapter, nats a learned token.

        Examples of like length share a forward pass. One without a learned token is refused with ValueError.
        ``check`` is called before each pass, and may raise to end it.
        """
        passes = self._loaded()
        if not all(each.learned.any() for each in examples):
            raise ValueError("an example without a learned token has no loss")
        found = [0.0] * len(examples)
        with self._within_memory():
            for rows in _buckets(examples, min(passes.together, _LOGITS_HELD // passes.vocabulary)):
                if check is not None:
                    check()
                for row, loss in zip(rows, passes.losses([examples[row] for row in rows]), strict=True):
                    found[row] = loss
        return found

    def untuned_losses(
        self, examples: tuple[Example, ...], *, check: Callable[[], None] | None = None
    ) -> tuple[list[Encoded], list[float]]:
        """Return the tokens of examples and their losses without any adapter, which are measured once."""
        encoded = [self.encode(each) for each in examples]
        if examples not in self._untuned:
            with self.base():
                self._untuned[examples] = self.losses(encoded, check=check)
        return encoded, self._untuned[examples]

    @contextmanager
    def base(self) -> Iterator[None]:
        """Switch the adapter off inside the ``with`` block, whatever its state."""
        with self._loaded().base():
            yield

    def weaken(self, share: float) -> None:
        """Multiply what the adapter adds to the base by ``share``; training does not go on from there."""
        self._loaded().weaken(share)

    def state(self) -> State:
        """Return a copy of the adapter's weights, as it is now."""
        return self._loaded().state()

    def restore(self, state: State) -> None:
        """Give the adapter the weights of a copy."""
        self._loaded().restore(state)

    # -- the result -------------------------------------------------------------------------------

    def lora_tensors(self) -> dict[str, tuple[Floats, Floats]]:
        """Return copies of A (r, in) and B (out, r) by module name ("model.layers.0.self_attn.q_proj")."""
        return self._loaded().lora_tensors()

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
