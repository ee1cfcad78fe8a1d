"""A registered environment as an inference server: started, and asked whether it lives and is ready."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from typing import TYPE_CHECKING

from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.model.event import ChangeProgressed, Told
from reconciler.model.number_text import counted
from reconciler.model.work import Job
from reconciler.session.catalogue import Catalogue
from reconciler.session.running import found_place

if TYPE_CHECKING:
    from reconciler.model.details import InferenceConfig
    from reconciler.session import Session
    from reconciler.session.catalogue import Found
    from reconciler.session.ways import How


def serve(session: Session, text: str, job: Job, how: How, patience: float) -> int:
    """Run the server until it ends or a signal ends it; its exit code.

    EnvformError where the environment declares no routes, or is not ready after so many seconds.
    """
    from reconciler.runners.probes import Probes, taken

    found = Catalogue(session).find(text)
    config = found.record.details.inference_config
    if config is None:
        raise EnvformError(_no_routes(found))
    if ports := taken(config):
        raise EnvformError(_taken(found, ports))

    def tell(what: str) -> None:
        session.emit(ChangeProgressed(found.registered.address, what))

    probes = Probes(config, patience, tell, lambda: os.kill(os.getpid(), signal.SIGTERM))
    place = found_place(session, found, how)
    with probes.asking():
        code = place.run(replace(job, begins=probes.begin))
    if probes.given_up:
        raise EnvformError(_not_ready(found, config, patience, probes.problem))
    if not probes.ready:
        detail = f"The server of `{found.called}` ended with {code} before it was ready."
        session.emit(Told(Diagnostic.warning("Server was never ready", detail)))
    return code


def _no_routes(found: Found) -> Diagnostic:
    detail = (
        f"`{found.called}` has no `inference_config`, so nobody knows at which port it would answer. Declare its "
        "`liveness_route`, `readiness_route` and `scoring_route`; that makes no new version."
    )
    return Diagnostic.error("Environment is no server", detail, hint="`envform run` runs any command in it")


def _taken(found: Found, ports: tuple[int, ...]) -> Diagnostic:
    listed = ", ".join(map(str, ports))
    detail = (
        f"`{found.called}` is to answer at port {listed} of this machine, and somebody answers there already: it could "
        "not be told whether it is this server that is ready. End the other one first."
    )
    return Diagnostic.error("Port is taken", detail)


def _not_ready(found: Found, config: InferenceConfig, patience: float, last: str) -> Diagnostic:
    told = f" At last {last}." if last else ""
    routes = [f"port {one.port}, `{one.path}`" for one in (config.liveness_route, config.readiness_route)]
    detail = (
        f"The server of `{found.called}` did not answer within {counted(patience, 'second')} as `inference_config` "
        f"says it does (lives: {routes[0]}; ready: {routes[1]}), so it was ended.{told} What it wrote stands above."
    )
    return Diagnostic.error("Server is not ready", detail, hint="`-timeout` gives it longer")
