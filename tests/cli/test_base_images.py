"""`base_image`: from Debian packages to an image, and what happens when the packages change."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler.backends.format import decode
from reconciler.model.state import State
from reconciler.oci.reference import Name
from reconciler.registries.layout import LayoutRegistry
from tests.builders.making_wheels import TinyWheel
from tests.cli.terminal import REPOSITORY, Envform
from tests.services.debian_archive import DebianArchive, listed
from tests.services.wants import missing, require

DECLARED = """envform {
  registry = "oci:./registry"
}

base_image "python" {
  debian   = "bookworm"
  packages = ["python3"]
}
"""
ON_IT = """
environment "training" {
  image = base_image.python.image
  pip   = ["./tiny-1.0-py3-none-any.whl"]
}
"""
ABOVE = """
environment "named" {
  image = environment.training.image
}

environment "scoring" {
  image = environment.named.image
  pip   = ["./tiny-2.0-py3-none-any.whl"]
}
"""
NEW_BASE = """\
  # base_image.python will be created
  # (download: at most SIZE in 14 packages)
  + base_image "python" {
      + base_digests = {
          + "debian:bookworm" = DIGITS
        }
      + debian       = "bookworm"
      + digest       = (known after apply)
      + hash         = DIGITS
      + name         = "python"
      + packages     = [
          + "base-files",
          + "base-passwd",
          + "bash",
          + "coreutils",
          + "dash",
          + "libc-bin",
          + "libexpat1",
          + "libgcc-s1",
          + "libgomp1",
          + "libstdc++6",
          + "python3",
          + "zlib1g",
        ]
      + platform     = "linux/amd64"
      + version      = "1"
    }

