"""Did you mean: the nearest of the words that would have been right."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that the user most likely meant, or None when none is near."""
    from difflib import get_close_matches

    by_folded = {candidate.casefold(): candidate for candidate in candidates}
    found = get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.6) or _begun(word.casefold(), by_folded)
    return by_folded[found[0]] if found else None


def misspelt(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that was meant without any doubt, so that one may go on as if it stood there."""
    from difflib import get_close_matches

    words = list(candidates)
    found = get_close_matches(word, words, n=1, cutoff=0.85) or [other for other in words if _slipped(word, other)]
    return found[0] if len(found) == 1 else None


def _slipped(word: str, other: str) -> bool:
    """Whether one letter of a word that is not too short is another one, or has changed places with its neighbour."""
    wrong = [at for at, (one, two) in enumerate(zip(word, other, strict=False)) if one != two]
    if len(word) != len(other) or len(word) < 4 or not wrong:
        return False
    first, last = wrong[0], wrong[-1]
    swapped = word[first : last + 1] == other[first : last + 1][::-1] and last == first + 1
    return len(wrong) == 1 or swapped


def _begun(word: str, candidates: Iterable[str]) -> list[str]:
    """The one candidate that begins with the word; abbreviations are too short to be near."""
    found = [candidate for candidate in candidates if candidate.startswith(word)] if len(word) > 2 else []
    return found if len(found) == 1 else []


def nearest_address(text: str, addresses: Iterable[str]) -> str | None:
    """The same for addresses: `environment.`, with which all of them begin, brings none nearer, and may be left out."""
    by_kind: dict[str, dict[str, str]] = {"": {}}
    for address in addresses:
        kind, label = _cut(address)
        by_kind.setdefault(kind, {})[label] = address
        by_kind[""].setdefault(label, address)
    kind, label = _cut(text)
    labels = by_kind.get(nearest(kind, by_kind) or "" if kind else "", {})
    found = nearest(label, labels)
    return labels[found] if found else None


def _cut(address: str) -> tuple[str, str]:
    """An address before and after the dot behind which its label begins; a key in brackets may hold dots, too."""
    begins = address.partition("[")[0].rfind(".") + 1
    return address[:begins], address[begins:]


def did_you_mean_address(text: str, addresses: Iterable[str]) -> str:
    """A hint for a diagnostic about an address; empty when nothing is near."""
    found = nearest_address(text, addresses)
    return f"did you mean `{found}`?" if found else ""


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """A hint for a diagnostic; empty when nothing is near."""
    found = nearest(word, candidates)
    return f"did you mean `{found}`?" if found else ""
