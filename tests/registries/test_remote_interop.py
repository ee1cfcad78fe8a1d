"""Images that envform builds and pushes, in other people's engines; and images that these push, in envform."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from reconciler.model.digest import Digest
from reconciler.oci import media_types
from reconciler.oci.assembly import append_layers
from reconciler.oci.config import Addition, labels_of, read_config
from reconciler.oci.image import Blob
from reconciler.oci.reference import Name
from reconciler.registries import open_registry
from tests.conformance.images import PLATFORM, content_of, image_of, tar_of
from tests.services.engine import DockerEngine
from tests.services.registry import RegistryServer
from tests.services.wants import require

BASE = image_of("one", layers=2)
LAYER = Blob.of(tar_of({"opt/env/answer": b"42"}), media_types.OCI_LAYER)
BUILT = append_layers(
    BASE,
    [Addition(LAYER, LAYER.descriptor.digest, "envform")],
    labels={"dev.envform.hash": "abc"},
    variables={"ANSWER": "42"},
    annotations={"org.opencontainers.image.base.name": "example.com/base:1"},
)
TRAINING = Name("training", "3")


def run(*command: str | Path, **environment: str) -> str:
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, env={**os.environ, **environment}, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def pushed(registry_server: RegistryServer, tmp_path: Path) -> str:
    """What stands for an image that we have pushed, by its digest."""
    open_registry(f"{registry_server.host}/interop", tmp_path).push(BUILT, [TRAINING])
    return f"{registry_server.host}/interop/training@{BUILT.digest}"


@pytest.fixture
def buildah(tmp_path: Path) -> tuple[str | Path, ...]:
    return (require("buildah"), "--root", tmp_path / "store", "--runroot", tmp_path / "run", "--storage-driver", "vfs")


def test_buildah_begins_from_what_we_push(pushed: str, buildah: tuple[str | Path, ...]) -> None:
    container = run(*buildah, "from", "--tls-verify=false", f"docker://{pushed}")
    mounted = Path(run(*buildah, "mount", container))
    assert (mounted / "opt/env/answer").read_bytes() == b"42"
    assert (mounted / "opt/one-0").read_bytes() == b"one"
    run(*buildah, "umount", container)


def test_what_buildah_pushes_is_read_by_us(
    pushed: str, buildah: tuple[str | Path, ...], registry_server: RegistryServer, tmp_path: Path
) -> None:
    container = run(*buildah, "from", "--tls-verify=false", f"docker://{pushed}")
    run(*buildah, "config", "--label", "by=buildah", container)
    image = run(*buildah, "commit", "--quiet", container)
    for kind in ("oci", "v2s2"):
        target = f"docker://{registry_server.host}/interop/{kind}:1"
        told = ("--tls-verify=false", f"--format={kind}", f"--digestfile={tmp_path}/digest")
        run(*buildah, "push", *told, image, target)
        found = open_registry(f"{registry_server.host}/interop", tmp_path).pull(Name(kind, "1"), PLATFORM)
        assert found is not None
        assert found.digest == (tmp_path / "digest").read_text().strip()
        assert labels_of(read_config(found))["by"] == "buildah"
        assert len(content_of(found)) == 6  # with the manifest, the config, and a layer of its own


@pytest.mark.docker
def test_docker_pulls_what_we_push_by_its_digest(pushed: str, docker_engine: DockerEngine) -> None:
    docker = require("docker")
    assert run(docker, "pull", "--quiet", pushed, DOCKER_HOST=docker_engine.url) == pushed
    (seen,) = json.loads(run(docker, "inspect", pushed, DOCKER_HOST=docker_engine.url))
    assert seen["Id"] == BUILT.config.descriptor.digest
    assert seen["RepoDigests"] == [pushed]


@pytest.mark.docker
def test_what_docker_pushes_is_read_by_us(
    pushed: str, docker_engine: DockerEngine, registry_server: RegistryServer, tmp_path: Path
) -> None:
    docker, host = require("docker"), registry_server.host
    run(docker, "pull", "--quiet", pushed, DOCKER_HOST=docker_engine.url)
    run(docker, "tag", pushed, f"{host}/interop/docker:1", DOCKER_HOST=docker_engine.url)
    said = run(docker, "push", f"{host}/interop/docker:1", DOCKER_HOST=docker_engine.url)
    found = open_registry(f"{host}/interop", tmp_path).pull(Name("docker", "1"), PLATFORM)
    assert found is not None
    assert found.media_type == media_types.DOCKER_MANIFEST
    assert f"digest: {found.digest} " in said
    assert found.config.open().read() == BUILT.config.open().read()
    assert Digest.of(content_of(found)[0]) == found.digest
