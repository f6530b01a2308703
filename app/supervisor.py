"""Keeps one engine process running: starts it, notices when it is gone or hangs, starts it again, or gives up."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from PySide6.QtCore import QElapsedTimer, QObject, QProcess, QProcessEnvironment, QTimer, Signal

from app.client import EngineClient, Pending
from app.engine_log import EngineLog
from app.memory_kills import memory_kills
from engine import paths, wire

__all__ = ["ENGINE", "Patience", "Supervisor"]

# -P: a folder called ``engine`` where we happen to be is not ours.
ENGINE: Final = (sys.executable, "-P", "-m", "engine.cli", "serve", "--until-stdin-closes")

_TICKS = 6  # looks at the engine within ``hang_seconds``


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for what, in seconds."""

    start_seconds: float = 60.0  # from the start of the process until it is ready
    hang_seconds: float = 30.0  # without an answer to a hello
    healthy_seconds: float = 60.0  # after so long a failure counts as the first one again
    first_delay: float = 0.2  # before the engine is started again; doubles with each failure
    longest_delay: float = 10.0
    quick_failures: int = 5  # in a row, then it is not started again
    stop_seconds: float = 3.0  # for an engine that was asked to end


@dataclass(frozen=True, slots=True)
class _Ready:
    """What the engine prints once it is ready."""

    url: str
    token_file: str
    protocol: int


