"""What envform writes into a layout is read by skopeo and umoci, and the other way round."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from reconciler.model.digest import Digest
from reconciler.oci.assembly import append_layer
from reconciler.oci.config import labels_of, read_config
from reconciler.oci.reference import Name
from reconciler.registries.layout import LayoutRegistry
from tests.conformance.images import PLATFORM, content_of, image_of, tar_of
from tests.services.wants import require

TRAINING = Name("training", "3")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "images"


def run(program: str, *arguments: str | Path, cwd: Path | None = None) -> str:
    done = subprocess.run([require(program), *arguments], check=False, capture_output=True, text=True, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_skopeo_inspects_and_copies_what_we_push(folder: Path, tmp_path: Path) -> None:
    image = image_of("one", layers=2)
    LayoutRegistry(folder).push(image, [TRAINING, Name("envform", "0" * 32)])
    for ref in ("training:3", "envform:" + "0" * 32):
        seen = json.loads(run("skopeo", "inspect", f"oci:{folder}:{ref}"))
        assert seen["Digest"] == image.digest
        assert seen["Labels"] == {"word": "one"}
    run("skopeo", "copy", "-q", "--preserve-digests", f"oci:{folder}:training:3", f"oci:{tmp_path}/copy:there:1")
    copied = LayoutRegistry(tmp_path / "copy").pull(Name("there", "1"), PLATFORM)
    assert copied is not None
    assert content_of(copied) == content_of(image)


def test_skopeo_pushes_into_our_layout_and_we_read_both(folder: Path, tmp_path: Path) -> None:
    ours, theirs = image_of("one"), image_of("two")
    LayoutRegistry(folder).push(ours, [TRAINING])
    LayoutRegistry(tmp_path / "other").push(theirs, [Name("", "base")])
    run("skopeo", "copy", "-q", "--preserve-digests", f"oci:{tmp_path}/other:base", f"oci:{folder}:scoring:1")
    registry = LayoutRegistry(folder)
    assert registry.list("training") == {"3": ours.digest}
    assert registry.list("scoring") == {"1": theirs.digest}
    back = registry.pull(Name("scoring", "1"), PLATFORM)
    assert back is not None
    assert content_of(back) == content_of(theirs)


def test_umoci_unpacks_what_we_push(folder: Path, tmp_path: Path) -> None:
    base = image_of("one")
    built = append_layer(base, tar_of({"opt/env/answer": b"42"}), history="envform", labels={"dev.envform.hash": "abc"})
    LayoutRegistry(folder).push(built, [TRAINING])
    run("umoci", "unpack", "--rootless", "--image", f"{folder}:training:3", tmp_path / "bundle")
    assert (tmp_path / "bundle" / "rootfs" / "opt" / "env" / "answer").read_bytes() == b"42"
    assert (tmp_path / "bundle" / "rootfs" / "opt" / "one-0").read_bytes() == b"one"


def test_we_read_and_extend_what_umoci_makes(folder: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "file").write_text("from umoci")
    run("umoci", "init", "--layout", folder)
    run("umoci", "new", "--image", f"{folder}:base")
    run("umoci", "insert", "--image", f"{folder}:base", source, "/opt/base")
    run("umoci", "config", "--image", f"{folder}:base", "--config.label", "team=vision")
    registry = LayoutRegistry(folder)
    base = registry.pull(Name("", "base"), PLATFORM)
    assert base is not None
    assert base.digest == Digest(run("skopeo", "inspect", "--format", "{{.Digest}}", f"oci:{folder}:base").strip())
    built = append_layer(base, tar_of({"opt/env/answer": b"42"}), history="envform", labels={"dev.envform.hash": "abc"})
    registry.push(built, [TRAINING])
    assert labels_of(read_config(built)) == {"team": "vision", "dev.envform.hash": "abc"}
    run("umoci", "unpack", "--rootless", "--image", f"{folder}:training:3", tmp_path / "bundle")
    assert (tmp_path / "bundle" / "rootfs" / "opt" / "base" / "file").read_text() == "from umoci"
    assert (tmp_path / "bundle" / "rootfs" / "opt" / "env" / "answer").read_bytes() == b"42"


def test_umoci_collects_garbage_beside_our_own_files(folder: Path) -> None:
    registry = LayoutRegistry(folder)
    registry.push(image_of("one"), [TRAINING])
    registry.push(image_of("two"), [TRAINING])
    registry.push(image_of("three"), [Name("training", digest=image_of("three").digest)])
    (folder / ".envform" / "0.partial").write_text("half a blob of a process that is at work")
    run("umoci", "gc", "--layout", folder)
    assert run("umoci", "ls", "--layout", folder).split() == ["training:3"]
    kept = {image.digest for image in map(image_of, ("two", "three"))}
    blobs = {path.name for path in (folder / "blobs" / "sha256").iterdir()}
    assert {digest.hex for digest in kept} <= blobs
    assert image_of("one").digest.hex not in blobs
    assert registry.describe(Name("training", digest=image_of("one").digest)) is None
