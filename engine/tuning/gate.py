"""Keep an adapter only if it helps on chunks that it was not trained on, and as strong as it harms nothing else."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from engine.tuning.examples import Encoded, unrelated_documents
from engine.tuning.lora import Tuner
from engine.tuning.recipe import MIN_HELD_OUT
from engine.types import Chunk, Selected

__all__ = [
    "MOST_HARM",
    "STRENGTH",
    "WEAKER",
    "Budget",
    "Gate",
    "GateResult",
    "Unrelated",
    "choose_held_out",
    "harm_of",
    "judge",
]

# By which the loss on the gate's few unrelated texts may rise, so that no others' rises by more than 2 %.
MOST_HARM = 0.005
# Of what was trained, the share that is used. An adapter drawn back towards its base keeps its worth and loses most of
# its harm (as whole models do: Wortsman et al. 2022, arXiv 2109.01903).
STRENGTH = 0.75
# The shares that are tried where that harms, and what of STRENGTH they are.
WEAKER = {0.5: "two thirds of", 0.375: "half", 0.25: "a third of"}


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
    strength: float = STRENGTH  # the share of what was trained that was judged


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


class Unrelated:
    """What has nothing to do with the repository, and how much worse it becomes."""

    def __init__(self, tuner: Tuner, *, check: Callable[[], None] | None = None) -> None:
        """``check`` is called before every pass, and may raise to end it."""
        self._tuner, self._check = tuner, check
        self._losses = {kind: tuner.untuned_losses(texts, check=check) for kind, texts in unrelated_documents().items()}

    def harm(self) -> dict[str, float]:
        """Return by which share the loss on each kind has risen under the present adapter."""
        return {
            kind: harm_of(before, self._tuner.losses(texts, check=self._check))
            for kind, (texts, before) in self._losses.items()
        }


class Budget:
    """How many of the planned steps a run takes: more, again and again, as long as they harm nothing else.

    More steps teach more, but harm grows faster, and what harms is weakened or dropped in the end. So learning ends
    where harm begins, which is a matter of the question's chunks.
    """

    def __init__(self, tuner: Tuner, steps: int, unrelated: Unrelated) -> None:
        self._tuner, self._steps, self._unrelated = tuner, steps, unrelated
        self.last = tuner.recipe.first_steps(steps)  # the step that the run ends with, as far as is known
        self.harm: dict[str, float] | None = None  # at STRENGTH, where that is why the run ends

    def after_step(self, number: int) -> int | None:
        """Return the step to end with from now on, None for no change; ``Tuner.train`` asks after each step."""
        if number < self.last or self.last == self._steps:
            return None
        trained = self._tuner.state()
        self._tuner.weaken(STRENGTH)
        harm = self._unrelated.harm()
        self._tuner.restore(trained)
        if max(harm.values()) > 0.0:
            self.harm = harm
            return None
        self.last = self._tuner.recipe.more_steps(self.last, self._steps)
        return self.last


class Gate:
    """Looks at a tuner before and after a run."""

    def __init__(self, tuner: Tuner, unseen: Sequence[Encoded], *, check: Callable[[], None] | None = None) -> None:
        """Look at a fresh adapter; ``check`` is called before every pass, and may raise to end it."""
        self._tuner, self._unseen, self._check = tuner, unseen, check
        self.unrelated = Unrelated(tuner, check=check)
        tuner.reset()
        self.before = tuner.losses(unseen, check=check)

    def now(self) -> list[float]:
        """Return the losses of the held-out candidates under the present adapter."""
        return self._tuner.losses(self._unseen, check=self._check)

    def settle(self, harm: Mapping[str, float] | None = None) -> GateResult:
        """Judge what was trained; what helps and harms is made weaker until it does no harm, or is dropped.

        ``harm`` is that at STRENGTH, where it is known already.
        """
        self._tuner.weaken(STRENGTH)
        at_first = verdict = judge(self.before, self.now(), harm or self.unrelated.harm())
        for strength, words in WEAKER.items():
            if not verdict.harmed:
                break
            self._tuner.weaken(strength / verdict.strength)
            harm = self.unrelated.harm()
            if max(harm.values()) > MOST_HARM:
                verdict = replace(verdict, strength=strength)
                continue
            verdict = replace(judge(self.before, self.now(), harm), strength=strength)
            if verdict.keep:
                why = f"It is used at {words} its strength: at all of it {at_first.harmed} would become worse."
                return replace(verdict, reason=f"{verdict.reason} {why}")
        return verdict if verdict.keep else replace(at_first, strength=verdict.strength)
