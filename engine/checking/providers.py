"""One request to a hosted model: sent once, exactly as it was shown, read as it streams.

The providers' own clients carry it, without their retries, their tracing and the headers by which they describe this
machine. A hook just before the wire compares address, headers and body with what was shown, and refuses anything else.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from engine import __version__
from engine.checking.faults import STAYS, causes, sentence_for
from engine.checking.keys import Secret
from engine.errors import Cancelled, CheckError
from engine.network import is_loopback
from engine.types import CancelToken
from engine.verdicts import CheckSettings, CheckStage, Provider

if TYPE_CHECKING:
    import httpx2

__all__ = [
    "DOTS",
    "Reply",
    "ReplyError",
    "Request",
    "Timeouts",
    "address_of",
    "destination_of",
    "own_address",
    "request_of",
    "send",
]

_OWN: Mapping[Provider, str] = {
    "anthropic": "https://api.anthropic.com",
    "openai": "https://api.openai.com/v1",
}
_PATHS: Mapping[Provider, str] = {
    "anthropic": "/v1/messages",
    "openai": "/chat/completions",
    "compatible": "/chat/completions",
}
DOTS = "•••"  # shown for the key
_NO_KEY = "kept-from-the-client"  # the hook before the wire puts the key in, so that no error or log of a client has it
_LARGEST_REPLY = 2_000_000  # characters; more is no verdict


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to wait: for a connection, for the next bytes, for the whole reply."""

    connect: float = 15.0
    read: float = 120.0
    total: float = 600.0


@dataclass(frozen=True, slots=True)
class Request:
    """All of a request but the key."""

    provider: Provider
    base: str
    url: str
    headers: Mapping[str, str]  # with dots for the key
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What a hosted model wrote, and the tokens the provider counted (None where it did not say)."""

    text: str
    input_tokens: int | None
    output_tokens: int | None


class ReplyError(CheckError):
    """A request was sent and taken, and its answer cannot be used; it may have cost what these tokens cost."""

    def __init__(self, sentence: str, input_tokens: int | None, output_tokens: int | None) -> None:
        super().__init__(sentence)
        self.input_tokens = input_tokens
        self.output_tokens = output_tokens


Progress = Callable[[CheckStage, int], None]


def own_address(provider: Provider) -> str:
    """Return the provider's own base URL, "" for a compatible server."""
    return _OWN.get(provider, "")


def address_of(settings: CheckSettings) -> str:
    """Return the base URL that the settings name."""
    return settings.address or own_address(settings.provider)


def destination_of(settings: CheckSettings) -> str:
    """Return who would receive a check: the host, with its port where that is not the scheme's own."""
    return urlsplit(address_of(settings)).netloc


def request_of(settings: CheckSettings, body: bytes) -> Request:
    """Return the request that would be sent with a body."""
    base = address_of(settings)
    url = base + _PATHS[settings.provider]
    headers = {
        "Host": urlsplit(url).netloc,
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Accept": "text/event-stream",
        "Accept-Encoding": "identity",
        "User-Agent": f"sidetune/{__version__}",
        "Connection": "close",
    }
    if settings.provider == "anthropic":
        headers |= {"anthropic-version": "2023-06-01", "x-api-key": DOTS}
    else:
        headers["Authorization"] = f"Bearer {DOTS}"
    return Request(settings.provider, base, url, headers, body)


def send(
    request: Request,
    key: Secret | None,
    *,
    timeouts: Timeouts | None = None,
    progress: Progress | None = None,
    cancel: CancelToken | None = None,
) -> Reply:
    """Send a request, once, and return what came back.

    Raises CheckError with one sentence for whatever goes wrong, Cancelled when ``cancel`` is set meanwhile. A request
    that was sent may cost money even then.
    """
    limits = timeouts or Timeouts()
    report = progress or (lambda _stage, _characters: None)
    report("connecting", 0)
    reader = _read_anthropic if request.provider == "anthropic" else _read_openai
    collected = _Collected(report, cancel, time.monotonic() + limits.total)
    try:
        with _client(request, key, limits) as client, _sentences(request, key, limits):
            reader(client, request, collected)
    except CheckError as error:
        if collected.begun:  # it was taken, so it may be charged for
            raise ReplyError(str(error), collected.input_tokens, collected.output_tokens) from None
        raise
    return collected.reply()


