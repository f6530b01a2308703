"""Commits as questions: the subject says what somebody wanted, the changed files are where it had to be done.

Left out, and counted by reason, are merges; commits whose subject is routine (releases, version bumps, dependency
and changelog updates, reverts, fix-ups); subjects of fewer than three words or that came before; commits that
changed more than ten files; and those that changed nothing that was indexed but changelogs.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from engine.errors import UsageError
from engine.evaluation.evidence import Question
from engine.repository import git
from engine.types import Commit

__all__ = ["MOST_FILES", "Tasks", "recent_tasks", "tasks_from"]

MOST_FILES = 10  # a commit that changes more is a sweep through the code, which no question is about
_FEWEST_WORDS = 3
_LOOKED_AT = 3  # commits for each question wanted; about half of them are left out
_NUMBER = re.compile(r"\s*\(#\d+\)\s*$")  # of the pull request, which no question has
_ROUTINE = re.compile(
    r"""^\W*(?:merged?|reverts?|wip|releas(?:e|ing)|version)\b
    | ^\W*(?:fixup|squash|amend)!
    | \bbump(?:s|ed|ing)?\b
    | \bv?\d+\.\d+\.\d+
    | \(deps(?:-dev)?\) | \bpre-commit\b.*update
    | ^\W*(?:\w+(?:\(\w+\))?:\s*)?(?:updat|upgrad)(?:e[sd]?|ing)\s+(?:the\s+)?
      (?:dependenc|requirement|constraint|change\s?log|history|release\snote|lock|version|`\w[\w-]*`,)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_CHANGELOG = re.compile(
    r"change_?logs?|changes|history|news|release_?notes?|releases|authors|contributors", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Tasks:
    """Questions made of commits, oldest first, and how many commits were left out for which reason."""

    questions: tuple[Question, ...]
    left_out: Mapping[str, int]


def tasks_from(history: Iterable[tuple[Commit, list[str]]], known: Collection[str], limit: int) -> Tasks:
    """Return up to ``limit`` questions of a history without merges, oldest commit first.

    ``known`` are the indexed paths; changed files that are not among them are no gold.
    """
    found: dict[str, Question] = {}
    left_out: Counter[str] = Counter()
    for commit, paths in history:
        if len(found) == limit:
            break
        subject = _NUMBER.sub("", commit.subject).strip()
        gold = tuple(path for path in paths if path in known and not _is_changelog(path))
        reason = _reason(subject, paths, gold, found)
        if reason:
            left_out[reason] += 1
        else:
            found[subject] = Question(subject, gold)
    return Tasks(tuple(found.values()), dict(left_out))


def recent_tasks(root: Path, limit: int) -> tuple[Question, ...]:
    """Return up to ``limit`` questions made of the last commits of a repository, about the files that it has now.

    Raises UsageError when git cannot read the history.
    """
    try:
        commits = list(git.changes_since(root, None, git.commit_of(root, "HEAD"), most=_LOOKED_AT * limit))
    except git.GitFailed as error:
        raise UsageError(f"the commits of {root} cannot be read: {error}") from error
    return tasks_from(commits[::-1], git.tracked(root), limit).questions


def _reason(subject: str, paths: list[str], gold: tuple[str, ...], found: Collection[str]) -> str:
    if _ROUTINE.search(subject):
        return "routine"
    if len(subject.split()) < _FEWEST_WORDS:
        return "short subject"
    if len(paths) > MOST_FILES:
        return "many files"
    if not gold:
        return "no indexed file"
    return "repeated" if subject in found else ""


def _is_changelog(path: str) -> bool:
    named = [part.replace("-", "_") for part in PurePosixPath(path).with_suffix("").parts]
    folders = named[:-1] if path.endswith(".py") else named  # changes.py is code
    return any(map(_CHANGELOG.fullmatch, folders))
