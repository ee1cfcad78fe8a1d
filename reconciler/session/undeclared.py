"""Environments that the state has and the configuration does not, or that are to be taken down."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from reconciler.execution.survey import RegistrySurvey
from reconciler.language.configuration import Configuration
from reconciler.language.evaluation import protected_blocks
from reconciler.model.diagnostic import Diagnostics
from reconciler.model.environment import Environment
from reconciler.model.intent import Removal
from reconciler.model.plan import Change, Reason, Removed
from reconciler.model.state import Registered, State
from reconciler.planning.protection import check_protected, protected
from reconciler.planning.undeclared import decide_undeclared, why_undeclared


@dataclass(frozen=True)
class Undeclared:
    """What becomes of them; `environments` are the declared ones by name, `targets` limits what is looked at.

    Without `protecting` nobody minds what `prevent_destroy` says.
    """

    configuration: Configuration
    state: State
    environments: Mapping[str, Environment]
    survey: Callable[[], RegistrySurvey]
    targets: frozenset[str] | None
    protecting: bool = True

    def changes(self, moved: Collection[str], problems: Diagnostics) -> tuple[Change, ...]:
        """All of their changes; none while something is wrong, for then nobody knows what is declared."""
        return () if problems.failed else tuple(self._found(moved, problems))

    def _found(self, moved: Collection[str], problems: Diagnostics) -> Iterator[Change]:
        kept = protected(self.environments.values(), protected_blocks(self.configuration))
        for name, registered in self.state.environments.items():
            if name in self.environments or name in moved or registered.address.is_registered:
                continue
            if self.targets is not None and registered.address not in self.targets:
                continue
            because, forget = self._why(registered)
            change = decide_undeclared(registered, self.survey().of(name), because, forget=forget)
            if self.protecting:
                check_protected(change, kept, problems)
            yield change

    def _why(self, registered: Registered) -> tuple[Reason, bool]:
        removal = next((one for one in self.configuration.removals if _covers(one, registered)), None)
        if removal is not None:
            return Removed(), not removal.destroy
        blocks = self.configuration.project.declared.blocks
        return why_undeclared(registered.address, blocks, self.configuration.addresses), False


def _covers(removal: Removal, registered: Registered) -> bool:
    return registered.address == removal.address or registered.address.startswith(f"{removal.address}[")
