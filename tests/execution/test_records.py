"""Records beside images: the newest is believed, what anybody else attached is passed over, and plans read none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from reconciler.execution.records import Recorded, Records, find_records
from reconciler.model.address import Address
from reconciler.model.definition import Definition, Lock
from reconciler.model.digest import Digest, canonical_json
from reconciler.model.publication import RECORD_NAME, RECORD_NOTE, RECORD_TYPE
from reconciler.model.state import Record, Registered
from reconciler.oci.assembly import note
from reconciler.oci.reference import Name
from reconciler.registries.memory import MemoryRegistry
from tests.conformance.images import PLATFORM, image_of
from tests.faults.workshops import environment
from tests.laws.sessions import Workspace

IMAGE = image_of("training")
DEFINITION = Definition("oci:images:base", IMAGE.digest, PLATFORM)
LOCK = Lock(IMAGE.digest, PLATFORM, index=Digest.of(b"index"))
RECORD = Record("1", DEFINITION.hash, DEFINITION, LOCK.digest, IMAGE.digest, "2026-11-21T08:00:00Z", "first")
NOW = "2026-11-21T09:00:00Z"
TRAINING = Registered("training", Address.of("training"), (RECORD,))
HERE = Name("training", digest=IMAGE.digest)


@pytest.fixture
def registry() -> MemoryRegistry:
    return MemoryRegistry({"training:1": IMAGE})


def records(registry: MemoryRegistry) -> Records:
    return Records(registry, "a-lineage", {LOCK.digest: LOCK}.get)


def described(before: Registered, text: str) -> Recorded:
    return Recorded.of(before, before.with_record(replace(before.latest, description=text)), NOW)


def attach(registry: MemoryRegistry, content: bytes, **more: str) -> None:
    image = note(IMAGE.descriptor, RECORD_TYPE, {RECORD_NOTE: content.decode(errors="replace"), **more})
    registry.push(image, [Name("training", digest=image.digest)])


def said(registry: MemoryRegistry) -> Mapping[str, object]:
    """What is attached, as JSON."""
    (found,) = registry.referrers(HERE)
    content: Mapping[str, object] = json.loads(found.annotations[RECORD_NOTE])
    return content


def test_a_record_is_found_as_it_was_written(registry: MemoryRegistry) -> None:
    records(registry).replace(Recorded.of(None, TRAINING, NOW), ["1"])
    (found,) = find_records(registry, HERE)
    assert (found.record, found.address, found.lineage) == (RECORD, TRAINING.address, "a-lineage")
    assert (found.lock, found.index) == (LOCK, LOCK.index)


def test_a_changed_record_takes_the_place_of_the_old_one(registry: MemoryRegistry) -> None:
    records(registry).replace(Recorded.of(None, TRAINING, NOW), ["1"])
    second = described(TRAINING, "second")
    records(registry).replace(second, second.versions)
    third = described(second.after, "first")
    records(registry).replace(third, third.versions)
    (found,) = find_records(registry, HERE)
    assert (found.record.description, found.record.revision) == ("first", 2)


def test_what_does_not_change_is_not_counted() -> None:
    same = Recorded.of(TRAINING, TRAINING, NOW)
    assert (same.after, same.versions) == (TRAINING, ())


def test_what_is_dropped_is_gone(registry: MemoryRegistry) -> None:
    records(registry).replace(Recorded.of(None, TRAINING, NOW), ["1"])
    records(registry).drop(TRAINING)
    assert list(find_records(registry, HERE)) == []
    records(registry).drop(TRAINING)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff", b"[" * 20_000, b'{"record": 7}'])
def test_anything_may_be_attached_and_is_passed_over(registry: MemoryRegistry, content: bytes) -> None:
    attach(registry, content)
    assert list(find_records(registry, HERE)) == []


@pytest.mark.parametrize(
    "lie",
    [
        {"name": "other"},
        {"record": {"hash": "0" * 32}},
        {"record": {"image": Digest.of(b"another")}},
        {"lock": {"base": Digest.of(b"another"), "platform": PLATFORM}},
    ],
)
def test_a_record_that_does_not_fit_is_not_believed(registry: MemoryRegistry, lie: dict[str, object]) -> None:
    records(registry).replace(Recorded.of(None, TRAINING, NOW), ["1"])
    true = dict(said(registry))
    records(registry).drop(TRAINING)
    attach(registry, canonical_json(true))
    assert len(list(find_records(registry, HERE))) == 1
    records(registry).drop(TRAINING)
    registry = MemoryRegistry({"training:1": IMAGE})
    inner = lie.get("record")
    changed = {**true, "record": {**true["record"], **inner}} if isinstance(inner, dict) else {**true, **lie}  # type: ignore[dict-item]  # JSON
    attach(registry, canonical_json(changed))
    assert list(find_records(registry, HERE)) == []


def test_records_of_others_that_share_the_image_are_not_pulled(registry: MemoryRegistry) -> None:
    for number in range(20):
        attach(registry, b"{}", **{RECORD_NAME: f"other{number}"})
    records(registry).replace(Recorded.of(None, TRAINING, NOW), ["1"])
    registry.requests.clear()
    assert len(list(find_records(registry, HERE))) == 1
    assert len(registry.requests) == 2, "the list, and the one record"


def test_a_plan_with_nothing_to_do_reads_no_record() -> None:
    world = Workspace.new()
    world.declare(environment("one", "alpha", image='"oci:./images:one"'))
    world.apply()
    world.registry.requests.clear()
    world.plan()
    assert not [request for request in world.registry.requests if "referrers" in request or "sha256" in request]
