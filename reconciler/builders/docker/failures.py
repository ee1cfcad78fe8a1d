"""What is said when an engine does not do what it is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reconciler.builders.docker.log import BuildLog
from reconciler.builders.verdicts import verdict
from reconciler.model.diagnostic import BuildError

_INSTRUCTION = 200


def no_answer(asked: str, why: str) -> BuildError:
    """Nobody is there to build."""
    return BuildError(
        "No Docker engine answers",
        "Docker steps, Dockerfiles and build contexts are built by a Docker engine, which also runs the scripts of "
        f"conda's packages, and none answers. Asked was {asked}: {why}. Start Docker there, or name another engine: "
        "`DOCKER_HOST` holds its address, and `docker context use` selects one. Packages without scripts on a ready "
        "image need no engine.",
    )


def gone(asked: str, why: str) -> BuildError:
    """It was there, and in the middle of the work it is not any more."""
    return BuildError(
        "Docker engine stopped answering",
        f"{asked} was building and ended the connection: {why}. Nothing was published. Apply again when it is back; "
        "steps that were finished are not made a second time where the engine has kept them.",
        temporary=True,
    )


def refused(asked: str, what: str, why: str) -> BuildError:
    """It understood, and says no."""
    return _judged(BuildError("Docker engine refused", f"{asked} was asked to {what}, and said: {why}."), [why])


def failed(log: BuildLog) -> BuildError:
    """A step failed; what it printed last is mostly the reason."""
    where = f"The step `{_short(log.step)}` failed: {log.error}." if log.step else f"The engine said: {log.error}."
    shown = "".join(f"\n    {line}" for line in log.last)
    said = f"\n\nThe last lines of the build log:\n{shown}" if shown else " It printed nothing."
    return _judged(BuildError("Docker build failed", where.replace("..", ".") + said), [*log.heard, log.error])


def unreadable(asked: str, why: str) -> BuildError:
    """What it made cannot be read."""
    return BuildError("Docker engine gave no image", f"{asked} has built, and what it gave back is no image: {why}")


def _judged(error: BuildError, lines: Sequence[str]) -> BuildError:
    """The same, with what it looks like and what to do about that."""
    if found := verdict(lines):
        error.diagnostics = tuple(
            replace(one, detail=f"{one.detail}\n\n{found.means} {found.advice}", rule=found.rule)
            for one in error.diagnostics
        )
    return error


def _short(step: str) -> str:
    line = " ".join(step.split())
    return line if len(line) <= _INSTRUCTION else f"{line[:_INSTRUCTION]}…"