"""


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DebianArchive:
    archive = DebianArchive(tmp_path / "archive")
    monkeypatch.setenv("APT_CONFIG", str(archive.apt_config()))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return archive


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    TinyWheel({"tiny.py": "x = 1\n"}).write(folder)
    (folder / "main.hcl").write_text(DECLARED + ON_IT)
    return folder


def applied(envform: Envform, project: Path) -> str:
    result = envform("apply", "-auto-approve", cwd=project)
    assert result.exit_code == 0, result.stderr
    return result.stdout + result.stderr


def state_of(project: Path) -> State:
    return decode((project / "state" / "default.json").read_bytes(), source="", way_out="")


def locks(project: Path) -> list[list[tuple[str, str]]]:
    """Names and versions in every lock that is recorded."""
    return [[(one.name, one.version) for one in lock.artefacts] for lock in state_of(project).locks.values()]


def version_of(project: Path, name: str) -> str:
    return state_of(project).environments[name].latest.version


@pytest.mark.usefixtures("archive")
def test_a_base_image_that_takes_too_long_is_ended_and_one_that_was_killed_leaves_nothing(
    envform: Envform, project: Path, tmp_path: Path
) -> None:
    left = tmp_path / "cache/envform/fetched-of-a-process-that-was-killed"
    left.mkdir(parents=True)
    result = envform("apply", "-auto-approve", "-build-timeout=1ms", cwd=project)
    assert "Error: Build took too long" in result.stderr
    assert not left.exists()


@pytest.mark.usefixtures("archive")
def test_a_base_image_and_what_stands_on_it_are_made_in_one_apply(envform: Envform, project: Path) -> None:
    told = applied(envform, project)
    block = told[told.index("  # base_image.python") : told.index("  # environment.training")]
    assert re.sub(r"\d[\d.]* (B|KiB)", "SIZE", re.sub(r'"[0-9a-f]{12}"', "DIGITS", block)) == NEW_BASE
    assert re.search(r"\nDownload: at most \d[\d.]* (B|KiB) in 14 packages\.\n", told)
    assert "base_image.python: Creation complete" in told
    assert "Resources: 2 added, 0 changed, 0 destroyed." in told
    again = envform("plan", "-detailed-exitcode", cwd=project)
    assert (again.exit_code, again.stdout.splitlines()[0]) == (
        0,
        "No changes. Your environments match the configuration.",
    )
    assert envform("drift", cwd=project).stdout.startswith("No drift.")
    image = LayoutRegistry(project / "registry").pull(Name("python", "1"), "linux/amd64")
    assert image
    with image.layers[0].open() as layer:
        paths = listed(layer.read())
    assert {"bin", "usr/bin/python3", "usr/bin/python3.11", "etc/os-release"} <= set(paths)
    assert "var/lib/dpkg/status.d/zlib1g" in paths
    assert len(paths) == len(set(paths))
    assert ("libstdc++6", "1.0-1") in next(lock for lock in locks(project) if len(lock) > 1)


def test_no_mirror_is_named_in_state_registry_or_image(archive: DebianArchive, envform: Envform, project: Path) -> None:
    applied(envform, project)
    kept = [path for path in project.rglob("*") if path.is_file() and path.suffix != ".whl"]
    assert [path for path in kept if str(archive.folder).encode() in path.read_bytes()] == []


def test_a_newer_package_is_a_patched_base_and_a_rebase_above(
    archive: DebianArchive, envform: Envform, project: Path
) -> None:
    applied(envform, project)
    archive.add("zlib1g", {"usr/share/doc/zlib1g/copyright": b"free, and safer\n"}, "1.0-2")
    archive.publish()
    planned = envform("plan", "-detailed-exitcode", cwd=project)
    assert planned.exit_code == 2, planned.stderr
    assert "base image patched" in planned.stdout
    assert "Images: 1 to build, 1 to rebase, 0 from cache, 0 unchanged." in planned.stdout
    applied(envform, project)
    assert (version_of(project, "python"), version_of(project, "training")) == ("2", "2")
    assert sum(("zlib1g", "1.0-2") in lock for lock in locks(project)) == 1
    assert envform("plan", "-detailed-exitcode", cwd=project).exit_code == 0


def test_a_pinned_base_keeps_its_packages_and_asks_nobody_until_it_is_to_be_upgraded(
    archive: DebianArchive, envform: Envform, project: Path
) -> None:
    pinned = DECLARED.replace('["python3"]', '["python3"]\n  base     = "pin"')
    (project / "main.hcl").write_text(pinned)
    applied(envform, project)
    archive.add("zlib1g", {}, "1.0-2")
    archive.publish()
    assert envform("plan", "-detailed-exitcode", cwd=project).exit_code == 0
    shutil.move(archive.folder / "dists", archive.folder / "away")
    assert envform("plan", "-detailed-exitcode", cwd=project).exit_code == 0
    shutil.move(archive.folder / "away", archive.folder / "dists")
    upgraded = envform("plan", "-upgrade", "-detailed-exitcode", cwd=project)
    assert (upgraded.exit_code, "base image patched" in upgraded.stdout) == (2, True), upgraded.stdout + upgraded.stderr


@pytest.mark.usefixtures("archive")
def test_packages_upon_packages_upon_a_new_base_are_planned_and_made_in_one_go(envform: Envform, project: Path) -> None:
    TinyWheel({"tiny.py": "x = 2\n"}, version="2.0").write(project)
    (project / "main.hcl").write_text(DECLARED + ON_IT + ABOVE)
    assert "Resources: 4 added, 0 changed, 0 destroyed." in applied(envform, project)
    assert {lock.python for lock in state_of(project).locks.values() if lock.artefacts} == {"3.11"}
    assert envform("plan", "-detailed-exitcode", cwd=project).exit_code == 0
    (project / "main.hcl").write_text(DECLARED + ON_IT + ABOVE.replace("  pip", '  python_version = "3.12"\n  pip'))
    shutil.rmtree(project / "state")
    shutil.rmtree(project / "registry")
    assert "the base image will have 3.11" in " ".join(envform("plan", cwd=project).stderr.split())


@pytest.mark.usefixtures("archive")
def test_a_second_project_takes_the_image_of_the_first(envform: Envform, project: Path, tmp_path: Path) -> None:
    applied(envform, project)
    other = tmp_path / "other"
    other.mkdir()
    (other / "main.hcl").write_text(DECLARED)
    shutil.copytree(project / "registry", other / "registry")
    planned = envform("plan", cwd=other)
    assert "Images: 0 to build, 0 to rebase, 1 from cache, 0 unchanged." in planned.stdout, planned.stderr


@pytest.mark.usefixtures("archive")
@pytest.mark.parametrize(
    ("packages", "summary", "words"),
    [
        ('["pyhton3"]', "Debian package not found", "hint: did you mean `python3`?"),
        ('["python3=9.9"]', "Debian package not found", "no version `9.9` of `python3`"),
        ('["bash", "python3=1.0-1"]', "", ""),
    ],
)
def test_a_package_that_is_not_there_is_told_at_its_list(
    packages: str, summary: str, words: str, envform: Envform, project: Path
) -> None:
    (project / "main.hcl").write_text(DECLARED.replace('["python3"]', packages))
    planned = envform("plan", cwd=project)
    assert planned.exit_code == (1 if summary else 0)
    assert f"Error: {summary}" in planned.stderr or not summary
    assert words in " ".join(planned.stderr.split())
    assert "base_image.python" in planned.stderr or not summary or 'base_image "python"' in planned.stderr


def test_a_package_that_left_the_mirror_after_the_plan_ends_the_apply_and_registers_nothing(
    archive: DebianArchive, envform: Envform, project: Path
) -> None:
    assert envform("plan", "-out=saved", cwd=project).exit_code == 0
    archive.add("zlib1g", {}, "1.0-2")
    archive.publish()
    result = envform("apply", "saved", cwd=project)
    assert result.exit_code == 1
    assert "Error: Debian package is gone" in result.stderr
    assert "Plan again" in " ".join(result.stderr.split())
    assert (
        not list((project / "registry").glob("blobs/sha256/*"))
        or "python" not in (project / "registry" / "index.json").read_text()
    )
    assert envform("apply", "-auto-approve", cwd=project).exit_code == 0


def test_another_file_under_the_same_version_is_refused(
    archive: DebianArchive, envform: Envform, project: Path
) -> None:
    assert envform("plan", "-out=saved", cwd=project).exit_code == 0
    archive.add("zlib1g", {"etc/other": b"not what was planned\n"})
    archive.publish()
    result = envform("apply", "saved", cwd=project)
    assert result.exit_code == 1
    assert "Error: Debian package is not the locked one" in result.stderr


def test_packages_need_a_python_in_the_base(archive: DebianArchive, envform: Envform, project: Path) -> None:
    (project / "main.hcl").write_text(DECLARED.replace('["python3"]', '["bash"]') + ON_IT)
    planned = envform("plan", cwd=project)
    assert "Error: Base image has no Python" in planned.stderr
    archive.remove("python3")
    (project / "main.hcl").write_text(DECLARED + ON_IT.replace("pip ", 'python_version = "3.12"\n  pip '))
    archive.add("python3", {}, needs="python3.11-minimal", links={"usr/bin/python3": "python3.11"})
    archive.publish()
    assert "Error: Base image has another Python" in envform("plan", cwd=project).stderr


def test_a_machine_without_apt_is_told_what_is_needed(
    envform: Envform, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reconciler.resolvers.debian_apt.shutil.which", lambda *_, **__: None)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    planned = envform("plan", cwd=project)
    assert planned.exit_code == 1
    assert "Error: Debian packages cannot be used on this machine" in planned.stderr
    assert "`apt-get`" in planned.stderr


WAITS = """#!/bin/sh
head -c 1M /dev/zero >lists/partial/fill 2>/dev/null
exec sleep 60
"""
FULL = """
mount -t tmpfs -o size=256k none "$XDG_CACHE_HOME" || exit 77
exec {python} -m reconciler -chdir="$1" plan
"""


@pytest.mark.usefixtures("archive")
def test_an_apt_that_waits_for_room_on_a_full_disk_is_ended(project: Path, tmp_path: Path) -> None:
    unshare = require("unshare")
    (tmp_path / "cache").mkdir()
    (tmp_path / "programs").mkdir()
    (tmp_path / "programs" / "apt-get").write_text(WAITS)
    (tmp_path / "programs" / "apt-get").chmod(0o755)
    command: list[str | Path] = [
        unshare,
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        FULL.format(python=sys.executable),
        "sh",
        project,
    ]
    path = f"{tmp_path / 'programs'}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path}
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False, env=environment)
    if done.returncode == 77 or done.stderr.startswith("unshare:"):
        missing("unshare", "may not mount here")
    assert done.returncode == 1
    assert "Lists of Debian packages cannot be kept" in done.stderr
    assert "No space left on device" in done.stderr


@pytest.mark.usefixtures("archive")
@pytest.mark.parametrize(
    ("name", "when", "told"),
    [("apt-get", "", "Lists of Debian packages cannot be kept"), ("dpkg-deb", "--field", "Temporary folder is full")],
)
def test_programs_that_find_no_room_say_so_themselves(
    envform: Envform, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, when: str, told: str
) -> None:
    own = require(name)
    says = f'case "$1" in {when}*) echo "E: No space left on device" >&2; exit 100 ;; esac'
    (tmp_path / name).write_text(f'#!/bin/sh\n{says}\nexec {own} "$@"\n')
    (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    done = envform(f"-chdir={project}", "apply", "-auto-approve")
    assert done.exit_code == 1
    assert told in done.stderr


def test_silent_mirrors_are_told_once_for_each_base_image_and_nothing_is_planned(
    archive: DebianArchive, envform: Envform, project: Path
) -> None:
    shutil.move(archive.folder / "dists", archive.folder / "away")
    (project / "main.hcl").write_text(DECLARED + DECLARED.partition("\n\n")[2].replace('"python"', '"other"'))
    planned = envform("plan", cwd=project)
    assert planned.exit_code == 1
    assert planned.stderr.count("Error: Debian archive cannot be asked") == 2
    assert "apt says:" in planned.stderr
    assert '`base = "pin"`' in " ".join(planned.stderr.split())


@pytest.mark.usefixtures("archive")
def test_instances_and_yaml_work_as_in_environments(envform: Envform, project: Path) -> None:
    (project / "main.hcl").unlink()
    (project / "main.envform.yaml").write_text(
        "envform:\n  registry: oci:./registry\n"
        'base_image:\n  small:\n    for_each: ${toset(["bash", "python3"])}\n    debian: bookworm\n'
        '    packages: ["${each.key}"]\n    manylinux_libraries: false\n'
        "output:\n  images:\n    value: '${[for one in base_image.small : one.name]}'\n"
    )
    told = applied(envform, project)
    assert 'base_image.small["python3"]: Creation complete' in told
    assert '"small-bash",' in told
    assert [[name for name, _ in lock if name == "libgomp1"] for lock in locks(project)] == [[], []]
    listed_states = envform("state", "list", cwd=project).stdout.splitlines()
    assert listed_states == ['base_image.small["bash"]', 'base_image.small["python3"]']
    (project / "main.envform.yaml").write_text("envform:\n  registry: oci:./registry\n")
    gone = envform("plan", cwd=project)
    assert "Plan: 0 to add, 0 to change, 2 to destroy." in gone.stdout, gone.stderr
