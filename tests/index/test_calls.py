from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.chunking import parse
from engine.index.calls import called_chunks
from engine.index.store import Store
from engine.types import SourceFile, sha256_hex
from tests.index.small import CHUNKER

FILES = {
    "app.py": "from tools import *\n\ndef start():\n    helper()\n    unique()\n    popular()\n    start()\n\n"
    "def helper():\n    return 1\n\nclass App:\n    def run(self):\n        return self.stop() + len(())\n\n"
    "    def stop(self):\n        return unique()\n",
    "tools.py": "def helper():\n    return 2\n\n\ndef unique():\n    return 3\n",
    "test_app.py": "from app import *\n\ndef test_start():\n    assert helper()\n    App().run()\n",
    **{f"many{n}.py": "def popular():\n    return 4\n" for n in range(5)},
}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "index")
    with store.writer():
        for path, text in FILES.items():
            file = SourceFile(path, text, sha256_hex(text), "python", len(text), 1)
            store.replace_file(file, parse(file), CHUNKER)
    return store


def edges(store: Store) -> dict[str, set[str]]:
    chunks = {label: chunk for path in FILES for label, chunk in store.chunks_in(path).items()}
    with store.snapshot() as connection:
        found = called_chunks(connection, chunks)
        assert called_chunks(connection, [0, *chunks, 10**6]) == found
        assert called_chunks(connection, []) == {}
    assert json.dumps(found)  # plain numbers

    def name(label: int) -> str:
        return f"{chunks[label].path}:{chunks[label].symbol}"

    return {name(caller): {name(label) for label in called} for caller, called in found.items()}


def test_calls_lead_to_the_definitions_they_may_mean(store: Store) -> None:
    found = edges(store)
    assert found["app.py:start"] == {
        "app.py:helper",
        "tools.py:unique",
    }  # its own file first; nothing popular, not itself
    assert found["test_app.py:test_start"] == {"app.py:helper", "tools.py:helper", "app.py:App"}
    assert "tools.py:unique" not in found
    store.close()


def test_calls_follow_what_changes(store: Store) -> None:
    text = FILES["tools.py"].replace("unique", "renamed")
    file = SourceFile("tools.py", text, sha256_hex(text), "python", len(text), 2)
    with store.writer():
        store.replace_file(file, parse(file), CHUNKER)
    assert edges(store)["app.py:start"] == {"app.py:helper"}
    store.close()
