"""One Python requirement, in the one spelling that is hashed: white space, quotes and letter case mean nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from reconciler.language.definition.credentials import refuse_credentials
from reconciler.language.definition.names import python_name
from reconciler.language.definition.template import find_template
from reconciler.language.span import RefusedError
from reconciler.model.frozen import dataclass
from reconciler.model.pattern import lazy_pattern

INVALID = "Invalid requirement"
_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_SIMPLE = lazy_pattern(
    rf"(?P<name>{_NAME})\s*+(?:\[(?P<extras>[^\]]*)\])?\s*+(?P<versions>[~=!<>][^;@]*|\([^;@]*\))?", re.ASCII
)
_NAMED_ADDRESS = lazy_pattern(
    rf"(?P<name>{_NAME})\s*+(?:\[(?P<extras>[^\]]*)\])?\s*+@\s*+(?P<url>\S+)(?:\s++;\s*+(?P<marker>.+))?"
)
_ADDRESS = lazy_pattern(r"(?:git|hg|svn|bzr)\+[a-z-]+://\S+|(?:https?|ftp)://\S+", re.IGNORECASE)
_OF_GIT = lazy_pattern(r"git\+(?:(?P<user>\w+)@(?P<host>[\w.-]+):(?P<path>\S+)|\S+)", re.IGNORECASE)
_ONE_RELEASE = lazy_pattern(r"~=v?(?:\d+!)?\d+(?![\d.])")
_VERSION = lazy_pattern(
    r"(?P<operator>===|~=|==|!=|<=|>=|<|>)\s*"
    r"(?P<version>v?(?:\d+!)?\d+(?:\.\d+)*(?:[-_.]?(?:a|b|c|rc|alpha|beta|pre|preview)[-_.]?\d*)?"
    r"(?:-\d+|[-_.]?(?:post|rev|r)[-_.]?\d*)?(?:[-_.]?dev[-_.]?\d*)?"
    r"(?:\.\*|\+[a-z0-9]+(?:[-_.][a-z0-9]+)*)?)",
    re.IGNORECASE | re.ASCII,
)
_SINGLE_EQUALS = lazy_pattern(rf"({_NAME})\s*+(\[[^\]]*\])?\s*+=\s*+([^=\s]\S*)")
_ARCHIVE = lazy_pattern(r"\.(whl|zip|tar\.gz|tgz|tar\.bz2|tar\.xz|tar)$", re.IGNORECASE)
_EGG = lazy_pattern(rf"[#&]egg=({_NAME})")
_VARIABLE = lazy_pattern(r"\$\{\w+\}|\$\(\w+\)")
_MARKER_START = lazy_pattern(r"\s*;\s*")


@dataclass(frozen=True, slots=True)
class Requirement:
    """`text` is the normal form; `path` is set for what lies in the project, `template` where one is left open."""

    text: str
    name: str = ""
    pinned: bool = False
    path: str = ""
    template: str = ""
    editable: bool = False


@lru_cache(maxsize=65536)
def parse_requirement(text: str) -> Requirement:
    """The requirement that a text spells, without pip's options; RefusedError when it spells none."""
    stripped = text.strip()
    if not stripped:
        raise RefusedError(INVALID, "An empty text asks for no package. Remove it, or name a package.")
    if "\n" in stripped or "\r" in stripped:
        raise RefusedError(INVALID, "A requirement stands on one line. Write an item for each package.")
    if template := find_template(stripped):
        return _templated(stripped, template)
    if variable := _VARIABLE.search(stripped):
        refuse_credentials(stripped)
        detail = (
            f"`{variable.group()}` means something else on every machine, so a definition with it has no identity. "
            "Write the value."
        )
        raise RefusedError("Variable in a requirement", detail)
    if _ARCHIVE.search(stripped) and "://" not in stripped and (found := _local(stripped)):
        return found
    return _named(stripped) or _addressed(stripped) or _local(stripped) or _with_marker(stripped)


def _templated(text: str, template: str) -> Requirement:
    name = re.match(_NAME, text)
    return Requirement(" ".join(text.split()), python_name(name.group()) if name else "", template=template)


def _named(text: str) -> Requirement | None:
    found = _SIMPLE.fullmatch(text)
    if not found:
        return None
    versions = _versions(text, found["versions"] or "")
    name = python_name(found["name"])
    exact = len(versions) == 1 and versions[0].startswith("==") and not versions[0].endswith("*")
    return Requirement(name + _extras(text, found["extras"]) + ",".join(versions), name, exact)


def _versions(text: str, written: str) -> list[str]:
    inside = written.strip()
    if inside.startswith("("):
        inside = inside[1:-1]
    versions = []
    for part in filter(None, (part.strip() for part in inside.split(","))):
        found = _VERSION.fullmatch(part)
        spelled = f"{found['operator']}{found['version']}" if found else ""
        versions.append(spelled if spelled and _is_usual(spelled) else _unusual(text, part))
    return sorted(versions)


def _is_usual(spelled: str) -> bool:
    """Whether an operator may stand before such a version: only equality takes patterns and local versions."""
    if spelled.startswith(("==", "!=")):
        return True
    return not (spelled.endswith("*") or "+" in spelled or _ONE_RELEASE.match(spelled))


