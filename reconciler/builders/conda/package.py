"""One package of conda's for an image, and what can be wrong with it."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from reconciler.builders.layers.packing import PACKING
from reconciler.builders.layers.target import PREFIX, RECIPE_VERSION
from reconciler.model.definition import Artefact
from reconciler.model.frozen import dataclass

_SITE, _MAIN = "https://conda.anaconda.org", "https://repo.anaconda.com"
_OF_SITE = frozenset({"anaconda", "bioconda", "conda-forge", "fastai", "nvidia", "pytorch", "rapidsai"})
_NOBODYS = "https://channel.invalid"
ENDINGS = (".conda", ".tar.bz2")


class CondaError(Exception):
    """Why a package cannot be used, in a sentence."""


@dataclass(frozen=True, slots=True)
class CondaPackage:
    """`python` is X.Y where the package is for any Python, and empty where where it goes does not depend on one.

    `prefix` is the folder that it goes to, which files of its hold; images have the same one everywhere.
    """

    artefact: Artefact
    python: str
    prefix: str = PREFIX

    @classmethod
    def of(cls, artefact: Artefact, python: str, prefix: str = PREFIX) -> CondaPackage:
        """For an environment with a Python X.Y."""
        return cls(artefact, python if _parts(artefact)[-2:-1] == ["noarch"] else "", prefix)

    @property
    def key(self) -> str:
        """What its layer depends on, and nothing else."""
        return f"conda {RECIPE_VERSION} {PACKING} {self.python} {self.prefix} {self.channel} {self.artefact.digest}"

    @property
    def shown(self) -> str:
        """As conda would spell it."""
        return f"{self.artefact.name}={self.artefact.exact}"

    @property
    def file(self) -> str:
        """The name of its file."""
        return _parts(self.artefact)[-1]

    @property
    def title(self) -> str:
        """Name, version and build as one word, which is what its record is called."""
        return next((self.file.removesuffix(end) for end in ENDINGS if self.file.endswith(end)), self.file)

    @property
    def channel(self) -> str:
        """The name of its channel; a mirror has the same packages, so where that lies does not count."""
        folders = _parts(self.artefact)[:-2]
        return "/".join(folders[-2:]) if folders[-2:-1] == ["pkgs"] else "".join(folders[-1:])

    @property
    def url(self) -> str:
        """Where everybody finds such a package; that of a private channel leads nowhere, and to nobody else."""
        host = _MAIN if self.channel.startswith("pkgs/") else _SITE if self.channel in _OF_SITE else _NOBODYS
        return "/".join([host, self.channel, *_parts(self.artefact)[-2:]])


def _parts(artefact: Artefact) -> list[str]:
    return [part for part in unquote(urlsplit(artefact.url).path).split("/") if part]
