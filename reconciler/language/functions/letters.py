"""Upper, lower and title case, letter by letter: no letter becomes two, and none looks at its neighbours."""

from __future__ import annotations

from reconciler.language.spaces import SPACES

_DOTTED = "\u0130"


def upper_case(text: str) -> str:
    """All letters in upper case."""
    return text.upper() if text.isascii() else "".join(map(_upper, text))


def lower_case(text: str) -> str:
    """All letters in lower case."""
    return text.lower() if text.isascii() else "".join(map(_lower, text))


def title_case(text: str) -> str:
    """The first letter of each word in title case; the others as they are."""
    result, begins = [], True
    for character in text:
        result.append(_title(character) if begins else character)
        begins = _separates(character)
    return "".join(result)


def _upper(character: str) -> str:
    upper = character.upper()
    return upper if len(upper) == 1 else _title(character)


def _lower(character: str) -> str:
    return "i" if character == _DOTTED else character.lower()


def _title(character: str) -> str:
    title = character.title()
    return title if len(title) == 1 else character


def _separates(character: str) -> bool:
    if character.isascii():
        return not (character.isalnum() or character == "_")
    return character in SPACES
