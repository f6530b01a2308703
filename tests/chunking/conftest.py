from __future__ import annotations

from engine.chunking import parse
from engine.languages import language_of
from engine.types import Commit, ParsedFile, SourceFile, sha256_hex


def source(path: str, text: str, language: str = "", commit: Commit | None = None) -> SourceFile:
    """Return a file as the repository stage would give it."""
    data = text.encode("utf-8", "surrogatepass")
    return SourceFile(path, text, sha256_hex(data), language or language_of(path, text), len(data), 0, commit)


def parsed(path: str, text: str, language: str = "") -> ParsedFile:
    return parse(source(path, text, language))


def check_cover(text: str, found: ParsedFile) -> None:
    """Every line is in exactly one chunk, in order, and every chunk is exactly its lines."""
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    at = 1
    for chunk in found.chunks:
        assert chunk.first_line == at
        assert chunk.last_line >= chunk.first_line
        assert chunk.text == "\n".join(lines[chunk.first_line - 1 : chunk.last_line])
        at = chunk.last_line + 1
    assert at == len(lines) + 1


def kinds(found: ParsedFile) -> dict[str, str]:
    return {symbol.qualified: symbol.kind for symbol in found.symbols}


def uses(found: ParsedFile) -> set[str]:
    """Return references as "scope kind name"."""
    return {f"{each.scope or '-'} {each.kind} {each.name}" for each in found.references}
