"""What is collected in a layout, beside others who work in it, and when it is cut off."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler.model.diagnostic import RegistryError
from reconciler.model.digest import Digest
from reconciler.oci import manifest as manifests
from reconciler.oci import media_types
from reconciler.oci.image import Blob
from reconciler.oci.reference import Name
from reconciler.registries.layout import LayoutRegistry
from reconciler.registries.layout_collection import LayoutCollection
from tests.conformance.images import PLATFORM, artefact_for, content_of, image_of, index_of
from tests.registries.collecting import GOING

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "layout"


@pytest.fixture
def registry(folder: Path) -> LayoutRegistry:
    return LayoutRegistry(folder)


def collect(folder: Path, *protected: Digest) -> None:
    LayoutCollection(folder, protected, 0.0).collect({})


def blobs(folder: Path) -> set[str]:
    return {path.name for path in (folder / "blobs" / "sha256").iterdir()}


def is_whole(registry: LayoutRegistry, name: Name) -> bool:
    image = registry.pull(name, PLATFORM)
    return image is not None and bool(content_of(image))


def test_all_platforms_of_an_index_stay_with_it(registry: LayoutRegistry, folder: Path) -> None:
    images = {PLATFORM: image_of("many"), "linux/arm64": image_of("many", "linux/arm64")}
    nested = Blob.of(index_of({PLATFORM: images[PLATFORM]}), media_types.OCI_INDEX)
    for image in images.values():
        registry.push(image, [])
    outer = index_of({PLATFORM: nested, "linux/arm64": images["linux/arm64"]})
    for content, refs in ((nested.open().read(), []), (outer, ["training:1"])):
        registry.put(content, manifests.parse(content, media_types.OCI_INDEX), refs)
    before = blobs(folder)
    collect(folder)
    assert blobs(folder) == before
    assert registry.missing(Name("training", "1")) == ()
    registry.delete(Name("training", "1"))
    collect(folder)
    collect(folder)
    assert blobs(folder) == set()


def test_what_is_attached_stays_as_long_as_what_it_is_attached_to(registry: LayoutRegistry, folder: Path) -> None:
    image = image_of("subject")
    lock = artefact_for(image, "lock")
    signature = artefact_for(lock, "signature")
    for one in (signature, lock):
        registry.push(one, [Name("training", digest=one.digest)])
    registry.push(image, [Name("training", "1")])
    before = blobs(folder)
    collect(folder)
    assert blobs(folder) == before
    registry.delete(Name("training", "1"))
    collect(folder)
    assert blobs(folder) == set()
    assert json.loads((folder / "index.json").read_text())["manifests"] == []


def test_what_is_protected_stays_whole_without_a_name(registry: LayoutRegistry, folder: Path) -> None:
    image = image_of("on record")
    registry.push(image, [Name("training", "1")])
    registry.delete(Name("training", "1"))
    collect(folder, image.digest)
    assert is_whole(registry, Name("training", digest=image.digest))
    collect(folder)
    assert blobs(folder) == set()


def test_what_others_wrote_into_the_index_stays(registry: LayoutRegistry, folder: Path) -> None:
    registry.push(image_of("ours"), [Name("training", "1")])
    index = json.loads((folder / "index.json").read_text())
    kind = "application/vnd.example.unknown+json"
    part = Digest.of(b"a part of it")
    content = json.dumps({"parts": [{"mediaType": "text/plain", "digest": part, "size": 12}]}).encode()
    for blob in (b"a part of it", content):
        (folder / "blobs" / "sha256" / Digest.of(blob).hex).write_bytes(blob)
    entry = {"mediaType": kind, "digest": Digest.of(content), "size": len(content), "annotations": {"their.name": "x"}}
    index["manifests"].append(entry)
    (folder / "index.json").write_text(json.dumps(index))
    (folder / "blobs" / "sha256" / "not-a-digest").write_text("somebody's")
    before = blobs(folder)
    collect(folder)
    assert blobs(folder) == before
    assert entry in json.loads((folder / "index.json").read_text())["manifests"]


def test_a_corrupt_manifest_stops_it(registry: LayoutRegistry, folder: Path) -> None:
    image = image_of("corrupt")
    registry.push(image, [Name("training", "1")])
    (folder / "blobs" / "sha256" / image.digest.hex).write_bytes(b"!" * len(image.manifest))
    (folder / "blobs" / "sha256" / ("0" * 64)).write_text("garbage")
    before = blobs(folder)
    with pytest.raises(RegistryError):
        collect(folder)
    assert blobs(folder) == before


def test_a_ref_that_has_moved_meanwhile_stays(registry: LayoutRegistry, folder: Path) -> None:
    old, new = image_of("old"), image_of("new")
    registry.push(old, [Name("envform", "a")])
    registry.push(new, [Name("envform", "a")])
    LayoutCollection(folder, (), 0.0).collect({"envform:a": old.digest})
    assert registry.list("envform") == {"a": new.digest}
    assert is_whole(registry, Name("envform", "a"))


def test_an_image_pushed_again_is_young_again(registry: LayoutRegistry, folder: Path) -> None:
    image = image_of("again")
    registry.push(image, [Name("training", "1")])
    for path in (folder / "blobs" / "sha256").iterdir():
        os.utime(path, (1, 1))
    found = LayoutCollection(folder, (), 3600.0)
    assert found.age(image.digest) > 3600
    registry.push(image, [Name("training", "2")])
    assert max(found.age(blob.descriptor.digest) for blob in image.blobs) < 3600


def test_it_may_be_killed_at_every_system_call(tmp_path: Path) -> None:
    before = LayoutRegistry(tmp_path / "before")
    old, kept = image_of("old", layers=1), image_of("kept", layers=2)
    before.push(old, [Name("envform", "old")])
    before.push(kept, [Name("training", "1")])
    command = [sys.executable, "-m", "tests.registries.collecting", str(tmp_path)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True).stdout
    moments, status = map(int, said.split())
    assert status == 0
    assert moments > 10
    outcomes = []
    for moment in range(moments + 1):
        folder = tmp_path / str(moment)
        registry = LayoutRegistry(folder)
        assert is_whole(registry, Name("training", "1"))
        there = "old" in registry.list("envform")
        assert not there or is_whole(registry, Name("envform", "old"))
        outcomes.append(there)
        LayoutCollection(folder, (), 0.0).collect(GOING)
        assert registry.list("envform") == {}
        assert len(blobs(folder)) == 4
    assert outcomes == sorted(outcomes, reverse=True)
    assert set(outcomes) == {True, False}


def test_pushes_lose_nothing_to_a_careless_collector(tmp_path: Path) -> None:
    folder = tmp_path / "layout"
    LayoutRegistry(folder).push(image_of("first"), [Name("first", "1")])
    collector = subprocess.Popen([sys.executable, "-m", "tests.registries.collecting", str(folder), "150"], cwd=ROOT)
    registry = LayoutRegistry(folder)
    pushed: list[Name] = []
    refusals: list[RegistryError] = []
    for number in range(40):
        name = Name("training", str(number))
        try:
            registry.push(image_of(f"w{number}", layers=3), [name])
        except RegistryError as error:
            refusals.append(error)
        else:
            pushed.append(name)
    assert collector.wait(120) == 0
    assert pushed
    assert all(error.temporary for error in refusals), "they were told, and may be tried again"
    assert set(registry.list("training")) == {name.tag for name in pushed}
    for name in pushed:
        assert is_whole(registry, name)
