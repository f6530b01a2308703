"""What is accepted is remembered: found, quoted and learned from like a chunk, and stale once its lines change."""

from __future__ import annotations

import pytest

from engine.errors import UsageError
from engine.memory import is_note_path
from engine.notes import Notebook
from engine.verdicts import SourceLines, StoredNote
from tests.checking.conftest import ANSWER, ORDERS, QUESTION, Shop
from tests.checking.provider import Provider, verdict_json
from tests.checking.test_review import VERDICT

CORRECTED = "It prints an order [1]."


def accepted(shop: Shop, provider: Provider) -> StoredNote:
    provider.answer = VERDICT
    shop.set(provider, rounds=0)
    checked = shop.reviewer.check(shop.reviewer.preview(shop.thread).id)
    return Notebook(shop.assistant).accept_correction(checked.check)


def found(shop: Shop, question: str) -> list[str]:
    shop.assistant.refresh()
    return [each.chunk.path for each in shop.assistant.search(question, limit=20)[0]]


def test_an_accepted_correction_is_found_and_learned_from_like_a_chunk(indexed: Shop, provider: Provider) -> None:
    note = accepted(indexed, provider)
    assert (note.title, note.text, note.source, note.stale) == (QUESTION, CORRECTED, "check", False)
    assert note.origin == "Corrected by m and accepted by the user."
    assert is_note_path(note.path)
    assert SourceLines("orders.py", 14, 16) in note.citations  # what [1] was
    assistant = indexed.assistant
    assert note.path in found(indexed, "What does ship_order do?")
    candidates = assistant.candidates("What does ship_order do?")
    assert note.path in [each.chunk.path for each in assistant.examples(candidates, 24)]
    (chunk,) = [each for each in candidates.chunks if each.path == note.path]
    assert (chunk.kind, chunk.language, chunk.date) == ("section", "markdown", note.created[:10])
    assert CORRECTED in chunk.text
    assert assistant.reread(note.path, chunk.first_line, chunk.last_line) == chunk.text
    assert note.path not in assistant.listing()[0]  # it is no file
    assert not (indexed.root / "notes").exists()
    assert assistant.memory.last_check(indexed.turn).accepted  # type: ignore[union-attr]  # it was just checked


def test_a_note_is_stale_once_lines_that_it_rests_on_change(indexed: Shop, provider: Provider) -> None:
    accepted(indexed, provider)
    notebook = Notebook(indexed.assistant)
    (indexed.root / "orders.py").write_text(ORDERS + "\n\ndef more() -> None:\n    pass\n")
    assert not notebook.all()[0].stale  # the lines themselves are as they were
    (indexed.root / "orders.py").write_text(ORDERS.replace("print(order, address)", "queue(order)"))
    (note,) = notebook.all()
    assert note.stale
    assert note.changed
    assert note.path in found(indexed, "What does ship_order do?")
    text, _ = indexed.assistant.excerpt(note.path, 1, 7)
    assert text is not None
    assert "Stale" in text  # whoever reads it as evidence is told
    fresh = notebook.edit(note.id, "It queues an order.")
    assert (fresh.text, fresh.stale, fresh.path) == ("It queues an order.", False, note.path)
    indexed.assistant.refresh()
    assert "It queues an order." in str(indexed.assistant.candidates("What queues an order?").chunks)
    (indexed.root / "orders.py").unlink()
    assert notebook.all()[0].stale


def test_a_deleted_note_is_found_no_more(indexed: Shop, provider: Provider) -> None:
    note = accepted(indexed, provider)
    assert note.path in found(indexed, QUESTION)
    notebook = Notebook(indexed.assistant)
    assert notebook.delete(note.id) == note.path
    assert note.path not in found(indexed, QUESTION)
    assert notebook.all() == ()
    with pytest.raises(UsageError, match="no note"):
        notebook.delete(note.id)


def test_notes_survive_a_new_index_and_updates_by_name(indexed: Shop) -> None:
    notebook = Notebook(indexed.assistant)
    note = notebook.add("Orders are shipped on Mondays only.")
    indexed.assistant.update([note.path])
    assert note.path in [each.chunk.path for each in indexed.assistant.search("shipped on Mondays")[0]]
    indexed.assistant.index(tier="static")
    assert note.path in [each.chunk.path for each in indexed.assistant.search("shipped on Mondays")[0]]
    notebook.delete(note.id)
    indexed.assistant.update([note.path])
    assert note.path not in [each.chunk.path for each in indexed.assistant.search("shipped on Mondays")[0]]


def test_an_accepted_answer_is_found_the_same_way(indexed: Shop) -> None:
    notebook = Notebook(indexed.assistant)
    note = notebook.accept_answer(indexed.thread, indexed.turn)
    assert (note.source, note.title, note.text) == ("answer", QUESTION, ANSWER)
    assert note.citations == (SourceLines("orders.py", 14, 16),)
    assert note.path in found(indexed, QUESTION)
    assert notebook.accept_answer(indexed.thread, 0).id  # the same answer again takes its place
    assert len(notebook.all()) == 1


def test_a_note_may_rest_on_another_note(indexed: Shop) -> None:
    notebook = Notebook(indexed.assistant)
    first = notebook.add("Orders are shipped on Mondays only.")
    second = notebook.add("So nothing arrives on Mondays.", (SourceLines(first.path, 1, 3),))
    assert not second.stale
    assert second.path in found(indexed, "What arrives on Mondays?")
    notebook.edit(first.id, "Orders are shipped on Fridays only.")
    assert [each.stale for each in notebook.all()] == [True, False]


def test_a_correction_can_be_changed_before_it_is_accepted(shop: Shop, provider: Provider) -> None:
    provider.answer = VERDICT
    shop.set(provider, rounds=0)
    checked = shop.reviewer.check(shop.reviewer.preview(shop.thread).id)
    note = Notebook(shop.assistant).accept_correction(checked.check, "It prints [1], and nothing else.")
    assert note.text == "It prints [1], and nothing else."
    assert "changed" in note.origin


def test_what_cannot_be_accepted_is_one_sentence(shop: Shop, provider: Provider) -> None:
    notebook = Notebook(shop.assistant)
    provider.answer = verdict_json({"quote": "The discount is 20 %.", "verdict": "undecided", "reason": "?"})
    shop.set(provider, rounds=0)
    checked = shop.reviewer.check(shop.reviewer.preview(shop.thread).id)
    with pytest.raises(UsageError, match="corrected nothing"):
        notebook.accept_correction(checked.check)
    elsewhere = shop.assistant.memory.new_thread("/elsewhere")
    turn = shop.assistant.memory.add_turn(elsewhere, "q", "a")
    other = shop.assistant.memory.add_note("/elsewhere", "theirs")
    for wrong in (
        lambda: notebook.accept_correction(99),
        lambda: notebook.accept_answer(elsewhere, turn),
        lambda: notebook.accept_answer(shop.thread, turn),
        lambda: notebook.edit(other, "mine"),
        lambda: notebook.delete(other),
        lambda: notebook.add("  "),
    ):
        with pytest.raises(UsageError):
            wrong()
