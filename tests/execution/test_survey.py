"""What is asked of a registry that is far away, at each level, and what is seen with that."""

from __future__ import annotations

from dataclasses import replace
from threading import Barrier

import pytest

from reconciler.execution.survey import Bases, RegistrySurvey
from reconciler.model.diagnostic import EnvformError, RegistryError
from reconciler.model.digest import Digest
from reconciler.model.observation import Level
from reconciler.model.publication import CACHE
from reconciler.oci.descriptor import Descriptor
from reconciler.oci.image import Image
from reconciler.oci.reference import Name
from reconciler.planning.drift import registry_drift
from reconciler.registries.memory import MemoryRegistry
from tests.conformance.images import image_of
from tests.execution.test_apply import World, environment


def applied(*names: str) -> World:
    """Environments that are built and recorded, in a registry where every question counts."""
    world = World(base=image_of("one"), scoring=image_of("two"))
    world.registry = MemoryRegistry(at_hand=False)
    world.apply(*(environment(name, f"oci:images:{'base' if name == 'training' else 'scoring'}") for name in names))
    world.registry.requests.clear()
    return world


def survey(world: World, level: Level) -> RegistrySurvey:
    return RegistrySurvey(world.registry, level, world.state.environments.values())


def test_at_level_list_only_the_cache_is_listed_however_many_names_there_are() -> None:
    world = applied("training", "scoring")
    seen = survey(world, Level.LIST)
    for name, registered in world.state.environments.items():
        assert registry_drift(registered, seen.of(name)) == ()
    assert world.registry.requests == [f"list {CACHE}"]


def test_at_level_list_an_image_that_is_gone_is_seen_in_the_cache() -> None:
    world = applied("training")
    record = world.state.environments["training"].latest
    world.registry.delete(Name(CACHE, record.hash))
    world.registry.requests.clear()
    seen = survey(world, Level.LIST).of("training")
    (reason,) = registry_drift(world.state.environments["training"], seen)
    assert str(reason.tag) == f"{CACHE}:{record.hash}"
    assert world.registry.requests == [f"list {CACHE}", f"describe {CACHE}:{record.hash}"]


def test_what_a_list_leaves_out_and_the_registry_has_is_not_missing() -> None:
    class Forgetful(MemoryRegistry):
        def list(self, repository: str) -> dict[str, Digest | None]:
            super().list(repository)
            return {}

    world = applied("training", "scoring")
    world.registry.__class__ = Forgetful
    for level in (Level.LIST, Level.DIGESTS, Level.DEEP):
        seen = survey(world, level)
        for name, registered in world.state.environments.items():
            assert registry_drift(registered, seen.of(name)) == ()


def test_a_tag_that_is_said_to_mean_what_is_not_there_has_not_moved_for_certain() -> None:
    class Lying(MemoryRegistry):
        def describe(self, name: Name) -> Descriptor | None:
            found = super().describe(name)
            return found and (found if name.digest else replace(found, digest=Digest.of(b"lie")))

    world = applied("training")
    world.registry.__class__ = Lying
    for level in (Level.DIGESTS, Level.DEEP):
        with pytest.raises(RegistryError, match="contradicts itself"):
            survey(world, level)


def test_what_is_to_be_published_is_listed_by_its_own_name_once() -> None:
    world = applied("training", "scoring")
    world.registry.push(image_of("other"), [Name("training", "7")])
    world.registry.requests.clear()
    seen = survey(world, Level.LIST)
    for _ in range(2):
        assert seen.closely("training").digest("training", "7") == image_of("other").digest
    assert world.registry.requests == [f"list {CACHE}", "list training"]


