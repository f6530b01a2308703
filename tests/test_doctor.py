"""What the doctor says of devices: the command that mends, exactly where there is something to mend."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.doctor import Finding, _findings, examine
from engine.models.devices import offload_command
from engine.models.memory import total_memory

CUDA = 'CMAKE_ARGS="-DGGML_CUDA=on" pip install --force-reinstall --no-cache-dir --no-binary llama-cpp-python'


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SIDETUNE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def _about_llama(findings: tuple[Finding, ...]) -> list[Finding]:
    return [each for each in findings if "built for the processor alone" in each.text]


def test_a_gpu_that_llama_cpp_was_not_built_for_is_said_with_the_command(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.models.devices.platform.system", lambda: "Linux")
    health = replace(examine(), accelerator="NVIDIA GeForce RTX 4070", llama="CPU : AVX2 = 1 |", offload=False)
    (found,) = _about_llama(_findings(health, "", home))
    assert found.text == (
        "llama.cpp was built for the processor alone, and there is NVIDIA GeForce RTX 4070: answers take longer."
    )
    assert found.mend.startswith(CUDA) and found.mend.endswith(" llama-cpp-python")
    assert not _about_llama(_findings(replace(health, offload=True), "", home))
    assert not _about_llama(_findings(replace(health, accelerator="none"), "", home))
    assert not _about_llama(_findings(replace(health, accelerator="none that torch can use"), "", home))
    monkeypatch.setattr("engine.models.devices.platform.system", lambda: "Darwin")
    monkeypatch.setattr("engine.models.devices.platform.machine", lambda: "arm64")
    assert offload_command("Apple GPU").startswith('CMAKE_ARGS="-DGGML_METAL=on" pip install')


def test_devices_and_memory_are_told(home: Path) -> None:
    health = examine(devices=True)
    assert health.memory == total_memory() >= health.free_memory > 0
    assert ": torch " in health.tuning  # the device, and why
