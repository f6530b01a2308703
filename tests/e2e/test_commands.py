"""Every command of the program, as scripts use it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Program
from tests.e2e.keyboard import Keyboard
from tests.e2e.sample import FILES, LEFT_OUT

pytestmark = pytest.mark.timeout(600)  # a dozen processes that import torch, on a machine with other work

QUESTION = "How is the total of an order computed?"


def _lines(program: Program, path: str, first: int, last: int) -> str:
    lines = (program.repository / path).read_text(encoding="utf-8").split("\n")
    assert 1 <= first <= last <= len(lines)
    return "\n".join(lines[first - 1 : last])


# -- index, search, why ---------------------------------------------------------------------------


def test_an_index_is_counted_and_made_once(sidetune: Program) -> None:
    report = sidetune.json("index", str(sidetune.repository))
    assert list(report) == ["files", "chunks", "embedded", "reused", "skipped", "seconds"]
    assert report["files"] == len(FILES) - len(LEFT_OUT)
    assert report["chunks"] >= report["files"]
    assert report["embedded"] == 0
    assert report["skipped"] == dict.fromkeys(LEFT_OUT.values(), 1)


def test_search_prints_what_the_contract_says(sidetune: Program) -> None:
    for method in ("sift", "nearest", "hybrid"):
        found = sidetune.json("search", QUESTION, "--repo", str(sidetune.repository), "-k", "3", "--method", method)
        assert list(found) == ["results", "confidence"]
        assert found["confidence"]["level"] in {"says", "hints", "silent"}
        assert 0 <= found["confidence"]["value"] <= 1
        assert 1 <= len(found["results"]) <= 3
        for result in found["results"]:
            assert list(result) == ["path", "first_line", "last_line", "symbol", "score", "gain", "chars"]
            assert result["chars"] == len(_lines(sidetune, result["path"], result["first_line"], result["last_line"]))
        assert "src/shop/orders.py" in {result["path"] for result in found["results"]}


def test_search_is_readable_and_its_locations_can_be_clicked(sidetune: Program) -> None:
    done = sidetune.run("search", "reserve articles in the warehouse")
    assert (done.returncode, done.stderr) == (0, "")
    assert "src/shop/stock.py:" in done.stdout
    assert "\x1b" not in done.stdout
    assert "the repository" in done.stdout


def test_odd_names_are_found_and_harmless(sidetune: Program) -> None:
    done = sidetune.run("search", "oddly_named")
    assert done.returncode == 0
    odd = next((name for name in FILES if name.startswith("odd")), None)
    if odd is not None:
        assert "odd␊name 'n' ␛[2Jsuch.py:1" in done.stdout
        assert odd in {each["path"] for each in sidetune.json("search", "oddly_named")["results"]}
    assert "\x1b" not in done.stdout


def test_why_gives_the_reason(sidetune: Program) -> None:
    def why(path: str) -> tuple[bool, str]:
        found = sidetune.json("why", str(sidetune.repository / path))
        assert list(found) == ["path", "indexed", "reason", "detail"]
        assert found["path"] == os.fsencode(path).decode("utf-8", "backslashreplace")
        return found["indexed"], found["reason"]

    assert why("src/shop/orders.py") == (True, "")
    assert {path: why(path)[1] for path in LEFT_OUT} == LEFT_OUT
    assert why("src/nothing.py") == (False, "missing")
    shown = sidetune.run("why", ".env").stdout
    assert shown.startswith(".env is not indexed: secret\n")


# -- ask ------------------------------------------------------------------------------------------


def test_an_instant_answer_streams_its_events(sidetune: Program) -> None:
    events = sidetune.events("ask", QUESTION, "--effort", "instant", "--repo", str(sidetune.repository))
    names = [event["event"] for event in events]
    assert names[0] == "started"
    assert names[-1] == "answer"
    assert names.index("selected") < names.index("tuned") < names.index("token")
    assert "tuning" not in names
    by_name = {event["event"]: event for event in events}
    started, selected, answer = by_name["started"], by_name["selected"], by_name["answer"]
    assert list(started) == ["event", "question", "repository", "effort", "thread", "estimate_seconds"]
    assert (started["question"], started["effort"], started["estimate_seconds"]) == (QUESTION, "instant", 0.0)
    assert list(selected) == ["event", "tier", "chunks", "confidence"]
    assert selected["tier"] == "transformer"
    assert "src/shop/orders.py" in {chunk["path"] for chunk in selected["chunks"]}
    assert sum(chunk["share"] for chunk in selected["chunks"]) == pytest.approx(1, abs=1e-3)
    assert by_name["tuned"]["state"] == "skipped"
    assert set(answer) == {"event", "text", "citations", "confidence", "premise", "adapter", "timings", "turn"}
    assert "".join(event["text"] for event in events if event["event"] == "token").strip() == answer["text"]
    assert answer["timings"]["total"] > 0
    for citation in answer["citations"]:
        assert _lines(sidetune, citation["path"], citation["first_line"], citation["last_line"])


@pytest.fixture(scope="module")
def learned(sidetune: Program) -> list[dict[str, Any]]:
    """The events of a tuned answer to ``QUESTION``: importing torch and PEFT is what takes long, so once."""
    return sidetune.events("ask", QUESTION, "--effort", "balanced")


def test_a_balanced_answer_learns_first(learned: list[dict[str, Any]], sidetune: Program) -> None:
    steps = [event for event in learned if event["event"] == "tuning"]
    (tuned,) = [event for event in learned if event["event"] == "tuned"]
    assert tuned["state"] in {"tuned", "dropped"}
    assert steps[-1]["step"] == steps[-1]["steps"] == tuned["steps"]
    assert tuned["loss_before"] > 0
    assert tuned["seconds"] > 0
    again = sidetune.events("ask", QUESTION, "--effort", "balanced")
    (tuned_again,) = [event for event in again if event["event"] == "tuned"]
    assert tuned_again["state"] == ("reused" if tuned["state"] == "tuned" else "dropped")
    assert tuned_again["seconds"] < tuned["seconds"]


def test_an_answer_is_readable(learned: list[dict[str, Any]], sidetune: Program) -> None:
    done = sidetune.run("ask", QUESTION)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Evidence\n" in done.stdout
    assert "src/shop/orders.py:" in done.stdout
    assert "the repository " in done.stdout
    assert "\nlearned " in done.stdout
    assert "\x1b" not in done.stdout
    about = sidetune.run(
        "ask", "What does `frobnicate_order` do to an Order?", "--file", "src/shop/orders.py:9-22", "--effort=instant"
    )
    assert (about.returncode, about.stderr) == (0, "")
    assert "There is no frobnicate_order here" in about.stdout
    assert "src/shop/orders.py:8-20" in about.stdout


def test_a_conversation_goes_on_and_its_facts_stand_apart(sidetune: Program) -> None:
    first = sidetune.events("ask", "Who calls round_to_cents?", "--effort", "instant")
    facts = next(event for event in first if event["event"] == "facts")
    assert any("format_amount" in item["text"] for item in facts["items"])
    assert all(citation["verified"] for item in facts["items"] for citation in item["citations"])
    thread = first[0]["thread"]
    second = sidetune.events("ask", "And where is it defined?", "--thread", thread, "--effort", "instant")
    assert second[0]["thread"] == thread
    third = sidetune.events("ask", "Where is it defined?", "--effort", "instant")
    assert third[0]["thread"] != thread


def test_a_premise_that_does_not_hold_is_told(sidetune: Program) -> None:
    events = sidetune.events("ask", "What does `round_cents` do in src/shop/mony.py?", "--effort", "balanced")
    missing = {item["name"]: item for item in next(each for each in events if each["event"] == "premise")["missing"]}
    assert "round_to_cents" in missing["round_cents"]["suggestions"]
    assert missing["src/shop/mony.py"]["kind"] == "file"
    assert events[-1]["premise"]
    assert events[-1]["confidence"]["level"] != "says"
    assert events[-1]["adapter"]["state"] == "skipped"  # nothing is learned for what is not here


def test_the_bundled_model_answers_without_any_settings(sidetune: Program, tmp_path: Path) -> None:
    shutil.copytree(sidetune.home, tmp_path / "home")
    (tmp_path / "home" / "settings.toml").unlink()
    program = sidetune.at_home(tmp_path / "home")
    events = program.events("ask", "Where is round_to_cents defined?", "--effort", "instant")
    answer = events[-1]
    assert answer["event"] == "answer"
    assert answer["text"]
    for citation in answer["citations"]:
        assert _lines(program, citation["path"], citation["first_line"], citation["last_line"])
    shown = program.run("ask", "Where is round_to_cents defined?", "--effort", "instant").stdout
    assert "src/shop/money.py" in shown
    assert "small model that comes with Sidetune" in " ".join(shown.split())


# -- a repository that was never seen -------------------------------------------------------------


def test_a_question_indexes_what_was_never_seen(fresh: Program) -> None:
    done = fresh.run("search", QUESTION)
    assert done.returncode == 0
    assert "src/shop/orders.py" in done.stdout


def test_forgetting_removes_all_that_was_derived(
    learned: list[dict[str, Any]], sidetune: Program, tmp_path: Path
) -> None:
    shutil.copytree(sidetune.home, tmp_path / "home")
    program = sidetune.at_home(tmp_path / "home")

    def kept(folder: str, pattern: str) -> int:
        return len(list((program.home / folder).glob(pattern)))

    kinds = [("repositories", "*"), ("adapters", "*.json"), ("adapters", "*.gguf")]
    known = [kept(*kind) for kind in kinds]
    assert known[0] == 1
    forgotten = program.json("forget", str(program.repository))
    assert list(forgotten) == ["index", "embeddings", "adapters"]
    assert (forgotten["index"], forgotten["adapters"]) == (True, 1)
    assert forgotten["embeddings"] > len(FILES)
    assert [kept("repositories", "*"), kept("adapters", "*.gguf")] == [0, 0]
    left = {path: path.read_bytes() for path in program.home.rglob("*") if path.is_file()}
    memory = program.home / "memory.sqlite"
    assert memory in left
    for word in (b"hunter2", b"value added tax", b"round_to_cents"):  # conversations alone still name things
        assert [path for path, content in left.items() if word in content and path.stem != memory.stem] == []
    assert program.run("forget", ".").stdout.startswith("Nothing was kept about ")


def test_a_damaged_index_is_made_again(fresh: Program) -> None:
    fresh.json("search", QUESTION)
    (index,) = (fresh.home / "repositories").glob("*/index.sqlite")
    index.write_bytes(index.read_bytes()[: index.stat().st_size // 2])
    found = fresh.json("search", QUESTION)
    assert "src/shop/orders.py" in {result["path"] for result in found["results"]}


def test_damaged_conversations_are_set_aside_and_said_so(fresh: Program) -> None:
    (fresh.home / "memory.sqlite").write_bytes(b"\0" * 5000)
    done = fresh.run("ask", QUESTION, "--effort", "instant")
    assert done.returncode == 0
    assert "kept as memory.damaged-" in done.stderr
    assert list(fresh.home.glob("memory.damaged-*.sqlite"))


# -- what cannot be done --------------------------------------------------------------------------


def test_requests_that_make_no_sense_are_one_line_and_a_status(sidetune: Program, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "q.jsonl").write_text("not json\n")
    for arguments, status, word in (
        (("ask", QUESTION, "--repo", str(tmp_path / "gone")), 1, "no folder"),
        (("index", str(tmp_path / "file")), 1, "not a folder"),
        (("ask", "  "), 2, "empty"),
        (("ask", QUESTION, "--thread", "nope"), 2, "nope"),
        (("ask", QUESTION, "--file", "gone.py"), 2, "gone.py"),
        (("ask", QUESTION, "--file", "logo.png"), 2, "logo.png"),
        (("ask", QUESTION, "--file", "src/shop/orders.py:9-2"), 2, "lines"),
        (("evaluate", "evidence", "--questions", str(tmp_path / "q.jsonl")), 2, "q.jsonl:1"),
        (("evaluate", "evidence", "--questions", str(tmp_path / "gone")), 2, "gone"),
    ):
        assert sidetune.fails(*arguments)[0] == status, arguments
        assert word in sidetune.fails(*arguments)[1]


def test_an_empty_folder_has_an_empty_index(sidetune: Program, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert sidetune.json("index", str(empty))["chunks"] == 0
    found = sidetune.json("search", QUESTION, "--repo", str(empty))
    assert (found["results"], found["confidence"]["level"]) == ([], "silent")
    answer = sidetune.events("ask", QUESTION, "--repo", str(empty))[-1]
    assert (answer["event"], answer["confidence"]["level"]) == ("answer", "silent")


def test_a_model_that_is_gone_is_an_error_event(fresh: Program) -> None:
    folder = fresh.home / "own model"
    shutil.copytree(json.loads(f'"{(fresh.home / "settings.toml").read_text().split(chr(34))[1]}"'), folder)
    (fresh.home / "settings.toml").write_text(f'model = "{folder}"')
    for shard in folder.glob("*.safetensors"):
        shard.write_bytes(shard.read_bytes()[:100])
    done = fresh.run("ask", QUESTION, "--effort", "instant", "--json")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    last = json.loads(done.stdout.splitlines()[-1])
    assert (last["event"], last["message"] in done.stderr) == ("error", True)


# -- measuring ------------------------------------------------------------------------------------


def test_evidence_is_measured(sidetune: Program, tmp_path: Path) -> None:
    questions = tmp_path / "questions.jsonl"
    items = [
        {"question": QUESTION, "files": ["src/shop/orders.py"], "spans": [["src/shop/orders.py", 16, 19]]},
        {"question": "How are amounts rounded?", "files": ["src/shop/money.py"]},
    ]
    questions.write_text("".join(json.dumps(item) + "\n" for item in items))
    result = sidetune.json("evaluate", "evidence", "--questions", str(questions), "--method", "hybrid")
    assert list(result) == ["n", "figures", "interval95", "seconds"]
    assert result["n"] == 2
    assert result["figures"]["file_recall@10"] == 1.0
    assert set(result["figures"]) == set(result["interval95"])
    shown = sidetune.run("evaluate", "evidence", "--questions", str(questions))
    assert shown.returncode == 0
    assert "span_cover@16000c" in shown.stdout


# -- the chat -------------------------------------------------------------------------------------


def test_the_chat_answers_the_lines_of_a_pipe(sidetune: Program) -> None:
    lines = [
        "/effort instant", "Who calls round_to_cents?", "", "/evidence", "/open a", "/why .env", "/search warehouse",
        "/about src/shop/money.py:4-6", "And what does it take?", "/threads", "/skip", "/help", "/quit", "never read",
    ]  # fmt: skip
    done = sidetune.run("chat", str(sidetune.repository), stdin="\n".join(lines))
    assert (done.returncode, done.stderr) == (0, "")
    assert "› Who calls round_to_cents?" in done.stdout
    assert "format_amount" in done.stdout
    assert "def round_to_cents(amount: float) -> float:" in done.stdout
    assert f"{sidetune.repository}/" in done.stdout
    assert ".env is not indexed: secret" in done.stdout
    assert "src/shop/stock.py:" in done.stdout
    assert "Questions are about src/shop/money.py lines 4–6." in done.stdout
    (current,) = [line for line in done.stdout.splitlines() if line.startswith("● ") and "Who calls" in line]
    assert current.endswith("  2  Who calls round_to_cents?")  # one conversation with two turns
    assert "never read" not in done.stdout
    assert "\x1b" not in done.stdout


def test_the_chat_goes_on_after_a_mistake_and_remembers_it(sidetune: Program) -> None:
    lines = ["/frobnicate", "/open 1", "/effort huge", "/search", "/why", "/about gone.py", "/threads nope", "/new"]
    done = sidetune.run("chat", ".", stdin="\n".join(lines) + "\n")
    assert done.returncode == 1
    assert done.stderr == "sidetune: 7 of the lines could not be done\n"
    for word in ("/frobnicate", "ask a question first", "huge", "/search takes", "/why takes", "gone.py", "nope"):
        assert word in done.stdout
    assert done.stdout.endswith("A new conversation.\n")


def test_the_chat_streams_events_for_scripts(sidetune: Program) -> None:
    events = sidetune.events("chat", ".", "--effort", "instant", stdin=f"{QUESTION}\n\nAnd the surcharge?\n")
    started = [event for event in events if event["event"] == "started"]
    assert [event["question"] for event in started] == [QUESTION, "And the surcharge?"]
    assert started[0]["thread"] == started[1]["thread"]
    assert [event["event"] for event in events].count("answer") == 2


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
def test_without_a_display_a_folder_alone_opens_the_chat_and_says_why(sidetune: Program) -> None:
    display = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    nowhere = replace(sidetune, environment={k: v for k, v in sidetune.environment.items() if k not in display})
    done = nowhere.run(str(sidetune.repository), stdin="/quit\n")
    assert done.returncode == 0
    assert done.stderr == "No window can be opened here: there is no display. This is the chat in the terminal.\n"
    assert str(sidetune.repository) in done.stdout


@pytest.fixture
def heard() -> Iterator[None]:
    """Let Ctrl-C reach what a test starts: a shell has it ignored in the background, which is inherited."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def _interrupted(process: subprocess.Popen[str]) -> int:
    """Press Ctrl-C until the process ends, as a user would: one that comes between two lines of an import is lost."""
    for _ in range(12):
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        try:
            return process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            continue
    raise AssertionError("Ctrl-C does not end it")


