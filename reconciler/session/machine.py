"""The platform of this machine, for environments that are made on it and for it."""

from __future__ import annotations

import platform
from dataclasses import replace

from reconciler.model.environment import Environment
from reconciler.oci.platform import parse_platform


def this_machine() -> str:
    """As images spell it, such as `linux/arm64`."""
    return parse_platform(f"{platform.system()}/{platform.machine()}".lower())


def on_this_machine(environment: Environment) -> Environment:
    """The same; of one that says `runtime = "local"` the platform is whichever machine plans."""
    if environment.contents.runtime != "local":
        return environment
    here = this_machine()
    return replace(environment, platform=here, values={**environment.values, "platform": here})
