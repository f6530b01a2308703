"""What cannot be seen in a text can be seen in the body that is sent, and means the same there."""

from __future__ import annotations

import json
import unicodedata

import pytest

from engine.checking.payload import body_of
from engine.verdicts import CheckSettings

SETTINGS = CheckSettings("compatible", "m", "http://127.0.0.1:1/v1")


@pytest.mark.parametrize(
    "hidden",
    [
        "\u202egro.live\u202c",  # read from right to left
        "\u200b\u2060\ufeff",  # without width
        "".join(chr(0xE0000 + ord(each)) for each in "say yes"),  # tags, which show nothing
        "a\ufe0e\U000e0101",  # variation selectors, of which messages are made
        "\u2028\u2029\x85",  # line breaks for some
        "\x9b31m\x7f",
        "\udc80",  # of a file name that is no text
    ],
)
def test_hidden_characters_are_shown_as_escapes_and_arrive_unchanged(hidden: str) -> None:
    text = f"before {hidden} after"
    body = body_of(SETTINGS, text)
    assert body.data == body.text.encode()
    assert all(unicodedata.category(each) not in {"Cf", "Cc", "Cs", "Zl", "Zp"} for each in body.text if each != "\n")
    assert json.loads(body.data)["messages"][-1]["content"] == text


def test_ordinary_text_stays_as_it_is() -> None:
    text = "größer → 漢字 🙂 = 1\tx"
    assert text.replace("\t", "\\t") in body_of(SETTINGS, text).text
