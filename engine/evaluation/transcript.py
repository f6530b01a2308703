"""Every question with its right answer and what each arm made of it: a JSON object a line, unedited.

The first line holds the settings. A run that was stopped goes on where it was, if the settings are the same.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.errors import StorageError, UsageError
from engine.evaluation.arms import Examined
from engine.evaluation.asking import AnswerQuestion
from engine.evaluation.marking import cites, holds, is_exact, of_facts, overlap
from engine.types import sha256_hex

__all__ = ["Row", "Transcript", "key_of", "row_of"]

Row = Mapping[str, Any]


def key_of(repository: str, question: AnswerQuestion) -> str:
    """Return what a question is found by."""
    said = [repository, question.kind, question.sort, question.question, *(each.question for each in question.history)]
    return sha256_hex("\n".join(said))[:16]


def row_of(repository: str, question: AnswerQuestion, found: Examined) -> Row:
    """Return everything about one question as a JSON object, with what was right of it."""
    gold = question.gold
    return {
        "key": key_of(repository, question),
        "repository": repository,
        "kind": question.kind,
        "sort": question.sort,
        "manner": question.manner,
        "history": [[each.question, each.answer] for each in question.history],
        "question": question.question,
        "gold": asdict(gold) if gold is not None else None,
        "found": holds(found.shown, gold) if gold is not None else None,
        "confidence": found.level,
        "missing": list(found.missing),
        "shown": [list(each) for each in found.shown],
        "first_line": _quotation(question, found.first_line),
        "highlight": _quotation(question, found.highlight),
        "facts": {
            "texts": [each.text for each in found.facts],
            "exact": of_facts(question.kind, found.facts, gold) if gold is not None else None,
        },
        "arms": {arm: _arm(question, found, arm) for arm in found.answers},
    }


def _quotation(question: AnswerQuestion, line: str) -> dict[str, Any]:
    """Return how good an answer the bare line would be."""
    if question.gold is None:
        return {"text": line}
    text = f"`{line.strip()}`" if line.strip() else ""
    return {
        "text": line,
        "exact": is_exact(question.kind, text, question.gold),
        "overlap": overlap(line, question.gold),
    }


def _arm(question: AnswerQuestion, found: Examined, arm: str) -> dict[str, Any]:
    answered = found.answers[arm]
    value = asdict(answered)
    if question.gold is not None:
        precision = cites(answered.citations, question.gold)
        value["exact"] = is_exact(question.kind, answered.text, question.gold)
        value["overlap"] = overlap(answered.text, question.gold)
        value["citation_precision"] = None if math.isnan(precision) else precision
    return value


class Transcript:
    """The rows of one run, kept in a file where one is given."""

    def __init__(self, path: Path | None, settings: Mapping[str, Any]) -> None:
        """Read what a run with the same settings has left in the file, or begin it.

        UsageError for a file that holds something else, StorageError when it cannot be read or written.
        """
        self._path = path
        self._rows: dict[str, Row] = {}
        if path is None:
            return
        try:
            if path.exists() and path.stat().st_size:
                self._resume(path, settings)
            else:
                path.write_text(_line({"settings": settings}), encoding="utf-8")
        except OSError as error:
            raise StorageError(f"{path} cannot be written: {error.strerror}") from error

    def _resume(self, path: Path, settings: Mapping[str, Any]) -> None:
        lines = path.read_bytes().split(b"\n")
        try:
            before = json.loads(lines[0])["settings"]
        except (ValueError, KeyError, TypeError):
            before = None
        if not isinstance(before, dict):
            raise UsageError(f"{path} is not the transcript of an evaluation; name another file")
        if before != json.loads(_line(dict(settings))):
            differing = ", ".join(sorted(name for name in settings if before.get(name) != _plain(settings[name])))
            raise UsageError(f"{path} belongs to a run with other settings ({differing}); name another file")
        whole = lines[:-1]  # what stands behind the last line's end was being written when the run was killed
        for line in whole[1:]:
            row = json.loads(line)
            self._rows[row["key"]] = row
        if lines[-1]:
            with path.open("r+b") as stream:
                stream.truncate(sum(len(line) + 1 for line in whole))

    def __contains__(self, key: str) -> bool:
        return key in self._rows

    def __getitem__(self, key: str) -> Row:
        return self._rows[key]

    def add(self, row: Row) -> None:
        """Take one finished question; StorageError when it cannot be written."""
        line = _line(row)
        self._rows[row["key"]] = json.loads(line)  # as it is when it is read again
        if self._path is None:
            return
        try:
            with self._path.open("a", encoding="utf-8") as stream:
                stream.write(line)
        except OSError as error:
            raise StorageError(f"{self._path} cannot be written: {error.strerror}") from error


def _plain(value: object) -> object:
    return json.loads(json.dumps(value))


def _line(value: Mapping[str, Any]) -> str:
    return json.dumps(value) + "\n"  # ASCII: an undecodable file name can be written, too
