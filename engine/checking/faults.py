"""Whatever goes wrong between here and a hosted model -> one sentence for a developer who waits for a verdict."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from engine.network import NetworkRefusedError

__all__ = ["STAYS", "causes", "sentence_for"]

STAYS = "the draft stays as it is"
_LONGEST = 200  # characters of somebody else's words

# What a status means; {told} is what the server says itself, in brackets.
_STATUS = {
    401: "{host} does not accept the key; set another one, {stays}.",
    402: "{host} asks for payment first{told}; {stays}.",
    403: "{host} does not accept the key for this{told}; set another one, {stays}.",
    404: "{host} does not know the model or the address{told}; {stays}.",
    408: "{host} gave the request up; {stays}.",
    413: "{host} finds the request too large; untick some evidence, {stays}.",
    429: "{host} takes no more requests for now: {again}; {stays}.",
}
_MOVED = "{host} points to another address, where nothing is sent; correct the address, {stays}."
_TROUBLE = "{host} has trouble of its own (status {status}); {again}, {stays}."
_REFUSED = "{host} refused the request with status {status}{told}; {stays}."


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what led to it, the last first."""
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__


def sentence_for(error: Exception, url: str, *, connect: float, read: float) -> str:
    """Return what to tell about an error of a request to ``url`` that waited so many seconds; it names no key."""
    host = urlsplit(url).netloc
    status = getattr(error, "status_code", None)
    if status is not None and int(status) >= 300:  # an error inside a stream has the stream's 200
        return _status_sentence(int(status), error, host)
    return _connection_sentence(error, host, connect, read) or _other_sentence(error, host)


def _connection_sentence(error: Exception, host: str, connect: float, read: float) -> str:
    import httpx2

    found = list(causes(error))
    kinds: tuple[tuple[type[BaseException], str], ...] = (
        (NetworkRefusedError, f"Sidetune is offline, so nothing was sent to {host}; {STAYS}."),
        (httpx2.ConnectTimeout, f"{host} did not answer within {connect:g} s; nothing was sent, and {STAYS}."),
        (httpx2.TimeoutException, f"{host} went silent for {read:g} s; the check was given up, and {STAYS}."),
        (httpx2.ProxyError, f"The proxy on the way to {host} refused the connection; {STAYS}."),
        (httpx2.ConnectError, f"{host} cannot be reached{_because(found)}; nothing was sent, and {STAYS}."),
        (httpx2.TransportError, f"The connection to {host} was cut before the hosted model had finished; {STAYS}."),
    )
    return next((sentence for kind, sentence in kinds if any(isinstance(each, kind) for each in found)), "")


def _other_sentence(error: Exception, host: str) -> str:
    told = _told(error) or getattr(error, "message", "")
    if isinstance(told, str) and told and getattr(error, "body", None) is not None:
        return f"{host} reported an error while it answered ({_short(told)}); {STAYS}."
    return f"{host} answered with something that no such server sends; {STAYS}."


def _because(found: list[BaseException]) -> str:
    """Return in brackets what the system says, as far as it says anything readable."""
    said = [each.strerror for each in reversed(found) if isinstance(each, OSError) and each.strerror]
    return f" ({_short(said[0])})" if said else ""


def _status_sentence(status: int, error: Exception, host: str) -> str:
    told = _short(_told(error))
    after = _retry_after(error)
    other = _MOVED if status < 400 else _REFUSED if status < 500 else _TROUBLE
    form = _STATUS.get(status, other)
    return form.format(
        host=host,
        status=status,
        told=f" ({told})" if told else "",
        again=f"try again in {after} s" if after else "try again later",
        stays=STAYS,
    )


def _told(error: Exception) -> str:
    """Return the message in a provider's answer, "" when there is none."""
    body = getattr(error, "body", None)
    for _ in range(3):
        if not isinstance(body, dict):
            break
        message = body.get("message")
        if isinstance(message, str):
            return message
        body = body.get("error")
    return body if isinstance(body, str) and len(body) < _LONGEST and "<" not in body else ""


def _retry_after(error: Exception) -> str:
    value = str(getattr(getattr(error, "response", None), "headers", {}).get("retry-after", "")).strip()
    return value if value.isascii() and value.isdigit() and len(value) < 7 else ""


def _short(text: str) -> str:
    line = "".join(each if each.isprintable() else " " for each in text)
    line = " ".join(line.split()).rstrip(".")
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
