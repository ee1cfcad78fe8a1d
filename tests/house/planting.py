"""A copy of the house with one violation of every rule planted in it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Plant:
    """Text to add to a file; what a tool must say about it, and under which contract's heading."""

    path: str
    text: str
    message: str
    contract: str = ""

    def __str__(self) -> str:
        return f"{self.contract or self.path}: {self.message}"


def forbidden(contract: str, module: str, imported: str) -> Plant:
    """One import in a module of its own (or at the end of one that is there)."""
    path = "/".join(module.split(".")) + ".py"
    return Plant(path, f"import {imported}\n", f"{module} -> {imported.partition('.')[0]} (l.", contract)


def inner(contract: str, module: str, imported: str) -> Plant:
    """The same, of a part of the house."""
    path = "/".join(module.split(".")) + ".py"
    return Plant(path, f"import {imported}\n", f"{module} -> {imported} (l.", contract)


IMPORTS = [
    inner("floors", "reconciler.planning.planted_door", "reconciler.builders.planted"),
    inner("floors", "reconciler.backends.planted_door", "reconciler.registries.memory"),
    inner("floors", "reconciler.model.planted_up", "reconciler.oci.image"),
    inner("floors", "reconciler.oci.planted_up", "reconciler.protocols"),
    inner("floors", "reconciler.execution.planted_up", "reconciler.session"),
    inner("floors", "reconciler.session", "reconciler.cli"),
    Plant("reconciler/cellar/__init__.py", '"""No floor."""\n', "- reconciler.cellar\n", "floors"),
    forbidden("pure", "reconciler.model.planted", "os.path"),
    forbidden("pure", "reconciler.oci.planted", "pathlib"),
    forbidden("pure", "reconciler.protocols", "time"),
    forbidden("pure", "reconciler.planning.planted", "os"),
    forbidden("pure", "reconciler.rendering.planted", "subprocess"),
    forbidden("pure", "reconciler.language.planted", "socket"),
    forbidden("pure", "reconciler.language.source", "threading"),
    forbidden("pure", "reconciler.planning.planted", "docker"),
    # Through another module: the chain is told whole.
    inner("pure", "reconciler.planning.planted_far", "reconciler.model.planted_near"),
    forbidden("pure", "reconciler.model.planted_near", "tempfile"),
    inner("parts", "reconciler.cli.planted_part", "reconciler.backends.file"),
    inner("parts", "reconciler.cli.plan", "reconciler.registries"),
    inner("parts", "reconciler.cli.planted_work", "reconciler.execution.apply"),
    inner("parts", "reconciler.cli.planted_builder", "reconciler.builders.planted"),
    inner("source", "reconciler.language.planted_source", "reconciler.language.source"),
    inner("source", "reconciler.cli.planted_source", "reconciler.language.source"),
    inner("source", "reconciler.backends.planted_source", "reconciler.language.source"),
    forbidden("by-name", "reconciler.rendering.planted_name", "importlib"),
    forbidden("by-name", "reconciler.session", "importlib.util"),
    forbidden("by-name", "reconciler.cli.planted_name", "runpy"),
    forbidden("door-hcl2", "reconciler.language.planted_door", "hcl2"),
    forbidden("door-hcl2", "reconciler.session", "lark"),
    forbidden("door-yaml", "reconciler.backends.planted_yaml", "yaml"),
    forbidden("door-deepdiff", "reconciler.planning.planted_diff", "deepdiff"),
    forbidden("door-tabulate", "reconciler.cli.planted_table", "tabulate"),
    forbidden("door-tabulate", "reconciler", "tabulate"),
    forbidden("door-tabulate", "reconciler.rendering.planted_table", "tabulate"),
    forbidden("door-docker", "reconciler.registries.planted_docker", "docker.errors"),
    forbidden("door-docker", "reconciler.builders.planted_docker", "docker"),
    forbidden("door-click", "reconciler.session", "click"),
    forbidden("door-urllib3", "reconciler.execution.planted_http", "urllib3"),
    forbidden("door-rattler", "reconciler.session", "rattler"),
    forbidden("door-rattler", "reconciler.resolvers.planted_conda", "rattler"),
    forbidden("door-zlib-ng", "reconciler.builders.docker.planted_inflate", "zlib_ng"),
    forbidden("door-deflate", "reconciler.builders.docker.planted_pack", "deflate"),
    forbidden("door-re2", "reconciler.language.planted_re2", "re2"),
    forbidden("door-regex", "reconciler.language.functions.planted_regex", "regex"),
    forbidden("door-uv", "reconciler.resolvers.planted_uv", "uv"),
    forbidden("door-http", "reconciler.session.planted_server", "http"),
]

