"""What `environment.LABEL.ATTRIBUTE` stands for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import cast

from reconciler.language import nodes
from reconciler.language.scope import Steps
from reconciler.language.span import SpanError
from reconciler.language.value import Value
from reconciler.model.address import Address
from reconciler.model.suggestion import nearest

NOT_KNOWN = "Environment not known yet"


class Undecided:
    """In place of Environments while the configuration itself is wrong: nothing can be said about references."""

    def resolve(self, name: nodes.Name, steps: Steps) -> tuple[Value, int]:
        """Never a value: the error is for the caller, who drops it."""
        end = steps[-1].end if steps else name.end
        raise SpanError(NOT_KNOWN, "", name.start, end)


@dataclass(frozen=True, slots=True)
class Environments:
    """The declared environments, and the values of those that are already decided, by address."""

    declared: Collection[Address]
    known: Mapping[str, object]
    own: Address

    def resolve(self, name: nodes.Name, steps: Steps) -> tuple[Value, int]:
        """The values of the environment that the first step names."""
        if not steps or not isinstance(steps[0], nodes.Attribute):
            detail = "`environment` is followed by the label of one, such as `environment.training.image`."
            raise SpanError("Invalid reference", detail, name.start, name.end)
        label, end = steps[0].name, steps[0].end
        address = f"environment.{label}"
        if address == self.own:
            detail = f"`{address}` refers to itself. Write the value here, or refer to another environment."
            raise SpanError("Self-referential block", detail, name.start, end)
        if address not in self.declared:
            near = nearest(label, [declared.label for declared in self.declared if declared != self.own])
            hint = f"did you mean `environment.{near}`?" if near else ""
            detail = f"There is no `{address}` in this configuration."
            raise SpanError("Reference to undeclared environment", detail, name.start, end, hint=hint)
        if address not in self.known:
            detail = f"`{address}` is declared, but its values are not known while this block is evaluated."
            raise SpanError(NOT_KNOWN, detail, name.start, end)
        return cast(Value, self.known[address]), 1
