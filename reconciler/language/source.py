"""Reads a project's texts: the only module of this room that opens files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from reconciler.model.diagnostic import Diagnostic, Diagnostics

MAXIMUM_BYTES = 10 * 1000 * 1000

_VARIABLES = "envform.vars.hcl"
_AUTOMATIC_VARIABLES = ".auto.vars.hcl"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_project(root: Path) -> Mapping[str, str]:
    """The texts of all configuration files directly in the folder, by file name in sorted order."""
    problems = Diagnostics()
    texts = {}
    for path in _configuration_files(root, problems):
        text = _read(path, problems)
        if text is not None:
            texts[path.name] = text
    problems.check()
    return texts


def _configuration_files(root: Path, problems: Diagnostics) -> list[Path]:
    try:
        names = sorted(path.name for path in root.iterdir())
    except FileNotFoundError:
        problems.add(Diagnostic.error("Project folder not found", f"The folder `{root}` does not exist."))
    except NotADirectoryError:
        problems.add(Diagnostic.error("Project folder not found", f"`{root}` is a file. A project is a folder."))
    except OSError as cause:
        detail = f"The folder `{root}` cannot be listed: {_reason(cause)}."
        problems.add(Diagnostic.error("Unreadable project folder", detail))
    else:
        files = [root / name for name in names if _is_configuration(name)]
        if not files:
            detail = f"The folder `{root}` holds no configuration: no file in it has a name that ends in `.hcl`."
            hint = "write an `environment` block into `main.hcl`, or choose another folder with -chdir=DIR"
            problems.add(Diagnostic.error("No configuration files", detail, hint=hint))
        return files
    return []


def _is_configuration(name: str) -> bool:
    hidden = name.startswith(".")
    return name.endswith(".hcl") and name != _VARIABLES and not name.endswith(_AUTOMATIC_VARIABLES) and not hidden


def _read(path: Path, problems: Diagnostics) -> str | None:
    try:
        with path.open("rb") as file:
            content = file.read(MAXIMUM_BYTES + 1)
    except FileNotFoundError:
        detail = f"`{path.name}` is a symbolic link to something that does not exist."
    except IsADirectoryError:
        detail = f"`{path.name}` is a folder. Only files may have names that end in `.hcl`."
    except OSError as cause:
        detail = f"`{path.name}` cannot be read: {_reason(cause)}."
    else:
        return _decode(path.name, content, problems)
    problems.add(Diagnostic.error("Unreadable configuration file", detail))
    return None


def _decode(name: str, content: bytes, problems: Diagnostics) -> str | None:
    if len(content) > MAXIMUM_BYTES:
        detail = f"`{name}` is larger than {MAXIMUM_BYTES // 1_000_000} MB. Split it into several files."
        problems.add(Diagnostic.error("Configuration file too large", detail))
        return None
    skipped = len(_BYTE_ORDER_MARK) if content.startswith(_BYTE_ORDER_MARK) else 0
    try:
        return content[skipped:].decode()
    except UnicodeDecodeError as cause:
        offset = cause.start + skipped
        line = content.count(b"\n", 0, offset) + 1
        detail = (
            f"`{name}` is not UTF-8: line {line} holds a byte 0x{content[offset]:02x} (at offset {offset} of the "
            "file) that begins no character. Save the file as UTF-8."
        )
        problems.add(Diagnostic.error("Invalid character encoding", detail))
        return None


def _reason(cause: OSError) -> str:
    return (cause.strerror or str(cause)).lower()
