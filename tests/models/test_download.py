from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import BusyError, Cancelled, ModelError, StorageError
from engine.models.catalogue import CATALOGUE, CatalogueEntry, PinnedFile, Source
from engine.models.download import part_of
from engine.models.hub import Network, is_safe_name
from engine.models.install import install_model
from engine.models.store import _alone, current_commit, download, folder_of, read_installation, remove
from engine.types import Report
from tests.models.small_hub import SmallHub, serving
from tests.models.tiny import tiny_model

REPOSITORY = "maker/tiny"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallHub]:
    monkeypatch.setattr("engine.models.download._FIRST_PAUSE", 0.01)
    with serving() as hub:
        yield hub


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tiny_model(tmp_path_factory.mktemp("weights") / "tiny", "qwen2")
    kept = {path.name: path.read_bytes() for path in folder.iterdir()}
    return {**kept, "pytorch_model.bin": b"\x80\x04 a pickle", "modeling.py": b"import os", "README.md": b"#"}


@pytest.fixture
def entry() -> CatalogueEntry:
    return CatalogueEntry("tiny", "Tiny", "for tests", licence="MIT", weights=Source(REPOSITORY))


class AfterBytes:
    """A cancel token that is set once so many bytes have been reported."""

    def __init__(self, limit: int) -> None:
        self.limit, self.seen = limit, 0

    def report(self, report: Report) -> None:
        self.seen = report.done

    def is_set(self) -> bool:
        return self.seen >= self.limit


def _network(hub: SmallHub) -> Network:
    return Network(mirror=hub.url)


