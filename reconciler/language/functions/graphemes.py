"""Cuts text into what readers see as one character each: extended grapheme clusters of Unicode 15."""

from __future__ import annotations

from functools import cache
from typing import Any

# Unicode 15.1 joins Indic conjuncts too (GB9c), Terraform does not: hence our own pattern and not `\X`.
_PATTERN = r"""
    \r\n
  | [\p{GCB=Control}\r\n]
  | \p{GCB=Prepend}*
    (?: \p{GCB=L}* (?: \p{GCB=V}+ | \p{GCB=LV} \p{GCB=V}* | \p{GCB=LVT} ) \p{GCB=T}* | \p{GCB=L}+ | \p{GCB=T}+
      | \p{GCB=RI} \p{GCB=RI}
      | \p{ExtPict} (?: \p{GCB=Extend}*+ \p{GCB=ZWJ} \p{ExtPict} )*
      | [^\p{GCB=Control}\r\n]
    )
    [\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}]*+
"""


def graphemes(text: str) -> list[str]:
    """The characters of a text as readers count them."""
    if text.isascii() and "\r\n" not in text:
        return list(text)
    found: list[str] = _compiled().findall(text)
    return found


@cache
def _compiled() -> Any:
    import regex

    return regex.compile(_PATTERN, regex.VERBOSE | regex.VERSION1)
