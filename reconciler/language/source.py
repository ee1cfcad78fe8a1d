"""Reads a project's texts: the only module of this room that opens files."""

from __future__ import annotations

import os
import posixpath
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Literal

from reconciler.language.files import TreeEntry
from reconciler.language.inputs import VARIABLES, VariableFile, VariableText, is_variable_file
from reconciler.language.kinds_of_files import declares_environment, is_ours, is_yaml, specification_of
from reconciler.language.span import RefusedError
from reconciler.model.diagnostic import Diagnostic, Diagnostics
from reconciler.model.digest import Digest
from reconciler.model.frozen import dataclass

MAXIMUM_BYTES = 10 * 1000 * 1000
_LONGEST_NAME = 1000
_LONGEST_PART = 255

NO_CONFIGURATION = "No configuration files"

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")
_OURS = ".envform"
_CACHE = f"{_OURS}/cache"


def read_project(root: Path, named: Sequence[str] = (), *, alone: bool = True) -> Mapping[str, str]:
    """The texts of all configuration files directly in the folder, by file name in sorted order.

    YAML files are read that are ours or declare an environment, and those that are `named`, relative to the folder.
    There is at least one, unless they do not stand `alone`.
    """
    problems = Diagnostics()
    texts = {}
    for path in _candidates(root, problems):
        text = _read_declared(path, problems) if is_yaml(path.name) else _read(path, problems)
        if text is not None:
            texts[path.name] = text
    texts.update(_read_named(root, named, problems))
    if alone and not texts and not problems.failed:
        problems.add(_no_configuration(root))
    problems.check()
    within = {specification_of(name, text) for name, text in texts.items()}
    return {name: texts[name] for name in sorted(texts) if name not in within}


def read_variable_files(root: Path, problems: Diagnostics) -> Mapping[str, str]:
    """The texts of the variable files that nobody needs to name, by file name."""
    try:
        names = sorted(path.name for path in root.iterdir())
    except OSError:
        return {}  # reading the project has told it, or will
    texts = {}
    for name in names:
        text = _read(root / name, problems) if is_variable_file(name) else None
        if text is not None:
            texts[name] = text
    return texts


def read_given(
    root: Path, given: VariableText | VariableFile | Path, problems: Diagnostics
) -> VariableText | VariableFile:
    """A variable file that was named, seen from the project's folder: it may lie anywhere."""
    if not isinstance(given, Path):
        return given
    path = root / given
    if not path.exists():
        detail = f"The file `{given}` that was given with -var-file does not exist."
        problems.add(Diagnostic.error("Variable file not found", detail))
        return VariableFile(str(given), "")
    return VariableFile(str(given), _read(path, problems) or "")


def read_kept(root: Path, name: str) -> bytes:
    """What the last run kept for this one; nothing where that cannot be read."""
    try:
        return (root / _CACHE / name).read_bytes()
    except OSError:
        return b""


def keep(root: Path, name: str, content: bytes) -> None:
    """Keep something for the next run; where nothing can be written, it does without."""
    folder = root / _CACHE
    try:
        if not (root / _OURS).exists():
            folder.mkdir(parents=True)
            (root / _OURS / ".gitignore").write_text("*\n")
        folder.mkdir(exist_ok=True)
        if folder.resolve() != root.resolve() / _CACHE:
            return  # a link: what it leads to is not ours
        unfinished = folder / f"{name}.{os.getpid()}"
        unfinished.write_bytes(content)
        unfinished.replace(folder / name)
    except OSError:
        return


def _candidates(root: Path, problems: Diagnostics) -> list[Path]:
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
        return [
            root / name for name in names if _is_configuration(name) or (is_yaml(name) and not name.startswith("."))
        ]
    return []


def _no_configuration(root: Path) -> Diagnostic:
    detail = (
        f"The folder `{root}` holds no configuration: no file in it has a name that ends in `.hcl` or `.envform.yaml`, "
        "and no YAML file in it declares an Azure ML environment by its `$schema`."
    )
    hint = "write an `environment` block into `main.hcl`, or choose another folder with -chdir=DIR"
    return Diagnostic.error(NO_CONFIGURATION, detail, hint=hint)


def _read_declared(path: Path, problems: Diagnostics) -> str | None:
    """The text of a YAML file that is meant for us; what is wrong with the others is nobody's concern."""
    if is_ours(path.name):
        return _read(path, problems)
    try:
        if not path.is_file():
            return None  # to open a pipe would be to wait for somebody who writes into it
        with path.open("rb") as file:
            content = file.read(MAXIMUM_BYTES + 1)
    except OSError:
        return None
    encoding = "utf-16" if content.startswith(_WIDE_MARKS) else "utf-8"
    text = content.decode(encoding, errors="replace")
    if not (declares_environment(text) or specification_of(path.name, text)):
        return None
    return _decode(path.name, content, problems)


def _read_named(root: Path, named: Sequence[str], problems: Diagnostics) -> Iterator[tuple[str, str]]:
    for name in named:
        if not is_yaml(name):
            detail = f"`{name}` is no YAML file. Other configuration is read from the project's folder."
            problems.add(Diagnostic.error("Unsupported file", detail))
            continue
        try:
            yield posixpath.normpath(name), ProjectFiles(root).text(name)
        except RefusedError as refused:
            problems.add(Diagnostic.error(refused.summary, refused.detail, hint=refused.hint))


