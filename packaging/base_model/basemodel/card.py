"""Manifest, log and figures -> ``MODEL_CARD.md``. Nothing in the card is typed in by hand but the remarks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from basemodel.log import Row
from basemodel.recipe import ModelConfig

__all__ = ["write"]

_TEXT = """\
# Sidetune's bundled base model

A small Llama for code, trained from nothing on permissively licensed Python libraries, so that Sidetune does its main
job before anything is downloaded. It is meant to be tuned on a repository for each question and to read numbered
evidence; by itself it knows next to nothing. Licence of the weights: Apache-2.0, as the rest of Sidetune.

| | |
|---|---|
| parameters | {parameters:,} ({layers} layers, {hidden_size} wide, {heads} heads, MLP {mlp_size}, tied embeddings) |
| vocabulary | {vocab_size:,}, byte-level BPE, `qwen2` split, {bytes_a_token:.2f} bytes a token (held-out files) |
| context | {context:,} tokens |
| stored as | float16, {megabytes:.1f} MB in all |
| trained on | {all_tokens:,} tokens |
| training time | {first_minutes:.0f} and {minutes:.0f} minutes on {hardware} |

## What it is good for, and what it cannot do

{abilities}

## Figures

Bits per byte, lower is better; a file is scored after its path, windows of the given context overlap by half, so that
a token has at least half a window before it. Outside repositories are not in the corpus; their Python files without
tests, a fixed sample of {sample_kb} kB each.

| text | context 512 | context 2048 |
|---|---|---|
{bits_table}

float16 as shipped and float32 as trained differ by {half_difference:.0e} bits per byte (held-out files, context 512).

{answers_count} generated questions about files of the corpus that were held out, phrased like those it was trained on,
with the evidence that the program retrieved; an answer counts when every token of it is the likeliest one:

| | |
|---|---|
| answer right to the letter (answerable) | {exact:.0%} |
| citations right (answerable) | {cited:.0%} |
| unanswerable, and says so | {refused:.0%} |
| answerable, but says that the repository does not say | {refused_wrongly:.0%} |

How it does in the program, on repositories that are not in the corpus and with questions phrased by other hands, is in
`docs/base-model.md`.

## Training

Two runs. The first learns to continue code: {first_tokens:,} tokens in {first_minutes:.0f} minutes, sequences of
{short_length} tokens and from {late_from:.0%} of the time on every second step of {context:,}; {fim:.0%} of the
documents are in fill-in-the-middle form (prefix, suffix, middle).

The second learns to answer from evidence: {tokens:,} tokens in {minutes:.0f} minutes. Files of one package make a small
repository, which the program's own chunker, retriever and selection read; what they find for a question is the
evidence, printed by the program's own prompt builder. Behind one set of evidence stand up to 14 questions about
whatever is in it, none of which sees another ({question_count:,} questions, {unanswerable:.0%} of them unanswerable
from that evidence). An answer begins each statement with the citations that bear it out; `<|nothing|>` alone says
that the evidence does not answer. Citations and refusals count {decision_weight:g} times in the loss; beside the loss
on answers run those on the evidence itself and on the code of the first run, {code_weight:g} times each, so that it
stays a code model. From {long_from:.0%} of the time
on every second step has sequences of 2,048 tokens instead of 1,024.

