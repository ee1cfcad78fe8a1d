"""What differs between two versions, or between a version and what the registry holds under its names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reconciler.model.digest import Digest
from reconciler.model.frozen import dataclass
from reconciler.model.published import Published
from reconciler.model.state import Record
from reconciler.rendering.body import Body
from reconciler.rendering.catalogue import Locks, Surroundings, Version
from reconciler.rendering.contents import contents, short
from reconciler.rendering.escape import safe
from reconciler.rendering.locks import resolved, size_text
from reconciler.rendering.style import Style
from reconciler.rendering.values import Map, Value

Measured = tuple[Surroundings, Surroundings]
NOT_MEASURED: Measured = (Surroundings(), Surroundings())
_REGISTRY = "registry"
_PACKAGES = "packages"
_OF_IMAGES = {"digest", "layers", "size", "published", "record_kept", _PACKAGES}


@dataclass(frozen=True, slots=True)
class Sides:
    """Two things and how they are called; `same` is what is said where nothing differs."""

    old: str
    new: str
    before: Mapping[str, Value]
    after: Mapping[str, Value]
    same: str

    def text(self, style: Style) -> str:
        """What differs, drawn as a plan draws it; that there is nothing is said too."""
        if self.before == self.after:
            return f"No differences. {self.same}\n"
        drawn = Body(style).block(self.before, self.after, 0)
        return "\n".join([style.bold(f"# {safe(self.old)} -> {safe(self.new)}:"), "environment {", *drawn, "}"]) + "\n"

    @property
    def json(self) -> dict[str, Value]:
        """Each attribute that differs, before and after; packages one by one."""
        before, after = self.before, self.after
        names = [name for name in sorted({**before, **after}) if before.get(name) != after.get(name)]
        return {
            "from": self.old,
            "to": self.new,
            "changed": {name: {"from": before.get(name), "to": after.get(name)} for name in names if name != _PACKAGES},
            "packages": list(_moved(before.get(_PACKAGES), after.get(_PACKAGES))),
        }


def between_versions(
    old: Version, new: Version, locks: Locks, measured: Measured = NOT_MEASURED, *, whole: bool = False
) -> Sides:
    """Two versions, with digests as programs want them where they are `whole`."""
    called = [f"{registered.name}:{record.version}" for registered, record in (old, new)]
    before, after = (
        _of(one[0].name, one[1], resolved(locks.get(one[1].lock)), around, whole=whole)
        for one, around in zip((old, new), measured, strict=True)
    )
    same = f"{safe(called[0])} and {safe(called[1])} are the same image of the same definition."
    return Sides(called[0], called[1], before, after, same)


def from_registry(
    version: Version,
    locks: Locks,
    around: Surroundings,
    tags: Mapping[str, Digest],
    found: Published,
    *,
    whole: bool = False,
) -> Sides:
    """A version as it is on record, and as the registry has it.

    Where nothing there says what the image was made from, it is the image alone that is compared.
    """
    registered, record = version
    packages = resolved(locks.get(record.lock))
    before = {
        **_of(registered.name, record, packages, around, whole=whole),
        **_archived(record),
        "published": _tags(tags, whole=whole),
        "record_kept": True,
    }
    after = _found(registered.name, found, whole=whole)
    if found.record is None:
        before = {name: value for name, value in before.items() if name in _OF_IMAGES}
    if found.lock is None:
        before.pop(_PACKAGES, None)
    called = f"{registered.name}:{record.version}"
    return Sides(called, _REGISTRY, before, after, f"{safe(found.registry)} holds {safe(called)} as it is on record.")


def _found(name: str, found: Published, *, whole: bool) -> dict[str, Value]:
    values: dict[str, Value] = {"published": _tags(found.tags, whole=whole)}
    if found.record:
        values |= {**_of(name, found.record, Map(), Surroundings(), whole=whole), **_archived(found.record)}
    if found.image:
        values |= {"digest": _spelled(found.image, whole=whole), "record_kept": found.record is not None}
    if found.lock and (packages := resolved(found.lock)):
        values |= {_PACKAGES: packages}
    if found.missing:
        values |= {"missing": [_spelled(one, whole=whole) for one in found.missing]}
    return values | _size(Surroundings(found.layers, found.size), whole=whole)


def _archived(record: Record) -> dict[str, Value]:
    return {"archived": True} if record.archived else {}


def _of(name: str, record: Record, packages: Map, around: Surroundings, *, whole: bool) -> dict[str, Value]:
    """What makes a version what it is; how it is called and when it was made says nothing about that."""
    values = contents(name, record, str if whole else short)
    kept = {key: value for key, value in values.items() if key not in ("name", "version")}
    return {**kept, **({_PACKAGES: packages} if packages else {}), **_size(around, whole=whole)}


def _size(around: Surroundings, *, whole: bool) -> dict[str, Value]:
    """Of the image, where the registry told it."""
    if not around.layers:
        return {}
    return {"layers": around.layers, "size": around.size if whole else size_text(around.size)}


def _tags(tags: Mapping[str, Digest | None], *, whole: bool) -> Map:
    return Map({name: _spelled(digest, whole=whole) for name, digest in sorted(tags.items()) if digest})


def _spelled(digest: Digest, *, whole: bool) -> str:
    return digest if whole else digest.short


def _moved(before: Value, after: Value) -> Iterable[Value]:
    old = before if isinstance(before, Mapping) else {}
    new = after if isinstance(after, Mapping) else {}
    for name in sorted({**old, **new}):
        if old.get(name) != new.get(name):
            yield {"name": name, "from": old.get(name), "to": new.get(name)}
