"""Regular expressions that are compiled when they are first used.

The modules that a command imports have two hundred of them, of which it uses a few; compiling all took a sixth of the
time that the shortest run takes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, AnyStr, Generic

if not TYPE_CHECKING:

    def lazy_pattern(text, flags=0):
        """The same as `re.compile`, later."""
        return _Pattern(text, flags)

else:
    lazy_pattern = re.compile


class _Pattern(Generic[AnyStr]):
    """Has what a compiled pattern has: the methods themselves, once it was asked for the first of them."""

    _METHODS = ("match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer")

    def __init__(self, text: AnyStr, flags: int) -> None:
        self._source: tuple[AnyStr, int] = text, flags

    def __getattr__(self, name: str) -> object:
        compiled = re.compile(*self._source)
        for method in self._METHODS:
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)
