"""How drafts are checked, in ``check.toml``: read whole, checked, written whole. It never holds a key."""

from __future__ import annotations

import ipaddress
import json
import math
import os
import re
import threading
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from engine import paths
from engine.errors import StorageError, UsageError
from engine.network import is_loopback
from engine.verdicts import CheckSettings, Price

__all__ = ["check_file", "load_check_settings", "save_check_settings", "validated"]

_MOST_ROUNDS = 5
_HEAD = """\
# How Sidetune has drafts checked by a hosted model; docs/checking.md explains every line.
# Keys are never kept here.
"""


def check_file() -> Path:
    """Return the file of these settings."""
    return paths.home() / "check.toml"


def load_check_settings(path: Path | None = None) -> CheckSettings:
    """Read the settings; a missing file gives the defaults. UsageError for what is no such file."""
    path = path or check_file()
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return CheckSettings()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not valid TOML: {error}") from error
    unknown = values.keys() - {field.name for field in fields(CheckSettings)}
    if unknown:
        raise UsageError(f"{path}: there is no setting {sorted(unknown)[0]!r}")
    try:
        return validated(msgspec.convert(values, CheckSettings))
    except msgspec.ValidationError as error:
        raise UsageError(f"{path}: {error}") from error


def validated(settings: CheckSettings) -> CheckSettings:
    """Return the settings, with blanks and a closing slash taken away; UsageError for what cannot be meant."""
    if (settings.provider == "compatible" and settings.address.strip()) or settings.address.strip():
        _check_address(settings.address)
    if not 0 <= settings.rounds <= _MOST_ROUNDS:
        raise UsageError(f"rounds must be 0 to {_MOST_ROUNDS}")
    if not math.isfinite(settings.budget) or settings.budget < 0:
        raise UsageError("the budget must be dollars, or 0 for no limit")
    if not 100 <= settings.answer_tokens <= 100_000:
        raise UsageError("answer_tokens must be 100 to 100,000")
    for pattern in settings.keep_out:
        try:
            compiled = re.compile(pattern)
        except re.error as error:
            raise UsageError(f"the pattern {pattern!r} is no regular expression: {error}") from error
        if compiled.match(""):
            raise UsageError(f"the pattern {pattern!r} matches nothing at all, and so everywhere")
    for model, price in settings.prices.items():
        if not all(math.isfinite(each) and each >= 0 for each in (price.input, price.output)):
            raise UsageError(f"the price of {model} must not be negative")
    from dataclasses import replace

    return replace(settings, model=settings.model.strip(), address=settings.address.strip().rstrip("/"))


def _check_address(address: str) -> None:
    try:
        parts = urlsplit(address.strip())
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise UsageError(f"{address!r} is no address: {error}") from error
    if parts.scheme not in {"http", "https"} or not host:
        raise UsageError(f"the address {address!r} must begin with https:// (or http:// on this machine or network)")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise UsageError("the address must not hold a name, a password, a query or a fragment; the key is kept apart")
    if parts.scheme == "http" and not _is_near(host):
        raise UsageError(f"code and key would travel to {host} unencrypted; use https://")


def _is_near(host: str) -> bool:
    """Return whether a host is this machine, or by its name or address in the local network."""
    if is_loopback(host) or ("." not in host.strip("[]") and ":" not in host):
        return True
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host.endswith((".local", ".lan", ".internal", ".home.arpa"))


def save_check_settings(settings: CheckSettings, path: Path | None = None) -> None:
    """Write the settings; readers see the old file or the new one. UsageError, StorageError."""
    path = path or check_file()
    text = _HEAD + _toml(validated(settings))
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.tmp")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise StorageError(f"{path}: cannot be written: {error.strerror}") from error
    finally:
        temporary.unlink(missing_ok=True)


def _toml(settings: CheckSettings) -> str:
    default = CheckSettings()
    lines = []
    for field in fields(CheckSettings):
        value = getattr(settings, field.name)
        if field.name != "prices" and value != getattr(default, field.name):
            lines.append(f"{field.name} = {_value(value)}")
    for model, price in settings.prices.items():
        lines.append(f"\n[prices.{_value(model)}]")
        lines += [f"{field.name} = {_value(getattr(price, field.name))}" for field in fields(Price)]
    return "".join(f"{line}\n" for line in lines)


def _value(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, Mapping):
        raise TypeError("a table is written line by line")
    # A JSON string is a TOML basic string, but for DEL.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
