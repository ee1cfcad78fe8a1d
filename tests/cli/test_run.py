"""`envform run`: a command in what was registered."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from reconciler.oci.reference import Name
from reconciler.registries.layout import LayoutRegistry
from tests.builders.debian import debian_base
from tests.cli.project import Project
from tests.cli.terminal import Result, program
from tests.services.wants import missing, require

DECLARED = """
environment "debian" {
  image = "oci:./images:debian"

  environment_variables = {
    GREETING = "good morning"
    SIZE     = "small"
  }
}
"""


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shared, for the image is unpacked only once."""
    require("runc")
    if os.geteuid() != 0:
        missing("runc", "some machines let nobody but root start containers")
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project.at(tmp_path)
    LayoutRegistry(tmp_path / "images").push(debian_base(), [Name("", "debian")])
    project.apply(DECLARED)
    return project


def run(project: Project, cache: Path, *words: str, stdin: str = "") -> Result:
    """In a process of its own, whose streams a job can have."""
    return program(
        "run", *words, cwd=project.folder, env={"XDG_CACHE_HOME": str(cache), "FROM_HERE": "yes"}, stdin=stdin
    )


def test_a_command_sees_the_variables_and_ends_as_it_ends(project: Project, cache: Path) -> None:
    script = 'read line; echo "$GREETING, $line, $SIZE, $FROM_HERE"; exit 9'
    done = run(
        project, cache, "debian", "-env=SIZE=large", "-env", "FROM_HERE", "--", "bash", "-c", script, stdin="you\n"
    )
    assert (done.exit_code, done.stdout) == (9, "good morning, you, large, yes\n")
    again = run(project, cache, "debian:1", "--", "python3", "-c", "import os; os.abort()")
    assert (again.exit_code, again.stderr) == (134, ""), "the second run does not unpack"


def test_files_are_shown_where_they_are_wanted(project: Project, cache: Path) -> None:
    (project.folder / "script.py").write_text("import os; print(os.getcwd()); open('made', 'w')")
    done = run(project, cache, "debian@latest", "-mount=.:/work", "-workdir=/work", "--", "python3", "script.py")
    assert (done.exit_code, done.stdout) == (0, "/work\n")
    assert (project.folder / "made").exists()
    done = run(project, cache, "debian", "-mount=script.py:/opt/it.py:ro", "--", "python3", "/opt/it.py")
    assert done.stdout == "/\n"
    (project.folder / "it").write_text("#!/bin/bash\necho it\n")
    refused = run(project, cache, "debian", "-mount=it:/opt/it", "--", "/opt/it")
    assert (refused.exit_code, "Error: Program cannot be started" in refused.stderr) == (126, True)
    (project.folder / "it").chmod(0o755)
    for word in ("/opt/it", "it"):
        done = run(project, cache, "debian", "-env=PATH=/bin:/opt", "-mount=it:/opt/it", "--", word)
        assert (done.exit_code, done.stdout) == (0, "it\n"), done.stderr


def test_what_is_archived_runs_and_says_so(project: Project, cache: Path) -> None:
    project.run("env", "archive", "debian")
    done = run(project, cache, "debian", "--", "true")
    assert done.exit_code == 0
    assert "Warning: Environment is archived\n" in done.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["debain", "--", "true"], "did you mean `debian`?"),
        (["debian:2", "--", "true"], "has no version `2`"),
        (["debian", "-env==x", "--", "true"], "a variable has a name"),
        (["debian", "-env=NO_SUCH_VARIABLE", "--", "true"], "no variable of that name is set here"),
        (["debian", "-mount=x", "--", "true"], "write `SRC:DST`"),
        (["debian", "-mount=.:work", "--", "true"], "begins with `/`"),
        (["debian", "-mount=.:/", "--", "true"], "a path below `/`"),
        (["debian", "-mount=.:/a/../..", "--", "true"], "a path below `/`"),
        (["debian", "-mount=main.hc:/x", "--", "true"], "did you mean `main.hcl`?"),
        (["debian", "-workdir=work", "--", "true"], "begins with `/`"),
    ],
)
def test_mistakes_are_told_before_anything_happens(project: Project, words: list[str], told: str) -> None:
    assert told in " ".join(project.run("run", *words, exit_code=125).stderr.split())


def test_an_image_that_is_gone_is_not_replaced_by_another(project: Project) -> None:
    digest = project.state["environments"]["debian"]["versions"][0]["image"]
    (project.folder / "registry" / "blobs" / "sha256" / digest.removeprefix("sha256:")).unlink()
    assert project.run("run", "debian", "--", "true", exit_code=125).stderr.startswith("Error: Image is gone\n")


def test_a_layer_that_was_changed_is_not_run(project: Project, tmp_path: Path) -> None:
    layer = debian_base().layers[0].descriptor.digest.hex
    with (project.folder / "registry" / "blobs" / "sha256" / layer).open("r+b") as file:
        file.seek(2_000_000)
        file.write(b"changed")
    done = run(project, tmp_path / "cache", "debian", "--", "true")
    assert done.exit_code == 125
    assert "content of another digest" in done.stderr
    assert [path.suffix for path in (tmp_path / "cache" / "envform" / "rootfs").iterdir()] == [".lock"]
