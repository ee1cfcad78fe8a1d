"""What is said when an engine does not run what it is asked to."""

from __future__ import annotations

from reconciler.model.diagnostic import RunError
from reconciler.model.pattern import lazy_pattern
from reconciler.model.work import Job

_GPUS = lazy_pattern(r"could not select device driver|gpu|nvidia|CDI device")
_NO_INIT = lazy_pattern(r"docker-init")


def no_answer(asked: str, why: str) -> RunError:
    """Nobody is there to run anything."""
    return RunError(
        "No Docker engine answers",
        f"The job was to be run by a Docker engine, and none answers. Asked was {asked}: {why}. Start Docker there, or "
        "name another engine: `DOCKER_HOST` holds its address, and `docker context use` selects one. `-on=oci` runs "
        "images by `runc` or `crun`, without an engine.",
    )


def gone(asked: str, why: str) -> RunError:
    """It was there, and while the job ran it is not any more."""
    return RunError(
        "Docker engine stopped answering",
        f"{asked} ended the connection: {why}. The job may still run there; the next job of this machine takes away "
        "what is left of it.",
    )


def refused(asked: str, what: str, why: str) -> RunError:
    """It understood, and says no."""
    return RunError("Docker engine refused", f"{asked} was asked to {what}, and said: {why.rstrip('.')}.")


def not_started(why: str, job: Job) -> RunError:
    """The container was made, and its first process could not be started."""
    if job.gpus and _GPUS.search(why):
        return RunError(
            "GPUs cannot be shown",
            f"The job was to see GPUs of the engine's machine (`{job.gpus}`), and the engine cannot show any: "
            f"{why.rstrip('.')}. There the NVIDIA driver and the NVIDIA Container Toolkit must be installed.",
        )
    if _NO_INIT.search(why):
        return RunError(
            "Container cannot be started",
            f"The engine has no `docker-init`, which is the first process of each container here: {why.rstrip('.')}.",
            hint="install `docker-init`; on Debian it is in `docker.io` or `tini`",
        )
    return RunError("Container cannot be started", f"The Docker engine could not start the job: {why.rstrip('.')}.")
