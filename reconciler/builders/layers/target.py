"""Where packages go: one fixed folder, so that a layer is a function of its wheel and of Python's X.Y alone."""

from __future__ import annotations

from packaging.utils import canonicalize_name

from reconciler.model.frozen import dataclass

RECIPE_VERSION = "2"  # moves with every change of what a layer holds
PREFIX = "/opt/env"


@dataclass(frozen=True, slots=True)
class Target:
    """A virtual environment in an image, for one Python X.Y; no path ends with a slash."""

    python: str
    prefix: str = PREFIX

    @property
    def interpreter(self) -> str:
        """What scripts are run by."""
        return f"{self.prefix}/bin/python"

    @property
    def packages(self) -> str:
        """The folder of packages; in a virtual environment there is one for both kinds."""
        return f"{self.prefix}/lib/python{self.python}/site-packages"

    def scheme(self, name: str) -> dict[str, str]:
        """By kind of files, where those of a package of this name go."""
        return {
            "purelib": self.packages,
            "platlib": self.packages,
            "headers": f"{self.prefix}/include/site/python{self.python}/{canonicalize_name(name)}",
            "scripts": f"{self.prefix}/bin",
            "data": self.prefix,
        }
