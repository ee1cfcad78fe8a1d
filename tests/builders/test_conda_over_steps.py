"""conda's packages, and settings of Spark, above what a Docker engine has made first."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.oci.config import read_config
from reconciler.oci.reference import Name
from reconciler.registries.layout import LayoutRegistry
from tests.builders.debian import unpack
from tests.builders.making_conda import Channel, plain_packages
from tests.builders.shell_base import shell_base
from tests.cli.terminal import Envform
from tests.services.engine import DockerEngine

pytestmark = pytest.mark.docker
DECLARED = """
envform {
  registry = "oci:./registry"
}

environment "train" {
  image        = "oci:./images:shell:1"
  docker_steps = ["RUN echo data > /data"]

  conda {
    channels     = ["./channel"]
    dependencies = ["greeting"]
  }

  spark {
    packages = ["org.x:y:1.0"]
  }
}
"""


def test_packages_lie_on_what_steps_have_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, docker_engine: DockerEngine
) -> None:
    base, project = shell_base(), tmp_path / "project"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("DOCKER_HOST", docker_engine.url)
    channel = Channel(project / "channel")
    for package in plain_packages():
        channel.add(package)
    LayoutRegistry(project / "images").push(base, [Name("shell", "1")])
    (project / "main.hcl").write_text(DECLARED)
    done = Envform(project)("apply", "-auto-approve")
    assert done.exit_code == 0, done.stderr
    image = LayoutRegistry(project / "registry").pull(Name("train", "1"), "linux/amd64")
    assert image is not None
    unpack(image, tmp_path / "root", above=len(base.layers))
    assert (tmp_path / "root/data").read_text() == "data\n"
    assert (tmp_path / "root/opt/env/bin/greet").exists()
    assert (tmp_path / "root/opt/envform/spark/conf/spark-defaults.conf").exists()
    assert "CONDA_PREFIX=/opt/env" in str(read_config(image)["config"])
    assert "No changes." in Envform(project)("plan").stdout
