"""Folders that are layouts, are none, are broken, or were written by somebody else."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from reconciler.model.diagnostic import RegistryError
from reconciler.model.digest import Digest
from reconciler.oci.image import Blob
from reconciler.oci.reference import Name
from reconciler.registries.layout import LayoutRegistry
from tests.conformance.images import PLATFORM, content_of, image_of

TRAINING = Name("training", "3")
REF = "org.opencontainers.image.ref.name"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "images"


@pytest.fixture
def filled(folder: Path) -> Path:
    LayoutRegistry(folder).push(image_of("one"), [TRAINING])
    return folder


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(RegistryError) as caught:
        act()
    (diagnostic,) = caught.value.diagnostics
    return f"{diagnostic.summary}\n{diagnostic.detail}"


def everything_refuses(folder: Path) -> set[str]:
    """What reading and pushing say; neither may change a file."""
    registry = LayoutRegistry(folder)
    before = sorted(folder.rglob("*")) if folder.is_dir() else []
    said = {
        refusal(lambda: registry.describe(TRAINING)),
        refusal(lambda: registry.list("training")),
        refusal(lambda: registry.pull(TRAINING, PLATFORM)),
        refusal(lambda: registry.push(image_of("two"), [TRAINING])),
        refusal(lambda: registry.delete(TRAINING)),
    }
    assert before == (sorted(folder.rglob("*")) if folder.is_dir() else [])
    return said


def index_of(folder: Path) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((folder / "index.json").read_bytes())
    return value


# --------------------------------------------------------------------------------------------- what becomes a layout


def test_reading_makes_nothing(folder: Path) -> None:
    registry = LayoutRegistry(folder)
    assert registry.list("training") == {}
    registry.delete(TRAINING)
    assert not folder.exists()


def test_a_push_makes_the_folder_and_those_above_it(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b c" / "images"
    LayoutRegistry(folder).push(image_of("one"), [TRAINING])
    assert json.loads((folder / "oci-layout").read_bytes()) == {"imageLayoutVersion": "1.0.0"}
    assert (folder / "index.json").read_bytes().endswith(b"}\n")


def test_an_empty_folder_becomes_a_layout(folder: Path) -> None:
    folder.mkdir()
    registry = LayoutRegistry(folder)
    assert registry.list("training") == {}
    registry.push(image_of("one"), [TRAINING])
    assert list(registry.list("training")) == ["3"]


@pytest.mark.parametrize("made", [[".envform"], [".envform", "oci-layout"], [".envform", "oci-layout", "index.json"]])
def test_a_first_push_that_was_cut_off_is_taken_up(filled: Path, made: list[str]) -> None:
    for path in sorted(filled.rglob("*"), reverse=True):
        if path.relative_to(filled).parts[0] not in made:
            path.rmdir() if path.is_dir() else path.unlink()
    if "index.json" in made:
        (filled / "index.json").write_text('{"schemaVersion":2,"manifests":[]}')
    registry = LayoutRegistry(filled)
    assert registry.list("training") == {}
    registry.push(image_of("one"), [TRAINING])
    assert list(registry.list("training")) == ["3"]


def test_files_have_the_permissions_that_the_mask_gives(folder: Path) -> None:
    old = os.umask(0o027)
    try:
        LayoutRegistry(folder).push(image_of("one"), [TRAINING])
    finally:
        os.umask(old)
    modes = {path.stat().st_mode & 0o777 for path in folder.rglob("*") if path.is_file()}
    assert modes == {0o640}


# ------------------------------------------------------------------------------------------------- what is refused


def test_a_file_in_the_folders_place_is_told(folder: Path) -> None:
    folder.write_text("a file")
    (said,) = everything_refuses(folder)
    assert said.startswith("Registry folder is not an image layout")
    assert folder.read_text() == "a file"


def test_a_folder_below_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file")
    (said,) = everything_refuses(tmp_path / "file" / "images")
    assert "lies below one" in said


def test_a_folder_of_other_things_is_left_alone(folder: Path) -> None:
    folder.mkdir()
    (folder / "thesis.tex").write_text("mine")
    (said,) = everything_refuses(folder)
    assert "it holds other files" in said
    assert "oci:./registry" in said


@pytest.mark.parametrize(
    ("file", "content", "why"),
    [
        ("oci-layout", b"", "not valid JSON"),
        ("oci-layout", b"[]", "must be a JSON object"),
        ("oci-layout", b'{"imageLayoutVersion":"2.0.0"}', "version 1.0.0"),
        ("oci-layout", b"{}", "version 1.0.0"),
        ("index.json", b"", "not valid JSON"),
        ("index.json", b'{"schemaVersion":2,"manif', "not valid JSON"),
        ("index.json", b"\xff\xfe", "not valid JSON"),
        ("index.json", b"[" * 200_000, "nested too deeply"),
        ("index.json", b'{"schemaVersion":2,"manifests":[],"manifests":[]}', "twice"),
        ("index.json", b'{"schemaVersion":1,"manifests":[]}', "schemaVersion"),
        ("index.json", b'{"schemaVersion":2,"manifests":{}}', "list of objects"),
        ("index.json", b'{"schemaVersion":2,"manifests":[1]}', "list of objects"),
        ("index.json", b'{"schemaVersion":2,"manifests":[{"annotations":{"a":1}}]}', "texts only"),
        ("index.json", b'{"schemaVersion":2,"manifests":[{"size":1.5}]}', "not a whole number"),
    ],
)
def test_a_damaged_file_is_told_and_not_taken_for_an_empty_registry(
    filled: Path, file: str, content: bytes, why: str
) -> None:
    (filled / file).write_bytes(content)
    (said,) = everything_refuses(filled)
    assert said.startswith("Image layout is damaged")
    assert why in said
    assert (filled / file).read_bytes() == content


def test_a_lost_index_is_told_and_not_taken_for_an_empty_registry(filled: Path) -> None:
    (filled / "index.json").unlink()
    (said,) = everything_refuses(filled)
    assert "It has blobs, but no `index.json`" in said


@pytest.mark.parametrize("file", ["index.json", "oci-layout"])
def test_a_pipe_in_a_files_place_does_not_block(filled: Path, file: str) -> None:
    (filled / file).unlink()
    os.mkfifo(filled / file)
    (said,) = {line.partition("\n")[0] for line in everything_refuses(filled)}
    assert said == "Registry folder cannot be read"


def test_a_marker_that_leads_nowhere_is_told(filled: Path) -> None:
    (filled / "oci-layout").unlink()
    (filled / "oci-layout").symlink_to("nowhere")
    (said,) = everything_refuses(filled)
    assert "leads nowhere" in said


def test_a_folder_that_may_not_be_made_is_told() -> None:
    registry = LayoutRegistry(Path("/proc/envform/images"))
    assert registry.list("training") == {}
    said = refusal(lambda: registry.push(image_of("one"), [TRAINING]))
    assert said.startswith("Registry folder cannot be written")
    assert "/proc/envform" in said


def test_a_folder_that_may_not_be_written_is_told_and_still_read(filled: Path) -> None:
    (filled / ".envform" / "lock").unlink()
    (filled / ".envform").rmdir()
    (filled / ".envform").symlink_to("/proc/envform")  # root may write everywhere but there
    registry = LayoutRegistry(filled)
    assert refusal(lambda: registry.push(image_of("two"), [TRAINING])).startswith("Registry folder cannot be written")
    assert refusal(lambda: registry.delete(TRAINING)).startswith("Registry folder cannot be written")
    image = registry.pull(TRAINING, PLATFORM)
    assert image is not None
    assert content_of(image) == content_of(image_of("one"))


def test_a_full_disk_is_told_and_harms_nothing(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    registry = LayoutRegistry(filled)
    before = (filled / "index.json").read_bytes()
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("wants /dev/full: not there")
    monkeypatch.setattr("reconciler.registries.layout_ingest.create", lambda _: full.open("wb", buffering=0))
    said = refusal(lambda: registry.push(image_of("two"), [TRAINING]))
    assert "No space left" in said
    assert (filled / "index.json").read_bytes() == before


# --------------------------------------------------------------------------------------------- what others wrote


def test_what_others_wrote_into_the_index_stays(filled: Path) -> None:
    path = filled / "index.json"
    index = index_of(filled)
    foreign: list[dict[str, object]] = [
        {
            "mediaType": "application/vnd.oci.image.index.v1+json",
            "digest": Digest.of(b"elsewhere"),
            "size": 12,
            "annotations": {REF: "docker.io/library/alpine:latest", "vnd.example": "käse"},
            "urls": ["https://example.com"],
            "platform": {"os": "linux", "architecture": "arm64", "os.features": ["x"]},
            "unknown": {"deep": [1, None, True, "\u2028"]},
        },
        {
            "mediaType": "application/x-not-ours",
            "digest": "sha512:" + "0" * 128,
            "size": 0,
            "annotations": {REF: "odd"},
        },
        {"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": Digest.of(b"untagged"), "size": 7},
    ]
    index["manifests"] += foreign
    index["annotations"] = {"top": "level"}
    path.write_text(json.dumps(index))
    registry = LayoutRegistry(filled)
    registry.push(image_of("two"), [TRAINING, Name("envform", "abc")])
    registry.delete(Name("envform", "abc"))
    after = index_of(filled)
    assert [entry for entry in after["manifests"] if entry in foreign] == foreign
    assert after["annotations"] == {"top": "level"}
    assert registry.list("training") == {"3": image_of("two").digest}
    assert registry.list("docker.io/library/alpine") == {"latest": Digest.of(b"elsewhere")}
    assert registry.list("") == {"odd": None}
    assert "sha256" in refusal(lambda: registry.describe(Name("", "odd")))


def test_a_ref_that_stands_there_twice_is_told_until_a_push_settles_it(filled: Path) -> None:
    registry = LayoutRegistry(filled)
    registry.push(image_of("two"), [Name("training", "4")])
    index = index_of(filled)
    index["manifests"][1]["annotations"] = {REF: "training:3"}
    (filled / "index.json").write_text(json.dumps(index))
    assert registry.list("training") == {"3": None}
    assert "more than once" in refusal(lambda: registry.describe(TRAINING))
    registry.push(image_of("two"), [TRAINING])
    assert registry.list("training") == {"3": image_of("two").digest}


def test_a_ref_that_stands_there_twice_can_be_deleted(filled: Path) -> None:
    registry = LayoutRegistry(filled)
    index = index_of(filled)
    index["manifests"].append({**index["manifests"][0], "digest": Digest.of(b"another")})
    (filled / "index.json").write_text(json.dumps(index))
    registry.delete(TRAINING)
    assert registry.list("training") == {}


def test_content_that_is_no_manifest_is_not_deleted(filled: Path) -> None:
    (layer,) = image_of("one").layers
    LayoutRegistry(filled).delete(Name("training", digest=layer.descriptor.digest))
    assert (filled / "blobs" / "sha256" / layer.descriptor.digest.hex).exists()


def test_corrupt_content_is_told_with_the_file_to_delete(filled: Path) -> None:
    (layer,) = image_of("one").layers
    path = filled / "blobs" / "sha256" / layer.descriptor.digest.hex
    path.write_bytes(bytes(path.stat().st_size))
    back = LayoutRegistry(filled).pull(TRAINING, PLATFORM)
    assert back is not None
    assert f"`{path}`" in refusal(back.layers[0].open().read)


def test_a_moved_tag_leaves_no_entry_without_name_behind(filled: Path) -> None:
    LayoutRegistry(filled).push(image_of("two"), [TRAINING])
    (entry,) = index_of(filled)["manifests"]
    assert entry["digest"] == image_of("two").digest


def test_a_tag_without_its_manifest_is_listed_and_not_there(filled: Path) -> None:
    image = image_of("one")
    (filled / "blobs" / "sha256" / image.digest.hex).unlink()
    registry = LayoutRegistry(filled)
    assert list(registry.list("training")) == ["3"]
    assert registry.describe(TRAINING) is None
    assert registry.describe(Name("training", digest=image.digest)) is None
    assert registry.pull(TRAINING, PLATFORM) is None


def test_a_layer_is_no_manifest(filled: Path) -> None:
    for blob in image_of("one").blobs:
        assert LayoutRegistry(filled).describe(Name("training", digest=blob.descriptor.digest)) is None


def test_a_truncated_blob_is_replaced_by_the_next_push(filled: Path) -> None:
    image = image_of("one")
    (layer,) = image.layers
    (filled / "blobs" / "sha256" / layer.descriptor.digest.hex).write_bytes(b"cut")
    registry = LayoutRegistry(filled)
    registry.push(image, [TRAINING])
    back = registry.pull(TRAINING, PLATFORM)
    assert back is not None
    assert content_of(back) == content_of(image)


def test_a_change_by_another_program_is_seen_at_once(filled: Path) -> None:
    mine, other = LayoutRegistry(filled), LayoutRegistry(filled)
    assert list(mine.list("training")) == ["3"]
    other.push(image_of("two"), [Name("training", "4")])
    assert sorted(mine.list("training")) == ["3", "4"]
    mine.push(image_of("three"), [Name("training", "5")])
    assert sorted(other.list("training")) == ["3", "4", "5"]


# ----------------------------------------------------------------------------------------------- half-written files


def partials(folder: Path) -> list[Path]:
    return list((folder / ".envform").glob("*.partial"))


def test_what_crashed_processes_left_is_removed_once_it_is_old(filled: Path) -> None:
    fresh, old = filled / ".envform" / "1.partial", filled / ".envform" / "2.partial"
    for path in (fresh, old):
        path.write_text("half a bl")
    os.utime(old, (1, 1))
    LayoutRegistry(filled).push(image_of("two"), [TRAINING])
    assert partials(filled) == [fresh]


def test_a_push_that_fails_leaves_nothing_half_written(filled: Path) -> None:
    image = image_of("two")
    lying = Blob(image.layers[0].descriptor, image_of("three").layers[0].open)
    registry = LayoutRegistry(filled)
    refusal(lambda: registry.push(replace(image, layers=(lying,)), [TRAINING]))
    assert partials(filled) == []
    assert all(re.fullmatch("[0-9a-f]{64}", path.name) for path in (filled / "blobs" / "sha256").iterdir())


def test_content_that_another_program_collects_in_mid_push_is_told_and_names_nothing(filled: Path) -> None:
    image = image_of("two")
    collected = filled / "blobs" / "sha256" / image.layers[0].descriptor.digest.hex

    def open_and_collect() -> BinaryIO:
        collected.unlink()
        return image.config.open()

    registry = LayoutRegistry(filled)
    with pytest.raises(RegistryError) as caught:
        registry.push(replace(image, config=Blob(image.config.descriptor, open_and_collect)), [TRAINING])
    assert caught.value.temporary
    assert registry.describe(TRAINING) == image_of("one").descriptor
    registry.push(image, [TRAINING])
    assert registry.describe(TRAINING) == image.descriptor