_BRANCHES = "".join(f"    if value == {number}:\n        value += 1\n" for number in range(10))
_STATEMENTS = "".join(f"    value += {number}\n" for number in range(30))


def function(body: str) -> str:
    """A module with one function that is as it should be but for its body."""
    head = '"""Planted."""\n\n\ndef planted(value: int) -> int:\n    """Planted."""\n'
    return head + body + "    return value\n"


# It imports, and crashes when it is called.
FOR_TYPES_ALONE = '''"""Planted."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from reconciler.model.plan import Plan


def planted(values: Iterable[int]) -> type[Plan]:
    """Planted."""
    return Plan
'''

RUFF = [
    Plant("reconciler/session.py", "print()\n", "T201"),
    Plant("reconciler/planning/planted_print.py", function("    print(value)\n"), "planted_print.py:6:5: T201"),
    Plant("reconciler/planning/planted_branches.py", function(_BRANCHES), "planted_branches.py:4:5: C901"),
    Plant("reconciler/planning/planted_statements.py", function(_STATEMENTS), "planted_statements.py:4:5: PLR0915"),
    Plant("reconciler/planning/planted_silence.py", "def planted() -> None: ...\n", "planted_silence.py:1:5: D103"),
    Plant("reconciler/planning/planted_dots.py", "from . import decide\n", "planted_dots.py:1:1: TID252"),
    Plant("reconciler/cellar/planted/loose.py", "", "loose.py:1:1: INP001"),
    Plant("reconciler/planning/planted_typing.py", FOR_TYPES_ALONE, "planted_typing.py:9:39: TC004"),
]
PRINT_WHERE_IT_MAY_BE = Plant("reconciler/cli/planted_print.py", function("    print(value)\n"), "cli/planted_print.py")
FORMAT = [Plant("reconciler/planning/planted_format.py", "value = {  'a':1 }\n", "planted_format.py")]
MYPY = [
    Plant(
        "reconciler/planning/planted_types.py", "def planted(value):\n    return value\n", "planted_types.py:1: error:"
    )
]


def lines(count: int) -> str:
    """A module of so many lines."""
    return "".join(f"LINE_{number} = {number}\n" for number in range(count))


def long_function(count: int) -> str:
    """A module whose one function has so many lines."""
    return function("    value += 1\n" * (count - 3))


