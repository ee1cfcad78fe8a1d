"""All that is known about one declared environment at the moment its change is decided."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from reconciler.execution.adoption import Adopted, find_adoptable
from reconciler.execution.locks import Locks
from reconciler.execution.making import is_built
from reconciler.execution.survey import Base, Bases, RegistrySurvey
from reconciler.model.definition import Definition, Lock
from reconciler.model.digest import Digest
from reconciler.model.environment import Environment
from reconciler.model.plan import Action, Change, DependencyChanged, PackagesUpgraded, Reason, ReplaceRequested
from reconciler.model.publication import CACHE
from reconciler.model.state import Registered, State
from reconciler.oci.reference import Place
from reconciler.planning.decide import Situation
from reconciler.planning.ignored import with_ignored
from reconciler.planning.moves import Resettled
from reconciler.planning.pinned import with_pinned
from reconciler.planning.upgrades import package_moves
from reconciler.protocols import Registry
from reconciler.session.blueprints import Foundations
from reconciler.session.lookups import values_of


@dataclass(frozen=True)
class Situations:
    """`changes` and `known` are what is decided already; `replaced` and `upgraded` what was asked for."""

    state: State
    registry: Registry
    place: Place
    bases: Bases
    foundations: Foundations
    survey: Callable[[], RegistrySurvey]
    locks: Locks
    resettled: Resettled
    replaced: Collection[str]
    upgraded: Collection[str]
    changes: Mapping[str, Change]
    known: Mapping[str, Mapping[str, object]]

    def of(self, environment: Environment) -> Situation:
        """EnvformError where the base is not there, or no packages can be found."""
        base = self.bases.look_up(environment)
        prior, former = self._prior(environment)
        definition = environment.definition(base.reference, None if base.own else base.digest)
        if definition.needs_engine:
            definition = replace(definition, bases=self.foundations.digests(environment))
        if definition.debian:
            definition = replace(definition, bases=self._debian(environment, definition, prior))
        situation = Situation(
            environment=environment,
            definition=definition,
            lock=Lock(base=base.digest, platform=environment.platform, index=base.index),
            image=None if is_built(definition) else base.digest,
            prior=prior,
            seen=self.survey().of(environment.name, renamed=bool(former)),
            requested=tuple(self._requested(environment)),
            former=former,
        )
        newest = definition.debian and environment.address in self.upgraded
        return self._locked(with_ignored(situation if newest else with_pinned(situation)), base)

    def _debian(
        self, environment: Environment, definition: Definition, prior: Registered | None
    ) -> Mapping[str, Digest]:
        """What the release of Debian means today, as the packages that it gives; pinned, what it meant."""
        recorded = prior.latest.definition if prior and environment.policy.base == "pin" else None
        if recorded and replace(recorded, bases={}) == definition and environment.address not in self.upgraded:
            return recorded.bases
        reference = definition.debian.reference if definition.debian else ""
        return {reference: self.locks.followed(environment, definition).digest}

    def _locked(self, situation: Situation, base: Base) -> Situation:
        """With the lock to build from, and what follows from its not being the recorded one."""
        environment, definition, prior = situation.environment, situation.definition, situation.prior
        anew = environment.policy.packages == "follow" or environment.address in self.upgraded
        digest = definition.base or situation.lock.base
        if not anew and (adopted := self._adopted(situation)):
            return replace(situation, lock=adopted.lock, image=adopted.image)
        meant = base if digest == base.digest else replace(base, digest=digest, index=None)
        lock = self.locks.of(environment, definition, meant, prior, anew=anew)
        situation = replace(situation, lock=lock)
        if prior is None or prior.latest.hash != definition.hash:
            image = situation.image or self._reusable(situation)
            recorded = self.state.locks[prior.latest.lock] if prior else None
            return replace(situation, image=image, same_packages=bool(recorded and _alike(recorded, lock)))
        recorded = self.state.locks[prior.latest.lock]
        moves = package_moves(recorded, lock)
        because: list[Reason] = [PackagesUpgraded(moves)] if moves else []
        if base.own and lock.base != recorded.base:
            because.append(DependencyChanged(tuple(self._standing_on(environment)) or (environment.image,)))
        situation = replace(situation, requested=(*situation.requested, *because))
        if environment.version is None or prior.version(environment.version):
            return situation
        return replace(situation, image=situation.image or self._reusable(situation))

    def _reusable(self, situation: Situation) -> Digest | None:
        """The image that others have recorded for the definition, where it is there and nobody wants a new one."""
        definition, seen = situation.definition, situation.seen
        image = None if situation.requested else self.locks.image(definition, situation.lock)
        there = image and seen.has(CACHE, definition.hash) and seen.digest(CACHE, definition.hash) in (None, image)
        return image if there else None

    def _adopted(self, situation: Situation) -> Adopted | None:
        """What the registry has for a definition that is not recorded: another project's, or a lost state's."""
        definition = situation.definition
        if not is_built(definition) or self.locks.knows(definition) or not situation.seen.has(CACHE, definition.hash):
            return None
        return find_adoptable(self.registry, definition)

    def _standing_on(self, environment: Environment) -> Iterator[str]:
        return (address for address, values in self.known.items() if values["image"] == environment.image)

    def _prior(self, environment: Environment) -> tuple[Registered | None, str]:
        """What is registered under the name, or under another one at the address that this one has moved from."""
        registered = self.state.environments.get(environment.name)
        moved = self.resettled.by_address.get(environment.address)
        if registered or moved is None:
            return registered, ""
        return replace(moved, name=environment.name), moved.name

    def _requested(self, environment: Environment) -> Iterator[Reason]:
        if environment.address in self.replaced:
            yield ReplaceRequested()
        triggers = tuple(filter(self._triggers, environment.lifecycle.replace_triggered_by))
        if triggers:
            yield DependencyChanged(triggers)

    def _triggers(self, reference: str) -> bool:
        """Whether something that `replace_triggered_by` names will change; of an attribute, whether its value will."""
        address = reference if reference in self.changes else reference.rpartition(".")[0]
        change = self.changes.get(address)
        if change is None or change.action is Action.NOTHING or change.before is None or change.after is None:
            return False
        if address == reference:
            return True
        attribute = reference.rpartition(".")[2]
        before = values_of(change.name, change.before, self.place)
        return before[attribute] != self.known[address][attribute]


def _alike(one: Lock, other: Lock) -> bool:
    """Whether two locks have the same packages, for the same Python."""
    return (one.artefacts, one.python) == (other.artefacts, other.python)
