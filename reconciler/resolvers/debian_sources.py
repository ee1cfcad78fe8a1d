"""Where this machine's apt gets Debian from: its own mirrors and keys, for one release of Debian."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from reconciler.model.frozen import dataclass
from reconciler.model.pattern import lazy_pattern

_SERIES = ("bullseye", "bookworm", "trixie", "forky", "sid", "oldoldstable", "oldstable", "stable", "testing")
_POCKETS = ("", "-updates", "-security")
_WITHOUT_POCKETS = "sid"
_LINE = lazy_pattern(r"deb\s+(?:\[(?P<options>[^\]]*)\]\s+)?(?P<uri>\S+)\s+(?P<suite>\S+)\s+(?P<components>[^#]+)")
_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_ARCHIVE = ("http://deb.debian.org/debian", ("", "-updates")), ("http://deb.debian.org/debian-security", ("-security",))


@dataclass(frozen=True, slots=True)
class Source:
    """One archive with its suites; `keys` and `trusted` as the machine's own sources say them."""

    uri: str
    suites: tuple[str, ...]
    keys: str = ""
    trusted: str = ""

    @property
    def stanza(self) -> str:
        """As apt reads it."""
        lines = [f"Types: deb\nURIs: {self.uri}\nSuites: {' '.join(self.suites)}\nComponents: main"]
        lines += [f"Signed-By: {self.keys}"] if self.keys else []
        lines += [f"Trusted: {self.trusted}"] if self.trusted else []
        return "\n".join(lines) + "\n"


def sources_of(files: Iterable[tuple[str, str]], suite: str) -> tuple[Source, ...]:
    """The sources for a release, by the names and texts of apt's files; where those have another, its mirrors.

    A machine that is no Debian takes the archive itself, when it knows Debian's keys.
    """
    known = [one for name, text in files for one in (_stanzas(text) if name.endswith(".sources") else _lines(text))]
    debian = [one for one in known if any(_split(name) for name in one.suites)]
    named = [one for one in debian if any(_split(name)[:1] == (suite,) for name in one.suites)]
    found = dict.fromkeys(_for_suite(one, suite, own=bool(named)) for one in named or debian)
    usable = tuple(one for one in found if one.suites)
    if usable or debian or not _KEYRING.exists():
        return usable
    archive = (Source(uri, tuple(suite + end for end in ends), str(_KEYRING)) for uri, ends in _ARCHIVE)
    return tuple(archive)[: 1 if suite == _WITHOUT_POCKETS else None]


def _for_suite(source: Source, suite: str, *, own: bool) -> Source:
    suites = []
    for name in source.suites:
        series, pocket = _split(name) or ("", "")
        if not series or (own and series != suite) or (pocket and suite == _WITHOUT_POCKETS):
            continue
        suites.append(suite + pocket)
    return Source(source.uri, tuple(dict.fromkeys(suites)), source.keys, source.trusted)


def _split(name: str) -> tuple[str, str] | tuple[()]:
    """Release and pocket; empty for what is none of Debian's, and for backports."""
    series, dash, pocket = name.partition("-")
    return (series, dash + pocket) if series in _SERIES and dash + pocket in _POCKETS else ()


def _lines(text: str) -> Iterator[Source]:
    for line in text.splitlines():
        match = _LINE.match(line.strip())
        if match and "main" in match["components"].split():
            options = dict(part.partition("=")[::2] for part in (match["options"] or "").split())
            yield Source(match["uri"], (match["suite"],), options.get("signed-by", ""), options.get("trusted", ""))


def _stanzas(text: str) -> Iterator[Source]:
    for paragraph in text.split("\n\n"):
        fields = _fields(paragraph)
        wanted = "deb" in fields.get("types", "").split() and "main" in fields.get("components", "").split()
        if not wanted or fields.get("enabled", "yes").lower() in ("no", "false", "0"):
            continue
        suites = tuple(fields.get("suites", "").split())
        for uri in fields.get("uris", "").split():
            yield Source(uri, suites, fields.get("signed-by", ""), fields.get("trusted", ""))


def _fields(paragraph: str) -> Mapping[str, str]:
    fields: dict[str, str] = {}
    name = ""
    for line in paragraph.splitlines():
        if line.startswith("#") or not line.strip():
            continue
        if line[0] in " \t":
            fields[name] = f"{fields.get(name, '')}\n{line}"
        else:
            name, _, value = line.partition(":")
            name = name.strip().lower()
            fields[name] = value.strip()
    return fields
