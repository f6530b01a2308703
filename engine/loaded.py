"""The model of the settings in memory: weights to tune and weights to write with, shared by all open repositories."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from engine.config import Settings

if TYPE_CHECKING:
    from engine.generation.answer import Writer
    from engine.models import InstalledModel
    from engine.tuning.lora import Tuner

__all__ = ["LoadedModel"]


class LoadedModel:
    """Cheap to make; each part is loaded when it is first needed, and one question at a time may use them.

    Whoever answers holds ``lock`` from the first use of a part to the last.
    """

    def __init__(self, settings: Settings) -> None:
        self.lock = threading.Lock()  # held while a question is answered
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
            if self._writer is not None:
                self._writer.close()
            self._writer = self._tuner = None

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
