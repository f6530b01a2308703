"""The vocabulary that the stages pass to each other: frozen values, no behaviour beyond arithmetic on them.

Paths are relative to the repository with forward slashes; lines are 1-based and inclusive; times are
seconds, sizes bytes. Vectors are float32 rows of unit length.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]
else:  # the window and ``--help`` speak this vocabulary and have no use for numpy
    Floats = Any

__all__ = [
    "SILENT_ANSWER",
    "Adapter",
    "AdapterState",
    "CancelToken",
    "Candidates",
    "Chunk",
    "ChunkKind",
    "Citation",
    "Commit",
    "Confidence",
    "ConfidenceLevel",
    "Effort",
    "Encoder",
    "Evidence",
    "Fact",
    "Floats",
    "Focus",
    "MissingName",
    "ParsedFile",
    "Progress",
    "Reference",
    "ReferenceKind",
    "Report",
    "Selected",
    "SkippedFile",
    "SourceFile",
    "Symbol",
    "SymbolKind",
    "SymbolTable",
    "Tier",
    "Turn",
    "sha256_hex",
]

SILENT_ANSWER = "The repository does not say."  # what a refusal to answer looks like

Effort = Literal["instant", "balanced", "deep"]
Tier = Literal["lexical", "static", "transformer"]
ChunkKind = Literal["function", "method", "class", "module", "section", "block"]
SymbolKind = Literal["function", "method", "class", "variable", "module", "section"]
ReferenceKind = Literal["call", "import", "inherit"]
ConfidenceLevel = Literal["says", "hints", "silent"]
AdapterState = Literal["tuned", "reused", "skipped", "dropped"]


def sha256_hex(data: bytes | str) -> str:
    """Return the hex SHA-256 of bytes, or of a text's UTF-8 (lone surrogates kept)."""
    if isinstance(data, str):
        data = data.encode("utf-8", "surrogatepass")
    return hashlib.sha256(data).hexdigest()


# -- repository -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Commit:
    """The last commit that touched a file."""

    sha: str
    date: str  # ISO 8601 day, "2024-05-01"
    author: str
    subject: str


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A text file of the repository, read and decoded once."""

    path: str
    text: str  # newlines normalised to "\n"
    sha256: str  # of the bytes on disk
    language: str  # "python", "markdown", … or "text"
    size: int
    mtime_ns: int
    commit: Commit | None = None


@dataclass(frozen=True, slots=True)
class SkippedFile:
    """A file that is not indexed, and why, in words the user can act on."""

    path: str
    reason: str  # a stable word: "ignored", "binary", "too large", "secret", "generated", …
    detail: str = ""


# -- chunking -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Chunk:
    """A span of a file with its symbol."""

    path: str
    first_line: int
    last_line: int
    text: str
    kind: ChunkKind
    language: str
    symbol: str = ""  # qualified: "Flask.run"; a heading for prose; "" between definitions
    signature: str = ""  # the definition's first line(s), for members of a class and continued parts
    date: str = ""  # of the file's last commit

    @property
    def embedding_text(self) -> str:
        """What is embedded and keyed by its hash: path and qualified name in front of the text."""
        return f"{self.path} {self.symbol}\n{self.text}"


@dataclass(frozen=True, slots=True)
class Symbol:
    """A definition found by the parser."""

    name: str  # the last part: "run"
    qualified: str  # "Flask.run"
    kind: SymbolKind
    path: str
    first_line: int
    last_line: int
    signature: str = ""  # "def run(self, host=None, port=None)", one line
    doc: str = ""  # first paragraph of its docstring or leading comment
    parameters: tuple[str, ...] = ()  # as written, defaults and annotations included
    bases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """A use of a name: who (scope) uses what (name), where."""

    kind: ReferenceKind
    name: str  # last part of what is named: "run" in app.run()
    path: str
    line: int
    scope: str = ""  # qualified symbol around it, "" at module level
    target: str = ""  # as written: "app.run", "flask.sansio.app"


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """All that one parse of a file yields."""

    path: str
    chunks: tuple[Chunk, ...]
    symbols: tuple[Symbol, ...] = ()
    references: tuple[Reference, ...] = ()
    parsed: bool = True  # False: the grammar failed or is unknown, and windows were used


class SymbolTable(Protocol):
    """What the index knows about names; premise checks and facts are read from it."""

    def definitions(self, name: str) -> Sequence[Symbol]:
        """Return the symbols called ``name`` (last part or qualified, exact case)."""

    def callers(self, name: str) -> Sequence[Reference]:
        """Return the calls of ``name`` (its last part)."""

    def calls_in(self, path: str, qualified: str) -> Sequence[Reference]:
        """Return the calls made inside one definition."""

    def subclasses(self, name: str) -> Sequence[Reference]:
        """Return the ``inherit`` references to ``name``; the scope is the subclass."""

    def symbols_in(self, path: str) -> Sequence[Symbol]:
        """Return the definitions in one file, in line order."""

    def files(self) -> Sequence[str]:
        """Return every indexed path, sorted."""

    def suggest(self, name: str, limit: int = 3) -> Sequence[str]:
        """Return existing names (symbols and files) spelled most like ``name``."""


# -- retrieval and selection ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Chunks retrieved for a question, best first, with the features that kernels are made of.

    K candidates, d dimensions of the tier's encoder. ``terms`` and ``question_terms`` are sparse
    TF-IDF vectors of unit length (term -> weight).
    """

    question: str
    ids: tuple[int, ...]  # (K,) labels in the index
    chunks: tuple[Chunk, ...]  # (K,)
    scores: Floats  # (K,) fused, descending
    question_vector: Floats  # (d,); d = 0 in the lexical tier
    vectors: Floats  # (K, d)
    question_terms: Mapping[str, float]
    terms: tuple[Mapping[str, float], ...]  # (K,)
    tier: Tier
    calls: Mapping[int, Sequence[int]] = field(default_factory=dict)  # label of a caller -> labels that it calls