SHAPE = [
    Plant("reconciler/utils/__init__.py", "", "reconciler/utils:1 is called utils"),
    Plant("utils/__init__.py", "", "utils:1 is called utils"),
    Plant("helpers.py", "", "helpers.py:1 is called helpers.py"),
    Plant("core/notes.txt", "", "core:1 is called core"),
    Plant("tests/common/__init__.py", "", "tests/common:1 is called common"),
    Plant("tests/language/manager.py", "", "tests/language/manager.py:1 is called manager.py"),
    Plant("tests/planning/base.py", "", "tests/planning/base.py:1 is called base.py"),
    Plant("tests/planning/test_utils.py", "", "tests/planning/test_utils.py:1 is called test_utils.py"),
    Plant("reconciler/planning/helpers.py", "", "reconciler/planning/helpers.py:1 is called helpers.py"),
    Plant("reconciler/planning/text_utils.py", "", "reconciler/planning/text_utils.py:1 is called text_utils.py"),
    Plant("reconciler/oci/helper_functions.py", "", "reconciler/oci/helper_functions.py:1 is called helper_functions"),
    Plant("reconciler/oci/my_core_rules.py", "", "reconciler/oci/my_core_rules.py:1 is called my_core_rules.py"),
    Plant("reconciler/cellar/__init__.py", "", "reconciler/cellar:1 has no floor"),
    Plant("reconciler/attic/notes.txt", "", "reconciler/attic:1 has no floor"),
    Plant("reconciler/curated/code.py", "VALUE = 1\n", "reconciler/curated/code.py:1 is code"),
    Plant("reconciler/planning/planted_long.py", lines(401), "reconciler/planning/planted_long.py:1 has 401 lines"),
    Plant("tests/planning/test_long.py", lines(601), "tests/planning/test_long.py:1 has 601 lines"),
    Plant("reconciler/cli/planted_body.py", long_function(41), "reconciler/cli/planted_body.py:4 planted has 41 lines"),
    Plant("reconciler/planning/quiet_print.py", "print(1)  # noqa: T201\n", "quiet_print.py:1 silences T201"),
    Plant("reconciler/cli/quiet_knot.py", "x = 1  # noqa: D103,C901\n", "quiet_knot.py:1 silences C901"),
    Plant("reconciler/cli/quiet_length.py", "x = 1  #noqa:PLR0915 - long\n", "quiet_length.py:1 silences PLR0915"),
    Plant("reconciler/planning/quiet_file.py", "# ruff: noqa: T201\n", "quiet_file.py:1 silences rules for more"),
    Plant("reconciler/planning/quiet_block.py", "# ruff: disable[T201]\n", "quiet_block.py:1 silences rules for more"),
    Plant("reconciler/planning/quiet_types.py", "# mypy: ignore-errors\n", "quiet_types.py:1 silences rules for more"),
]
AT_THE_LIMIT = [
    Plant("reconciler/planning/limit_lines.py", lines(400), "limit_lines"),
    Plant("reconciler/planning/limit_body.py", long_function(40), "limit_body"),
    Plant("tests/planning/test_limit.py", lines(600), "test_limit"),
    Plant("reconciler/planning/base_images.py", "", "base_images"),
    Plant("reconciler/cli/allowed_noqa.py", "x = 1  # noqa: ARG002 - a reason\n", "allowed_noqa"),
]


def taken(name: str, text: str, said: str, *, line: int = 1, room: str = "oci") -> Plant:
    """A module of a pure floor that takes what it may not."""
    return Plant(f"reconciler/{room}/taken_{name}.py", text, f"taken_{name}.py:{line} {said}")


