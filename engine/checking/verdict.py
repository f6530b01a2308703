"""What a hosted model wrote -> claims with verdicts, checked against what it was given.

The schema is asked for by name where the provider can hold the model to it. Others are read with some patience (a
fence around the object, words before it), but what is taken over was validated: nothing is believed to be a line that
was not sent, or a word of the draft that does not stand there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from engine.errors import CheckError
from engine.verdicts import CheckPart, Claim, ClaimVerdict, SourceLines

__all__ = ["SCHEMA", "Verdict", "read_verdict"]

_MOST_CLAIMS = 60
_MOST_MISSING = 5
_LONGEST_REASON = 600


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


# Within what both providers' strict modes accept: every field required, no further ones, no limits on lengths.
SCHEMA: Mapping[str, Any] = _object(
    {
        "claims": {
            "type": "array",
            "items": _object(
                {
                    "quote": {"type": "string"},
                    "verdict": {"type": "string", "enum": ["supported", "contradicted", "undecided"]},
                    "reason": {"type": "string"},
                    "lines": {
                        "type": "array",
                        "items": _object(
                            {
                                "evidence": {"type": "integer"},
                                "first": {"type": "integer"},
                                "last": {"type": "integer"},
                            }
                        ),
                    },
                }
            ),
        },
        "corrected": {"type": "string"},
        "missing": {"type": "array", "items": {"type": "string"}},
    }
)


class _Lines(msgspec.Struct, frozen=True):
    evidence: int
    first: int
    last: int


class _Claim(msgspec.Struct, frozen=True):
    quote: str
    verdict: ClaimVerdict
    reason: str = ""
    lines: tuple[_Lines, ...] = ()


class _Verdict(msgspec.Struct, frozen=True):
    claims: tuple[_Claim, ...]
    corrected: str = ""
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a hosted model found, as far as it holds."""

    claims: tuple[Claim, ...]
    corrected: str
    missing: tuple[str, ...]
    warnings: tuple[str, ...]


def read_verdict(written: str, parts: Sequence[CheckPart], place: Callable[[str], tuple[int, int, str]]) -> Verdict:
    """Return the verdict in what was written; CheckError when there is none.

    ``parts`` are those that were sent; ``place`` finds a quote in the draft and returns its first and last character
    there (-1 when it does not stand there) and its words as the draft has them.
    """
    found = _parsed(written)
    if not found.claims:
        raise CheckError("The hosted model answered in the agreed form but judged nothing; the draft stays as it is.")
    sent = {part.id: part for part in parts if part.included and part.path}
    warnings: dict[str, None] = {}
    claims = []
    for each in found.claims[:_MOST_CLAIMS]:
        start, end, words = place(each.quote)
        if start < 0:
            warnings["A claim that was judged does not stand in the draft word by word; it is listed below it."] = None
        lines = _lines(each.lines, sent, warnings)
        verdict = each.verdict
        if verdict != "undecided" and not lines:
            verdict = "undecided"  # a finding that points to nothing cannot be looked up
            warnings["A finding without lines that were sent is counted as undecided."] = None
        claims.append(Claim(words or each.quote.strip(), start, end, verdict, _short(each.reason), lines))
    return Verdict(
        tuple(claims),
        found.corrected.strip(),
        tuple(dict.fromkeys(_short(each) for each in found.missing if each.strip()))[:_MOST_MISSING],
        tuple(warnings),
    )


def _parsed(written: str) -> _Verdict:
    last: Exception | None = None
    for candidate in _candidates(written):
        try:
            return msgspec.convert(json.loads(candidate), _Verdict)
        except (ValueError, RecursionError, msgspec.ValidationError) as error:
            last = last or error
    raise CheckError(
        "The hosted model did not answer in the agreed form, so nothing can be read from it; the draft stays as it is."
    ) from last


def _candidates(written: str) -> Sequence[str]:
    """Return what may be the object: all of it, what stands in a fence, what stands between the outermost braces."""
    found = [written.strip()]
    found += [match.group(1).strip() for match in re.finditer(r"```(?:json)?\s*\n(.*?)```", written, re.DOTALL)]
    first, last = written.find("{"), written.rfind("}")
    if 0 <= first < last:
        found.append(written[first : last + 1])
    return list(dict.fromkeys(found))


def _lines(
    given: Sequence[_Lines], sent: Mapping[str, CheckPart], warnings: dict[str, None]
) -> tuple[SourceLines, ...]:
    found = []
    for each in given:
        part = sent.get(f"evidence-{each.evidence}")
        if part is None or each.last < each.first or each.last < part.first_line or each.first > part.last_line:
            warnings["The hosted model pointed to lines that it was not sent; these are left out."] = None
            continue
        first, last = max(each.first, part.first_line), min(each.last, part.last_line)
        found.append(SourceLines(part.path, first, last))
    return tuple(dict.fromkeys(found))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_REASON else f"{line[: _LONGEST_REASON - 1]}…"