class Supervisor(QObject):
    """Runs the engine as a child process whose standard input it holds: the engine ends when that closes."""

    ready = Signal(str, str)  # url, token: it has answered
    lost = Signal(str)  # why, one sentence: it is gone and is started again unless ``gave_up`` follows at once
    gave_up = Signal(str)  # why, one sentence: it is not started again until ``restart()``

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        command: Sequence[str] = ENGINE,
        log: Path | None = None,
        patience: Patience | None = None,
    ) -> None:
        super().__init__(parent)
        self._command = tuple(command)
        self._log = EngineLog(log or paths.home() / "log" / "engine.log")
        self._patience = patience or Patience()
        # A client of its own: a hello never waits behind what the windows ask.
        self._client = EngineClient(self)
        self._hello: Pending | None = None
        self._process: QProcess | None = None
        self._phase: Literal["stopped", "starting", "running", "waiting", "stopping"] = "stopped"
        self._why = ""  # known before the process ends, since it is us who end it
        self._final = False  # starting it again would not help
        self._failures = 0  # in a row
        self._memory_kills: int | None = None
        self._ticks = 0  # looks since the start or the last answer
        self._age = QElapsedTimer()  # since it was ready
        self._output = b""
        self._ticker = QTimer(self)
        self._ticker.setInterval(max(1, round(1000 * self._patience.hang_seconds / _TICKS)))
        self._ticker.timeout.connect(self._look)
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.timeout.connect(self._launch)

    @property
    def pid(self) -> int | None:
        """Return the engine's process id, None while there is no process."""
        return self._process.processId() or None if self._process is not None else None

    @property
    def log(self) -> Path:
        """Return the file that holds what the engine wrote on its standard error."""
        return self._log.path

    def start(self) -> None:
        """Start the engine; harmless when it runs or is about to."""
        if self._phase == "stopped":
            self._launch()

    def stop(self) -> None:
        """End the engine and wait until it is gone, some seconds at most. Nothing is signalled."""
        self._again.stop()
        self._ticker.stop()
        process = self._process
        if process is not None:
            self._phase = "stopping"
            process.closeWriteChannel()
            milliseconds = round(1000 * self._patience.stop_seconds)
            if not process.waitForFinished(milliseconds):
                process.kill()
                process.waitForFinished(milliseconds)
        self._forget()
        self._phase = "stopped"

    def restart(self) -> None:
        """Start the engine anew, also after it was given up; failures are counted from zero."""
        was_there = self._process is not None
        self.stop()
        self._failures = 0
        if was_there:
            self.lost.emit("The engine is being started again.")
        self.start()

    # -- starting ---------------------------------------------------------------------------------

    def _launch(self) -> None:
        self._phase, self._why, self._final, self._ticks, self._output = "starting", "", False, 0, b""
        self._age.invalidate()
        self._memory_kills = memory_kills()
        process = QProcess(self)
        try:
            self._log.begin()
            process.setStandardErrorFile(str(self._log.path), QProcess.OpenModeFlag.Append)
        except OSError as error:
            # Not worth a refusal: without a log the engine still answers.
            process.setStandardErrorFile(QProcess.nullDevice())
            sys.stderr.write(f"sidetune: the log {self._log.path} cannot be written: {error.strerror}\n")
        process.setProgram(self._command[0])
        process.setArguments(list(self._command[1:]))
        process.setWorkingDirectory(str(paths.home()))
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert("PYTHONFAULTHANDLER", "1")  # where it was when native code crashed goes to the log
        process.setProcessEnvironment(environment)
        if sys.platform != "win32":
            flag = QProcess.UnixProcessFlag
            parameters = QProcess.UnixProcessParameters()
            # A session of its own: Ctrl-C in the terminal of the window is the window's alone.
            parameters.flags = flag.CreateNewSession | flag.CloseFileDescriptors | flag.ResetSignalHandlers
            process.setUnixProcessParameters(parameters)
        process.readyReadStandardOutput.connect(self._read)
        process.finished.connect(self._finished)
        process.errorOccurred.connect(self._failed)
        self._process = process
        self._ticker.start()
        process.start()

    def _read(self) -> None:
        process = self._process
        if process is None:
            return
        portion = bytes(process.readAllStandardOutput().data())
        if self._phase != "starting" or self._client.is_connected:
            return  # nothing more is expected, but a full pipe would stop the engine
        *lines, self._output = (self._output + portion).split(b"\n")
        for line in lines:
            ready = _ready(line)
            if ready is not None:
                self._greet(ready)
                return

    def _greet(self, ready: _Ready) -> None:
        if ready.protocol != wire.PROTOCOL:
            self._end_for_good(
                f"The engine speaks version {ready.protocol} of the protocol and this window version {wire.PROTOCOL}: "
                "Sidetune was updated while it ran; close all of its windows and open it again."
            )
            return
        try:
            token = Path(ready.token_file).read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            self._end(f"The engine's key {ready.token_file} cannot be read: {error}.")
            return

        def greeted(_: wire.Hello) -> None:
            self._hello = None
            if self._phase != "starting":
                return
            self._phase, self._ticks = "running", 0
            self._age.start()
            self.ready.emit(ready.url, token)

        def refused(problem: wire.Problem) -> None:
            self._hello = None
            self._end(f"The engine does not accept its own window: {problem.message}")

        self._client.connect_to(ready.url, token)
        self._hello = self._client.call(wire.HELLO, wire.Empty(), greeted, refused)

    # -- watching ---------------------------------------------------------------------------------

    def _look(self) -> None:
        """Count looks instead of reading a clock: while the machine or the window slept, nobody was waiting."""
        self._trim_log()
        self._ticks += 1
        seconds = self._ticks * self._ticker.interval() / 1000
        if self._phase == "starting":
            if seconds >= self._patience.start_seconds:
                self._end(f"The engine was not ready within {self._patience.start_seconds:g} seconds.")
        elif self._phase == "running":
            if seconds >= self._patience.hang_seconds:
                self._end(f"The engine did not answer for {self._patience.hang_seconds:g} seconds and was ended.")
            elif self._hello is None:
                self._hello = self._client.call(wire.HELLO, wire.Empty(), self._answered, self._unanswered)
            if self._failures and self._age.hasExpired(round(1000 * self._patience.healthy_seconds)):
                self._failures = 0

    def _answered(self, _: wire.Hello) -> None:
        self._hello, self._ticks = None, 0

    def _unanswered(self, _: wire.Problem) -> None:
        self._hello = None  # asked again at the next look; only silence for long is a reason to end it

    def _trim_log(self) -> None:
        try:
            self._log.trim()
        except OSError as error:
            sys.stderr.write(f"sidetune: the log {self._log.path} cannot be trimmed: {error.strerror}\n")

    # -- ending -----------------------------------------------------------------------------------

    def _end_for_good(self, why: str) -> None:
        self._final = True
        self._end(why)

    def _end(self, why: str) -> None:
        """End a process that is of no use; the rest happens when it has ended."""
        if self._process is not None and not self._why:
            self._why = why
            self._process.kill()

    def _failed(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart and self._process is not None:
            self._why = f"The engine cannot be started: {self._process.errorString()}."
            self._gone()

    def _finished(self, code: int, status: QProcess.ExitStatus) -> None:
        if self._phase == "stopping":
            return
        if not self._why:
            self._why = self._words(code, crashed=status == QProcess.ExitStatus.CrashExit)
        self._gone()

    def _gone(self) -> None:
        why = self._why
        if self._phase == "running" and self._age.hasExpired(round(1000 * self._patience.healthy_seconds)):
            self._failures = 0
        self._failures += 1
        self._forget()
        giving_up = self._final or self._failures >= self._patience.quick_failures
        if giving_up:
            self._phase = "stopped"
        else:
            self._phase = "waiting"
            delay = min(self._patience.first_delay * 2 ** (self._failures - 1), self._patience.longest_delay)
            self._again.start(round(1000 * delay))
        self.lost.emit(why)
        # Who heard of it may have stopped or started it meanwhile.
        if giving_up and self._phase == "stopped":
            self.gave_up.emit(why if self._final else self._last_words(why))

    def _last_words(self, why: str) -> str:
        last = self._log.last_line()
        quoted = f" Its last words: {last.rstrip('.')}." if last and last.rstrip(".") not in why else ""
        return f"The engine failed {self._failures} times in a row. {why}{quoted} The log is {self._log.path}."

    def _words(self, code: int, *, crashed: bool) -> str:
        """Return a sentence for how the process ended."""
        if not crashed:
            last = self._log.last_line() if code else ""
            return f"The engine ended with status {code}{': ' + last.rstrip('.') if last else ''}."
        if sys.platform == "win32":
            return f"The engine crashed (code {code & 0xFFFFFFFF:#010x})."
        if code == signal.SIGKILL:
            before, now = self._memory_kills, memory_kills()
            if before is not None and now is not None and now > before:
                return "The system ended the engine because memory ran out."
            return "The engine was killed from outside; it may have used more memory than there is."
        return f"The engine crashed ({_signal_name(code)})."

    def _forget(self) -> None:
        """Let go of the process, which has ended, and of what was asked of it."""
        self._ticker.stop()
        hello, self._hello = self._hello, None
        if hello is not None:
            hello.abort()
        self._client.disconnect_from()
        process, self._process = self._process, None
        if process is not None:
            process.deleteLater()


def _ready(line: bytes) -> _Ready | None:
    """Return what a line of the engine's output says, None for one that is something else."""
    try:
        found = json.loads(line)
        return _Ready(str(found["url"]), str(found["token_file"]), int(found["protocol"]))
    except (ValueError, KeyError, TypeError):
        return None


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
