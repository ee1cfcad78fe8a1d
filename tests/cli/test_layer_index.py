"""What a registry keeps of layers beside its images: nobody sees it who does not look for it, and gc clears it up."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import pytest

from reconciler.builders.layers.grouping import SOLO_FROM
from reconciler.model.publication import LAYERS
from reconciler.oci.reference import Name
from reconciler.registries.layout import LayoutRegistry
from tests.builders.making_wheels import TinyWheel
from tests.builders.small_bases import python_base
from tests.cli.terminal import Envform


class Project:
    """A folder whose registry is in it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.envform = folder, Envform(folder)
        self.registry = LayoutRegistry(folder / "registry")
        LayoutRegistry(folder / "images").push(python_base(), [Name("python", "1")])

    def wheel(self, name: str, size: int) -> str:
        content = random.Random(name).randbytes(size)
        return f"./{TinyWheel({f'{name}.bin': content}, name=name).write(self.folder).name}"

    def declare(self, **environments: list[str]) -> None:
        text = "".join(
            f'environment "{name}" {{\n  image = "oci:./images:python:1"\n  pip = {json.dumps(wheels)}\n'
            '  on_destroy = "delete"\n}\n'
            for name, wheels in environments.items()
        )
        (self.folder / "main.hcl").write_text(f'envform {{\n  registry = "oci:./registry"\n}}\n{text}')

    def run(self, *words: str) -> str:
        done = self.envform(*words)
        assert done.exit_code == 0, done.stderr
        return done.stdout


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "project").mkdir()
    return Project(tmp_path / "project")


def test_it_is_no_environment_and_goes_with_the_layers_that_it_tells_of(project: Project) -> None:
    big, other = project.wheel("big", SOLO_FROM), project.wheel("other", SOLO_FROM)
    project.declare(kept=[big])
    project.run("apply", "-auto-approve")
    kept = set(project.registry.list(LAYERS))
    assert kept
    project.declare(kept=[big], going=[other])
    project.run("apply", "-auto-approve")
    assert set(project.registry.list(LAYERS)) > kept

    assert LAYERS not in project.run("plan", "-orphans")
    assert LAYERS not in project.run("env", "list")
    assert "Nothing to remove" in project.run("gc", "-orphans", "-dry-run")
    shutil.rmtree(project.folder / "state")
    assert LAYERS not in project.run("import", "-all", "-auto-approve")

    project.declare(kept=[big])
    project.run("apply", "-auto-approve")
    project.run("gc", "-older-than=0s", "-auto-approve")
    assert set(project.registry.list(LAYERS)) == kept
    assert "No changes" in project.run("plan", "-refresh=deep")


def test_whoever_switches_it_off_leaves_no_trace_of_it(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVFORM_LAYER_INDEX", "off")
    project.declare(kept=[project.wheel("small", 100)])
    project.run("apply", "-auto-approve")
    assert not project.registry.list(LAYERS)
    monkeypatch.setenv("ENVFORM_LAYER_INDEX", "never")
    done = project.envform("apply", "-replace=environment.kept", "-auto-approve")
    assert (done.exit_code, "`ENVFORM_LAYER_INDEX` is `never`" in done.stderr) == (1, True)
