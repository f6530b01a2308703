"""How a thread wakes a coroutine, and how all that are waiting come to an end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

__all__ = ["Bell", "Bells"]


class Bell:
    """Rung in any thread, heard in the event loop that it was made in; ringing twice before it is heard is once."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake who waits; harmless when the loop is closed."""
        with suppress(RuntimeError):  # the loop has ended, and nobody waits any more
            self._loop.call_soon_threadsafe(self._rung.set)

    async def heard(self, seconds: float) -> bool:
        """Wait until it is rung, for at most ``seconds``; return whether it was."""
        try:
            await asyncio.wait_for(self._rung.wait(), seconds)
        except TimeoutError:
            return False
        self._rung.clear()
        return True


class Bells:
    """The bells of all open streams of one server."""

    def __init__(self) -> None:
        self.closing = False  # every stream ends when it next looks
        self._bells: set[Bell] = set()

    @contextmanager
    def bell(self) -> Iterator[Bell]:
        """Yield a bell that is also rung by ``close``; in the event loop only."""
        bell = Bell()
        self._bells.add(bell)
        try:
            yield bell
        finally:
            self._bells.discard(bell)

    def close(self) -> None:
        """Let every stream end; in the event loop only."""
        self.closing = True
        for bell in self._bells:
            bell.ring()