def _is_configuration(name: str) -> bool:
    hidden = name.startswith(".")
    return name.endswith(".hcl") and not name.endswith(VARIABLES) and not hidden


def _content(path: Path) -> bytes:
    # Opening a named pipe would wait for somebody to write into it, for ever.
    if not path.is_dir() and path.exists() and not path.is_file():
        raise OSError("it is neither a file nor a folder")
    with path.open("rb") as file:
        return file.read(MAXIMUM_BYTES + 1)


def _read(path: Path, problems: Diagnostics) -> str | None:
    try:
        content = _content(path)
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
    if content.startswith(_WIDE_MARKS):
        detail = f"`{name}` is UTF-16, which some editors call Unicode. Save it as UTF-8."
        problems.add(Diagnostic.error("Invalid character encoding", detail))
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


def _can_be_a_name(name: str) -> bool:
    """Systems refuse names that are too long, or hold half of a character, with errors of their own kinds."""
    try:
        parts = [part.encode() for part in name.split("/")]
    except UnicodeEncodeError:
        return False
    return len(name) <= _LONGEST_NAME and max(map(len, parts)) <= _LONGEST_PART


def _reason(cause: OSError) -> str:
    return (cause.strerror or str(cause)).lower()


@dataclass(frozen=True, slots=True)
class ProjectFiles:
    """The files below a project's root; whatever leads out of it, by `..` or by links, is refused."""

    root: Path

    def content(self, name: str) -> bytes:
        """The bytes of a file of up to 10 MB."""
        with self._opened(name) as file:
            content = file.read(MAXIMUM_BYTES + 1)
        if len(content) > MAXIMUM_BYTES:
            raise RefusedError("File too large", f"`{name}` is larger than {MAXIMUM_BYTES // 1_000_000} MB.")
        return content

    def text(self, name: str) -> str:
        """The text of a UTF-8 file, without its byte order mark."""
        content = self.content(name)
        try:
            return content.removeprefix(_BYTE_ORDER_MARK).decode()
        except UnicodeDecodeError as cause:
            line = content.count(b"\n", 0, cause.start) + 1
            detail = f"`{name}` is not UTF-8: line {line} holds a byte that begins no character."
            raise RefusedError("Invalid character encoding", detail) from cause

    def digest(self, name: str) -> Digest:
        """What a file's bytes hash to."""
        with self._opened(name) as file:
            return Digest.of_stream(file)

    def kind(self, name: str) -> Literal["file", "folder"] | None:
        """What is under this name, links followed; None: nothing that could be read."""
        path = self._inside(name)
        return "file" if path.is_file() else "folder" if path.is_dir() else None

    def tree(self, folder: str) -> Sequence[TreeEntry]:
        """All that lies below a folder, sorted by name."""
        return sorted(self._entries(self._inside(folder), folder, ""), key=lambda entry: entry.name)

    def _entries(self, top: Path, folder: str, below: str) -> Iterator[TreeEntry]:
        try:
            found = list(os.scandir(top / below))
        except OSError as cause:
            raise RefusedError("Unreadable folder", f"`{folder}` cannot be listed: {_reason(cause)}.") from cause
        for entry in found:
            name = f"{below}{entry.name}"
            status = entry.stat(follow_symlinks=False)
            if stat.S_ISLNK(status.st_mode):
                yield TreeEntry(name, "link", target=str(Path(entry.path).readlink()))
            elif stat.S_ISDIR(status.st_mode):
                yield TreeEntry(name, "folder")
                yield from self._entries(top, folder, f"{name}/")
            elif stat.S_ISREG(status.st_mode):
                yield TreeEntry(name, "file", executable=bool(status.st_mode & 0o111), size=status.st_size)
            else:
                yield TreeEntry(name, "special")

    @contextmanager
    def _opened(self, name: str) -> Iterator[BinaryIO]:
        path = self._inside(name)
        if path.exists() and not path.is_file():
            what = "a folder" if path.is_dir() else "neither a file nor a folder"
            raise RefusedError("Unreadable file", f"`{name}` is {what}.")
        try:
            with path.open("rb") as file:
                yield file
        except FileNotFoundError as cause:
            detail = f"There is no file `{name}`. Names are relative to the project's folder."
            raise RefusedError("No such file", detail) from cause
        except OSError as cause:
            raise RefusedError("Unreadable file", f"`{name}` cannot be read: {_reason(cause)}.") from cause

    def _inside(self, name: str) -> Path:
        if "\0" in name:
            raise RefusedError("Invalid file name", "A file's name cannot hold a NUL character.")
        if not _can_be_a_name(name):
            shown = name[:40].encode(errors="replace").decode()
            raise RefusedError("Invalid file name", f"`{shown}…` is too long, or is no text: no file is called so.")
        root = self.root.resolve()
        try:
            path = (root / name).resolve()
        except (OSError, RuntimeError) as cause:
            raise RefusedError("Unreadable file", f"`{name}` leads round in a circle of links.") from cause
        if path != root and root not in path.parents:
            detail = f"`{name}` leads out of the project's folder. Configuration may only read what lies in it."
            raise RefusedError("File outside of the project", detail)
        return path
