"""The frozen model that an adapter is trained on: its weights as inference has them, in as little memory as planned."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import torch
from torch.utils.checkpoint import checkpoint

from engine.errors import ModelError
from engine.models import InstalledModel
from engine.models.folder import read_tensors
from engine.models.reading import inference_weights
from engine.tuning.plan import TuningPlan
from engine.tuning.quantised import BLOCK, QuantisedLinear

__all__ = ["base_weights", "compute_again", "load_base"]


def load_base(model: InstalledModel, plan: TuningPlan) -> Any:
    """Return the transformers model with frozen weights, on the processor; ModelError when it cannot be loaded."""
    from transformers.utils import logging

    logging.disable_progress_bar()
    read_tensors(model.weights)  # names what is missing or damaged, which safetensors does not
    try:
        causal = _in_full(model) if plan.base == "float32" else _in_less(model, plan)
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"the weights in {model.weights} cannot be loaded: {error}") from error
    for weight in causal.parameters():
        weight.requires_grad_(False)
    return causal


def compute_again(layers: torch.nn.ModuleList) -> None:
    """Let each layer keep nothing of its way forwards but its input, and compute the rest again on the way back."""
    for layer in layers:
        layer.forward = partial(checkpoint, layer.forward, use_reentrant=False, preserve_rng_state=False)


def _options(model: InstalledModel) -> dict[str, Any]:
    # Gemma 2 bounds its attention scores, which the fused kernels leave out.
    return {"attn_implementation": "eager"} if model.architecture == "gemma2" else {}


def _in_full(model: InstalledModel) -> Any:
    from transformers import AutoModelForCausalLM

    try:
        causal = AutoModelForCausalLM.from_pretrained(
            model.weights, dtype=torch.float32, local_files_only=True, use_safetensors=True, **_options(model)
        )
    except RuntimeError as error:
        from engine.models.devices import is_out_of_memory

        if is_out_of_memory(error):
            raise
        raise ModelError(f"the weights in {model.weights} cannot be loaded: {error}") from error
    with torch.no_grad():
        for name, values in inference_weights(model.weights, model.gguf):
            causal.get_parameter(name).copy_(torch.from_numpy(values))
    return causal


def _in_less(model: InstalledModel, plan: TuningPlan) -> Any:
    """Build the model without weights and bring in one tensor at a time, so that it is never in memory in full."""
    from accelerate import init_empty_weights
    from transformers import AutoConfig, AutoModelForCausalLM

    dtype = torch.bfloat16 if plan.base == "bfloat16" else torch.float32
    config = AutoConfig.from_pretrained(model.weights, local_files_only=True)
    with init_empty_weights(include_buffers=False):
        causal = AutoModelForCausalLM.from_config(config, dtype=dtype, **_options(model))
    for name, values in base_weights(model):
        place, _, kind = name.rpartition(".")
        module = causal.get_submodule(place)
        in_a_byte = plan.base == "int8" and ".layers." in name and isinstance(module, torch.nn.Linear)
        if in_a_byte and kind == "weight" and values.shape[1] % BLOCK == 0:
            above, _, called = place.rpartition(".")
            setattr(causal.get_submodule(above), called, QuantisedLinear(values, module.bias))
        else:
            setattr(module, kind, torch.nn.Parameter(values.to(dtype), requires_grad=False))
    causal.tie_weights()
    missing = [name for name, weight in causal.named_parameters() if weight.is_meta]
    if missing:
        raise ModelError(f"the model folder {model.weights} lacks the weights of {missing[0]}")
    return causal


def base_weights(model: InstalledModel) -> Iterator[tuple[str, torch.Tensor]]:
    """Yield every weight in float32, once: as inference has it where that differs from the files."""
    seen = set()
    for name, values in inference_weights(model.weights, model.gguf):
        seen.add(name)
        yield name, torch.from_numpy(values)
    tied = model.shape is not None and model.shape.tied
    for name, entry in read_tensors(model.weights).items():
        if name not in seen and not name.endswith("rotary_emb.inv_freq") and not (tied and name == "lm_head.weight"):
            yield name, torch.from_numpy(entry.load().astype("float32"))
