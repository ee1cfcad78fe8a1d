"""Two projects, two workspaces, one registry: what one has built the other finds, whatever it calls it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reconciler.oci.reference import Name
from reconciler.registries.layout import LayoutRegistry
from tests.builders.making_wheels import TinyWheel
from tests.builders.small_bases import python_base
from tests.cli.terminal import Envform
from tests.services.registry import RegistryServer

DECLARED = """
envform {
  registry = "REGISTRY"
}
environment "NAME" {
  image = "oci:../images:base"
  pip   = ["./tiny-1.0-py3-none-any.whl"]
}
"""


def apply(folder: Path, registry: str, workspace: str, monkeypatch: pytest.MonkeyPatch) -> tuple[dict[str, Any], str]:
    """The only version that a new project has then on record, and what the terminal told; with a cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    folder.mkdir()
    TinyWheel({"tiny.py": ""}).write(folder)
    (folder / "main.hcl").write_text(DECLARED.replace("REGISTRY", registry).replace("NAME", folder.name))
    envform = Envform(folder)
    assert envform("workspace", "new", workspace).exit_code == 0
    done = envform("apply", "-auto-approve")
    assert done.exit_code == 0, done.stderr
    state = json.loads((folder / "state" / f"{workspace}.json").read_text())
    return state["environments"][folder.name]["versions"][0], done.stdout


@pytest.mark.parametrize("kind", ["layout", "network"])
def test_an_equal_definition_under_another_name_is_not_built_again(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    registry = "oci:../shared"
    if kind == "network":
        server: RegistryServer = request.getfixturevalue("registry_server")
        registry = f"{server.host}/two-projects"
    LayoutRegistry(tmp_path / "images").push(python_base(), [Name("", "base")])
    first, told = apply(tmp_path / "one", registry, "blue", monkeypatch)
    assert "Images: 1 to build" in told
    second, told = apply(tmp_path / "two", registry, "green", monkeypatch)
    assert "Images: 0 to build, 0 to rebase, 1 from cache" in told
    assert (second["image"], second["lock"], second["hash"]) == (first["image"], first["lock"], first["hash"])
    assert (first["origin"], second["origin"]) == ({"how": "built"}, {"how": "registry"})
    assert not (tmp_path / "two" / "cache" / "envform" / "artefacts").exists(), "nothing was fetched to build with"
