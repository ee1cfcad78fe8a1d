"""The door to docker-py: one engine, connected to when first asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from io import BufferedReader, RawIOBase
from typing import TYPE_CHECKING, BinaryIO
from uuid import uuid4

from reconciler.builders.attempt import Attempt
from reconciler.builders.docker import buildx, failures
from reconciler.builders.docker.address import Meant, meant
from reconciler.builders.docker.log import BuildLog
from reconciler.builders.docker.order import Order
from reconciler.model.diagnostic import BuildError
from reconciler.model.frozen import dataclass

if TYPE_CHECKING:
    import requests
    from docker import APIClient

_HASTE = 20
_GRACE = 5  # an engine ends a build at once
_PATIENCE = 300  # for what is small; building, pulling, loading and saving may be silent for an hour
_LOOK_AGAIN = 0.1
_WITH_BUILDKIT = (1, 39)
_CHUNK = 1 << 20
_WORDS = {"/build": "build", "/images/load": "load an image"}


@dataclass
class Engine:
    """The engine that `docker` itself would use, by the variables of the environment. Raises BuildError."""

    environment: Mapping[str, str]

    def check(self) -> None:
        """Whether anybody answers; BuildError says who was asked."""
        _ = self._client

    @property
    def asked(self) -> str:
        """The engine's address and who named it, for messages."""
        return f"`{self._meant.url}` ({self._meant.because})"

    @cached_property
    def _meant(self) -> Meant:
        return meant(self.environment)

    @cached_property
    def _client(self) -> APIClient:
        import docker
        from docker.errors import DockerException

        meant = self._meant
        over_ssh = {"use_ssh_client": True} if meant.url.startswith("ssh:") else {}
        try:
            client = docker.APIClient(version="auto", timeout=_HASTE, **meant.given, **over_ssh)  # type: ignore[arg-type]  # by name
            client.ping()
        except (DockerException, OSError, ValueError) as cause:
            raise failures.no_answer(self.asked, _reason(cause)) from cause
        client.timeout = _PATIENCE
        return client

    @cached_property
    def is_modern(self) -> bool:
        """Whether it is BuildKit that builds."""
        if self.environment.get("DOCKER_BUILDKIT") == "0":
            return False
        return tuple(map(int, self._client.api_version.split("."))) >= _WITH_BUILDKIT

    @property
    def fetches_frontends(self) -> bool:
        """Whether what `# syntax=` names is fetched with the user's credentials, or is not used at all."""
        return not self.is_modern or buildx.is_there(self.environment)

    @cached_property
    def network(self) -> str:
        """What steps may reach: as the engine has it, or the host's network where the engine has none of its own."""
        with self._told("list its networks"):
            return "" if self._client.networks(names=["bridge"]) else "host"

    def knows(self, name: str) -> bool:
        """Whether it has an image of this name or id."""
        from docker.errors import ImageNotFound

        with self._told(f"look for `{name}`"):
            try:
                self._client.inspect_image(name)  # type: ignore[no-untyped-call]  # nor have the stubs
            except ImageNotFound:
                return False
            return True

    def load(self, archive: Iterable[bytes], name: str) -> None:
        """Take in an image that an archive holds under this name."""
        with self._told(f"load `{name}`"):
            answer = self._post("/images/load", {"quiet": "1"}, archive)
            log = BuildLog(lambda _: None)
            log.listen(answer.iter_content(chunk_size=None))
        if log.error:
            raise failures.refused(self.asked, f"load `{name}`", log.error)

    def tag(self, image: str, name: str) -> None:
        """Give an image that it has a name more."""
        repository, _, tag = name.rpartition(":")
        with self._told(f"tag `{name}`"):
            self._client.tag(image, repository, tag)

    def pull(self, reference: str, platform: str) -> None:
        """Fetch an image from its registry, with the credentials that `docker login` has kept."""
        with self._told(f"pull `{reference}`"):
            name, _, tag = reference.rpartition(":") if "@" not in reference else (reference, "", "")
            tagged = (name, tag) if name and "/" not in tag else (reference, "latest" if "@" not in reference else None)
            log = BuildLog(lambda _: None)
            for message in self._client.pull(*tagged, stream=True, decode=True, platform=platform):
                log.take(message)
        if log.error:
            raise failures.refused(self.asked, f"pull `{reference}`", log.error)

    def drop(self, image: str) -> None:
        """Do not keep what was built, where the engine remembers the steps apart from that; never what has a name."""
        if not self.is_modern:
            return
        try:
            with self._told("look at what it built"):
                found = self._client.inspect_image(image)  # type: ignore[no-untyped-call]  # nor have the stubs
        except BuildError:
            return  # whether it is there any more is not why the build ends
        if not found.get("RepoTags"):
            self.forget(image)

    def forget(self, name: str) -> None:
        """Take a name away; what was built on the image keeps it."""
        import requests

        try:
            self._client.delete(f"{self._address}/images/{name}", params={"noprune": "1"}, timeout=_HASTE)
        except (requests.RequestException, OSError):
            return  # nobody is worse off: it is a name that nobody else uses

    @contextmanager
    def saved(self, image: str) -> Iterator[BufferedReader]:
        """The image as an archive, read while it comes."""
        with self._told(f"save `{image}`"):
            answer = self._client.get(f"{self._address}/images/{image}/get", stream=True, timeout=None)
            try:
                answer.raise_for_status()
                yield BufferedReader(_Pieces(answer.iter_content(_CHUNK)), _CHUNK)
            finally:
                answer.close()

    def build(self, order: Order, log: BuildLog, attempt: Attempt) -> str:
        """The id of what was built; the log hears all that is said meanwhile. Ended when the attempt is over."""
        order = replace(order, network=self.network)
        if self.is_modern and buildx.is_there(self.environment):
            with self._told("build", log, attempt):
                buildx.build(order, log, self.environment, self._meant.builder, attempt)
        else:
            self._build(order, log, attempt)
        if attempt.is_over and (log.error or not log.image):
            raise attempt.ended(log.step)
        if log.error:
            raise failures.failed(log)
        if not log.image:
            raise failures.gone(self.asked, "the log of the build just ended")
        return log.image

    def _build(self, order: Order, log: BuildLog, attempt: Attempt) -> None:
        mark = uuid4().hex
        parameters = self._parameters(order) | ({"version": "2", "buildid": mark} if self.is_modern else {})
        with self._told("build", log, attempt), self._post("/build", parameters, order.context) as answer:

            def cancel() -> None:
                if self.is_modern:
                    self._client.post(f"{self._address}/build/cancel", params={"id": mark}, timeout=_GRACE)
                else:
                    answer.raw.shutdown()  # the engine ends what nobody waits for

            with self._watching(attempt, cancel, answer.raw.shutdown):
                log.listen(answer.iter_content(chunk_size=None))

    def _parameters(self, order: Order) -> dict[str, str]:
        given = {
            "dockerfile": order.dockerfile,
            "buildargs": json.dumps(dict(order.arguments)),
            "networkmode": order.network,
            "target": order.target,
            "rm": "1",
            "forcerm": "1",
        }
        if self.is_modern or order.platform != self._platform:
            given["platform"] = order.platform  # the classic builder asks registries for whatever it is told
        return {name: value for name, value in given.items() if value}

    @cached_property
    def _platform(self) -> str:
        with self._told("tell its version"):
            version = self._client.version()
        return f"{version['Os']}/{version['Arch']}"

    @property
    def _address(self) -> str:
        return f"{self._client.base_url}/v{self._client.api_version}"

    def _post(self, path: str, parameters: Mapping[str, str], content: BinaryIO | Iterable[bytes]) -> requests.Response:
        from docker.auth import encode_header

        headers = {"Content-Type": "application/x-tar"}
        if path == "/build":
            headers["X-Registry-Config"] = encode_header(self._credentials).decode()
        answer = self._client.post(
            f"{self._address}{path}", params=parameters, data=content, headers=headers, stream=True, timeout=None
        )
        if answer.status_code >= 400:
            raise failures.refused(self.asked, _WORDS[path], _said(answer))
        return answer

    @cached_property
    def _credentials(self) -> Mapping[str, object]:
        from docker.auth import load_config
        from docker.errors import DockerException

        try:
            found: Mapping[str, object] = load_config().get_all_credentials()  # type: ignore[no-untyped-call]  # nor here
        except (DockerException, OSError, ValueError):
            return {}  # what needs them is refused by its registry, in clearer words
        return found

    @contextmanager
    def _watching(self, attempt: Attempt, cancel: Callable[[], None], leave: Callable[[], None]) -> Iterator[None]:
        """An engine that does not even cancel in time is left."""
        done = threading.Event()

        def watch() -> None:
            while not done.wait(_LOOK_AGAIN):
                if attempt.is_over:
                    with self._forgiven():
                        cancel()
                    if not done.wait(_GRACE):
                        with self._forgiven():
                            leave()
                    return

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()

    @contextmanager
    def _forgiven(self) -> Iterator[None]:
        import requests

        try:
            yield
        except (requests.RequestException, OSError, ValueError):
            return  # it ended by itself

    @contextmanager
    def _told(self, what: str, log: BuildLog | None = None, attempt: Attempt | None = None) -> Iterator[None]:
        """Only BuildError leaves: the engine says no, or is gone."""
        import requests
        from docker.errors import APIError, DockerException

        try:
            yield
        except APIError as cause:
            raise failures.refused(self.asked, what, str(cause.explanation or cause)) from cause
        except requests.HTTPError as cause:
            raise failures.refused(self.asked, what, _said(cause.response)) from cause
        except (requests.RequestException, DockerException, OSError) as cause:
            if log and attempt and (attempt.is_over or log.error):
                return  # said below
            raise failures.gone(self.asked, _reason(cause)) from cause


class _Pieces(RawIOBase):
    """Pieces of content as a stream."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]  # as it is called here
        self._rest = self._rest or next(self._pieces, b"")
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


def _said(answer: requests.Response) -> str:
    try:
        return str(answer.json()["message"])
    except (ValueError, KeyError, TypeError):
        return f"status {answer.status_code}"


def _reason(cause: BaseException) -> str:
    """The first thing that went wrong, in the words of the system, or in ours where those are a program's."""
    import requests

    chain = list(_chain(cause))
    for seen in chain:
        if isinstance(seen, OSError) and seen.strerror:
            return seen.strerror.lower()
        if isinstance(seen, ConnectionError):
            return "it closed the connection without an answer"
        if isinstance(seen, requests.Timeout):
            return f"it did not answer within {_HASTE} seconds"
    if any(isinstance(seen, (json.JSONDecodeError, requests.ConnectionError)) for seen in chain):
        return "what answers there is no Docker engine"
    said = str(cause).removeprefix("Error while fetching server API version: ")
    return said.splitlines()[0].rstrip(".") if said else type(cause).__name__


def _chain(cause: BaseException | None) -> Iterator[BaseException]:
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__
