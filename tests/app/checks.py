"""What an engine says about checking drafts, for tests and to look at."""

from __future__ import annotations

from typing import Any

from engine.verdicts import (
    Checked,
    CheckPart,
    CheckPreview,
    CheckSettings,
    CheckState,
    Claim,
    RedactedSpan,
    SourceLines,
    StoredNote,
    Usage,
)
from engine.wire import (
    ACCEPT_ANSWER,
    ACCEPT_CORRECTION,
    ALLOW_CHECKS,
    AMEND_PREVIEW,
    CHECK_KEY,
    CHECK_STATE,
    DELETE_NOTE,
    EDIT_NOTE,
    LIST_NOTES,
    PREVIEW_CHECK,
    START_CHECK,
    WRITE_CHECK_SETTINGS,
    Accepted,
    Empty,
    Notes,
)
from tests.app.scripted import TEXT

SETTINGS = CheckSettings("anthropic", "claude-sonnet-4-5", keep_out=(r"CUST-\d+",))
STATE = CheckState(
    settings=SETTINGS,
    ready=True,
    key="keychain",
    key_name="ANTHROPIC_API_KEY",
    keychain="Secret Service",
    destination="api.anthropic.com",
    spent=0.0213,
    suggestions={"anthropic": ("claude-sonnet-4-5", "claude-haiku-4-5"), "openai": ("gpt-5", "gpt-5-mini")},
)
ORDERS = (
    'def total(self, discount: float = 0.0) -> float:\n    """Return the sum for <redacted:your pattern>."""\n'
    "    net = sum(price for _, price in self.lines) * (1 - discount)\n    return round_to_cents(net * (1 + VAT))"
)
PARTS = (
    CheckPart("question", "Question", "How is the total of an order made?", included=True, required=True),
    CheckPart("draft", "Draft", TEXT, included=True, required=True),
    CheckPart(
        "evidence-1", "src/shop/orders.py lines 17 to 20", ORDERS, included=True, path="src/shop/orders.py",
        first_line=17, last_line=20, redactions=(RedactedSpan(2, 26, 49, "your pattern"),),
    ),
    CheckPart(
        "evidence-2", "src/shop/money.py lines 4 to 6", "def round_to_cents(amount: float) -> float:\n    ...",
        included=True, path="src/shop/money.py", first_line=4, last_line=6,
    ),
    CheckPart(
        "evidence-3", "billing/rates.py lines 1 to 9", "", included=False, path="billing/rates.py", first_line=1,
        last_line=9, withheld="Your settings keep this file here.",
    ),
)  # fmt: skip
BODY = (
    '{\n  "model": "claude-sonnet-4-5",\n  "system": "Spans are written as <redacted:kind>.",\n'
    '  "max_tokens": 4000,\n  "messages": [\n    {\n      "role": "user",\n'
    '      "content": "=====BEGIN question 5f2a=====\\nHow is the total of an order made?\\n=====END question 5f2a====='
    '\\n\\n18|     \\"\\"\\"Return the sum for <redacted:your pattern>.\\"\\"\\""\n    }\n  ]\n}'
)
PREVIEW = CheckPreview(
    id="p1",
    thread="thread-1",
    turn=7,
    provider="anthropic",
    model="claude-sonnet-4-5",
    url="https://api.anthropic.com/v1/messages",
    headers={"content-type": "application/json", "x-api-key": "•••"},
    body=BODY,
    sha256="5f" * 32,
    bytes=8312,
    tokens=2210,
    price=0.0666,
    price_source="Anthropic's list prices of November 2026",
    parts=PARTS,
    redactions=1,
)


def claim(text: str, verdict: Any, reason: str, *lines: SourceLines) -> Claim:
    """Return a finding about words of the scripted answer."""
    start = TEXT.find(text)
    return Claim(text, start, start + len(text) if start >= 0 else -1, verdict, reason, lines)


CLAIMS = (
    claim(
        "`Order.total` [1] adds up the prices of all lines, takes the discount off and adds value added tax",
        "supported", "Lines 19 and 20 do exactly this.", SourceLines("src/shop/orders.py", 19, 20),
    ),
    claim(
        "the sum is rounded half up to cents [2]", "contradicted", "The rounding is half to even.",
        SourceLines("src/shop/money.py", 4, 6), SourceLines("src/shop/money.py", 2, 2),
    ),
    claim("The rate is the constant `VAT`.", "undecided", "Where VAT is set was not among the evidence."),
    claim("Orders can be empty", "undecided", "Nothing says so."),
)  # fmt: skip
CHECKED = Checked(
    check=3,
    turn=7,
    claims=CLAIMS,
    corrected=(
        "`Order.total` [1] adds up the prices of all lines, takes the discount off and adds value added tax; the sum "
        "is rounded half to even [2]."
    ),
    missing=("where VAT is set",),
    provider="anthropic",
    model="claude-sonnet-4-5",
    usage=Usage(1, 2214, 388, 0.0125),
    created="2026-11-21T10:00:00+00:00",
    sources=(SourceLines("src/shop/orders.py", 17, 20), SourceLines("src/shop/money.py", 4, 6)),
)
NOTE_LINES = SourceLines("src/shop/money.py", 4, 6)
NOTES = Notes(
    (
        StoredNote(
            3, "notes/2026-11-21-how-is-the-total-of-an-order-made~3", "How is the total of an order made?",
            CHECKED.corrected, "check", "Corrected by claude-sonnet-4-5 and accepted by the user.",
            "2026-11-21T10:01:00+00:00", "2026-11-21T10:01:00+00:00", stale=True,
            citations=(SourceLines("src/shop/orders.py", 17, 20), NOTE_LINES), changed=(NOTE_LINES,),
        ),
        StoredNote(
            1, "notes/2026-11-02-where-is-stock-reserved~1", "Where is stock reserved?", "In `Stock.reserve`.",
            "answer", "Accepted by the user.", "2026-11-02T09:00:00+00:00", "2026-11-20T09:00:00+00:00", stale=False,
        ),
    )
)  # fmt: skip


def check_replies() -> dict[str, Any]:
    """Return replies of an engine with which drafts can be checked."""
    return {
        CHECK_STATE.name: STATE,
        WRITE_CHECK_SETTINGS.name: STATE,
        CHECK_KEY.name: STATE,
        ALLOW_CHECKS.name: STATE,
        PREVIEW_CHECK.name: PREVIEW,
        AMEND_PREVIEW.name: PREVIEW,
        START_CHECK.name: lambda message: Accepted(message.id, 0),
        LIST_NOTES.name: NOTES,
        ACCEPT_CORRECTION.name: NOTES.notes[0],
        ACCEPT_ANSWER.name: NOTES.notes[1],
        EDIT_NOTE.name: NOTES.notes[0],
        DELETE_NOTE.name: Empty(),
    }
