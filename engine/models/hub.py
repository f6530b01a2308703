"""A hub of models as ``huggingface_hub`` talks to it: which files a revision has, and their bytes.

No token of the user's and no telemetry is sent. A mirror, a proxy and the wish to stay offline come from the settings
or from the usual variables (HF_ENDPOINT, HTTPS_PROXY, HF_HUB_OFFLINE).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from engine.errors import ModelError
from engine.network import is_loopback
from engine.network import is_offline as switched_off

__all__ = ["Hub", "HubFile", "Network", "Revision", "is_safe_name"]

_PUBLIC = "https://huggingface.co"
_METADATA_SECONDS = 20.0
_CONNECT_SECONDS, _SILENCE_SECONDS = 15.0, 30.0
# Nothing that can hold code is ever fetched: no pickle (.bin, .pt, .pth, .ckpt), no Python.
_ALLOWED = frozenset({".safetensors", ".gguf", ".json", ".jinja", ".txt"})
_WEIGHTS_FILES = ("config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json")
_OPTIONAL_FILES = ("chat_template.jinja",)
_SINGLE, _INDEX = "model.safetensors", "model.safetensors.index.json"
_client_lock = threading.Lock()
_client_proxy: list[str] = [""]  # the proxy that the library's shared client was made with


@dataclass(frozen=True, slots=True)
class Network:
    """How the hub is reached."""

    mirror: str = ""  # the address of another hub; empty: HF_ENDPOINT, else huggingface.co
    proxy: str = ""  # of every request; empty: as HTTPS_PROXY and NO_PROXY say
    offline: bool = False

    @property
    def endpoint(self) -> str:
        """Return the address of the hub, without a slash at its end."""
        return (self.mirror or os.environ.get("HF_ENDPOINT") or _PUBLIC).rstrip("/")

    @property
    def is_offline(self) -> bool:
        """Return whether no request may be made."""
        told = os.environ.get("HF_HUB_OFFLINE", "").upper()
        leaves = not is_loopback(urlsplit(self.endpoint).hostname or "")  # a hub on this machine is no network
        return self.offline or (switched_off() and leaves) or told in {"1", "ON", "YES", "TRUE"}


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file as the hub announces it, with one of two hashes: large files have a SHA-256, small ones git's."""

    name: str
    size: int
    sha256: str = ""
    blob: str = ""  # git's SHA-1 of "blob <size>\\0<bytes>"


@dataclass(frozen=True, slots=True)
class Revision:
    """A commit of a repository, and all its files."""

    repository: str
    commit: str
    files: tuple[HubFile, ...]

    def file(self, name: str) -> HubFile:
        """Return a file; ModelError when the repository has none of this name."""
        for each in self.files:
            if each.name == name:
                return each
        raise ModelError(f"{self.repository} has no file {name} at {self.commit[:12]}")

    def has(self, name: str) -> bool:
        """Return whether there is such a file."""
        return any(each.name == name for each in self.files)

    def weights_files(self) -> tuple[HubFile, ...]:
        """Return what a tunable model is made of, the large files last; ModelError when there are no safetensors."""
        if not self.has(_SINGLE) and not self.has(_INDEX):
            raise ModelError(f"{self.repository} has no safetensors weights; other kinds can hold code and are refused")
        names = [*_WEIGHTS_FILES, *(name for name in _OPTIONAL_FILES if self.has(name))]
        needed = [self.file(name) for name in names if self.has(name) or name in {"config.json", "tokenizer.json"}]
        if self.has(_INDEX):
            shards = [each for each in self.files if _is_shard(each.name)]
            return (*needed, self.file(_INDEX), *shards)
        return (*needed, self.file(_SINGLE))


def _is_shard(name: str) -> bool:
    return name.startswith("model-") and name.endswith(".safetensors") and "/" not in name


def is_safe_name(name: str) -> bool:
    """Return whether a file of this name may be fetched: a plain name of a kind that holds no code."""
    path = PurePosixPath(name)
    return path.name == name and not name.startswith(".") and "\\" not in name and path.suffix.lower() in _ALLOWED


