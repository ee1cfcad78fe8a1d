"""Channels by their addresses: names as conda expands them, folders of the project, and what may be recorded."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from reconciler.model.definition import Conda
from reconciler.model.frozen import dataclass
from reconciler.resolvers.pypi_addresses import is_address, public, redacted

_HOST = "https://conda.anaconda.org"
_MAIN = "https://repo.anaconda.com/pkgs"
# What conda means by it on Linux.
_DEFAULTS = (f"{_MAIN}/main", f"{_MAIN}/r")
_NO_MORE = "nodefaults"  # no channel: that `defaults` is not to be added, which is done nowhere here
_PACKAGE = re.compile(r"\S+\.(?:conda|tar\.bz2)(?:#[0-9a-f]+)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Channels:
    """`named` has the addresses of each channel as the definition spells it, in its order."""

    named: Mapping[str, tuple[str, ...]]
    root: Path

    @classmethod
    def of(cls, conda: Conda, root: Path) -> Channels:
        """The channels that are listed, and those that a package is wanted from; without any, conda's own."""
        folder = root.absolute()
        named = [*(conda.channels or ("defaults",)), *_of_packages(conda.dependencies)]
        return cls({name: tuple(_addresses(name, folder)) for name in named if name != _NO_MORE}, folder)

    @property
    def addresses(self) -> Sequence[str]:
        """All of them, each once; the first has precedence."""
        return list(dict.fromkeys(address for found in self.named.values() for address in found))

    def spelled(self, text: str) -> str:
        """A package as rattler reads it, with the whole address of the channel or file that it is wanted from."""
        if self.is_file(text):
            return text if is_address(text) else _file_url(self.root / text)
        channel, separator, rest = text.partition("::")
        return f"{self.named[channel][0]}::{rest}" if separator else text

    def is_file(self, text: str) -> bool:
        """Whether a file is wanted, and not a package from whichever channel has it."""
        return _PACKAGE.fullmatch(text) is not None

    def recorded(self, url: str) -> str:
        """Where a package lies, as it may be written down: relative to the project's root for its own files."""
        path = local_path(url)
        if path is None:
            return re.sub(r"(://[^/]+)/t/[^/]+/", r"\1/", public(url))
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else url

    def shown(self, text: str) -> str:
        """A text with the channels as the definition spells them, and without credentials."""
        for name, addresses in self.named.items():
            for address in addresses if len(addresses) == 1 else ():
                text = re.sub(rf"{re.escape(address)}/?(?=['`\s\"]|$)", lambda _, name=name: name, text)  # type: ignore[misc]
        return redacted(text)


def local_path(url: str) -> Path | None:
    """Where a file of this machine lies; None for what lies elsewhere."""
    parts = urlsplit(url)
    return Path(unquote(parts.path)) if parts.scheme == "file" else None


def _of_packages(dependencies: Sequence[str]) -> Iterator[str]:
    for text in dependencies:
        channel, separator, _ = text.partition("::")
        if separator and not _PACKAGE.fullmatch(text):
            yield channel


def _addresses(channel: str, root: Path) -> Iterator[str]:
    if is_address(channel):
        yield channel
    elif channel.startswith((".", "/")):
        yield _file_url(root / channel)
    elif channel == "defaults":
        yield from _DEFAULTS
    elif channel.startswith("pkgs/"):
        yield f"{_MAIN}/{channel.removeprefix('pkgs/')}"
    else:
        yield f"{_HOST}/{channel}"


def _file_url(path: Path) -> str:
    return f"file://{quote(os.path.normpath(path))}"
