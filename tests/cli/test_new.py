"""`envform new`: definitions from what is there already: valid, formatted, and open about what they lack."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.terminal import Envform

PIXI = """
version: 6
environments:
  default:
    channels:
    - url: https://conda.anaconda.org/conda-forge/
    indexes:
    - https://pypi.org/simple
    packages:
      linux-64:
      - conda: https://conda.anaconda.org/conda-forge/linux-64/python-3.12.7-hc5c86c4_0_cpython.conda
      - conda: https://conda.anaconda.org/conda-forge/noarch/ca-certificates-2024.8.30-hbcca054_0.conda
      - pypi: https://files.pythonhosted.org/packages/aa/bb/six-1.16.0-py2.py3-none-any.whl
      - pypi: .
      - pypi: https://wheels.example/cpu/torch-2.4.1%2Bcpu-cp312-cp312-linux_x86_64.whl
      - pypi: git+https://git.example/a/b?rev=v2#147c8511ddbfa5e8f71bbf5c18ede0c4ceb3bba4
  docs:
    packages: {linux-64: []}
packages:
- conda: https://conda.anaconda.org/conda-forge/linux-64/python-3.12.7-hc5c86c4_0_cpython.conda
  sha256: "0000000000000000000000000000000000000000000000000000000000000000"
- pypi: https://files.pythonhosted.org/packages/aa/bb/six-1.16.0-py2.py3-none-any.whl
  name: six
  version: 1.16.0
- pypi: https://wheels.example/cpu/torch-2.4.1%2Bcpu-cp312-cp312-linux_x86_64.whl
  name: torch
  version: 2.4.1+cpu
- pypi: git+https://git.example/a/b?rev=v2#147c8511ddbfa5e8f71bbf5c18ede0c4ceb3bba4
  name: b
  version: 2.0
"""
UV = """
version = 1
requires-python = ">=3.11"

[[package]]
name = "app"
version = "0.1.0"
source = { virtual = "." }
dependencies = [
    { name = "colorama", marker = "sys_platform == 'win32'" },
    { name = "requests", extra = ["socks"] },
]

[package.dev-dependencies]
dev = [{ name = "pytest" }]

[[package]]
name = "colorama"
version = "0.4.6"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "pysocks"
version = "1.7.1"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "pytest"
version = "8.0.0"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "requests"
version = "2.32.3"
source = { registry = "https://pypi.org/simple" }

