"""Make the bundled base model: download, corpus, tokenizer, encode, questions, train, evaluate, export.

    python packaging/base_model/build.py --work DIR --outside streamlink=PATH --outside flask=PATH

Every stage is skipped when its output is in the work directory; an interrupted training goes on from its
last checkpoint. ``--stage export`` ships whatever checkpoint there is. Needs the network for the first stage only.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE))
sys.path.append(str(ROOT))  # for engine.generation.prompt; after the rest, since ROOT holds a folder "packaging"

from basemodel import card, corpus, encode, evaluate, export, log, questions, sources, train, vocabulary  # noqa: E402
from basemodel.device import choose  # noqa: E402
from basemodel.model import Llama  # noqa: E402
from basemodel.recipe import ModelConfig, Recipe  # noqa: E402

STAGES = ("download", "corpus", "tokenizer", "encode", "questions", "train", "export", "evaluate")
TOKENIZER_CHARS = 25_000_000
SAMPLE_BYTES = 120_000
OUTPUT = ROOT / "resources" / "base_model"


def write_json(file: Path, value: object) -> None:
    """Write a JSON file in one step."""
    partial = file.with_suffix(".part")
    partial.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
    partial.replace(file)


def read_json(file: Path) -> Any:
    """Read a JSON file."""
    return json.loads(file.read_text(encoding="utf-8"))


def make_tokenizer(work: Path, seed: int) -> None:
    """Train the tokenizer on a sample of the documents that are not held out."""
    texts = [each.text for each in corpus.read(work) if not each.held_out]
    random.Random(seed).shuffle(texts)  # noqa: S311 - repeatable, not secret
    kept, size = [], 0
    for text in texts:
        if size > TOKENIZER_CHARS:
            break
        kept.append(text)
        size += len(text)
    vocabulary.save(vocabulary.train(kept), work / "tokenizer")


def prepare(work: Path, seed: int, last: str) -> None:
    """Run the stages up to ``last`` that come before training and whose output is missing."""
    outputs = ("corpus.jsonl", "corpus.jsonl", "tokenizer/tokenizer_config.json", "encoded.json", "questions.json")
    for stage, output in zip(STAGES, outputs, strict=False):
        if (work / output).exists():
            print(f"{stage}: there already", flush=True)
        else:
            print(f"{stage}: started", flush=True)
            prepare_stage(stage, work, seed)
        if stage == last:
            return


def prepare_stage(stage: str, work: Path, seed: int) -> None:
    """Run one stage before training."""
    if stage == "download":
        sources.download(work / "wheels")
    elif stage == "corpus":
        corpus.write(corpus.select(sources.read_all(work / "wheels")), work)
    elif stage == "tokenizer":
        make_tokenizer(work, seed)
    else:
        tokenizer = vocabulary.load(work / "tokenizer")
        make = encode.write if stage == "encode" else questions.write
        name = "encoded.json" if stage == "encode" else "questions.json"
        write_json(work / name, make(corpus.read(work), tokenizer, work, seed))


def run_training(work: Path, config: ModelConfig, recipe: Recipe, dtype: str, compiled: str) -> None:
    """Train, or go on training, until the recipe's minutes are used up."""
    trainer = train.Trainer(config, recipe, train.open_data(work, recipe.seed), choose(dtype, compiled))
    train.train(trainer, work)


def shipped_model(work: Path) -> tuple[Llama, Llama, dict[str, Any]]:
    """Return the model as trained, as it is after rounding to float16, and the run's facts."""
    model, info = train.load_model(work / train.CHECKPOINT)
    rounded = Llama(model.config)
    rounded.load_state_dict({name: value.half().float() for name, value in model.state_dict().items()})
    return model, rounded.eval(), info


def measure(work: Path, outside: dict[str, Path]) -> dict[str, Any]:
    """Return every figure of the model card."""
    model, rounded, _ = shipped_model(work)
    tokenizer = vocabulary.load(work / "tokenizer")
    everything = [(each.path, each.text) for each in corpus.read(work) if each.held_out]
    texts = {"held-out files of the corpus": evaluate.sample(everything, SAMPLE_BYTES)}
    texts |= {name: evaluate.sample(evaluate.read_repository(path), SAMPLE_BYTES) for name, path in outside.items()}
    bits: dict[str, dict[str, float]] = {}
    for name, files in texts.items():
        bits[name] = {
            str(context): evaluate.bits_per_byte(rounded, tokenizer, files, context) for context in (512, 2048)
        }
        print(name, bits[name], flush=True)
    inside = texts["held-out files of the corpus"]
    exact = evaluate.bits_per_byte(model, tokenizer, inside, 512)
    encoded = read_json(work / "encoded.json")
    return {
        "bits": bits,
        "half_difference": bits["held-out files of the corpus"]["512"] - exact,
        "answers": evaluate.answers(OUTPUT, tokenizer, corpus.read(work)),
        "examples": read_json(work / "questions.json"),
        "corpus_tokens": encoded["train"],
        "bytes_a_token": sum(len(text.encode()) for _, text in everything) / encoded["held_out"],
        "sample_bytes": SAMPLE_BYTES,
        "fim_share": encode.FIM_SHARE,
    }


def publish(work: Path) -> None:
    """Write weights, log, drawing and (once the figures exist) the card to ``resources/base_model``."""
    _, rounded, info = shipped_model(work)
    rows = log.thin(log.read(work / "training_log.jsonl"))
    OUTPUT.mkdir(parents=True, exist_ok=True)
    (OUTPUT / "training_log.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    (OUTPUT / "loss.svg").write_text(log.draw(rows), encoding="utf-8")
    export.export(rounded, work / "tokenizer", OUTPUT)
    if (work / "figures.json").exists():
        card.write(
            OUTPUT,
            rounded.config,
            info,
            manifest=read_json(work / "corpus.json"),
            rows=rows,
            figures=read_json(work / "figures.json"),
            remarks=(HERE / "remarks.md").read_text(encoding="utf-8"),
        )
    for file in export.check_sizes(OUTPUT):
        print(f"{file.name}: {file.stat().st_size} bytes", flush=True)


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    standard = Recipe()
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "base_model", help="work directory")
    parser.add_argument("--stage", choices=(*STAGES, "all"), default="all", help="stop after this; export: only this")
    parser.add_argument("--minutes", type=float, default=standard.minutes, help="time budget of the training")
    parser.add_argument("--layers", type=int, default=ModelConfig().layers)
    parser.add_argument("--dtype", choices=("auto", "float32", "bfloat16"), default="auto")
    parser.add_argument("--compile", choices=("auto", "yes", "no"), default="auto", dest="compiled")
    parser.add_argument("--outside", action="append", default=[], metavar="NAME=PATH", help="repository to measure on")
    return parser.parse_args(arguments)


def main() -> None:
    """Run the stages that the command line asks for."""
    chosen = options()
    work: Path = chosen.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    recipe = Recipe(minutes=chosen.minutes)
    if chosen.stage != "export":
        prepare(work, recipe.seed, chosen.stage)
        if chosen.stage in STAGES[: STAGES.index("train")]:
            return
        run_training(work, ModelConfig(layers=chosen.layers), recipe, chosen.dtype, chosen.compiled)
        if chosen.stage == "train":
            return
    publish(work)
    if chosen.stage == "export":
        return
    outside = dict(each.split("=", 1) for each in chosen.outside)
    write_json(work / "figures.json", measure(work, {name: Path(path) for name, path in outside.items()}))
    publish(work)


if __name__ == "__main__":
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    main()
