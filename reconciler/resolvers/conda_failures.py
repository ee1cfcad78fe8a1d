"""What rattler says when it cannot choose, in our shape: which kind of problem, and rattler's own words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from reconciler.model.definition import Conda
from reconciler.model.diagnostic import ResolutionError
from reconciler.model.pattern import lazy_pattern
from reconciler.model.suggestion import did_you_mean
from reconciler.resolvers.conda_channels import Channels
from reconciler.resolvers.conda_target import Target

_AT_MOST = 4000
_REFUSED = lazy_pattern(r"\b(401|403)\b")
_GONE = lazy_pattern(r"\b404\b|could not find subdir|No such file")
_VIRTUAL = lazy_pattern(r"(__[a-z]+) ([^,\n]*), for which no candidates were found")
_ABSENT = lazy_pattern(r"No candidates were found for ([^\s*]+)")

_RENAMED = {"torch": "pytorch", "opencv-python": "opencv", "tables": "pytables", "psycopg2-binary": "psycopg2"}


def not_installed() -> ResolutionError:
    """The extra is not there."""
    return ResolutionError(
        "Conda support is not installed",
        "conda's packages are chosen and unpacked by the library `py-rattler`, which is not installed with envform "
        "unless it is asked for. Install it: `pip install 'envform[conda]'`.",
    )


def unreadable(told: str, channels: Channels, asked: str = "") -> ResolutionError:
    """Words for a package or a channel that rattler does not know."""
    words = channels.shown(told).splitlines()[0].rstrip(".")
    what = f"`{channels.shown(asked)}`" if asked else "What the definition asks for"
    error = ResolutionError("Invalid conda package or channel", f"{what} cannot be read: {words}.")
    error.causes = (asked,) if asked else ()
    return error


def failure(
    told: str, conda: Conda, channels: Channels, target: Target, names: Callable[[], Iterable[str]]
) -> ResolutionError:
    """The error for what rattler told; `names` are those of all packages that there are."""
    words = channels.shown(told.strip())[:_AT_MOST].removeprefix("Cannot solve the request because of: ")
    quoted = "".join(f"\n    {line}".rstrip() for line in words.splitlines())
    if "Cannot solve" in told or "timeout" in told.lower():
        return _unsolved(quoted, told, conda, target, names)
    if _REFUSED.search(told):
        return ResolutionError(
            "Conda channel refused access",
            "A channel wants credentials, or refuses those that it got. They are taken from netrc and from where "
            f"rattler keeps them on this machine, and never belong into a definition.\n{quoted}",
        )
    if "failed to parse" in told or "failed to decode" in told:
        return ResolutionError(
            "Conda channel cannot be read",
            "What a channel gives as its table of packages is none: it is damaged, or something else answers at that "
            f"address, such as a page to log in at. Index the channel anew, or look at its address.\n{quoted}",
        )
    if _GONE.search(told):
        listed = ", ".join(f"`{name}`" for name in channels.named)
        return ResolutionError(
            "Conda channel not found",
            f"A channel is a name, an address, or a folder of the project that has been indexed. Of {listed} one is "
            f"not there:\n{quoted}",
        )
    return ResolutionError(
        "Conda channel is out of reach",
        f"A channel did not answer, so nobody can tell what it has:\n{quoted}",
        temporary=True,
    )


def _unsolved(
    quoted: str, told: str, conda: Conda, target: Target, names: Callable[[], Iterable[str]]
) -> ResolutionError:
    why, hint = "", ""
    if virtual := _VIRTUAL.search(told):
        has = target.virtual_packages.get(virtual[1])
        offered = f"`{virtual[1]} {has[0]}`" if has else f"no `{virtual[1]}`"
        why = f" Names that begin with `__` stand for what the image offers: this one has {offered}."
    elif absent := _ABSENT.search(told):
        why = " A package is taken from the first channel that has any version of it."
        hint = _near(absent[1], conda, names)
    error = ResolutionError(
        "Conda packages cannot be chosen together",
        f"The channels cannot give what the definition asks for:\n{quoted}\n\nChange the packages, or the "
        f"channels.{why}",
        hint=hint,
    )
    error.causes = tuple(text for text in conda.dependencies if re.split(r"[\s=<>!~\[]", text)[0] in told)
    return error


def _near(name: str, conda: Conda, names: Callable[[], Iterable[str]]) -> str:
    if name in _RENAMED:
        return f"conda calls it `{_RENAMED[name]}`"
    there = set(names())
    if name in there:
        return ""
    if hint := did_you_mean(name, there):
        return hint
    known = conda.channels and not any("/" in it or it == "conda-forge" for it in conda.channels)
    return "add the channel `conda-forge`" if known else ""
