"""The second run: from a model that continues code to one that answers from evidence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from basemodel.batches import Blocks, Dialogues, Reading
from basemodel.device import Hardware
from basemodel.model import Llama, readable
from basemodel.questions import DECISION, IGNORED, IN_ANSWER, PADDING
from basemodel.recipe import ModelConfig, ReadingRecipe
from basemodel.schedule import rate_factor
from basemodel.train import Optimised
from basemodel.vocabulary import special_id

__all__ = ["Judge", "Reader", "ReadingData", "Scored", "open_reading", "score"]

_JUDGED_BLOCKS = 40


@dataclass(slots=True)
class ReadingData:
    """Code to go on reading, dialogues in short and in long blocks, and those that are held out."""

    code: Blocks
    short: Dialogues
    long: Dialogues
    judged: Dialogues


def open_reading(folder: Path, seed: int) -> ReadingData:
    """Open the files of the work directory."""
    return ReadingData(
        Blocks(folder / "train.bin", seed),
        Dialogues(folder / "answers-1024.npy", seed),
        Dialogues(folder / "answers-2048.npy", seed),
        Dialogues(folder / "judged-1024.npy", 0),
    )


@dataclass(frozen=True, slots=True)
class Scored:
    """How the model answers held-out questions, each token given those before it: all right means greedily right."""

    questions: int
    exact: float  # share of answerable questions whose every token is the likeliest one
    cited: float  # share of answerable questions whose every citation is
    refused: float  # share of unanswerable questions
    refused_wrongly: float  # share of answerable ones
    loss: float  # nats a token of an answer


class Reader(Optimised):
    """A model that learns to read; one ``step`` is one update."""

    def __init__(self, config: ModelConfig, recipe: ReadingRecipe, data: ReadingData, hardware: Hardware) -> None:
        super().__init__(config, recipe, hardware)
        self.data = data
        self.recipe: ReadingRecipe = recipe

    def begin(self, weights: dict[str, Tensor]) -> None:
        """Start from the weights of the first run; the optimisers start anew."""
        self.model.load_state_dict(weights)

    def _reading_losses(self, batch: Reading) -> tuple[Tensor, Tensor]:
        """Return the loss on the answers and the loss on the evidence: reading it well is learned by foretelling it."""
        table = torch.zeros(4)
        table[IN_ANSWER], table[DECISION] = 1.0, self.recipe.decision_weight
        hidden = self.hidden(batch.inputs, batch.positions, readable(batch.segments.to(self.hardware.device)))
        following = batch.segments.roll(-1, dims=1)
        evidence = (batch.segments == following) & (batch.segments % 16 == 0) & (batch.segments < PADDING)
        evidence[:, -1] = False
        answered = self.cross_entropy(hidden, batch.targets, table[batch.kinds])
        return answered, self.cross_entropy(hidden, batch.targets, evidence.float())

    def _code_loss(self, inputs: Tensor, targets: Tensor) -> Tensor:
        return self.cross_entropy(self.hidden(inputs), targets, torch.ones(inputs.shape))

    def step(self, progress: float) -> dict[str, float]:
        """Take one update at ``progress`` (0..1) of the budget; return its losses in nats a token."""
        recipe = self.recipe
        is_long = progress >= recipe.long_from and self.steps % 2 == 1
        batch = self.data.long.take(recipe.long_blocks) if is_long else self.data.short.take(recipe.short_blocks)
        answered, foretold = self._reading_losses(batch)
        (answered + recipe.code_weight * foretold).backward()  # type: ignore[no-untyped-call]
        losses = {"answers": answered, "evidence": foretold}
        if self.steps % 4 < 2:  # of two short steps one, and of two long ones
            code = self.data.code.take(recipe.code_blocks, recipe.code_length)
            losses["loss"] = self._code_loss(*code)
            (2 * recipe.code_weight * losses["loss"]).backward()  # type: ignore[no-untyped-call]
            self.tokens += code[0].numel()
        self.update(rate_factor(progress, recipe))
        self.tokens += batch.inputs.numel()
        return {name: float(loss.detach()) for name, loss in losses.items()}

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """Return the figures of the held-out dialogues."""
        found = score(self, self.data.judged, _JUDGED_BLOCKS)
        return {
            "validation": found.loss,
            "exact": found.exact,
            "cited": found.cited,
            "refused": found.refused,
            "refused_wrongly": found.refused_wrongly,
        }

    def positions(self) -> dict[str, int]:
        """Return where in the data the run is."""
        return {name: getattr(self.data, name).position for name in ("code", "short", "long")}

    def seek(self, positions: dict[str, int]) -> None:
        """Go on where a run was."""
        for name, position in positions.items():
            getattr(self.data, name).position = position


def _answers(block: Reading) -> Iterator[Tensor]:
    """Yield the places of each answer's targets in a block (1, T)."""
    wanted = block.kinds[0] != IGNORED
    segments = block.segments[0].roll(-1)  # a target belongs to the next token's segment
    for number in sorted(set(segments[wanted].tolist())):
        yield (wanted & (segments == number)).nonzero().flatten()


class Judge:
    """A finished model, read in float32 on the processor."""

    def __init__(self, model: Llama) -> None:
        self.model = model

    def hidden(self, inputs: Tensor, positions: Tensor | None = None, allowed: Tensor | None = None) -> Tensor:
        """Return the last hidden states (B, T, width), see ``Llama.hidden``."""
        return self.model.hidden(inputs, positions, allowed)


def _logits(judge: Judge | Reader, block: Reading) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield the logits (n, vocab) of each answer's tokens in a block (1, T), and their places (n,)."""
    device = judge.model.cos.device
    table = judge.model.model.embed_tokens.weight.float()
    hidden = judge.hidden(block.inputs, block.positions, readable(block.segments.to(device)))
    for places in _answers(block):
        yield (hidden[0, places.to(device)].float() @ table.T).cpu(), places


@torch.no_grad()
def score(judge: Judge | Reader, judged: Dialogues, blocks: int) -> Scored:
    """Return how the model answers the questions of the first blocks."""
    asked = unanswerable = exact = cited = refused = wrongly = 0
    total, tokens = 0.0, 0
    nothing = special_id("<|nothing|>")
    for number in range(min(blocks, len(judged.blocks))):
        block = judged.read([number])
        for logits, places in _logits(judge, block):
            right = block.targets[0, places]
            total += float(functional.cross_entropy(logits, right, reduction="sum"))
            tokens += len(right)
            guessed = logits.argmax(dim=-1)
            says_nothing = int(guessed[0]) == nothing
            if int(right[0]) == nothing:
                unanswerable += 1
                refused += says_nothing
                continue
            decisions = block.kinds[0, places] == DECISION
            asked += 1
            wrongly += says_nothing
            exact += bool((guessed == right).all())
            cited += bool((guessed[decisions] == right[decisions]).all())
    return Scored(
        asked + unanswerable,
        exact / max(1, asked),
        cited / max(1, asked),
        refused / max(1, unanswerable),
        wrongly / max(1, asked),
        total / max(1, tokens),
    )
