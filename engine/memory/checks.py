"""What checks found, what they cost, and where they may be sent without a preview."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from engine.errors import DamagedError, UsageError
from engine.memory.tables import Tables, as_text, now
from engine.verdicts import Checked

__all__ = ["CheckTables", "Spent"]


@dataclass(frozen=True, slots=True)
class Spent:
    """What the requests about a repository have cost so far."""

    dollars: float
    unpriced: int  # requests among them whose price nobody knew


class CheckTables(Tables):
    """The checks in an open memory."""

    def add_check(self, turn: int, checked: Checked) -> int:
        """Keep what a check of an answer found and return its number; UsageError for an unknown turn."""
        with self._writing() as connection:
            self._require(connection, "SELECT 1 FROM turn WHERE id = ?", turn, f"there is no turn {turn}")
            cursor = connection.execute(
                "INSERT INTO check_run (turn, result, created) VALUES (?, ?, ?)", (turn, _json(checked), now())
            )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def change_check(self, check: int, checked: Checked) -> None:
        """Put a later finding in the place of an earlier one; UsageError for an unknown number."""
        self._change_one(
            "UPDATE check_run SET result = ? WHERE id = ?", (_json(checked), check), f"there is no check {check}"
        )

    def check(self, check: int) -> tuple[int, Checked]:
        """Return the turn that a check was about and what it found; UsageError for an unknown number."""
        rows = self._rows("SELECT turn, result FROM check_run WHERE id = ?", (check,))
        if not rows:
            raise UsageError(f"there is no check {check}")
        return rows[0][0], self._checked(check, rows[0][1])

    def last_check(self, turn: int) -> Checked | None:
        """Return what the last check of an answer found, None when there was none."""
        rows = self._rows("SELECT id, result FROM check_run WHERE turn = ? ORDER BY id DESC LIMIT 1", (turn,))
        return self._checked(*rows[0]) if rows else None

    def _checked(self, check: int, result: str) -> Checked:
        try:
            return replace(msgspec.json.decode(result, type=Checked), check=check)
        except msgspec.MsgspecError as error:
            raise DamagedError(f"check {check} in {self._path} is damaged") from error

    def add_spending(
        self,
        repository: str | Path,
        *,
        destination: str,
        model: str,
        input_tokens: int,
        output_tokens: int,
        price: float | None,
    ) -> None:
        """Note what one request cost; it stays when the conversation is deleted."""
        with self._writing() as connection:
            connection.execute(
                "INSERT INTO spending (repository, destination, model, input_tokens, output_tokens, price, created) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (as_text(repository), destination, model, input_tokens, output_tokens, price, now()),
            )

    def spent(self, repository: str | Path) -> Spent:
        """Return what checks of a repository have cost."""
        rows = self._rows(
            "SELECT coalesce(sum(price), 0.0), count(*) - count(price) FROM spending WHERE repository = ?",
            (as_text(repository),),
        )
        return Spent(*rows[0])

    def allow_checks(self, repository: str | Path, destination: str, *, allowed: bool) -> None:
        """Let checks of a repository be sent to a destination without a preview, or no longer."""
        key = (as_text(repository), destination)
        with self._writing() as connection:
            connection.execute("DELETE FROM check_grant WHERE repository = ? AND destination = ?", key)
            if allowed:
                connection.execute("INSERT INTO check_grant VALUES (?, ?, ?)", (*key, now()))

    def checks_allowed(self, repository: str | Path, destination: str) -> bool:
        """Return whether checks of a repository may be sent to a destination without a preview."""
        key = (as_text(repository), destination)
        return bool(self._rows("SELECT 1 FROM check_grant WHERE repository = ? AND destination = ?", key))


def _json(checked: Checked) -> str:
    return msgspec.json.encode(checked).decode()
