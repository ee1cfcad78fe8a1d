"""Packages from an index in memory: for tests, and for programs that know all their artefacts themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from reconciler.model.definition import Artefact, Definition, Lock
from reconciler.model.diagnostic import ResolutionError
from reconciler.model.frozen import dataclass
from reconciler.model.suggestion import did_you_mean

if TYPE_CHECKING:
    from packaging.requirements import Requirement
    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class _Unmet:
    why: str
    hint: str = ""


class MemoryResolver:
    """Takes the newest version that fits; its packages need no others."""

    def __init__(self, index: Mapping[str, Sequence[Artefact]]) -> None:
        from packaging.utils import canonicalize_name
        from packaging.version import Version

        self._index: dict[str, dict[Version, Artefact]] = {
            canonicalize_name(name): {Version(artefact.version): artefact for artefact in artefacts}
            for name, artefacts in index.items()
        }

    def resolve(self, definition: Definition, python: str, prefer: Lock | None) -> Lock:
        """One artefact for each package, in the order of their names, however they were asked for."""
        from packaging.utils import canonicalize_name

        held = {str(canonicalize_name(it.name)): it for it in prefer.artefacts} if prefer else {}
        wanted = _by_name(definition.packages)
        found = {name: self._choose(name, specifier, held.get(name)) for name, specifier in sorted(wanted.items())}
        if unmet := [it for it in found.values() if isinstance(it, _Unmet)]:
            raise _unmet(unmet)
        artefacts = tuple(it for it in found.values() if isinstance(it, Artefact))
        return Lock(definition.base, definition.platform, artefacts, python if artefacts else "")

    def _choose(self, name: str, specifier: SpecifierSet, held: Artefact | None) -> Artefact | _Unmet:
        if held and specifier.contains(held.version, prereleases=True):
            return held
        known = self._index.get(name)
        if not known:
            return _Unmet(f"{name}: there is no such package", did_you_mean(name, self._index))
        if fitting := list(specifier.filter(known)):
            return known[max(fitting)]
        newest = sorted(known, reverse=True)
        shown = ", ".join(map(str, newest[:_SHOWN])) + (", …" if len(newest) > _SHOWN else "")
        return _Unmet(f"{name}{specifier}: no version fits; there are {shown}")


def _by_name(texts: Iterable[str]) -> dict[str, SpecifierSet]:
    """What is asked of each package, all together."""
    from packaging.specifiers import SpecifierSet
    from packaging.utils import canonicalize_name

    wanted: dict[str, SpecifierSet] = {}
    for text in texts:
        requirement = _parsed(text)
        name = canonicalize_name(requirement.name)
        wanted[name] = wanted.get(name, SpecifierSet()) & requirement.specifier
    return wanted


def _parsed(text: str) -> Requirement:
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        requirement = Requirement(text)
    except InvalidRequirement as cause:
        raise ResolutionError(
            "Invalid requirement",
            f"`{text}` is not a requirement that Python packaging knows. Write a package name and, where it matters, "
            "its versions, such as `numpy>=2,<3`.",
        ) from cause
    if requirement.url or requirement.extras or requirement.marker:
        raise ResolutionError(
            "Requirement is out of reach",
            f"`{text}` has a URL, an extra or a marker, and an index in memory knows nothing of them. Name the "
            "package and its versions only.",
        )
    return requirement


def _unmet(unmet: Sequence[_Unmet]) -> ResolutionError:
    lines = "".join(f"\n    {it.why}" for it in unmet)
    hint = next((it.hint for it in unmet if it.hint), "")
    return ResolutionError(
        "Requirements cannot be met",
        f"The index cannot give what the definition asks for:\n{lines}\n\nChange the requirements, or the index.",
        hint=hint,
    )