@pytest.mark.usefixtures("heard")
def test_ctrl_c_ends_a_chat_in_a_pipe_cleanly(sidetune: Program) -> None:
    with subprocess.Popen(
        [*sidetune.command, "chat", "."],
        cwd=sidetune.repository,
        env=sidetune.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert "Sidetune" in process.stdout.readline()
        assert _interrupted(process) == 130
        assert process.stderr.read() == "sidetune: stopped\n"


def test_output_that_is_closed_early_is_quiet(sidetune: Program) -> None:
    with subprocess.Popen(
        [*sidetune.command, "chat", "."],
        cwd=sidetune.repository,
        env=sidetune.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        assert "Sidetune" in process.stdout.readline()
        process.stdout.close()
        process.stdin.write("/help\n" * 50)
        process.stdin.close()
        assert process.wait(timeout=60) == 141
        assert process.stderr.read() == ""


@pytest.fixture
def keyboard(sidetune: Program) -> Iterator[Keyboard]:
    keyboard = Keyboard([*sidetune.command, "chat", "."], folder=sidetune.repository, environment=sidetune.environment)
    yield keyboard
    keyboard.close()


def test_a_terminal_gets_a_line_editor_and_nothing_raw(sidetune: Program, keyboard: Keyboard) -> None:
    keyboard.enter("/effort instant")
    keyboard.until("instant")  # the line under the prompt knows it too
    keyboard.until("Effort is instant.")
    keyboard.enter("What is in the warehouse?")
    keyboard.until("not tuned")
    keyboard.enter("/evidence")
    keyboard.until("Mind the terminal")
    keyboard.press_at_prompt("\x04")
    assert keyboard.leave() == 0
    assert "\x1b]0;owned" not in keyboard.screen
    assert "␛]0;owned" in keyboard.screen
    assert "\x9b31m" not in keyboard.screen
    history = (sidetune.home / "chat_history").read_text(encoding="utf-8")
    assert history.count("+What is in the warehouse?") == 1


_QUESTIONS = (
    "How is an order delivered?",
    "What is in the warehouse?",
    "Where is an order kept?",
    "Who delivers an order?",
    "How does an order leave the warehouse?",
)


def _stopped(keyboard: Keyboard, question: str) -> bool:
    """Strike twice while the question is worked on; False where the answer was complete before the second strike."""
    keyboard.enter(question)
    keyboard.until("Ctrl-C skips")
    keyboard.press("\x03")
    keyboard.until_one_of("skipping the learning", "writing")  # what follows at once is drawn in its place
    keyboard.press("\x03")
    return "Stopped." in keyboard.until("›")


def test_ctrl_c_skips_the_learning_first_and_stops_the_answer_then(keyboard: Keyboard) -> None:
    keyboard.enter("/effort deep")
    keyboard.until("Effort is deep.")
    keyboard.enter("What does delivery cost?")
    keyboard.until("Ctrl-C skips")
    keyboard.press("\x03")
    keyboard.until("not tuned · Skipped by you")
    assert any(_stopped(keyboard, question) for question in _QUESTIONS)
    keyboard.press_at_prompt("half a question\x03")
    keyboard.enter("/quit")
    assert keyboard.leave() == 0
    assert "Traceback" not in keyboard.screen


def test_python_itself_was_not_led_astray(sidetune: Program) -> None:
    """The traps work: without ``-P`` the repository's own engine would have been run."""
    environment = {**sidetune.environment, "PYTHONPATH": ""}
    done = subprocess.run(
        [sys.executable, "-m", "engine.cli", "--help"],
        cwd=sidetune.repository,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "code of the repository was executed" in done.stderr
