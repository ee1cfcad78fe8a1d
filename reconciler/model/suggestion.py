"""Did you mean: the nearest of the words that would have been right."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that the user most likely meant, or None when none is near."""
    by_folded = {candidate.casefold(): candidate for candidate in candidates}
    found = get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.6) or _begun(word.casefold(), by_folded)
    return by_folded[found[0]] if found else None


def misspelt(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that was meant without any doubt, so that one may go on as if it stood there."""
    found = get_close_matches(word, list(candidates), n=1, cutoff=0.85)
    return found[0] if found else None


def _begun(word: str, candidates: Iterable[str]) -> list[str]:
    """The one candidate that begins with the word; abbreviations are too short to be near."""
    found = [candidate for candidate in candidates if candidate.startswith(word)] if len(word) > 2 else []
    return found if len(found) == 1 else []


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """A hint for a diagnostic; empty when nothing is near."""
    found = nearest(word, candidates)
    return f"did you mean `{found}`?" if found else ""
