from __future__ import annotations

from collections.abc import Sequence

from engine.tuning.facts import DIRECTIONS, facts_about, symbol_facts
from engine.types import Chunk, Reference, Symbol


class Table:
    """A symbol table over plain lists: one caller, one callee, one subclass."""

    def __init__(self, symbols: Sequence[Symbol], references: Sequence[Reference]) -> None:
        self._symbols, self._references = symbols, references

    def definitions(self, name: str) -> Sequence[Symbol]:
        return [each for each in self._symbols if name in {each.name, each.qualified}]

    def callers(self, name: str) -> Sequence[Reference]:
        return [each for each in self._references if each.kind == "call" and each.name == name]

    def calls_in(self, path: str, qualified: str) -> Sequence[Reference]:
        calls = [each for each in self._references if each.kind == "call"]
        return [each for each in calls if each.path == path and each.scope == qualified]

    def subclasses(self, name: str) -> Sequence[Reference]:
        return [each for each in self._references if each.kind == "inherit" and each.name == name]

    def symbols_in(self, path: str) -> Sequence[Symbol]:
        return [each for each in self._symbols if each.path == path]

    def files(self) -> Sequence[str]:
        return sorted({each.path for each in self._symbols})

    def suggest(self, name: str, limit: int = 3) -> Sequence[str]:
        return ()


SYMBOLS = (
    Symbol("App", "App", "class", "app.py", 1, 20, bases=("sansio.Scaffold",)),
    Symbol("run", "App.run", "method", "app.py", 5, 9, parameters=("self", "host: str", "port=80")),
    Symbol("serve", "serve", "function", "serving.py", 1, 4),
    Symbol("main", "main", "function", "cli.py", 1, 4),
    Symbol("Title", "Title", "section", "app.py", 30, 40),
)
REFERENCES = (
    Reference("call", "serve", "app.py", 7, scope="App.run", target="serving.serve"),
    Reference("call", "print", "app.py", 8, scope="App.run", target="print"),
    Reference("call", "run", "app.py", 12, scope="App.start", target="self.run"),
    Reference("call", "run", "cli.py", 3, scope="main", target="subprocess.run"),
    Reference("call", "run", "cli.py", 9, scope="", target="App.run"),
    Reference("inherit", "Scaffold", "app.py", 1, scope="App", target="sansio.Scaffold"),
    Reference("inherit", "App", "test_app.py", 1, scope="Fake", target="App"),
)
TABLE = Table(SYMBOLS, REFERENCES)
RUN = Chunk("app.py", 5, 9, "def run…", "method", "python", "App.run")
APP = Chunk("app.py", 1, 4, "class App…", "class", "python", "App")


def test_every_relation_is_asked_from_both_ends() -> None:
    facts = dict(symbol_facts(TABLE, [RUN, APP]))
    assert facts == {
        "Where is `App.run` defined?": "`App.run` is defined in `app.py`",
        "What is defined in `app.py`?": "`app.py` defines `App`",
        "What arguments does `App.run` take?": "`App.run` takes `host` and `port`",
        "Which method in `app.py` takes `host` and `port`?": "`App.run` takes `host` and `port`",
        "What does `App.run` call?": "`App.run` calls `serve`",
        "What calls `serve`?": "`App.run` calls `serve`",
        "What calls `App.run`?": "`App.start` calls `App.run`",
        "Where is `App` defined?": "`App` is defined in `app.py`",
        "What does `App` inherit from?": "`App` inherits from `sansio.Scaffold`",
        "Which classes inherit from `Scaffold`?": "`App` inherits from `Scaffold`",
        "Which classes inherit from `App`?": "`Fake` inherits from `App`",
    }


def test_a_relation_is_forward_from_the_definition_that_states_it() -> None:
    facts = facts_about(TABLE, [RUN, APP])
    assert [(each.question, each.answer) for each in facts] == symbol_facts(TABLE, [RUN, APP])
    ends = {
        "defined": ("Where is", "What is defined in"),
        "takes": ("What arguments", "Which method"),
        "calls": ("What does", "What calls"),
        "inherits": ("What does", "Which classes inherit"),
    }
    for fact in facts:
        assert fact.question.startswith(ends[fact.relation][DIRECTIONS.index(fact.direction)])
    assert {(each.relation, each.direction) for each in facts} == {(a, b) for a in ends for b in DIRECTIONS}


def test_limited_in_the_order_of_the_chunks_and_deterministic() -> None:
    every = symbol_facts(TABLE, [APP, RUN])
    assert symbol_facts(TABLE, [APP, RUN], limit=3) == every[:3]
    assert every[0][0] == "Where is `App` defined?"
    assert symbol_facts(TABLE, [APP, RUN, APP]) == every


def test_chunks_without_a_known_symbol_give_only_what_their_file_holds() -> None:
    between = Chunk("serving.py", 8, 9, "x = 1", "block", "python")
    stale = Chunk("gone.py", 1, 2, "def gone…", "function", "python", "gone")
    assert symbol_facts(TABLE, [between, stale]) == [
        ("What is defined in `serving.py`?", "`serving.py` defines `serve`")
    ]


def test_calls_that_may_mean_something_else_are_left_out() -> None:
    second = Symbol("serve", "serve", "function", "other.py", 1, 2)
    method = Symbol("serve", "Kitchen.serve", "method", "kitchen.py", 3, 4)
    bare = Reference("call", "serve", "app.py", 8, scope="App.run", target="serve")
    module = Reference("call", "serve", "app.py", 8, scope="App.run", target="serving.serve")
    unknown = Reference("call", "serve", "app.py", 8, scope="App.run", target="self.kitchen.serve")
    question = "What does `App.run` call?"
    for symbols, call, said in (
        ((*SYMBOLS, method), bare, "`App.run` calls `serve`"),
        ((*SYMBOLS, second), bare, None),
        ((*SYMBOLS, second), module, "`App.run` calls `serve`"),
        ((*SYMBOLS, method), unknown, None),
    ):
        assert dict(symbol_facts(Table(symbols, [call]), [RUN])).get(question) == said


def test_long_lists_are_cut() -> None:
    callers = tuple(Reference("call", "serve", "x.py", n, scope=f"user_{n}") for n in range(9))
    serve = Chunk("serving.py", 1, 4, "", "function", "python", "serve")
    many = tuple(Symbol(f"f{n}", f"f{n}", "function", "serving.py", n, n) for n in range(10, 18))
    facts = dict(symbol_facts(Table((*SYMBOLS, *many), callers), [serve]))
    assert (
        facts["What calls `serve`?"] == "`user_0` calls `serve`, and `user_1` calls `serve`, and `user_2` calls `serve`"
    )
    assert facts["What is defined in `serving.py`?"] == (
        "`serving.py` defines `serve`, `f10`, `f11`, `f12`, `f13`, `f14` and 3 more"
    )
