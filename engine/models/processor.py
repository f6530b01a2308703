"""Which processor this is and what it can do, as far as kernels of numeric libraries choose by it."""

from __future__ import annotations

import platform
import re
import subprocess
from pathlib import Path

__all__ = ["processor"]

# Instruction sets that the kernels of torch and llama.cpp choose by, as Linux names them.
_FEATURES = (
    "sse4_2 avx avx2 fma f16c avx_vnni avx512f avx512_vnni avx512_bf16 amx_tile amx_bf16 amx_int8 "
    "asimd asimddp i8mm bf16 sve sve2"
).split()


def processor() -> tuple[str, tuple[str, ...]]:
    """Return the processor's name and those of its instruction sets that matter here."""
    if platform.system() == "Linux":
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
        name = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
        flags = re.search(r"^(?:flags|Features)\s*:\s*(.+)$", text, re.MULTILINE)
        present = set(flags.group(1).split()) if flags else set()
        return name.group(1) if name else platform.machine(), tuple(each for each in _FEATURES if each in present)
    if platform.system() == "Darwin":
        keys = ("machdep.cpu.brand_string", "machdep.cpu.leaf7_features", "machdep.cpu.features")
        found = [_sysctl(key) for key in keys]
        present = set(" ".join(found[1:]).lower().replace("avx1.0", "avx").split())
        if platform.machine() == "arm64":
            present.add("asimd")
        return found[0] or platform.machine(), tuple(each for each in _FEATURES if each in present)
    return platform.processor() or platform.machine(), ()


def _sysctl(key: str) -> str:
    try:
        done = subprocess.run(
            ["sysctl", "-n", key], capture_output=True, timeout=10, check=True, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.SubprocessError):
        return ""  # not a key of this kind of Mac
    return done.stdout.decode("utf-8", "replace").strip()
