"""What is shown in a terminal: harmless, clickable, in words."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import RepositoryError, UsageError
from engine.events import (
    Answer,
    AnswerCitation,
    AskEvent,
    FactItem,
    Facts,
    Failure,
    Premise,
    PremiseItem,
    SelectedChunk,
    SelectedEvent,
    Started,
    Token,
    Tuned,
    Tuning,
)
from engine.focus import enclosing_repository, parse_focus
from engine.paths import repository_directory
from engine.terminal.answer import AnswerView
from engine.terminal.lines import PromptLines, StreamLines
from engine.terminal.reports import show_forgotten, show_threads, size_words
from engine.terminal.show import ProgressLines, Terminal, tuned_line
from engine.terminal.text import Wrapper, safe, safe_line, shorten
from engine.types import Confidence, Focus, Report
from engine.workspace import Forgotten

NASTY = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202etxt.exe\x7f\x00caf\udce9"
_RAW = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def _screen(*, tty: bool = False, width: int = 80) -> tuple[Terminal, io.StringIO]:
    file = io.StringIO()
    return Terminal(file, width=width, force_terminal=tty, color_system="standard" if tty else None, _environ={}), file


# -- text -----------------------------------------------------------------------------------------


@given(st.text(alphabet=st.characters(codec=None)))
def test_no_control_character_survives(text: str) -> None:
    assert not _RAW.search(safe(text))
    shown = safe_line(text)
    assert not _RAW.search(shown)
    assert not set(shown) & set("\n\t\u2028\u2029")
    shown.encode("utf-8")


def test_harmless_text_stays_as_it_is_and_the_rest_can_be_seen() -> None:
    assert safe("def f():\n\treturn 'größer 日本 🙂'\r\n") == "def f():\n\treturn 'größer 日本 🙂'\n"
    assert safe("\x1b[31m\r\x7f") == "␛[31m␍␡"
    assert safe_line("a\nb\tc\udce9") == "a␊b␉c\\xe9"


@given(text=st.text(max_size=60), width=st.integers(1, 40))
def test_a_shortened_line_fits(text: str, width: int) -> None:
    assert len(shorten(text, width)) <= width
    assert "\n" not in shorten(text, width)


@given(
    words=st.lists(st.text(alphabet="ab,.", min_size=1, max_size=9), max_size=30),
    cuts=st.lists(st.integers(1, 7), min_size=1),
    width=st.integers(9, 30),
)
def test_wrapping_a_stream_keeps_the_words_and_the_width(words: list[str], cuts: list[int], width: int) -> None:
    text, wrapper, shown = " ".join(words), Wrapper(width), ""
    position, turn = 0, 0
    while position < len(text):
        size = cuts[turn % len(cuts)]
        shown += wrapper.feed(text[position : position + size])
        position, turn = position + size, turn + 1
    shown += wrapper.flush()
    assert shown.split() == words
    assert all(len(line) <= width for line in shown.split("\n"))


def test_wrapping_keeps_indented_code_and_its_line_ends() -> None:
    wrapper = Wrapper(20)
    assert wrapper.feed("def f():\n    return 1\n\n  x") + wrapper.flush() == "def f():\n    return 1\n\n  x"
    assert Wrapper(0).feed("as it  is ") == "as it  is "


# -- answers --------------------------------------------------------------------------------------

_CONFIDENCE = Confidence("says", 0.8)
_TUNED = Tuned("tuned", 12, "", 2.31, 2.05, 1.84)


def _events(name: str = "src/app.py", symbol: str = "App.run", text: str = "It is in `App.run` [1].") -> list[AskEvent]:
    citations = (AnswerCitation(name, 3, 9, True), AnswerCitation(name, 40, 40, False))
    premise = (PremiseItem("frobnicate", "symbol", ("frob", "nicate", symbol)), PremiseItem(name, "file", ()))
    return [
        Started("Where?", "repo", "balanced", "abc", 2.6),
        Premise(premise),
        SelectedEvent(
            "transformer",
            (
                SelectedChunk(name, 3, 9, symbol, 0.9, 0.5, 0.75),
                SelectedChunk("docs/a rather long folder/" + "x" * 60 + ".md", 1, 4, "", 0.4, 0.2, 0.24),
                SelectedChunk(name, 50, 51, symbol, 0.1, 0.0, 0.006),
                SelectedChunk(name, 60, 61, symbol, 0.1, 0.0, 0.004),
            ),
            _CONFIDENCE,
        ),
        Facts(
            (
                FactItem(f"{symbol} is defined in {name}.", citations[:1]),
                FactItem(f"It takes x ({name}:3).", citations[:1]),
            )
        ),
        Tuning(1, 12, 2.31, 1.7),
        Tuning(12, 12, 2.05, 0.0),
        _TUNED,
        *(Token(piece) for piece in re.findall(r"\s*\S+", text)),
        Answer(text, citations, _CONFIDENCE, premise, _TUNED, {"total": 3.0}),
    ]


def _shown(events: Sequence[AskEvent], *, tty: bool = False, width: int = 80) -> str:
    terminal, file = _screen(tty=tty, width=width)
    with AnswerView(terminal, Path("/repo"), hint="Ctrl-C skips") as view:
        view.show_all(events)
    return file.getvalue()


def test_an_answer_reads_in_order_and_in_words() -> None:
    assert _shown(_events()) == (
        "There is no frobnicate here; did you mean frob, nicate or App.run?\n"
        "There is no file src/app.py here.\n"
        "Evidence\n"
        "  a  75 %  src/app.py:3-9                                    App.run\n"
        f"  b  24 %  docs/a rather long folder/{'x' * 60}.md:1-4\n"
        "    and 2 that add under 1 % each\n"
        "Known from the code\n"
        "  App.run is defined in src/app.py.\n"
        "    src/app.py:3-9\n"
        "  It takes x (src/app.py:3).\n"
        "\n"
        "It is in `App.run` [1].\n"
        "\n"
        " [1] src/app.py:3-9\n"
        " [2] src/app.py:40  not borne out by the evidence\n"
        "○ the question names what is not here\n"
        "learned 12 examples in 1.8 s · kept · loss 2.31 → 2.05\n"
    )


def test_a_silent_repository_shows_what_is_nearest_and_says_so() -> None:
    events: list[AskEvent] = []
    for event in _events(text="The repository does not say."):
        match event:
            case SelectedEvent():
                events.append(replace(event, confidence=Confidence("silent", 0.01)))
            case Answer():
                events.append(replace(event, confidence=Confidence("silent", 0.01), premise=(), citations=()))
            case Started() | Token():
                events.append(event)
    terminal, file = _screen()
    with AnswerView(terminal, Path("/repo"), evidence=False) as view:  # even where evidence is not shown otherwise
        view.show_all(events)
    assert "Nearest to the question\n  a  75 %  src/app.py:3-9" in file.getvalue()
    assert "○ the repository does not say\n" in file.getvalue()
    assert not view.drafted


def test_on_a_terminal_locations_are_links_and_lines_are_wrapped_at_words() -> None:
    shown = _shown(_events("a b#c.py", text="word " * 60), tty=True, width=40)
    assert "file:///repo/a%20b%23c.py" in shown
    assert "balanced, about 3 s of learning" in shown  # moves, and is gone at the end
    plain = re.sub(r"\x1b\][^\x1b]*\x1b\\|\x1b\[[0-9;?]*[A-Za-z]", "", shown)
    assert max(len(line.rstrip()) for line in plain.split("\n") if line.startswith("word")) <= 39


def test_nothing_of_a_repository_or_a_model_reaches_the_terminal_raw() -> None:
    events = _events(f"src/{NASTY}\nx.py", NASTY, f"see {NASTY}\r now")
    assert not _RAW.search(_shown(events))
    # On a real terminal there are sequences, but only ours: colours, links, cursor. None of what was smuggled in.
    live = _shown(events, tty=True)
    assert "\x07" not in live
    assert "\x1b[2J" not in live
    assert "\x9b" not in live
    assert "]0;owned" not in live.replace("␛]0;owned", "")
    assert "\u202e" not in live


def test_markup_and_emoji_codes_of_others_are_plain_text() -> None:
    shown = _shown(_events("[bold]x[/bold].py", "[red]:smile:", "[link=https://example.org]x[/link] :bomb:"))
    assert "[bold]x[/bold].py:3-9" in shown
    assert "[link=https://example.org]x[/link] :bomb:" in shown
    assert "[red]:smile:" in shown


def test_an_answer_that_is_not_streamed_is_still_shown_and_a_failure_is_kept() -> None:
    events = [event for event in _events() if not isinstance(event, Token)]
    assert "It is in `App.run` [1]." in _shown(events)
    empty = Answer("", (), _CONFIDENCE, (), _TUNED, {})
    assert _shown([empty]).startswith("The model wrote nothing.\n")
    terminal, file = _screen()
    with AnswerView(terminal, Path("/repo")) as view:
        view.show_all([*_events()[:3], Token("half an"), Failure("generate", "out of memory")])
    assert view.failure == Failure("generate", "out of memory")
    assert file.getvalue().endswith("\nhalf an\n")


@pytest.mark.parametrize(
    ("tuned", "line"),
    [
        (Tuned("tuned", 1, "", None, None, 0.4), "learned 1 example in 0.4 s · kept"),
        (
            Tuned("dropped", 9, "Dropped: the loss went from 1.000 to 1.100.", 1.0, 1.1, 2.0),
            "learned 9 examples in 2.0 s · dropped: the loss went from 1.000 to 1.100.",
        ),
        (Tuned("reused", 12, "", 2.0, 1.0, 0.0), "learned 12 examples earlier · used again"),
        (Tuned("skipped", 0, "Instant.", None, None, 0.0), "not tuned · Instant."),
        (Tuned("skipped", 0, "", None, None, 0.0), "not tuned"),
    ],
)
def test_learning_is_one_line(tuned: Tuned, line: str) -> None:
    assert tuned_line(tuned) == line


def test_colour_is_for_terminals_that_want_it(monkeypatch: pytest.MonkeyPatch) -> None:
    colours = re.compile(r"\x1b\[[0-9;]*3[0-7]m")
    assert colours.search(_shown(_events(), tty=True))
    assert "\x1b" not in _shown(_events())
    file = io.StringIO()
    terminal = Terminal(file, force_terminal=True, color_system="standard", _environ={"NO_COLOR": "1"})
    with AnswerView(terminal, Path("/repo")) as view:
        view.show_all(_events())
    assert not colours.search(file.getvalue())


# -- progress and reports -------------------------------------------------------------------------


def test_progress_is_a_line_a_stage_in_a_pipe_and_a_bar_on_a_terminal() -> None:
    reports = [Report("scan", 0, 0, "git cannot be run")]
    for number in range(3):  # the scan and the parser take turns
        reports += [Report("scan", number + 1, 0, f"{number}.py"), Report("parse", number + 1, 0, f"{number}.py")]
    reports += [Report("embed transformer", n, 500, f"x{NASTY}{n}.py") for n in range(0, 501, 100)]
    terminal, file = _screen()
    with ProgressLines(terminal) as progress:
        for report in reports:
            progress(report)
    assert file.getvalue() == "git cannot be run\nReading files …\nEmbedding well …\n"
    terminal, file = _screen()
    with ProgressLines(terminal, quiet=True) as progress:
        progress(reports[0])
    assert file.getvalue() == ""
    terminal, file = _screen(tty=True)
    with ProgressLines(terminal) as progress:
        for report in reports:
            progress(report)
    assert "500/500" in file.getvalue()
    assert "\x07" not in file.getvalue()


def test_sizes_and_what_was_forgotten_are_said_in_words() -> None:
    assert [size_words(size) for size in (0, 999, 1500, 2_000_000, 7_900_000_000_000)] == [
        "0 bytes", "999 bytes", "1.5 kB", "2.0 MB", "7900.0 GB",
    ]  # fmt: skip
    terminal, file = _screen()
    show_forgotten(terminal, Path("/r"), Forgotten(False, 0, 0))
    show_threads(terminal, (), current=None)
    assert file.getvalue().splitlines() == [
        "Nothing was kept about /r.",
        "There are no conversations about this repository yet.",
    ]


# -- what users name ------------------------------------------------------------------------------


def test_files_and_lines_are_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = (tmp_path / "a repo").resolve()
    (root / "src").mkdir(parents=True)
    (root / "src" / "a b.py").write_text("x\n" * 9)
    (root / "odd:3").write_text("x")
    (tmp_path / "outside.py").write_text("x")
    assert parse_focus(root, "src/a b.py") == Focus("src/a b.py")
    assert parse_focus(root, "src/a b.py:2-7") == Focus("src/a b.py", 2, 7)
    assert parse_focus(root, f"{root}/src/a b.py:4") == Focus("src/a b.py", 4, 4)
    assert parse_focus(root, "odd:3") == Focus("odd:3")
    assert parse_focus(root, "odd:3:1") == Focus("odd:3", 1, 1)
    monkeypatch.chdir(root / "src")
    assert parse_focus(root, "a b.py") == Focus("src/a b.py")
    for wrong in ("", "nothing.py", "src", "../outside.py", "src/a b.py:7-2", "src/a b.py:0", "a\0b", ":3"):
        with pytest.raises(UsageError):
            parse_focus(root, wrong)


def test_the_repository_of_a_file_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIDETUNE_HOME", str(tmp_path / "home"))
    base = tmp_path.resolve()
    checkout, plain = base / "checkout", base / "plain"
    (checkout / ".git").mkdir(parents=True)
    (checkout / "src").mkdir()
    (plain / "deep").mkdir(parents=True)
    assert enclosing_repository(str(checkout / "src" / "gone.py"), None) == (checkout, "src/gone.py")
    assert enclosing_repository(str(plain / "deep" / "a.py"), None) == (plain / "deep", "a.py")
    repository_directory(plain)  # what indexing makes
    assert enclosing_repository(str(plain / "deep" / "a.py"), None) == (plain, "deep/a.py")
    assert enclosing_repository("src/a.py", str(checkout)) == (checkout, "src/a.py")
    with pytest.raises(UsageError, match="is not in"):
        enclosing_repository(str(plain / "a.py"), str(checkout))
    with pytest.raises(RepositoryError, match="no folder"):
        enclosing_repository(str(base / "gone" / "a.py"), None)


# -- lines ----------------------------------------------------------------------------------------


def test_lines_of_a_pipe() -> None:
    lines = StreamLines(io.StringIO("one\r\n\ntwo"))
    assert [lines.read() for _ in range(4)] == ["one", "", "two", None]


def test_the_line_editor_reads_keys_and_keeps_a_private_history(tmp_path: Path) -> None:
    from prompt_toolkit.input import create_pipe_input
    from prompt_toolkit.output import DummyOutput

    history = tmp_path / "history"
    with create_pipe_input() as keyboard:
        states = iter(f"state {NASTY} {number}" for number in range(1000))
        lines = PromptLines(history, state=lambda: next(states), keyboard=keyboard, screen=DummyOutput())
        keyboard.send_text("Where is f?\r")
        assert lines.read() == "Where is f?"
        keyboard.send_text("\x1b[A\r")  # up: the line before
        assert lines.read() == "Where is f?"
        keyboard.send_text("half\x03")
        assert lines.read() == ""
        keyboard.send_text("\x04")
        assert lines.read() is None
    assert "+Where is f?" in history.read_text()
    if os.name == "posix":
        assert history.stat().st_mode & 0o077 == 0
