"""Projects whose images are in a registry on a network, as a person sees them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from reconciler.oci.reference import Name
from reconciler.protocols import Registry
from reconciler.registries import open_registry
from tests.cli.terminal import Envform
from tests.conformance.images import image_of
from tests.registries.scripted import Scripted, scripted
from tests.services.registry import RegistryServer

NO_CHANGES = "No changes. Your environments match the configuration."


@dataclass(frozen=True)
class Project:
    """One environment on an image of the same registry, in a namespace of its own."""

    host: str
    space: str
    folder: Path

    @property
    def registry(self) -> Registry:
        return open_registry(f"{self.host}/{self.space}/team", self.folder)

    def write(self, name: str = "training", registry: str = "") -> None:
        (self.folder / "main.hcl").write_text(f"""
            envform {{
              registry = "{registry or f"{self.host}/{self.space}/team"}"
            }}
            environment "training" {{
              name  = "{name}"
              image = "{self.host}/{self.space}/bases/python:3.11"
            }}
        """)


@pytest.fixture
def project(registry_server: RegistryServer, tmp_path: Path, request: pytest.FixtureRequest) -> Project:
    space = f"p{abs(hash(request.node.nodeid))}"
    made = Project(registry_server.host, space, tmp_path)
    open_registry(f"{made.host}/{space}", tmp_path).push(image_of("base", layers=2), [Name("bases/python", "3.11")])
    made.write()
    return made


@pytest.fixture
def applied(project: Project, envform: Envform) -> Project:
    done = envform("apply", "-auto-approve")
    assert done.exit_code == 0, done.stderr
    return project


def test_what_is_applied_is_there_under_all_its_names_and_then_nothing_is_to_do(
    applied: Project, envform: Envform
) -> None:
    (by_hash,) = applied.registry.list("envform")
    for name in (Name("training", "1"), Name("training", "latest"), Name("envform", by_hash)):
        found = applied.registry.describe(name)
        assert found is not None
        assert found.digest == image_of("base", layers=2).digest
        assert applied.registry.missing(name) == ()
    assert NO_CHANGES in envform("plan").stdout
    assert envform("drift", "-refresh=deep").exit_code == 0


def test_a_deleted_image_is_seen_by_plan_and_repaired(applied: Project, envform: Envform) -> None:
    (by_hash,) = applied.registry.list("envform")
    applied.registry.delete(Name("envform", by_hash))
    assert f"envform:{by_hash} is missing from the registry" in envform("plan").stdout
    envform("apply", "-auto-approve")
    assert NO_CHANGES in envform("plan").stdout
    assert list(applied.registry.list("envform")) == [by_hash]


def test_a_deleted_and_a_moved_tag_are_seen_by_drift_and_repaired(applied: Project, envform: Envform) -> None:
    applied.registry.delete(Name("training", "1"))
    applied.registry.push(image_of("evil"), [Name("training", "latest")])
    seen = envform("drift")
    assert seen.exit_code == 2
    assert "training:1 is missing from the registry" in seen.stdout
    assert "training:latest points at" in seen.stdout
    envform("apply", "-auto-approve", "-refresh=digests")
    assert envform("drift").exit_code == 0


@pytest.mark.usefixtures("applied")
def test_an_image_without_one_of_its_layers_is_seen_deep(envform: Envform, registry_server: RegistryServer) -> None:
    layer = image_of("base", layers=2).layers[0].descriptor.digest
    kept = registry_server.storage / "docker/registry/v2/blobs/sha256" / layer.hex[:2] / layer.hex / "data"
    content = kept.read_bytes()
    kept.unlink()
    seen = envform("drift", "-refresh=deep")
    kept.write_bytes(content)
    assert seen.exit_code == 2
    assert layer.short in seen.stdout


def test_a_lost_state_finds_its_versions_again(applied: Project, envform: Envform) -> None:
    (applied.folder / "state").rename(applied.folder / "lost")
    shown = envform("plan").stdout
    assert 'version     = "1"' in shown or '+ version  = "1"' in shown
    assert envform("import", "-auto-approve", "environment.training", "training:1").exit_code == 0
    assert NO_CHANGES in envform("plan").stdout


def test_data_of_another_namespace_is_read(applied: Project, envform: Envform) -> None:
    (applied.folder / "more.hcl").write_text(f"""
        data "environment" "shared" {{
          registry = "{applied.host}/{applied.space}/team"
          name     = "training"
        }}
        environment "scoring" {{
          image = data.environment.shared.image
        }}
    """)
    assert envform("apply", "-auto-approve").exit_code == 0
    found = applied.registry.describe(Name("scoring", "1"))
    assert found is not None
    assert found.digest == image_of("base", layers=2).digest


def test_a_name_that_the_registry_cannot_hold_is_refused_by_plan(project: Project, envform: Envform) -> None:
    project.write(name="Training")
    done = envform("plan")
    assert done.exit_code == 1
    assert "Name cannot be published" in done.stderr
    assert 'write `name = "training"`' in done.stderr


@pytest.mark.parametrize("code", [401, 403, 500, 503])
def test_a_registry_that_refuses_stops_the_plan_and_nothing_is_called_missing(
    applied: Project, envform: Envform, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reconciler.registries.remote_retry._TRIES", 1)
    with scripted(Scripted()) as server:
        server.on(".*", "/v2/other/.*", lambda ask: ask.reply(code))
        applied.write(registry=f"{server.host}/other")
        for command in ("plan", "drift"):
            done = envform(command)
            assert done.exit_code == 1
            assert f"answers {code}" in " ".join(done.stderr.split())
            assert "missing from" not in done.stdout
