"""The model of the settings in memory: weights to tune and weights to write with, shared by all open repositories.

They are let go when no question has been asked for a while, and loaded again by the next one.
"""

from __future__ import annotations

import logging
import threading
from types import TracebackType
from typing import TYPE_CHECKING

from engine.config import Settings

if TYPE_CHECKING:
    from engine.generation.answer import Writer
    from engine.models import InstalledModel
    from engine.tuning.lora import Tuner

__all__ = ["LoadedModel"]


_LOG = logging.getLogger(__name__)
IDLE_SECONDS = 900.0  # without a question, after which the weights are let go


class _InUse:
    """A lock that says when nobody holds it any more."""

    def __init__(self, model: LoadedModel) -> None:
        self._model = model
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        self._lock.acquire()
        self._model._used()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._model._unused()
        self._lock.release()

    def try_it(self) -> bool:
        """Take the lock if nobody holds it."""
        return self._lock.acquire(blocking=False)

    def leave(self) -> None:
        """Give back what ``try_it`` took."""
        self._lock.release()


class LoadedModel:
    """Cheap to make; each part is loaded when it is first needed, and one question at a time may use them.

    Whoever answers holds ``lock`` from the first use of a part to the last.
    """

    def __init__(self, settings: Settings, *, idle: float = IDLE_SECONDS) -> None:
        """Take note of the settings; ``idle`` seconds after the last use the weights are let go."""
        self.lock = _InUse(self)  # held while a question is answered
        self._idle = idle
        self._timer: threading.Timer | None = None
        self._closed = False
        self._parts = threading.RLock()  # held while a part is made
        self._name = settings.model
        self._threads = settings.worker_threads
        self._model: InstalledModel | None = None
        self._tuner: Tuner | None = None
        self._writer: Writer | None = None

    def serves(self, settings: Settings) -> bool:
        """Return whether this is the model that ``settings`` ask for, with as many threads."""
        return (self._name, self._threads) == (settings.model, settings.worker_threads)

    def close(self) -> None:
        """Free the weights; harmless when called twice. Not while a question is answered."""
        with self._parts:
            self._closed = True
            self._stop_timer()
            self._let_go()

    @property
    def is_loaded(self) -> bool:
        """Return whether weights are in memory."""
        with self._parts:
            return self._writer is not None or (self._tuner is not None and self._tuner.prepared)

    def _let_go(self) -> None:
        if self._writer is not None:
            self._writer.close()
        if self._tuner is not None:
            self._tuner.release()
        self._writer = self._tuner = None

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _used(self) -> None:
        with self._parts:
            self._stop_timer()

    def _unused(self) -> None:
        with self._parts:
            self._stop_timer()
            if self._closed or (self._writer is None and self._tuner is None):
                return
            self._timer = threading.Timer(self._idle, self._rest)
            self._timer.daemon = True
            self._timer.name = "idle model"
            self._timer.start()

    def _rest(self) -> None:
        """Let the weights go, unless a question came meanwhile; it starts the time anew."""
        if not self.lock.try_it():
            return
        try:
            with self._parts:
                if self._timer is threading.current_thread():
                    _LOG.info("the model was not used for %.0f s: its weights are let go", self._idle)
                    self._timer = None
                    self._let_go()
        finally:
            self.lock.leave()

    @property
    def model(self) -> InstalledModel:
        """Return the model, installed if need be; ModelError when that fails."""
        with self._parts:
            if self._model is None:
                from engine.models.install import install_model

                self._model = install_model(self._name)
            return self._model

    @property
    def tuner(self) -> Tuner:
        """Return the tuner of the model; its weights are loaded by its first use."""
        with self._parts:
            if self._tuner is None:
                from engine.tuning.lora import Tuner

                self._tuner = Tuner(self.model, threads=self._threads)
            return self._tuner

    @property
    def writer(self) -> Writer:
        """Return the loaded model that writes; ModelError when it cannot be loaded."""
        with self._parts:
            if self._writer is None:
                from engine.generation.answer import Writer

                self._writer = Writer(self.model, threads=self._threads)
            return self._writer
