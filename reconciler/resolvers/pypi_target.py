"""The Python and platform that wheels are chosen for: those of an image, or on request this machine's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from platform import machine

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
    """`python` is X.Y or X.Y.Z, as it is known; `platforms` are the tags of wheels that run, the best first.

    `platform` is uv's word for the platform, and empty where it is this machine.
    """

    python: str
    platform: str
    architecture: str
    platforms: tuple[str, ...]

    @classmethod
    def of(cls, python: str, platform: str) -> Target:
        """ResolutionError where wheels cannot be chosen for such a Python or platform."""
        _check(python)
        found = _MACHINES.get(platform)
        if found is None:
            known = " and ".join(f"`{one}`" for one in _MACHINES)
            raise ResolutionError(
                "Platform cannot be resolved for",
                f"Packages are to be chosen for `{platform[:60]}`. envform chooses wheels for {known}. Set `platform` "
                "to one of them, or install the packages in steps of Docker.",
                hint=did_you_mean(platform, _MACHINES),
            )
        architecture = found.architecture
        platforms = tuple(_platforms(architecture, found.oldest_glibc))
        return cls(python, f"{architecture}-manylinux_2_{_GLIBC}", architecture, platforms)

    @classmethod
    def here(cls, python: str) -> Target:
        """For this machine: its processor, its C library in its version. ResolutionError for no such Python."""
        from packaging.tags import platform_tags

        _check(python)
        return cls(python, "", machine(), tuple(platform_tags()))

    @property
    def shown(self) -> str:
        """The platform, for messages."""
        return self.platform or f"this machine ({self.platforms[0] if self.platforms else self.architecture})"

    @property
    def minor(self) -> str:
        """X.Y: all that the paths in an image depend on."""
        return ".".join(self.python.split(".")[:2])

    @property
    def ranks(self) -> Mapping[str, int]:
        """How good each tag of a wheel is: the lower, the better; what is not there does not run."""
        return _ranks(self.minor, self.platforms)


def _check(python: str) -> None:
    if not _PYTHON.fullmatch(python):
        raise ResolutionError(
            "Python version cannot be resolved for",
            f"Packages are to be chosen for Python `{python[:40]}`, and that is no version such as 3.11 or 3.11.4.",
        )


@lru_cache(maxsize=32)
def _ranks(minor: str, platforms: tuple[str, ...]) -> Mapping[str, int]:
    from packaging.tags import compatible_tags, cpython_tags

    number = int(minor.partition(".")[2])
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
