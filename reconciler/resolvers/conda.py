"""Packages from conda's channels, chosen by rattler; what pip is to bring is chosen for the Python among them."""

from __future__ import annotations

import asyncio
import datetime
import hashlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.model.definition import Artefact, Definition, Lock
from reconciler.model.diagnostic import ResolutionError
from reconciler.model.digest import Digest
from reconciler.model.pattern import lazy_pattern
from reconciler.protocols import Resolver
from reconciler.resolvers.conda_channels import Channels, local_path
from reconciler.resolvers.conda_failures import failure, not_installed, unreadable
from reconciler.resolvers.conda_pip import beside, is_python_package
from reconciler.resolvers.conda_scripts import check_runnable, scripts_of
from reconciler.resolvers.conda_target import Target

if TYPE_CHECKING:
    import rattler
_BEFORE_VERSION = lazy_pattern(r"(?<=[\w-])(?=[=<>!~])")


@dataclass(frozen=True)
class CondaResolver:
    """Reads what channels say of their packages, and of those no more than their lists of files; safe in threads.

    `cache` keeps the channels' own tables between runs. `deadline` bounds one search, in seconds.
    """

    root: Path
    cache: Path
    pip: Resolver
    deadline: float = 300.0

    def resolve(self, definition: Definition, python: str, prefer: Lock | None) -> Lock:
        """A lock for the packages of conda and, above them, for those of pip; `python` is what the base gives them."""
        conda = definition.conda
        if conda is None:
            return Lock(definition.base, definition.platform)
        try:
            from rattler import exceptions
        except ImportError as cause:
            raise not_installed() from cause
        if definition.runtime == "local":
            target = Target.here(definition.platform, _of_this_machine(), conda.accelerator)
        else:
            target = Target.of(definition.platform, python, conda.accelerator)
        channels = Channels.of(conda, self.root)
        try:
            records, scripted = asyncio.run(self._found(definition, target, channels, prefer))
        except (exceptions.SolverError, exceptions.GatewayError) as cause:
            raise failure(str(cause), conda, channels, target, lambda: self._names(channels, target)) from cause
        except exceptions.InvalidChannelError as cause:
            raise unreadable(str(cause), channels) from cause
        artefacts = tuple(_artefact(record, channels, scripted) for record in records)
        version = next((one.version for one in artefacts if one.name == "python"), "")
        lock = Lock(definition.base, definition.platform, artefacts, ".".join(version.split(".")[:2]))
        provided = [artefact for artefact, it in zip(artefacts, records, strict=True) if is_python_package(it.depends)]
        return beside(lock, version, provided, definition, self.pip, prefer)

    async def _found(
        self, definition: Definition, target: Target, channels: Channels, prefer: Lock | None
    ) -> tuple[Sequence[rattler.RepoDataRecord], Collection[Digest]]:
        """The packages, and the digests of those that are known to run scripts."""
        records = await self._solve(definition, target, channels, prefer)
        held = {it.digest: it for it in prefer.artefacts} if prefer else {}
        before = [held[digest] for it in records if (digest := _digest(it.sha256)) in held]
        new = [it for it in records if _digest(it.sha256) not in held]
        scripts = await scripts_of(new, self._client)
        known = {it.digest: it.name for it in before if it.scripted}
        check_runnable(scripts, known.values(), definition.runtime)
        return records, {*known, *(_digest(_sha256(it)) for it in new if it.file_name in scripts)}

    async def _solve(
        self, definition: Definition, target: Target, channels: Channels, prefer: Lock | None
    ) -> Sequence[rattler.RepoDataRecord]:
        import rattler

        python = [f"python={definition.python}"] if definition.python else []
        wanted = [*(definition.conda.dependencies if definition.conda else ()), *python]
        sources = [rattler.Channel(address) for address in channels.addresses]
        platforms = [rattler.Subdir(name) for name in target.folders]
        held = await self._held(sources, platforms, prefer)
        found = await rattler.solve(
            sources,
            list(_specs(wanted, channels)),
            gateway=self._gateway,
            platforms=platforms,
            locked_packages=held,
            virtual_packages=[_virtual(name, *given) for name, given in target.virtual_packages.items()],
            timeout=datetime.timedelta(seconds=self.deadline),
            exclude_newer=_moment(definition.exclude_newer),
        )
        return _sorted(found)

    def _names(self, channels: Channels, target: Target) -> Iterator[str]:
        """What there is at all; nothing where the channels do not tell."""
        import rattler

        with suppress(rattler.exceptions.GatewayError, OSError):
            sources = [rattler.Channel(address) for address in channels.addresses]
            found = asyncio.run(self._gateway.names(sources, [rattler.Subdir(name) for name in target.folders]))
            yield from (name.normalized for name in found)

    async def _held(
        self, sources: Sequence[rattler.Channel], platforms: Sequence[rattler.Subdir], prefer: Lock | None
    ) -> Sequence[rattler.RepoDataRecord]:
        """The packages of an earlier lock that the channels still have."""
        before = {it.digest: it.name for it in prefer.artefacts if it.kind == "conda"} if prefer else {}
        if not before:
            return ()
        found = await self._gateway.query(sources, platforms, sorted(set(before.values())), recursive=False)
        return [it for records in found for it in records if it.sha256 and f"sha256:{it.sha256.hex()}" in before]

    @cached_property
    def _gateway(self) -> rattler.Gateway:
        import rattler

        return rattler.Gateway(cache_dir=self.cache, client=self._client)

    @cached_property
    def _client(self) -> rattler.Client:
        """With what this machine keeps for hosts, in netrc or where rattler keeps it."""
        import rattler

        return rattler.Client.default_client(max_retries=2)


