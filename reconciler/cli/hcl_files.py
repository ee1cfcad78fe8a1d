"""The HCL files that a command reads and writes as texts, wherever they are: found, read, replaced."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from reconciler.model.diagnostic import Diagnostic, Diagnostics, EnvformError, Position, SourceRange
from reconciler.model.frozen import dataclass

_SUFFIX = ".hcl"
MAXIMUM_BYTES = 10 * 1000 * 1000


@dataclass(frozen=True, slots=True)
class HclFile:
    """One file: its name as the user will read it, and where it really is."""

    name: str
    path: Path

    def read(self) -> str:
        """The whole text. Raises EnvformError when it is too large, unreadable or not UTF-8."""
        try:
            with self.path.open("rb") as file:
                content = file.read(MAXIMUM_BYTES + 1)
        except OSError as cause:
            raise EnvformError(_unreadable(self.name, cause)) from cause
        return decoded(self.name, content)

    def replace(self, text: str) -> None:
        """Write the text at once or not at all; owner and permissions stay. Raises EnvformError."""
        try:
            _replace(self.path, text.encode())
        except OSError as cause:
            detail = f"`{self.name}` cannot be written: {_reason(cause)}. It is as it was before."
            raise EnvformError(Diagnostic.error("Configuration file not written", detail)) from cause


def decoded(name: str, content: bytes) -> str:
    """The text of a file. Raises EnvformError when it is too large or not UTF-8."""
    if len(content) > MAXIMUM_BYTES:
        detail = f"`{name}` is larger than {MAXIMUM_BYTES // 1_000_000} MB. Split it into several files."
        raise EnvformError(Diagnostic.error("Configuration file too large", detail))
    try:
        return content.decode()
    except UnicodeDecodeError as cause:
        before = content[: cause.start]
        column = len(before[before.rfind(b"\n") + 1 :].decode()) + 1
        place = Position(before.count(b"\n") + 1, column, cause.start)
        detail = (
            f"`{name}` is not UTF-8: the byte 0x{content[cause.start]:02x} here begins no character. "
            "Save the file as UTF-8."
        )
        subject = SourceRange(name, place, place)
        raise EnvformError(Diagnostic.error("Invalid character encoding", detail, subject=subject)) from cause


def find(root: Path, typed: Sequence[Path], problems: Diagnostics, *, recursive: bool) -> Iterator[HclFile]:
    """The HCL files that are named, and those in folders that are, each once; names are seen from the root."""
    seen: set[Path] = set()
    for path in typed:
        target = root / path
        try:
            is_folder = stat.S_ISDIR(target.stat().st_mode)
            paths = _in_folder(root, path, recursive=recursive) if is_folder else [path]
        except OSError as cause:
            problems.add(_unreadable(str(path), cause))
            continue
        homes = (_real(root), _real(target if is_folder else target.parent))
        for found in paths:
            file = HclFile(os.path.normpath(found), _real(root / found))
            problem = _problem(file, homes)
            if problem is not None:
                problems.add(problem)
            elif file.path not in seen:
                seen.add(file.path)
                yield file


def _in_folder(root: Path, folder: Path, *, recursive: bool) -> list[Path]:
    """In the order of their names, folders among files; hidden ones are left out, and links to folders."""
    found, waiting = [], [folder]
    while waiting:
        path = waiting.pop()
        if path != folder and not (root / path).is_dir():
            found.append(path)
            continue
        names = sorted((entry.name for entry in (root / path).iterdir()), reverse=True)
        waiting.extend(path / name for name in names if _is_wanted(root / path / name, recursive=recursive))
    return found


def _is_wanted(path: Path, *, recursive: bool) -> bool:
    if path.name.startswith("."):
        return False
    if path.is_dir():
        return recursive and not path.is_symlink()
    return path.suffix == _SUFFIX


def _problem(file: HclFile, homes: Sequence[Path]) -> Diagnostic | None:
    try:
        is_file = stat.S_ISREG(file.path.stat().st_mode)
    except OSError as cause:
        return _unreadable(file.name, cause)
    if not is_file or not file.name.endswith(_SUFFIX):
        detail = f"`{file.name}` is left alone: it is no ordinary file with a name that ends in `{_SUFFIX}`."
        return Diagnostic.error("Not an HCL file", detail)
    if not any(file.path.is_relative_to(home) for home in homes):
        detail = (
            f"`{file.name}` is a symbolic link out of its folder. It is left alone; format `{file.path}` where it is."
        )
        return Diagnostic.warning("Link to another folder", detail)
    return None


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _unreadable(name: str, cause: OSError) -> Diagnostic:
    return Diagnostic.error("Unreadable configuration file", f"`{name}` cannot be read: {_reason(cause)}.")


def _reason(cause: OSError) -> str:
    return (cause.strerror or str(cause)).lower()


def _replace(path: Path, content: bytes) -> None:
    before = path.stat()
    if not os.access(path, os.W_OK):  # renaming would not ask
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".envform-fmt-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            with suppress(PermissionError):
                os.fchown(handle, before.st_uid, before.st_gid)
            os.fchmod(handle, stat.S_IMODE(before.st_mode))
            os.fsync(handle)
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)
