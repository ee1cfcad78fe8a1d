"""A registry that fails for a while is asked again; one that fails for good, or cannot tell, never causes a build."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from reconciler.model.diagnostic import EnvformError, RegistryError
from reconciler.model.digest import Digest
from reconciler.model.event import ChangeProgressed, ChangeSkipped
from reconciler.model.observation import Level
from reconciler.model.request import Request
from reconciler.oci.descriptor import Descriptor
from reconciler.oci.image import Image
from reconciler.oci.reference import Name
from reconciler.registries.memory import MemoryRegistry
from tests.faults.workshops import environment
from tests.laws.configurations import IMAGES
from tests.laws.sessions import Workspace

TWO = environment("one", "alpha", image=IMAGES[0]) + environment("two", image=IMAGES[1])
ON_ONE = environment("on", image="environment.one.image") + environment("on-on", image="environment.on.image")


class Failing(MemoryRegistry):
    """Fails so often before it does what it is asked; only where `at` stands in one of the names that are to be set."""

    def __init__(self, at: str, times: int, *, temporary: bool) -> None:
        super().__init__()
        self.at, self.left, self.temporary = at, times, temporary
        self.down = False
        self.refused = 0

    def push(self, image: Image, names: list[Name]) -> Descriptor:  # type: ignore[override]  # lists are handed over
        if self.left and any(self.at in str(name) for name in names):
            self.left -= 1
            raise RegistryError("Registry is busy", "It says 503.", temporary=self.temporary)
        return super().push(image, names)

    def list(self, repository: str) -> Mapping[str, Digest | None]:
        if self.down:
            self.refused += 1
            raise RegistryError("Registry did not answer", "It says 403.")
        return super().list(repository)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setattr("reconciler.session.time.sleep", lambda _: None)
    return Workspace.new()


def failing(world: Workspace, at: str, times: int, *, temporary: bool) -> Workspace:
    return replace(world, registry=Failing(at, times, temporary=temporary))


@pytest.mark.parametrize("times", [1, 3])
def test_what_fails_for_a_while_is_tried_again_and_built_once(world: Workspace, times: int) -> None:
    world = failing(world, "one:1", times, temporary=True)
    world.declare(TWO)
    world.apply()
    assert world.plan().work == ()
    assert len(world.parts.builds.made) == 1
    told = [event for event in world.events if isinstance(event, ChangeProgressed) and "Trying again" in event.step]
    assert len(told) == times


@pytest.mark.parametrize(("times", "temporary"), [(4, True), (1, False)], ids=["for too long", "for good"])
def test_what_keeps_failing_takes_its_dependants_along_and_nothing_else(
    world: Workspace, times: int, temporary: bool
) -> None:
    world = failing(world, "one:1", times, temporary=temporary)
    world.declare(TWO + ON_ONE)
    with pytest.raises(EnvformError) as raised:
        world.apply()
    assert [(one.summary, str(one.address)) for one in raised.value.diagnostics] == [
        ("Registry is busy", "environment.one")
    ]
    skipped = {str(event.address): event.because for event in world.events if isinstance(event, ChangeSkipped)}
    assert skipped == dict.fromkeys(("environment.on", "environment.on-on"), "environment.one failed")
    assert set(world.state.environments) == {"two"}
    world.apply()
    assert world.plan().work == ()


@pytest.mark.parametrize("level", [Level.LIST, Level.DIGESTS, Level.DEEP])
def test_a_registry_that_cannot_tell_is_an_error_and_nothing_is_built(world: Workspace, level: Level) -> None:
    world = failing(world, "", 0, temporary=False)
    world.declare(TWO)
    world.apply()
    made, tags = list(world.parts.builds.made), dict(world.registry.tags)
    assert isinstance(world.registry, Failing)
    world.registry.down = True
    for act in (world.plan, world.apply):
        with pytest.raises(EnvformError, match=r"^Registry did not answer: It says 403\.$"):
            act(Request(level=level))
    assert (world.parts.builds.made, world.registry.tags) == (made, tags)
    assert world.registry.refused == 2  # once for each act, and not for each environment


def test_what_else_is_wrong_is_told_beside_a_registry_that_cannot_tell(world: Workspace) -> None:
    world = failing(world, "", 0, temporary=False)
    assert isinstance(world.registry, Failing)
    world.registry.down = True
    world.declare(TWO + environment("three", image='"oci:./images:nowhere"'))
    with pytest.raises(EnvformError) as raised:
        world.plan()
    assert {one.summary for one in raised.value.diagnostics} == {"Registry did not answer", "Base image not found"}


def test_a_saved_plan_stays_good_when_another_environment_moves(world: Workspace) -> None:
    world.declare(TWO)
    world.apply()
    world.declare(TWO.replace('"alpha"', '"alpha", "beta"'))
    saved = world.plan()
    world.declare(TWO.replace("images:two", "images:one"))
    world.apply(Request(targets=("environment.two",)))
    world.apply(plan=saved)
    assert {name: one.latest.version for name, one in world.state.environments.items()} == {"one": "2", "two": "2"}
