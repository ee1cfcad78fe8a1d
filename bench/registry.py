"""What looking at 1,000 environments costs against a real registry on loopback, beside what the server itself needs.

python bench/registry.py [COUNT]: needs `docker-registry` on PATH, and as many seconds as filling it takes.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from http.client import HTTPConnection
from itertools import islice
from pathlib import Path

from tabulate import tabulate

sys.path.insert(0, str(Path(__file__).parent.parent))

from reconciler.model.publication import CACHE
from reconciler.oci import media_types
from reconciler.oci.reference import Name
from reconciler.registries import open_registry
from reconciler.registries.remote_content import ACCEPT
from tests.conformance.images import image_of
from tests.services.registry import serve_registry

ENVFORM = (sys.executable, "-m", "reconciler")
TIMES = 5
CONNECTIONS = 4
CONFIGURATION = """
envform {{
  registry = "{host}/bench/team"
}}
environment "e" {{
  for_each = merge([for a in range({count} / 10) : {{ for b in range(10) : "e${{a}}-${{b}}" => a }}]...)
  image    = "{host}/bench/bases/python:${{each.value}}"
}}
"""


def main() -> None:
    """Fill a registry, look at it at each level, print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    with tempfile.TemporaryDirectory() as name, serve_registry(Path(name)) as server:
        folder = Path(name) / "project"
        folder.mkdir()
        (folder / "main.hcl").write_text(CONFIGURATION.format(host=server.host, count=count))
        bases = open_registry(f"{server.host}/bench", folder)
        for number in range(count // 10):
            bases.push(image_of(f"base-{number}", layers=2), [Name("bases/python", str(number))])
        rows: list[tuple[str, ...]] = [
            ("apply, all of them new", *shown(timed(lambda: envform(folder, "apply", "-auto-approve"), 1)), "")
        ]
        least = timed(lambda: envform(folder, "plan", "-refresh=none"))
        rows.append(("plan that does not look", *shown(least), ""))
        for level, budget in (("list", "+ 0.1"), ("digests", "+ 2.0"), ("deep", "")):
            taken = timed(partial(envform, folder, "plan", f"-refresh={level}"))
            rows.append((f"plan, level {level}, beyond that", *shown(taken, least), budget))
        rows.append(("as many questions, bare connections", *shown(timed(tags(server.host, folder, count))), ""))
        rows.extend(heads(server.host, folder, count))
    sys.stdout.write(
        tabulate(rows, headers=(f"{count} environments", "s", "CPU s", "budget s"), disable_numparse=True) + "\n"
    )


def tags(host: str, folder: Path, count: int) -> Callable[[], None]:
    """What level `digests` asks, by sockets that do nothing else."""
    names = [f"e-e{a}-{b}/manifests/{tag}" for a in range(count // 10) for b in range(10) for tag in ("1", "latest")]
    hashes = [f"{CACHE}/manifests/{tag}" for tag in open_registry(f"{host}/bench/team", folder).list(CACHE)]
    return partial(bare, host, [f"/v2/bench/team/{one}" for one in [*names, *hashes]])


def heads(host: str, folder: Path, count: int) -> Iterator[tuple[str, ...]]:
    """As many questions by digest: by our client, and by sockets that do nothing else."""
    registry = open_registry(f"{host}/bench", folder)
    digests = [image_of(f"base-{number}", layers=2).digest for number in range(count // 10)] * 10
    names = [Name("bases/python", digest=digest) for digest in digests]

    def ours() -> None:
        for part in range(0, len(names), len(names) // 10):  # each name counts once in one call
            registry.describe_many(names[part : part + len(names) // 10])

    paths = [f"/v2/bench/bases/python/manifests/{digest}" for digest in digests]
    theirs = timed(lambda: bare(host, paths))
    yield f"{count} HEADs by digest, bare connections", *shown(theirs), ""
    yield f"{count} HEADs by digest, our client", *shown(timed(ours)), f"{2 * theirs[0]:.2f}"


def bare(host: str, paths: list[str]) -> None:
    """The least that can be done: a few connections, each with a share of the questions."""

    def ask(part: Iterator[str]) -> None:
        connection = HTTPConnection(host)
        for path in part:
            connection.request("HEAD", path, headers=ACCEPT)
            answer = connection.getresponse()
            assert answer.status == 200
            assert answer.headers["Content-Type"] == media_types.OCI_MANIFEST
            answer.read()
        connection.close()

    threads = [
        threading.Thread(target=ask, args=(islice(paths, first, None, CONNECTIONS),)) for first in range(CONNECTIONS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def envform(folder: Path, *words: str) -> None:
    """A whole process; what it looked at must be as it should be."""
    root = str(Path(__file__).parent.parent)
    environment = {**os.environ, "PYTHONPATH": root}
    subprocess.run((*ENVFORM, *words), cwd=folder, check=True, capture_output=True, env=environment)


Taken = tuple[float, float]


def timed(work: Callable[[], object], times: int = TIMES) -> Taken:
    """Seconds on the clock and of our own CPU: the least of several, for what comes on top is other people's work."""

    def once() -> Taken:
        began, used = time.monotonic(), cpu()
        work()
        return time.monotonic() - began, cpu() - used

    taken = [once() for _ in range(times)]
    return min(seconds for seconds, _ in taken), min(used for _, used in taken)


def cpu() -> float:
    """Of this process and of what it has waited for; the server is none of these until it ends."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(usage.ru_utime + usage.ru_stime for usage in map(resource.getrusage, kinds))


def shown(taken: Taken, least: Taken = (0.0, 0.0)) -> tuple[str, str]:
    """Both figures, or what they are above others."""
    return f"{taken[0] - least[0]:.2f}", f"{taken[1] - least[1]:.2f}"


if __name__ == "__main__":
    main()
