"""A small repository, as unpleasant as real ones can be: odd names, traps, secrets, and code worth asking about."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from itertools import product
from pathlib import Path

ORDERS = '''"""Orders of the shop and what they cost."""

from shop.money import round_to_cents

VAT = 0.19


class Order:
    """What one customer buys at once."""

    def __init__(self, customer: str, lines: list[tuple[str, float]]) -> None:
        self.customer = customer
        self.lines = lines

    def total(self, discount: float = 0.0) -> float:
        """Return the sum of all lines with value added tax, less the discount."""
        net = sum(price for _, price in self.lines) * (1 - discount)
        return round_to_cents(net * (1 + VAT))


class ExpressOrder(Order):
    """An order that is delivered on the same day, for a surcharge."""

    surcharge = 4.9

    def total(self, discount: float = 0.0) -> float:
        """Return the ordinary total plus the surcharge for delivery on the same day."""
        return super().total(discount) + self.surcharge
'''

MONEY = '''"""Amounts of money."""


def round_to_cents(amount: float) -> float:
    """Round an amount half up to two decimals, as invoices do."""
    return int(amount * 100 + 0.5) / 100


def format_amount(amount: float, currency: str = "EUR") -> str:
    """Return an amount as it is printed on an invoice."""
    return f"{round_to_cents(amount):.2f} {currency}"
'''

STOCK = '''"""What is in the warehouse.

Mind the terminal: \x1b]0;owned\x07 \x1b[2J and \x9b31m are in this text.
"""

_SHELVES: dict[str, int] = {}


def reserve(article: str, count: int) -> bool:
    """Take articles off the shelf for an order; False when there are too few."""
    if _SHELVES.get(article, 0) < count:
        return False
    _SHELVES[article] -= count
    return True
'''


def _tariffs() -> str:
    """Return a module with as many short functions as it takes to choose among them."""
    goods = "books bread coal flour glass hats ink jam kites lamps milk nails oil paper quilts rope salt tea".split()
    lines = ['"""What delivery of an order costs, by kind of goods."""\n']
    for number, (name, service) in enumerate(product(goods, ("delivery", "insurance", "return")), start=1):
        lines.append(
            f"""
def {service}_cost_of_{name}(weight: float, distance: float) -> float:
    \"\"\"Return what the {service} of {name} of an order costs over a distance in kilometres.\"\"\"
    base = {number}.5 + weight * 0.{number}
    if distance > {number * 10}:
        return base * 1.{number} + distance * 0.0{number}
    return base
"""
        )
    return "\n".join(lines)


_TRAP = "raise SystemExit('code of the repository was executed')\n"

FILES: dict[str, str | bytes] = {
    "src/shop/orders.py": ORDERS,
    "src/shop/money.py": MONEY,
    "src/shop/stock.py": STOCK,
    "src/shop/tariffs.py": _tariffs(),
    "src/shop/deliveries.js": "// Deliveries\nexport function route(order) {\n  return order.stops.sort();\n}\n",
    'docs/how to "order".md': "# Ordering\n\nAn order is placed by mail.\n\n## Returns\n\nWithin fourteen days.\n",
    "engine/__init__.py": _TRAP,
    "engine/cli.py": _TRAP,
    "app/__init__.py": _TRAP,
    "sitecustomize.py": _TRAP,
    "conftest.py": _TRAP,
    ".env": "PASSWORD=hunter2-very-secret\n",
    "logo.png": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "ignored/generated.py": "def never_indexed(): ...\n",
    ".gitignore": "ignored/\n",
}
if sys.platform != "win32":
    FILES["odd\nname 'n' \x1b[2Jsuch.py"] = "def oddly_named():\n    return 'found in an odd file'\n"
LEFT_OUT = {".env": "secret", "logo.png": "binary", "ignored/generated.py": "ignored"}
if sys.platform == "linux":  # elsewhere every name is text
    LEFT_OUT[os.fsdecode(b"caf\xe9.py")] = "name"
    FILES[os.fsdecode(b"caf\xe9.py")] = "def drink_coffee():\n    return 'no utf-8 in my name'\n"


def git(root: Path, *arguments: str) -> None:
    """Run git without the user's configuration."""
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    subprocess.run(["git", *identity, *arguments], cwd=root, env=environment, check=True, capture_output=True)


def make_repository(root: Path) -> Path:
    """Write the files, commit them, and set traps in git's own configuration."""
    for name, content in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "The shop")
    trap = root / ".git" / "trap"
    trap.write_text(f"#!/bin/sh\ntouch '{root}/trapped'\n")
    trap.chmod(0o755)
    git(root, "config", "core.fsmonitor", str(trap))
    git(root, "config", "diff.external", str(trap))
    git(root, "config", "core.pager", str(trap))
    return root


def fingerprint(root: Path) -> dict[str, tuple[int, int, str]]:
    """Return mode, time of change and content hash of everything below a folder, ``.git`` included."""
    found = {}
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files):
            path = Path(folder, name)
            status = path.lstat()
            content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
            found[os.fspath(path.relative_to(root))] = (status.st_mode, status.st_mtime_ns, content)
    return found
