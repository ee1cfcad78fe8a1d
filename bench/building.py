"""What building environments costs, beside `docker build` and `docker push` of the same packages on the same base.

python bench/building.py [COUNT]: needs root, Debian's docker.io, docker-registry and mmdebstrap, a package index, and
a quarter of an hour. It builds COUNT environments that are nearly alike (100), and ten times as many names for them.
Packages are fetched once, and served on loopback to both sides; the registry is on loopback too.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from engine import Docker, serve_engine
from tabulate import tabulate
from uv import find_uv_bin

from reconciler.oci.assembly import append_layer
from reconciler.oci.image import Image
from reconciler.oci.reference import Name
from reconciler.registries import open_registry
from tests.builders.debian import cache, debian_base
from tests.conformance.images import tar_of
from tests.resolvers.index import Index, Offer, serve_index
from tests.services.registry import serve_registry

ENVFORM = (sys.executable, "-m", "reconciler")
TOP = [
    "numpy", "pandas", "scipy==1.16.3", "scikit-learn", "matplotlib", "pyarrow", "lightgbm", "statsmodels", "boto3",
    "fastapi", "requests", "sqlalchemy", "pillow", "pydantic", "httpx", "plotly", "seaborn", "polars", "optuna",
    "uvicorn",
]  # fmt: skip
CHANGED = [name.replace("scipy==1.16.3", "scipy==1.17.1") for name in TOP]
MIXED = ["numpy", "pandas", "pyarrow", "lightgbm", "boto3", "fastapi", "pillow", "httpx", "uvicorn", "seaborn"]
# What environments that are nearly alike differ in: two of these each.
OWN = [
    "aiohttp", "beautifulsoup4", "black", "bokeh", "dask", "django", "flask", "gunicorn", "lxml", "networkx", "nltk",
    "openpyxl", "psutil", "sympy", "werkzeug",
]  # fmt: skip
TARGET = ("--only-binary", ":all:", "--python-version", "3.11", "--implementation", "cp", "--abi", "cp311")
PLATFORMS = ("manylinux_2_28_x86_64", "manylinux_2_27_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64")


@dataclass(frozen=True)
class Taken:
    """Seconds on the clock and of CPU; bytes that the registry has more."""

    wall: float
    cpu: float
    stored: int

    def row(self, name: str, budget: str = "", peer: Taken | None = None) -> tuple[str, ...]:
        """As a line of the table, with ratios where there is a peer."""
        ratios = (f"{self.wall / peer.wall:.3f}", f"{self.cpu / peer.cpu:.3f}") if peer else ("", "")
        return name, f"{self.wall:.1f}", f"{self.cpu:.1f}", f"{self.stored / 1e6:.1f}", *ratios, budget


@dataclass(frozen=True)
class Bench:
    """Where everything happens; the engine's CPU counts as that of its client, while it has one."""

    folder: Path
    host: str
    storage: Path
    index: Index
    docker: Docker

    def timed(self, work: Callable[[], object], *, engine: bool) -> Taken:
        """What some work takes; with or without what the engine does in that time."""
        os.sync()  # what others wrote before is not ours to wait for
        began, used, stored = time.monotonic(), self._cpu(engine=engine), size_of(self.storage)
        work()
        wall, cpu = time.monotonic() - began, self._cpu(engine=engine) - used
        return Taken(wall, cpu, size_of(self.storage) - stored)

    def _cpu(self, *, engine: bool) -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime + (self.docker.group.usage() if engine else 0.0)

    def envform(self, *words: str) -> str:
        """A whole process, which sees an index and a cache folder that are this bench's own."""
        own = {"XDG_CACHE_HOME": str(self.folder / "cache"), "UV_CACHE_DIR": str(self.folder / "uv-cache")}
        indexes = {"UV_DEFAULT_INDEX": self.index.simple, "PYTHONPATH": str(Path(__file__).parent.parent)}
        environment = {**clean(), **own, **indexes}
        command = [*ENVFORM, *words]
        done = subprocess.run(
            command, cwd=self.folder / "project", env=environment, check=False, capture_output=True, text=True
        )
        if done.returncode:
            sys.exit(done.stdout[-2000:] + done.stderr[-2000:])
        return done.stdout

    def apply(self, text: str) -> Taken:
        """What an apply of this configuration takes."""
        settings = f'envform {{\n  registry = "{self.host}/ours"\n}}\n'
        (self.folder / "project" / "main.hcl").write_text(settings + text)
        return self.timed(lambda: self.envform("apply", "-auto-approve"), engine=False)

    def built(self, packages: Sequence[str], tool: str) -> tuple[Taken, Taken]:
        """What `docker build` and `docker push` take, with pip or with uv."""
        tag = f"{self.host}/theirs:{tool}-{hashlib.sha256(' '.join(packages).encode()).hexdigest()[:8]}"
        context = self.folder / "context"
        context.mkdir(exist_ok=True)
        (context / "requirements.txt").write_text("\n".join(packages) + "\n")
        options = f"--no-cache{'-dir' if tool == 'pip' else ''} --index-url {self.index.simple} -r /requirements.txt"
        install = {"pip": "/opt/env/bin/pip install -q", "uv": "VIRTUAL_ENV=/opt/env /uv pip install -q"}[tool]
        lines = ["FROM prepared", "COPY requirements.txt /", f"RUN {install} {options}"]
        build = self.timed(lambda: self.docker.build(tag, context, lines), engine=True)
        push = self.timed(lambda: self.docker("push", "--quiet", tag), engine=True)
        self.docker("rmi", tag)
        return build, Taken(build.wall + push.wall, build.cpu + push.cpu, push.stored)

    def prepare(self) -> None:
        """The base with an empty virtual environment, pip and uv in it, which docker's builds are given."""
        context = self.folder / "prepared"
        context.mkdir()
        wheel = next(offer for offer in self.index.offers["pip"])
        (context / wheel.filename).write_bytes(wheel.content)
        shutil.copy(find_uv_bin(), context / "uv")
        make = "python3 -m venv --without-pip /opt/env"
        pip = f"/opt/env/bin/python /{wheel.filename}/pip install -q --no-index /{wheel.filename}"
        shell = 'SHELL ["/bin/bash", "-c"]'
        lines = [f"FROM {self.host}/bases/python:1", shell, f"COPY {wheel.filename} uv /", f"RUN {make} && {pip}"]
        self.docker("pull", f"{self.host}/bases/python:1")
        self.docker.build("prepared", context, lines)
        # The base must be in both repositories, else the first push would send it.
        self.docker("tag", "prepared", f"{self.host}/theirs:prepared")
        self.docker("push", "--quiet", f"{self.host}/theirs:prepared")


