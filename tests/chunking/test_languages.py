from __future__ import annotations

import pytest

from engine.chunking import grammars
from engine.chunking.tables import QUERIES
from engine.languages import CODE_LANGUAGES, DATA_LANGUAGES, language_of
from engine.types import Symbol
from tests.chunking.conftest import check_cover, kinds, parsed, uses
from tests.chunking.snippets import SNIPPETS, Snippet


def _listed(text: str) -> list[str]:
    words = ("variable ", "function ", "method ", "class ", "module ", "section ")
    found: list[str] = []
    for part in text.split(", "):
        if part.startswith(words) or not found:
            found.append(part)
        else:
            found[-1] += ", " + part  # a comma inside a name: a CSS selector
    return found


def test_every_language_has_a_snippet_and_a_grammar() -> None:
    languages = {language_of(each.name) for each in SNIPPETS}
    assert languages == set(QUERIES) == CODE_LANGUAGES | DATA_LANGUAGES
    for name in languages:
        assert grammars.available(name), name


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda each: language_of(each.name))
def test_definitions_and_uses_are_read(snippet: Snippet) -> None:
    found = parsed(snippet.name, snippet.text)
    assert found.parsed
    check_cover(snippet.text, found)
    assert sorted(f"{kind} {name}" for name, kind in kinds(found).items()) == sorted(_listed(snippet.symbols))
    assert {use for use in snippet.uses.split(", ") if use} <= uses(found)
    assert list(found.symbols) == sorted(found.symbols, key=lambda each: each.first_line)
    lines = snippet.text.split("\n")
    for symbol in found.symbols:
        assert 1 <= symbol.first_line <= symbol.last_line <= len(lines)
        assert "\n" not in symbol.signature
        assert symbol.signature
        name = symbol.name.split(" > ")[-1].lstrip("~#")
        assert name in "\n".join(lines[symbol.first_line - 1 : symbol.last_line])


def _symbol(name: str, qualified: str) -> Symbol:
    snippet = next(each for each in SNIPPETS if each.name == name)
    return next(each for each in parsed(name, snippet.text).symbols if each.qualified == qualified)


@pytest.mark.parametrize(
    ("file", "qualified", "signature", "doc", "parameters"),
    [
        ("a.py", "Counter", "class Counter(Base[int], mixins.Loud, metaclass=Meta)", "Counts.", ()),
        (
            "a.py",
            "Counter.__init__",
            'def __init__(self, start=0, *args, sep="#", **kw: int) -> None',
            "",
            ("self", "start=0", "*args", 'sep="#"', "**kw: int"),
        ),
        ("a.py", "Counter.current", "async def current(self)", "", ("self",)),
        ("a.py", "LIMIT", "LIMIT: int = 10", "", ()),
        ("a.js", "Counter", "export class Counter extends lib.Base", "Counts.", ()),
        ("a.js", "arrow", "arrow = async (a) =>", "", ("a",)),
        ("a.ts", "C", "export class C", "", ()),
        ("a.ts", "Circle.area", "area(): number", "", ()),
        (
            "a.go",
            "Server.Run",
            "func (s *Server) Run(ctx context.Context, n int) error",
            "Run runs.",
            ("ctx context.Context", "n int"),
        ),
        ("a.go", "Server", "type Server struct", "Server serves.", ()),
        ("a.rs", "Point", "pub struct Point<T>", "A point.", ()),
        ("A.java", "Foo.run", "public <R> void run(String s, int... xs) throws E", "Runs.", ("String s", "int... xs")),
        ("a.c", "name_of", "static char *name_of(struct point *p, int n)", "Names it.", ("struct point *p", "int n")),
        ("a.c", "main", "int main(void)", "", ()),
        ("a.cpp", "a.b.Foo", "template <typename T> class Foo : public Bar<T>, private ns::Baz", "Doc.", ()),
        ("a.cs", "A.B.Foo", "public class Foo<T> : Bar<T>, IBaz where T : class", "Doc.", ()),
        ("a.cs", "A.B.Foo.Run", "public async Task<int> Run(string s, int n = 1)", "", ("string s", "int n = 1")),
        ("a.rb", "A.Foo.initialize", "def initialize(a, b = 1, *c, d:, **e)", "", ("a", "b = 1", "*c", "d:", "**e")),
        ("a.php", "User.run", "public function run(string $s, int ...$n): ?int", "Run.", ("string $s", "int ...$n")),
        ("a.kt", "Foo.run", "override fun run(s: String, n: Int = 1): Int", "", ("s: String", "n: Int = 1")),
        ("a.swift", "Foo.init", 'init(a: Int, b: String = "x")', "", ("a: Int", 'b: String = "x"')),
        ("a.scala", "top", "def top(x: Int): Int", "", ("x: Int",)),
        ("a.lua", "M.run", "function M.run(a, b)", "Doc.", ("a", "b")),
    ],
)
def test_heads(file: str, qualified: str, signature: str, doc: str, parameters: tuple[str, ...]) -> None:
    symbol = _symbol(file, qualified)
    assert symbol.signature == signature
    assert symbol.doc == doc
    assert symbol.parameters == parameters


def test_bases_are_given_as_written() -> None:
    assert _symbol("a.py", "Counter").bases == ("Base[int]", "mixins.Loud")
    assert _symbol("A.java", "Foo").bases == ("Bar<T>", "Baz", "Qux<T>")
    assert _symbol("a.rb", "A.Foo").bases == ("Bar::Baz", "Comparable")


def test_targets_are_given_as_written() -> None:
    found = parsed("a.py", "from a.b import c\nfrom . import d\nimport e.f\ng.h(1).i.j()\n")
    assert [(each.name, each.target, each.line) for each in found.references if each.kind == "import"] == [
        ("b", "a.b", 1), ("c", "a.b.c", 1), ("d", ".d", 2), ("f", "e.f", 3),
    ]  # fmt: skip
    assert {each.target for each in found.references if each.kind == "call"} == {"g.h(1).i.j", "g.h"}