def _specs(wanted: Sequence[str], channels: Channels) -> Iterator[rattler.MatchSpec]:
    """What is wanted; with the bare name of each, for rattler would pass over channels that have it otherwise."""
    import rattler

    for text in wanted:
        spec = _spec(text, channels)
        yield spec
        if spec.channel is None and not channels.is_file(text):
            yield rattler.MatchSpec(spec.name.normalized)


def _spec(text: str, channels: Channels) -> rattler.MatchSpec:
    """One package as it is wanted. Raises ResolutionError."""
    import rattler

    spelled = channels.spelled(text)
    with suppress(rattler.exceptions.InvalidMatchSpecError):
        return rattler.MatchSpec(spelled, strict=False)
    try:  # `x=1.*,!=1.5` is read with a space only
        return rattler.MatchSpec(_BEFORE_VERSION.sub(" ", spelled, count=1), strict=False)
    except rattler.exceptions.InvalidMatchSpecError as cause:
        raise unreadable(str(cause), channels, text) from cause


def _moment(text: str) -> datetime.datetime | None:
    """Until when; of a date, its end."""
    if not text:
        return None
    day = datetime.timedelta(days=1 if len(text) == len("2026-01-31") else 0)
    moment = datetime.datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)).astimezone(datetime.UTC) + day


def _virtual(name: str, version: str, build: str) -> rattler.GenericVirtualPackage:
    import rattler

    return rattler.GenericVirtualPackage(
        rattler.PackageName(name), rattler.Version(version), rattler.BuildString(build)
    )


def _of_this_machine() -> str:
    """What this machine offers to packages that are to run on it, or is said to, by `CONDA_OVERRIDE_CUDA` and such."""
    import rattler

    overrides = rattler.VirtualPackageOverrides.from_env()
    found = [it.into_generic() for it in rattler.VirtualPackage.detect(overrides=overrides)]
    return " ".join(f"{it.name.normalized}={it.version}={it.build_string}" for it in found)


def _sorted(records: Sequence[rattler.RepoDataRecord]) -> Sequence[rattler.RepoDataRecord]:
    """In the order of installation, whatever the order of the answer."""
    import rattler

    by_name = {it.name.normalized: it for it in records}
    plain: list[rattler.PackageRecord] = [by_name[name] for name in sorted(by_name)]
    order = rattler.PackageRecord.sort_topologically(plain)
    return [by_name[it.name.normalized] for it in order]


def _read_sha256(url: str) -> bytes | None:
    """Of a file on this machine; what lies elsewhere is not read."""
    try:
        with (local_path(url) or Path()).open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError:
        return None


def _sha256(record: rattler.RepoDataRecord) -> bytes | None:
    return record.sha256 or _read_sha256(record.url)


def _digest(sha256: bytes | None) -> Digest:
    return Digest.parse(f"sha256:{(sha256 or bytes(32)).hex()}")


def _artefact(record: rattler.RepoDataRecord, channels: Channels, scripted: Collection[Digest]) -> Artefact:
    name, version = record.name.normalized, str(record.version)
    sha256 = _sha256(record)
    if not sha256:
        raise ResolutionError(
            "Conda package without a hash",
            f"The channel gives no sha256 for `{record.file_name}`, so nobody could tell whether what is fetched is "
            "what was chosen. Index the channel anew with a current tool, or choose another build.",
        )
    digest = _digest(sha256)
    url = channels.recorded(record.url)
    return Artefact(name, version, url, digest, record.size or 0, "conda", scripted=digest in scripted)
