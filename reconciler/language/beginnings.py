"""What can be said of a text of which only the beginning is known yet."""

from __future__ import annotations

from reconciler.language.functions.graphemes import graphemes
from reconciler.language.types import STRING
from reconciler.language.value import Unknown

# No mark that follows one of these makes another character of it.
_ALONE = frozenset(" !\"#$%&'()*+,-./:;?@[\\]^_{|}~\t")


def begun(text: str) -> Unknown:
    """An unknown text that is not null and begins so: what follows may still change the last letter."""
    settled = text if text[-1:] in _ALONE else "".join(graphemes(text)[:-1])
    return Unknown(STRING, certain=True, begins=settled)
