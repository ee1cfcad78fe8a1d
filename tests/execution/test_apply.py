"""Apply, with memory on every side: what is published, recorded, told, and left alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.backends.memory import MemoryBackend
from reconciler.builders.memory import MemoryBuilder
from reconciler.execution.apply import Applier, suitable
from reconciler.execution.making import Maker
from reconciler.execution.publish import Publisher
from reconciler.execution.survey import Base, Bases, RegistrySurvey
from reconciler.model.address import Address
from reconciler.model.definition import Lock
from reconciler.model.diagnostic import EnvformError, RegistryError, StateError
from reconciler.model.digest import Digest
from reconciler.model.environment import Environment, Settings
from reconciler.model.event import ApplyFinished, ChangeFailed, ChangeFinished, ChangeSkipped, ChangeStarted, Event
from reconciler.model.observation import Level, Observation
from reconciler.model.plan import Action, Change, ImageMissing, NotInConfiguration, Plan, PublishedElsewhere
from reconciler.model.state import State
from reconciler.oci.image import Image
from reconciler.oci.reference import Name
from reconciler.planning.assemble import assemble
from reconciler.planning.decide import Situation, decide
from reconciler.planning.undeclared import decide_undeclared
from reconciler.registries.memory import MemoryRegistry
from tests.conformance.images import image_of

SETTINGS = Settings(registry="oci:registry")


def environment(label: str, image: str = "oci:images:base") -> Environment:
    return Environment(address=Address.of(label), name=label, image=image)


class World:
    """A workspace in memory: bases on one side, the workspace's own registry on the other."""

    def __init__(self, **bases: Image) -> None:
        self.bases = MemoryRegistry(bases)
        self.registry = MemoryRegistry()
        self.backend = MemoryBackend(State(lineage="a-lineage", serial=1), now=self.now)
        self.events: list[Event] = []
        self.stop_after: int | None = None

    def now(self) -> str:
        return "2026-01-02T03:04:05Z"

    @property
    def state(self) -> State:
        state = self.backend.read()
        assert state is not None
        return state

    def plan(self, *environments: Environment) -> Plan:
        bases = Bases(lambda _: self.bases, "oci:registry:envform")
        survey = RegistrySurvey(self.registry, Level.DIGESTS, self.state.environments.values())
        changes = [self.decided(one, bases.look_up(one), survey.of(one.name)) for one in environments]
        declared = {one.name for one in environments}
        orphans = [known for name, known in self.state.environments.items() if name not in declared]
        changes.extend(decide_undeclared(known, survey.of(known.name), NotInConfiguration()) for known in orphans)
        return assemble(SETTINGS, self.state, changes)

    def decided(self, one: Environment, base: Base, seen: Observation) -> Change:
        return decide(
            Situation(
                environment=one,
                definition=one.definition(one.image, base.digest),
                lock=Lock(base.digest, one.platform),
                image=base.digest,
                prior=self.state.environments.get(one.name),
                seen=seen,
            )
        )

    def apply(self, *environments: Environment) -> State:
        return self.carry_out(self.plan(*environments))

    def carry_out(self, plan: Plan, registry: MemoryRegistry | None = None) -> State:
        publisher = Publisher(registry or self.registry, Maker(lambda _: self.bases, MemoryBuilder), self.now)
        applier = Applier(
            backend=self.backend,
            publisher=publisher,
            emit=self.events.append,
            clock=lambda: 0.0,
            stopped=self.stopped,
            new_lineage=lambda: "a-lineage",
            outputs=lambda state: state.outputs,
            pause=lambda _: None,
            parallelism=1,
            state=self.state,
        )
        return applier.run(plan)

    def stopped(self) -> bool:
        return self.stop_after is not None and len(self.events) >= self.stop_after


@pytest.fixture
def world() -> World:
    return World(base=image_of("one"), other=image_of("two"))


def test_an_image_is_published_under_its_hash_its_version_and_latest(world: World) -> None:
    state = world.apply(environment("training"))
    record = state.environments["training"].latest
    assert world.registry.tags == {
        f"envform:{record.hash}": record.image,
        "training:1": record.image,
        "training:latest": record.image,
    }
    assert record.image == image_of("one").digest


def test_a_plan_after_apply_is_empty(world: World) -> None:
    declared = (environment("training"), environment("scoring", "oci:images:other"))
    world.apply(*declared)
    assert world.plan(*declared).work == ()


