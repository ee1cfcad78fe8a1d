"""What is told of packages that install well and may not work well."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from reconciler.builders.layers.collisions import Collision
from reconciler.builders.layers.contents import Contents
from reconciler.builders.layers.system_libraries import MissingLibrary, missing_libraries
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.event import Told
from reconciler.protocols import EventSink

_MOST_SHOWN = 5
_MOST_PATCHES = 40


def warn(
    emit: EventSink,
    collisions: Sequence[Collision],
    contents: Mapping[str, Contents],
    libraries: Collection[str],
    base: str,
) -> None:
    """Tell of collisions and of missing libraries, each kind once for an image."""
    if collisions:
        emit(Told(_collisions(collisions)))
    if missing := list(missing_libraries(contents, libraries)):
        emit(Told(_libraries(missing, base)))


def warn_of_pythons(emit: EventSink, contents: Mapping[str, Contents], python: str) -> None:
    """Tell of packages that say they are for other Pythons than this X.Y."""
    others = {name: one.pythons for name, one in sorted(contents.items()) if not _takes(one.pythons, python)}
    if not others:
        return
    told = ", ".join(f"`{name}` (`{said}`)" for name, said in others.items())
    detail = (
        f"By their own word these are not for Python {python}, which the image has: {told}. uv takes no notice of "
        "upper bounds when it chooses versions; pip would have refused these. Where they do not work, choose others."
    )
    emit(Told(Diagnostic.warning("Packages are for other versions of Python", detail)))


def _takes(said: str, python: str) -> bool:
    """Whether there can be an X.Y.Z that is allowed; what nobody can read allows all."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        allowed = SpecifierSet(said)
    except InvalidSpecifier:
        return True
    return any(allowed.contains(f"{python}.{patch}") for patch in range(_MOST_PATCHES))


def _collisions(collisions: Sequence[Collision]) -> Diagnostic:
    by_names: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for collision in collisions:
        by_names[collision.names].append(collision.path)
    told = []
    for names, paths in sorted(by_names.items()):
        shown = ", ".join(f"`/{path}`" for path in paths[:_MOST_SHOWN])
        more = f" and {len(paths) - _MOST_SHOWN} more" if len(paths) > _MOST_SHOWN else ""
        told.append(f"{_listed(names)} each bring {shown}{more}, and they differ; that of `{names[-1]}` is used.")
    return Diagnostic.warning(
        "Packages bring the same files",
        " ".join(told) + " Installers end up with the same files, for the package that is installed last wins.",
    )


def _libraries(missing: Sequence[MissingLibrary], base: str) -> Diagnostic:
    by_library: defaultdict[str, list[MissingLibrary]] = defaultdict(list)
    for it in missing:
        by_library[it.library].append(it)
    told = []
    for library, found in sorted(by_library.items()):
        package = f" (Debian package `{found[0].debian}`)" if found[0].debian else ""
        names = _listed(sorted({it.package for it in found}))
        told.append(f"`{library}`{package}, which {names} need{'s' * (len(found) == 1)} for `{found[0].file}`")
    debian = sorted({it.debian for it in missing if it.debian})
    hint = f"add to the base image: {' '.join(debian)}" if debian else ""
    return Diagnostic.warning(
        "Packages need libraries that are not in the image",
        f"Neither the base image `{base}` nor a package has {'; '.join(told)}. Importing what needs them may fail.",
        hint=hint,
    )


def _listed(names: Sequence[str]) -> str:
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