def test_digests_that_a_listing_does_not_tell_are_asked_for_where_they_matter() -> None:
    class Silent(MemoryRegistry):
        def list(self, repository: str) -> dict[str, Digest | None]:
            return dict.fromkeys(super().list(repository))

    registry = Silent({"training:7": image_of("other"), "training:8": image_of("more")}, at_hand=False)
    seen = RegistrySurvey(registry, Level.LIST, ()).closely("training")
    assert dict(seen.repositories["training"]) == {"7": image_of("other").digest, "8": image_of("more").digest}
    registry.tags |= {"scoring:1": image_of("more").digest}
    both = RegistrySurvey(registry, Level.LIST, (), expected=("scoring", "training"))
    for name, tag in (("training", "7"), ("scoring", "1")):
        assert both.closely(name).digest(name, tag) is not None


def test_at_level_digests_each_tag_is_asked_for_and_no_name_is_listed() -> None:
    world = applied("training", "scoring")
    seen = survey(world, Level.DIGESTS)
    for name, registered in world.state.environments.items():
        assert registry_drift(registered, seen.of(name)) == ()
    listings = [request for request in world.registry.requests if request.startswith("list")]
    assert listings == [f"list {CACHE}"]
    assert len(world.registry.requests) == 1 + 3 * 2


def test_at_level_digests_a_tag_that_is_gone_or_moved_is_seen() -> None:
    world = applied("training", "scoring")
    world.registry.delete(Name("training", "1"))
    world.registry.push(image_of("evil"), [Name("scoring", "latest")])
    seen = survey(world, Level.DIGESTS)
    gone, moved = (
        [str(reason.tag) for reason in registry_drift(world.state.environments[name], seen.of(name))]
        for name in ("training", "scoring")
    )
    assert (gone, moved) == (["training:1"], ["scoring:latest"])


def test_when_all_tags_of_a_name_are_gone_that_is_seen_too() -> None:
    world = applied("training")
    for tag in ("1", "latest"):
        world.registry.delete(Name("training", tag))
    seen = survey(world, Level.DIGESTS).of("training")
    found = [str(reason.tag) for reason in registry_drift(world.state.environments["training"], seen)]
    assert found == ["training:1", "training:latest"]


def test_deep_looks_inside_each_image_once() -> None:
    world = applied("training", "scoring")
    layer = image_of("two").layers[0].descriptor.digest
    del world.registry.blobs[layer]
    seen = survey(world, Level.DEEP)
    assert seen.of("scoring").hollow == {image_of("two").digest: (layer,)}
    assert len([request for request in world.registry.requests if request.startswith("missing")]) == 2


def test_who_does_not_want_to_look_asks_nothing() -> None:
    world = applied("training")
    seen = survey(world, Level.NONE)
    assert not seen.closely("training").repositories
    assert world.registry.requests == []


def test_names_that_are_expected_to_be_new_are_listed_together() -> None:
    registry = MemoryRegistry({"two:5": image_of("other")}, at_hand=False)
    seen = RegistrySurvey(registry, Level.LIST, (), expected=("one", "two", "three"))
    assert registry.requests == [f"list {CACHE}"]
    assert seen.closely("two").digest("two", "5") == image_of("other").digest
    assert sorted(registry.requests[1:]) == ["list one", "list three", "list two"]
    seen.closely("one")
    assert len(registry.requests) == 4


def test_bases_that_are_foreseen_are_asked_for_at_once_and_once() -> None:
    both = Barrier(2, timeout=30)

    class Slow(MemoryRegistry):
        def pull(self, name: Name, platform: str) -> Image | None:
            both.wait()
            return super().pull(name, platform)

    registry = Slow({"base:1": image_of("one"), "base:2": image_of("two")}, at_hand=False)
    bases = Bases(lambda _: registry, "registry.test/envform")
    wanted = [f"registry.test/base:{tag}" for tag in "12"]
    bases.foresee((image, "linux/amd64") for image in [*wanted, "registry.test/envform:0123", *wanted])
    for image, content in zip(wanted, ("one", "two"), strict=True):
        assert bases.look_up(environment("training", image)).digest == image_of(content).digest
    with pytest.raises(EnvformError):
        Bases(lambda _: MemoryRegistry(), "x").look_up(environment("training", "registry.test/base:3"))
