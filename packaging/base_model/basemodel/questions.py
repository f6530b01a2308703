"""Corpus files -> small repositories, indexed by the engine -> ``answers-SIZE.npy``: evidence with questions about it.

Each document is one set of evidence, as the engine retrieves, selects and prints it for a question, and behind it
several questions with their answers, none of which sees another. A block holds whole documents.
"""

from __future__ import annotations

import json
import os
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from basemodel import vocabulary
from basemodel.corpus import Document
from basemodel.encode import encode_plain
from basemodel.phrasings import FOLLOW_UPS, FORMS, chosen, spelled
from basemodel.qa import Asked, Corner, Interview, asked_of
from basemodel.vocabulary import special_id
from engine.evaluation.definitions import Definition, definitions, module
from engine.evaluation.snapshot import Snapshot, open_snapshot
from engine.evaluation.statements import module_statement, statement
from engine.generation.prompt import CITE_TOKENS, Piece, compact_prompt, compact_question
from engine.selection.select import select_evidence
from engine.selection.spans import complete_definitions
from engine.types import Chunk, Commit, Evidence, Selected, SourceFile, sha256_hex

__all__ = ["DECISION", "IGNORED", "IN_ANSWER", "PADDING", "Dialogue", "corners", "document", "pack", "write"]

IGNORED, IN_ANSWER, DECISION = 0, 2, 3  # kinds of target; a decision: where to look, or to refuse
FILES_A_REPOSITORY = 36
REPOSITORIES_A_PACKAGE = 4
EVIDENCE_CHARS = {1024: (1000, 2300), 2048: (2400, 5200)}
CLOSED_BOOK_SHARE = 0.04
HISTORY_SHARE = 0.18
FILE_SHARE, PAIR_SHARE = 0.12, 0.1  # of dialogues that begin with a question about a file, or about two definitions
_CALLERS_SHARE = 0.12
_ASKED_FIRST = ("what", "where", "arguments", "returns", "which", "how", "raises", "bases", "default", "type")
_MOST_PUT_IN = 3
_REASONED_SHARE = 0.35  # of documents about a definition with a comment that gives a reason: most have none
_MOST_QUESTIONS = 14  # of a document: segments are numbered with four bits
_MOST_DOCUMENTS = 15  # of a block
PADDING = 16 * _MOST_DOCUMENTS  # its segment
_OPEN_BLOCKS = 8
_REFUSED_RETRIEVAL = 0.35  # where the engine did not find it: refuse so often, else what it missed is put in

Block = npt.NDArray[np.uint16]  # (4, size): tokens, kinds, segments, positions


@dataclass(frozen=True, slots=True)
class Dialogue:
    """Evidence (with earlier turns) and the questions about it, as pieces."""

    before: tuple[Piece, ...]
    questions: tuple[tuple[str, tuple[Piece, ...], tuple[Piece, ...]], ...]  # kind, prompt, answer


# -- repositories -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Repository:
    """Some files of one package, and some definitions of others."""

    name: str
    files: tuple[tuple[str, str], ...]  # path, text
    strangers: tuple[tuple[str, str], ...]


