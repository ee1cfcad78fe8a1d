"""Plans that leave this process, with what is declared: for programs that judge them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reconciler.language.inventory import inventory, relevant

if TYPE_CHECKING:
    from reconciler.model.plan import Plan
    from reconciler.session import Session


def with_inventory(session: Session, plan: Plan) -> Plan:
    """The plan with its configuration, and with what its changes take from other environments."""
    configuration = session.configuration
    instances = configuration.instances
    blocks = {instances[change.address].block for change in plan.work if change.address in instances}
    outputs = {f"output.{one.name}" for one in plan.output_changes if one.after}
    taken = sorted(set(relevant(configuration, sorted(blocks | outputs))), key=str)
    return replace(plan, configuration=inventory(configuration), relevant=tuple(taken))
