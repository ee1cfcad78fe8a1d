"""A definition in uv's words: lines of requirements, places to look, and what pip's options mean here."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from pathlib import Path
from urllib.parse import unquote

from reconciler.model.definition import Definition
from reconciler.model.diagnostic import ResolutionError
from reconciler.model.frozen import dataclass
from reconciler.model.pattern import lazy_pattern
from reconciler.resolvers.pypi_addresses import file_url, is_address, public, redacted
from reconciler.resolvers.pypi_machine import Indexes

_OPTIONS = lazy_pattern(r"\s+(?=--(?:hash|global-option|config-settings?)\b)")
_LOCAL = lazy_pattern(
    r"(?:(?P<name>[A-Za-z0-9][\w.-]*)\s*(?P<named>\[[^\]]*\])?\s*@\s*)?(?P<place>\./|file:)(?P<rest>.+)"
)
_VCS = lazy_pattern(r"(?:[^@]+@\s*)?(?:git|hg|svn|bzr)\+\S+(?:\s+;.*)?", re.IGNORECASE)
_ADDRESS = lazy_pattern(r"(?:[^@]+@\s*)?https?://\S+(?:\s+;.*)?", re.IGNORECASE)
_PLACES = {"--index-url", "--extra-index-url", "--find-links"}
_SWITCHES = {"--no-index": "disabled", "--pre": "prereleases", "--require-hashes": "hashed"}
_WITHOUT_MEANING = {"--prefer-binary", "--use-feature", "--only-binary"}


@dataclass(slots=True)
class Request:
    """What uv is asked. `hashes` are those that a package's file may have, by its name or address.

    `stated` are the definition's own places, by the address that uv is given for each.
    """

    lines: list[str] = field(default_factory=list)
    constraints: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    hashes: dict[str, set[str]] = field(default_factory=dict)
    local: dict[str, str] = field(default_factory=dict)
    stated: dict[str, str] = field(default_factory=dict)
    default: str = ""
    extra: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    trusted: list[str] = field(default_factory=list)
    disabled: bool = False
    prereleases: bool = False
    hashed: bool = False
    build: bool = False
    from_source: set[str] = field(default_factory=set)
    copies: Mapping[str, Path] = field(default_factory=dict)

    def places(self, machine: Indexes) -> Indexes:
        """Where uv looks: the definition's own first; the machine's stand for PyPI where no index is named for it."""
        trusted = (*self.trusted, *machine.trusted)
        extra, links = tuple(self.extra), tuple(self.links)
        mixed = replace(machine, trusted=trusted, together=machine.together and not extra)
        if self.default or self.disabled:
            return replace(
                mixed, default=self.default, extra=extra, links=links, disabled=self.disabled, together=False
            )
        return replace(mixed, extra=(*extra, *machine.extra), links=(*links, *machine.links))


def request_of(definition: Definition, root: Path, copies: Mapping[str, Path] | None = None) -> Request:
    """The request for a definition; ResolutionError where pip's words cannot be followed.

    `copies` are where folders of the project are to be read instead.
    """
    request = Request(build=definition.allow_source_builds, copies=copies or {})
    for option in definition.options:
        _take_option(request, option, root)
    request.lines = sorted({_line(request, text, definition.files, root) for text in definition.packages})
    request.constraints = sorted({_line(request, text, definition.files, root) for text in definition.constraints})
    request.hashed = request.hashed or bool(request.hashes)
    return request


def _take_option(request: Request, option: str, root: Path) -> None:
    try:
        flag, value = [*shlex.split(option), "", ""][:2]
    except ValueError:
        flag, value = option, ""
    if flag in _PLACES:
        _take_place(request, flag, _stated(request, value, root))
    elif flag in _SWITCHES:
        setattr(request, _SWITCHES[flag], True)
    elif flag == "--trusted-host":
        request.trusted.append(value)
    elif flag == "--constraint" and is_address(value):
        request.elsewhere.append(value)
    elif flag == "--no-binary" and (request.build or value == ":none:"):
        request.from_source.update(filter(None, re.split(r"[,\s]+", re.sub(r"[-_.]+", "-", value).lower())))
    elif flag not in _WITHOUT_MEANING:
        raise _unsupported(option)


def _take_place(request: Request, flag: str, address: str) -> None:
    if flag == "--index-url":
        request.default = address
    else:
        (request.extra if flag == "--extra-index-url" else request.links).append(address)


def _stated(request: Request, value: str, root: Path) -> str:
    if "${" in value or not value:
        raise _unsupported(value)
    address = value if is_address(value) else file_url(str((root / value).resolve()))
    request.stated[public(address).rstrip("/")] = redacted(value)
    return address


def _unsupported(option: str) -> ResolutionError:
    why = "envform does not follow it when it chooses packages."
    if option.startswith("--no-binary"):
        why = (
            "it asks for builds from source, which run the code of packages. `allow_source_builds = true` allows them."
        )
    elif option.startswith("--requirement"):
        why = "what lies at an address may change at any time. Download the file into the project."
    elif "${" in option:
        why = "it holds a variable, which means something else on every machine."
    return ResolutionError("Unsupported pip option", f"`{redacted(option)[:120]}` cannot be used: {why}")


def _line(request: Request, text: str, files: Mapping[str, object], root: Path) -> str:
    head, *options = _OPTIONS.split(text.strip())
    if "${" in head or not text.isprintable():
        raise invalid(text)
    if found := _LOCAL.fullmatch(head):
        line, key = _local_line(request, found, files, root)
    elif _VCS.fullmatch(head):
        raise _repository(head)
    elif _ADDRESS.fullmatch(head):
        line, key = head, re.sub(r"^.*?(?=https?://)", "", head.partition(" ;")[0]).partition("#")[0]
    else:
        line, key = _named_line(text, head)
    if options:
        request.hashes.setdefault(key, set()).update(_hashes(text, options))
    return line


def _named_line(text: str, head: str) -> tuple[str, str]:
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    try:
        requirement = Requirement(head)
    except InvalidRequirement as cause:
        raise invalid(text) from cause
    return str(requirement), canonicalize_name(requirement.name)


def _local_line(request: Request, found: re.Match[str], files: Mapping[str, object], root: Path) -> tuple[str, str]:
    rest, semicolon, marker = found["rest"].partition(" ;") if " ;" in found["rest"] else found["rest"].partition(";")
    place, bracket, extras = rest.strip().partition("[")
    place = re.sub(r"^(//(localhost)?/?)?(\./)?", "", place) if found["place"] == "file:" else place
    name = next((one for one in (place, unquote(place)) if one in files), None)
    if name is None:
        raise ResolutionError(
            "Project file is not part of the definition",
            f"`{found.group()[:120]}` names a file of the project that the definition holds no digest of.",
        )
    address = file_url(str(request.copies.get(name, root.absolute() / name)))
    request.local[address] = name
    wanted = found["named"] or bracket + extras
    head = f"{found['name']}{wanted} @ {address}" if found["name"] else f"{address}{wanted}"
    return f"{head} ;{marker}" if semicolon else head, name


def _hashes(text: str, options: Iterable[str]) -> set[str]:
    found = set()
    for option in options:
        flag, _, value = option.strip().replace(" ", "=", 1).partition("=")
        if flag != "--hash":
            raise ResolutionError(
                "Unsupported pip option",
                f"`{flag}` in `{text[:120]}` says how a package is built, and packages are installed from wheels.",
            )
        found.add(value.strip())
    return found


def invalid(text: str) -> ResolutionError:
    """Words that are no requirement."""
    shown = redacted(text)[:120].encode("utf-8", "backslashreplace").decode()
    return ResolutionError(
        "Invalid requirement",
        f"`{shown}` is not a requirement that Python packaging knows. Write a package name and, where it matters, its "
        "versions, such as `numpy>=2,<3`.",
    )


def _repository(text: str) -> ResolutionError:
    return ResolutionError(
        "Package needs a build",
        f"`{redacted(text)[:120]}` is a repository, not a wheel. What it is called, what it needs and what it installs "
        "is only known once its build has run, and planning runs nobody's code. Build a wheel of it, and name the "
        "wheel's address or keep it in the project; or download the source, and name that with "
        "`allow_source_builds = true`.",
    )