class _Collected:
    """What was read so far."""

    def __init__(self, report: Progress, cancel: CancelToken | None, deadline: float) -> None:
        self._pieces: list[str] = []
        self._length = 0
        self._report = report
        self._cancel = cancel
        self._deadline = deadline
        self.input_tokens: int | None = None
        self.output_tokens: int | None = None
        self.ended = ""  # why the model stopped, in the provider's word
        self.begun = False

    def add(self, text: str) -> None:
        self._pieces.append(text)
        self._length += len(text)
        if self._length > _LARGEST_REPLY:
            raise CheckError(f"The hosted model's answer has no end; it was stopped, {STAYS}.")
        self._report("reading", self._length)

    def look(self) -> None:
        """Look whether to go on, between two events."""
        self.begun = True
        if self._cancel is not None and self._cancel.is_set():
            raise Cancelled("Stopped.")
        if time.monotonic() > self._deadline:
            raise CheckError(f"The hosted model takes too long; the check was given up and {STAYS}.")

    def waiting(self) -> None:
        self._report("waiting", 0)

    def reply(self) -> Reply:
        if not self.ended:
            raise self._unusable(f"The connection was cut before the hosted model had finished; {STAYS}.")
        if self.ended in {"length", "max_tokens"}:
            raise self._unusable(
                f"The hosted model's answer was longer than the tokens it may write; raise answer_tokens, {STAYS}."
            )
        if self.ended in {"refusal", "content_filter"}:
            raise self._unusable(f"The hosted model declined to answer; {STAYS}.")
        return Reply("".join(self._pieces), self.input_tokens, self.output_tokens)

    def _unusable(self, sentence: str) -> ReplyError:
        return ReplyError(sentence, self.input_tokens, self.output_tokens)


@contextmanager
def _client(request: Request, key: Secret | None, limits: Timeouts) -> Iterator[httpx2.Client]:
    """Yield an HTTP client that sends one request, this one, and follows nobody elsewhere."""
    import httpx2

    sent = False

    def exactly(outgoing: httpx2.Request) -> None:
        nonlocal sent
        if sent:
            raise CheckError("A request was about to be sent a second time, which was not agreed to.")
        if outgoing.method != "POST" or str(outgoing.url) != request.url or outgoing.read() != request.body:
            raise CheckError("What was about to be sent is not what was shown, so nothing was sent.")
        sent = True
        secret = key.reveal() if key is not None else ""
        shown = {name: value.replace(DOTS, secret) for name, value in request.headers.items()}
        if not secret:  # a server of one's own may ask for none
            shown.pop("Authorization", None)
            shown.pop("x-api-key", None)
        outgoing.headers = httpx2.Headers(shown)

    for name in ("anthropic", "openai", "httpx2", "httpcore2"):  # they would log requests where DEBUG is set
        logging.getLogger(name).setLevel(logging.WARNING)
    host = urlsplit(request.url).hostname or ""
    with httpx2.Client(
        timeout=httpx2.Timeout(limits.read, connect=limits.connect),
        follow_redirects=False,
        trust_env=not is_loopback(host),  # proxies and certificates as the system has them
        event_hooks={"request": [exactly]},
    ) as client:
        yield client


@contextmanager
def _sentences(request: Request, key: Secret | None, limits: Timeouts) -> Iterator[None]:
    """Turn what the clients raise into one sentence. Their errors hold the request with its key, so none is kept."""
    import httpx2

    if request.provider == "anthropic":
        from anthropic import AnthropicError as ClientError
    else:
        from openai import OpenAIError as ClientError  # type: ignore[assignment]
    try:
        yield
    except (ClientError, httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
        for cause in causes(error):
            if isinstance(cause, CheckError | Cancelled):
                raise cause from None
        sentence = sentence_for(error, request.url, connect=limits.connect, read=limits.read)
        if key:
            sentence = sentence.replace(key.reveal(), DOTS)
        raise CheckError(sentence) from None


def _read_anthropic(client: httpx2.Client, request: Request, into: _Collected) -> None:
    import anthropic
    from anthropic.types import RawMessageStreamEvent

    sdk = anthropic.Anthropic(
        api_key=_NO_KEY,
        base_url=request.base,
        max_retries=0,
        http_client=client,
        open_telemetry=False,
    )
    into.waiting()
    stream: Any = sdk.post(
        _PATHS["anthropic"],
        cast_to=cast("type[Any]", RawMessageStreamEvent),  # a union, as the client's own methods pass it
        content=request.body,
        stream=True,
        stream_cls=anthropic.Stream[RawMessageStreamEvent],
    )
    with stream:
        for event in stream:
            into.look()
            match event.type:
                case "message_start":
                    usage = event.message.usage
                    cached = (usage.cache_creation_input_tokens or 0) + (usage.cache_read_input_tokens or 0)
                    into.input_tokens = usage.input_tokens + cached
                case "content_block_delta" if event.delta.type == "text_delta":
                    into.add(event.delta.text)
                case "message_delta":
                    into.ended = event.delta.stop_reason or into.ended
                    into.output_tokens = event.usage.output_tokens


def _read_openai(client: httpx2.Client, request: Request, into: _Collected) -> None:
    import openai
    from openai.types.chat import ChatCompletionChunk

    sdk = openai.OpenAI(
        api_key=_NO_KEY,
        base_url=request.base,
        max_retries=0,
        http_client=client,
    )
    into.waiting()
    stream: Any = sdk.post(
        _PATHS["openai"],
        cast_to=ChatCompletionChunk,
        content=request.body,
        stream=True,
        stream_cls=openai.Stream[ChatCompletionChunk],
    )
    with stream:
        for chunk in stream:
            into.look()
            if chunk.usage is not None:
                into.input_tokens = chunk.usage.prompt_tokens
                into.output_tokens = chunk.usage.completion_tokens
            for choice in chunk.choices or ():
                if choice.delta is not None and choice.delta.content:
                    into.add(choice.delta.content)
                into.ended = choice.finish_reason or into.ended
