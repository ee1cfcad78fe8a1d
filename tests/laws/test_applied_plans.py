"""Whatever is declared, and whatever came before: after an apply there is nothing to do, and drift is told and mended.

`ENVFORM_TEST_LONG=1` tries many more.
"""

from __future__ import annotations

import os
import random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from reconciler.model.observation import Level
from reconciler.model.publication import expected_tags
from reconciler.model.request import Request
from reconciler.planning.saved import dump_plan, load_plan
from tests.laws.configurations import INJURIES, histories, injure
from tests.laws.sessions import Workspace, without_serial

LONG = bool(os.environ.get("ENVFORM_TEST_LONG"))
EXAMPLES = 400 if LONG else 15
DEEP = Request(level=Level.DEEP)
PHASES = (Phase.explicit, Phase.generate, *((Phase.shrink,) if LONG else ()))
bounded = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES)


def check_nothing_is_left(world: Workspace, request: Request) -> None:
    plan = world.plan(request)
    assert [(str(one.address), one.action, one.reasons) for one in plan.work] == []
    assert plan.output_changes == ()


def check_everything_is_published(world: Workspace) -> None:
    for registered in world.state.environments.values():
        for (repository, tag), image in expected_tags(registered).items():
            found = world.registry.tags[f"{repository}:{tag}"]
            alike = {
                one.image for other in world.state.environments.values() for one in other.versions if one.hash == tag
            }
            assert found == image or (repository == "envform" and found in alike)


def hashes(world: Workspace) -> set[str]:
    """What is on record, archived or not; the image of what was deleted is gone, and has to be built again."""
    return {record.hash for one in world.state.environments.values() for record in one.versions}


@bounded
@given(histories())
def test_a_plan_after_an_apply_is_empty_whatever_came_before(texts: list[str]) -> None:
    world = Workspace.new()
    for text in texts:
        recorded, before = hashes(world), len(world.parts.builds.made)
        world.declare(text)
        world.apply()
        check_nothing_is_left(world, Request())
        check_nothing_is_left(world, DEEP)
        check_everything_is_published(world)
        made = world.parts.builds.made[before:]
        assert len(made) == len(set(made)), "a definition was built twice"
        assert not recorded & set(made), "a definition was built again, and its image was there"


@bounded
@given(histories(), st.sampled_from(INJURIES), st.integers(0, 1000))
def test_drift_is_told_and_mended_by_one_apply(texts: list[str], how: str, seed: int) -> None:
    world = Workspace.new()
    for text in texts:
        world.declare(text)
        world.apply()
        before = dict(world.registry.tags)
        owned = {
            f"{repository}:{tag}" for one in world.state.environments.values() for repository, tag in expected_tags(one)
        }
        drifted = injure(world.registry, how, random.Random(seed))
        archived = {name for name, one in world.state.environments.items() if one.latest.archived}
        if archived and how == "delete a blob":
            return  # what is archived is not mended, and what stands on its image cannot be before that is
        told = world.plan(DEEP)
        hidden = {ref for ref in owned if ref.partition(":")[0] in archived or ref.startswith("envform:")}
        if drifted and not hidden:
            assert told.drift, f"{how} was not told"
        world.apply(DEEP)
        check_nothing_is_left(world, DEEP)
        if not archived and before.keys() <= owned:
            check_everything_is_published(world)


@bounded
@given(histories())
def test_a_saved_plan_gives_what_an_apply_gives(texts: list[str]) -> None:
    world = Workspace.new()
    for text in texts:
        world.declare(text)
        twin = world.twin()
        saved = load_plan(dump_plan(world.plan(), "0"), "saved.plan")
        world.apply(plan=saved)
        twin.apply()
        assert without_serial(world.state) == without_serial(twin.state)
        assert world.registry.tags == twin.registry.tags