def _unusual(text: str, part: str) -> str:
    """What the short pattern does not know: arbitrary equality, or a mistake that must be explained."""
    from packaging.specifiers import InvalidSpecifier, Specifier

    try:
        return str(Specifier(part))
    except InvalidSpecifier:
        pass
    hint = ""
    if single := _SINGLE_EQUALS.fullmatch(text):
        hint = f"pip takes two equals signs: {single[1]}{single[2] or ''}=={single[3].split('=')[0]}"
    detail = f"In `{text[:80]}` the part `{part[:40]}` is no version that Python packaging knows."
    raise RefusedError(INVALID, detail, hint)


def _extras(text: str, written: str | None) -> str:
    if written is None:
        return ""
    extras = sorted({python_name(extra.strip()) for extra in written.split(",")}) if written.strip() else []
    for extra in extras:
        if not re.fullmatch(_NAME, extra):
            raise RefusedError(INVALID, f"In `{text[:80]}` the extra `{extra[:40]}` is no name.")
    return f"[{','.join(extras)}]" if extras else ""


def _addressed(text: str) -> Requirement | None:
    address, _, marker = text.partition(" ;")
    if _ADDRESS.fullmatch(address.strip()):
        url = address.strip()
        _check_address(url)
        egg = _EGG.search(url)
        return Requirement(url + _marker(text, marker), python_name(egg[1]) if egg else "", _is_exact(url))
    if (old := _OF_GIT.fullmatch(address.strip())) is not None:
        detail = f"`{text[:80]}` is no address that pip takes: after `git+` comes `https://` or `ssh://`."
        raise RefusedError(INVALID, detail, f"write `git+ssh://{old[1]}@{old[2]}/{old[3]}`" if old["user"] else "")
    found = _NAMED_ADDRESS.fullmatch(text)
    if not found or not re.match(r"[a-z][a-z0-9+.-]*:", found["url"], re.IGNORECASE):
        return None
    url, name = found["url"], python_name(found["name"])
    _check_address(url)
    head = name + _extras(text, found["extras"])
    path = _file_path(url) if url.lower().startswith("file:") else ""
    return Requirement(f"{head} @ {url}{_marker(text, found['marker'])}", name, _is_exact(url), path)


def _check_address(url: str) -> None:
    refuse_credentials(url)
    if "+file:" in url.partition("//")[0].lower():
        detail = f"`{url[:80]}` is a repository of this machine, which is another one or none elsewhere."
        raise RefusedError("File outside of the project", detail, "give the address of a server, or copy the package")


def wheel_with_odd_name(requirement: Requirement) -> str:
    """The name of a wheel that pip would refuse for it; empty for all others."""
    address = requirement.path or requirement.text.rpartition(" @ ")[2]
    name = address.partition("#")[0].partition("?")[0].rpartition("/")[2]
    return name if name.lower().endswith(".whl") and len(name.split("-")) not in (5, 6) else ""


def _is_exact(url: str) -> bool:
    """A commit or an archive; a branch or the head of a repository moves."""
    plain = url.partition("#")[0]
    return bool(_ARCHIVE.search(plain.partition("?")[0]) or re.search(r"@[0-9a-f]{40}$", plain))


def _local(text: str) -> Requirement | None:
    path, _, marker = text.partition(" ;")
    path, bracket, extras = path.strip().partition("[")
    if path.lower().startswith("file:"):
        place = _file_path(path)
    elif path.startswith((".", "/", "~")) or "/" in path or _ARCHIVE.search(path):
        place = path
    else:
        return None
    if not place:
        raise RefusedError(INVALID, f"`{text[:80]}` names no file.")
    if re.search(r"[\s<>=;]", place) or ("@" in place and " @" in text):
        return None
    wanted = _extras(text, extras.rstrip("]")) if bracket else ""
    while place.startswith("./"):
        place = place.removeprefix("./")
    place = place or "."
    return Requirement(f"./{place}{wanted}{_marker(text, marker)}", pinned=True, path=place)


def _file_path(url: str) -> str:
    from urllib.parse import unquote

    place = url[5:].partition("#")[0]
    if place.startswith("//"):
        host, _, rest = place[2:].partition("/")
        if host not in ("", "localhost", "."):
            raise RefusedError(INVALID, f"`{url[:80]}` names a file on another machine. Use https://, or a path.")
        place = rest if host == "." else f"/{rest}"
    return unquote(place)


def _with_marker(text: str) -> Requirement:
    requirement, found, marker = text.partition(";")
    if found:
        head = _named(requirement.strip()) or _addressed(requirement.strip()) or _local(requirement.strip())
        if head:
            return replace(head, text=head.text + _marker(text, marker))
    if (single := _SINGLE_EQUALS.fullmatch(text)) is not None:
        correct = f"{single[1]}{single[2] or ''}=={single[3].split('=')[0]}"
        detail = f"`{text[:80]}` has one equals sign, as conda writes it. pip takes two."
        raise RefusedError(INVALID, detail, f"write `{correct}`")
    detail = (
        f"`{text[:80]}` is not a requirement that Python packaging knows. Write a package's name and, where it "
        "matters, its versions, such as `numpy>=2,<3`; or the address of an archive or repository."
    )
    raise RefusedError(INVALID, detail)


def _marker(text: str, written: str | None) -> str:
    if written is None or not written.strip():
        return ""
    from packaging.markers import InvalidMarker, Marker

    try:
        return f"; {Marker(written.strip())}"
    except (InvalidMarker, RecursionError) as cause:
        detail = f"In `{text[:80]}` the condition after `;` is none that Python packaging knows."
        hint = "such as: numpy>=2; python_version >= '3.10'"
        raise RefusedError(INVALID, detail, hint) from cause
