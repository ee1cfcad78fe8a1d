"""The layers of one lock's wheels: what they hold is known first, then who shares a layer, then the layers are made."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.builders.layers.collisions import Overlaps, ordered
from reconciler.builders.layers.contents import Contents
from reconciler.builders.layers.grouping import Groups
from reconciler.builders.layers.making import LayerMaker, Wanted
from reconciler.builders.layers.packages import Package, Packages
from reconciler.builders.layers.working import Progress, each
from reconciler.model.frozen import dataclass
from reconciler.oci.config import Addition


@dataclass(frozen=True, slots=True)
class WheelLayers:
    """The packages by name, in the order of their installation, and the groups that they fall into."""

    maker: LayerMaker
    wheels: Packages
    packages: Mapping[str, Package]
    groups: Groups
    progress: Progress

    def contents(self) -> dict[str, Contents]:
        """What all wheels hold; a wheel that is new here and has a layer of its own is made into it by the way."""
        known = self.wheels.contents(self.packages.values())
        solos = {name: self.wheels.solo(self.packages[name]) for name in self.groups.solos}
        made = self.maker.known(wanted.key for wanted in solos.values())
        new = {name: wanted for name, wanted in solos.items() if wanted.key not in made}

        def settle(name: str) -> Contents:
            package = self.packages[name]
            if name in new:
                self.maker.layer(new[name])
                return self.wheels.contents([package]).get(package.key) or self.wheels.learn(package)
            return self.wheels.learn(package)

        lacking = [name for name, package in self.packages.items() if name in new or package.key not in known]
        found = dict(zip(lacking, each(settle, lacking, self.progress), strict=True))
        return {name: found.get(name) or known[package.key] for name, package in self.packages.items()}

    def layers(self, shared: Overlaps) -> list[Addition]:
        """All layers, bottom first; shared ones lie on top, without the files that others are to have."""
        several = [
            self.wheels.shared([self.packages[it] for it in names], shared.ceded) for names in self.groups.shared
        ]
        solos = [self.wheels.solo(self.packages[name]) for name in ordered(self.groups.solos, shared.collisions)]
        known = self.maker.known(wanted.key for wanted in (*solos, *several))
        members = [
            self.packages[name]
            for names, wanted in zip(self.groups.shared, several, strict=True)
            if wanted.key not in known
            for name in names
        ]
        each(self.wheels.bring, members, self.progress)

        def layer(wanted: Wanted) -> Addition:
            found = known.get(wanted.key)
            return self.maker.of_known(wanted, found) if found else self.maker.layer(wanted)

        return each(layer, (*solos, *several), self.progress)
