"""Make the bundled base model: download, corpus, tokenizer, encode, questions, train, read, export, evaluate.

    python packaging/base_model/build.py --work DIR --outside streamlink=PATH --outside flask=PATH

Two runs train it: ``train`` learns to continue code, ``read`` goes on and learns to answer from evidence. Every stage
is skipped when its output is in the work directory; an interrupted run goes on from its last checkpoint.
``--stage export`` ships whatever checkpoint there is. Needs the network for the first stage only.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE))
sys.path.append(str(ROOT))  # for engine.generation.prompt; after the rest, since ROOT holds a folder "packaging"

from basemodel import (  # noqa: E402
    card,
    corpus,
    encode,
    evaluate,
    export,
    log,
    questions,
    reading,
    sources,
    train,
    vocabulary,
)
from basemodel.batches import Dialogues  # noqa: E402
from basemodel.device import Hardware, choose  # noqa: E402
from basemodel.model import Llama  # noqa: E402
from basemodel.recipe import ModelConfig, ReadingRecipe, Recipe  # noqa: E402

STAGES = ("download", "corpus", "tokenizer", "encode", "questions", "train", "read", "export", "evaluate")
DOCUMENTS = {1024: 90, 2048: 40}  # sets of evidence a repository, by the tokens that they fill
JUDGED = {1024: 30, 2048: 30}
TOKENIZER_CHARS = 25_000_000
SAMPLE_BYTES = 60_000
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
    elif stage == "encode":
        tokenizer = vocabulary.load(work / "tokenizer")
        write_json(work / "encoded.json", encode.write(corpus.read(work), tokenizer, work, seed))
    else:
        judged = questions.write(corpus.read(work), work, seed, each=JUDGED, held_out=True)
        asked = questions.write(corpus.read(work), work, seed, each=DOCUMENTS)
        write_json(work / "questions.json", {"asked": asked, "judged": judged})


def run_training(work: Path, config: ModelConfig, recipe: Recipe, hardware: Hardware) -> None:
    """Learn to continue code, or go on with it, until the recipe's minutes are used up."""
    trainer = train.Trainer(config, recipe, train.open_data(work, recipe.seed), hardware)
    train.train(trainer, recipe, work, "train")


def run_reading(work: Path, config: ModelConfig, recipe: ReadingRecipe, hardware: Hardware) -> None:
    """Learn to answer from evidence, or go on with it, until the recipe's minutes are used up."""
    reader = reading.Reader(config, recipe, reading.open_reading(work, recipe.seed), hardware)
    reader.begin(train.load_model(work / "train.pt")[0].state_dict())
    train.train(reader, recipe, work, "read")


def shipped_model(work: Path) -> tuple[Llama, Llama, dict[str, Any]]:
    """Return the model as trained, as it is after rounding to float16, and the last run's facts."""
    last = work / "read.pt"
    model, info = train.load_model(last if last.exists() else work / "train.pt")
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
        "answers": asdict(reading.score(reading.Judge(rounded), judged(work), len(judged(work).blocks))),
        "first_run": train.load_model(work / "train.pt")[1],
        "examples": read_json(work / "questions.json"),
        "bytes_a_token": sum(len(text.encode()) for _, text in everything) / encoded["held_out"],
        "sample_bytes": SAMPLE_BYTES,
        "fim_share": encode.FIM_SHARE,
    }


def judged(work: Path) -> Dialogues:
    """Return the questions about held-out files."""
    return Dialogues(work / "judged-1024.npy", 0)


def publish(work: Path) -> None:
    """Write weights, log, drawing and (once the figures exist) the card to ``resources/base_model``.

    From which probability on the model refuses is not decided here, on questions phrased like those that it learned,
    but by ``sidetune evaluate answers --calibration``.
    """
    _, rounded, info = shipped_model(work)
    rows = log.thin(log.joined([log.read(work / f"{name}_log.jsonl") for name in ("train", "read")]))
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
    parser.add_argument("--minutes", type=float, default=standard.minutes, help="time budget of the first run")
    parser.add_argument("--reading-minutes", type=float, default=ReadingRecipe().minutes, help="and of the second")
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
        config, hardware = ModelConfig(layers=chosen.layers), choose(chosen.dtype, chosen.compiled)
        run_training(work, config, recipe, hardware)
        if chosen.stage == "train":
            return
        run_reading(work, config, ReadingRecipe(minutes=chosen.reading_minutes), hardware)
        if chosen.stage == "read":
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
