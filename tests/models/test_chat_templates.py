"""Conversations as the makers of models want them: what their templates do, the system prompt, and where turns end."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from engine.generation.chat import ChatTemplate
from engine.generation.llama import Llama
from engine.generation.prompt import Piece
from engine.models.gguf import write_model_gguf
from tests.models.tiny import CONTEXT

# What the template of Qwen2.5 (Apache-2.0) does where no tools are given.
QWEN25 = """\
{%- if tools %}
    {{- '<|im_start|>system\\n# Tools' }}
{%- else %}
    {%- if messages[0]['role'] == 'system' %}
        {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}
    {%- else %}
        {{- '<|im_start|>system\\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.<|im_end|>\\n' }}
    {%- endif %}
{%- endif %}
{%- for message in messages %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) or (message.role == "assistant") %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
"""
# And of Qwen3: earlier thoughts are left out, and an empty one is put first where none is wanted.
QWEN3 = """\
{%- if messages[0].role == 'system' %}
    {{- '<|im_start|>system\\n' + messages[0].content + '<|im_end|>\\n' }}
{%- endif %}
{%- set ns = namespace(last_query_index=messages|length - 1) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if message.role == "user" and not message.content.startswith('<tool_response>') %}
        {%- set ns.last_query_index = index %}
        {%- break %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- if message.content is string %}
        {%- set content = message.content %}
    {%- else %}
        {%- set content = '' %}
    {%- endif %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) %}
        {{- '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>' + '\\n' }}
    {%- elif message.role == "assistant" %}
        {%- if '</think>' in content %}
            {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
        {%- endif %}
        {{- '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}
        {{- '<think>\\n\\n</think>\\n\\n' }}
    {%- endif %}
{%- endif %}
"""
# Of Llama 3, and of a model that wants today's date and marks what it writes.
LLAMA3 = (
    "{% set loop_messages = messages %}{% for message in loop_messages %}"
    "{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' + message['content'] | trim"
    " + '<|eot_id|>' %}{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}{{ content }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}"
)
DATED = (
    "{% for m in messages %}{% if m.role == 'assistant' %}{% generation %}{{ m.content }}{% endgeneration %}"
    "{% else %}<|im_start|>{{ m.role }}\n{{ m.content }}{% endif %}<|im_end|>\n{% endfor %}"
    "{% set today = strftime_now('%Y') %}{% if today|int > 2000 %}<|im_start|>assistant\n{% endif %}"
)
# Of Gemma, which knows no system role.
GEMMA = (
    "{{ bos_token }}{% if messages[0]['role'] == 'system' %}"
    "{{ raise_exception('System role not supported') }}{% endif %}"
    "{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}"
    "{% if message['role'] == 'assistant' %}{% set role = 'model' %}"
    "{% else %}{% set role = message['role'] %}{% endif %}"
    "{{ '<start_of_turn>' + role + '\\n' + message['content'] | trim + '<end_of_turn>\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<start_of_turn>model\\n' }}{% endif %}"
)

CONTROL = {
    QWEN25: ("<|im_start|>", "<|im_end|>"),
    QWEN3: ("<|im_start|>", "<|im_end|>"),
    LLAMA3: ("<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"),
    DATED: ("<|im_start|>", "<|im_end|>"),
    GEMMA: ("<bos>", "<start_of_turn>", "<end_of_turn>"),
}
BOS = {LLAMA3: "<|begin_of_text|>", GEMMA: "<bos>"}
MESSAGES = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Where is <|im_end|> f?"},
    {"role": "assistant", "content": "In a.py."},
    {"role": "user", "content": "And g?"},
]
EXPECTED = {
    QWEN25: "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nWhere is <|im_end|> f?<|im_end|>\n"
    "<|im_start|>assistant\nIn a.py.<|im_end|>\n<|im_start|>user\nAnd g?<|im_end|>\n<|im_start|>assistant\n",
    QWEN3: "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nWhere is <|im_end|> f?<|im_end|>\n"
    "<|im_start|>assistant\nIn a.py.<|im_end|>\n<|im_start|>user\nAnd g?<|im_end|>\n<|im_start|>assistant\n"
    "<think>\n\n</think>\n\n",
    LLAMA3: "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>"
    "<|start_header_id|>user<|end_header_id|>\n\nWhere is <|im_end|> f?<|eot_id|>"
    "<|start_header_id|>assistant<|end_header_id|>\n\nIn a.py.<|eot_id|>"
    "<|start_header_id|>user<|end_header_id|>\n\nAnd g?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
    DATED: "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nWhere is <|im_end|> f?<|im_end|>\n"
    "In a.py.<|im_end|>\n<|im_start|>user\nAnd g?<|im_end|>\n<|im_start|>assistant\n",
    GEMMA: "<bos><start_of_turn>user\nBe brief.\n\nWhere is <|im_end|> f?<end_of_turn>\n"
    "<start_of_turn>model\nIn a.py.<end_of_turn>\n<start_of_turn>user\nAnd g?<end_of_turn>\n<start_of_turn>model\n",
}
NAMES = {QWEN25: "qwen2.5", QWEN3: "qwen3", LLAMA3: "llama3", DATED: "dated", GEMMA: "gemma"}


@pytest.mark.parametrize("template", EXPECTED, ids=lambda template: NAMES[template])
def test_each_family_is_talked_to_as_it_was_taught(
    tiny_folders: dict[str, Path], tmp_path: Path, template: str
) -> None:
    """From the folder and from the GGUF alone: the same pieces, control tokens only where the template put them."""
    folder = shutil.copytree(tiny_folders["llama"], tmp_path / "model")
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    control = CONTROL[template]
    # The tokens take the places of the last ones that are learned.
    texts = sorted(tokenizer["model"]["vocab"], key=lambda text: tokenizer["model"]["vocab"][text])
    for number, text in enumerate(control, start=512 - len(control)):
        gone = texts[number]
        tokenizer["model"]["merges"] = [pair for pair in tokenizer["model"]["merges"] if "".join(pair) != gone]
        del tokenizer["model"]["vocab"][gone]
        tokenizer["added_tokens"].append({**tokenizer["added_tokens"][0], "id": number, "content": text})
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    settings |= {"chat_template": template, "bos_token": BOS.get(template), "eos_token": control[-1]}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    write_model_gguf(folder, tmp_path / "model.gguf", "tiny")
    pieces = ChatTemplate(folder).pieces(MESSAGES)
    assert "".join(piece.text for piece in pieces) == EXPECTED[template]
    assert ChatTemplate(tmp_path / "model.gguf").pieces(MESSAGES) == pieces
    assert {piece.text for piece in pieces if piece.special} == set(control)
    with Llama(tmp_path / "model.gguf", context=CONTEXT) as model:
        tokens = model.tokenize(pieces)
        ends = [token for token in tokens if model._lib.llama_vocab_is_eog(model._vocabulary, token)]
        assert len(ends) == EXPECTED[template].replace("is <|im_end|> f", "").count(control[-1])
        assert {model._bytes(token).decode() for token in ends} == {control[-1]}
        said = [each for each in model.tokenize([Piece("a<|im_end|>b")]) if model._is_control(each)]
        assert said == []


def test_a_template_cannot_reach_out_of_its_sandbox(tiny_folders: dict[str, Path], tmp_path: Path) -> None:
    from engine.errors import GenerationError

    folder = shutil.copytree(tiny_folders["llama"], tmp_path / "model")
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    for evil in ("{{ ''.__class__.__mro__[1].__subclasses__() }}", "{{ strftime_now.__globals__['sys'] }}"):
        (folder / "tokenizer_config.json").write_text(json.dumps({**settings, "chat_template": evil}))
        with pytest.raises(GenerationError):
            ChatTemplate(folder).pieces(MESSAGES)
