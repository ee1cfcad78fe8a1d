"""The Python and platform that wheels are chosen for. This machine's own never matter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from reconciler.model.diagnostic import ResolutionError
from reconciler.model.frozen import dataclass
from reconciler.model.pattern import lazy_pattern
from reconciler.model.suggestion import did_you_mean

_PYTHON = lazy_pattern(r"3\.(\d{1,2})(\.\d{1,2})?")
# The newest glibc that wheels may want; every distribution with security support has it.
_GLIBC = 28
_LEGACY = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}


@dataclass(frozen=True, slots=True)
class _Machine:
    architecture: str
    oldest_glibc: int


_MACHINES = {"linux/amd64": _Machine("x86_64", 5), "linux/arm64": _Machine("aarch64", 17)}


@dataclass(frozen=True, slots=True)
class Target:
    """`python` is X.Y or X.Y.Z, as it is known; `platform` is uv's word for the platform."""

    python: str
    platform: str
    architecture: str
    oldest_glibc: int

    @classmethod
    def of(cls, python: str, platform: str) -> Target:
        """ResolutionError where wheels cannot be chosen for such a Python or platform."""
        if not _PYTHON.fullmatch(python):
            raise ResolutionError(
                "Python version cannot be resolved for",
                f"Packages are to be chosen for Python `{python[:40]}`, and that is no version such as 3.11 or 3.11.4.",
            )
        machine = _MACHINES.get(platform)
        if machine is None:
            known = " and ".join(f"`{one}`" for one in _MACHINES)
            raise ResolutionError(
                "Platform cannot be resolved for",
                f"Packages are to be chosen for `{platform[:60]}`. envform chooses wheels for {known}. Set `platform` "
                "to one of them, or install the packages in steps of Docker.",
                hint=did_you_mean(platform, _MACHINES),
            )
        return cls(python, f"{machine.architecture}-manylinux_2_{_GLIBC}", machine.architecture, machine.oldest_glibc)

    @property
    def minor(self) -> str:
        """X.Y: all that the paths in an image depend on."""
        return ".".join(self.python.split(".")[:2])

    @property
    def ranks(self) -> Mapping[str, int]:
        """How good each tag of a wheel is: the lower, the better; what is not there does not run."""
        return _ranks(self.minor, self.architecture, self.oldest_glibc)


@lru_cache(maxsize=32)
def _ranks(minor: str, architecture: str, oldest: int) -> Mapping[str, int]:
    from packaging.tags import compatible_tags, cpython_tags

    number = int(minor.partition(".")[2])
    platforms = list(_platforms(architecture, oldest))
    found: dict[str, int] = {}
    for tag in cpython_tags((3, number), platforms=platforms):
        found.setdefault(str(tag), len(found))
    for tag in compatible_tags((3, number), f"cp3{number}", platforms):
        found.setdefault(str(tag), len(found))
    return found


def _platforms(architecture: str, oldest: int) -> Iterator[str]:
    for glibc in range(_GLIBC, oldest - 1, -1):
        yield f"manylinux_2_{glibc}_{architecture}"
        if glibc in _LEGACY:
            yield f"{_LEGACY[glibc]}_{architecture}"
    yield f"linux_{architecture}"
