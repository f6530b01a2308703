"""The numbers of the bundled model and of its training run, in one place."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from basemodel.vocabulary import VOCAB_SIZE

__all__ = ["BLOCK_TOKENS", "ModelConfig", "ReadingRecipe", "Recipe", "RunningShape"]

BLOCK_TOKENS = 2048  # the unit in which the corpus is shuffled; four short sequences or one long


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """A Llama: pre-norm, rotary, SwiGLU, tied embeddings, no biases."""

    vocab_size: int = VOCAB_SIZE
    hidden_size: int = 256
    layers: int = 8
    heads: int = 4
    mlp_size: int = 688
    context: int = 2048
    rope_theta: float = 10000.0
    norm_eps: float = 1e-5

    @property
    def head_size(self) -> int:
        """Return the width of one attention head."""
        return self.hidden_size // self.heads

    def parameters(self) -> int:
        """Return the number of weights, the tied embedding counted once."""
        width = self.hidden_size
        block = 4 * width * width + 3 * width * self.mlp_size + 2 * width
        return self.vocab_size * width + self.layers * block + width

    def to_dict(self) -> dict[str, int | float]:
        """Return the fields as plain numbers."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Recipe:
    """The first run, which learns to continue code: how long and how fast. Times are fractions of the run."""

    minutes: float = 80.0
    seed: int = 20
    batch_blocks: int = 2  # x 2048 tokens a step: small, since the run is far from using up its data
    short_length: int = 512
    muon_lr: float = 4e-3
    adam_lr: float = 1.5e-3
    weight_decay: float = 0.1
    warmup: float = 0.01
    decay_from: float = 0.62  # then linearly to nothing
    late_from: float = 0.4  # every second step has long sequences from here on


@dataclass(frozen=True, slots=True)
class ReadingRecipe:
    """The second run, which learns to answer from evidence, going on from the first."""

    minutes: float = 120.0
    seed: int = 21
    short_blocks: int = 3  # x 1024 tokens of evidence and questions a step
    long_blocks: int = 2  # x 2048
    code_blocks: int = 1  # x 2048 tokens of the first run's data, every second time, so that it stays a code model
    code_length: int = 512
    muon_lr: float = 1.8e-3
    adam_lr: float = 7e-4
    weight_decay: float = 0.1
    warmup: float = 0.02
    decay_from: float = 0.05  # then linearly to nothing: a model that can read already is only unsettled by more
    long_from: float = 0.2  # every second step has the long blocks from here on
    code_weight: float = 0.5  # of the loss on code, and on the evidence itself, beside 1 for the loss on answers
    decision_weight: float = 2.0  # of a citation or a refusal, beside 1 for any other token of an answer


@dataclass(frozen=True, slots=True)
class RunningShape:
    """What one step of the first run is made of."""

    length: int  # tokens a sequence
