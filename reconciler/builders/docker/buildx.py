"""Builds by `docker buildx`, where that is installed: it has whatever the engine's own interface lacks."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from base64 import b64decode
from binascii import Error as NotBase64Error
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from threading import Event, Thread

from reconciler.builders.attempt import Attempt
from reconciler.builders.docker.log import BuildLog
from reconciler.builders.docker.order import Order
from reconciler.builders.hidden import without_credentials

_LOOK_AGAIN = 0.1
_PATIENCE = 20
_FIRST = (0, 13)  # the first that tells in JSON what it does


def is_there(environment: Mapping[str, str]) -> bool:
    """Whether the plugin answers, and is not too old."""
    program = which("docker", path=environment.get("PATH"))
    if program is None:
        return False
    try:
        done = subprocess.run(
            [program, "buildx", "version"],
            env=dict(environment),
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    found = re.search(r"\bv?(\d+)\.(\d+)\.\d+", done.stdout)
    return done.returncode == 0 and found is not None and (int(found[1]), int(found[2])) >= _FIRST


def build(order: Order, log: BuildLog, environment: Mapping[str, str], builder: str, attempt: Attempt) -> None:
    """Build with the engine's own builder, which sees the images that the engine has; all goes into the log."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "image"
        command = [which("docker", path=environment.get("PATH")) or "docker", *_arguments(order, builder, result)]
        with (
            tempfile.TemporaryFile("w+") as unread,
            subprocess.Popen(
                command, env=dict(environment), stdin=order.context, stdout=unread, stderr=subprocess.PIPE, text=True
            ) as process,
            _ended_with(attempt, process),
        ):
            said = _listen(process, log)
        if process.returncode:
            log.error = log.error or without_credentials(said) or f"`docker buildx` ended with {process.returncode}"
        elif result.exists():
            log.image = result.read_text().strip()


def _arguments(order: Order, builder: str, result: Path) -> Iterator[str]:
    yield from ("buildx", "build", f"--builder={builder}", "--progress=rawjson", "--provenance=false", "--load")
    yield from (f"--iidfile={result}", f"--file={order.dockerfile}", f"--platform={order.platform}")
    yield from (f"--build-arg={name}={value}" for name, value in order.arguments.items())
    if order.target:
        yield f"--target={order.target}"
    if order.network:
        yield f"--network={order.network}"
    yield "-"


def _listen(process: subprocess.Popen[str], log: BuildLog) -> str:
    """Hand on what is told in JSON; the last line that is none says why it failed."""
    said = ""
    for line in process.stderr or ():
        try:
            news = json.loads(line)
        except ValueError:
            said = line.strip().removeprefix("ERROR: ") or said
            continue
        if isinstance(news, dict):
            _tell(news, log)
    return said


def _tell(news: Mapping[str, object], log: BuildLog) -> None:
    for one in _objects(news.get("vertexes")):
        error = str(one.get("error") or "")
        log.vertex(str(one.get("digest")), str(one.get("name")), started=bool(one.get("started")), error=error)
    for one in _objects(news.get("logs")):
        try:
            log.output(str(one.get("vertex")), b64decode(str(one.get("data") or "")))
        except NotBase64Error:
            continue


def _objects(value: object) -> Iterator[Mapping[str, object]]:
    return (one for one in value if isinstance(one, dict)) if isinstance(value, list) else iter(())


@contextmanager
def _ended_with(attempt: Attempt, process: subprocess.Popen[str]) -> Iterator[None]:
    done = Event()

    def watch() -> None:
        while not done.wait(_LOOK_AGAIN):
            if attempt.is_over:
                process.terminate()
                return

    watcher = Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        process.wait()
        done.set()
        watcher.join()
