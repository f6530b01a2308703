"""Keep an adapter only if it helps on chunks that it was not trained on, and as strong as it harms nothing else."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from engine.tuning.examples import Encoded, unrelated_documents
from engine.tuning.lora import Tuner
from engine.tuning.recipe import MIN_HELD_OUT
from engine.types import Chunk, Selected

__all__ = ["MOST_HARM", "STRENGTHS", "Gate", "GateResult", "choose_held_out", "harm_of", "judge"]

# By which the loss on the gate's few unrelated texts may rise, so that no others' rises by more than 2 %.
MOST_HARM = 0.0075
# What an adapter costs elsewhere falls with the square of its strength, what it is worth only in proportion.
STRENGTHS = (1.0, 0.5, 0.25)


@dataclass(frozen=True, slots=True)
class GateResult:
    """What the gate measured; losses in nats a token, means over the held-out candidates."""

    keep: bool
    loss_before: float
    loss_after: float
    improvement: float  # mean of the paired differences, before minus after
    standard_error: float  # of that mean
    reason: str  # one sentence for the user
    harmed: str = ""  # what became worse by too much, though it helps
    strength: float = 1.0  # of the adapter that was judged, as a share of what was trained


def choose_held_out(ranked: Sequence[Chunk], selected: Sequence[Selected], limit: int = 8) -> tuple[Chunk, ...]:
    """Return the best candidates that are not trained on, at most ``limit``.

    ``ranked`` holds the candidates, best first. One of which a line is trained on is left out, and so is one whose
    text equals a trained one's: it would improve however useless the adapter is.
    """
    trained = [each.chunk for each in selected]
    seen = {chunk.text.strip() for chunk in trained}
    found: list[Chunk] = []
    for chunk in ranked:
        text = chunk.text.strip()
        if not text or text in seen or any(_share_lines(chunk, each) for each in trained):
            continue
        seen.add(text)
        found.append(chunk)
        if len(found) == limit:
            break
    return tuple(found)


def _share_lines(a: Chunk, b: Chunk) -> bool:
    return a.path == b.path and a.first_line <= b.last_line and b.first_line <= a.last_line


def harm_of(before: Sequence[float], after: Sequence[float]) -> float:
    """Return by which share the mean loss has risen, negative when it has fallen; ValueError without a loss."""
    if not before or len(before) != len(after):
        raise ValueError(f"{len(before)} losses before and {len(after)} after: as many pairs are needed")
    return sum(after) / sum(before) - 1


def judge(before: Sequence[float], after: Sequence[float], harm: Mapping[str, float] | None = None) -> GateResult:
    """Compare the losses of the same held-out candidates before and after training.

    The adapter is kept when the mean paired improvement exceeds its standard error (sample standard
    deviation over √n) and no kind of unrelated text has become worse by more than ``MOST_HARM``: ``harm`` says by how
    much each has, as a share of its loss. Raises ValueError unless both have the same length of at least two.
    """
    count = len(before)
    if count != len(after) or count < MIN_HELD_OUT:
        raise ValueError(f"{count} losses before and {len(after)} after: at least {MIN_HELD_OUT} pairs are needed")
    differences = [first - second for first, second in zip(before, after, strict=True)]
    mean = sum(differences) / count
    error = math.sqrt(sum((each - mean) ** 2 for each in differences) / (count - 1) / count)
    loss_before, loss_after = sum(before) / count, sum(after) / count
    kind, worst = max((harm or {"": 0.0}).items(), key=lambda entry: entry[1])
    measured = f"from {loss_before:.3f} to {loss_after:.3f} on {count} related chunks it had not trained on"
    if mean <= 0:
        reason = f"Dropped: the loss went {measured}."
    elif mean <= error:
        reason = f"Dropped: the loss fell {measured}, but that is within chance."
    elif worst > MOST_HARM:
        reason = f"Dropped: the loss fell {measured}, but on {kind} it rose by {100 * worst:.1f} %."
    else:
        reason = f"The loss fell {measured}."
    helps = mean > error
    harmed = kind if helps and worst > MOST_HARM else ""
    return GateResult(helps and not harmed, loss_before, loss_after, mean, error, reason, harmed)


class Gate:
    """Looks at a tuner before and after a run."""

    def __init__(self, tuner: Tuner, unseen: Sequence[Encoded], *, check: Callable[[], None] | None = None) -> None:
        """Look at a fresh adapter; ``check`` is called before every pass, and may raise to end it."""
        self._tuner, self._unseen, self._check = tuner, unseen, check
        self._unrelated = {
            kind: tuner.untuned_losses(texts, check=check) for kind, texts in unrelated_documents().items()
        }
        tuner.reset()
        self.before = tuner.losses(unseen, check=check)

    def now(self) -> list[float]:
        """Return the losses of the held-out candidates under the present adapter."""
        return self._tuner.losses(self._unseen, check=self._check)

    def settle(self) -> GateResult:
        """Judge what was trained; what helps and harms is made weaker until it does no harm, or is dropped."""
        at_first = verdict = self._look()
        for stronger, strength in itertools.pairwise(STRENGTHS):
            if not verdict.harmed:
                break
            self._tuner.weaken(strength / stronger)
            verdict = replace(self._look(), strength=strength)
        if verdict.strength < 1.0:
            if not verdict.keep:
                return replace(at_first, strength=verdict.strength)
            share = {0.5: "half", 0.25: "a quarter of"}[verdict.strength]
            why = f"It is used at {share} its strength: at all of it {at_first.harmed} would become worse."
            verdict = replace(verdict, reason=f"{verdict.reason} {why}")
        return verdict

    def _look(self) -> GateResult:
        harm = {
            kind: harm_of(losses, self._tuner.losses(texts, check=self._check))
            for kind, (texts, losses) in self._unrelated.items()
        }
        return judge(self.before, self.now(), harm)
