"""A small symbol table in memory, and the repository it describes."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from engine.types import Reference, Symbol


class Table:
    """A ``SymbolTable`` over lists."""

    def __init__(self, symbols: Sequence[Symbol], references: Sequence[Reference], files: Sequence[str] = ()) -> None:
        self._symbols = list(symbols)
        self._references = list(references)
        self._files = sorted({each.path for each in symbols} | set(files))

    def definitions(self, name: str) -> Sequence[Symbol]:
        return [each for each in self._symbols if each.name == name or each.qualified == name]

    def callers(self, name: str) -> Sequence[Reference]:
        last = name.rsplit(".", 1)[-1]
        return [each for each in self._references if each.kind == "call" and each.name == last]

    def calls_in(self, path: str, qualified: str) -> Sequence[Reference]:
        return [each for each in self._references if (each.kind, each.path, each.scope) == ("call", path, qualified)]

    def subclasses(self, name: str) -> Sequence[Reference]:
        last = name.rsplit(".", 1)[-1]
        return [each for each in self._references if each.kind == "inherit" and each.name == last]

    def symbols_in(self, path: str) -> Sequence[Symbol]:
        return sorted((each for each in self._symbols if each.path == path), key=lambda each: each.first_line)

    def files(self) -> Sequence[str]:
        return self._files

    def suggest(self, name: str, limit: int = 3) -> Sequence[str]:
        return difflib.get_close_matches(name, [each.name for each in self._symbols] + self._files, limit)


def shop(more: Sequence[str] = ()) -> Table:
    """Return a table about a small shop: a class tree, functions that call each other, a name with many owners."""
    cart, base, tests = "src/shop/cart.py", "src/shop/base.py", "tests/test_cart.py"
    symbols = [
        Symbol("Store", "Store", "class", base, 3, 30, "class Store"),
        Symbol("save", "Store.save", "method", base, 10, 14, "def save(self)", parameters=("self",)),
        Symbol("Cart", "Cart", "class", cart, 5, 60, "class Cart(Store, Sized)", bases=("Store", "Sized")),
        Symbol("__init__", "Cart.__init__", "method", cart, 8, 12, parameters=("self", "owner: str", "limit=10")),
        Symbol("add_item", "Cart.add_item", "method", cart, 14, 20, parameters=("self", "item", "*", "count=1")),
        Symbol("total_price", "Cart.total_price", "method", cart, 22, 30, parameters=("self",)),
        Symbol("apply_discount", "apply_discount", "function", cart, 62, 70, parameters=("price", "rate: float = 0.1")),
        Symbol("LIMIT", "LIMIT", "variable", cart, 2, 2),
        Symbol("SavedCart", "SavedCart", "class", cart, 72, 90, bases=("Cart",)),
        Symbol("test_total", "test_total", "function", tests, 4, 9, parameters=()),
        Symbol("Usage", "Usage", "section", "README.md", 1, 9),
        *(Symbol("run", f"Job{n}.run", "method", f"src/shop/jobs{n}.py", 7, 9, parameters=("self",)) for n in range(8)),
    ]
    references = [
        Reference("inherit", "Store", cart, 5, "Cart", "Store"),
        Reference("inherit", "Cart", cart, 72, "SavedCart", "Cart"),
        Reference("call", "apply_discount", cart, 25, "Cart.total_price", "apply_discount"),
        Reference("call", "sum", cart, 26, "Cart.total_price", "sum"),
        Reference("call", "total_price", tests, 6, "test_total", "cart.total_price"),
        Reference("call", "apply_discount", tests, 12, "", "apply_discount"),
        Reference("call", "run", cart, 80, "SavedCart.later", "job.run"),
    ]
    return Table(symbols, references, files=["README.md", "setup.cfg", "src/shop/__init__.py", "docs/conf.py", *more])