def test_an_apply_with_nothing_to_do_writes_nothing(world: World) -> None:
    world.apply(environment("training"))
    before, asked = world.state, len(world.registry.requests)
    world.carry_out(world.plan(environment("training")))
    assert world.state == before
    assert not [request for request in world.registry.requests[asked:] if request.startswith("push")]


def test_every_change_is_told_from_its_start_to_its_end(world: World) -> None:
    world.apply(environment("training"))
    kinds = [type(event) for event in world.events]
    assert kinds == [ChangeStarted, ChangeFinished, ApplyFinished]
    assert world.events[-1] == ApplyFinished(added=1, changed=0, destroyed=0, failed=0)


def test_another_name_for_the_same_definition_sends_no_image_again(world: World) -> None:
    world.apply(environment("training"))
    plan = world.plan(environment("training"), environment("scoring"))
    (scoring,) = plan.work
    assert scoring.image.value == "reuse"
    world.bases.manifests.clear()
    world.carry_out(plan)
    assert world.registry.tags["scoring:1"] == image_of("one").digest


def test_a_deleted_tag_is_set_again_and_the_version_stays(world: World) -> None:
    world.apply(environment("training"))
    world.registry.delete(Name("training", "1"))
    world.apply(environment("training"))
    assert world.registry.tags["training:1"] == image_of("one").digest
    assert [record.version for record in world.state.environments["training"].versions] == ["1"]


def test_a_registry_that_lost_everything_is_filled_again_from_the_base(world: World) -> None:
    world.apply(environment("training"))
    world.registry = MemoryRegistry()
    world.apply(environment("training"))
    assert sorted(ref.partition(":")[0] for ref in world.registry.tags) == ["envform", "training", "training"]


def test_older_versions_keep_their_image_when_the_base_is_patched(world: World) -> None:
    world.apply(environment("training"))
    world.bases.push(image_of("patched"), [Name("", "base")])
    world.apply(environment("training"))
    assert world.registry.tags["training:1"] == image_of("one").digest
    assert world.registry.tags["training:2"] == image_of("patched").digest
    assert world.registry.tags["training:latest"] == image_of("patched").digest


def test_what_is_not_declared_is_archived_and_keeps_its_image(world: World) -> None:
    world.apply(environment("training"))
    world.apply()
    assert versions(world) == [("1", "archived")]
    assert "training:1" in world.registry.tags
    world.apply(environment("training"))
    assert versions(world) == [("1", "in use")]


def versions(world: World) -> list[tuple[str, str]]:
    records = world.state.environments["training"].versions
    return [(record.version, "archived" if record.archived else "in use") for record in records]


def test_a_failed_change_does_not_stop_the_others_and_is_not_recorded(world: World) -> None:
    plan = world.plan(environment("broken", "oci:images:other"), environment("training"))
    world.bases.manifests.pop(image_of("two").digest)
    with pytest.raises(EnvformError) as raised:
        world.carry_out(plan)
    (problem,) = raised.value.diagnostics
    assert (problem.summary, problem.address) == ("Base image is gone", "environment.broken")
    assert set(world.state.environments) == {"training"}
    assert [event.address for event in world.events if isinstance(event, ChangeFailed)] == ["environment.broken"]
    assert world.events[-1] == ApplyFinished(added=1, changed=0, destroyed=0, failed=1)


class ForgetfulRegistry(MemoryRegistry):
    """Accepts every push and keeps no tag."""

    def describe(self, name: Name) -> None:
        """Nothing is ever there."""


def test_a_registry_that_does_not_keep_what_it_accepted_is_an_error_and_nothing_is_recorded(world: World) -> None:
    with pytest.raises(EnvformError) as raised:
        world.carry_out(world.plan(environment("training")), ForgetfulRegistry())
    assert raised.value.diagnostics[0].summary == "Registry does not hold what was pushed"
    assert world.state.environments == {}


def test_a_plan_is_stale_when_a_record_that_it_touches_has_moved(world: World) -> None:
    world.apply(environment("training"))
    plan = world.plan(replace(environment("training"), description="mine"))
    world.apply(replace(environment("training"), description="theirs"))
    with pytest.raises(EnvformError) as raised:
        world.carry_out(plan)
    (problem,) = raised.value.diagnostics
    assert problem.summary == "Plan is stale"
    assert "environment.training" in problem.detail


def test_a_plan_for_another_environment_stays_good(world: World) -> None:
    plan = world.plan(environment("training"))
    world.apply(environment("scoring", "oci:images:other"))
    assert [change.action for change in plan.work] == [Action.CREATE]
    world.carry_out(plan)
    assert set(world.state.environments) == {"training", "scoring"}


