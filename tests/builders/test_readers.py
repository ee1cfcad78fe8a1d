"""Other people's programs read our layers to the end: one that stopped at the first gzip member would see nothing."""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import closing
from pathlib import Path

import docker
import pytest

from reconciler.oci.image import Image
from reconciler.oci.reference import Name
from reconciler.registries.layout import LayoutRegistry
from tests.builders.building import Workshop
from tests.builders.debian import debian_base
from tests.builders.making_wheels import TinyWheel
from tests.builders.small_bases import python_base
from tests.services.engine import DockerEngine
from tests.services.wants import missing, require

SITE = "opt/env/lib/python3.11/site-packages"
FILES = {f"many/{number}.py": f"number = {number}\n" * 20 for number in range(300)}


@pytest.fixture
def image(tmp_path: Path) -> Image:
    wheel = TinyWheel({**FILES, "many/" + "deep/" * 60 + "long.py": "deep"}, name="many").write(tmp_path)
    return Workshop(tmp_path / "cache", tmp_path).build(python_base(), [wheel])


@pytest.fixture
def folder(tmp_path: Path, image: Image) -> Path:
    LayoutRegistry(tmp_path / "images").push(image, [Name("training", "1")])
    return tmp_path / "images"


def run(program: str, *arguments: str | Path) -> str:
    done = subprocess.run([require(program), *arguments], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def check(root: Path) -> None:
    assert {name: (root / SITE / name).read_text() for name in FILES} == FILES
    assert (root / SITE / "many" / ("deep/" * 60) / "long.py").read_text() == "deep"


def test_gnu_tar_and_gzip(image: Image, tmp_path: Path) -> None:
    (tmp_path / "layer.tar.gz").write_bytes(image.layers[-1].open().read())
    run("gzip", "--test", tmp_path / "layer.tar.gz")
    run("tar", "--extract", "--file", tmp_path / "layer.tar.gz", "--directory", tmp_path)
    check(tmp_path)


def test_umoci(folder: Path, tmp_path: Path) -> None:
    run("umoci", "unpack", "--rootless", "--image", f"{folder}:training:1", tmp_path / "bundle")
    check(tmp_path / "bundle" / "rootfs")


def test_skopeo_inspects_and_unpacks_for_docker(folder: Path, image: Image, tmp_path: Path) -> None:
    seen = json.loads(run("skopeo", "inspect", f"oci:{folder}:training:1"))
    assert seen["Digest"] == image.digest
    assert seen["Layers"] == [layer.descriptor.digest for layer in image.layers]
    run("skopeo", "copy", "-q", f"oci:{folder}:training:1", f"docker-archive:{tmp_path}/saved.tar")
    (tmp_path / "saved").mkdir()
    run("tar", "--extract", "--file", tmp_path / "saved.tar", "--directory", tmp_path / "saved")
    (manifest,) = json.loads((tmp_path / "saved" / "manifest.json").read_text())
    run("tar", "--extract", "--file", tmp_path / "saved" / manifest["Layers"][-1], "--directory", tmp_path)
    check(tmp_path)


def test_buildah(folder: Path, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        missing("buildah mount", "it needs root")
    storage = ["--root", str(tmp_path / "storage"), "--runroot", str(tmp_path / "run"), "--storage-driver", "vfs"]
    container = run("buildah", *storage, "from", "--quiet", f"oci:{folder}:training:1").strip()
    try:
        mounted = run("buildah", *storage, "mount", container).strip()
        check(Path(mounted))
    finally:
        run("buildah", *storage, "rm", container)


RUN = """
import importlib, sys
assert sys.prefix == "/opt/env", sys.prefix
print(sum(importlib.import_module(f"many.n{number}").number for number in range(300)))
"""
SAID = f"{sum(range(300))}\n"


@pytest.fixture
def runnable(tmp_path: Path) -> Path:
    """The same packages on a base whose Python really runs."""
    names = {f"many/n{number}.py": f"number = {number}\n" for number in range(300)} | {"many/__init__.py": ""}
    wheel = TinyWheel({**names, "many/__main__.py": RUN}, name="many").write(tmp_path)
    image = Workshop(tmp_path / "cache", tmp_path).build(debian_base(), [wheel])
    LayoutRegistry(tmp_path / "images").push(image, [Name("training", "1")])
    return tmp_path / "images"


@pytest.mark.docker
def test_a_container_of_docker_runs_them(runnable: Path, docker_engine: DockerEngine) -> None:
    run(
        "skopeo", "copy", "-q", "--dest-daemon-host", docker_engine.url,
        f"oci:{runnable}:training:1", "docker-daemon:readers/training:1",
    )  # fmt: skip
    with closing(docker.DockerClient(base_url=docker_engine.url)) as client:
        container = client.containers.run(
            "readers/training:1", ["python", "-m", "many"], network_mode="none", detach=True
        )
        assert container.wait()["StatusCode"] == 0, container.logs()
        assert container.logs().decode() == SAID
        container.remove()
        client.images.remove("readers/training:1")


def test_a_bundle_of_umoci_runs_them(runnable: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    run("umoci", "unpack", "--image", f"{runnable}:training:1", bundle)
    assert run("chroot", bundle / "rootfs", "/opt/env/bin/python", "-m", "many") == SAID


def test_a_container_of_buildah_runs_them(runnable: Path, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        missing("buildah run", "it needs root")
    storage = ["--root", str(tmp_path / "storage"), "--runroot", str(tmp_path / "run"), "--storage-driver", "vfs"]
    container = run("buildah", *storage, "from", "--quiet", f"oci:{runnable}:training:1").strip()
    try:
        assert run("buildah", *storage, "run", "--isolation=chroot", container, "--", "python", "-m", "many") == SAID
    finally:
        run("buildah", *storage, "rm", container)
