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
    inner("source", "reconciler.language.planted_source", "reconciler.language.source"),
    forbidden("door-hcl2", "reconciler.language.planted_door", "hcl2"),
    forbidden("door-hcl2", "reconciler.session", "lark"),
    forbidden("door-yaml", "reconciler.backends.planted_yaml", "yaml"),
    forbidden("door-deepdiff", "reconciler.planning.planted_diff", "deepdiff"),
    forbidden("door-tabulate", "reconciler.cli.planted_table", "tabulate"),
    forbidden("door-tabulate", "reconciler", "tabulate"),
    forbidden("door-docker", "reconciler.registries.planted_docker", "docker.errors"),
    forbidden("door-click", "reconciler.session", "click"),
    forbidden("door-urllib3", "reconciler.execution.planted_http", "urllib3"),
    forbidden("door-rattler", "reconciler.session", "rattler"),
    forbidden("door-re2", "reconciler.language.planted_re2", "re2"),
    forbidden("door-regex", "reconciler.language.planted_regex", "regex"),
]

_BRANCHES = "".join(f"    if value == {number}:\n        value += 1\n" for number in range(10))
_STATEMENTS = "".join(f"    value += {number}\n" for number in range(30))


def function(body: str) -> str:
    """A module with one function that is as it should be but for its body."""
    head = '"""Planted."""\n\n\ndef planted(value: int) -> int:\n    """Planted."""\n'
    return head + body + "    return value\n"


RUFF = [
    Plant("reconciler/session.py", "print()\n", "T201"),
    Plant("reconciler/planning/planted_print.py", function("    print(value)\n"), "planted_print.py:6:5: T201"),
    Plant("reconciler/planning/planted_branches.py", function(_BRANCHES), "planted_branches.py:4:5: C901"),
    Plant("reconciler/planning/planted_statements.py", function(_STATEMENTS), "planted_statements.py:4:5: PLR0915"),
    Plant("reconciler/planning/planted_silence.py", "def planted() -> None: ...\n", "planted_silence.py:1:5: D103"),
    Plant("reconciler/planning/planted_dots.py", "from . import decide\n", "planted_dots.py:1:1: TID252"),
    Plant("reconciler/cellar/planted/loose.py", "", "loose.py:1:1: INP001"),
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
    Plant("reconciler/planning/helpers.py", "", "reconciler/planning/helpers.py:1 is called helpers.py"),
    Plant("reconciler/planning/text_utils.py", "", "reconciler/planning/text_utils.py:1 is called text_utils.py"),
    Plant("reconciler/cellar/__init__.py", "", "reconciler/cellar:1 has no floor"),
    Plant("reconciler/attic/notes.txt", "", "reconciler/attic:1 has no floor"),
    Plant("reconciler/curated/code.py", "VALUE = 1\n", "reconciler/curated/code.py:1 is code"),
    Plant("reconciler/planning/planted_long.py", lines(401), "reconciler/planning/planted_long.py:1 has 401 lines"),
    Plant("reconciler/cli/planted_body.py", long_function(41), "reconciler/cli/planted_body.py:4 planted has 41 lines"),
]
AT_THE_LIMIT = [
    Plant("reconciler/planning/limit_lines.py", lines(400), "limit_lines"),
    Plant("reconciler/planning/limit_body.py", long_function(40), "limit_body"),
]
PURITY = [
    Plant("reconciler/planning/planted_open.py", "open('x')\n", "planted_open.py:1 calls open()"),
    Plant("reconciler/oci/planted_io.py", "from io import FileIO\n", "planted_io.py:1 imports io"),
    Plant("reconciler/oci/planted_io_whole.py", "import io\n", "planted_io_whole.py:1 imports io"),
    Plant("reconciler/model/planted_sys.py", "import sys\n", "planted_sys.py:1 imports sys"),
    Plant(
        "reconciler/rendering/planted_clock.py",
        "import datetime\n\nfrom datetime import datetime as d\n\nnow = datetime.datetime.now()\n",
        "planted_clock.py:5 reads the clock with now()",
    ),
    Plant("reconciler/model/planted_url.py", "from urllib import request\n", "planted_url.py:1 imports urllib"),
]
INNOCENT = Plant(
    "reconciler/oci/innocent.py",
    "from io import BytesIO\nfrom sys import maxsize\nfrom urllib.parse import quote\nimport urllib.parse\n",
    "innocent",
)


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
    for plant in (*IMPORTS, *RUFF, *FORMAT, *MYPY, *SHAPE, *AT_THE_LIMIT, *PURITY, INNOCENT, PRINT_WHERE_IT_MAY_BE):
        path = target / plant.path
        if (target / plant.path.removesuffix(".py") / "__init__.py").exists():
            path = target / plant.path.removesuffix(".py") / "__init__.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(plant.text)