def test_a_finished_change_is_in_the_journal_before_the_state_is_written(world: World) -> None:
    class DiskFull(MemoryBackend):
        """Takes the journal's line and not the state."""

        def write(self, state: State) -> None:
            """No space is left."""
            raise StateError("State not written", f"No space is left for serial {state.serial}.")

    plan = world.plan(environment("training"))
    world.backend = DiskFull(world.state, now=world.now)
    with pytest.raises(StateError):
        world.carry_out(plan)
    assert "training" in world.state.environments


def test_an_interrupt_keeps_what_is_finished_and_tells_what_was_not_begun(world: World) -> None:
    plan = world.plan(*(environment(f"e{number}") for number in range(4)))
    world.stop_after = 2
    with pytest.raises(KeyboardInterrupt):
        world.carry_out(plan)
    assert set(world.state.environments) == {"e0"}
    assert [event.address for event in world.events if isinstance(event, ChangeSkipped)] == [
        "environment.e1",
        "environment.e2",
        "environment.e3",
    ]


def test_a_version_that_somebody_else_published_is_counted_over_and_never_overwritten(world: World) -> None:
    world.registry.push(image_of("theirs"), [Name("training", "1"), Name("training", "latest")])
    (change,) = world.plan(environment("training")).work
    assert change.after is not None
    assert change.after.version == "2"
    assert PublishedElsewhere(("1",)) in change.reasons
    world.apply(environment("training"))
    assert world.registry.tags["training:1"] == image_of("theirs").digest
    assert world.registry.tags["training:2"] == image_of("one").digest


def test_a_version_published_between_plan_and_apply_is_not_overwritten_either(world: World) -> None:
    plan = world.plan(environment("training"))
    world.registry.push(image_of("theirs"), [Name("training", "1")])
    with pytest.raises(EnvformError) as raised:
        world.carry_out(plan)
    assert raised.value.diagnostics[0].summary == "Version is already published with another image"
    assert world.registry.tags["training:1"] == image_of("theirs").digest


def test_a_lost_state_finds_its_versions_again(world: World) -> None:
    world.apply(environment("training"))
    world.bases.push(image_of("patched"), [Name("", "base")])
    world.apply(environment("training"))
    published = dict(world.registry.tags)
    world.backend = MemoryBackend(State(lineage="another", serial=1), now=world.now)
    world.apply(environment("training"))
    assert world.registry.tags == published
    assert [record.version for record in world.state.environments["training"].versions] == ["2"]


def test_a_broken_copy_in_the_registry_is_healed_from_the_source(world: World) -> None:
    world.apply(environment("training"))
    (layer,) = image_of("one").layers
    del world.registry.blobs[layer.descriptor.digest]
    world.registry.delete(Name("training", "1"))
    world.apply(environment("training"))
    assert layer.descriptor.digest in world.registry.blobs
    assert world.registry.tags["training:1"] == image_of("one").digest


def test_restoring_shows_the_repair_that_it_needs(world: World) -> None:
    world.apply(environment("training"))
    world.apply()
    world.registry.delete(Name("training", "1"))
    (change,) = world.plan(environment("training")).work
    assert change.action is Action.RESTORE
    assert ImageMissing("training:1") in change.reasons


def test_a_base_for_another_platform_is_refused_while_planning_at_its_place(world: World) -> None:
    with pytest.raises(EnvformError) as raised:
        world.plan(replace(environment("training"), platform="linux/ppc64le"))
    (problem,) = raised.value.diagnostics
    assert problem.address == "environment.training"


def test_each_base_is_looked_up_once_however_many_stand_on_it(world: World) -> None:
    world.plan(*(environment(f"e{number}") for number in range(20)))
    assert world.bases.requests == ["pull base"]


def test_a_registry_that_cannot_be_asked_is_an_error_and_never_a_rebuild(world: World) -> None:
    class Unreachable(MemoryRegistry):
        """Answers nothing."""

        def list(self, repository: str) -> dict[str, Digest | None]:
            """Cannot tell."""
            raise RegistryError("Registry did not answer", f"It is down, so `{repository}` stays unknown.")

    world.apply(environment("training"))
    world.registry = Unreachable()
    with pytest.raises(RegistryError):
        world.plan(environment("training"))


def test_what_waits_for_disks_alone_is_done_by_many_at_once(world: World) -> None:
    world.apply(environment("training"))
    again = world.plan(replace(environment("training"), description="other words"))
    assert suitable(again, processors=2) == 16
    assert suitable(world.plan(environment("new", "oci:images:other")), processors=2) == 4
