"""What the window and the engine say to each other: one dataclass a message, one ``Call`` an endpoint.

Both ends import this module, ``docs/wire.md`` is generated from it. Every call is ``POST /v1/<name>`` with a JSON
object and gets one back; the two streams are ``GET`` with server-sent events, numbered, so that a reader that was
cut off asks for what it missed with ``Last-Event-ID``. An answer other than 200 carries a ``Problem``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar, cast

import msgspec

from engine.config import Settings
from engine.events import (
    Answer,
    AnswerCitation,
    AskEvent,
    Facts,
    Failure,
    Premise,
    SelectedChunk,
    SelectedEvent,
    Started,
    Token,
    Tuned,
    Tuning,
    event_json,
)
from engine.types import Confidence, Effort, Focus, Tier
from engine.usage import Collected, Space
from engine.verdicts import Checked, Checking, CheckPreview, CheckSettings, CheckState, StoredNote

__all__ = [
    "ACCEPT_ANSWER",
    "ACCEPT_CORRECTION",
    "ALLOW_CHECKS",
    "AMEND_PREVIEW",
    "CALLS",
    "CANCEL",
    "CHECK_KEY",
    "CHECK_STATE",
    "COLLECT",
    "DELETE_CONVERSATION",
    "DELETE_NOTE",
    "EDIT_NOTE",
    "ESTIMATE",
    "EXCERPT",
    "FILES",
    "HELLO",
    "INSTALL_MODEL",
    "LIST_CONVERSATIONS",
    "LIST_MODELS",
    "LIST_NOTES",
    "MODEL",
    "OPEN",
    "PAUSE",
    "PAUSE_MODEL",
    "PREVIEW_CHECK",
    "PROTOCOL",
    "PROTOCOL_HEADER",
    "READ_CONVERSATION",
    "READ_SETTINGS",
    "REMOVE_MODEL",
    "RENAME_CONVERSATION",
    "SEARCH",
    "SKIP",
    "SPACE",
    "START_ASK",
    "START_CHECK",
    "STATE",
    "WHY",
    "WRITE_CHECK_SETTINGS",
    "WRITE_SETTINGS",
    "AcceptAnswer",
    "AcceptCorrection",
    "Accepted",
    "AllowChecks",
    "AmendPreview",
    "Ask",
    "AskRef",
    "Call",
    "ChangeCheckSettings",
    "CheckKey",
    "Conversation",
    "ConversationRef",
    "Conversations",
    "EditNote",
    "Empty",
    "Estimate",
    "Excerpt",
    "ExcerptText",
    "Hello",
    "IndexStage",
    "IndexStatus",
    "InstallModel",
    "Listing",
    "ModelInfo",
    "ModelRef",
    "ModelRow",
    "ModelStage",
    "Models",
    "NoteRef",
    "Notes",
    "OpenRepository",
    "PastTurn",
    "PastTurns",
    "Pause",
    "PreviewCheck",
    "Problem",
    "RenameConversation",
    "Repository",
    "RepositoryRef",
    "Search",
    "SearchResults",
    "StartCheck",
    "Stopped",
    "StreamEvent",
    "WhyFile",
    "WhyReply",
    "ask_stream",
    "decode",
    "encode",
    "event_from_json",
    "event_to_json",
    "index_stream",
]

PROTOCOL = 1
PROTOCOL_HEADER = "Sidetune-Protocol"  # sent with every request; another number is answered with status 426

IndexStage = Literal["starting", "reading", "embedding", "ready", "paused", "failed"]

ModelStage = Literal["available", "downloading", "paused", "preparing", "installed", "failed"]

In = TypeVar("In")
Out = TypeVar("Out")
T = TypeVar("T")


# -- messages -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Empty:
    """Nothing to say."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a call failed: the name of the error class and one sentence for the user."""

    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class Hello:
    """Who answers."""

    protocol: int
    version: str
    pid: int


@dataclass(frozen=True, slots=True)
class OpenRepository:
    """Open a folder: its index is brought up to date and kept so until the engine ends."""

    path: str


@dataclass(frozen=True, slots=True)
class Repository:
    """An open repository; ``id`` names it in other calls and is the same after a restart."""

    id: str
    root: str
    name: str


@dataclass(frozen=True, slots=True)
class RepositoryRef:
    """Names an open repository."""

    repository: str


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """How far the index is. ``ready`` means that it says what the folder says, as far as is known."""

    repository: str
    stage: IndexStage
    tier: Tier  # that answers now
    files: int
    chunks: int
    answerable: bool  # a question would find something now
    done: int = 0  # of ``total`` files read or chunks embedded in this stage
    total: int = 0  # 0 while unknown
    file: str = ""  # the file at hand
    rate: float = 0.0  # files or chunks a second, 0 while unknown
    seconds_left: float | None = None
    watching: bool = False  # a saved file is read within a second
    problem: str = ""  # a sentence: why it failed, why a better tier or watching cannot be had


