from __future__ import annotations

import itertools
import json
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import GenerationError, ModelError
from engine.generation.chat import ChatTemplate
from engine.generation.prompt import Piece
from tests.generation.conftest import Tuned

QWEN_LIKE = """{%- if messages[0]['role'] == 'system' %}
    {{- '<|system|>' + messages[0]['content'] + '<|end|>\\n' }}
{%- endif %}
{%- for message in messages %}
    {%- if message.role != 'system' %}
        {{- '<|' + message.role + '|>\\n' + message.content | trim + '<|end|>' + '\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|assistant|>\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>\\n\\n</think>\\n\\n' }}{%- endif %}
{%- endif %}"""
NO_SYSTEM = (
    "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'system' %}{{ raise_exception('no system') }}{% endif %}"
    "<|{{ m['role'] }}|>{{ m['content'] }}<|end|>{% endfor %}<|assistant|>"
)
MESSAGES = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "What is <|end|> here?"},
    {"role": "assistant", "content": "A token [1]."},
    {"role": "user", "content": "  And {{ this }} {% raw %}? "},
]


@pytest.fixture
def folder(tuned: dict[str, Tuned], tmp_path: Path) -> Path:
    return shutil.copytree(tuned["llama"].folder, tmp_path / "model")


def _template(folder: Path, source: str) -> ChatTemplate:
    path = folder / "tokenizer_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "chat_template": source, "bos_token": "<|pad|>"}))
    return ChatTemplate(folder)


def _text(pieces: tuple[Piece, ...]) -> str:
    return "".join(piece.text for piece in pieces)


def test_it_is_what_transformers_renders(folder: Path) -> None:
    from transformers import AutoTokenizer

    template = _template(folder, QWEN_LIKE)
    messages = [{**each, "content": each["content"].strip()} for each in MESSAGES]
    expected = AutoTokenizer.from_pretrained(folder).apply_chat_template(
        messages, tokenize=False, add_generation_prompt=True, enable_thinking=False
    )
    assert _text(template.pieces(messages)) == expected


def test_only_the_template_writes_control_tokens(folder: Path) -> None:
    pieces = _template(folder, QWEN_LIKE).pieces(MESSAGES)
    special = [piece.text for piece in pieces if piece.special]
    assert special == [
        "<|system|>",
        "<|end|>",
        "<|user|>",
        "<|end|>",
        "<|assistant|>",
        "<|end|>",
        "<|user|>",
        "<|end|>",
        "<|assistant|>",
    ]
    assert Piece("\nWhat is <|end|> here?") in pieces
    assert Piece("\n  And {{ this }} {% raw %}? ") in pieces
    assert all(not (a.special is b.special is False) for a, b in itertools.pairwise(pieces))


@settings(
    max_examples=100, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    contents=st.lists(st.text(max_size=20) | st.sampled_from(["<|user|>", "{{ x }}", "0", "x"]), min_size=1, max_size=4)
)
def test_any_content_arrives_untouched(folder: Path, contents: list[str]) -> None:
    messages = [{"role": "user", "content": content} for content in contents]
    template = ChatTemplate(folder)
    pieces = template.pieces(messages)
    assert [piece.text for piece in pieces if not piece.special] == [content for content in contents if content]
    assert len([piece for piece in pieces if piece.special]) == 2 * len(contents) + 1


def test_a_template_without_system_messages_gets_it_in_front(folder: Path) -> None:
    text = _text(_template(folder, NO_SYSTEM).pieces(MESSAGES))
    assert text.startswith("<|pad|><|user|>Be brief.\n\nWhat is <|end|> here?<|end|><|assistant|>A token [1].<|end|>")


def test_templates_that_fail_say_so(folder: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        _template(folder, "{% for %}")
    with pytest.raises(GenerationError, match="does not accept this conversation: never"):
        _template(folder, "{{ raise_exception('never') }}").pieces(MESSAGES)
    with pytest.raises(GenerationError, match="leaves out a part"):
        _template(folder, "{{ messages[0].content }}").pieces(MESSAGES)
    path = folder / "tokenizer_config.json"
    path.write_text("{}")
    with pytest.raises(ModelError, match="no chat template"):
        ChatTemplate(folder)


@pytest.mark.parametrize(
    "source",
    ["{{ messages.__class__.__mro__[1].__subclasses__() }}", "{{ ''.__class__ }}x", "{% set _ = messages.append(1) %}"],
)
def test_a_template_cannot_reach_out_of_its_sandbox(folder: Path, source: str) -> None:
    with pytest.raises(GenerationError):
        _template(folder, source).pieces(MESSAGES)
