"""An environment as somebody's source tells it, before it is written down as a block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import TypeAlias

from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.model.frozen import dataclass

LEFT_OUT = "Left out of the environment"
UNUSABLE = "Source cannot be used"

Field: TypeAlias = "str | bool | int | Sequence[str] | Mapping[str, str] | Section"


@dataclass(frozen=True, slots=True)
class Section:
    """A block inside of the environment."""

    fields: Mapping[str, Field]


@dataclass(slots=True)
class Sketch:
    """`fields` are arguments and blocks as users write them; `python` is the X.Y that a base image should have."""

    name: str = ""
    fields: dict[str, Field] = field(default_factory=dict)
    python: str = ""
    told: list[Diagnostic] = field(default_factory=list)

    def leave(self, detail: str, hint: str = "") -> None:
        """Tell what of the source the environment will not have."""
        self.told.append(Diagnostic.warning(LEFT_OUT, detail, hint=hint))

    @property
    def has_base(self) -> bool:
        """Whether it says what it stands on."""
        return not self.fields.keys().isdisjoint(("image", "dockerfile", "build"))


def unusable(detail: str, hint: str = "") -> EnvformError:
    """Of this source no environment can be made."""
    return EnvformError(Diagnostic.error(UNUSABLE, detail, hint=hint))
