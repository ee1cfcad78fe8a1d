"""What a patched base under many environments costs, in a folder and in a real registry on loopback.

python bench/rebasing.py [IMAGES] [NAMES]: needs `docker-registry` and what makes the base. It registers so many images
(100), each under so many names (10), of two tiny wheels each, and then again when the tag of their base has moved.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from building import patched
from tabulate import tabulate

from reconciler.oci.reference import Name
from reconciler.registries import open_registry
from tests.builders.debian import debian_base
from tests.resolvers.index import Index, serve_index
from tests.services.registry import serve_registry

CONFIGURATION = """
envform {{
  registry = "{registry}"
}}
environment "e" {{
  for_each = merge([for a in range({images}) : {{ for b in range({names}) : "e${{a}}-${{b}}" => a }}]...)
  image    = "{base}"
  pip      = ["small-${{each.value}}", "small-${{each.value + 1}}"]
}}
"""


def main() -> None:
    """Register them, patch the base, register them again; print the table."""
    given = [int(word) for word in sys.argv[1:3]]
    images, names = [*given, *(100, 10)[len(given) :]]
    with tempfile.TemporaryDirectory() as name, serve_registry(Path(name)) as server, serve_index() as index:
        for number in range(images + 1):
            index.add(f"small-{number}", "1.0")
        folder = Path(name)
        places = ((f"{server.host}/ours", server.host), ("oci:./registry", "oci:./images"))
        found = [row for place in places for row in rows(folder, index, *place, images, names)]
    headers = (f"{images} images, {names} names each", "s", "CPU s", "load", "budget")
    sys.stdout.write(tabulate(found, headers=headers, disable_numparse=True) + "\n")


def rows(folder: Path, index: Index, registry: str, bases: str, images: int, names: int) -> Iterator[tuple[str, ...]]:
    """In one kind of registry."""
    remote = not registry.startswith("oci:")
    project = folder / ("remote" if remote else "folder")
    project.mkdir()
    base = f"{bases}/python:1" if remote else f"{bases}:python:1"
    text = CONFIGURATION.format(registry=registry, base=base, images=images, names=names)
    (project / "main.hcl").write_text(text)
    kept = open_registry(bases, project)
    for what, image, budget in (
        ("created", debian_base(), ""),
        ("on a patched base", patched(debian_base(), "1"), "60 s for 1,000"),
    ):
        kept.push(image, [Name("python", "1")])
        yield f"{what}, in a {project.name} registry", *apply(project, index), budget


def apply(project: Path, index: Index) -> tuple[str, ...]:
    """Seconds on the clock, seconds of CPU without the server's, and how busy the machine was."""
    own = {"XDG_CACHE_HOME": str(project / "cache"), "UV_CACHE_DIR": str(project / "uv"), "UV_NO_CONFIG": "1"}
    environment = {
        **os.environ,
        **own,
        "UV_DEFAULT_INDEX": index.simple,
        "PYTHONPATH": str(Path(__file__).parent.parent),
    }
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    command = (sys.executable, "-m", "reconciler", "apply", "-auto-approve")
    subprocess.run(command, cwd=project, env=environment, check=True, stdout=subprocess.DEVNULL)
    wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return f"{wall:.1f}", f"{cpu:.1f}", f"{os.getloadavg()[0]:.0f}"


if __name__ == "__main__":
    main()
