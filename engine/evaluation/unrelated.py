"""Text that has nothing to do with what was learned: plain English, and code of another repository.

An adapter that makes it much less likely has not learned about the repository but unlearned everything else. None of
it is what the gate looks at (``engine.tuning.unrelated``).
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.chunking import parse
from engine.tuning.examples import Document
from engine.types import SourceFile

__all__ = ["ENGLISH", "code_of", "unrelated_texts"]

# Written for this purpose, so that no model has read it.
ENGLISH = (
    "It was late in the afternoon when the letter arrived. The postman had walked up the hill in the rain, and his "
    "coat was dark with water when he knocked. My aunt read the first page standing by the window, then sat down "
    "slowly and read the rest twice. Nobody spoke. Outside the river had risen over the lower field, and two of the "
    "neighbour's horses stood on the dry rise near the fence, waiting. She folded the paper and said that we would "
    "leave in the morning, before the bridge was closed, and that each of us might take one bag and nothing that "
    "could not be carried. I went upstairs and looked for a long time at my shelf of books, and in the end I took "
    "only the small atlas that my father had given me when I was seven.",
    "Bread is mostly patience. Mix the flour with a little less water than you think it needs, cover the bowl, and go "
    "away for an hour; the dough will have done half of the work by the time you come back. Salt belongs in at the "
    "end, because it slows everything down, and a cold night in the cellar gives more taste than any spice. When the "
    "loaf has a crust the colour of old wood and sounds hollow from below, it is done. Let it cool before you cut "
    "it, however hungry the children are: the crumb sets while it cools, and a loaf that is cut hot is wet inside.",
    "The committee met four times last year and agreed on very little. Most members wanted to keep the library open "
    "in the evenings, but the council had asked for savings, and heating the reading room costs more than lending "
    "books does. In the spring a group of pensioners offered to look after the desk without pay. Their letter was "
    "read out, discussed, and put aside. By autumn the roof had begun to leak above the shelves of local history, "
    "which settled the question: the money went to the roof, and the library now closes at five.",
)
_TEXTS = 4  # of code
_LEAST, _MOST = 300, 1500  # characters of one


def unrelated_texts(code: Sequence[Document]) -> dict[str, tuple[Document, ...]]:
    """Return texts by kind: the English ones, and ``code`` where there is some."""
    english = tuple(Document("notes.txt", text, path_learned=False) for text in ENGLISH)
    return {"english": english, "code": tuple(code)} if code else {"english": english}


def code_of(sources: Sequence[SourceFile], language: str = "python") -> list[Document]:
    """Return some functions of a repository, the same ones every time, spread over its files."""
    files = [source for source in sources if source.language == language and "test" not in source.path]
    found: list[Document] = []
    for source in files[:: max(1, len(files) // (2 * _TEXTS))]:
        sized = (chunk for chunk in parse(source).chunks if _LEAST <= len(chunk.text) <= _MOST)
        chunk = next((chunk for chunk in sized if chunk.kind in ("function", "method")), None)
        if chunk is not None and len(found) < _TEXTS:
            found.append(Document(chunk.path, chunk.text, path_learned=False))
    return found
