"""An evaluated `base_image` block, read as a whole."""

from __future__ import annotations

from reconciler.language.definition.environment import Described
from reconciler.language.definition.noted import Noted
from reconciler.language.definition.reading import Reading
from reconciler.language.files import Files
from reconciler.language.filled import Filled
from reconciler.model.definition import Debian, Definition
from reconciler.model.details import Details
from reconciler.model.diagnostic import Diagnostics
from reconciler.model.environment import DEFAULT_PLATFORM, Policy
from reconciler.model.pattern import lazy_pattern
from reconciler.model.suggestion import did_you_mean
from reconciler.oci.platform import parse_platform

RELEASES = ("bullseye", "bookworm", "trixie", "forky", "sid")
# Without them nothing starts: who and where one is, a shell, and the programs that scripts call.
SYSTEM = ("base-files", "base-passwd", "bash", "coreutils", "dash", "libc-bin")
# What wheels for manylinux may take from the system, beside the C library.
MANYLINUX = ("libexpat1", "libgcc-s1", "libgomp1", "libstdc++6", "zlib1g")
_PACKAGE = lazy_pattern(r"(?P<name>[a-z0-9][a-z0-9+.-]+)(?:=(?P<version>[A-Za-z0-9.+:~-]+))?")
_MOVING = {"stable": "trixie", "testing": "forky", "unstable": "sid", "oldstable": "bookworm"}


def describe_base_image(filled: Filled, files: Files, problems: Diagnostics) -> Described:
    """Read and check a block; with errors among the problems the result means nothing."""
    reading = Reading(filled, files, problems)
    platform = _platform(reading)
    debian = Debian(_release(reading), _packages(reading))
    return Described(
        image="",
        platform=platform,
        contents=Definition("", None, platform, debian=debian),
        details=Details(
            properties=reading.strings("properties"), on_destroy=reading.one_of("on_destroy", ("archive", "delete"))
        ),
        policy=Policy(base=reading.one_of("base", ("follow", "pin"))),
        noted=Noted(),
        variables={},
    )


def _release(reading: Reading) -> str:
    given = reading.text("debian")
    if given in RELEASES or reading.is_doubtful("debian") or "debian" not in reading.filled.declaration.arguments:
        return given
    listed = ", ".join(f'"{name}"' for name in RELEASES)
    detail = f"`debian` names a release of Debian: {listed}. There is no `{given[:40]}`."
    if given in _MOVING:
        detail = f"`{given}` means another release of Debian from time to time. Name the one you want: {listed}."
    hint = f'did you mean "{_MOVING[given]}"?' if given in _MOVING else did_you_mean(given, RELEASES)
    reading.refuse("debian", "Unknown release of Debian", detail, hint)
    return given


def _packages(reading: Reading) -> tuple[str, ...]:
    """All that apt is asked for, by name."""
    named: dict[str, str] = {}
    given = reading.texts("packages")
    for number, text in enumerate(given):
        match = _PACKAGE.fullmatch(text)
        if match is None:
            _refuse_package(reading, text, number)
        elif match["name"] in named:
            detail = f"`{match['name']}` stands in the list twice. Once is enough."
            reading.refuse("packages", "Duplicate Debian package", detail, path=(number,))
        else:
            named[match["name"]] = text
    if not given and reading.filled.arguments.get("packages") is not None:
        detail = "`packages` names no package, and an image without any is of no use."
        reading.refuse("packages", "Argument without effect", detail, 'packages = ["python3", "ca-certificates"]')
    for name in (*SYSTEM, *(MANYLINUX if reading.filled.flag("manylinux_libraries") is not False else ())):
        named.setdefault(name, name)
    return tuple(sorted(named.values()))


def _refuse_package(reading: Reading, text: str, number: int) -> None:
    detail = (
        f"`{text[:80]}` is no name of a Debian package: small letters, digits, `+`, `-` and `.`, and perhaps a "
        'version, as in "python3" or "python3=3.11.2-1+b1".'
    )
    name = text.partition("==")[0].strip().lower()
    hint = f'did you mean "{name}"?' if name != text and _PACKAGE.fullmatch(name) else ""
    reading.refuse("packages", "Invalid Debian package", detail, hint, path=(number,))


def _platform(reading: Reading) -> str:
    try:
        platform = parse_platform(reading.text("platform") or DEFAULT_PLATFORM)
    except ValueError:
        return DEFAULT_PLATFORM  # told by the argument's own check
    if not platform.startswith("linux/"):
        detail = f"Debian is for Linux, and `platform` is `{platform}`."
        reading.refuse("platform", "Conflicting arguments", detail)
    return platform
