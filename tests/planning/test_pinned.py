"""`base = "pin"`, against `base = "follow"`."""

from __future__ import annotations

from dataclasses import replace

from reconciler.model.definition import Lock
from reconciler.model.environment import Policy
from reconciler.model.plan import Action, BasePatched
from reconciler.planning.decide import Situation, decide
from reconciler.planning.pinned import with_pinned
from tests.planning.test_decide import PATCHED, TRAINING, holding, registered


def situation(policy: Policy, image: str = TRAINING.image) -> Situation:
    environment = replace(TRAINING, policy=policy, image=image)
    return Situation(
        environment=environment,
        definition=environment.definition(image, PATCHED),
        lock=Lock(PATCHED, environment.platform),
        image=PATCHED,
        prior=registered(),
        seen=holding(registered()),
    )


def test_a_pinned_base_does_not_move() -> None:
    change = decide(with_pinned(situation(Policy(base="pin"))))
    assert (change.action, change.reasons) == (Action.NOTHING, ())


def test_a_followed_base_moves() -> None:
    change = decide(with_pinned(situation(Policy(base="follow"))))
    assert change.action is Action.NEW_VERSION
    assert any(isinstance(reason, BasePatched) for reason in change.reasons)


def test_another_reference_is_not_held_back() -> None:
    change = decide(with_pinned(situation(Policy(base="pin"), "oci:images:other")))
    assert change.action is Action.NEW_VERSION
    assert change.after is not None
    assert change.after.definition.base == PATCHED


def test_what_is_not_registered_yet_takes_what_the_tag_means() -> None:
    asked = replace(situation(Policy(base="pin")), prior=None)
    assert with_pinned(asked).definition.base == PATCHED
