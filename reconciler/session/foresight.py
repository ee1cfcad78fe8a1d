"""What would stop an apply in its middle and can be seen before: told at its place while planning."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from reconciler.execution.making import is_built
from reconciler.execution.survey import Bases
from reconciler.model.definition import Definition
from reconciler.model.diagnostic import AdapterError, EnvformError
from reconciler.model.environment import Environment
from reconciler.model.plan import Change
from reconciler.oci.image import Image

_ENGINE = ("docker_steps", "dockerfile", "build", "conda", "conda_file", "")


@dataclass(frozen=True)
class Looks:
    """`engine` raises where no Docker engine answers, `interpreter` where an image, as it is called, lacks a path."""

    engine: Callable[[], None]
    interpreter: Callable[[Image, str, str], None]

    def for_engine(self, environment: Environment, definition: Definition, scripted: Sequence[str]) -> None:
        """Commands have to be run in containers to make some, be they the definition's or those of packages."""
        if definition.needs_engine or scripted:
            named = f"\n\nThese packages run scripts: {', '.join(scripted)}." if scripted else ""
            with _told(environment, _ENGINE, named):
                self.engine()

    def for_interpreter(self, environment: Environment, change: Change, bases: Bases) -> None:
        """An image that is used as it is has what it will have; what was looked for once is not looked for again."""
        before, after = change.before, change.after
        if after is None or is_built(after.definition) or not after.details.interpreter_path:
            return
        path = after.details.interpreter_path
        if before and (before.version, before.details.interpreter_path) == (after.version, path):
            return
        base = bases.look_up(environment)
        if base.content and not base.own and base.digest == after.image:
            with _told(environment, ("interpreter_path",)):
                self.interpreter(base.content, environment.image, path)


@contextmanager
def _told(environment: Environment, names: Sequence[str], more: str = "") -> Iterator[None]:
    try:
        yield
    except AdapterError as error:
        place = next(filter(None, map(environment.places.get, names)), None)
        told = (
            replace(item, address=environment.address, detail=item.detail + more).at(place)
            for item in error.diagnostics
        )
        raise EnvformError(*told) from error
