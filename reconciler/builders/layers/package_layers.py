"""The layers of one lock's packages: what they hold is known first, then who shares one, then they are made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Generic, Protocol, TypeVar

from reconciler.builders.layers.collisions import Overlaps, ordered
from reconciler.builders.layers.contents import Contents
from reconciler.builders.layers.grouping import Groups
from reconciler.builders.layers.gzip_members import Written
from reconciler.builders.layers.hearsay import Hearsay
from reconciler.builders.layers.making import LayerMaker, Wanted
from reconciler.builders.layers.working import BUSY, Progress, each
from reconciler.model.definition import Artefact
from reconciler.model.frozen import dataclass
from reconciler.oci.config import Addition


class Keyed(Protocol):
    """A package, be it a wheel or of another kind; its key is what its layer depends on."""

    @property
    def key(self) -> str:
        """Equal for equal layers."""

    @property
    def artefact(self) -> Artefact:
        """What the lock says of it."""


PackageT = TypeVar("PackageT", bound=Keyed)
_Read_contra = TypeVar("_Read_contra", bound=Keyed, contravariant=True)


class Reader(Protocol[_Read_contra]):
    """What reads packages of one kind."""

    def contents(self, packages: Iterable[_Read_contra]) -> dict[str, Contents]:
        """What is known of some packages, by their keys."""

    def learn(self, package: _Read_contra) -> Contents:
        """What a package puts into an image, read from the package itself."""

    def solo(self, package: _Read_contra) -> Wanted:
        """A layer for one package alone."""

    def shared(self, packages: Sequence[_Read_contra], left_out: Mapping[str, Iterable[str]]) -> Wanted:
        """A layer for several packages, without the paths that others are to have, by name of a package."""

    def bring(self, package: _Read_contra) -> None:
        """Have the package's file here."""


@dataclass(frozen=True, slots=True)
class PackageLayers(Generic[PackageT]):
    """The packages by name, in the order of their installation, and the groups that they fall into."""

    maker: LayerMaker
    reader: Reader[PackageT]
    packages: Mapping[str, PackageT]
    groups: Groups
    progress: Progress
    hearsay: Hearsay | None = None

    def contents(self) -> dict[str, Contents]:
        """What all packages hold; one that is new here and has a layer of its own is made into it by the way."""
        solos = {name: self.reader.solo(self.packages[name]) for name in self.groups.solos}
        known, made = self._known(solos)
        new = {name: wanted for name, wanted in solos.items() if wanted.key not in made}

        def settle(name: str) -> Contents:
            package = self.packages[name]
            self.reader.bring(package)
            with BUSY:
                if name in new:
                    self._made_now(new[name])
                    return self.reader.contents([package]).get(package.key) or self.reader.learn(package)
                return self.reader.learn(package)

        lacking = [name for name, package in self.packages.items() if name in new or package.key not in known]
        found = dict(zip(lacking, each(settle, lacking, self.progress), strict=True))
        return {name: found.get(name) or known[package.key] for name, package in self.packages.items()}

    def _known(self, solos: Mapping[str, Wanted]) -> tuple[dict[str, Contents], dict[str, Written]]:
        """Contents, and layers of their own, of packages that were met before: here, or by others."""
        known = self.reader.contents(self.packages.values())
        made = self.maker.known(wanted.key for wanted in solos.values())
        if self.hearsay:
            met = {name for name, wanted in solos.items() if wanted.key in made} | (self.packages.keys() - solos.keys())
            new = [one.key for name, one in self.packages.items() if one.key not in known or name not in met]
            if new and self.hearsay.learn(new):
                known = self.reader.contents(self.packages.values())
                told = [name for name, one in self.packages.items() if one.key in new and one.key in known]
                self.progress.note(f"known to the registry: {' '.join(sorted(told))}")
                return known, self.maker.known(wanted.key for wanted in solos.values())
        return known, made

    def layers(self, shared: Overlaps) -> list[Addition]:
        """All layers, bottom first; shared ones lie on top, without the files that others are to have."""
        several = [
            self.reader.shared([self.packages[it] for it in names], shared.ceded) for names in self.groups.shared
        ]
        solos = [self.reader.solo(self.packages[name]) for name in ordered(self.groups.solos, shared.collisions)]
        known = self._made(solos, several)
        members = [
            self.packages[name]
            for names, wanted in zip(self.groups.shared, several, strict=True)
            if wanted.key not in known
            for name in names
        ]
        each(self.reader.bring, members, self.progress)

        def layer(wanted: Wanted) -> Addition:
            found = known.get(wanted.key)
            return self.maker.of_known(wanted, found) if found else self._made_now(wanted)

        layers = each(layer, (*solos, *several), self.progress)
        if self.hearsay:
            packages = {package.key: package.artefact for package in self.packages.values()}
            self.hearsay.tell(packages, map(_plain, several))
        return layers

    def _made_now(self, wanted: Wanted) -> Addition:
        layer = self.maker.layer(wanted)
        self.progress.made(layer.blob)
        return layer

    def _made(self, solos: Sequence[Wanted], several: Sequence[Wanted]) -> dict[str, Written]:
        known = self.maker.known(wanted.key for wanted in (*solos, *several))
        new = [_plain(wanted) for wanted in several if wanted.key not in known]
        if self.hearsay and new and self.hearsay.learn(new):
            return self.maker.known(wanted.key for wanted in (*solos, *several))
        return known


def _plain(wanted: Wanted) -> str:
    return wanted.key.removeprefix("layer ")
