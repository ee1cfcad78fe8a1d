"""Where jobs can run: in a container of an engine, in one without an engine, or directly on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.model.frozen import dataclass
from reconciler.model.work import DOCKER, LOCAL, OCI, Way
from reconciler.session.machine import this_machine

if TYPE_CHECKING:
    from reconciler.model.definition import Definition, Lock


@dataclass(frozen=True, slots=True)
class How:
    """`way` is None where any will do. `rather` takes another one where an environment cannot be run that way."""

    way: Way | None = None
    gpus: str = ""
    rather: bool = False


AS_USUAL = How()
_ALL = "all"


def chosen(definition: Definition, lock: Lock, how: How) -> tuple[Way, Diagnostic | None]:
    """Where jobs in a definition run, and what should be said about it; EnvformError where they cannot run there."""
    way, warning = _possible(definition, lock, how)
    if how.gpus and (way == OCI or (way == LOCAL and how.gpus != _ALL)):
        raise EnvformError(_no_gpus(way, how.gpus))
    return way, warning


def _possible(definition: Definition, lock: Lock, how: How) -> tuple[Way, Diagnostic | None]:
    if definition.runtime == LOCAL:
        if how.way in (None, LOCAL):
            return LOCAL, None
        return _other(LOCAL, how, _no_image(str(how.way)))
    if how.way != LOCAL:
        return how.way or _container(how), None
    reason = _needs_image(definition, lock)
    return _other(_container(how), how, _no_venv(reason)) if reason else (LOCAL, None)


def _other(way: Way, how: How, problem: Diagnostic) -> tuple[Way, Diagnostic | None]:
    if not how.rather:
        raise EnvformError(problem)
    return way, Diagnostic.warning(problem.summary, f"{problem.detail} So it runs by `-on={way}`.")


def _container(how: How) -> Way:
    """Without an engine where that is possible: it needs no daemon, and no second copy of the image."""
    from reconciler.runners.oci import has_runtime

    return OCI if has_runtime() and not how.gpus else DOCKER


def _needs_image(definition: Definition, lock: Lock) -> str:
    """Why there is more to it than packages that could be installed here; empty where there is not."""
    if definition.needs_engine:
        return "its image is made by commands"
    if definition.debian is not None:
        return "its image has packages of Debian"
    if definition.spark is not None:
        return "its image has settings of Spark"
    if not lock.artefacts:
        return "all that it has is in its image"
    if lock.scripted:
        return f"its packages run scripts: {', '.join(lock.scripted)}"
    if lock.platform != this_machine():
        return f"its packages are for {lock.platform}, and this machine is {this_machine()}"
    return ""


def _no_venv(reason: str) -> Diagnostic:
    detail = f"The environment cannot be run on this machine itself, without a container: {reason}."
    return Diagnostic.error("Environment needs its image", detail, hint="`-on=oci` and `-on=docker` run it")


def _no_image(way: str) -> Diagnostic:
    detail = (
        f'The environment says `runtime = "local"`: it is a virtual environment of the machine that uses it, and has '
        f"no image that `{way}` could run."
    )
    return Diagnostic.error("Environment has no image", detail, hint="leave `-on` out, or take `runtime` out of it")


def _no_gpus(way: Way, gpus: str) -> Diagnostic:
    detail = (
        f"`-gpus={gpus}` asks a Docker engine to show GPUs of its machine to a container; `{way}` cannot choose them."
    )
    hint = "on this machine itself all are seen" if way == LOCAL else "`-on=docker` does that"
    return Diagnostic.error("GPUs cannot be chosen", detail, hint=hint)
