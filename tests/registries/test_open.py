from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.model.diagnostic import RegistryError
from reconciler.oci.reference import Name, Place, Reference
from reconciler.registries import open_registry
from tests.conformance.images import PLATFORM, image_of
from tests.services.registry import RegistryServer


def test_a_folder_is_looked_for_under_the_projects_root(tmp_path: Path) -> None:
    image = image_of("one")
    open_registry(str(Place.parse("oci:./registry")), tmp_path).push(image, [Name("training", "3")])
    assert (tmp_path / "registry" / "oci-layout").exists()
    reference = Reference.parse("oci:registry:training:3")
    found = open_registry(reference.registry, tmp_path).pull(reference.name, PLATFORM)
    assert found is not None
    assert found.digest == image.digest


def test_an_absolute_folder_stays_where_it_is(tmp_path: Path) -> None:
    open_registry(f"oci:{tmp_path}/there", Path("/nowhere")).push(image_of("one"), [Name("training", "3")])
    assert (tmp_path / "there" / "index.json").exists()


def test_the_images_of_an_engine_are_told_to_be_in_no_registry(tmp_path: Path) -> None:
    with pytest.raises(RegistryError) as caught:
        open_registry("docker-daemon:", tmp_path)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.summary == "Registry is not supported"
    assert "oci:./images" in diagnostic.detail


def test_a_place_and_a_reference_of_one_host_see_the_same_images(
    registry_server: RegistryServer, tmp_path: Path
) -> None:
    place = Place.parse(f"{registry_server.host}/open/team")
    open_registry(str(place), tmp_path).push(image_of("one"), [Name("training", "3")])
    reference = Reference.parse(f"{place}/training:3")
    found = open_registry(reference.registry, tmp_path).describe(reference.name)
    assert found == image_of("one").descriptor
