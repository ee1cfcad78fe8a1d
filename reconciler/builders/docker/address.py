"""Which engine is meant: the one that `docker` itself would use, by its variables and contexts."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.builders.docker import failures
from reconciler.model.frozen import dataclass

DEFAULT_URL = "unix:///var/run/docker.sock"


@dataclass(frozen=True, slots=True)
class Meant:
    """An engine's address, who named it, what docker-py is given for it, and what buildx calls its builder."""

    url: str
    because: str
    given: Mapping[str, object]
    builder: str = "default"


def meant(environment: Mapping[str, str]) -> Meant:
    """`DOCKER_HOST`, or else a context, or else where engines usually are; BuildError where that cannot be read."""
    from docker.context import ContextAPI
    from docker.errors import DockerException
    from docker.utils import kwargs_from_env

    name = environment.get("DOCKER_CONTEXT") or None
    try:
        if url := environment.get("DOCKER_HOST"):
            name = None
            return Meant(url, "from `DOCKER_HOST`", kwargs_from_env(environment=dict(environment)))
        context = ContextAPI.get_context(name)
    except (DockerException, OSError, ValueError) as cause:
        raise failures.no_answer(f"what {name or 'Docker'} is set to", str(cause)) from cause
    if context is None:
        raise failures.no_answer(f"the context `{name or 'that is selected'}`", "there is no such context")
    if context.Name == "default" or not context.Host:
        return Meant(DEFAULT_URL, "where an engine usually is", {"base_url": DEFAULT_URL})
    tls: object = context.TLSConfig  # None is possible, whatever the stubs say
    given = {"base_url": context.Host} | ({"tls": tls} if tls else {})
    return Meant(str(context.Host), f"from the context `{context.Name}`", given, context.Name)