PURITY = [
    taken("open", "open('x')\n", "uses open"),
    taken("reader", "read = open\n", "uses open", room="planning"),
    taken("print", "print(1)  # noqa: T201\n", "uses print", room="rendering"),
    taken("io", "from io import FileIO\n", "imports FileIO of io"),
    taken("io_whole", "import io\n\nio.open('x')\n", "takes open of io", line=3),
    taken("io_handed", "import io as i\n\nj = i\n", "hands io on", line=3),
    taken("codecs", "import codecs\n\ncodecs.open('x')\n", "takes open of codecs", line=3, room="language"),
    taken("posix", "import posix\n", "imports posix"),
    taken("posixpath", "from posixpath import exists\n", "imports exists of posixpath"),
    taken("zip", "import zipfile\n\nzipfile.ZipFile('x')\n", "imports zipfile", room="language"),
    taken("tar", "from tarfile import open as tar\n", "imports tarfile"),
    taken("gzip", "import gzip\n", "imports gzip"),
    taken("stdout", "import sys\n\nsys.stdout.write('x')\n", "takes stdout of sys", line=3, room="rendering"),
    taken("stderr", "from sys import stderr\n", "imports stderr of sys", room="rendering"),
    taken("argv", "import sys as s\n\nx = s.argv\n", "takes argv of sys", line=3, room="model"),
    taken("exit", "from sys import exit as leave\n", "imports exit of sys", room="planning"),
    taken("getpass", "from getpass import getuser\n", "imports getpass", room="planning"),
    taken("url", "from urllib import request\n", "imports request of urllib", room="model"),
    taken("url_whole", "import urllib.request\n", "imports urllib.request", room="model"),
    taken("library", "import requests\n", "imports requests", room="planning"),
    taken("thread", "from concurrent.futures import Future\n", "imports concurrent.futures", room="planning"),
    taken("gc", "import gc\n", "imports gc", room="language"),
    taken(
        "clock",
        "import datetime\n\nfrom datetime import datetime as d\n\nnow = datetime.datetime.now()\n",
        "takes the clock datetime.now",
        line=5,
        room="rendering",
    ),
    taken("clock_name", "from datetime import datetime as d\n\nclock = d.now\n", "takes the clock d.now", line=3),
    taken("clock_day", "from datetime import date\n\nday = date.today\n", "takes the clock date.today", line=3),
    taken("clock_of_value", "def f(x):\n    return x.now()\n", "reads the clock with now()", line=2),
    taken("process", "import subprocess\n", "imports subprocess", room="execution"),
    taken("network", "import socket\n", "imports socket", room="execution"),
    taken("files", "from pathlib import Path\n", "imports pathlib", room="execution"),
    taken("folders", "import os.path\nimport shutil\n", "imports shutil", line=2, room="execution"),
    taken("temporary", "import tempfile\n", "imports tempfile", room="execution"),
    taken("http", "import urllib3\n", "imports urllib3", room="execution"),
    taken("engine", "import docker\n", "imports docker", room="execution"),
    taken(
        "by_name", "from importlib import import_module\n\nimport_module('tabulate')\n", "imports tabulate by", line=3
    ),
    taken("by_builtin", "x = __import__('tabulate')\n", "imports tabulate by a text", room="cli"),
    taken("by_alias", "x = __import__\nx('tabulate')\n", "uses __import__", room="backends"),
]
# In places of their own, for everything else there may be wrong.
INNOCENT = [
    Plant(
        "reconciler/oci/innocent.py",
        "from io import BytesIO\nfrom sys import maxsize\nfrom urllib.parse import quote\nimport urllib.parse\n"
        "import posixpath\nfrom datetime import datetime\n\nposixpath.join('a')\ndatetime.fromisoformat('x')\n",
        "innocent",
    ),
    Plant("reconciler/execution/innocent.py", "import threading\n\n\ndef f(self):\n    self.now()\n", "innocent"),
    Plant("reconciler/cli/innocent.py", "import os\n\n\ndef f(x):\n    return import_module(x)\n", "innocent"),
]


def copy_house(target: Path) -> Path:
    """What `make check` looks at, apart from tests other than its own checks."""
    shutil.copy2(ROOT / "pyproject.toml", target)
    for folder in ("reconciler", "tests/house"):
        shutil.copytree(ROOT / folder, target / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return target


def plant_everything(target: Path) -> None:
    """Add all plants, and what they stand on."""
    builders = target / "reconciler/builders"
    builders.mkdir(exist_ok=True)
    for name in ("__init__.py", "planted.py"):
        (builders / name).touch()
    for plant in (*IMPORTS, *RUFF, *FORMAT, *MYPY, *SHAPE, *AT_THE_LIMIT, *PURITY, *INNOCENT, PRINT_WHERE_IT_MAY_BE):
        path = target / plant.path
        if (target / plant.path.removesuffix(".py") / "__init__.py").exists():
            path = target / plant.path.removesuffix(".py") / "__init__.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(plant.text)