def repositories(documents: Iterable[Document], seed: int, *, held_out: bool = False) -> list[Repository]:
    """Return the small repositories that questions are asked about: neighbouring files of a package."""
    rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
    packages: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for each in documents:
        if each.held_out == held_out and len(each.text) < 60_000:
            # Few files of a package are held out: together they make repositories of the usual size.
            packages["held-out" if held_out else each.package].append((each.path, each.text))
    found = []
    everything = [file for files in packages.values() for file in files]
    for name, files in sorted(packages.items()):
        files.sort()
        if held_out:
            rng.shuffle(files)
        count = min(REPOSITORIES_A_PACKAGE, max(1, len(files) // FILES_A_REPOSITORY))
        for number in range(count):
            first = rng.randrange(max(1, len(files) - FILES_A_REPOSITORY + 1))
            own = tuple(files[first : first + FILES_A_REPOSITORY])
            others = rng.sample(everything, min(12, len(everything)))
            strangers = tuple(each for each in others if each not in files)
            found.append(Repository(f"{name}-{number}", own, strangers))
    return found


def _source(path: str, text: str, rng: random.Random) -> SourceFile:
    digest = sha256_hex(text)
    date = f"20{rng.randint(15, 26)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
    commit = Commit("", date, "", "") if rng.random() < 0.7 else None
    return SourceFile(path, text, digest, "python", len(text.encode()), 0, commit)


def corners(of: Repository) -> Corner:
    """Return what is known of a repository's definitions, and those of others."""
    known = {path: definitions(path, text) for path, text in of.files}
    modules = {path: found for path, text in of.files if (found := module(path, text)) is not None}
    strangers = [each for path, text in of.strangers for each in definitions(path, text)]
    return Corner({path: found for path, found in known.items() if found}, modules, strangers)


# -- documents --------------------------------------------------------------------------------------


def _covers(chunk: Chunk, other: Chunk) -> bool:
    return chunk.path == other.path and chunk.first_line <= other.first_line and other.last_line <= chunk.last_line


def _holds(chunk: Chunk, each: Definition) -> bool:
    return chunk.path == each.path and chunk.first_line <= each.name_line <= chunk.last_line


class _Reporter:
    """Makes dialogues about one indexed repository."""

    def __init__(self, snapshot: Snapshot, corner: Corner, rng: random.Random) -> None:
        self._snapshot = snapshot
        self._corner = corner
        self._rng = rng
        self._chunks: dict[str, list[Chunk]] = defaultdict(list)
        for chunk in snapshot.chunks:
            self._chunks[chunk.path].append(chunk)
        for chunks in self._chunks.values():
            chunks.sort(key=lambda each: each.first_line)
        self._targets = [each for each in corner.all() if not each.name.startswith("__")]
        self._reasoned = [each for each in self._targets if each.reasons]

    def _retrieved(self, question: str, chars: int) -> list[Chunk]:
        candidates = self._snapshot.retrieve(question)
        chosen = select_evidence(candidates, limit=16, budget_chars=chars)
        whole = complete_definitions(chosen, lambda path: self._chunks[path], budget_chars=chars)
        return [each.chunk for each in whole]

    def _holding(self, each: Definition) -> Chunk | None:
        for chunk in self._chunks.get(each.path, ()):
            if _holds(chunk, each):
                selected = Selected(chunk, 1.0, 1.0, 1.0, 1)
                return complete_definitions([selected], lambda path: self._chunks[path])[0].chunk
        return None

    def dialogue(self, chars: int, questions: int) -> Dialogue | None:
        """Return a dialogue about evidence of at most about ``chars`` characters."""
        draw = self._rng.random()
        if draw < FILE_SHARE:
            return self._about_file(chars, questions)
        if draw < FILE_SHARE + PAIR_SHARE:
            return self._about_two(chars, questions)
        return self._about_one(chars, questions)

    def _about_one(self, chars: int, questions: int) -> Dialogue | None:
        rng = self._rng
        reasoned = self._reasoned if self._reasoned and rng.random() < _REASONED_SHARE else self._targets
        target = rng.choice(reasoned)
        if rng.random() < _CALLERS_SHARE:
            x = spelled(target.symbol, target.kind, rng, whole=False)
            question = chosen(rng.choice(FORMS["callers"]), rng).format(x=x)
            first = ["callers"]
        else:
            opening = rng.choice(["what", "where", "arguments", "returns", "which", "how", "raises", "bases"])
            said = statement(opening, target)
            if said is None:
                opening, said = "where", statement("where", target)
            assert said is not None
            question = asked_of(opening, target, rng, said, whole=rng.random() < 0.5)
            first = rng.sample(_ASKED_FIRST, 5)
        first = ["why", *first] if target.reasons else first
        evidence = self._evidence(question, chars, [self._holding(target)])
        if not evidence:
            return None
        return self._interview(
            evidence, lambda of: [of.of_kind(kind, target) for kind in first] if target in of.shown else [], questions
        )

    def _about_file(self, chars: int, questions: int) -> Dialogue | None:
        """Ask what a file is for, and about what else is in it."""
        rng = self._rng
        told = [each for each in self._corner.modules.values() if module_statement(each) is not None]
        if not told:
            return None
        target = rng.choice(told)
        said = module_statement(target)
        assert said is not None
        x = rng.choice([target.path, f"`{target.path}`", target.path.rpartition("/")[2]])
        question = chosen(rng.choice(FORMS["summary"]), rng).format(x=x)
        lines = {line for span in said.spans for line in span}
        holding = [
            complete_definitions([Selected(chunk, 1.0, 1.0, 1.0, 1)], lambda path: self._chunks[path])[0].chunk
            for chunk in self._chunks.get(target.path, ())
            if any(chunk.first_line <= line <= chunk.last_line for line in lines)
        ]
        evidence = self._evidence(question, chars, holding)
        return self._interview(evidence, lambda of: [of.summary(target.path)], questions) if evidence else None

    def _about_two(self, chars: int, questions: int) -> Dialogue | None:
        """Ask what sets two definitions of one kind and one place apart."""
        rng = self._rng
        groups: dict[tuple[str, str, bool], list[Definition]] = defaultdict(list)
        for each in self._targets:
            if each.sentence:
                groups[each.path, each.symbol.rpartition(".")[0], each.kind == "class"].append(each)
        pairs = [group for group in groups.values() if len(group) > 1]
        if not pairs:
            return None
        pair = rng.sample(rng.choice(pairs), 2)
        x, y = (spelled(each.symbol, each.kind, rng, whole=rng.random() < 0.5) for each in pair)
        question = chosen(rng.choice(FORMS["difference"]), rng).format(x=x, y=y)
        evidence = self._evidence(question, chars, [self._holding(each) for each in pair])
        return self._interview(evidence, lambda of: [of.difference(pair)], questions) if evidence else None

    def _evidence(self, question: str, chars: int, wanted: Sequence[Chunk | None]) -> list[Evidence]:
        """Return what the engine shows for a question; what is wanted and not found is put in, more often than not."""
        rng = self._rng
        chunks = self._retrieved(question, chars)
        if not chunks or None in wanted:
            return []
        missed = [each for each in wanted if each is not None and not any(_covers(one, each) for one in chunks)]
        if missed and rng.random() > _REFUSED_RETRIEVAL:
            missed = missed[:_MOST_PUT_IN]
            chunks = [*chunks[: max(1, len(chunks) - 1 - len(missed))], *missed]
            rng.shuffle(chunks)
        elif rng.random() < 0.15:
            rng.shuffle(chunks)  # further questions come from anywhere, so the first is not always at the front
        return [Evidence(number, each) for number, each in enumerate(chunks[:CITE_TOKENS], start=1)]

    def _interview(
        self, evidence: Sequence[Evidence], opening: Callable[[Interview], Sequence[Asked | None]], questions: int
    ) -> Dialogue:
        interview = Interview(evidence, self._corner, self._rng)
        history = interview.history() if self._rng.random() < HISTORY_SHARE else ()
        asked = [found for found in opening(interview) if found is not None][:2]
        if interview.about is not None:
            kinds = self._rng.sample(list(FOLLOW_UPS), len(FOLLOW_UPS))
            asked += [found for kind in kinds if (found := interview.of_kind(kind, interview.about)) is not None][:4]
        for _ in range(2 * questions):
            one = interview.ask()
            if one is not None and (not one.statements or one.statements not in [each.statements for each in asked]):
                asked.append(one)
            if len(asked) >= questions:
                break
        full = compact_prompt("", evidence, history=history)
        before = full[: len(full) - len(compact_question("", evidence))]
        written = [interview.written(each) for each in asked]
        return Dialogue(before, tuple((each.kind, each.prompt, each.answer) for each in written))

    def closed_book(self, questions: int) -> Dialogue:
        """Return questions without any evidence, answered by heart: what an adapter alone is asked like."""
        written = []
        for _ in range(questions):
            target = self._rng.choice(self._targets)
            kind = self._rng.choice(["where", "what", "arguments", "bases", "returns", "callees"])
            said = statement(kind, target)
            if said is None:
                continue
            question = asked_of(kind, target, self._rng, said, whole=True)
            written.append((kind, compact_question(question, []), (Piece(f"{said.text}."),)))
        return Dialogue((Piece("<|user|>", True),), tuple(written))


def dialogue(reporter: _Reporter, size: int, rng: random.Random) -> Dialogue | None:
    """Return one dialogue that will fill a good part of a block of ``size`` tokens."""
    if rng.random() < CLOSED_BOOK_SHARE:
        return reporter.closed_book(_MOST_QUESTIONS)
    return reporter.dialogue(rng.randint(*EVIDENCE_CHARS[size]), _MOST_QUESTIONS)


# -- tokens -----------------------------------------------------------------------------------------


def _tokens(tokenizer: Tokenizer, pieces: Sequence[Piece]) -> list[int]:
    texts = encode_plain(tokenizer, [piece.text for piece in pieces])
    out: list[int] = []
    for piece, ids in zip(pieces, texts, strict=True):
        out += [special_id(piece.text)] if piece.special else ids
    return out


def document(tokenizer: Tokenizer, of: Dialogue, size: int) -> tuple[Block, list[str]]:
    """Return a dialogue as (4, T), T at most ``size``, and the kinds of the questions that fitted.

    Segment 0 is what all questions read, 1 to 14 are the questions; each one's positions go on where segment 0 ends.
    """
    tokens = _tokens(tokenizer, of.before)
    start = len(tokens)
    kinds, segments, positions = [IGNORED] * start, [0] * start, list(range(start))
    asked: list[str] = []
    for kind, prompt, answer in of.questions[:_MOST_QUESTIONS]:
        front = _tokens(tokenizer, prompt)
        back = [*_tokens(tokenizer, answer), special_id("<|end|>")]
        if len(tokens) + len(front) + len(back) > size:
            continue
        asked.append(kind)
        tokens += [*front, *back]
        kinds += [IGNORED] * len(front) + [DECISION if _decides(token) else IN_ANSWER for token in back]
        segments += [len(asked)] * (len(front) + len(back))
        positions += range(start, start + len(front) + len(back))
    return np.array([tokens, kinds, segments, positions], dtype=np.uint16), asked


def _decides(token: int) -> bool:
    return token == special_id("<|nothing|>") or special_id("<|cite_1|>") <= token <= special_id("<|cite_16|>")


def pack(documents: Iterable[Block], size: int) -> Iterator[Block]:
    """Lay documents into blocks (4, size), whole, each into the fullest open one with room; gaps are padding.

    In a block the segments are numbered document x 16 + segment; padding is document 15.
    """
    waiting: list[list[Block]] = []

    def closed(block: list[Block]) -> Block:
        parts = []
        for number, each in enumerate(block):
            part = each.copy()
            part[2] += 16 * number
            parts.append(part)
        gap = size - sum(each.shape[1] for each in block)
        padding = np.zeros((4, gap), dtype=np.uint16)
        padding[0], padding[2] = special_id("<|pad|>"), PADDING
        return np.concatenate([*parts, padding], axis=1)

    def used(block: list[Block]) -> int:
        return sum(each.shape[1] for each in block)

    for each in documents:
        if each.shape[1] > size:
            continue
        fitting = [one for one in waiting if used(one) + each.shape[1] <= size and len(one) < _MOST_DOCUMENTS]
        if fitting:
            max(fitting, key=used).append(each)
        else:
            waiting.append([each])
        if len(waiting) > _OPEN_BLOCKS:
            fullest = max(waiting, key=used)
            waiting = [one for one in waiting if one is not fullest]
            yield closed(fullest)
    yield from map(closed, waiting)


# -- files ------------------------------------------------------------------------------------------


def _report_on(of: Repository, folder: Path, counts: dict[int, int], seed: int) -> dict[str, int]:
    """Write the documents about one repository; return how many questions of each kind they hold."""
    rng = random.Random(f"{seed} {of.name}")  # noqa: S311 - repeatable, not secret
    tokenizer = vocabulary.load(folder.parent / "tokenizer")
    corner = corners(of)
    kinds: Counter[str] = Counter()
    if not any(not each.name.startswith("__") for each in corner.all()):
        return {}
    os.environ["SIDETUNE_HOME"] = str(folder / "home")
    root = folder / "repositories" / of.name
    root.mkdir(parents=True, exist_ok=True)
    sources = [_source(path, text, rng) for path, text in of.files]
    revision = sha256_hex("".join(text for _, text in of.files))
    with open_snapshot(root, revision, sources, threads=1, tier="static") as snapshot:
        reporter = _Reporter(snapshot, corner, rng)
        for size, count in counts.items():
            rows = []
            for _ in range(count):
                made = dialogue(reporter, size, rng)
                if made is None:
                    continue
                row, asked = document(tokenizer, made, size)
                if asked:
                    rows.append(row)
                    kinds.update(asked)
            blocks = list(pack(rows, size))
            if blocks:
                np.save(folder / f"{of.name}-{size}.npy", np.stack(blocks))
    (folder / f"{of.name}.json").write_text(json.dumps(kinds), encoding="utf-8")
    return dict(kinds)


def write(
    documents: Iterable[Document],
    folder: Path,
    seed: int,
    *,
    each: dict[int, int],
    workers: int = 2,
    held_out: bool = False,
) -> dict[str, int]:
    """Write ``answers-SIZE.npy`` (n, 4, SIZE); return how many questions of each kind there are.

    ``each`` says how many documents of a size are made a repository. What was made before an interruption is kept.
    """
    name = "judged" if held_out else "answers"
    parts = folder / name
    parts.mkdir(parents=True, exist_ok=True)
    known = repositories(documents, seed, held_out=held_out)
    waiting = [one for one in known if not (parts / f"{one.name}.json").exists()]
    with ProcessPoolExecutor(workers) as pool:
        for number, done in enumerate([pool.submit(_report_on, one, parts, each, seed) for one in waiting]):
            done.result()
            if number % 10 == 0:
                print(f"{number} of {len(waiting)} repositories", flush=True)
    kinds: Counter[str] = Counter()
    for one in known:
        file = parts / f"{one.name}.json"
        if file.exists():
            kinds.update(json.loads(file.read_text(encoding="utf-8")))
    for size in each:
        files = [parts / f"{one.name}-{size}.npy" for one in known]
        blocks = np.concatenate([np.load(file) for file in files if file.exists()])
        order = np.random.default_rng(seed).permutation(len(blocks))
        np.save(folder / f"{name}-{size}.npy", blocks[order])
        print(f"{name}, {size} tokens: {len(blocks)} blocks", flush=True)
    return dict(sorted(kinds.items()))
