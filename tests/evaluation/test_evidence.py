from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from engine.errors import Cancelled, UsageError
from engine.evaluation.evidence import Question, Span, evaluate_evidence, load_questions
from engine.types import Chunk, Report, Selected


def chunk(path: str, first: int, last: int, characters: int = 100) -> Chunk:
    return Chunk(path, first, last, "x" * characters, "function", "python")


def test_figures_by_hand() -> None:
    questions = [
        Question("one", ("a.py", "b.py"), (Span("a.py", 10, 12), Span("b.py", 5, 5))),
        Question("two", ("c.py",)),
    ]
    results = {
        # b.py starts at character 5,900 and ends past 6,000, so only the larger budget holds it
        "one": [chunk("a.py", 12, 30, 5900), chunk("b.py", 1, 4, 200), chunk("b.py", 5, 9, 200), chunk("d.py", 1, 1)],
        "two": [chunk("d.py", n, n) for n in range(1, 11)] + [chunk("c.py", 1, 1)],
    }
    result = evaluate_evidence(questions, lambda question: results[question])
    assert result.n == 2
    assert result.figures == {
        "file_recall@10": pytest.approx((1 + 0) / 2),
        "file_recall@6000c": pytest.approx((0.5 + 1) / 2),
        "file_recall@16000c": pytest.approx((1 + 1) / 2),
        "span_cover@6000c": pytest.approx(0.5),  # only the first question has spans
        "span_cover@16000c": pytest.approx(1.0),
    }
    assert set(result.interval95) == set(result.figures)
    assert result.interval95["span_cover@6000c"] == (0.5, 0.5)
    assert result.seconds > 0


def test_results_after_the_first_that_does_not_fit_do_not_count() -> None:
    questions = [Question("q", ("small.py",), (Span("small.py", 1, 1),))]
    results = [chunk("large.py", 1, 900, 16001), chunk("small.py", 1, 1)]
    figures = evaluate_evidence(questions, lambda _: results).figures
    assert figures["file_recall@10"] == 1.0
    assert figures["file_recall@16000c"] == figures["span_cover@16000c"] == 0.0
    exact = [chunk("small.py", 1, 1, 6000)]
    assert evaluate_evidence(questions, lambda _: exact).figures["file_recall@6000c"] == 1.0


def test_selections_progress_and_cancelling() -> None:
    questions = [Question(str(n), ("a.py",)) for n in range(3)]
    reports: list[Report] = []
    selected = [Selected(chunk("a.py", 1, 2), 1.0, 0.5, 1.0)]
    result = evaluate_evidence(questions, lambda _: selected, progress=reports.append)
    assert result.figures["file_recall@10"] == 1.0
    assert [(r.done, r.total, r.detail) for r in reports] == [(1, 3, "0"), (2, 3, "1"), (3, 3, "2")]

    stop = threading.Event()

    def search(question: str) -> list[Selected]:
        if question == "1":
            stop.set()
        return selected

    with pytest.raises(Cancelled, match="2 of 3"):
        evaluate_evidence(questions, search, cancel=stop)


def test_two_searches_are_compared_question_by_question() -> None:
    questions = [Question(str(n), ("a.py",)) for n in range(30)]
    never = evaluate_evidence(questions, lambda _: [])
    half = evaluate_evidence(questions, lambda q: [chunk("a.py", 1, 1)] if int(q) % 2 else [])
    difference = half.minus(never)["file_recall@10"]
    assert difference.mean == pytest.approx(0.5)
    assert difference.low > 0.2


def test_a_questions_file_is_read_as_documented(tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    lines = [
        {"question": "Où est « é » ?", "files": ["a.py", "a.py", "b.py"], "spans": [["a.py", 1, 2]]},
        {"question": "q", "files": ["b.py"], "note": "ignored"},
    ]
    path.write_bytes(
        b"\xef\xbb\xbf" + "\r\n\r\n".join(json.dumps(each, ensure_ascii=False) for each in lines).encode() + b"\n"
    )
    assert load_questions(path) == (
        Question("Où est « é » ?", ("a.py", "b.py"), (Span("a.py", 1, 2),)),
        Question("q", ("b.py",)),
    )


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "2: not valid JSON"),
        ("[]", "2: a question must be a JSON object"),
        ('{"files": ["a"]}', '2: "question" must be text'),
        ('{"question": " ", "files": ["a"]}', '2: "question" must be text'),
        ('{"question": "q", "files": []}', '2: "files" must be a list'),
        ('{"question": "q", "files": "a.py"}', '2: "files" must be a list'),
        ('{"question": "q", "files": ["a"], "spans": {}}', '2: "spans" must be a list'),
        ('{"question": "q", "files": ["a"], "spans": [["a", 0, 2]]}', "2: .*lines from 1"),
        ('{"question": "q", "files": ["a"], "spans": [["a", 3, 2]]}', "2: .*first not after last"),
        ('{"question": "q", "files": ["a"], "spans": [["a", true, 2]]}', '2: "spans" must be'),
        ('{"question": "q", "files": ["a"], "spans": [["a", 1.5, 2]]}', '2: "spans" must be'),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, words: str) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text('{"question": "q", "files": ["a"]}\n' + line + "\n", encoding="utf-8")
    with pytest.raises(UsageError, match=words):
        load_questions(path)


def test_a_file_without_questions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        load_questions(tmp_path / "none.jsonl")
    (tmp_path / "empty.jsonl").write_text("\n\n", encoding="utf-8")
    with pytest.raises(UsageError, match="holds no questions"):
        load_questions(tmp_path / "empty.jsonl")
    (tmp_path / "binary.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="not UTF-8"):
        load_questions(tmp_path / "binary.jsonl")
