"""Where each file of a wheel goes, with which mode, and what is written beside them: what pip does, and no more.

Left out on purpose: `.pyc` files, `direct_url.json`, and `REQUESTED`, which says something of an environment
and nothing of a wheel, and which `pip uninstall` leaves behind where `RECORD` does not name it.
"""

from __future__ import annotations

import posixpath
import stat
from collections.abc import Collection

from reconciler.builders.layers.record import installed_record, relative
from reconciler.builders.layers.scripts import entry_script, is_wrapper, scripts_to_make, with_interpreter
from reconciler.builders.layers.target import Target
from reconciler.builders.layers.wheel import Wheel
from reconciler.builders.layers.zip_directory import Member, WheelError
from reconciler.model.frozen import dataclass

INSTALLER = b"envform\n"
_FILE, _PROGRAM = 0o644, 0o755
_SKELETON = ("pyvenv.cfg", "bin/python", "bin/python3")
_FOLDERS = ("bin", "lib", "lib64", "include")


@dataclass(frozen=True, slots=True)
class Installed:
    """One file in the image: its path from the root without the first slash, and where its content comes from."""

    path: str
    mode: int
    content: Member | bytes


class _Plan:
    def __init__(self, wheel: Wheel, target: Target) -> None:
        self.wheel, self.target = wheel, target
        self.scheme = target.scheme(wheel.name)
        self.inside_packages = f"{target.packages}/"
        self.kept = (*_SKELETON, f"bin/python{target.python}")
        self.folders = {*_FOLDERS, f"include/python{target.python}", f"lib/python{target.python}"}
        self.root = self.scheme["purelib" if wheel.is_pure else "platlib"]
        self.files: dict[str, Installed] = {}
        self.moved: dict[str, str] = {}
        self.changed: dict[str, bytes] = {}
        self.made: dict[str, bytes] = {}
        points = wheel.entry_points
        self.console = points.get("console_scripts", {})
        self.calls = scripts_to_make(self.console, target.python) | points.get("gui_scripts", {})
        self.wrappers = {*self.console, *points.get("gui_scripts", {})}

    def put(self, path: str, mode: int, content: Member | bytes) -> str:
        """Have a file at an absolute path; what it is called in RECORD comes back."""
        prefix = f"{self.target.prefix}/"
        inside = path.removeprefix(prefix)
        if not path.startswith(self.inside_packages) and self._is_skeleton(inside):
            raise WheelError(f"It would overwrite `{path}`, which belongs to the virtual environment.")
        # there, lib64 is a link to lib
        real = prefix + ("lib/" + inside[6:] if inside.startswith("lib64/") else inside)
        self.files[real] = Installed(real[1:], mode, content)
        return relative(path, self.target.packages)

    def _is_skeleton(self, inside: str) -> bool:
        return inside in self.folders or any(f"{inside}/".startswith(f"{kept}/") for kept in self.kept)

    def take(self, member: Member) -> None:
        """Install one file of the wheel."""
        top, _, rest = member.name.partition("/")
        if not top.endswith(".data"):
            self.moved[member.name] = self.put(f"{self.root}/{member.name}", _mode(member), member)
            return
        kind, _, below = rest.partition("/")
        if kind not in self.scheme or not below:
            raise WheelError(f"`{member.name}` in it is of a kind that is not known: {', '.join(sorted(self.scheme))}.")
        path = f"{self.scheme[kind]}/{below}"
        if kind == "scripts":
            self._take_script(member, path)
        else:
            self.moved[member.name] = self.put(path, _mode(member), member)

    def _take_script(self, member: Member, path: str) -> None:
        if is_wrapper(posixpath.basename(path), self.wrappers):
            return
        head = self.wheel.begins(member, b"#!python")
        script = with_interpreter(self.wheel.read(member), self.target.interpreter) if head else member
        self.moved[member.name] = self.put(path, _mode(member), script)
        if isinstance(script, bytes):
            self.changed[self.moved[member.name]] = script

    def make(self) -> None:
        """Everything that is in no wheel: scripts for entry points, INSTALLER, and at last RECORD."""
        for name, call in self.calls.items():
            if not {"", ".", ".."}.isdisjoint(name.split("/")):
                raise WheelError(f"It has an entry point of the name `{name}`, which no file can have.")
            self._made(f"{self.scheme['scripts']}/{name}", _PROGRAM, entry_script(call, self.target.interpreter))
        info = f"{self.root}/{self.wheel.info}"
        self._made(f"{info}/INSTALLER", _FILE, INSTALLER)
        record = installed_record(self.wheel.record, self.moved, self.changed, self.made)
        self.put(f"{info}/RECORD", _FILE, record)

    def _made(self, path: str, mode: int, content: bytes) -> None:
        self.made[self.put(path, mode, content)] = content


def installation(wheel: Wheel, target: Target) -> tuple[Installed, ...]:
    """All files that a wheel puts into an image, by path; WheelError where it must not be installed."""
    plan = _Plan(wheel, target)
    members = [member for member in wheel.members.values() if not member.is_folder]
    # root first, then data, then scripts: of two files for one place pip keeps the later
    for member in sorted(members, key=_turn):
        plan.take(member)
    plan.make()
    _check_tree(plan.files)
    return tuple(sorted(plan.files.values(), key=lambda it: it.path.encode()))


def _check_tree(paths: Collection[str]) -> None:
    folders: set[str] = set()
    for path in paths:
        parent = path
        while (parent := parent.rpartition("/")[0]) and parent not in folders:
            if parent in paths:
                raise WheelError(f"`{parent}` would be a file and a folder, for it also brings `{path}`.")
            folders.add(parent)


def _turn(member: Member) -> int:
    top, _, rest = member.name.partition("/")
    return 0 if not top.endswith(".data") else 1 + rest.startswith("scripts/")


def _mode(member: Member) -> int:
    return _PROGRAM if stat.S_ISREG(member.mode) and member.mode & 0o111 else _FILE
