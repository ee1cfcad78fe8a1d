"""Jobs in containers of a Docker engine: it is sent an image once, and keeps nothing of a job that has ended."""

from __future__ import annotations

import fcntl
import os
import posixpath
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from reconciler.model.frozen import dataclass
from reconciler.model.work import Job, Outcome
from reconciler.oci.config import read_config
from reconciler.oci.image import Image
from reconciler.protocols import EventSink
from reconciler.runners import docker_failures as failures
from reconciler.runners.docker_streams import Attached
from reconciler.runners.oci_bundle import Process
from reconciler.runners.oci_failures import program_not_found

if TYPE_CHECKING:
    from docker import APIClient

NAME = "envform-run"
LOCK, HOST = "dev.envform.run", "dev.envform.host"
_HASTE = 20
# Of a first process the kernel keeps away what it does not handle, so the job is not it; and what a shell has started
# is meant too when somebody presses Ctrl-C.
_INIT = {"TINI_KILL_PROCESS_GROUP": "1"}

Archive = Callable[[Image, str], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Asked:
    """An engine's address, who named it, and what docker-py is given for it."""

    url: str
    because: str
    given: Mapping[str, object]

    def __str__(self) -> str:
        return f"`{self.url}` ({self.because})"


class DockerRunner:
    """`runs` is a folder of the user's own for what is known of running jobs; `archive` spells images for engines."""

    def __init__(self, asked: Asked, runs: Path, archive: Archive, loading: Callable[[Image], None]) -> None:
        self._asked = asked
        self._runs = runs
        self._archive = archive
        self._loading = loading

    def run(self, job: Job, image: Image, emit: EventSink) -> Outcome:  # noqa: ARG002 - `loading` tells what there is
        """Send the image where the engine has it not, and run to the end."""
        process = Process.of(image)
        words = process.command(job)
        client = self._client()
        with _told(self._asked), _Held(self._runs) as lock:
            _remove_left(client)
            name = self._loaded(client, image)
            with _container(client, job, name, words, lock) as container:
                _check_program(client, container, words[0], process.path(job))
                job.begins()
                return _outcome(client, container, job)

    def _client(self) -> APIClient:
        import docker
        from docker.errors import DockerException

        given: dict[str, Any] = dict(self._asked.given)
        if self._asked.url.startswith("ssh:"):
            given["use_ssh_client"] = True
        try:
            client = docker.APIClient(version="auto", timeout=_HASTE, **given)
            client.ping()
        except (DockerException, OSError, ValueError) as cause:
            raise failures.no_answer(str(self._asked), _reason(cause)) from cause
        client.timeout = None  # type: ignore[assignment]  # as requests has it: a job may be silent for a day
        return client

    def _loaded(self, client: APIClient, image: Image) -> str:
        """What the engine calls the image; it is sent only where the engine does not have it by any name."""
        root = read_config(image).get("rootfs")
        layers = root.get("diff_ids") if isinstance(root, dict) else None
        name = f"{NAME}:{image.digest.hex}"
        for known in (name, str(image.config.descriptor.digest), str(image.digest)):
            if _layers_of(client, known) == layers:
                return known
        self._loading(image)
        answers = client.load_image(self._archive(image, name), quiet=True)  # type: ignore[no-untyped-call]  # nor here
        for message in answers or ():
            if isinstance(message, dict) and message.get("error"):
                raise failures.refused(str(self._asked), "load the image", str(message["error"]))
        return name


def _layers_of(client: APIClient, name: str) -> object:
    from docker.errors import ImageNotFound

    try:
        found = client.inspect_image(name)  # type: ignore[no-untyped-call]  # nor have the stubs
    except ImageNotFound:
        return None
    return (found.get("RootFS") or {}).get("Layers") or []


@contextmanager
def _container(client: APIClient, job: Job, image: str, words: list[str], lock: Path) -> Iterator[str]:
    """One that is ready to be started, and is gone afterwards."""
    from docker.errors import DockerException
    from docker.types import DeviceRequest, Mount

    shown = [Mount(one.target, one.source, type="bind", read_only=not one.writable) for one in job.mounts]
    devices = [DeviceRequest(**_gpus(job.gpus), capabilities=[["gpu"]])] if job.gpus else None
    settings = client.create_host_config(
        mounts=shown,
        network_mode="host",
        init=True,
        # Half of the memory, as a file system of that kind has elsewhere: data loaders hand their batches over there.
        shm_size=int(client.info()["MemTotal"]) // 2,
        device_requests=devices,
    )
    created = client.create_container(
        image,
        entrypoint=words,
        environment={**_INIT, **job.variables},
        working_dir=job.folder or None,
        stdin_open=not job.output,
        tty=Attached.is_terminal() and not job.output,
        host_config=settings,
        labels={LOCK: str(lock), HOST: _here()},
        use_config_proxy=False,
    )
    container = str(created["Id"])
    try:
        yield container
    finally:
        with suppress(DockerException, OSError):
            client.remove_container(container, force=True, v=True)


def _outcome(client: APIClient, container: str, job: Job) -> Outcome:
    from docker.errors import APIError

    def hand_on(number: int) -> None:
        with suppress(APIError):  # it has just ended
            client.kill(container, signal=number)

    def resize(height: int, width: int) -> None:
        with suppress(APIError):
            client.resize(container, height, width)

    parameters = {"stream": 1, "stdout": 1, "stderr": 1, "stdin": 0 if job.output else 1}
    attached = Attached(client.attach_socket(container, parameters), job)
    try:
        client.start(container)
    except APIError as cause:
        raise failures.not_started(str(cause.explanation or cause), job) from cause
    in_time = attached.run(hand_on, resize)
    return Outcome(int(client.wait(container)["StatusCode"]), in_time)


def _gpus(text: str) -> dict[str, Any]:
    if text.startswith("device="):
        return {"device_ids": text.partition("=")[2].split(",")}
    return {"count": -1 if text == "all" else int(text)}


def _check_program(client: APIClient, container: str, program: str, folders: list[str]) -> None:
    """RunError where it is not in the container: its first process would say so less kindly."""
    if "/" in program and not program.startswith("/"):
        return
    places = [program] if "/" in program else [posixpath.join(folder, program) for folder in folders]
    address = f"{client.base_url}/v{client.api_version}/containers/{container}/archive"
    if not any(client.head(address, params={"path": place}, timeout=_HASTE).ok for place in places):
        raise program_not_found(program)


class _Held:
    """A file that is locked as long as a job runs: whoever finds it unlocked knows that its starter is gone."""

    def __init__(self, runs: Path) -> None:
        self._path = runs / f"docker-{uuid4().hex}.lock"

    def __enter__(self) -> Path:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        return self._path

    def __exit__(self, *_: object) -> None:
        self._path.unlink(missing_ok=True)
        os.close(self._descriptor)


def _remove_left(client: APIClient) -> None:
    """What runs on though the envform of this machine that started it was killed."""
    from docker.errors import DockerException

    for found in client.containers(all=True, filters={"label": f"{HOST}={_here()}"}):
        path = Path((found.get("Labels") or {}).get(LOCK, ""))
        if _is_left(path):
            with suppress(DockerException, OSError):
                client.remove_container(found["Id"], force=True, v=True)
                path.unlink(missing_ok=True)


def _here() -> str:
    """Who sees the same files: containers may share the name of a machine, and an engine, and not a single lock."""
    try:
        files = str(Path("/proc/self/ns/mnt").readlink())
    except OSError:
        files = ""
    return f"{socket.gethostname()} {files}".strip()


def _is_left(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return path.is_absolute()
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True


@contextmanager
def _told(asked: Asked) -> Iterator[None]:
    """Only RunError leaves: the engine says no, or is gone."""
    import requests
    from docker.errors import APIError, DockerException

    try:
        yield
    except APIError as cause:
        raise failures.refused(str(asked), "run the job", str(cause.explanation or cause)) from cause
    except (requests.RequestException, DockerException, OSError) as cause:
        raise failures.gone(str(asked), _reason(cause)) from cause


def _reason(cause: BaseException) -> str:
    """The innermost thing that went wrong, in the words of the system."""
    seen: BaseException | None = cause
    while seen is not None:
        if isinstance(seen, OSError) and seen.strerror:
            return seen.strerror.lower()
        seen = seen.__cause__ or seen.__context__
    return str(cause).splitlines()[0].rstrip(".") if str(cause) else type(cause).__name__
