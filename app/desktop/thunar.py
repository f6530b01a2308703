"""Thunar's custom actions: one file, ``uca.xml``, that all of the user's actions share.

Only our own ``<action>`` is written or taken out, as text; whatever else stands in the file stays byte for byte.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from engine.errors import UsageError

__all__ = ["EMPTY", "UNIQUE_ID", "action_text", "with_action", "without_action"]

UNIQUE_ID = "sidetune-ask"
EMPTY = '<?xml version="1.0" encoding="UTF-8"?>\n<actions>\n</actions>\n'

_DECLARATION = re.compile(r"\A\ufeff?\s*<\?xml.*?\?>", re.DOTALL)
_OURS = re.compile(
    rf"<action>(?:(?!</action>).)*?<unique-id>\s*{re.escape(UNIQUE_ID)}\s*</unique-id>.*?</action>[ \t]*\n?", re.DOTALL
)
_END = re.compile(r"</actions\s*>(?!.*</actions\s*>)", re.DOTALL)
_EMPTY_ROOT = re.compile(r"<actions\s*/>")


def action_text(name: str, description: str, command: str, icon: str) -> str:
    """Return the ``<action>`` for files and folders; ``command`` is a line for ``sh`` with Thunar's codes."""
    return (
        "<action>\n"
        f"\t<icon>{escape(icon)}</icon>\n"
        f"\t<name>{escape(name)}</name>\n"
        f"\t<unique-id>{UNIQUE_ID}</unique-id>\n"
        f"\t<command>{escape(command)}</command>\n"
        f"\t<description>{escape(description)}</description>\n"
        "\t<patterns>*</patterns>\n"
        "\t<directories/>\n\t<other-files/>\n\t<text-files/>\n"
        "</action>\n"
    )


def with_action(text: str, action: str) -> str:
    """Return the file's ``text`` with ``action`` in it once; UsageError when the text is no list of actions."""
    _check(text)
    if _OURS.search(text):
        return _OURS.sub(lambda _: action, text, count=1)
    if _END.search(text):
        return _END.sub(lambda end: action + end[0], text, count=1)
    return _EMPTY_ROOT.sub(lambda _: f"<actions>\n{action}</actions>", text, count=1)


def without_action(text: str) -> str:
    """Return the file's ``text`` without our action; UsageError when the text is no list of actions."""
    _check(text)
    return _OURS.sub("", text)


def _check(text: str) -> None:
    # Thunar itself wrote declarations that no XML reader but its own takes: they are left out of the check.
    try:
        root = ElementTree.fromstring(_DECLARATION.sub("", text))  # noqa: S314 - the user's own configuration
    except ElementTree.ParseError as error:
        raise UsageError(f"it is not valid XML ({error})") from error
    if root.tag != "actions":
        raise UsageError("it is not a list of Thunar's actions")