@dataclass(frozen=True, slots=True)
class Pause:
    """Pause the indexing of a repository, or go on; questions are answered all the same."""

    repository: str
    paused: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a repository. Mere text, since there may be a hundred thousand and a window reads them at once."""

    indexed: tuple[str, ...] = ()  # sorted
    left_out: Mapping[str, str] = field(default_factory=dict)  # path (of a folder with a slash at its end) -> why


@dataclass(frozen=True, slots=True)
class WhyFile:
    """Ask whether a file is indexed."""

    repository: str
    path: str


@dataclass(frozen=True, slots=True)
class WhyReply:
    """Whether the file is indexed, and the reason if it is not."""

    path: str
    indexed: bool
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Search:
    """Search without writing an answer."""

    repository: str
    question: str
    limit: int = 10
    method: Literal["sift", "nearest", "hybrid"] = "sift"


@dataclass(frozen=True, slots=True)
class SearchResults:
    """What was found, best first."""

    results: tuple[SelectedChunk, ...]
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Ask for lines of a file as they are on disk now."""

    repository: str
    path: str
    first_line: int
    last_line: int


@dataclass(frozen=True, slots=True)
class ExcerptText:
    """The lines, and the language they are written in; ``text`` is None when they are not there any more."""

    text: str | None
    language: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """Seconds that tuning would add to the next answer, by effort."""

    instant: float
    balanced: float
    deep: float


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask a question. ``id`` is chosen by the asker and new: a call repeated after a lost reply asks once.

    ``about`` is read first and always, ``exclude`` is neither read nor learned from.
    """

    repository: str
    id: str
    question: str
    effort: Effort | None = None  # None: as in the settings
    about: tuple[Focus, ...] = ()
    exclude: tuple[Focus, ...] = ()
    thread: str | None = None  # None: a new conversation


@dataclass(frozen=True, slots=True)
class Accepted:
    """The question waits behind ``ahead`` others or is being answered."""

    id: str
    ahead: int


@dataclass(frozen=True, slots=True)
class AskRef:
    """Names a question that was asked."""

    id: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """The last event of a question that the user stopped."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation that is kept; times are ISO 8601 in UTC."""

    id: str
    title: str
    created: str
    updated: str
    turns: int


@dataclass(frozen=True, slots=True)
class Conversations:
    """The conversations about a repository, the latest first."""

    conversations: tuple[Conversation, ...]
    notice: str = ""  # a sentence when a damaged file of conversations had to be set aside


@dataclass(frozen=True, slots=True)
class ConversationRef:
    """Names a conversation."""

    thread: str


@dataclass(frozen=True, slots=True)
class RenameConversation:
    """Give a conversation another title."""

    thread: str
    title: str


@dataclass(frozen=True, slots=True)
class PastTurn:
    """A question and its answer, as they were shown."""

    question: str
    answer: str
    citations: tuple[AnswerCitation, ...]
    effort: str
    adapter: str
    confidence: Confidence | None
    created: str
    turn: int = 0  # its number, for checking it
    checked: Checked | None = None  # what its last check found


