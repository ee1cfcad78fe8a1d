"""What is written and would do nothing: it is told, for whoever wrote it meant something."""

from __future__ import annotations

from reconciler.language.definition.dockerfile import Dockerfile
from reconciler.language.definition.packages import Packages
from reconciler.language.definition.reading import Reading
from reconciler.language.definition.stages import words
from reconciler.language.span import RefusedError
from reconciler.model.diagnostic import Severity
from reconciler.model.suggestion import did_you_mean

_SUMMARY = "Argument without effect"
_NEVER_EMPTY = ("python_version", "exclude_newer", "interpreter_path", "os_type", "dockerfile_path", "target")
_LISTS = ("requirements_file", "pip")
# Arguments that each build knows without an ARG of its own, beside those that tell BuildKit how to build.
_PREDEFINED = frozenset(f"{name}_proxy" for name in ("http", "https", "ftp", "no", "all")) | {"source_date_epoch"}
_OF_BUILDKIT = "buildkit_"


def refuse_empty(reading: Reading) -> None:
    """Texts that mean nothing where they are empty."""
    for name in _NEVER_EMPTY:
        if reading.is_own(name) and reading.filled.arguments.get(name) == "":
            reading.refuse(
                name, _SUMMARY, f"`{name}` is an empty text, which says nothing.", "leave it out, or write null"
            )


def tell_no_packages(reading: Reading, packages: Packages) -> None:
    """Lists for pip in which no package is named: options, constraints and comments alone install nothing."""
    if packages.packages or packages.conda or reading.problems.failed:
        return
    for name in _LISTS:
        is_empty = name == "pip" and not reading.texts(name)
        if reading.is_own(name) and not reading.is_doubtful(name) and not is_empty:
            detail = f"`{name}` names no package, so nothing is installed."
            _tell(reading, name, detail)


def tell_unused_arguments(build: Reading, parsed: Dockerfile) -> None:
    """Build arguments for which the Dockerfile has no ARG."""
    lines = [one.arguments for one in parsed.instructions if one.keyword == "ARG"]
    asked = {word.partition("=")[0] for line in lines for word in words(line)}
    for name in () if build.problems.failed else build.strings("args"):
        known = name.lower() in _PREDEFINED or name.lower().startswith(_OF_BUILDKIT)
        if name not in asked and not known:
            detail = f"The Dockerfile has no `ARG {name[:60]}`, so nothing in it can use the value."
            _tell(build, "args", detail, (name,), did_you_mean(name, asked - set(build.strings("args"))))


def tell_pinned_already(reading: Reading) -> None:
    """An image whose digest is given cannot be followed anywhere."""
    if reading.is_own("base") and reading.text("base") == "follow" and "@" in reading.text("image"):
        _tell(
            reading, "base", "`image` is given by its digest, which always means the same, so nothing can be followed."
        )


def _tell(reading: Reading, name: str, detail: str, path: tuple[str, ...] = (), hint: str = "") -> None:
    reading.tell(reading.place(name, path), RefusedError(_SUMMARY, detail, hint), Severity.WARNING)
