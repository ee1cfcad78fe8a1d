"""A Python that is too old for what is asked for: said before uv's words, which say it last and never whose it is."""

from __future__ import annotations

from reconciler.model.definition import Definition
from reconciler.model.diagnostic import ResolutionError
from reconciler.model.pattern import lazy_pattern

_UNSATISFIED = "No solution found"
_NEEDED = lazy_pattern(r"Python ?>=3\.(\d+)")
_WHEELS_FOR = lazy_pattern(r"`cp3(\d+)`")
_ONLY_FOR = "we only found wheels for"


def for_newer_python(error: ResolutionError, told: str, definition: Definition, python: str) -> ResolutionError:
    """The error as it is, but where a newer Python is what the packages lack."""
    number = int(python.partition(".")[2])
    wanted = _numbers(told)
    newer = [it for it in wanted if it > number]
    if _UNSATISFIED not in told or not newer or len(newer) < len(wanted):
        return error
    detail = (
        f"The packages are to run on Python {python}, {_whose(definition)}, and nothing of what is asked for does: it "
        f"needs a newer one, such as Python 3.{min(newer)}. {_advice(definition)} or ask for versions that still run "
        f"on Python {python}."
    )
    (first,) = error.diagnostics
    old = ResolutionError("Python is too old for the packages", f"{detail}\n\n{first.detail}", hint=first.hint)
    old.causes = error.causes
    return old


def _numbers(told: str) -> list[int]:
    """X of the Pythons 3.X that packages ask for, or have wheels for."""
    found = _NEEDED.findall(told)
    for line in told.splitlines():
        found += _WHEELS_FOR.findall(line.partition(_ONLY_FOR)[2])
    return list(map(int, found))


def _whose(definition: Definition) -> str:
    if definition.python:
        return "as `python_version` says"
    if definition.conda:
        return "which is the one that conda brings"
    if definition.runtime == "local":
        return "which is that of this machine"
    return f"which is what the base image `{definition.image}` has"


def _advice(definition: Definition) -> str:
    if definition.runtime == "local":
        return "Say which one you want in `python_version`,"
    return "Ask conda for a newer `python`," if definition.conda else "Choose a base image that has a newer one,"
