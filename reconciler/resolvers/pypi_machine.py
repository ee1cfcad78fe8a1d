"""Where the ordinary clients of this machine take packages from: uv as it is set up, or else pip as it is.

A definition that names no index is resolved with these; what they say beyond that (versions, pre-releases, strategies)
is not taken over, for it would give each machine locks of its own.
"""

from __future__ import annotations

import configparser
import os
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from reconciler.model.diagnostic import ResolutionError
from reconciler.model.frozen import dataclass
from reconciler.resolvers.pypi_addresses import file_url, is_address, without_name

_SECTIONS = ("global", "install")


@dataclass(frozen=True, slots=True)
class Indexes:
    """Addresses may hold credentials, and `NAME=` before them as uv writes it. No default: PyPI.

    `together`: a version that the first index does not have may come from the next, as whoever set up pip is used to.
    """

    default: str = ""
    extra: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    disabled: bool = False
    trusted: tuple[str, ...] = ()
    certificates: str = ""
    proxy: str = ""
    together: bool = False

    @property
    def says_where(self) -> bool:
        """Whether any place is named at all."""
        return bool(self.default or self.extra or self.links or self.disabled)


def machine_indexes(environment: Mapping[str, str]) -> Indexes:
    """The set-up of uv where it names a place, of pip otherwise; pip's certificates, proxy and trust in any case."""
    pip, uv = _of_pip(environment), _of_uv(environment)
    if not uv.says_where:
        return pip
    trusted = (*uv.trusted, *pip.trusted)
    return Indexes(uv.default, uv.extra, uv.links, uv.disabled, trusted, pip.certificates, pip.proxy)


def _of_pip(environment: Mapping[str, str]) -> Indexes:
    said: dict[str, str] = {}
    for path in _pip_files(environment):
        said.update(_pip_file(path))
    said.update(
        {
            name.removeprefix("PIP_").lower().replace("_", "-"): value
            for name, value in environment.items()
            if name.startswith("PIP_") and value
        }
    )
    return Indexes(
        default=_place(said.get("index-url", "")),
        extra=tuple(map(_place, said.get("extra-index-url", "").split())),
        links=tuple(map(_place, said.get("find-links", "").split())),
        disabled=said.get("no-index", "").lower() in ("1", "true", "yes", "on"),
        trusted=tuple(said.get("trusted-host", "").split()),
        certificates=said.get("cert", ""),
        proxy=said.get("proxy", ""),
        together=bool(said.get("extra-index-url")),
    )


def _pip_files(environment: Mapping[str, str]) -> Iterator[Path]:
    """The files of pip from the weakest to the strongest, as `pip config debug` lists them."""
    own = environment.get("PIP_CONFIG_FILE", "")
    if own == os.devnull:
        return
    for folder in (environment.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(":"):
        yield Path(folder, "pip/pip.conf")
    yield Path("/etc/pip.conf")
    if not (own and Path(own).exists()) and (home := environment.get("HOME")):
        yield Path(home, ".pip/pip.conf")
        yield Path(environment.get("XDG_CONFIG_HOME") or Path(home, ".config"), "pip/pip.conf")
    yield Path(environment.get("VIRTUAL_ENV") or sys.prefix, "pip.conf")
    if own:
        yield Path(own)


def _pip_file(path: Path) -> Mapping[str, str]:
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(path.read_text(encoding="utf-8"), str(path))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, configparser.Error) as cause:
        raise _broken(path, cause) from cause
    return {
        name.lower().replace("_", "-").removeprefix("--"): value
        for section in _SECTIONS
        if parser.has_section(section)
        for name, value in parser.items(section)
    }


def _of_uv(environment: Mapping[str, str]) -> Indexes:
    said: dict[str, object] = {}
    for path in _uv_files(environment):
        said.update(_uv_file(path))
    listed = [it for it in _dicts(said.get("index")) if not it.get("explicit")]
    defaults = [_named(it) for it in listed if it.get("default")]
    default = environment.get("UV_DEFAULT_INDEX") or environment.get("UV_INDEX_URL") or ""
    extra = (environment.get("UV_INDEX", ""), environment.get("UV_EXTRA_INDEX_URL", ""))
    links = [one for one in environment.get("UV_FIND_LINKS", "").split(",") if one] or _texts(said.get("find-links"))
    written = [*(_named(it) for it in listed if not it.get("default")), *_texts(said.get("extra-index-url"))]
    return Indexes(
        default=_place(default or (defaults or [str(said.get("index-url") or "")])[0]),
        extra=tuple(map(_place, dict.fromkeys([*" ".join(extra).split(), *written]))),
        links=tuple(map(_place, links)),
        disabled=said.get("no-index") is True or environment.get("UV_NO_INDEX", "").lower() in ("1", "true"),
        trusted=tuple(_texts(said.get("allow-insecure-host"))),
    )


def _uv_files(environment: Mapping[str, str]) -> Iterator[Path]:
    if environment.get("UV_NO_CONFIG", "").lower() in ("1", "true"):
        return
    if own := environment.get("UV_CONFIG_FILE"):
        yield Path(own)
        return
    for folder in (environment.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(":"):
        yield Path(folder, "uv/uv.toml")
    yield Path("/etc/uv/uv.toml")
    if home := environment.get("HOME"):
        yield Path(environment.get("XDG_CONFIG_HOME") or Path(home, ".config"), "uv/uv.toml")


def _uv_file(path: Path) -> Mapping[str, object]:
    try:
        found: dict[str, object] = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as cause:
        raise _broken(path, cause) from cause
    inner = found.get("pip")
    return {**found, **inner} if isinstance(inner, dict) else found


def _dicts(value: object) -> list[dict[str, object]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _named(index: Mapping[str, object]) -> str:
    name = index.get("name")
    return f"{name}={index.get('url', '')}" if name else str(index.get("url", ""))


def _place(text: str) -> str:
    """An address as it is; a folder as one."""
    return file_url(str(Path(text).absolute())) if text and not is_address(without_name(text)) else text


def _broken(path: Path, cause: Exception) -> ResolutionError:
    return ResolutionError(
        "Client configuration cannot be read",
        f"`{path}` says where this machine takes Python packages from, and it cannot be read: {type(cause).__name__}. "
        "Correct the file, or take it away.",
    )
