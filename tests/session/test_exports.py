"""Registered versions as files of other tools, and what those tools and envform itself make of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from reconciler.language.configuration import configure
from reconciler.language.definition.dockerfile import parse_dockerfile
from reconciler.language.evaluation import evaluate
from reconciler.language.source import ProjectFiles
from reconciler.model.definition import Artefact, Lock
from reconciler.model.diagnostic import EnvformError
from reconciler.model.digest import Digest
from reconciler.model.environment import Environment
from reconciler.model.state import Record, Registered
from reconciler.session.catalogue import Found
from reconciler.session.exports import Export, Exporter
from tests.builders.making_wheels import TinyWheel

ENVFORM = 'envform {\n  registry = "oci:./registry"\n}\n'
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
BASE = Digest.of(b"base")
CONDA = """
environment "training" {
  image       = "docker.io/library/ubuntu:24.04"
  version     = "3"
  description = "A text."
  tags        = { a = "1" }
  conda {
    channels     = ["conda-forge", "defaults"]
    dependencies = ["python=3.12", "conda-forge::numpy>=2", "pip"]
    pip          = ["six==1.16.0", "--extra-index-url https://x.example/simple", "-c cons.txt", "./LOCAL"]
  }
  environment_variables = { B = "2" }
  inference_config {
    liveness_route {
      path = "/a"
      port = 1
    }
    readiness_route {
      path = "/b"
      port = 2
    }
    scoring_route {
      path = "/c"
      port = 3
    }
  }
}
"""
CONDA = CONDA.replace("LOCAL", "packages/a-1-py3-none-any.whl")
IMAGE = 'environment "training" {\n  image = "docker.io/library/ubuntu:24.04"\n}\n'
BUILD = 'environment "training" {\n  build {\n    path            = "context"\n    dockerfile_path = "D"\n  }\n}\n'
PIP = 'environment "training" {\n  image = "a.b/python:3"\n  pip = ["six>=1", "--index-url https://x.example/simple"]\n}\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "packages").mkdir()
    (tmp_path / "packages" / "a-1-py3-none-any.whl").write_bytes(b"a")
    (tmp_path / "cons.txt").write_text("urllib3<3\n")
    (tmp_path / "context").mkdir()
    (tmp_path / "context" / "D").write_text("FROM docker.io/library/ubuntu:24.04\n")
    return tmp_path


def environment(root: Path, name: str, text: str) -> Environment:
    """The only environment of a text."""
    configuration = configure({"envform.hcl": ENVFORM, name: text}, files=ProjectFiles(root))
    (address,) = configuration.addresses
    return evaluate(configuration, address, {})


def exported(
    root: Path, text: str, form: str, artefacts: tuple[Artefact, ...] = (), folder: Path | None = None
) -> Export:
    declared = environment(root, "main.hcl", text)
    definition = declared.definition(declared.image, BASE)
    lock = Lock(BASE, "linux/amd64", artefacts, PYTHON)
    details = (declared.description, declared.tags, declared.details)
    record = Record(declared.version or "1", definition.hash, definition, lock.digest, BASE, "", *details)
    found = Found(Registered(declared.name, declared.address, (record,)), record)
    return Exporter(found, lock, root, folder).export(form)


@pytest.mark.parametrize("text", [CONDA, IMAGE, BUILD], ids=["conda", "image", "build"])
def test_an_exported_document_is_read_again_as_the_same_environment(project: Path, text: str) -> None:
    folder = project / "azure"
    folder.mkdir()
    export = exported(project, text, "azureml", folder=folder)
    for name, content in export.files.items():
        (folder / name).write_text(content)
    before, after = (
        environment(project, "main.hcl", text),
        environment(project, "azure/environment.yml", export.files["environment.yml"]),
    )
    assert not export.told
    assert after.contents == before.contents
    assert after.definition(after.image, BASE).hash == before.definition(before.image, BASE).hash
    same = ("name", "image", "description", "tags", "details")
    assert [getattr(after, one) for one in same] == [getattr(before, one) for one in same]


def test_on_standard_output_a_document_holds_its_conda_file(project: Path) -> None:
    export = exported(project, CONDA, "azureml")
    assert "conda_file:\n  channels:\n  - conda-forge" in export.files["environment.yml"]
    assert export.told[0].detail.startswith("Constraints stand in a file of their own")


def test_what_azure_has_no_word_for_is_told(project: Path) -> None:
    export = exported(project, PIP, "azureml")
    assert (
        f"- python={PYTHON}\n  - pip\n  - pip:\n    - --index-url https://x.example/simple\n    - six>=1"
        in export.files["environment.yml"]
    )
    assert "another hash" in export.told[-1].detail
    assert environment(project, "environment.yml", export.files["environment.yml"]).contents.conda


def pip_artefacts(root: Path) -> tuple[Artefact, ...]:
    """Two packages that are wheels of the project."""
    made = []
    for name in ("alpha", "beta"):
        path = TinyWheel({f"{name}.py": ""}, name=name).write(root)
        made.append(Artefact(name, "1.0", path.name, Digest.of(path.read_bytes()), path.stat().st_size))
    return tuple(made)


@pytest.mark.parametrize("form", ["requirements", "pylock"])
def test_uv_installs_from_an_export_what_is_locked(project: Path, form: str) -> None:
    artefacts = pip_artefacts(project)
    ((name, text),) = exported(project, PIP, form, artefacts).files.items()
    (project / name).write_text(text.replace("--index-url https://x.example/simple\n", ""))
    words = ["pip", "install", "--offline", "--no-deps", "--no-cache", "--target", "installed", "--requirement", name]
    uv = [sys.executable, "-m", "uv", *words, *(["--require-hashes"] if form == "requirements" else [])]
    done = subprocess.run(uv, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (project / "installed").glob("*.py")} == {"alpha.py", "beta.py"}
    wrong = Digest.of(b"other").removeprefix("sha256:")
    (project / name).write_text(text.replace(artefacts[0].digest.removeprefix("sha256:"), wrong))
    elsewhere = ["other" if word == "installed" else word for word in uv]
    assert subprocess.run(elsewhere, cwd=project, capture_output=True, check=False).returncode != 0


def test_requirements_name_packages_by_version_where_an_index_gave_them(project: Path) -> None:
    url = "https://files.example/six-1.16.0-py2.py3-none-any.whl"
    six = Artefact("six", "1.16.0", url, BASE, 10, index="https://x.example/simple")
    ((_, text),) = exported(project, PIP, "requirements", (six,)).files.items()
    assert f"--index-url https://x.example/simple\nsix==1.16.0 \\\n    --hash={BASE}\n" in text


def test_a_dockerfile_has_the_base_the_steps_and_all_packages(project: Path) -> None:
    text = PIP.replace("  pip", '  environment_variables = { A = "$x\\"y" }\n  docker_steps = ["RUN true"]\n  pip')
    url = "https://files.example/six-1.16.0-py2.py3-none-any.whl"
    ((_, dockerfile),) = exported(
        project, text, "dockerfile", (Artefact("six", "1.16.0", url, BASE, 10),)
    ).files.items()
    parsed = parse_dockerfile(dockerfile)
    assert not parsed.problems
    instructions = [one.text for one in parsed.instructions]
    assert instructions[:2] == [f"FROM a.b/python:3@{BASE} AS envform-steps", "RUN true"]
    assert any("six==1.16.0" in one and one.startswith("COPY <<'EOF'") for one in instructions)
    assert instructions[-1] == 'ENV A="\\$x\\"y"'
    read_again = environment(
        project, "main.hcl", f'environment "a" {{\n  dockerfile = <<EOT\n{escaped(dockerfile)}EOT\n}}\n'
    )
    assert read_again.contents.dockerfile


OWN = """
environment "training" {
  dockerfile = <<-EOT
    # escape=`
    ARG TAG=1
    FROM a.b/shell:$TAG AS made
    RUN echo a; `
      echo b > /x
    FROM oci:./images:debian
    COPY --from=made /x /x
  EOT
  conda {
    channels     = ["conda-forge"]
    dependencies = ["python=3.12"]
  }
}
"""


def test_a_dockerfile_of_its_own_keeps_its_head_and_its_stages(project: Path) -> None:
    locked = (Artefact("python", "3.12.7", "channel/linux-64/python-3.12.7-h_0.conda", BASE, 10, "conda"),)
    ((_, dockerfile),) = exported(project, OWN, "dockerfile", locked).files.items()
    parsed = parse_dockerfile(dockerfile)
    assert (parsed.problems, parsed.directives) == ([], {"syntax": "docker/dockerfile:1", "escape": "`"})
    stages = [one.text for one in parsed.instructions if one.text.startswith(("ARG", "FROM"))]
    assert [*stages[:1], *stages[2:]] == [
        "ARG TAG=1", "FROM a.b/shell:$TAG AS made", "FROM base AS envform-steps", "FROM envform-steps",
    ]  # fmt: skip
    assert "file:///tmp/envform/channel/linux-64/python-3.12.7-h_0.conda#" in dockerfile


def escaped(text: str) -> str:
    return text.replace("${", "$${")


def test_conda_packages_are_an_explicit_list_and_a_stage(project: Path) -> None:
    url = "https://conda.anaconda.org/conda-forge/linux-64/python-3.12.7-h_0.conda"
    locked = (Artefact("python", "3.12.7", url, BASE, 10, "conda"), *pip_artefacts(project))
    ((_, listed),) = exported(project, CONDA, "conda-lock", locked).files.items()
    assert listed.startswith(f"# platform: linux-64\n@EXPLICIT\n{url}#{BASE}\n# pip alpha @ ")
    ((_, dockerfile),) = exported(project, CONDA, "dockerfile", locked).files.items()
    assert not parse_dockerfile(dockerfile).problems
    assert "COPY --from=envform-conda /opt/env /opt/env\n" in dockerfile.partition("AS envform-packages")[2]
    assert exported(project, CONDA, "pylock", locked).told


@pytest.mark.parametrize(("text", "form"), [(IMAGE, "pylock"), (IMAGE, "conda-lock"), (BUILD, "dockerfile")])
def test_what_is_not_there_cannot_be_exported(project: Path, text: str, form: str) -> None:
    with pytest.raises(EnvformError, match="Nothing to export"):
        exported(project, text, form)
