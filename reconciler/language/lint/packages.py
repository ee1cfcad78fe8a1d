"""Rules about what is installed: packages have versions, and come from somewhere."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.language.lint.facts import Broken, CondaFacts, Facts

_OF_THEIR_OWN = ("python", "pip")  # rules of their own look at these


def check_packages(facts: Facts) -> Iterator[Broken]:
    """`dep-unpinned`, and all about conda's part."""
    for package in facts.packages:
        if not package.versioned and package.name not in _OF_THEIR_OWN:
            detail = (
                f"`{package.stated.text[:80]}` has no version, so it is the newest on the day of the first build and "
                "nobody can tell from the definition which one that was."
            )
            yield Broken("dep-unpinned", package.stated.where, detail, "write the version that is meant")
    if facts.conda is not None:
        yield from _check_conda(facts.conda)


def _check_conda(conda: CondaFacts) -> Iterator[Broken]:
    if not conda.has_channels:
        detail = "No channels are listed, so packages come from whatever is the default where the image is built."
        yield Broken("conda-no-channels", conda.where, detail, "add them, such as `channels: [conda-forge]`")
    if conda.has_pip_list and not conda.pips:
        detail = "There is a list for pip, and `pip` is not among the packages, so conda adds whichever it finds."
        yield Broken("pip-missing", conda.where, detail, "add `pip` with a version to the dependencies")
    for pip in conda.pips:
        if not pip.versioned:
            detail = "`pip` has no version. Other versions of pip may choose other packages."
            yield Broken("pip-unpinned", pip.stated.where, detail, "write a version, such as `pip=24.3`")
