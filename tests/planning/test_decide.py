"""What happens at one address, for everything that may be recorded and observed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.model.address import Address
from reconciler.model.definition import Lock
from reconciler.model.diagnostic import EnvformError
from reconciler.model.digest import Digest
from reconciler.model.environment import Environment
from reconciler.model.observation import NOTHING_SEEN, Observation
from reconciler.model.plan import (
    Action,
    AdoptedFromRegistry,
    BasePatched,
    Change,
    DeclaredAgain,
    DefinitionChanged,
    ImageMissing,
    ImageOutcome,
    MetadataChanged,
    Moved,
    NotInConfiguration,
    TagMoved,
    VersionRequested,
)
from reconciler.model.publication import expected_tags
from reconciler.model.state import Record, Registered
from reconciler.planning.decide import Situation, decide
from reconciler.planning.undeclared import decide_undeclared

BASE = Digest.of(b"the base")
PATCHED = Digest.of(b"the base, patched")
TRAINING = Environment(address=Address.of("training"), name="training", image="oci:images:base")
EMPTY = Observation({"envform": {}, "training": {}})


def registered(environment: Environment = TRAINING, base: Digest = BASE, version: str = "1") -> Registered:
    definition = environment.definition(environment.image, base)
    record = Record(
        version=version,
        hash=definition.hash,
        definition=definition,
        lock=Lock(base, environment.platform).digest,
        image=base,
        created="2026-01-02T03:04:05Z",
        description=environment.description,
        tags=environment.tags,
    )
    return Registered(environment.name, environment.address, (record,))


def holding(prior: Registered) -> Observation:
    """A registry that holds exactly what is recorded."""
    repositories: dict[str, dict[str, Digest | None]] = {"envform": {}, prior.name: {}}
    for (repository, tag), image in expected_tags(prior).items():
        repositories[repository][tag] = image
    return Observation(repositories)


def decided(
    environment: Environment, prior: Registered | None, seen: Observation | None = None, base: Digest = BASE
) -> Change:
    if seen is None:
        seen = holding(prior) if prior else EMPTY
    return decide(
        Situation(
            environment=environment,
            definition=environment.definition(environment.image, base),
            lock=Lock(base, environment.platform),
            image=base,
            prior=prior,
            seen=seen,
        )
    )


def test_what_is_not_registered_is_created_as_version_1() -> None:
    change = decided(TRAINING, None)
    assert (change.action, change.image) == (Action.CREATE, ImageOutcome.BUILD)
    assert change.after is not None
    assert change.after.version == "1"


def test_an_image_under_the_same_hash_is_adopted() -> None:
    seen = Observation({"envform": {TRAINING.definition(TRAINING.image, BASE).hash: None}, "training": {}})
    change = decided(TRAINING, None, seen)
    assert change.image is ImageOutcome.REUSE
    assert change.reasons == (AdoptedFromRegistry(TRAINING.definition(TRAINING.image, BASE).hash),)


def test_a_hash_tag_that_holds_another_image_is_not_adopted() -> None:
    seen = Observation({"envform": {TRAINING.definition(TRAINING.image, BASE).hash: PATCHED}, "training": {}})
    assert decided(TRAINING, None, seen).image is ImageOutcome.BUILD


def test_what_is_as_recorded_and_as_published_needs_nothing() -> None:
    change = decided(TRAINING, registered())
    assert (change.action, change.image, change.reasons) == (Action.NOTHING, ImageOutcome.NONE, ())


@pytest.mark.parametrize(
    "changed",
    [replace(TRAINING, description="new words"), replace(TRAINING, tags={"team": "vision"})],
    ids=["description", "tags"],
)
def test_metadata_makes_no_version(changed: Environment) -> None:
    change = decided(changed, registered())
    assert (change.action, change.image) == (Action.UPDATE, ImageOutcome.NONE)
    assert change.after is not None
    assert change.after.version == "1"
    assert isinstance(change.reasons[0], MetadataChanged)


def test_another_definition_makes_the_next_version() -> None:
    change = decided(replace(TRAINING, image="oci:images:other"), registered(), base=PATCHED)
    assert change.action is Action.NEW_VERSION
    assert change.after is not None
    assert change.after.version == "2"
    assert change.reasons == (DefinitionChanged(("base", "image")),)


def test_versions_are_counted_above_every_number_that_was_ever_used() -> None:
    prior = registered(version="7")
    prior = prior.with_record(replace(prior.latest, version="2024-01-01"))
    change = decided(replace(TRAINING, platform="linux/arm64"), prior)
    assert change.after is not None
    assert change.after.version == "8"


def test_a_patched_base_makes_a_new_version_and_is_called_by_its_name() -> None:
    change = decided(TRAINING, registered(), base=PATCHED)
    assert change.action is Action.NEW_VERSION
    assert change.reasons == (BasePatched("oci:images:base", old=BASE, new=PATCHED),)
    assert change.drift == change.reasons


def test_a_patched_base_waits_where_the_version_is_fixed() -> None:
    change = decided(replace(TRAINING, version="1"), registered(), base=PATCHED)
    assert change.action is Action.NOTHING
    assert change.drift == (BasePatched("oci:images:base", old=BASE, new=PATCHED),)


def test_a_fixed_version_with_another_definition_is_an_error_that_names_both_hashes() -> None:
    other = replace(TRAINING, version="1", platform="linux/arm64")
    with pytest.raises(EnvformError) as raised:
        decided(other, registered())
    (problem,) = raised.value.diagnostics
    assert problem.summary == "Version is already registered with another definition"
    assert registered().latest.hash[:12] in problem.detail
    assert other.definition(other.image, BASE).hash[:12] in problem.detail
    assert "platform" in problem.detail


def test_a_version_that_is_asked_for_is_registered_even_with_the_same_definition() -> None:
    change = decided(replace(TRAINING, version="stable"), registered())
    assert (change.action, change.image) == (Action.NEW_VERSION, ImageOutcome.REUSE)
    assert change.reasons[0] == VersionRequested("stable")


@pytest.mark.parametrize(("repository", "tag"), [("training", "1"), ("training", "latest"), ("envform", None)])
def test_a_missing_tag_is_repaired(repository: str, tag: str | None) -> None:
    prior = registered()
    tags = {name: dict(there) for name, there in holding(prior).repositories.items()}
    gone = tag or prior.latest.hash
    del tags[repository][gone]
    change = decided(TRAINING, prior, Observation(tags))
    assert change.action is Action.REPAIR
    assert change.reasons == (ImageMissing(f"{repository}:{gone}"),)
    assert change.image is (ImageOutcome.BUILD if repository == "envform" else ImageOutcome.REUSE)


def test_a_moved_tag_is_repaired() -> None:
    prior = registered()
    tags = {name: dict(there) for name, there in holding(prior).repositories.items()}
    tags["training"]["1"] = PATCHED
    change = decided(TRAINING, prior, Observation(tags))
    assert change.action is Action.REPAIR
    assert change.reasons == (TagMoved("training:1", recorded=BASE, found=PATCHED),)


def test_a_tag_whose_digest_nobody_asked_for_is_not_called_moved() -> None:
    prior = registered()
    tags = {name: dict.fromkeys(there) for name, there in holding(prior).repositories.items()}
    assert decided(TRAINING, prior, Observation(tags)).action is Action.NOTHING


def test_nothing_is_called_missing_that_nobody_looked_for() -> None:
    assert decided(TRAINING, registered(), NOTHING_SEEN).action is Action.NOTHING


def test_metadata_and_drift_are_mended_in_one_change() -> None:
    change = decided(replace(TRAINING, description="new words"), registered(), EMPTY)
    assert change.action is Action.UPDATE
    assert change.drift
    assert change.image is ImageOutcome.BUILD


def test_what_is_no_longer_declared_is_archived_once() -> None:
    prior = registered()
    change = decide_undeclared(prior, holding(prior), NotInConfiguration())
    assert (change.action, change.reasons, change.after) == (Action.ARCHIVE, (NotInConfiguration(),), None)
    archived = replace(prior, versions=(replace(prior.latest, archived=True),))
    assert decide_undeclared(archived, EMPTY, NotInConfiguration()).action is Action.NOTHING


def test_what_was_archived_and_is_declared_again_is_restored() -> None:
    prior = registered()
    archived = replace(prior, versions=(replace(prior.latest, archived=True),))
    change = decided(TRAINING, archived)
    assert (change.action, change.reasons) == (Action.RESTORE, (DeclaredAgain(),))


def test_another_address_for_the_same_name_is_told_and_changes_no_image() -> None:
    change = decided(replace(TRAINING, address=Address.of("trainer")), registered())
    assert (change.action, change.image) == (Action.UPDATE, ImageOutcome.NONE)
    assert change.reasons == (Moved(Address.of("training")),)