Muon (learning rates {first_muon_lr:g} and {muon_lr:g}, momentum 0.95, scaled to AdamW's update) on the matrices of the
blocks, AdamW ({first_adam_lr:g} and {adam_lr:g}) on embeddings and norms. The rate warms up, is constant, and falls
linearly to nothing from {first_decay_from:.0%} and {decay_from:.0%} of the time on; the schedule follows the clock, not
the step count.

| asked | questions |
|---|---|
{kinds_table}

{remarks}

| tokens (millions) | loss, held-out files (nats a token) | answers | right to the letter | refused rightly | wrongly |
|---|---|---|---|---|---|
{loss_table}

![loss curves](loss.svg)

The whole log, thinned, is in `training_log.jsonl`.

## Data and licences

Python sources only, from pinned releases on an allow-list; developer tools, web frameworks and HTTP clients are left
out because the model is measured on them. Tests, vendored copies, generated files, tables of data, legal headers and
near-duplicates (MinHash over lines) were removed; of large packages the best documented files were taken. One file in
fifty is held out.

| package | version | licence | files | kB |
|---|---|---|---|---|
{data_table}

## Made by

`python packaging/base_model/build.py`; the numbers are in `packaging/base_model/basemodel/recipe.py`. The prompt form
is `engine/generation/prompt.py`; the ids of the reserved tokens (chat turns, fill-in-the-middle, evidence, citations)
never change.
"""


def _bits_table(figures: dict[str, Any]) -> str:
    rows = [f"| {name} | {pair['512']:.3f} | {pair['2048']:.3f} |" for name, pair in figures["bits"].items()]
    return "\n".join(rows)


def _loss_table(rows: Sequence[Row]) -> str:
    checked = [row for row in rows if "validation" in row]
    every = max(1, -(-len(checked) // 12))
    kept = checked[::-1][::every][::-1]
    return "\n".join(_loss_row(row) for row in kept)


def _loss_row(row: Row) -> str:
    head = f"| {row['tokens'] / 1e6:.2f} "
    if "exact" not in row:
        return f"{head}| {row['validation']:.3f} | | | | |"
    shares = " | ".join(f"{row[key]:.0%}" for key in ("exact", "refused", "refused_wrongly"))
    return f"{head}| | {row['validation']:.3f} | {shares} |"


def _data_table(manifest: Sequence[dict[str, Any]]) -> str:
    rows = sorted(manifest, key=lambda row: -row["bytes"])
    lines = [
        f"| {row['package']} | {row['version']} | {row['licence']} | {row['files']} | {row['bytes'] // 1000:,} |"
        for row in rows
        if row["files"]
    ]
    files, size = sum(row["files"] for row in rows), sum(row["bytes"] for row in rows)
    return "\n".join([*lines, f"| **all** | | | {files:,} | {size // 1000:,} |"])


def write(
    folder: Path,
    config: ModelConfig,
    info: dict[str, Any],
    *,
    manifest: Sequence[dict[str, Any]],
    rows: Sequence[Row],
    figures: dict[str, Any],
    remarks: str,
) -> None:
    """Write the card next to the weights.

    ``info`` is what the checkpoint says about the run, ``figures`` what ``evaluate`` found, ``remarks`` (Markdown)
    three parts apart by a line ``---``: the hardware, what the model can do, what was particular about the run.
    """
    hardware, abilities, particular = (part.strip() for part in remarks.split("\n---\n"))
    first, recipe = figures["first_run"], info["recipe"]
    megabytes = sum(each.stat().st_size for each in folder.iterdir() if each.name != "MODEL_CARD.md") / 1e6
    kinds = figures["examples"]["asked"]
    names = ("muon_lr", "adam_lr", "decay_from", "long_from", "decision_weight", "code_weight")
    text = _TEXT.format(
        **config.to_dict(),
        **{key: recipe[key] for key in names},
        **{f"first_{key}": first["recipe"][key] for key in ("muon_lr", "adam_lr", "decay_from")},
        short_length=first["recipe"]["short_length"],
        late_from=first["recipe"]["late_from"],
        first_tokens=first["tokens"],
        first_minutes=first["spent"] / 60,
        parameters=config.parameters(),
        tokens=info["tokens"],
        all_tokens=info["tokens"] + first["tokens"],
        minutes=info["spent"] / 60,
        hardware=hardware,
        megabytes=megabytes,
        bytes_a_token=figures["bytes_a_token"],
        sample_kb=figures["sample_bytes"] // 1000,
        bits_table=_bits_table(figures),
        half_difference=abs(figures["half_difference"]),
        answers_count=figures["answers"]["questions"],
        **{key: figures["answers"][key] for key in ("exact", "cited", "refused", "refused_wrongly")},
        question_count=sum(kinds.values()),
        unanswerable=kinds["unanswerable"] / sum(kinds.values()),
        kinds_table="\n".join(f"| {kind} | {count:,} |" for kind, count in sorted(kinds.items())),
        fim=figures["fim_share"],
        loss_table=_loss_table(rows),
        data_table=_data_table(manifest),
        abilities=abilities,
        remarks=particular,
    )
    (folder / "MODEL_CARD.md").write_text(text, encoding="utf-8")


def read_manifest(file: Path) -> list[dict[str, Any]]:
    """Read ``corpus.json``."""
    rows: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    return rows
