"""Messages -> the prompt of a model with a chat template of its own.

The template (Jinja, written by whoever made the model) is rendered in a sandbox with a placeholder for
each content, and cut at the placeholders: what the template wrote may hold control tokens, what came out
of a repository or a question may not, whatever it looks like.
"""

from __future__ import annotations

import datetime
import re
import secrets
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn

from engine.errors import GenerationError, ModelError
from engine.generation.prompt import Piece
from engine.models.chat import read_chat_format

__all__ = ["ChatTemplate"]


def _refuse(message: str) -> NoReturn:
    """Stop rendering; what templates call ``raise_exception``."""
    import jinja2

    raise jinja2.TemplateError(message)


def _today(form: str) -> str:
    """Return today's date as a template wants it written."""
    return datetime.datetime.now(tz=datetime.UTC).strftime(form)


@lru_cache(maxsize=1)
def _generation_tag() -> Any:
    """Return the extension for ``{% generation %}``, with which some templates mark what the model writes."""
    import jinja2.ext
    import jinja2.nodes

    class Generation(jinja2.ext.Extension):
        tags = {"generation"}  # noqa: RUF012 - jinja2's own declaration

        def parse(self, parser: Any) -> Any:
            line = next(parser.stream).lineno
            body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
            return jinja2.nodes.Scope(body).set_lineno(line)

    return Generation


def _merged(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Join neighbouring runs of text, so that they are tokenized as one, and drop empty ones."""
    found: list[Piece] = []
    for piece in pieces:
        if not piece.text:
            continue
        if found and not piece.special and not found[-1].special:
            found[-1] = Piece(found[-1].text + piece.text)
        else:
            found.append(piece)
    return tuple(found)


class ChatTemplate:
    """One model's template. Raises ModelError when the model has none or it is not valid Jinja."""

    def __init__(self, source: Path) -> None:
        """Read the template of the model in a folder or in a GGUF file."""
        import jinja2
        from jinja2.ext import loopcontrols
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        found = read_chat_format(source)
        if found.template is None:
            raise ModelError(f"the model in {source} has no chat template")
        environment = ImmutableSandboxedEnvironment(
            trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols, _generation_tag()]
        )
        environment.globals["raise_exception"] = _refuse
        environment.globals["strftime_now"] = _today
        try:
            self._template = environment.from_string(found.template)
        except jinja2.TemplateError as error:
            raise ModelError(f"the chat template of the model in {source} cannot be read: {error}") from error
        self._tokens = dict(found.tokens)
        control = sorted(found.control, key=len, reverse=True)
        self._control = re.compile("|".join(map(re.escape, control)) or r"(?!)")

    def _render(self, messages: Sequence[Mapping[str, str]], mark: str) -> str:
        """Return the rendered conversation with ``mark n mark`` in place of the n-th content."""
        import jinja2

        hidden = [{"role": each["role"], "content": f"{mark}{number}{mark}"} for number, each in enumerate(messages)]
        try:
            return self._template.render(
                messages=hidden, add_generation_prompt=True, enable_thinking=False, tools=None, **self._tokens
            )
        except (jinja2.TemplateError, TypeError, ValueError, KeyError, AttributeError, RecursionError) as error:
            raise GenerationError(f"the model's chat template does not accept this conversation: {error}") from error

    def pieces(self, messages: Sequence[Mapping[str, str]]) -> tuple[Piece, ...]:
        """Return the prompt of a conversation (role and content), ready for the model's answer.

        A template that takes no system message gets it in front of the first user message. Raises
        GenerationError when the template leaves a message out or fails.
        """
        try:
            return self._pieces(messages)
        except GenerationError:
            folded = _without_system(messages)
            if folded == list(messages):
                raise
            return self._pieces(folded)

    def _pieces(self, messages: Sequence[Mapping[str, str]]) -> tuple[Piece, ...]:
        mark = f"x{secrets.token_hex(8)}x"
        parts = re.split(f"{mark}(\\d+){mark}", self._render(messages, mark))
        if [int(number) for number in parts[1::2]] != list(range(len(messages))):
            raise GenerationError("the model's chat template leaves out a part of the conversation")
        pieces: list[Piece] = []
        for place, part in enumerate(parts):
            if place % 2:
                pieces.append(Piece(messages[int(part)]["content"]))
                continue
            start = 0
            for match in self._control.finditer(part):
                pieces += [Piece(part[start : match.start()]), Piece(match.group(), special=True)]
                start = match.end()
            pieces.append(Piece(part[start:]))
        return _merged(pieces)


def _without_system(messages: Sequence[Mapping[str, str]]) -> list[Mapping[str, str]]:
    """Return the conversation with the system message's content in front of the first user message."""
    if not messages or messages[0]["role"] != "system":
        return list(messages)
    rest: list[Mapping[str, str]] = list(messages[1:])
    for place, each in enumerate(rest):
        if each["role"] == "user":
            rest[place] = {"role": "user", "content": f"{messages[0]['content']}\n\n{each['content']}"}
            break
    return rest