def main() -> None:
    """Build everything on both sides and print the tables."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    with opened() as bench:
        rows = [*singly(bench)]
        show(rows)
        show(nearly_alike(bench, count, float(rows[1][3]) * 1e6))


def show(rows: Iterable[tuple[str, ...]]) -> None:
    """One table."""
    headers = ("work", "s", "CPU s", "MB sent", "of peer's s", "of its CPU", "budget")
    sys.stdout.write(tabulate(rows, headers=headers, disable_numparse=True) + "\n\n")
    sys.stdout.flush()


@contextmanager
def opened() -> Iterator[Bench]:
    """A registry with a base in it, an index, and an engine."""
    with (
        tempfile.TemporaryDirectory() as name,
        serve_registry(Path(name)) as registry,
        serve_index() as index,
        serve_engine() as docker,
    ):
        fill(index)
        folder = Path(name)
        (folder / "project").mkdir()
        bench = Bench(folder, registry.host, registry.storage, index, docker)
        put_base(bench, debian_base())
        bench.prepare()
        yield bench


def singly(bench: Bench) -> Iterator[tuple[str, ...]]:
    """One environment: cold, with one package changed, of known wheels, on a patched base; each beside docker."""
    image = f'  image = "{bench.host}/bases/python:1"\n'

    def one(name: str, packages: Sequence[str]) -> str:
        return f'environment "{name}" {{\n{image}  pip = {json.dumps(packages)}\n}}\n'

    works = (
        ("cold", one("a", TOP), TOP, "0.1"),
        ("one package changed", one("a", CHANGED), CHANGED, "0.02"),
        ("new mix of known wheels", one("a", CHANGED) + one("b", MIXED), MIXED, "0.02"),
    )
    for name, text, packages, budget in works:
        ours = bench.apply(text)
        pip_build, pip = bench.built(packages, "pip")
        uv_build, uv = bench.built(packages, "uv")
        yield pip_build.row(f"{name}: docker build with pip")
        yield pip.row("    and docker push")
        yield uv_build.row(f"{name}: docker build with uv")
        yield uv.row("    and docker push")
        yield ours.row("    envform apply, beside pip", budget, pip)
        yield ours.row("    envform apply, beside uv", budget, uv)
    least = bench.timed(lambda: bench.envform("plan"), engine=False)
    put_base(bench, patched(debian_base(), "1"))
    yield bench.apply(works[2][1]).row("patched base under two environments", "0.5 s more than:")
    yield least.row("    plan that finds nothing")


def nearly_alike(bench: Bench, count: int, theirs: float) -> Iterator[tuple[str, ...]]:
    """Many environments: what the registry holds of them, and a patched base under ten times as many."""
    own = dict(zip((f"e{number}" for number in range(count)), itertools.combinations(OWN, 2), strict=False))
    lists = {name: [*CHANGED[2:], *two] for name, two in own.items()}
    text = (
        f'variable "copies" {{\n  default = 1\n}}\nenvironment "e" {{\n  for_each = merge([for name, list in '
        f'jsondecode(file("lists.json")) : {{ for n in range(var.copies) : "${{name}}-${{n}}" => list }}]...)\n'
        f'  image = "{bench.host}/bases/python:1"\n  pip = each.value\n}}\n'
    )
    (bench.folder / "project" / "lists.json").write_text(json.dumps(lists))
    first = bench.apply(text)
    yield first.row(f"{len(lists)} environments, nine tenths alike")
    kept = len(lists) * theirs
    yield (
        "    bytes beside that many of docker's",
        "",
        "",
        f"{kept / 1e6:.0f}",
        "",
        "",
        f"{first.stored / kept:.3f} of 0.1",
    )
    yield bench.apply(text.replace("default = 1", "default = 10")).row(f"{len(lists) * 10} names for them")
    put_base(bench, patched(debian_base(), "2"))
    yield bench.apply(text.replace("default = 1", "default = 10")).row("patched base under them", "60 s")


def put_base(bench: Bench, image: Image) -> None:
    """What the tag of the base means from now on."""
    open_registry(f"{bench.host}/bases", bench.folder).push(image, [Name("python", "1")])


def patched(base: Image, word: str) -> Image:
    """The base after a security update that leaves Python as it is."""
    return append_layer(base, tar_of({"etc/patched": word.encode()}), history="patched", labels={})


def fill(index: Index) -> None:
    """All wheels that any of this may want, as the machine's own pip finds them; kept from then on."""
    wanted = sorted({*TOP, *CHANGED, *OWN, "pip"})
    folder = cache() / f"bench-{hashlib.sha256(' '.join(wanted).encode()).hexdigest()[:12]}"
    platforms = [word for platform in PLATFORMS for word in ("--platform", platform)]
    if not folder.is_dir():
        partial = folder.with_suffix(".partial")
        for packages in (TOP, CHANGED):
            command = [sys.executable, "-m", "pip", "download", "-qq", *TARGET, *platforms, "--dest", str(partial)]
            subprocess.run([*command, *packages, *OWN, "pip"], check=True)
        partial.rename(folder)
    index.max_age = 600  # as PyPI says
    for path in sorted(folder.glob("*.whl")):
        content = path.read_bytes()
        name = path.name.partition("-")[0].lower().replace("_", "-").replace(".", "-")
        offer = Offer(path.name, content, hashlib.sha256(content).hexdigest(), metadata_of(path))
        index.offers.setdefault(name, []).append(offer)


def metadata_of(wheel: Path) -> bytes:
    """What a good index tells of a wheel without sending it."""
    import zipfile

    with zipfile.ZipFile(wheel) as archive:
        (name,) = (it for it in archive.namelist() if it.count("/") == 1 and it.endswith(".dist-info/METADATA"))
        return archive.read(name)


def size_of(folder: Path) -> int:
    """Bytes of all files below."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def clean() -> dict[str, str]:
    """Without the set-up of this machine's pip and uv."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))}
    return {**kept, "PIP_CONFIG_FILE": os.devnull, "UV_NO_CONFIG": "1", "PYTHONDONTWRITEBYTECODE": ""}


if __name__ == "__main__":
    main()
