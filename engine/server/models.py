"""Models that the user can have: installed in threads of their own, paused and gone on with, removed."""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Callable
from typing import Literal

from engine import wire
from engine.config import Settings
from engine.errors import Cancelled, SidetuneError, UsageError
from engine.models import catalogue
from engine.models.catalogue import CatalogueEntry
from engine.models.hub import Network
from engine.models.install import install_model
from engine.models.store import Installation, download, read_installation, remove
from engine.paths import models_directory
from engine.tuning.fit import fit_of
from engine.types import Report

__all__ = ["Models"]

_LOG = logging.getLogger(__name__)
_RATE_SECONDS = 5.0  # over which the rate of a download is taken
_SOON = 2.0  # seconds in which a download stops unless its hub is silent
_AT_LAST = 60.0  # and then, too: longer than a silent hub is waited for


class _Download:
    """One model on its way, and how far it is."""

    def __init__(self, entry: CatalogueEntry, answers_only: bool) -> None:
        self.entry = entry
        self.answers_only = answers_only
        self.cancel = threading.Event()
        self.state: Literal["downloading", "preparing", "failed", "ended"] = "downloading"
        self.done = self.total = 0
        self.problem = ""
        self.seconds_left: float | None = None
        self._mark = (0, 0.0)

    def take(self, report: Report) -> None:
        """Take a report of progress, in the thread of the download."""
        if report.stage != "download":
            self.state = "preparing"
            self.seconds_left = None
            return
        now = time.monotonic()
        done, since = self._mark
        if not since or now - since > _RATE_SECONDS:
            if since and report.done > done:
                self.seconds_left = (report.total - report.done) * (now - since) / (report.done - done)
            self._mark = (report.done, now)
        self.done, self.total = report.done, report.total


class Models:
    """Lists, installs and removes the models of the catalogue; safe for several threads."""

    def __init__(self, settings: Callable[[], Settings]) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._downloads: dict[str, tuple[_Download, threading.Thread]] = {}
        self._closed = False

    def list(self, _: wire.Empty) -> wire.Models:
        """Return every model with what it takes and how far it is."""
        used = self._settings().model
        entries = list(catalogue.CATALOGUE)
        own = catalogue.find(used)
        if own is not None and own not in entries:
            entries.append(own)
        free = shutil.disk_usage(models_directory()).free
        return wire.Models(tuple(self._row(each, used) for each in entries), free)

    def install(self, message: wire.InstallModel) -> wire.Models:
        """Begin or go on to install a model; harmless while it is being installed."""
        entry = self._entry(message.name)
        with self._lock:
            if self._closed:
                raise UsageError("the engine is stopping")
            known = self._downloads.get(entry.name)
            if known is not None and known[1].is_alive() and known[0].cancel.is_set():
                raise UsageError(f"{entry.title} is still being stopped; try again in a moment")
            if known is None or not known[1].is_alive():
                work = _Download(entry, message.answers_only)
                thread = threading.Thread(target=self._run, args=(work,), name=f"install {entry.name}", daemon=True)
                self._downloads[entry.name] = (work, thread)
                thread.start()
        return self.list(wire.Empty())

    def pause(self, message: wire.ModelRef) -> wire.Models:
        """Stop installing a model; what has come stays."""
        self._stop(self._entry(message.name).name, _SOON)
        return self.list(wire.Empty())

    def remove(self, message: wire.ModelRef) -> wire.Models:
        """Remove a model, and what has come of one that was not whole."""
        entry = self._entry(message.name)
        if entry.name == self._settings().model:
            raise UsageError(f"{entry.title} is the model that answers; choose another one first")
        self._stop(entry.name, _AT_LAST)
        remove(entry.name)
        with self._lock:
            self._downloads.pop(entry.name, None)
        return self.list(wire.Empty())

    def close(self) -> None:
        """Stop every download; one whose hub is silent ends with the process."""
        with self._lock:
            self._closed = True
            names = list(self._downloads)
        for name in names:
            self._downloads[name][0].cancel.set()
        for name in names:
            self._stop(name, _SOON)

    def _entry(self, name: str) -> CatalogueEntry:
        entry = next((each for each in catalogue.CATALOGUE if each.name == name), None)
        if entry is None or not entry.installable:
            raise UsageError(f"there is no model {name!r} that could be installed or removed")
        return entry

    def _stop(self, name: str, seconds: float) -> None:
        known = self._downloads.get(name)
        if known is not None:
            known[0].cancel.set()
            known[1].join(seconds)

    def _run(self, work: _Download) -> None:
        settings = self._settings()
        network = Network(settings.hub, settings.proxy, settings.offline)
        try:
            download(
                work.entry,
                answers_only=work.answers_only,
                network=network,
                progress=work.take,
                cancel=work.cancel,
            )
            install_model(work.entry.name, work.take)  # converts and checks it, so that it answers at once when chosen
        except Cancelled:
            work.state = "ended"
        except SidetuneError as error:
            work.problem = str(error)
            work.state = "failed"
        except Exception as error:  # noqa: BLE001 - told in the list, since nobody can catch it in this thread
            _LOG.exception("a model could not be installed")
            work.problem = f"Something unexpected happened: {type(error).__name__}: {error}"[:300]
            work.state = "failed"
        else:
            work.state = "ended"

    def _row(self, entry: CatalogueEntry, used: str) -> wire.ModelRow:
        known = self._downloads.get(entry.name)
        work = known[0] if known is not None else None
        problem, found = "", None
        if entry.installable:
            try:
                found = read_installation(entry.name)
            except SidetuneError as error:
                problem = str(error)
        state, done, total = _state(entry, found, work, problem)
        fit = fit_of(entry)
        download_bytes = entry.download_bytes(answers_only=False)
        return wire.ModelRow(
            name=str(entry.folder) if entry.folder is not None else entry.name,
            title=entry.title,
            notes=entry.notes,
            licence=entry.licence,
            suits=entry.suits,
            state=state,
            used=used in {entry.name, str(entry.folder)},
            fits=fit.level,
            fit=fit.words,
            download_bytes=download_bytes,
            answers_only_bytes=entry.download_bytes(answers_only=True),
            learns=entry.weights is not None if found is None else not found.gguf,
            done=done,
            total=total,
            seconds_left=work.seconds_left if work is not None and state == "downloading" else None,
            problem=work.problem if work is not None and work.state == "failed" else problem,
        )


def _state(
    entry: CatalogueEntry, found: Installation | None, work: _Download | None, problem: str
) -> tuple[wire.ModelStage, int, int]:
    """Return how far a model is, and its bytes that are there and that there will be."""
    if not entry.installable:
        return "installed", 0, 0
    if work is not None and work.state in {"downloading", "preparing"} and not work.cancel.is_set():
        return ("preparing" if work.state == "preparing" else "downloading"), work.done, work.total
    done, total = (found.done, found.total) if found is not None else (0, 0)
    if problem or (work is not None and work.state == "failed"):
        return "failed", done, total
    if found is None:
        return "available", 0, 0
    return ("installed" if found.complete else "paused"), done, total
