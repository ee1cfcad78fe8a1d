"""What `conda activate` would set: variables that packages name, then what their scripts for shells do to those."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from reconciler.model.diagnostic import RunError

# What scripts say goes where complaints go: the job's own output is the job's.
_SOURCED = 'exec 3>&1 1>&2; tell=$1; shift; for it in "$@"; do . "$it"; done; exec "$tell" -0 >&3'
_OF_THE_SHELL = ("_", "OLDPWD", "PWD", "SHLVL")


def activated(environment: Path, variables: Mapping[str, str]) -> dict[str, str]:
    """The variables in an environment of conda's on this machine. RunError where its scripts end the shell."""
    known = {**variables, "CONDA_PREFIX": str(environment), **_of_packages(environment)}
    scripts = sorted((environment / "etc" / "conda" / "activate.d").glob("*.sh"))
    return _sourced(scripts, known) if scripts else known


def _sourced(scripts: list[Path], variables: Mapping[str, str]) -> dict[str, str]:
    shell = shutil.which("bash", path=variables["PATH"]) or "/bin/sh"
    tell = shutil.which("env") or "/usr/bin/env"  # the machine's own: it needs no library of the environment
    words = [shell, "-c", _SOURCED, "envform", tell, *map(str, scripts)]
    try:
        done = subprocess.run(words, env=dict(variables), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False)
    except OSError as cause:
        raise _ended(scripts, cause.strerror or str(cause)) from cause
    if done.returncode or not done.stdout:
        raise _ended(scripts, f"the shell ended with {done.returncode}")
    pairs = (os.fsdecode(text).partition("=") for text in done.stdout.split(b"\0") if text)
    found = {name: value for name, _, value in pairs if name not in _OF_THE_SHELL}
    return found | {name: variables[name] for name in _OF_THE_SHELL if name in variables}


def _ended(scripts: list[Path], why: str) -> RunError:
    listed = ", ".join(f"`{path.name}`" for path in scripts)
    return RunError(
        "Environment cannot be activated",
        f"Packages of conda's in `{scripts[0].parent}` have scripts that set variables for programs: {listed}. They "
        f"were read as `conda activate` reads them, and {why}.",
    )


def _of_packages(environment: Path) -> Mapping[str, str]:
    """What packages of conda's set in every shell, in the order in which conda reads it."""
    variables: dict[str, str] = {}
    for path in sorted((environment / "etc" / "conda" / "env_vars.d").glob("*.json")):
        try:
            found = json.loads(path.read_bytes())
        except (OSError, ValueError):
            continue
        variables |= {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}
    return variables