@dataclass(frozen=True, slots=True)
class Selected:
    """A chunk chosen by a selector."""

    chunk: Chunk
    score: float  # relevance: the retriever's fused score
    gain: float  # reduction of the posterior variance, summed over its picks
    share: float  # of the total gain, 0..1
    picks: int = 1  # times chosen: gradient steps


@dataclass(frozen=True, slots=True)
class Confidence:
    """How much the repository says about the question, never how fluent the draft is."""

    level: ConfidenceLevel
    value: float  # 0..1


# -- generation -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Evidence:
    """A numbered chunk shown to the model; ``number`` is the n of ``[n]``, 1 = most relevant."""

    number: int
    chunk: Chunk


@dataclass(frozen=True, slots=True)
class Citation:
    """A span that an answer or a fact points to."""

    path: str
    first_line: int
    last_line: int
    verified: bool = False
    number: int = 0  # the n of [n]; 0 in facts


@dataclass(frozen=True, slots=True)
class Focus:
    """What a question is about: a file, or some of its lines."""

    path: str
    first_line: int | None = None
    last_line: int | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """A statement read out of the symbol graph, true by construction."""

    text: str
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class MissingName:
    """Something the question names that the repository does not contain."""

    name: str
    kind: Literal["symbol", "file"]
    suggestions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier exchange of a conversation."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Adapter:
    """LoRA weights on disk, or the reason why there are none."""

    state: AdapterState
    key: str = ""
    path: str = ""  # the GGUF file llama.cpp attaches; "" when skipped or dropped
    steps: int = 0
    reason: str = ""
    loss_before: float | None = None  # nats a token on the gate's held-out candidates
    loss_after: float | None = None
    seconds: float = 0.0


class Encoder(Protocol):
    """Text -> vector. ``id`` names weights and pooling; a cached embedding is valid for one id only."""

    @property
    def id(self) -> str:
        """Return the stable name under which embeddings are cached."""

    @property
    def dimensions(self) -> int:
        """Return the length d of a vector."""

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return one unit-length row a text, (n, d)."""


# -- progress -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Report:
    """One line of progress of a long operation."""

    stage: str  # "scan", "parse", "embed", …
    done: int
    total: int  # 0 while unknown
    detail: str = ""  # the file at hand
    values: Mapping[str, float] = field(default_factory=dict)  # "loss", "seconds_left", …


Progress = Callable[[Report], None]


class CancelToken(Protocol):
    """Anything with ``is_set``: a ``threading.Event`` in practice."""

    def is_set(self) -> bool:
        """Return whether the user asked to stop."""
