"""A `spark` block: Spark finds in the image which packages to bring, whatever else makes the image."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from reconciler.oci.config import read_config, variable_of
from reconciler.oci.image import Image
from reconciler.oci.reference import Name
from reconciler.registries.layout import LayoutRegistry
from tests.builders.debian import debian_base, unpack
from tests.builders.making_wheels import TinyWheel
from tests.cli.project import Project
from tests.cli.terminal import program
from tests.services.wants import missing, require

SPARK = """
  spark {
    repositories = ["https://maven.example/releases/"]
    packages     = ["org.apache.spark:spark-avro_2.12:3.5.1", "io.delta:delta-spark_2.12:3.2.0"]
  }
"""
DECLARED = f"""
environment "lake" {{
  image = "oci:./images:debian"
  pip   = ["--no-index", "--find-links ./wheels", "pyspark"]
{SPARK}
}}
"""
SETTINGS = (
    "spark.jars.packages org.apache.spark:spark-avro_2.12:3.5.1,io.delta:delta-spark_2.12:3.2.0\n"
    "spark.jars.repositories https://maven.example/releases\n"
)
PYSPARK = """import os
def settings():
    with open(os.environ["SPARK_CONF_DIR"] + "/spark-defaults.conf") as file:
        return file.read()
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return Project.at(tmp_path)


@pytest.fixture(scope="module")
def debian() -> Image:
    return debian_base()


def image_of(project: Project, name: str) -> Image:
    found = LayoutRegistry(project.folder / "registry").pull(Name(name, "latest"), "linux/amd64")
    assert found is not None
    return found


def test_pyspark_finds_its_packages_configured(project: Project, debian: Image) -> None:
    LayoutRegistry(project.folder / "images").push(debian, [Name("", "debian")])
    (project.folder / "wheels").mkdir()
    TinyWheel({"pyspark/__init__.py": PYSPARK}, "pyspark", "3.5.1").write(project.folder / "wheels")
    project.apply(DECLARED)
    assert project.summary().startswith("No changes.")
    assert "No drift." in project.run("drift").stdout
    exported = project.run("env", "export", "lake", "-format=dockerfile").stdout
    assert f"spark-defaults.conf\n{SETTINGS}EOF\nENV SPARK_CONF_DIR=" in exported
    require("runc")
    if os.geteuid() != 0:
        missing("runc", "some machines let nobody but root start containers")
    script = "import pyspark; print(pyspark.settings(), end='')"
    done = program(
        "run",
        "lake",
        "--",
        "python",
        "-c",
        script,
        cwd=project.folder,
        env={"XDG_CACHE_HOME": os.environ["XDG_CACHE_HOME"]},
    )
    assert done.stdout == SETTINGS


def test_a_ready_image_is_given_settings_and_nothing_else(project: Project, tmp_path: Path) -> None:
    project.apply(f'environment "plain" {{\n  image = BASE\n{SPARK}}}\nenvironment "base" {{\n  image = BASE\n}}\n')
    image, base = image_of(project, "plain"), image_of(project, "base")
    unpack(image, tmp_path / "unpacked", above=len(base.layers))
    files = [path for path in (tmp_path / "unpacked").rglob("*") if path.is_file()]
    assert [path.read_text() for path in files] == [SETTINGS]
    assert variable_of(read_config(image), "SPARK_CONF_DIR") == "/opt/envform/spark/conf"
    assert variable_of(read_config(image), "PATH") == variable_of(read_config(base), "PATH")


def test_another_package_is_another_version_of_the_environment(project: Project) -> None:
    declared = f'environment "plain" {{\n  image = BASE\n{SPARK}}}\n'
    project.apply(declared)
    first = image_of(project, "plain").digest
    project.apply(declared.replace("3.2.0", "3.3.0"))
    assert image_of(project, "plain").digest != first
    assert "plain:2" in project.run("env", "show", "plain").stdout
    project.apply(declared)
    assert image_of(project, "plain").digest == first, "found again, or made again to the byte"


def test_repositories_are_addresses_and_hold_no_credentials(project: Project) -> None:
    for repository, summary in (
        ("maven central", "Invalid Spark repository"),
        ("https://a.example,https://b.example", "Invalid Spark repository"),
        ("https://me:secret@maven.example/x", "Credentials in a definition"),
    ):
        project.declare(
            f'environment "x" {{\n  image = BASE\n{SPARK.replace("https://maven.example/releases/", repository)}}}'
        )
        assert summary in project.run("validate", exit_code=1).stderr
