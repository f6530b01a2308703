"""A small repository made by hand, and everything that is needed to index it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from engine.embedding.cache import EmbeddingCache
from engine.embedding.static import StaticEncoder
from engine.index.retriever import Retriever
from engine.index.store import Store
from engine.index.updater import Updater, UpdateReport
from engine.index.vectors import VectorIndex
from engine.types import Chunk, Commit, Floats, ParsedFile, Reference, SkippedFile, SourceFile, Symbol, sha256_hex

CHUNKER = "test-1"
COMMIT = Commit("c0ffee", "2024-05-01", "A. Author", "First")

FILES = {
    "src/app.py": (
        "class Flask(Scaffold):\n    def run(self, host):\n        self.serve(host)\n\n"
        "def find_error_handler(error):\n    return lookup(error)\n"
    ),
    "src/json.py": "def dumps(value):\n    return encode(value)\n\ndef loads(text):\n    return decode(text)\n",
    "docs/errors.md": "# Error handlers\n\nHandlers are looked up by class, the most specific one first.\n",
    "README.md": "# A small web framework\n\nRoutes requests to functions.\n",
}
CHUNKS = 8  # that ``parse`` makes of them


class CountingEncoder:
    """The static encoder under another name, remembering what it was asked."""

    dimensions = StaticEncoder.dimensions

    def __init__(self, encoder: StaticEncoder, name: str) -> None:
        self.id = name
        self.texts: list[str] = []
        self._encoder = encoder

    def encode(self, texts: Sequence[str]) -> Floats:
        self.texts += texts
        return self._encoder.encode(texts)


def source(path: str, text: str, *, mtime_ns: int = 1, commit: Commit | None = COMMIT) -> SourceFile:
    language = "python" if path.endswith(".py") else "markdown"
    return SourceFile(path, text, sha256_hex(text), language, len(text.encode()), mtime_ns, commit)


def parse(file: SourceFile) -> ParsedFile:
    """A parser for the small repository: a chunk for each paragraph, symbols of ``def`` and ``class`` lines."""
    chunks: list[Chunk] = []
    symbols: list[Symbol] = []
    uses: list[Reference] = []
    line, date = 1, file.commit.date if file.commit else ""
    for paragraph in file.text.split("\n\n"):
        rows = paragraph.rstrip("\n").split("\n")
        last = line + len(rows) - 1
        name = ""
        for number, row in enumerate(rows, start=line):
            stripped = row.strip()
            if stripped.startswith(("def ", "class ")):
                kind, rest = stripped.split(" ", 1)
                own = rest.split("(")[0]
                bases = tuple(rest.split("(")[1].rstrip("):").split(", ")) if kind == "class" else ()
                qualified = f"{name}.{own}" if row.startswith(" ") else own
                symbols.append(
                    Symbol(own, qualified, "class" if kind == "class" else "function", file.path, number, last,
                           stripped, "", (), bases)
                )  # fmt: skip
                uses += [Reference("inherit", base, file.path, number, own, base) for base in bases]
                name = name or qualified
            elif "(" in stripped and file.language == "python":
                target = stripped.removeprefix("return ").split("(")[0]
                scope = symbols[-1].qualified if symbols else ""
                uses.append(Reference("call", target.rsplit(".", 1)[-1], file.path, number, scope, target))
        text = "\n".join(rows)
        chunks.append(Chunk(file.path, line, last, text, "block", file.language, name, date=date))
        line = last + 2
    return ParsedFile(file.path, tuple(chunks), tuple(symbols), tuple(uses))


def files(changes: dict[str, str] | None = None) -> list[SourceFile | SkippedFile]:
    return [source(path, text) for path, text in sorted({**FILES, **(changes or {})}.items())]


class Bench:
    """Store, tiers, updater and retriever over one directory and one cache."""

    def __init__(
        self,
        directory: Path,
        cache: EmbeddingCache,
        static: CountingEncoder,
        best: CountingEncoder,
        *,
        exact_up_to: int = 20_000,
        read_only: bool = False,
    ) -> None:
        self.directory, self.cache, self.static, self.best = directory, cache, static, best
        self.store = Store(directory, read_only=read_only)
        self.tiers = [
            VectorIndex("static", self.store, cache, static, chunker=CHUNKER, exact_up_to=exact_up_to),
            VectorIndex("transformer", self.store, cache, best, chunker=CHUNKER, exact_up_to=exact_up_to),
        ]
        self.updater = Updater(self.store, self.tiers, parse=parse, chunker=CHUNKER)
        self.retriever = Retriever(self.store, self.tiers[::-1])

    def update(self, scanned: Iterable[SourceFile | SkippedFile] | None = None) -> UpdateReport:
        return self.updater.update(files() if scanned is None else scanned)

    def again(self, **options: int | bool) -> Bench:
        """The same, opened a second time, as another process would."""
        return Bench(self.directory, self.cache, self.static, self.best, **options)  # type: ignore[arg-type]

    def close(self) -> None:
        self.store.close()
