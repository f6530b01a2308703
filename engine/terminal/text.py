"""Text of a repository or a model -> text that a terminal can be given: data, never instructions to it."""

from __future__ import annotations

import re

__all__ = ["Wrapper", "safe", "safe_line", "shorten"]

# Left as they are: printable text, newline, tab. Replaced by something visible: the other C0 and C1 controls and
# DEL (escape sequences begin with them), lone surrogates (undecodable bytes of file names, which no stream takes),
# line separators, and the marks that reorder text, so that what is shown is what is there (trojansource.codes).
_UNSAFE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_WHITE = re.compile(r"\s+")


def _visible(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)  # a control picture: ␛ for escape
    if code == 0x7F:
        return "\u2421"
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"  # a byte that is no UTF-8
    return "\ufffd"


def safe(text: str) -> str:
    """Return ``text`` with newlines and tabs as they are and every other control character made visible."""
    return _UNSAFE.sub(_visible, text.replace("\r\n", "\n"))


def safe_line(text: str) -> str:
    """Return ``text`` for one line: control characters are visible, newlines and tabs included."""
    return _UNSAFE.sub(_visible, text).replace("\n", "\u240a").replace("\t", "\u2409")


def shorten(text: str, width: int) -> str:
    """Return one line of at most ``width`` characters: white space collapsed, the end cut with an ellipsis."""
    line = safe_line(_WHITE.sub(" ", text).strip())
    return line if len(line) <= width else line[: max(0, width - 1)] + "…"


class Wrapper:
    """Breaks streamed text at spaces: ``feed`` returns what can be shown now, ``flush`` the rest.

    A width of 0 breaks nothing. A word longer than a line stays whole; the terminal breaks it. Leading
    spaces of a line are kept, since code is indented with them.
    """

    def __init__(self, width: int) -> None:
        self._width = width
        self._column = 0
        self._space = ""
        self._word = ""

    def feed(self, text: str) -> str:
        """Take a piece of text and return the part of all text so far that is now decided."""
        if not self._width:
            return text
        shown = []
        for character in text:
            if character == "\n":
                shown.append(self._end_word() + "\n")
                self._column, self._space = 0, ""
            elif character in " \t":
                shown.append(self._end_word())
                self._space += character
            else:
                self._word += character
        return "".join(shown)

    def flush(self) -> str:
        """Return what was held back."""
        return self._end_word()

    def _end_word(self) -> str:
        if not self._word:
            return ""
        space, word = self._space, self._word
        self._space = self._word = ""
        if self._column and self._column + len(space) + len(word) > self._width:
            self._column = len(word)
            return "\n" + word
        self._column += len(space) + len(word)
        return space + word
