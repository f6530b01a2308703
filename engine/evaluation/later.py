"""Repositories at a revision with the functions that they have since, ready to be measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from engine.errors import UsageError
from engine.evaluation.perplexity import NOTHING, Later
from engine.evaluation.snapshot import open_snapshot
from engine.evaluation.targets import new_functions, sources_at
from engine.evaluation.unrelated import code_of
from engine.repository import git
from engine.types import CancelToken, Encoder, Progress

__all__ = ["TARGETS", "open_later"]

TARGETS = 30
_SAMPLED = 120  # functions: nothing like any of them is learned, however many are measured


@contextmanager
def open_later(
    since: Sequence[tuple[Path, str]],
    *,
    targets: int = TARGETS,
    threads: int,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
    cancel: CancelToken | None = None,
) -> Iterator[list[Later]]:
    """Index each folder as of its revision and yield it with up to ``targets`` functions that HEAD has since.

    The folders are only read, through git; nothing is checked out. A smaller number of targets is the beginning of a
    larger one. The code that has nothing to do with a repository is that of the next one. Raises UsageError when git
    does not know a revision, a repository has nothing new, or two have the same name, and what the stages raise.
    """
    names = [root.name for root, _ in since]
    if len(set(names)) < len(names):
        raise UsageError("two of the repositories have the same name")
    if encoder is None:
        from engine.embedding.encoder import TransformerEncoder

        encoder = TransformerEncoder(threads=threads)
    then = [sources_at(root, revision) for root, revision in since]
    foreign = [code_of(sources) for sources in then]
    found: list[Later] = []
    with ExitStack() as stack:
        for number, (root, revision) in enumerate(since):
            new = new_functions(then[number], sources_at(root, "HEAD"), max(targets, _SAMPLED))
            if not new:
                raise UsageError(NOTHING if len(since) == 1 else f"{root.name}: {NOTHING}")
            commit = git.commit_of(root, revision)
            opened = open_snapshot(
                root, commit, then[number], threads=threads, encoder=encoder, progress=progress, cancel=cancel
            )
            snapshot = stack.enter_context(opened)
            found.append(
                Later(
                    root.name,
                    commit,
                    targets=new[:targets],
                    chunks=snapshot.chunks,
                    retrieve=snapshot.retrieve,
                    chunks_in=snapshot.chunks_in,
                    others=new[targets:],
                    foreign=foreign[(number + 1) % len(since)] if len(since) > 1 else (),
                )
            )
        yield found
