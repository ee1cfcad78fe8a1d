"""`envform env export`: what other tools make of the files is what is registered."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import docker
import pytest
import uv

from reconciler.builders.docker.archive import archived
from reconciler.model.digest import canonical_json
from reconciler.oci import media_types
from reconciler.oci.assembly import assemble
from reconciler.oci.image import Blob, Image
from reconciler.oci.reference import Name
from reconciler.registries.layout import LayoutRegistry
from tests.builders.debian import debian_base
from tests.builders.making_wheels import TinyWheel
from tests.cli.project import Project
from tests.runners.making_images import layer, symlink
from tests.services.engine import DockerEngine

DECLARED = """
environment "tools" {
  image               = "oci:./images:debian"
  pip                 = ["--no-index", "--find-links ./wheels", "shout", "./mine/other-2.0-py3-none-any.whl", "./built"]
  allow_source_builds = true

  environment_variables = {
    GREETING = "good \\"day\\" $x"
  }
}
"""
BACKEND = """
import shutil

def build_wheel(folder, settings=None, metadata=None):
    return shutil.copy("built-3.0-py3-none-any.whl", folder).rpartition("/")[2]
"""
PROJECT = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
LOCKED = {"built": "3.0", "other": "2.0", "shout": "1.0"}
SEEN = "import importlib.metadata as m, json, os; found = {d.name: d.version for d in m.distributions()}; "
SEEN += "print(json.dumps([found, os.environ['GREETING'], os.getuid(), os.path.exists('/tmp/envform')]))"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    folder = tmp_path_factory.mktemp("exported") / "project"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder.parent / "cache"))
        made = Project.at(folder)
        LayoutRegistry(folder / "images").push(base(), [Name("", "debian")])
        for place, name, version in (("wheels", "shout", "1.0"), ("mine", "other", "2.0"), ("built", "built", "3.0")):
            (folder / place).mkdir()
            TinyWheel({f"{name}.py": ""}, name, version).write(folder / place)
        (folder / "built" / "backend.py").write_text(BACKEND)
        (folder / "built" / "pyproject.toml").write_text(PROJECT)
        made.apply(DECLARED)
        yield made


def base() -> Image:
    """Debian with a shell where all look for it, and with a user who may write nothing."""
    shell = layer([symlink("bin/sh", "bash")])
    layers = [*debian_base().layers, Blob.of(shell, media_types.OCI_LAYER)]
    config = {
        "os": "linux",
        "architecture": "amd64",
        "config": {"Env": ["PATH=/usr/local/bin:/usr/bin:/bin"], "User": "1000:1000"},
        "rootfs": {"type": "layers", "diff_ids": [one.descriptor.digest for one in layers]},
    }
    return assemble(Blob.of(canonical_json(config), media_types.OCI_CONFIG), layers)


def exported(project: Project, form: str, folder: str) -> str:
    """The file, after that was done which is told to be done first."""
    told = project.run("env", "export", "tools", f"-format={form}", f"-out={folder}").stderr
    (command,) = re.findall(r"\n\n    (mkdir -p packages && cp .*)\n", told)
    subprocess.run(["bash", "-c", command], cwd=project.folder, check=True)
    return next((project.folder / folder).iterdir()).read_text()


def test_pip_and_uv_install_what_is_locked(project: Project) -> None:
    exported(project, "requirements", "r")
    pip = ["pip", "install", "--quiet", "--no-deps", "--require-hashes", "--no-cache-dir", "--target=of-pip"]
    exported(project, "pylock", "p")
    uv_pip = ["uv", "pip", "install", "--quiet", "--offline", "--no-cache", "--target=of-uv"]
    for words in ([*pip, "--requirement=r/requirements.txt"], [*uv_pip, "--requirement=p/pylock.toml"]):
        subprocess.run([sys.executable, "-m", *words], cwd=project.folder, check=True)
    for folder in ("of-pip", "of-uv"):
        found = (path.name.split("-") for path in (project.folder / folder).glob("*.dist-info"))
        assert {name: version.removesuffix(".dist") for name, version, _ in found} == LOCKED


@pytest.mark.docker
def test_an_engine_builds_the_same_packages_from_the_dockerfile(project: Project, docker_engine: DockerEngine) -> None:
    text = exported(project, "dockerfile", "d")
    assert "--build-context base=oci-layout://images:debian\n" in text
    client = docker.APIClient(base_url=docker_engine.url)
    client.load_image(archived(base(), "base:latest"))  # type: ignore[no-untyped-call]  # the stubs have none
    program = packed({"uv": Path(uv.find_uv_bin()).read_bytes()})
    (tag,) = set(re.findall(r"ghcr\.io/astral-sh/uv:([\d.]+),", text))
    client.import_image_from_data(program, repository="ghcr.io/astral-sh/uv", tag=tag)
    build(client, project.folder, text)
    words = ["docker", f"--host={docker_engine.url}", "run", "--rm", "--network=host", "exported", "python", "-c", SEEN]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [LOCKED, 'good "day" $x', 1000, False]


def build(client: docker.APIClient, folder: Path, text: str) -> None:
    """By the engine's own BuildKit, with texts as files beside it, for older engines know no texts."""
    files: dict[str, bytes] = {}

    def beside(found: re.Match[str]) -> str:
        files[f"text-{len(files)}"] = found[2].encode()
        return f"COPY text-{len(files) - 1} {found[1]}\n"

    without = re.sub(r"COPY <<'EOF' (\S+)\n(.*?)EOF\n", beside, text.partition("\n")[2], flags=re.DOTALL)
    for place in ("wheels", "mine", "packages"):
        files |= {f"{place}/{path.name}": path.read_bytes() for path in (folder / place).iterdir()}
    answer = client.post(
        f"{client.base_url}/v{client.api_version}/build",
        params={"version": "2", "networkmode": "host", "t": "exported"},
        data=packed({**files, "Dockerfile": without.encode()}),
        headers={"Content-Type": "application/x-tar"},
    )
    assert "error" not in answer.text, answer.text[-2000:]


def packed(files: Mapping[str, bytes]) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(data), 0o755
            archive.addfile(member, io.BytesIO(data))
    return content.getvalue()
