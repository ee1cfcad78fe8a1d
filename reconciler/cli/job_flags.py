"""The flags of the commands that run jobs, and the job that they describe."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from reconciler.cli.flags import option
from reconciler.model.diagnostic import Diagnostic, Diagnostics
from reconciler.model.pattern import lazy_pattern
from reconciler.model.suggestion import did_you_mean
from reconciler.model.work import WAYS, Job, Mount

_RIGHTS = {"ro": False, "rw": True}
_GPUS = lazy_pattern(r"all|[1-9][0-9]{0,3}|device=[\w-]+(,[\w-]+)*")


def job_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What can be said of every job: where it runs, and what it sees."""
    on = option(
        "-on",
        "docker|oci|local",
        "Where: by a Docker engine, by `runc` or `crun`, or on this machine itself; by default what there is.",
        type=click.Choice(WAYS),
        default=None,
    )
    gpus = option(
        "-gpus", "all|N|device=ID,...", "Let it see GPUs of this machine; a Docker engine can show them.", default=""
    )
    env = option(
        "-env",
        "NAME[=VALUE]",
        "Set a variable, over those of the environment; without a value the one that it has here. Repeatable.",
        multiple=True,
    )
    mount = option(
        "-mount",
        "SRC:DST[:ro]",
        "Show a file or folder of this machine at the absolute path DST, read-only with `:ro`. Repeatable.",
        multiple=True,
    )
    workdir = option(
        "-workdir", "DIR", "Start in this folder of the image; the default is what the image says.", default=""
    )
    decorated: Callable[..., Any] = on(gpus(env(mount(workdir(command)))))
    return decorated


def job_of(
    root: Path,
    words: tuple[str, ...],
    env: tuple[str, ...],
    mount: tuple[str, ...],
    workdir: str,
    gpus: str,
) -> Job:
    """The job that the flags describe, paths seen from `root`; EnvformError with all that is wrong with them."""
    problems = Diagnostics()
    variables = dict(_variable(text, problems) for text in env)
    mounts = tuple(_mount(text, root, problems) for text in mount)
    _check_flags(workdir, gpus, problems)
    problems.check()
    return Job(words, variables, mounts, workdir, gpus=gpus)


def _check_flags(workdir: str, gpus: str, problems: Diagnostics) -> None:
    if workdir and not workdir.startswith("/"):
        problems.add(wrong("-workdir", workdir, "it is a path in the image, which begins with `/`"))
    if gpus and not _GPUS.fullmatch(gpus):
        problems.add(wrong("-gpus", gpus, "it is `all`, a number, or `device=` and ids with commas between them"))


def _variable(text: str, problems: Diagnostics) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or "\0" in text:
        problems.add(wrong("-env", text, "a variable has a name, and then `=` and its value"))
    elif not equals and name not in os.environ:
        hint = did_you_mean(name, os.environ)
        problems.add(wrong("-env", text, "no variable of that name is set here, so its value must be given", hint))
    return name, value if equals else os.environ.get(name, "")


def _mount(text: str, root: Path, problems: Diagnostics) -> Mount:
    spelled, colon, right = text.rpartition(":")
    if not (colon and right in _RIGHTS):
        spelled, right = text, "rw"
    source, colon, target = spelled.rpartition(":")
    place = root / Path(source).expanduser() if source else root
    if not (source and colon and target.startswith("/")):
        problems.add(wrong("-mount", text, "write `SRC:DST` or `SRC:DST:ro`, and DST is a path that begins with `/`"))
    elif target.strip("/") == "" or ".." in target.split("/"):
        problems.add(wrong("-mount", text, "DST must be a path below `/`, without `..`"))
    elif not place.exists():
        there = place.parent.iterdir() if place.parent.is_dir() else ()
        hint = did_you_mean(place.name, (path.name for path in there))
        problems.add(wrong("-mount", text, f"there is nothing at `{place}`", hint))
    return Mount(os.path.realpath(place), target, _RIGHTS[right])


def wrong(flag: str, value: str, why: str, hint: str = "") -> Diagnostic:
    """A value that a flag cannot have."""
    return Diagnostic.error("Invalid value", f"`{flag}={value}` cannot be used: {why}.", hint=hint)
