from __future__ import annotations

from engine.generation.prompt import highlights
from engine.types import Chunk, ChunkKind, Evidence

SEND = '''def send(self, request, **kwargs):
    """Send a request.

    The rest is detail.
    """
    adapter = self.get_adapter(url=request.url)
    # The clock starts here, since redirects count.
    start = preferred_clock()
    return adapter.send(request, **kwargs)
'''
CLOSE = '''def close(
    self,
    hard: bool = False,
) -> None:
    """
    Close every adapter.
    """
    for v in self.adapters.values():
        v.close()
'''
MODULE = '''#!/usr/bin/env python
"""
Adapters that speak HTTP.
"""

import os
'''
PLAIN = "import os\n\nLIMIT = 3\n"


def _evidence(*parts: tuple[str, int, str, ChunkKind, str]) -> list[Evidence]:
    return [
        Evidence(number, Chunk(path, first, first + text.count("\n"), text, kind, "python", symbol))
        for number, (path, first, text, kind, symbol) in enumerate(parts, start=1)
    ]


EVIDENCE = _evidence(
    ("src/sessions.py", 40, SEND, "method", "Session.send"),
    ("src/sessions.py", 60, CLOSE, "method", "Session.close"),
    ("src/adapters.py", 1, MODULE, "module", ""),
)


def test_what_is_named_is_shown_with_what_it_says_of_itself() -> None:
    shown = highlights("How do Session.send and close() differ?", EVIDENCE)
    assert set(shown) == {
        (1, "def send(self, request, **kwargs):"),
        (1, '"""Send a request.'),
        (2, "def close("),
        (2, "Close every adapter."),
    }
    assert shown[0][0] == 1  # Session is named with it
    assert shown[:2] == ((1, "def send(self, request, **kwargs):"), (1, '"""Send a request.'))


def test_code_that_is_quoted_is_shown_with_the_comment_above_it() -> None:
    shown = highlights("Why does Session.send do `start = preferred_clock()`?", EVIDENCE)
    assert shown[:2] == ((1, "# The clock starts here, since redirects count."), (1, "start = preferred_clock()"))
    assert (1, "def send(self, request, **kwargs):") in shown
    uncommented = highlights("Why does Session.send do `adapter.send(request, **kwargs)`?", EVIDENCE)
    assert uncommented[0] == (1, "return adapter.send(request, **kwargs)")
    assert not any(line.startswith("#") for _, line in uncommented[:2])


def test_a_quoted_name_alone_is_no_code() -> None:
    assert highlights("What is `preferred_clock` for?", EVIDENCE)[0] == (1, "start = preferred_clock()")


def test_a_file_is_shown_by_its_docstring() -> None:
    for question in ("What is src/adapters.py about?", "I opened `adapters.py`: what's in it?"):
        assert highlights(question, EVIDENCE)[0] == (3, "Adapters that speak HTTP.")


def test_a_file_that_says_nothing_is_shown_by_its_definitions() -> None:
    evidence = _evidence(
        ("src/sessions.py", 60, f"@cached\n{CLOSE}", "method", "Session.close"),
        ("src/sessions.py", 1, PLAIN, "module", ""),
        ("src/sessions.py", 40, SEND, "method", "Session.send"),
        ("src/other.py", 1, MODULE, "module", ""),
    )
    shown = highlights("Summarise sessions.py.", evidence)
    assert shown[:2] == ((3, "def send(self, request, **kwargs):"), (1, "def close("))


def test_without_names_the_lines_that_share_most_are_shown() -> None:
    shown = highlights("where do redirects count", EVIDENCE)
    assert shown[0] == (1, "# The clock starts here, since redirects count.")
    assert highlights("unrelated thing entirely", EVIDENCE) == ()
