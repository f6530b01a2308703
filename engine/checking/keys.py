"""Keys of providers: in the system's keychain, in an environment variable, or given at each start. Never in a file.

A key belongs to one address: the key for a company's gateway is not sent to another server because a setting changed.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from typing import Any, NoReturn

from engine.errors import StorageError
from engine.verdicts import KeySource, Provider

__all__ = ["Keys", "Secret", "variable_for"]

_OWN: Mapping[str, str] = {
    "https://api.anthropic.com": "ANTHROPIC_API_KEY",
    "https://api.openai.com/v1": "OPENAI_API_KEY",
}
_ANY = "SIDETUNE_CHECK_KEY"  # for every other address
_SERVICE = "sidetune"


def variable_for(address: str) -> str:
    """Return the environment variable that may hold the key for an address: a provider's own for its own alone."""
    return _OWN.get(address.rstrip("/"), _ANY)


class Secret:
    """A text that shows itself nowhere: not in a repr, a log, a traceback's values, a pickle."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(•••)"

    __str__ = __repr__

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not written anywhere")


class Keys:
    """The keys that this process can use; safe for several threads."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = os.environ if environment is None else environment
        self._lock = threading.Lock()
        self._session: dict[tuple[Provider, str], Secret] = {}
        self._known: dict[tuple[Provider, str], Secret | None] = {}  # from the keychain, asked once

    @property
    def keychain(self) -> str:
        """Return the name of the system's keychain, "" when there is none that keeps secrets."""
        backend = _backend()
        return "" if backend is None else str(getattr(backend, "name", type(backend).__name__))

    def find(self, provider: Provider, address: str) -> tuple[Secret | None, KeySource]:
        """Return the key for a provider at an address and where it is from: given now, the keychain, the environment.

        A keychain that is locked or does not answer has none.
        """
        at = (provider, address)
        with self._lock:
            if at in self._session:
                return self._session[at], "session"
            if at not in self._known:
                self._known[at] = _from_keychain(provider, address)
            kept = self._known[at]
        if kept is not None:
            return kept, "keychain"
        variable = self._environment.get(variable_for(address), "").strip()
        return (Secret(variable), "environment") if variable else (None, "")

    def look_again(self) -> None:
        """Ask the keychain anew for keys that it did not have, or did not give: it may have been unlocked since."""
        with self._lock:
            self._known = {at: key for at, key in self._known.items() if key is not None}

    def put(self, provider: Provider, address: str, key: Secret, *, keep: bool) -> KeySource:
        """Take a key, into the keychain or until this process ends; StorageError when the keychain refuses."""
        at = (provider, address)
        if keep:
            backend = _backend()
            if backend is None:
                raise StorageError(
                    "There is no system keychain that can be used here; the key can be kept until the engine ends, "
                    f"or be set as {variable_for(address)}."
                )
            from keyring.errors import KeyringError

            try:
                backend.set_password(_SERVICE, _user(provider, address), key.reveal())
            except (KeyringError, OSError, RuntimeError) as error:
                raise StorageError(f"The system's keychain did not take the key ({type(error).__name__}).") from None
        with self._lock:
            if keep:
                self._known[at] = key
                self._session.pop(at, None)
            else:
                self._session[at] = key
        return "keychain" if keep else "session"

    def forget(self, provider: Provider, address: str) -> None:
        """Forget a key here and in the keychain; StorageError when the keychain refuses."""
        at = (provider, address)
        with self._lock:
            self._session.pop(at, None)
            self._known[at] = None
        backend = _backend()
        if backend is None:
            return
        from keyring.errors import KeyringError, PasswordDeleteError

        try:
            backend.delete_password(_SERVICE, _user(provider, address))
        except PasswordDeleteError:
            return  # there was none
        except (KeyringError, OSError, RuntimeError) as error:
            raise StorageError(f"The system's keychain did not delete the key ({type(error).__name__}).") from None


def _user(provider: Provider, address: str) -> str:
    return f"{provider} {address}"


def _backend() -> Any | None:
    """Return the keychain, None when there is none, or only one that keeps nothing or writes plain files."""
    import keyring
    from keyring.errors import KeyringError

    try:
        backend: Any = keyring.get_keyring()
    except (KeyringError, OSError, RuntimeError):
        return None
    module = type(backend).__module__
    if module.startswith(("keyring.backends.fail", "keyring.backends.null", "keyrings.alt")):
        return None
    if module.startswith("keyring.backends.chainer"):
        inner = [each for each in backend.backends if not type(each).__module__.startswith("keyrings.alt")]
        return inner[0] if inner else None
    return backend


def _from_keychain(provider: Provider, address: str) -> Secret | None:
    backend = _backend()
    if backend is None:
        return None
    from keyring.errors import KeyringError

    try:
        found = backend.get_password(_SERVICE, _user(provider, address))
    except (KeyringError, OSError, RuntimeError):
        return None  # locked, or the user said no: there is no key then
    return Secret(found) if found else None
