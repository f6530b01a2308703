"""A repository made of words: so many files that indexing takes a while, changed as a developer changes one."""

from __future__ import annotations

import random
from pathlib import Path

__all__ = ["QUESTIONS", "change", "write_repository"]

_NOUNS = (
    "order parcel invoice customer tariff coupon refund ledger receipt carrier depot voucher stock basket address "
    "discount return shipment warehouse courier payment account label pallet region currency"
).split()
_VERBS = "ship cancel refund print weigh book merge split check store load export sort count match lock".split()
_FUNCTIONS = 12  # a file

QUESTIONS = (
    "where is a parcel weighed for the carrier",
    "cancel an order of a customer",
    "how are coupons merged into the basket",
    "print the label of a pallet",
    "which function books a payment in the ledger",
    "lock the stock of a depot",
)


def _function(rng: random.Random, number: int) -> str:
    verb, noun, other = rng.choice(_VERBS), rng.choice(_NOUNS), rng.choice(_NOUNS)
    words = [rng.choice(_NOUNS) for _ in range(12)]
    return (
        f"def {verb}_{noun}_{number}_{rng.randrange(10**6)}({other}, {words[0]}):\n"
        f'    """{verb.capitalize()} the {noun} of the {other} with its {" and ".join(words[1:5])}."""\n'
        f"    {words[5]} = {words[6]}_{words[7]}({other}, {rng.randrange(10**6)})\n"
        f"    return {words[8]}({words[5]}).{words[9]}.{words[10]}_{words[11]}\n"
    )


def _write(root: Path, path: str, rng: random.Random) -> None:
    text = f'"""All about the {rng.choice(_NOUNS)}."""\n\n\n'
    text += "\n\n".join(_function(rng, number) for number in range(_FUNCTIONS))
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, encoding="utf-8")


def _new_path(rng: random.Random) -> str:
    return f"{rng.choice(_NOUNS)}/{rng.choice(_VERBS)}_{rng.choice(_NOUNS)}_{rng.randrange(10**6)}.py"


def write_repository(root: Path, rng: random.Random, files: int) -> None:
    """Write ``files`` Python files of a dozen functions each."""
    for _ in range(files):
        _write(root, _new_path(rng), rng)


def change(root: Path, rng: random.Random, share: float = 0.25) -> set[str]:
    """Edit, rename, delete and add about ``share`` of the files; return the paths that were touched."""
    files = sorted(path for path in root.rglob("*.py") if path.is_file())
    touched: set[str] = set()
    for file in rng.sample(files, max(1, int(share * len(files)))):
        path = file.relative_to(root).as_posix()
        touched.add(path)
        what = rng.random()
        if what < 0.5:  # a few functions are written anew, so that the others move
            parts = file.read_text(encoding="utf-8").split("\n\ndef ")
            at = rng.randrange(len(parts))
            parts[at] += "".join("\n\n" + _function(rng, number) for number in range(rng.randrange(1, 4)))
            file.write_text("\n\ndef ".join(parts), encoding="utf-8")
        elif what < 0.7:
            new = _new_path(rng)
            (root / new).parent.mkdir(parents=True, exist_ok=True)
            file.rename(root / new)
            touched.add(new)
        elif what < 0.85:
            file.unlink()
            new = _new_path(rng)
            _write(root, new, rng)
            touched.add(new)
        else:
            _write(root, path, rng)
    return touched
