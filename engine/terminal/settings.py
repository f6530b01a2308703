"""Changing one setting in the user's file, whatever else stands in it."""

from __future__ import annotations

import json
import re
from pathlib import Path

from engine.config import load_settings
from engine.errors import StorageError
from engine.models.files import replacing
from engine.paths import private_directory

__all__ = ["write_setting"]


def write_setting(path: Path, name: str, value: str) -> None:
    """Set a text setting at the top level of the TOML file at ``path``; other lines and comments stay.

    Raises UsageError when the file is not valid, StorageError when it cannot be written. Nothing is changed then.
    """
    load_settings(path)
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
    except OSError as error:
        raise StorageError(f"{path}: cannot be read: {error.strerror}") from error
    line = f"{name} = {_quoted(value)}"
    pattern = re.compile(rf"^[ \t]*{re.escape(name)}[ \t]*=.*$", re.MULTILINE)
    # A new one goes first: there are no tables among the settings, but a comment may end without a newline.
    changed = pattern.sub(lambda _: line, text, count=1) if pattern.search(text) else f"{line}\n{text}"
    private_directory(path.parent)
    with replacing(path) as temporary:
        temporary.write_text(changed, encoding="utf-8")
        load_settings(temporary)


def _quoted(value: str) -> str:
    # A JSON string is a TOML basic string, but for DEL and surrogate pairs; non-ASCII stays as it is.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
