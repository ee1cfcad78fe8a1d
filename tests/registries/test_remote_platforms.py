"""Projects on images that are made for several platforms, in a registry on a network."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from reconciler.model.digest import Digest
from reconciler.oci import media_types
from reconciler.oci.image import Image
from reconciler.oci.reference import Name
from reconciler.registries import open_registry
from tests.cli.terminal import Envform
from tests.conformance.images import image_of, index_of
from tests.registries.between import Between
from tests.registries.scripted import scripted
from tests.services.registry import RegistryServer

INTEL, ARM = image_of("intel"), image_of("arm", "linux/arm64/v8")
NEW_INTEL, NEW_ARM = image_of("intel-2"), image_of("arm-2", "linux/arm64/v8")
NO_CHANGES = "No changes. Your environments match the configuration."


@dataclass(frozen=True)
class Project:
    """Environments on one tag, which means an index of images."""

    host: str
    space: str
    folder: Path

    def write(self, *platforms: str, host: str = "") -> None:
        blocks = "".join(
            f'environment "on-{platform.rpartition("/")[2]}" {{\n'
            f'  image    = "{host or self.host}/{self.space}/python:3.11"\n  platform = "{platform}"\n}}\n'
            for platform in platforms
        )
        (self.folder / "main.hcl").write_text(f'envform {{\n  registry = "oci:./registry"\n}}\n{blocks}')

    def tag(self, images: Mapping[str, Image]) -> Digest:
        """Let the tag mean an index of these."""
        registry = open_registry(f"{self.host}/{self.space}", self.folder)
        for image in images.values():
            registry.push(image, [Name("python", digest=image.digest)])
        index = index_of(images)
        url = f"http://{self.host}/v2/{self.space}/python/manifests/3.11"
        kind = {"Content-Type": media_types.OCI_INDEX}
        urllib.request.urlopen(urllib.request.Request(url, index, kind, method="PUT")).close()
        return Digest.of(index)

    def recorded(self) -> list[tuple[str, str, str]]:
        """Image, base and index of each environment's latest version."""
        state = json.loads((self.folder / "state" / "default.json").read_text())
        latest = [environment["versions"][-1] for environment in state["environments"].values()]
        locks = [state["locks"][record["lock"]] for record in latest]
        return [(record["image"], lock["base"], lock["index"]) for record, lock in zip(latest, locks, strict=True)]


@pytest.fixture
def project(registry_server: RegistryServer, tmp_path: Path, request: pytest.FixtureRequest) -> Project:
    made = Project(registry_server.host, f"m{abs(hash(request.node.nodeid))}", tmp_path)
    made.write("linux/amd64")
    return made


def test_a_tag_that_means_an_index_leads_to_the_image_for_each_platform(project: Project, envform: Envform) -> None:
    index = project.tag({"linux/amd64": INTEL, "linux/arm64/v8": ARM})
    project.write("linux/amd64", "linux/arm64")
    done = envform("apply", "-auto-approve")
    assert done.exit_code == 0, done.stderr
    assert project.recorded() == [(INTEL.digest, INTEL.digest, index), (ARM.digest, ARM.digest, index)]
    assert NO_CHANGES in envform("plan").stdout


def test_a_platform_that_is_not_in_the_index_is_an_error_at_its_place_that_names_the_others(
    project: Project, envform: Envform
) -> None:
    project.tag({"linux/amd64": INTEL, "linux/arm64/v8": ARM})
    project.write("linux/s390x")
    done = envform("plan")
    assert done.exit_code == 1
    said = " ".join(done.stderr.split())
    assert "linux/amd64, linux/arm64/v8, but linux/s390x is wanted" in said
    assert "main.hcl" in said


def test_an_index_that_moved_for_other_platforms_changes_nothing(project: Project, envform: Envform) -> None:
    project.tag({"linux/amd64": INTEL, "linux/arm64/v8": ARM})
    assert envform("apply", "-auto-approve").exit_code == 0
    before = project.recorded()
    for images in (
        {"linux/amd64": INTEL, "linux/arm64/v8": NEW_ARM},
        {"linux/amd64": INTEL},
        {"linux/s390x": image_of("z", "linux/s390x"), "linux/amd64": INTEL},
    ):
        project.tag(images)
        assert NO_CHANGES in envform("plan").stdout
        assert envform("drift").exit_code == 0
    assert project.recorded() == before


def test_an_index_that_moved_for_this_platform_is_a_patched_base(project: Project, envform: Envform) -> None:
    project.tag({"linux/amd64": INTEL, "linux/arm64/v8": ARM})
    envform("apply", "-auto-approve")
    index = project.tag({"linux/amd64": NEW_INTEL, "linux/arm64/v8": ARM})
    shown = envform("plan").stdout
    assert "base image patched" in shown
    assert "1 to rebuild" in shown or "1 to change" in shown
    envform("apply", "-auto-approve")
    assert project.recorded() == [(NEW_INTEL.digest, NEW_INTEL.digest, index)]


def test_an_index_that_is_named_by_its_digest_leads_to_the_same_image(project: Project, envform: Envform) -> None:
    index = project.tag({"linux/amd64": INTEL, "linux/arm64/v8": ARM})
    text = (project.folder / "main.hcl").read_text()
    (project.folder / "main.hcl").write_text(text.replace("python:3.11", f"python:3.11@{index}"))
    envform("apply", "-auto-approve")
    project.tag({"linux/amd64": NEW_INTEL, "linux/arm64/v8": NEW_ARM})
    assert NO_CHANGES in envform("plan").stdout
    assert project.recorded() == [(INTEL.digest, INTEL.digest, index)]


def test_looking_at_a_base_again_costs_one_question_without_content(project: Project, envform: Envform) -> None:
    project.tag({"linux/amd64": INTEL, "linux/arm64/v8": ARM})
    with scripted(Open(project.host)) as between:
        project.write("linux/amd64", host=between.host)
        envform("apply", "-auto-approve")
        between.asked.clear()
        assert NO_CHANGES in envform("plan").stdout
        assert [asked.method for asked in between.asked] == ["HEAD"]


class Open(Between):
    """One that wants no password."""

    guarded = False