class Hub:
    """One hub. Every method raises ModelError, in one sentence, for whatever keeps it from answering."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.endpoint = network.endpoint
        if not self.endpoint.startswith(("https://", "http://")):
            raise ModelError(f"the address of the hub must begin with https://, and is {self.endpoint!r}")

    def _check_online(self, what: str) -> None:
        if self.network.is_offline:
            raise ModelError(f"{what} is not on this machine, and Sidetune was told to stay offline")

    def revision(self, repository: str, revision: str = "") -> Revision:
        """Return a commit of a repository and its files; ModelError says when it has gone."""
        self._check_online(repository)
        _prepare(self.network.proxy)
        from httpx2 import HTTPError
        from huggingface_hub import HfApi
        from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError, RevisionNotFoundError

        api = HfApi(endpoint=self.endpoint, token=False)
        try:
            info = api.model_info(
                repository, revision=revision or None, files_metadata=True, token=False, timeout=_METADATA_SECONDS
            )
        except RevisionNotFoundError as error:
            raise ModelError(
                f"{repository} has moved: its revision {revision[:12]} is not on {self.endpoint} any more"
            ) from error
        except RepositoryNotFoundError as error:
            raise ModelError(f"there is no model {repository} on {self.endpoint}, or it asks for an account") from error
        except HfHubHTTPError as error:
            raise ModelError(f"{self.endpoint} does not answer for {repository}: {_first_line(error)}") from error
        except (HTTPError, OSError) as error:
            raise ModelError(f"{self.endpoint} cannot be reached: {_first_line(error)}") from error
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(f"{self.endpoint} does not answer as a hub of models does") from error
        return Revision(repository, _commit(info.sha, repository), _files(info.siblings or []))

    @contextmanager
    def stream(self, repository: str, commit: str, name: str, start: int) -> Iterator[tuple[int, Iterator[bytes]]]:
        """Yield where the bytes begin and the bytes: at ``start`` if the hub can resume, else at 0.

        A connection that fails raises ConnectionError, since the rest may still be had; a refusal is a ModelError.
        """
        self._check_online(f"{repository}/{name}")
        _prepare(self.network.proxy)
        from httpx2 import HTTPError, HTTPStatusError, Timeout
        from huggingface_hub import get_session, hf_hub_url
        from huggingface_hub.utils._headers import build_hf_headers

        url = hf_hub_url(repository, name, revision=commit, endpoint=self.endpoint)
        # Bytes as they are stored, or a position in them would mean nothing.
        headers = {**build_hf_headers(token=False), "Accept-Encoding": "identity"}
        if start:
            headers["Range"] = f"bytes={start}-"
        timeout = Timeout(_CONNECT_SECONDS, read=_SILENCE_SECONDS)
        try:
            with get_session().stream("GET", url, headers=headers, timeout=timeout) as response:
                response.raise_for_status()
                resumed = response.status_code == 206
                yield (start if resumed else 0), response.iter_bytes()
        except HTTPStatusError as error:
            status = error.response.status_code
            if status in {408, 429} or status >= 500:
                raise ConnectionError(f"status {status}") from error
            raise ModelError(f"{self.endpoint} refuses {repository}/{name} with status {status}") from error
        except HTTPError as error:
            raise ConnectionError(_first_line(error)) from error


def _prepare(proxy: str) -> None:
    """Let the library's one client go through this proxy; without one it follows the usual variables.

    Also keeps the library from telling which libraries and assistants are installed, and from asking huggingface.co
    for a list of those, which it does even when another hub is asked.
    """
    import httpx2
    from huggingface_hub import constants, set_client_factory
    from huggingface_hub.utils._http import default_client_factory, hf_request_event_hook

    constants.HF_HUB_DISABLE_TELEMETRY = True
    with _client_lock:
        if _client_proxy[0] == proxy:
            return

        def through_proxy() -> httpx2.Client:
            hooks: dict[str, list[Any]] = {"request": [hf_request_event_hook]}
            return httpx2.Client(event_hooks=hooks, follow_redirects=True, timeout=None, proxy=proxy)

        try:
            set_client_factory(through_proxy if proxy else default_client_factory)
        except ValueError as error:
            raise ModelError(f"the proxy {proxy!r} is no address of a proxy") from error
        _client_proxy[0] = proxy


def _commit(value: Any, repository: str) -> str:
    if not isinstance(value, str) or not value or not value.isalnum():
        raise ModelError(f"the hub does not say which revision of {repository} it has")
    return value


def _files(siblings: list[Any]) -> tuple[HubFile, ...]:
    found = []
    for each in siblings:
        if not is_safe_name(str(each.rfilename)) or each.size is None:
            continue
        sha256 = str(each.lfs.sha256) if each.lfs is not None else ""
        found.append(HubFile(str(each.rfilename), int(each.size), sha256, "" if sha256 else str(each.blob_id or "")))
    return tuple(sorted(found, key=lambda file: file.name))


def _first_line(error: BaseException) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)[:200]