@dataclass(frozen=True, slots=True)
class PastTurns:
    """A whole conversation, the first turn first."""

    conversation: Conversation
    turns: tuple[PastTurn, ...]


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """The model of the settings, and in words what it is good for."""

    name: str
    title: str
    notes: str


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A model that the user can have. ``learns`` says whether it can be tuned as it is, or would be, installed."""

    name: str  # for the settings: its name in the catalogue, or the path of the user's own
    title: str
    notes: str
    licence: str
    suits: str  # hardware, in words
    state: ModelStage
    used: bool  # it answers
    fits: Literal["learns", "answers", "too large"]  # what this machine has the memory for
    fit: str  # the same in a sentence, with figures
    download_bytes: int  # of weights, about; 0: not known before the hub is asked
    answers_only_bytes: int  # of the publisher's GGUF; 0: there is none, or it is not known
    learns: bool
    done: int = 0  # of ``total`` bytes are here
    total: int = 0
    seconds_left: float | None = None
    problem: str = ""  # a sentence: why it could not be installed


@dataclass(frozen=True, slots=True)
class Models:
    """All models, the bundled one first."""

    models: tuple[ModelRow, ...]
    free_bytes: int  # on the disk where models are kept


@dataclass(frozen=True, slots=True)
class InstallModel:
    """Install a model of the catalogue, or go on with it."""

    name: str
    answers_only: bool = False  # only the publisher's GGUF: less to fetch, cannot be tuned


@dataclass(frozen=True, slots=True)
class ModelRef:
    """Names a model of the catalogue."""

    name: str


@dataclass(frozen=True, slots=True)
class ChangeCheckSettings:
    """Change how drafts are checked; the reply is the state for one repository."""

    repository: str
    settings: CheckSettings


@dataclass(frozen=True, slots=True)
class CheckKey:
    """The key for the provider and address of the settings. It is never told back."""

    repository: str
    key: str = field(repr=False)  # "" forgets the one that is kept
    keep: bool = True  # in the system's keychain; otherwise until the engine ends


@dataclass(frozen=True, slots=True)
class AllowChecks:
    """Let checks of this repository be sent to the destination of the settings without a preview, or no longer."""

    repository: str
    allowed: bool


@dataclass(frozen=True, slots=True)
class PreviewCheck:
    """Ask what would be sent to check an answer. Nothing is sent."""

    repository: str
    thread: str
    turn: int = 0  # 0: the last one


@dataclass(frozen=True, slots=True)
class AmendPreview:
    """Ask for a preview anew, without the parts that are named; the earlier one can no longer be sent."""

    preview: str
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StartCheck:
    """Send what a preview shows. ``id`` is chosen by the asker and new, as that of a question is."""

    preview: str
    id: str


@dataclass(frozen=True, slots=True)
class AcceptCorrection:
    """Keep the corrected answer of a check as a note, as it is or as the user changed it."""

    repository: str
    check: int
    text: str = ""  # "": as it came


@dataclass(frozen=True, slots=True)
class AcceptAnswer:
    """Keep a question with its answer as a note, because the answer is right."""

    repository: str
    thread: str
    turn: int


@dataclass(frozen=True, slots=True)
class NoteRef:
    """Names a note."""

    repository: str
    note: int


@dataclass(frozen=True, slots=True)
class EditNote:
    """Change what a note says; it is no longer stale then."""

    repository: str
    note: int
    text: str


@dataclass(frozen=True, slots=True)
class Notes:
    """The notes about a repository, the latest first."""

    notes: tuple[StoredNote, ...]


# -- calls ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Call(Generic[In, Out]):
    """An endpoint: ``POST /v1/<name>`` with an ``In``, answered with an ``Out``."""

    name: str
    takes: type[In]
    gives: type[Out]
    about: str

    @property
    def path(self) -> str:
        """Return the path of the endpoint."""
        return f"/v1/{self.name}"


HELLO = Call("hello", Empty, Hello, "Says who answers; also the sign of life that the supervisor asks for.")
OPEN = Call("open", OpenRepository, Repository, "Opens a repository; harmless when it is open already.")
STATE = Call("state", RepositoryRef, IndexStatus, "How far the index is.")
PAUSE = Call("pause", Pause, IndexStatus, "Pauses indexing or goes on.")
FILES = Call("files", RepositoryRef, Listing, "The files that are indexed and those that are left out.")
WHY = Call("why", WhyFile, WhyReply, "Whether a file is indexed, and why not.")
SEARCH = Call("search", Search, SearchResults, "Finds chunks without writing an answer.")
EXCERPT = Call("excerpt", Excerpt, ExcerptText, "Lines of an indexed file.")
ESTIMATE = Call("estimate", RepositoryRef, Estimate, "What tuning would cost now.")
START_ASK = Call("ask", Ask, Accepted, "Asks a question; its events are read from its stream.")
CANCEL = Call("cancel", AskRef, Empty, "Stops a question; harmless when it has ended.")
SKIP = Call("skip", AskRef, Empty, "Ends the tuning of a question and answers untuned.")
LIST_CONVERSATIONS = Call("conversations", RepositoryRef, Conversations, "The conversations about a repository.")
READ_CONVERSATION = Call("conversation", ConversationRef, PastTurns, "All turns of a conversation.")
RENAME_CONVERSATION = Call("rename-conversation", RenameConversation, Empty, "Gives a conversation another title.")
DELETE_CONVERSATION = Call("delete-conversation", ConversationRef, Empty, "Deletes a conversation for good.")
READ_SETTINGS = Call("settings", Empty, Settings, "The settings.")
WRITE_SETTINGS = Call("write-settings", Settings, Settings, "Changes the settings, for the next question on.")
MODEL = Call("model", Empty, ModelInfo, "The model that writes.")
LIST_MODELS = Call("models", Empty, Models, "The models that there are, and how far those are that are on their way.")
INSTALL_MODEL = Call("install-model", InstallModel, Models, "Begins to fetch a model, or goes on where it stopped.")
PAUSE_MODEL = Call("pause-model", ModelRef, Models, "Stops fetching a model; what has come stays.")
REMOVE_MODEL = Call("remove-model", ModelRef, Models, "Removes a model from this machine.")
SPACE = Call("space", Empty, Space, "What uses the disk, by repository and by kind; takes seconds where there is much.")
COLLECT = Call("collect", Empty, Collected, "Removes what no repository uses until the limit of the settings is kept.")
CHECK_STATE = Call("check-state", RepositoryRef, CheckState, "Whether a draft could be checked by a hosted model.")
WRITE_CHECK_SETTINGS = Call("write-check-settings", ChangeCheckSettings, CheckState, "Changes how drafts are checked.")
CHECK_KEY = Call("check-key", CheckKey, CheckState, "Takes the provider's key, or forgets it.")
ALLOW_CHECKS = Call("allow-checks", AllowChecks, CheckState, "Lets checks be sent without a preview, or no longer.")
PREVIEW_CHECK = Call("preview-check", PreviewCheck, CheckPreview, "Shows what a check would send; sends nothing.")
AMEND_PREVIEW = Call("amend-preview", AmendPreview, CheckPreview, "The same without the parts that are unticked.")
START_CHECK = Call("check", StartCheck, Accepted, "Sends what a preview shows; its events are read from a stream.")
LIST_NOTES = Call("notes", RepositoryRef, Notes, "What is remembered about a repository.")
ACCEPT_CORRECTION = Call("accept-correction", AcceptCorrection, StoredNote, "Remembers the correction of a check.")
ACCEPT_ANSWER = Call("accept-answer", AcceptAnswer, StoredNote, "Remembers a question with its answer.")
EDIT_NOTE = Call("edit-note", EditNote, StoredNote, "Changes what a note says.")
DELETE_NOTE = Call("delete-note", NoteRef, Empty, "Deletes a note for good.")

CALLS: tuple[Call[Any, Any], ...] = (
    HELLO, OPEN, STATE, PAUSE, FILES, WHY, SEARCH, EXCERPT, ESTIMATE, START_ASK, CANCEL, SKIP,
    LIST_CONVERSATIONS, READ_CONVERSATION, RENAME_CONVERSATION, DELETE_CONVERSATION,
    READ_SETTINGS, WRITE_SETTINGS, MODEL, LIST_MODELS, INSTALL_MODEL, PAUSE_MODEL, REMOVE_MODEL, SPACE, COLLECT,
    CHECK_STATE, WRITE_CHECK_SETTINGS, CHECK_KEY, ALLOW_CHECKS, PREVIEW_CHECK, AMEND_PREVIEW, START_CHECK,
    LIST_NOTES, ACCEPT_CORRECTION, ACCEPT_ANSWER, EDIT_NOTE, DELETE_NOTE,
)  # fmt: skip


def ask_stream(ask: str) -> str:
    """Return the path of a question's or a check's events.

    The stream ends after ``answer``, ``checked``, ``error`` or ``stopped``.
    """
    return f"/v1/asks/{ask}/events"


def index_stream(repository: str) -> str:
    """Return the path of a repository's ``IndexStatus`` events, sent when something changed, until it is closed."""
    return f"/v1/repositories/{repository}/events"


