"""Question, draft and evidence as the parts of what would be sent: redacted, and withheld where they must stay here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import pathspec

from engine.checking.redaction import Redacted, Redactor
from engine.verdicts import CheckPart, CheckSettings, SourceLines

__all__ = ["evidence_parts", "place_in", "text_parts"]

Lines = Callable[[str, int, int], str | None]
_SHORTEST_QUOTE = 12  # letters and digits of a quote that is not found letter by letter


def text_parts(question: Redacted, draft: Redacted) -> tuple[CheckPart, ...]:
    """Return the parts that every check consists of."""
    return (
        CheckPart("question", "Question", question.text, included=True, required=True, redactions=question.spans),
        CheckPart("draft", "Draft", draft.text, included=True, required=True, redactions=draft.spans),
    )


def evidence_parts(
    settings: CheckSettings,
    redactor: Redactor,
    evidence: Sequence[SourceLines],
    lines: Lines,
    left_out: Mapping[str, str],
    *,
    first_number: int = 1,
) -> tuple[CheckPart, ...]:
    """Return evidence as numbered parts, in the order given.

    ``lines`` returns lines of a file as they are now; ``left_out`` says why files must not be sent. What the user's
    own patterns name is withheld as well. A part that is withheld keeps its number and has no text.
    """
    own = pathspec.GitIgnoreSpec.from_lines(settings.keep_out_paths)
    parts = []
    for number, each in enumerate(evidence, start=first_number):
        text = lines(each.path, each.first_line, each.last_line)
        shown_path = redactor.redact(each.path).text
        title = f"{shown_path} lines {each.first_line} to {each.last_line}"
        if own.match_file(each.path):
            withheld = "Your settings keep this file here."
        elif each.path in left_out:
            withheld = f"This file is not sent: {left_out[each.path]}."
        elif text is None:
            withheld = "These lines are no longer there."
        else:
            withheld = ""
        redacted = redactor.redact("" if withheld or text is None else text, each.path)
        parts.append(
            CheckPart(
                f"evidence-{number}",
                title,
                redacted.text,
                included=not withheld,
                path=each.path,
                first_line=each.first_line,
                last_line=each.last_line,
                redactions=redacted.spans,
                withheld=withheld,
            )
        )
    return tuple(parts)


def place_in(original: str, draft: Redacted) -> Callable[[str], tuple[int, int, str]]:
    """Return a function that finds quotes of the sent draft in the draft as it was shown.

    It returns the first character, one after the last, and the draft's words; (-1, -1, "") for what does not stand
    there. A quote that comes twice is found twice, in order. Marks, white space and case may differ.
    """
    letters = [(at, character.casefold()) for at, character in enumerate(draft.text) if character.isalnum()]
    plain = "".join(character for _, character in letters)
    positions = [at for at, character in letters for _ in character]
    used: dict[str, int] = {}

    def find(quote: str) -> tuple[int, int, str]:
        wanted = quote.strip()
        start = draft.text.find(wanted, used.get(wanted, 0)) if wanted else -1
        end = start + len(wanted)
        if start < 0:
            # Without the citations that a model tends to drop, and without marks.
            bare = "".join(each.casefold() for each in re.sub(r"\[\d+\]", "", wanted) if each.isalnum())
            at = plain.find(bare, used.get(bare, 0)) if len(bare) >= _SHORTEST_QUOTE else -1
            if at < 0:
                return -1, -1, ""
            used[bare] = at + len(bare)
            start, end = positions[at], positions[at + len(bare) - 1] + 1
        else:
            used[wanted] = end
        first, last = draft.original(start, end)
        return first, last, original[first:last]

    return find
