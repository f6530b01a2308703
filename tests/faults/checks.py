"""What must hold of an index at any moment: it does not contradict itself, nor the folder, nor an index made anew."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.types import Candidates
from engine.workspace import Workspace
from tests.faults.instrumented import LoggedWorkspace
from tests.faults.repository import QUESTIONS

__all__ = ["answers", "at_home", "contradictions", "differences", "misquotations", "opened"]

Answers = dict[str, list[tuple[float, str]]]  # question -> (score, what was found where), best first

_LISTS = {"symbols", "uses", "files", "left out", "tier", "conversations"}
_NONE_OF = {
    "chunks without a file": "SELECT count(*) FROM chunks WHERE file_id NOT IN (SELECT id FROM files)",
    "symbols without a file": "SELECT count(*) FROM symbols WHERE file_id NOT IN (SELECT id FROM files)",
    "uses without a file": "SELECT count(*) FROM uses WHERE file_id NOT IN (SELECT id FROM files)",
    "files without chunks": "SELECT count(*) FROM files WHERE id NOT IN (SELECT file_id FROM chunks) AND size > 0",
    "chunks without terms": "SELECT count(*) FROM chunks WHERE id NOT IN (SELECT rowid FROM chunk_terms)",
    "terms without a chunk": "SELECT count(*) FROM chunk_terms WHERE rowid NOT IN (SELECT id FROM chunks)",
    "labels both dead and alive": "SELECT count(*) FROM chunks WHERE id IN (SELECT chunk_id FROM tombstones)",
    "labels dead twice": "SELECT count(*) - count(DISTINCT chunk_id) FROM tombstones",
    "files both taken and left out": "SELECT count(*) FROM files WHERE path IN (SELECT path FROM skipped)",
}


@contextmanager
def at_home(home: Path) -> Iterator[None]:
    """Let ``home`` be the folder of all that the program writes."""
    before = os.environ.get("SIDETUNE_HOME")
    os.environ["SIDETUNE_HOME"] = str(home)
    try:
        yield
    finally:
        if before is None:
            del os.environ["SIDETUNE_HOME"]
        else:
            os.environ["SIDETUNE_HOME"] = before


@contextmanager
def opened(home: Path, root: Path, log: Path | None = None) -> Iterator[LoggedWorkspace]:
    """Open the workspace of ``root`` in ``home``; the log of embeddings lies beside that if no place is named."""
    with at_home(home):
        workspace = LoggedWorkspace(root, log or home.with_suffix(".log"))
        try:
            yield workspace
        finally:
            workspace.close()


def contradictions(workspace: Workspace) -> list[str]:
    """Return in what the index contradicts itself."""
    found = []
    with workspace._store.snapshot() as connection:
        verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
        if verdict != "ok":
            found.append(f"index.sqlite: {verdict}")
        for what, query in _NONE_OF.items():
            count = connection.execute(query).fetchone()[0]
            if count:
                found.append(f"{count} {what}")
    with workspace._store._database.write() as connection:  # says so by failing
        connection.execute("INSERT INTO chunk_terms (chunk_terms) VALUES ('integrity-check')")
    with workspace._cache._database.read() as connection:
        verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
        if verdict != "ok":
            found.append(f"embeddings.sqlite: {verdict}")
    return found


def misquotations(workspace: Workspace) -> list[str]:
    """Ask every question as ``ask`` does, after a refresh; return what is cited and does not stand there."""
    workspace.refresh()
    wrong = []
    for question in QUESTIONS:
        for each in workspace.search(question, limit=16)[0]:
            chunk = each.chunk
            if workspace.reread(chunk.path, chunk.first_line, chunk.last_line) != chunk.text:
                wrong.append(f"{chunk.path}:{chunk.first_line}-{chunk.last_line}")
    return wrong


def answers(workspace: Workspace) -> Answers:
    """Return what every question finds, and what the symbol graph says of some names."""
    found = {question: _found(workspace.candidates(question)) for question in QUESTIONS}
    symbols = [
        (
            1.0,
            f"{path}:{each.first_line}-{each.last_line} {each.qualified} {each.signature} {each.doc} {each.parameters}",
        )
        for path in workspace.table.files()
        for each in workspace.table.symbols_in(path)
    ]
    uses = [
        (1.0, f"{each.kind} {each.path}:{each.line} {each.scope} {each.target}")
        for path in workspace.table.files()
        for symbol in workspace.table.symbols_in(path)
        for each in workspace.table.calls_in(path, symbol.qualified)
    ]
    files, left_out = workspace.listing()
    return found | {
        "symbols": sorted(symbols),
        "uses": sorted(uses),
        "files": [(1.0, path) for path in files],
        "left out": [(1.0, f"{each.path} {each.reason}") for each in left_out],
        "tier": [(1.0, workspace.state().tier)],
    }


def _found(candidates: Candidates) -> list[tuple[float, str]]:
    return [
        (float(score), f"{chunk.path}:{chunk.first_line}-{chunk.last_line} {chunk.symbol} {chunk.date}\n{chunk.text}")
        for score, chunk in zip(candidates.scores, candidates.chunks, strict=True)
    ]


def differences(found: Answers, expected: Answers) -> list[str]:
    """Return the questions whose answers differ.

    Of the candidates for a question the second half may: where the words that match are equally rare, which of the
    last ones come in depends on the order in which files were read.
    """
    wrong = []
    for question in expected.keys() | found.keys():
        ours, theirs = found.get(question, []), expected.get(question, [])
        if question in _LISTS:
            if ours != theirs:
                wrong.append(
                    f"{question}: {len(set(theirs) - set(ours))} missed, {len(set(ours) - set(theirs))} invented"
                )
            continue
        scores, others = ({what: score for score, what in each} for each in (ours, theirs))
        clear = theirs[len(theirs) // 2][0] + 1e-4 if theirs else 0.0
        missed = [what for what, score in others.items() if score > clear and what not in scores]
        invented = [what for what, score in scores.items() if score > clear and what not in others]
        moved = [what for what in scores.keys() & others.keys() if abs(scores[what] - others[what]) > 1e-3]
        if missed or invented or moved:
            wrong.append(f"{question}: {len(missed)} missed, {len(invented)} invented, {len(moved)} scored otherwise")
    return wrong