[package.optional-dependencies]
socks = [{ name = "pysocks" }]
"""


@pytest.fixture
def envform(tmp_path: Path) -> Envform:
    return Envform(tmp_path)


def made(envform: Envform, *words: str) -> tuple[str, str]:
    """What is written for these words, and what is told; seen to be valid and formatted, in YAML too."""
    done = envform("new", *words)
    assert done.exit_code == 0, done.stderr
    for name, flags in (("made.hcl", ()), ("made.envform.yaml", ("-yaml",))):
        path = envform.folder / name
        path.write_text(envform("new", *words, *flags).stdout)
        verdict = envform("validate")
        assert verdict.exit_code == 0, verdict.stderr
        assert envform("fmt", "-check").exit_code == 0
        path.unlink()
    return done.stdout, done.stderr


def write(envform: Envform, name: str, text: str) -> None:
    path = envform.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_a_conda_file_becomes_a_conda_block(envform: Envform) -> None:
    file = "name: a b\nchannels: [conda-forge]\nprefix: /x\nvariables: {OMP: '3'}\n"
    write(envform, "env.yml", file + "dependencies: [python=3.11, 'numpy >=1.20', {pip: [six==1.16.0]}]\n")
    text, told = made(envform, "-from-conda-file=env.yml")
    assert 'environment "a-b" {' in text
    assert 'dependencies = ["python=3.11", "numpy>=1.20"]' in text
    assert 'pip          = ["six==1.16.0"]' in text
    assert 'OMP = "3"' in text
    assert "`prefix` in `env.yml`" in told
    assert "The source calls it `a b`" in told


def test_a_python_is_taken_where_the_source_says_none(envform: Envform) -> None:
    write(envform, "env.yml", "channels: [conda-forge]\ndependencies: [numpy=2.1]\n")
    text, told = made(envform, "-from-conda-file=env.yml", "-python=3.11")
    assert ('python_version = "3.11"' in text, told) == (True, "")
    write(envform, "env.yml", "channels: [conda-forge]\ndependencies: [python=3.10, python-dateutil=2.9]\n")
    text, told = made(envform, "-from-conda-file=env.yml", "-python=3.11")
    assert "python_version" not in text
    assert "`-python=3.11`: the source says `python=3.10`." in " ".join(told.split())


def test_a_broken_conda_file_is_told_at_its_line(envform: Envform) -> None:
    write(envform, "env.yml", "dependencies:\n  - python=3.11\n  - 3.5\n")
    done = envform("new", "-from-conda-file=env.yml")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "on env.yml line 3" in done.stderr


def test_requirements_are_joined_and_what_nobody_else_has_is_told(envform: Envform) -> None:
    write(envform, "a/req.txt", "requests>=2\n-r ../b.txt\n-c cons.txt\n-f wheels\n-e .\n./gone.whl\n")
    write(envform, "a/wheels/note.txt", "")
    write(envform, "a/cons.txt", "urllib3<3\n")
    write(envform, "b.txt", 'six==1.16.0 ; python_version > "3"\n-r b.txt\n')
    text, told = made(envform, "-from-requirements=a/req.txt", "-name=training", "-python=3.11")
    assert 'environment "training" {' in text
    listed = " ".join(text.split())
    assert '"requests>=2", "six==1.16.0; python_version > \\"3\\"", "-c a/cons.txt", "--find-links a/wheels",' in listed
    assert 'image          = "docker.io/library/python:3.11-slim-bookworm"' in text
    for missing in ("`-e", "`-r b.txt` includes", "gone.whl"):
        assert missing in told


def test_a_project_gives_its_dependencies_and_tells_of_its_extras(envform: Envform) -> None:
    project = '[project]\nname = "app"\nrequires-python = ">=3.13"\ndependencies = ["requests>=2"]\n'
    write(envform, "pyproject.toml", project + '[project.optional-dependencies]\nall = ["six"]\ndoc = ["sphinx"]\n')
    text, told = made(envform, "-from-pyproject=pyproject.toml", "-extra=all")
    assert 'pip   = ["requests>=2", "six"]' in text
    assert "python:3.13-" in text
    assert "`doc` (sphinx) in `pyproject.toml` is optional." in told
    assert "all" not in told


def test_extras_bring_what_they_include_and_indexes_come_along(envform: Envform) -> None:
    project = '[project]\nname = "My.App"\nrequires-python = ">=3.11,<3.13"\ndependencies = ["requests>=2"]\n'
    extras = '[project.optional-dependencies]\nGPU = ["torch==2.4"]\nall = ["my-app[gpu]", "rich"]\nold = ["six"]\n'
    groups = '[dependency-groups]\ndev = ["pytest", {include-group = "lint"}]\nlint = ["ruff"]\ndoc = ["sphinx"]\n'
    uv = '[tool.uv]\nconstraint-dependencies = ["idna<4"]\nindex = [{url = "https://x.example/simple"}]\n'
    write(envform, "pyproject.toml", project + extras + groups + uv)
    text, told = made(envform, "-from-pyproject=pyproject.toml", "-extra=all", "-extra=dev", "-python=3.11")
    for line in ("--extra-index-url https://x.example/simple", "requests>=2", "torch==2.4", "rich", "pytest", "ruff"):
        assert f'"{line}"' in text
    assert "my-app" not in text
    assert "Optional in `pyproject.toml`: `old` (six), `doc` (sphinx)." in told
    assert "`constraint-dependencies` of `[tool.uv]`" in told
    for flags, words in {
        ("-extra=gp",): "It has: GPU, all, dev, doc, lint, old.",
        ("-python=3.10",): "`>=3.11,<3.13`, and 3.10 is not that.",
    }.items():
        assert words in " ".join(envform("new", "-from-pyproject=pyproject.toml", *flags).stderr.split())


def test_a_lock_of_uv_gives_what_runs_on_linux(envform: Envform) -> None:
    write(envform, "uv.lock", UV)
    text, told = made(envform, "-from-uv-lock=uv.lock")
    assert '["pysocks==1.7.1", "requests==2.32.3"]' in text
    assert "`dev` in `uv.lock` is optional" in told
    assert "It has: dev" in envform("new", "-from-uv-lock=uv.lock", "-extra=nope").stderr


def test_a_lock_of_pixi_gives_exact_packages_of_linux(envform: Envform) -> None:
    write(envform, "pixi.lock", PIXI)
    text, told = made(envform, "-from-pixi-lock=pixi.lock", "-name=x")
    assert '["ca-certificates=2024.8.30=hbcca054_0", "python=3.12.7=hc5c86c4_0_cpython"]' in text
    assert '"six==1.16.0",' in text
    assert '"torch @ https://wheels.example/cpu/torch-2.4.1%2Bcpu-cp312-cp312-linux_x86_64.whl",' in text
    assert '"b @ git+https://git.example/a/b@147c8511ddbfa5e8f71bbf5c18ede0c4ceb3bba4",' in text
    assert "the environment `docs`, too" in told
    assert "`.` is installed from" in told


def test_a_conda_environment_needs_no_conda(envform: Envform, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = "https://conda.anaconda.org/conda-forge/linux-64"
    record = {"name": "python", "version": "3.12.7", "build": "h_0", "channel": channel, "subdir": "linux-64"}
    write(envform, "conda/envs/work/conda-meta/python-3.12.7-h_0.json", json.dumps(record))
    packages = "conda/envs/work/lib/python3.12/site-packages"
    write(envform, f"{packages}/six-1.16.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: six\nVersion: 1.16.0\n")
    monkeypatch.setenv("CONDA_PREFIX", str(envform.folder / "conda" / "envs" / "other"))
    text, _ = made(envform, "-from-conda-env=work")
    assert 'environment "work" {' in text
    assert 'channels     = ["conda-forge"]' in text
    assert 'dependencies = ["python=3.12.7"]' in text
    assert 'pip          = ["six==1.16.0"]' in text
    refused = envform("new", "-from-conda-env=nowhere")
    assert "No conda environment `nowhere` was found" in refused.stderr.replace("\n", " ")


def test_a_virtual_environment_gives_its_versions_and_its_python(envform: Envform) -> None:
    write(envform, "v/pyvenv.cfg", "home = /usr/bin\nversion = 3.11.7\n")
    for name in ("six", "pip"):
        folder = f"v/lib/python3.11/site-packages/{name}-1.0.dist-info"
        write(envform, f"{folder}/METADATA", f"Name: {name}\nVersion: 1.0\n")
    editable = "v/lib/python3.11/site-packages/mine-1.0.dist-info"
    write(envform, f"{editable}/METADATA", "Name: mine\nVersion: 1.0\n")
    write(envform, f"{editable}/direct_url.json", '{"url": "file:///home/mine", "dir_info": {"editable": true}}')
    own = "v/lib/python3.11/site-packages/own-1.0.dist-info"
    write(envform, f"{own}/METADATA", "Name: own\nVersion: 1.0\n")
    write(envform, f"{own}/direct_url.json", '{"url": "file:///home/my%20own/own-1.0-py3-none-any.whl"}')
    text, told = made(envform, "-from-venv=v")
    assert "`own` is installed from the file `/home/my own/own-1.0-py3-none-any.whl`" in " ".join(told.split())
    assert 'pip            = ["six==1.0"]' in text
    assert 'python_version = "3.11"' in text
    assert "`mine` is installed from the folder `/home/mine`" in told


def test_an_image_and_dockerfiles(envform: Envform) -> None:
    text, _ = made(envform, "-from-image=docker.io/library/python:3.12-slim")
    assert 'environment "python" {\n  image = "docker.io/library/python:3.12-slim"\n}' in text
    write(envform, "plain/Dockerfile", 'FROM python:3.12-slim\nARG A=1\nRUN echo "${A}" \\\n  && true\n')
    text, _ = made(envform, "-from-dockerfile=plain/Dockerfile")
    assert 'RUN echo "$${A}" \\\n  && true\nEOT' in text
    write(envform, "context/Dockerfile", "FROM python:3.12-slim\nCOPY a /a\n")
    write(envform, "context/a", "a")
    text, _ = made(envform, "-from-dockerfile=context/Dockerfile")
    assert 'build {\n    path = "context"\n  }' in text


def test_folders_that_azure_saved(envform: Envform) -> None:
    saved = {
        "name": "AzureML-old",
        "version": "3",
        "python": {"userManagedDependencies": False, "condaDependencies": {"dependencies": ["python=3.10"]}},
        "docker": {
            "baseImage": "azureml/x:1",
            "baseImageRegistry": {"address": "mcr.microsoft.com", "username": "me", "password": "secret"},
            "shmSize": "8g",
        },
        "spark": {"packages": [{"group": "a", "artifact": "b", "version": "1"}]},
        "r": {"rVersion": "3"},
    }
    write(envform, "saved/azureml_environment.json", json.dumps(saved))
    text, told = made(envform, "-from-azureml=saved")
    assert made(envform, "-from-azureml=saved/azureml_environment.json") == (text, told)
    assert 'image   = "mcr.microsoft.com/azureml/x:1"' in text
    assert 'version = "3"' in text
    assert 'packages = ["a:b:1"]' in text
    assert "secret" not in text + told
    for left in ("`docker.shmSize`", "The credentials", "`r` of the saved", "my-AzureML-old"):
        assert left in told


def test_a_document_of_azure_with_its_conda_file_beside_it(envform: Envform) -> None:
    schema = "$schema: https://azuremlschemas.azureedge.net/latest/environment.schema.json\n"
    document = "name: scoring\nversion: 2\nimage: a.b/c:1\nconda_file: conda.yml\ntags: {a: b}\n"
    routes = "".join(f"  {one}_route: {{path: /, port: 80}}\n" for one in ("liveness", "readiness", "scoring"))
    write(envform, "v2/environment.yml", f"{schema}{document}inference_config:\n{routes}")
    write(envform, "v2/conda.yml", "name: other\ndependencies: [python=3.12]\n")
    text, _ = made(envform, "-from-azureml=v2")
    assert 'environment "scoring" {' in text
    assert 'dependencies = ["python=3.12"]' in text
    assert "scoring_route {" in text


def test_no_file_is_overwritten_and_one_source_is_needed(envform: Envform) -> None:
    assert envform("new", "-from-image=a:1", "-out=main.hcl").exit_code == 0
    before = (envform.folder / "main.hcl").read_text()
    assert before.startswith('envform {\n  registry = "oci:./registry"\n}\n')
    done = envform("new", "-from-image=b:1", "-out=main.hcl")
    assert (done.exit_code, (envform.folder / "main.hcl").read_text()) == (1, before)
    assert "File exists" in done.stderr
    assert envform("new", "-from-image=b:1", "-out=other.hcl").exit_code == 0
    assert "envform {" not in (envform.folder / "other.hcl").read_text()
    assert "none is given" in envform("new").stderr
    assert "-from-venv" in envform("new", "-from-image=a", "-from-venv=b").stderr
    assert 'environment "x" {' in envform("new", "-from-image=oci:../images:x:1").stdout
    assert "-image another one" in envform("new", "-from-image=a", "-image=b").stderr
    assert "-from-image has none" in envform("new", "-from-image=a", "-extra=b").stderr


def test_a_file_in_another_folder_says_where_things_are_from_there(envform: Envform) -> None:
    write(envform, "main.hcl", 'envform {\n  registry = "oci:./registry"\n}\n')
    write(envform, "req.txt", "--find-links ./wheels\n--find-links ./other/wheels\nsix==1.16.0\n")
    (envform.folder / "other/wheels").mkdir(parents=True)
    (envform.folder / "wheels").mkdir()
    done = envform("new", "-from-requirements=req.txt", "-image=oci:./images:base", "-out=other/six.hcl")
    assert done.exit_code == 0, done.stderr
    text = (envform.folder / "other/six.hcl").read_text()
    assert text.startswith('envform {\n  registry = "oci:./registry"\n}\n')
    assert 'image = "oci:../images:base"' in text
    assert '"--find-links wheels",' in text
    assert "The packages in `wheels`, which `--find-links` names, lie outside" in " ".join(done.stderr.split())
    assert envform("-chdir=other", "validate").exit_code == 0
    assert envform("new", "-from-image=oci:images:base", "-out=not/there/x.hcl").exit_code == 0
    assert 'image = "oci:../../images:base"' in (envform.folder / "not/there/x.hcl").read_text()
    write(envform, "ctx/Dockerfile", "FROM scratch\nCOPY Dockerfile /\n")
    done = envform("new", "-from-dockerfile=ctx/Dockerfile", "-out=not/x.hcl")
    assert "lies outside of the project" in " ".join(done.stderr.split())


def test_the_projects_own_images_are_taken_where_it_has_some(envform: Envform) -> None:
    write(envform, "req.txt", "six==1.16.0\n")
    write(envform, "main.hcl", "locals {\n  a = 1\n}\n")
    assert "docker.io/library/python:3.12" in envform("new", "-from-requirements=req.txt").stdout
    images = '{ "3.12" = "a.example/python:1" }'
    write(envform, "main.hcl", f'envform {{\n  registry = "oci:./registry"\n  default_images = {images}\n}}\n')
    assert 'image = "a.example/python:1"' in envform("new", "-from-requirements=req.txt").stdout
    done = envform("new", "-from-requirements=req.txt", "-image=oci:./images:mine")
    assert 'image = "oci:./images:mine"' in done.stdout
    assert "No image is known" in envform("new", "-from-requirements=req.txt", "-python=3.2").stderr


@pytest.mark.parametrize(
    "words",
    [
        "-from-uv-lock=bad.lock",
        "-from-venv=bad",
        "-from-conda-env=bad",
        "-from-azureml=bad",
        "-from-conda-file=no.yml",
        "-from-venv=no",
        "-from-azureml=no",
        "-from-uv-lock=no",
        "-from-image=UPPER/x:1",
    ],
)
def test_what_cannot_be_used_is_refused_without_a_traceback(envform: Envform, words: str) -> None:
    write(envform, "bad.lock", UV.replace("sys_platform ==", "no marker ="))
    write(envform, "bad/pyvenv.cfg", "version = x\n")
    write(envform, "bad/conda-meta/a.json", "[]")
    write(envform, "bad/azureml_environment.json", "[]")
    done = envform("new", words)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: ")
