"""Which packages of conda's run something while they are installed, as far as that is told without fetching them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from reconciler.model.diagnostic import ResolutionError
from reconciler.resolvers.conda_channels import local_path

if TYPE_CHECKING:
    import rattler

_AT_ONCE = 16
_LARGEST_LOOKED_INTO = 32 << 20  # of a server that gives no parts of files, all of it would come
_LISTS = ("info/paths.json", "info/files")


async def scripts_of(
    records: Sequence[rattler.RepoDataRecord], client: rattler.Client
) -> Mapping[str, Collection[str]]:
    """By the names of files of packages, the scripts in those: conda runs what is called by the package's own name."""
    few = asyncio.Semaphore(_AT_ONCE)

    async def look(record: rattler.RepoDataRecord) -> Collection[str]:
        async with few:
            return await _scripts(record, client)

    found = await asyncio.gather(*map(look, records))
    return {record.file_name: scripts for record, scripts in zip(records, found, strict=True) if scripts}


async def _scripts(record: rattler.RepoDataRecord, client: rattler.Client) -> Collection[str]:
    from rattler.exceptions import ExtractError
    from rattler.package_streaming import PackageArchive

    here = local_path(record.url)
    readable = record.url.endswith(".conda") and (record.size or 0) < _LARGEST_LOOKED_INTO
    if here is None and not readable:
        return ()  # the builder will see
    try:
        opened = PackageArchive.from_path(here) if here else PackageArchive.from_url(client, record.url)
        lists = await (await opened).read_files(_LISTS)
    except (OSError, ExtractError):
        return ()
    name = re.escape(record.name.normalized.encode())
    script = re.compile(rb"^(?:.*\")?(bin/\." + name + rb"-(?:post|pre)-link\.sh)\"?", re.MULTILINE)
    return {match.decode() for content in lists.values() if content for match in script.findall(content)}


def check_runnable(scripts: Mapping[str, Collection[str]], known: Collection[str], runtime: str) -> None:
    """ResolutionError where scripts would have to run before packages are linked, or on somebody's own machine."""
    listed = [f"{script} of {name}" for name, found in scripts.items() for script in sorted(found)]
    if early := [one for one in listed if "-pre-link.sh of " in one]:
        raise _runs_before(early)
    if runtime == "local" and (listed or known):
        raise _runs_here([*listed, *(f"bin/.{name}-post-link.sh" for name in known)])


def _runs_before(scripts: Sequence[str]) -> ResolutionError:
    return ResolutionError(
        "Conda package runs a script",
        "conda would run these scripts before it links their packages. They may change the packages themselves, and "
        f"most installers do not run them:\n{_drawn(scripts)}\n\nChoose versions or builds without them, or let a "
        "Docker engine install the packages: in `docker_steps`, `RUN conda install` on an image that has conda.",
    )


def _runs_here(scripts: Sequence[str]) -> ResolutionError:
    return ResolutionError(
        "Conda package runs a script",
        "conda would run these scripts once it has linked their packages. On this machine they could read and write "
        f"all that you can, and envform runs nothing of a package there:\n{_drawn(scripts)}\n\nChoose versions or "
        "builds without scripts, or leave out `runtime`: in an image, a Docker engine runs them in a container.",
    )


def _drawn(scripts: Sequence[str]) -> str:
    return "".join(f"\n    {script}" for script in scripts)
