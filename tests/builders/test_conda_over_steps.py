"""conda's packages and a Docker engine: above what it has made first, and with scripts that it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reconciler.model.digest import canonical_json
from reconciler.oci.assembly import assemble
from reconciler.oci.config import read_config
from reconciler.oci.image import Blob, Image
from reconciler.oci.media_types import OCI_CONFIG
from reconciler.oci.reference import Name
from reconciler.registries.layout import LayoutRegistry
from tests.builders.debian import unpack
from tests.builders.making_conda import Channel, Package, plain_packages
from tests.builders.making_wheels import TinyWheel
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


SCRIPTED = """
envform {
  registry = "oci:./registry"
}

environment "train" {
  image = "oci:./images:shell:1"

  conda {
    channels     = ["./channel"]
    dependencies = ["greeting", "fonts", "cache"]
    pip          = ["--no-index", "--find-links ./wheels", "tiny"]
  }
}
"""
TOLD = 'echo "$PREFIX $PKG_NAME $PKG_VERSION $PKG_BUILDNUM $CONDA_PREFIX $MOOD $FONTS $PWD"'


def scripted_channel(folder: Path) -> Channel:
    """Of two packages with scripts the one that is linked first is the later one by its name."""
    channel = Channel(folder)
    for package in plain_packages():
        channel.add(package)
    fonts = Package(
        "fonts", "2.0", "h3", number=3,
        files={
            "bin/.fonts-post-link.sh": f"{TOLD} > $PREFIX/share/fonts.txt\nls_is=gone\n".encode(),
            "etc/conda/env_vars.d/fonts.json": b'{"MOOD": "good"}',
            "etc/conda/activate.d/fonts.sh": b"export FONTS=$CONDA_PREFIX/fonts\n",
            "share/fonts/one.ttf": b"1\n",
        },
    )  # fmt: skip
    script = b"{ cat $PREFIX/share/fonts.txt; echo after; } > $PREFIX/cached; echo hello > $PREFIX/.messages.txt\n"
    unnamed = {"bin/.other-pre-link.sh": b"exit 1\n"}  # runs nowhere: it is called by no package's name
    channel.add(fonts)
    channel.add(Package("cache", files={"bin/.cache-post-link.sh": script, **unnamed}, depends=["fonts"]))
    return channel


def owned_by_somebody(base: Image) -> Image:
    """The base as many are: nobody works as root in it, and its builds are to do something more."""
    config = read_config(base)
    settings: dict[str, object] = {**config["config"], "User": "1000", "OnBuild": ["RUN exit 1"]}  # type: ignore[dict-item]  # an object
    return assemble(Blob.of(canonical_json({**config, "config": settings}), OCI_CONFIG), base.layers)


def scripted_project(project: Path, base: Image) -> Channel:
    channel = scripted_channel(project / "channel")
    (project / "wheels").mkdir()
    TinyWheel({"tiny.py": "x = 1\n"}, "tiny").write(project / "wheels")
    LayoutRegistry(project / "images").push(base, [Name("shell", "1")])
    (project / "main.hcl").write_text(SCRIPTED)
    return channel


def check_later_plans(envform: Envform, channel: Channel) -> None:
    """Once it is built: on another base, and with a script that fails."""
    LayoutRegistry(envform.folder / "images").push(owned_by_somebody(shell_base("patched")), [Name("shell", "1")])
    patched = envform("plan").stdout
    assert "Images: 1 to build, 0 to rebase" in patched, "scripts may do something else on another base"
    assert "for packages run scripts: fonts, cache)" in patched, "the state knows it"
    failing = {"bin/.cache-post-link.sh": b"echo no such font >&2\nexit 3\n"}
    channel.add(Package("cache", "1.1", files=failing, depends=["fonts"]))
    failed = envform("apply", "-auto-approve", "-upgrade")
    assert failed.exit_code == 1
    assert "no such font" in failed.stderr
    assert "scripts of conda's packages: `fonts`, `cache`" in " ".join(failed.stderr.split())


def test_scripts_of_packages_are_run_by_the_engine_in_the_order_of_linking(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, docker_engine: DockerEngine
) -> None:
    base, project = owned_by_somebody(shell_base()), tmp_path / "project"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("DOCKER_HOST", docker_engine.url)
    channel = scripted_project(project, base)
    envform = Envform(project)
    assert "# (built by a Docker engine, for packages run scripts: fonts, cache)" in envform("plan").stdout
    done = envform("apply", "-auto-approve")
    assert done.exit_code == 0, done.stderr
    assert "hello" in envform("logs", "environment.train").stdout
    image = LayoutRegistry(project / "registry").pull(Name("train", "1"), "linux/amd64")
    assert image is not None
    unpack(image, tmp_path / "root", above=len(base.layers))
    told = (tmp_path / "root/opt/env/cached").read_text()
    assert told == "/opt/env fonts 2.0 3 /opt/env good /opt/env/fonts /opt/env/bin\nafter\n"
    assert (tmp_path / "root/opt/env/lib/python3.11/site-packages/tiny.py").exists(), "pip comes after all of it"
    settings: Any = read_config(image)["config"]
    assert (settings["User"], settings["OnBuild"]) == ("1000", ["RUN exit 1"]), "the base's own stay"
    assert "No changes." in envform("plan").stdout
    check_later_plans(envform, channel)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nothing.sock")
    unanswered = envform("plan", "-upgrade")
    assert unanswered.exit_code == 1
    assert "No Docker engine answers" in unanswered.stderr
    assert "conda {" in unanswered.stderr
