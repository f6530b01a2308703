"""What is said about checking a draft with a hosted model: settings, previews, verdicts, notes. Frozen values.

Money is US dollars, and ``None`` where nobody knows it. Offsets count the characters of the draft as it was shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = [
    "CheckPart",
    "CheckPreview",
    "CheckSettings",
    "CheckStage",
    "CheckState",
    "Checked",
    "Checking",
    "Claim",
    "ClaimVerdict",
    "KeySource",
    "NoteSource",
    "Price",
    "Provider",
    "RedactedSpan",
    "SourceLines",
    "StoredNote",
    "Usage",
]

Provider = Literal["", "anthropic", "openai", "compatible"]  # "": checking is off
KeySource = Literal["", "keychain", "environment", "session"]  # "": there is no key
ClaimVerdict = Literal["supported", "contradicted", "undecided"]
CheckStage = Literal["connecting", "waiting", "reading"]
NoteSource = Literal["check", "answer", "user"]


# -- what the user sets ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Price:
    """What a model costs, in dollars a million tokens."""

    input: float
    output: float
    source: str = "your settings"  # where the figures are from, with their date


@dataclass(frozen=True, slots=True)
class CheckSettings:
    """How drafts are checked; off as long as no provider is named."""

    provider: Provider = ""
    model: str = ""
    address: str = ""  # base URL for "compatible", "http://127.0.0.1:8080/v1"; otherwise the provider's own
    rounds: int = 1  # times that missing evidence may be added and asked about again, 0..5
    budget: float = 0.25  # dollars that one check with all its rounds may cost by our estimate; 0: no limit
    answer_tokens: int = 4000  # that the hosted model may write, a round
    structured: bool = True  # ask for the schema by name; some compatible servers refuse that
    keep_out: tuple[str, ...] = ()  # regular expressions: what they match is redacted
    keep_out_paths: tuple[str, ...] = ()  # as in .gitignore: files that are never sent
    prices: Mapping[str, Price] = field(default_factory=dict)  # by model, before our own table


@dataclass(frozen=True, slots=True)
class CheckState:
    """Whether a draft could be checked now, and with what."""

    settings: CheckSettings
    ready: bool  # a preview can be asked for and sent
    problem: str = ""  # a sentence why not; the first of: forbidden, off, offline, no model, no key
    forbidden: str = ""  # a sentence when a policy forbids checking: then nothing here can be changed
    offline: bool = False
    key: KeySource = ""  # where the key for this provider and address is
    key_name: str = ""  # the environment variable that is read
    keychain: str = ""  # the name of the system's keychain, "" when there is none that can be used
    destination: str = ""  # "api.anthropic.com", as far as one is set
    allowed: bool = False  # checks of this repository with this destination are sent without a preview
    spent: float = 0.0  # dollars for this repository so far, as far as they are known
    unpriced: int = 0  # requests among them whose price nobody knows
    models: tuple[str, ...] = ()  # names to suggest
    suggestions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # the same for every provider, by its name


# -- what would be sent ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RedactedSpan:
    """A span of a part that was replaced; lines count from 1 within the part's text, columns from 0."""

    line: int
    start: int
    end: int  # in the text as it is sent
    kind: str  # "AWS key", "home path", "your pattern", …


@dataclass(frozen=True, slots=True)
class CheckPart:
    """A part of what would be sent; ``text`` is as it is sent, redactions made."""

    id: str  # "question", "draft", "evidence-1"
    title: str  # "Question", "src/app.py lines 3 to 9"
    text: str
    included: bool  # as the user has it
    required: bool = False  # cannot be unticked
    path: str = ""
    first_line: int = 0
    last_line: int = 0
    redactions: tuple[RedactedSpan, ...] = ()
    withheld: str = ""  # a sentence when the part is never sent: an ignore rule, a pattern, a file that is gone


@dataclass(frozen=True, slots=True)
class CheckPreview:
    """Exactly what would be sent. Sending names ``id``, and then these bytes are sent and no others."""

    id: str
    thread: str
    turn: int
    provider: Provider
    model: str
    url: str  # the request goes there
    headers: Mapping[str, str]  # all of them, but for the key, which is shown as dots
    body: str  # the body of the request; its UTF-8 is what is sent
    sha256: str  # of the body
    bytes: int
    tokens: int  # of the body, estimated
    price: float | None  # at most, estimated, with as many tokens written as are allowed
    price_source: str  # where the prices are from, and their date; or why there is no price
    parts: tuple[CheckPart, ...]
    round: int = 1  # 1: the first request of a check
    redactions: int = 0
    allowed: bool = False  # may be sent without being shown


# -- what came back -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SourceLines:
    """Lines of the repository that a claim was held against."""

    path: str
    first_line: int
    last_line: int


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim of the draft and what was found."""

    text: str  # of the draft where it stands there, else in the hosted model's words
    start: int  # characters start..end of the draft; -1 when it does not stand there
    end: int
    verdict: ClaimVerdict
    reason: str
    lines: tuple[SourceLines, ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """What requests took; a price only where the model's is known."""

    requests: int
    input_tokens: int  # as the provider counted, or our estimate where it did not say
    output_tokens: int
    price: float | None


@dataclass(frozen=True, slots=True)
class Checking:
    """A check on its way."""

    stage: CheckStage
    round: int
    characters: int = 0  # read so far


@dataclass(frozen=True, slots=True)
class Checked:
    """What the hosted model found. The draft stays as it is."""

    check: int  # its number, for accepting the correction
    turn: int
    claims: tuple[Claim, ...]
    corrected: str  # a corrected answer, "" when nothing had to be corrected
    missing: tuple[str, ...]  # what evidence was missing, in its words
    provider: Provider
    model: str
    usage: Usage  # of this check, all rounds
    created: str  # ISO 8601 in UTC
    sources: tuple[SourceLines, ...] = ()  # [n] in the draft and in ``corrected`` is the n-th
    warnings: tuple[str, ...] = ()  # sentences: a claim pointed to lines that were not sent, …
    next: CheckPreview | None = None  # the next round with the evidence that was missing, if there is some to add
    accepted: bool = False  # its correction is kept as a note


# -- what is remembered ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StoredNote:
    """Something that is remembered about a repository, and is found and learned from like a chunk."""

    id: int
    path: str  # under which evidence and citations name it, "notes/2026-11-21-error-handlers~3"
    title: str  # the question it answers, or its first words
    text: str
    source: NoteSource
    origin: str  # a sentence: "Corrected by MODEL and accepted by you."
    created: str  # ISO 8601 in UTC
    updated: str
    stale: bool  # lines that it cites have changed since
    citations: tuple[SourceLines, ...] = ()
    changed: tuple[SourceLines, ...] = ()  # those among them that have changed
