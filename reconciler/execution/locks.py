"""Definitions made exact: by what is recorded where that is to hold, else by asking the resolver."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import field, replace

from reconciler.execution.recordable import recordable
from reconciler.execution.survey import Base
from reconciler.model.definition import Definition, Lock
from reconciler.model.diagnostic import AdapterError, EnvformError, ResolutionError
from reconciler.model.digest import Digest
from reconciler.model.environment import Environment
from reconciler.model.frozen import dataclass
from reconciler.model.state import Registered, State
from reconciler.oci.image import Image
from reconciler.protocols import Resolver

PythonOf = Callable[[Image | None, Definition], str]
CheckFit = Callable[[Image, Definition, Lock], None]

_AT_ONCE = 8
_PLACES = ("pip", "requirements_file", "conda", "conda_file")


class NotYetError(Exception):
    """A lock that is being found out; whoever asks without haste gets it."""


@dataclass(slots=True)
class Locks:
    """An unpinned package keeps the version that it got when an equal package section was first locked.

    `python_of` finds the X.Y of the interpreter in a base image, or what else resolvers are to know of it; `check_fit`
    raises where packages do not run there. In `haste` nobody is made to wait: NotYetError says that an answer is on its
    way, and so many answers come at once.
    """

    state: State
    resolver: Callable[[], Resolver]
    python_of: PythonOf
    check_fit: CheckFit
    haste: bool = False
    _begun: dict[str, Future[Lock]] = field(default_factory=dict)
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(_AT_ONCE))
    _by_hash: dict[str, Lock] = field(default_factory=dict)
    _by_section: dict[object, Lock] = field(default_factory=dict)
    _images: dict[tuple[str, Digest], Digest] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for registered in self.state.environments.values():
            for record in registered.versions:
                lock = self.state.locks[record.lock]
                self._by_hash[record.hash] = lock
                self._images[record.hash, record.lock] = record.image
                if record.definition.is_resolved and not record.definition.debian:
                    self._by_section[_section(record.definition, lock.python)] = lock

    def knows(self, definition: Definition) -> bool:
        """Whether the recorded state says what the definition was locked to."""
        return definition.hash in self._by_hash

    def image(self, definition: Definition, lock: Lock) -> Digest | None:
        """What was built from just that, where it is recorded."""
        return self._images.get((definition.hash, lock.digest)) if self.knows(definition) else None

    def of(
        self, environment: Environment, definition: Definition, base: Base, prior: Registered | None, *, anew: bool
    ) -> Lock:
        """The lock to build from. With `anew` nothing that is recorded holds any package."""
        known = None if anew else self._by_hash.get(definition.hash)
        if known:
            return replace(known, base=base.digest, index=base.index or known.index)
        if not definition.is_resolved:
            python = self.python_of(None, definition) if definition.runtime == "local" else ""
            return Lock(base.digest, definition.platform, python=python, index=base.index)
        if definition.debian:
            return self.followed(environment, definition)
        if definition.hash not in self._begun:
            self._begun[definition.hash] = self._pool.submit(self._resolved, definition, base, prior, anew=anew)
            if self.haste:
                raise NotYetError
        try:
            lock = self._begun[definition.hash].result()
        except AdapterError as error:
            place = next(filter(None, map(environment.places.get, _PLACES)), None)
            told = (replace(item, address=environment.address).at(place) for item in error.diagnostics)
            raise EnvformError(*told) from error
        self._by_hash[definition.hash] = self._by_section[_section(definition, lock.python)] = lock
        return lock

    def followed(self, environment: Environment, definition: Definition) -> Lock:
        """What the distribution has today for a definition of Debian packages; those are never held."""
        try:
            return recordable(self.resolver().resolve(definition, "", None))
        except AdapterError as error:
            place = environment.places.get("packages")
            told = (replace(item, address=environment.address).at(place) for item in error.diagnostics)
            raise EnvformError(*told) from error

    def _resolved(self, definition: Definition, base: Base, prior: Registered | None, *, anew: bool) -> Lock:
        if base.content is None and definition.runtime != "local":
            python = _foreseen(definition, base)
        else:
            python = self.python_of(base.content, definition)
        if not python and not definition.conda:
            raise ResolutionError(
                "Python version is not known",
                "The packages lie on an image that a Docker engine has yet to build, so nobody can look which Python "
                'it has. Write it down, as in `python_version = "3.12"`.',
            )
        held = None if anew else self._by_section.get(_section(definition, python))
        if held is None:
            prefer = None if anew or prior is None else self.state.locks[prior.latest.lock]
            held = recordable(self.resolver().resolve(definition, python, prefer))
        if base.content is not None:
            self.check_fit(base.content, definition, held)
        return replace(held, base=base.digest, index=base.index)


def foreseen_python(definition: Definition, lock: Lock, base: Base) -> str | None:
    """The X.Y that an image will have, empty for none; None where only an engine can tell."""
    if definition.needs_engine:
        return None
    return lock.python if definition.debian else lock.python or base.python


def _foreseen(definition: Definition, base: Base) -> str:
    """The Python of a base that is not built yet."""
    if base.python is None or definition.conda:
        return definition.python
    if definition.python not in ("", base.python) and base.python:
        raise ResolutionError(
            "Base image has another Python",
            f"`python_version` asks for Python {definition.python}, and the base image will have {base.python}, by the "
            "packages that it is made of. Leave it out, or take a base image with the one you want: a release of "
            "Debian has one.",
        )
    if not base.python:
        raise ResolutionError(
            "Base image has no Python",
            "The packages are for Python, and the Debian packages that the base image is made of bring none. Add it "
            "to them:\n\n"
            '    packages = ["python3"]',
        )
    return base.python


def _section(definition: Definition, python: str) -> object:
    """What decides which packages there are; the base does not, but for its Python."""
    files = tuple(sorted(definition.files.items()))
    own = (
        definition.packages,
        definition.options,
        definition.constraints,
        files,
        definition.platform,
        definition.exclude_newer,
        definition.allow_source_builds,
    )
    # conda's Python is one of its packages; on a machine all are chosen for that machine
    return (*own, definition.runtime, definition.conda or python)
