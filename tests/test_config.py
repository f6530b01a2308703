from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.config import Settings, load_settings, save_settings
from engine.errors import StorageError, UsageError


def test_settings_are_written_and_the_rest_of_the_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    save_settings(path, Settings())
    assert load_settings(path) == Settings()
    path.write_text('# mine\neffort = "deep"\n  model = "old" # why\nthreads = 2\n# the end')
    for model in ('C:\\models\\"quoted"', "größer \x7f\n"):
        wanted = replace(load_settings(path), model=model, evidence_chars=5000)
        save_settings(path, wanted)
        assert load_settings(path) == wanted == Settings("deep", model, 2, 5000, 200)
    assert "# mine\n" in path.read_text()
    assert path.read_text().endswith("# the end")
    save_settings(path, Settings())
    assert load_settings(path) == Settings()
    assert [each.name for each in tmp_path.iterdir()] == ["settings.toml"]


@pytest.mark.parametrize(
    "wrong",
    [Settings(effort="huge"), Settings(threads=-1), Settings(answer_tokens=True), Settings(model=3)],  # type: ignore[arg-type]
)
def test_wrong_settings_are_not_written(tmp_path: Path, wrong: Settings) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("threads = 3")
    with pytest.raises(UsageError):
        save_settings(path, wrong)
    assert path.read_text() == "threads = 3"


def test_a_file_that_is_not_valid_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("effort = broken")
    with pytest.raises(UsageError, match="TOML"):
        save_settings(path, Settings(threads=2))
    assert path.read_text() == "effort = broken"


def test_a_folder_that_is_gone_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be written"):
        save_settings(tmp_path / "gone" / "settings.toml", Settings(threads=2))
