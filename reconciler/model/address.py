"""Addresses: how configuration, state and people call an environment."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Self

from reconciler.model.pattern import lazy_pattern

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

DATA = "data."
REGISTERED = "registered."
_FORM = lazy_pattern(
    r'(?:environment|base_image)\.(?P<label>[^\W\d][\w-]*)(?:\[(?P<key>\d+|"(?:[^"\\]|\\.)*")\])?'
    r"|registered\.[A-Za-z0-9][\w-]*"
)


class Address(str):
    """`environment.LABEL`, with `["KEY"]` or `[INDEX]` for one of many; events and renderers take those of data too.

    `base_image.LABEL` is an environment too: one that others stand on.

    `registered.NAME` is what programs and jobs have registered, and no file declares.
    """

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """The address that a text spells; ValueError when it spells none."""
        if not _FORM.fullmatch(text):
            raise ValueError(f"not an address: {text[:100]!r}")
        return cls(text)

    @classmethod
    def of(cls, label: str, key: str | int | None = None) -> Self:
        """The address of an `environment` block, or of one instance of it."""
        return cls.instance(f"environment.{label}", key)

    @classmethod
    def instance(cls, block: str, key: str | int | None = None) -> Self:
        """The address of one instance of a block, whose own address is given."""
        suffix = "" if key is None else f"[{json.dumps(key, ensure_ascii=False)}]"
        return cls(f"{block}{suffix}")

    @classmethod
    def registered(cls, name: str) -> Self:
        """The address of an environment that no file declares."""
        return cls(f"{REGISTERED}{name}")

    @property
    def is_registered(self) -> bool:
        """Whether no file declares it, and so no file can leave it out."""
        return self.startswith(REGISTERED)

    @property
    def is_data(self) -> bool:
        """Whether something is looked up there, and nothing managed."""
        return self.startswith(DATA)

    @property
    def block(self) -> str:
        """The address of the block, whichever of its instances is meant."""
        return self.partition("[")[0]

    @property
    def kind(self) -> str:
        """The type of the block; what no file declares is an environment."""
        return "base_image" if self.startswith("base_image.") else "environment"

    @property
    def label(self) -> str:
        """The block's label."""
        return self.partition("[")[0].rpartition(".")[2]

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(cls.parse, core_schema.str_schema())
