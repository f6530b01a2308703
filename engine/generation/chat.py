"""Messages -> the prompt of a model with a chat template of its own.

The template (Jinja, written by whoever made the model) is rendered in a sandbox with a placeholder for
each content, and cut at the placeholders: what the template wrote may hold control tokens, what came out
of a repository or a question may not, whatever it looks like.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from engine.errors import GenerationError, ModelError
from engine.generation.prompt import Piece
from engine.models.folder import added_tokens, read_chat_template, read_json

__all__ = ["ChatTemplate"]


def _refuse(message: str) -> NoReturn:
    """Stop rendering; what templates call ``raise_exception``."""
    import jinja2

    raise jinja2.TemplateError(message)


def _token_text(value: Any) -> str:
    if isinstance(value, Mapping):
        value = value.get("content")
    return value if isinstance(value, str) else ""


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

    def __init__(self, folder: Path) -> None:
        import jinja2
        from jinja2.ext import loopcontrols
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        source = read_chat_template(folder)
        if source is None:
            raise ModelError(f"the model in {folder} has no chat template")
        environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols])
        environment.globals["raise_exception"] = _refuse
        try:
            self._template = environment.from_string(source)
        except jinja2.TemplateError as error:
            raise ModelError(f"the chat template of the model in {folder} cannot be read: {error}") from error
        path = folder / "tokenizer_config.json"
        settings = read_json(path) if path.is_file() else {}
        self._tokens = {name: _token_text(settings.get(name)) for name in ("bos_token", "eos_token", "pad_token")}
        control = sorted((token.text for token in added_tokens(folder) if token.control), key=len, reverse=True)
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