def test_a_model_is_fetched_checked_and_ready_to_answer(
    hub: SmallHub, files: dict[str, bytes], entry: CatalogueEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    commit = hub.add(REPOSITORY, files)
    reports: list[Report] = []
    found = download(entry, network=_network(hub), progress=reports.append)
    assert found.complete and found.commit == commit and found.endpoint == hub.url
    folder = folder_of("tiny")
    for name, digest in found.sha256.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    names = {path.name for path in folder.iterdir()}
    assert not names & {"pytorch_model.bin", "modeling.py", "README.md"}
    assert {"config.json", "tokenizer.json", "model.safetensors.index.json"} < names
    done = [report.done for report in reports]
    assert done == sorted(done) and done[-1] == reports[-1].total == found.total == found.done
    assert not hub.authorized  # no token of the user's leaves
    assert not any("torch" in agent or "agent/" in agent for agent in hub.agents)  # and nothing about the machine
    monkeypatch.setattr("engine.models.catalogue.CATALOGUE", (*CATALOGUE, entry))
    model = install_model("tiny")
    assert (model.name, model.architecture, model.untunable) == ("tiny", "qwen2", "")
    asked = len(hub.requests)
    assert download(entry, network=_network(hub)) == found
    assert len(hub.requests) == asked  # a whole model asks nobody
    assert remove("tiny") > found.total
    assert read_installation("tiny") is None and not model.gguf.exists()


def test_a_cut_connection_is_resumed_where_it_broke(
    hub: SmallHub, files: dict[str, bytes], entry: CatalogueEntry
) -> None:
    hub.add(REPOSITORY, files)
    shard = next(name for name in sorted(files) if name.endswith(".safetensors"))
    hub.cut_at = [30_000, 20_000]
    found = download(entry, network=_network(hub))
    assert found.complete
    assert hub.fetched(shard)[0] == ""
    spans = [span for _, span in hub.requests if span]
    assert len(spans) == 2 and all(span.startswith("bytes=") for span in spans)
    assert (folder_of("tiny") / shard).read_bytes() == files[shard]


def test_a_hub_that_cannot_resume_is_read_from_the_start(
    hub: SmallHub, files: dict[str, bytes], entry: CatalogueEntry
) -> None:
    hub.add(REPOSITORY, files)
    hub.ranges = False
    hub.cut_at = [30_000]
    assert download(entry, network=_network(hub)).complete
    for name in read_installation("tiny").sha256:  # type: ignore[union-attr]
        assert (folder_of("tiny") / name).read_bytes() == files[name]


def test_a_lost_hub_is_one_sentence_and_what_came_is_kept(
    hub: SmallHub, files: dict[str, bytes], entry: CatalogueEntry
) -> None:
    hub.add(REPOSITORY, files)
    hub.failures = 1000
    with pytest.raises(ModelError, match=r"connection to http.* was lost at 0 of .*; install it again to continue"):
        download(entry, network=_network(hub))
    hub.failures = 2  # some of that is nothing
    assert download(entry, network=_network(hub)).complete


def test_pausing_keeps_what_came_and_goes_on_with_the_same_revision(
    hub: SmallHub, files: dict[str, bytes], entry: CatalogueEntry
) -> None:
    first = hub.add(REPOSITORY, files)
    total = sum(len(data) for data in files.values())
    token = AfterBytes(total // 2)
    with pytest.raises(Cancelled):
        download(entry, network=_network(hub), progress=token.report, cancel=token)
    begun = read_installation("tiny")
    assert begun is not None and not begun.complete and total // 4 < begun.done < total
    with pytest.raises(ModelError, match="not whole yet; `sidetune models install tiny` goes on"):
        _install_from(entry)
    hub.add(REPOSITORY, {**files, "config.json": files["config.json"] + b" "})  # the maker changes it meanwhile
    before = len(hub.requests)
    found = download(entry, network=_network(hub))
    assert found.complete and found.commit == first
    again = {path.rsplit("/", 1)[1] for path, _ in hub.requests[before:] if "/resolve/" in path}
    assert not again & set(begun.sha256)  # nothing that was whole came twice


def _install_from(entry: CatalogueEntry) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engine.models.catalogue.CATALOGUE", (*CATALOGUE, entry))
        install_model(entry.name)


def test_a_part_that_was_damaged_meanwhile_is_found_out(
    hub: SmallHub, files: dict[str, bytes], entry: CatalogueEntry
) -> None:
    hub.add(REPOSITORY, files)
    shard = next(name for name in sorted(files) if name.endswith(".safetensors"))
    hub.failures = 0
    token = AfterBytes(sum(len(data) for name, data in files.items() if not name.endswith(".safetensors")))
    with pytest.raises(Cancelled):
        download(entry, network=_network(hub), progress=token.report, cancel=token)
    part_of(folder_of("tiny") / shard).write_bytes(b"not what was sent")
    with pytest.raises(ModelError, match=r"other bytes .* than it announced; they were thrown away"):
        download(entry, network=_network(hub))
    assert download(entry, network=_network(hub)).complete


def test_wrong_bytes_never_get_their_name(hub: SmallHub, files: dict[str, bytes], entry: CatalogueEntry) -> None:
    hub.add(REPOSITORY, files)
    hub.corrupt = True
    with pytest.raises(ModelError, match="sent other bytes for maker/tiny/"):
        download(entry, network=_network(hub))
    found = read_installation("tiny")
    assert found is not None and {path.name for path in folder_of("tiny").iterdir()} == {"sidetune.json", *found.sha256}
    hub.corrupt = False
    assert download(entry, network=_network(hub)).complete


def test_a_disk_without_room_is_said_before_anything_is_fetched(
    hub: SmallHub, files: dict[str, bytes], entry: CatalogueEntry
) -> None:
    hub.add(REPOSITORY, files)
    shard = next(name for name in sorted(files) if name.endswith(".safetensors"))
    hub.sizes[shard] = 10**16  # more than any disk has
    with pytest.raises(StorageError, match=r"not enough room .* 10,000,000.0 GB are needed"):
        download(entry, network=_network(hub))
    assert not [path for path, _ in hub.requests if "/resolve/" in path]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no device that is always full")
def test_a_disk_that_fills_up_is_one_sentence(hub: SmallHub, files: dict[str, bytes], entry: CatalogueEntry) -> None:
    hub.add(REPOSITORY, files)
    shard = next(name for name in sorted(files) if name.endswith(".safetensors"))
    folder_of("tiny").mkdir(parents=True)
    part_of(folder_of("tiny") / shard).symlink_to("/dev/full")
    with pytest.raises(StorageError, match="the disk is full"):
        download(entry, network=_network(hub))


def test_a_moved_revision_is_said(hub: SmallHub, files: dict[str, bytes], entry: CatalogueEntry) -> None:
    gone = hub.add(REPOSITORY, files)
    token = AfterBytes(1)
    with pytest.raises(Cancelled):
        download(entry, network=_network(hub), progress=token.report, cancel=token)
    del hub.repositories[REPOSITORY][gone]
    new = hub.add(REPOSITORY, {**files, "config.json": files["config.json"] + b" "})
    with pytest.raises(ModelError, match=f"maker/tiny has moved: its revision {gone[:12]} is not on"):
        download(entry, network=_network(hub))
    found = download(entry, network=_network(hub), update=True)
    assert found.complete and found.commit == new
    newest = hub.add(REPOSITORY, {**files, "config.json": files["config.json"] + b"  "})
    assert current_commit(entry, _network(hub)) == newest != found.commit
    assert download(entry, network=_network(hub)) == found  # but nothing changes by itself


def test_a_hub_with_other_files_than_are_known_is_refused(
    hub: SmallHub, files: dict[str, bytes], entry: CatalogueEntry
) -> None:
    commit = hub.add(REPOSITORY, files)
    shard = next(name for name in sorted(files) if name.endswith(".safetensors"))
    right = hashlib.sha256(files[shard]).hexdigest()
    for pin in (PinnedFile(shard, "0" * 64), PinnedFile(shard, size=5)):
        pinned = replace(entry, weights=Source(REPOSITORY, commit, (pin,)))
        with pytest.raises(ModelError, match=f"announces another {shard} than the one that Sidetune knows"):
            download(pinned, network=_network(hub))
    pinned = replace(entry, weights=Source(REPOSITORY, commit, (PinnedFile(shard, right, len(files[shard])),)))
    assert download(pinned, network=_network(hub)).complete


def test_weights_that_can_hold_code_are_refused(hub: SmallHub, files: dict[str, bytes], entry: CatalogueEntry) -> None:
    hub.add(REPOSITORY, {name: data for name, data in files.items() if "safetensors" not in name})
    with pytest.raises(ModelError, match="has no safetensors weights; other kinds can hold code"):
        download(entry, network=_network(hub))
    for name in ("a.bin", "a.pt", "a.py", "../x.json", "a/b.json", ".x.json", "a\\b.json"):
        assert not is_safe_name(name)
    assert is_safe_name("model-00001-of-00002.safetensors")


def test_offline_and_unreachable_hubs(hub: SmallHub, entry: CatalogueEntry, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelError, match="told to stay offline"):
        download(entry, network=Network(mirror=hub.url, offline=True))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelError, match="told to stay offline"):
        download(entry, network=_network(hub))
    monkeypatch.delenv("HF_HUB_OFFLINE")
    assert not hub.requests
    with pytest.raises(ModelError, match=f"there is no model {REPOSITORY} on {hub.url}"):
        download(entry, network=_network(hub))
    with pytest.raises(ModelError, match=r"http://127.0.0.1:1 cannot be reached"):
        download(entry, network=Network(mirror="http://127.0.0.1:1"))
    monkeypatch.setenv("SIDETUNE_OFFLINE", "1")
    with pytest.raises(ModelError, match="told to stay offline"):
        download(entry, network=Network(mirror="http://hub.invalid"))
    with pytest.raises(ModelError, match="must begin with https://"):
        download(entry, network=Network(mirror="file:///etc"))


def test_the_mirror_of_the_environment_and_a_proxy(
    hub: SmallHub, files: dict[str, bytes], entry: CatalogueEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.add(REPOSITORY, files)
    monkeypatch.setenv("HF_ENDPOINT", f"{hub.url}/")
    assert Network().endpoint == hub.url
    assert download(entry).endpoint == hub.url
    remove("tiny")
    monkeypatch.delenv("SIDETUNE_OFFLINE", raising=False)  # which the tests set: a proxy may lead anywhere
    # A proxy gets the whole address as the path: the hub of this test answers as one.
    with pytest.raises(ModelError, match=r"http://nowhere.invalid cannot be reached|does not answer"):
        download(entry, network=Network(mirror="http://nowhere.invalid", proxy="http://127.0.0.1:1"))
    assert download(entry, network=Network(mirror="http://nowhere.invalid", proxy=hub.url)).complete
    assert any(agent for agent in hub.agents)


def test_only_one_process_installs_a_model(hub: SmallHub, files: dict[str, bytes], entry: CatalogueEntry) -> None:
    hub.add(REPOSITORY, files)
    folder_of("tiny").mkdir(parents=True)
    refused: list[BaseException] = []

    def other() -> None:
        try:
            download(entry, network=_network(hub))
        except BusyError as error:
            refused.append(error)

    with _alone("tiny"):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(60)
        with pytest.raises(BusyError):
            remove("tiny")
    assert len(refused) == 1
    assert download(entry, network=_network(hub)).complete


@pytest.mark.parametrize("damage", ["record", "gone", "short"])
def test_a_damaged_installation_is_one_sentence(
    hub: SmallHub, files: dict[str, bytes], entry: CatalogueEntry, damage: str
) -> None:
    hub.add(REPOSITORY, files)
    download(entry, network=_network(hub))
    folder = folder_of("tiny")
    if damage == "record":
        (folder / "sidetune.json").write_text("{")
    elif damage == "gone":
        (folder / "config.json").unlink()
    else:
        (folder / "config.json").write_bytes(b"{}")
    with pytest.raises(ModelError, match="remove the model and install it again"):
        read_installation("tiny")
    remove("tiny")
    assert download(entry, network=_network(hub)).complete


def test_the_catalogue_names_only_what_may_be_used() -> None:
    names = [each.name for each in CATALOGUE]
    assert len(set(names)) == len(names) and names[0] == "bundled"
    for each in CATALOGUE[1:]:
        assert each.licence in {"Apache-2.0", "MIT"} and each.suits and each.installable
        for source in filter(None, (each.weights, each.gguf)):
            assert len(source.revision) in {0, 40} and source.repository.count("/") == 1
            assert all(len(file.sha256) in {0, 64} and is_safe_name(file.name) for file in source.files)
    by_name = {each.name: each for each in CATALOGUE}
    # Sizes that follow from the shapes are those that the makers publish.
    assert by_name["smollm2-360m"].shape.parameters == 361_821_120  # type: ignore[union-attr]
    assert by_name["smollm2-1.7b"].shape.parameters == 1_711_376_384  # type: ignore[union-attr]
    assert by_name["qwen2.5-coder-0.5b"].shape.parameters == 494_032_768  # type: ignore[union-attr]
    qwen3 = by_name["qwen3-0.6b"]
    assert qwen3.shape is not None and qwen3.weights is not None
    stored = 2 * (qwen3.shape.parameters + qwen3.shape.vocabulary * qwen3.shape.hidden)  # its output matrix as well
    assert 0 < qwen3.weights.files[0].size - stored < 100_000


def test_the_record_names_no_place_of_the_user(hub: SmallHub, files: dict[str, bytes], entry: CatalogueEntry) -> None:
    hub.add(REPOSITORY, files)
    download(entry, network=_network(hub))
    raw = json.loads((folder_of("tiny") / "sidetune.json").read_text())
    assert str(folder_of("tiny")) not in json.dumps(raw)
