"""What an image, or this machine, will offer to conda's packages, which it calls virtual packages."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.model.diagnostic import ResolutionError
from reconciler.model.frozen import dataclass
from reconciler.model.pattern import lazy_pattern
from reconciler.model.suggestion import did_you_mean

# The oldest kernel that is still looked after; a container runs on whichever its machine has.
_LINUX = "5.10"
_GLIBC = "2.28"
_CUDA = lazy_pattern(r"cuda(\d+(?:\.\d+)?)")
_FOLDERS = {"linux/amd64": ("linux-64", "x86_64"), "linux/arm64": ("linux-aarch64", "aarch64")}


@dataclass(frozen=True, slots=True)
class Target:
    """`folders` are those of a channel that are searched; of each virtual package there are version and build."""

    folders: tuple[str, ...]
    virtual_packages: Mapping[str, tuple[str, str]]

    @classmethod
    def of(cls, platform: str, base: str, accelerator: str = "") -> Target:
        """For a platform over a base that offers such things as `__glibc=2.36 __archspec=1=zen2`.

        What it does not say of CUDA, the accelerator does.
        """
        found = _FOLDERS.get(platform)
        if found is None:
            known = " and ".join(f"`{one}`" for one in _FOLDERS)
            raise ResolutionError(
                "Platform cannot be resolved for",
                f"Packages are to be chosen for `{platform[:60]}`. envform chooses conda's packages for {known}. Set "
                "`platform` to one of them.",
                hint=did_you_mean(platform, _FOLDERS),
            )
        folder, machine = found
        packages = {
            "__unix": ("0", "0"),
            "__linux": (_LINUX, "0"),
            "__archspec": ("1", machine),
            "__glibc": (_GLIBC, "0"),
        }
        return cls((folder, "noarch"), packages | _accelerated(accelerator) | _offered(base))

    @classmethod
    def here(cls, platform: str, offered: str, accelerator: str = "") -> Target:
        """For this machine, which offers just that: a C library that it does not have is not taken for granted."""
        if platform not in _FOLDERS:
            known = " and ".join(f"`{one}`" for one in _FOLDERS)
            raise ResolutionError(
                "Platform cannot be resolved for",
                f'This machine is `{platform[:60]}`. With `runtime = "local"` envform installs conda\'s packages on '
                f"{known}; pip's it installs everywhere. Leave out `runtime` to have an image.",
            )
        return cls(cls.of(platform, "").folders, _accelerated(accelerator) | _offered(offered))


def _accelerated(accelerator: str) -> dict[str, tuple[str, str]]:
    match = _CUDA.fullmatch(accelerator)
    return {"__cuda": (match[1], "0")} if match else {}


def _offered(said: str) -> dict[str, tuple[str, str]]:
    packages = {}
    for text in said.split():
        name, separator, offered = text.partition("=")
        version, _, build = offered.partition("=")
        if separator:
            packages[name] = version, build or "0"
    return packages
