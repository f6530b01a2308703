"""Whether checking is forbidden here: by the environment, or by a policy file of the machine or of the user.

A policy file holds any of ``checking = "forbidden"``, ``providers = ["compatible"]`` (no others may be used),
``addresses = ["https://gateway.example/"]`` (no others may be used) and ``reason = "one sentence"``. A file that is
there and cannot be read or understood forbids checking: whoever wrote it wanted something to be kept in.
"""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from engine import paths
from engine.verdicts import Provider

__all__ = ["FORBID_VARIABLE", "POLICY_FILE", "Policy", "policy_files", "read_policy"]

FORBID_VARIABLE = "SIDETUNE_CHECK"  # "forbidden", "0", "no", "off", "never": no checking
POLICY_FILE = "policy.toml"
_KNOWN = {"checking", "providers", "addresses", "reason"}


@dataclass(frozen=True, slots=True)
class Policy:
    """What may be done here."""

    forbidden: str = ""  # a sentence when checking is forbidden altogether
    providers: tuple[str, ...] | None = None  # None: any
    addresses: tuple[str, ...] | None = None  # prefixes of base URLs; None: any
    source: str = ""  # the file that limits providers or addresses

    def objection(self, provider: Provider, address: str) -> str:
        """Return a sentence when this provider or address must not be used, "" otherwise."""
        if self.forbidden:
            return self.forbidden
        if not provider:
            return ""
        if self.providers is not None and provider not in self.providers:
            return f"The policy {self.source} does not allow the provider {provider}."
        if self.addresses is not None and not any(_within(address, each) for each in self.addresses):
            return f"The policy {self.source} does not allow the address {address}."
        return ""


def policy_files() -> tuple[Path, ...]:
    """Return where policy files may be: the machine's, which only an administrator can write, and the user's."""
    if sys.platform == "win32":
        machine = Path(os.environ.get("PROGRAMDATA", r"C:\ProgramData")) / "sidetune"
    elif sys.platform == "darwin":
        machine = Path("/Library/Application Support/sidetune")
    else:
        machine = Path("/etc/sidetune")
    return machine / POLICY_FILE, paths.home() / POLICY_FILE


def read_policy(files: Sequence[Path] | None = None, environment: Mapping[str, str] | None = None) -> Policy:
    """Return what the environment and all policy files together allow."""
    variables = os.environ if environment is None else environment
    value = variables.get(FORBID_VARIABLE, "").strip().lower()
    if value in {"forbidden", "forbid", "0", "no", "off", "never", "false"}:
        return Policy(f"Checking is forbidden here: the environment sets {FORBID_VARIABLE}={value}.")
    policy = Policy()
    for path in policy_files() if files is None else files:
        found = _read(path)
        if found is None:
            continue
        if found.forbidden:
            return found
        policy = Policy(
            "",
            _both(policy.providers, found.providers),
            found.addresses if policy.addresses is None else _narrowed(policy.addresses, found.addresses),
            found.source or policy.source,
        )
    return policy


def _read(path: Path) -> Policy | None:
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        return Policy(f"Checking is forbidden here: the policy {path} cannot be read ({why}).")
    try:
        return _understood(path, tomllib.loads(text))
    except (tomllib.TOMLDecodeError, ValueError) as error:
        return Policy(f"Checking is forbidden here: the policy {path} cannot be understood ({error}).")


def _understood(path: Path, values: dict[str, Any]) -> Policy:
    unknown = values.keys() - _KNOWN
    if unknown:
        raise ValueError(f"there is no rule {sorted(unknown)[0]!r}")
    checking = values.get("checking", "allowed")
    reason = values.get("reason", "")
    if checking not in {"allowed", "forbidden"} or not isinstance(reason, str):
        raise ValueError('checking must be "allowed" or "forbidden", reason a text')
    if checking == "forbidden":
        why = " ".join(reason.split())
        return Policy(f"Checking is forbidden here by the policy {path}" + (f": {why}" if why else "."))
    return Policy("", _texts(values, "providers"), _texts(values, "addresses"), str(path))


def _texts(values: Mapping[str, Any], name: str) -> tuple[str, ...] | None:
    found = values.get(name)
    if found is None:
        return None
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise ValueError(f"{name} must be a list of texts")
    return tuple(found)


def _both(left: tuple[str, ...] | None, right: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if left is None or right is None:
        return right if left is None else left
    return tuple(each for each in left if each in right)


def _narrowed(left: tuple[str, ...], right: tuple[str, ...] | None) -> tuple[str, ...]:
    if right is None:
        return left
    inner = [each for each in right if any(_within(each, other) for other in left)]
    inner += [each for each in left if any(_within(each, other) for other in right)]
    return tuple(dict.fromkeys(inner))


def _within(address: str, allowed: str) -> bool:
    """Return whether an address lies at or below an allowed one: same scheme, host and port, and the path's parts."""
    one, other = urlsplit(address), urlsplit(allowed)
    if (one.scheme, one.hostname, one.port) != (other.scheme, other.hostname, other.port):
        return False
    wanted = [part for part in other.path.split("/") if part]
    return [part for part in one.path.split("/") if part][: len(wanted)] == wanted
