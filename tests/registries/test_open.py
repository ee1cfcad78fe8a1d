from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.model.diagnostic import RegistryError
from reconciler.oci.reference import Name, Place, Reference
from reconciler.registries import open_registry
from tests.conformance.images import PLATFORM, image_of


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


@pytest.mark.parametrize("place", ["docker.io", "localhost:5000", "ghcr.io/team", "docker-daemon:"])
def test_what_this_version_cannot_reach_is_told_with_what_to_write(place: str, tmp_path: Path) -> None:
    with pytest.raises(RegistryError) as caught:
        open_registry(place, tmp_path)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.summary == "Registry is not supported"
    assert f"`{place}`" in diagnostic.detail
    assert "oci:./registry" in diagnostic.detail
