"""`envform gc` with registries that do not tell everything: then nothing may go."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.model.publication import CACHE
from reconciler.oci.reference import Name
from reconciler.registries import open_registry
from tests.cli.project import Project
from tests.conformance.images import image_of
from tests.registries.between import Between
from tests.registries.scripted import Ask, scripted
from tests.services.registry import RegistryServer

HASH = "0123456789abcdef" * 2


class Refusing(Between):
    """Answers some requests with a status of its own, and lets the others through."""

    guarded = False

    def __init__(self, behind: str) -> None:
        super().__init__(behind)
        self.refused: re.Pattern[str] | None = None
        self.status = 0
        self.body: object = {"errors": []}

    def act(self, ask: Ask) -> None:
        if self.refused and self.refused.search(f"{ask.command} {ask.path}"):
            ask.json(self.body, self.status)
        else:
            self.through(ask)

    def refuse(self, pattern: str, status: int, body: object = None) -> None:
        """From now on."""
        self.asked.clear()
        self.refused, self.status, self.body = re.compile(pattern), status, body or {"errors": []}


@pytest.fixture
def between(registry_server: RegistryServer) -> Iterator[Refusing]:
    with scripted(Refusing(registry_server.host)) as proxy:
        yield proxy


@pytest.mark.parametrize(
    ("pattern", "status", "body", "summary"),
    [
        ("GET /v2/_catalog", 401, None, ""),
        ("GET /v2/_catalog", 404, None, "Registry does not do this"),
        ("GET /v2/_catalog", 405, None, "Registry does not do this"),
        ("GET /v2/_catalog", 200, {"repositories": "many"}, ""),
        ("GET .*/tags/list", 403, None, ""),
        ("GET .*/tags/list", 200, {"tags": [1, 2]}, ""),
        ("HEAD .*/theirs/manifests", 403, None, ""),
    ],
)
def test_nothing_goes_where_the_registry_does_not_tell_everything(
    between: Refusing, tmp_path: Path, pattern: str, status: int, body: object, summary: str
) -> None:
    project = Project.at(tmp_path / "project")
    place = f"{between.host}/refused"
    text = f'envform {{\n  registry = "{place}"\n}}\nenvironment "training" {{\n  image = "oci:./images:base"\n}}\n'
    (project.folder / "main.hcl").write_text(text)
    project.run("apply", "-auto-approve")
    registry = open_registry(place, tmp_path)
    registry.push(image_of("left behind"), [Name(CACHE, HASH)])
    registry.push(image_of("named"), [Name("theirs", "1"), Name(CACHE, "f" * 32)])
    between.refuse(pattern, status, body)
    done = project.run("gc", "-auto-approve", exit_code=1)
    assert "Traceback" not in done.stderr
    assert summary in done.stderr
    assert between.paths("DELETE") == []
    assert between.paths("PUT") == []
    between.refused = None
    assert {HASH, "f" * 32} <= set(registry.list(CACHE))