# -- JSON -----------------------------------------------------------------------------------------

StreamEvent = AskEvent | Stopped | Checking | Checked

_EVENTS: Mapping[str, type] = {
    "started": Started,
    "premise": Premise,
    "selected": SelectedEvent,
    "facts": Facts,
    "tuning": Tuning,
    "tuned": Tuned,
    "token": Token,
    "answer": Answer,
    "error": Failure,
    "stopped": Stopped,
    "checking": Checking,
    "checked": Checked,
}


def encode(message: object) -> bytes:
    """Return a message (a dataclass of this module) as JSON."""
    return msgspec.json.encode(message)


def decode(data: bytes | str, kind: type[T]) -> T:
    """Return the message of type ``kind`` that ``data`` holds.

    Fields that are unknown here are passed over, so that a newer end may say more. Raises ValueError with a
    sentence for anything that is no such message.
    """
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.MsgspecError as error:  # a ValueError only for some kinds of damage
        raise ValueError(str(error)) from error


def event_to_json(event: StreamEvent) -> bytes:
    """Return an event of a question's stream as one JSON object whose ``event`` key names it."""
    if isinstance(event, Stopped):
        return msgspec.json.encode({"event": "stopped"})
    if isinstance(event, Checking | Checked):
        name = "checking" if isinstance(event, Checking) else "checked"
        return msgspec.json.encode({"event": name, **msgspec.to_builtins(event)})
    return msgspec.json.encode(event_json(event))


def event_from_json(data: bytes | str) -> StreamEvent:
    """Return the event that ``data`` holds; ValueError for anything else."""
    try:
        found = msgspec.json.decode(data)
        kind = _EVENTS[found.pop("event")]
        return cast("StreamEvent", msgspec.convert(found, kind))
    except (msgspec.MsgspecError, KeyError, AttributeError, TypeError) as error:
        raise ValueError(f"not an event of an answer: {error}") from error
