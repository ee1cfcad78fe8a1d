"""What the package offers is documented, is what a type checker sees, and costs nothing before it is asked for."""

from __future__ import annotations

import re
import subprocess
import sys

import reconciler
from reconciler import Environment, Workspace
from reconciler.sdk.environments import Environments
from tests.cli.terminal import REPOSITORY

DOCUMENT = (REPOSITORY / "docs" / "sdk.md").read_text(encoding="utf-8")


def test_every_name_is_documented() -> None:
    named = set(re.findall(r"\w+", DOCUMENT))
    offered = set(reconciler.__all__)
    for kind in (Environment, Environments, Workspace):
        offered |= {name for name, one in vars(kind).items() if not name.startswith("_") and callable(one)}
    beside = {
        "called",
        "fields",
        "check",
        "curated",
        "image_details",
        "requirement_lines",
        "hear_diagnostic",
        "carry_out",
    }
    assert offered - beside <= named


def test_the_package_alone_imports_no_other_module_of_its_own() -> None:
    program = "import reconciler, sys; print(*sorted(name for name in sys.modules if name.startswith('reconciler')))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["reconciler", "reconciler.model", "reconciler.model.release"]


def test_an_environment_is_described_without_what_builds_it() -> None:
    program = "from reconciler import Environment; import sys; Environment('x', image='y'); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    heavy = {"pydantic", "yaml", "hcl2", "urllib3", "reconciler.session"}
    assert not heavy & set(done.stdout.split())
