"""What engines say while they build: lines for whoever looks, the step that is being made, what went wrong."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence

from reconciler.builders.docker.trace import Output, Vertex, read_trace
from reconciler.builders.hidden import without_credentials
from reconciler.model.address import Address
from reconciler.model.event import ChangeProgressed
from reconciler.model.pattern import lazy_pattern
from reconciler.oci.strict_json import JsonObject
from reconciler.protocols import EventSink

LAST_LINES = 15
_HEARD = 200
_LONGEST_LINE = 500
_LONGEST_REST = 1 << 16  # of a line that has not ended; some never do
_ESCAPE = lazy_pattern(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\x00-\x08\x0b-\x1f\x7f]")
_STEP = lazy_pattern(r"Step \d+/\d+ : (.*)", re.DOTALL)
_QUIET = lazy_pattern(r"\s*---> (?:[0-9a-f]+|Running in .*)|Removing intermediate container .*|Successfully built .*")
_INTERNAL = ("[internal]", "copy /context", "exporting")
_TRACE = "moby.buildkit.trace"


class BuildLog:
    """Listens to one build. `image` is what was made, `error` what the engine said in place of that."""

    def __init__(self, emit: EventSink) -> None:
        self._emit = emit
        self._rest: dict[str, bytes] = {}
        self._steps: dict[str, str] = {}
        self._told: set[str] = set()
        self._printed: dict[str, deque[str]] = {}
        self._failed = ""
        self.heard: deque[str] = deque(maxlen=_HEARD)
        self.step = ""
        self.image = ""
        self.error = ""

    @property
    def last(self) -> Sequence[str]:
        """What the step that failed has printed at last."""
        return tuple(self._printed.get(self._failed, ()))

    def listen(self, pieces: Iterable[bytes]) -> None:
        """Take in an engine's answer as it comes: JSON objects, one a line."""
        for line in _lines(pieces):
            try:
                message = json.loads(line)
            except ValueError:
                self._say("", line.decode(errors="replace"))
                continue
            if isinstance(message, dict):
                self.take(message)
        self._flush()

    def take(self, message: JsonObject) -> None:
        """One message of an engine."""
        aux = message.get("aux")
        if message.get("id") == _TRACE and isinstance(aux, str):
            self._trace(aux)
        elif isinstance(aux, dict) and isinstance(aux.get("ID"), str):
            self.image = str(aux["ID"])
        elif isinstance(stream := message.get("stream"), str):
            self._classic(stream)
        elif error := message.get("error"):
            detail = message.get("errorDetail")
            said = detail.get("message") if isinstance(detail, dict) else ""
            self.error = _clean(str(said or error))

    def vertex(self, key: str, name: str, *, started: bool, error: str) -> None:
        """News of a step as BuildKit tells them."""
        self._steps[key] = name
        if started and key not in self._told and not name.startswith(_INTERNAL):
            self._told.add(key)
            self._tell(_clean(name))
        if error and not self.error:
            self._failed = key
            self.step = _clean(re.sub(r"\[[^]]*\] ", "", name, count=1))

    def output(self, key: str, content: bytes) -> None:
        """What a step has printed; its last line may go on in the next piece."""
        *lines, rest = (self._rest.pop(key, b"") + content).split(b"\n")
        for line in lines:
            self._say(key, line.decode(errors="replace"))
        if len(rest) > _LONGEST_REST:
            rest = (rest.rpartition(b"\r")[2] or rest)[: 8 * _LONGEST_LINE]
        if rest:
            self._rest[key] = rest

    def _trace(self, packed: str) -> None:
        try:
            news = list(read_trace(base64.b64decode(packed)))
        except (ValueError, binascii.Error):
            return
        for one in news:
            match one:
                case Vertex(key, name, started, error):
                    self.vertex(key, name, started=started, error=error)
                case Output(key, content):
                    self.output(key, content)

    def _classic(self, stream: str) -> None:
        if found := _STEP.match(stream):
            self.step = _clean(found[1])
            self._flush()
            self._printed.clear()
            self._tell(_clean(stream))
            return
        if _QUIET.fullmatch(stream.rstrip("\n")):
            self._flush()  # said by the engine: it does not go on with the last line of the step
            return
        self.output("", stream.encode())

    def _flush(self) -> None:
        for key, rest in self._rest.items():
            self._say(key, rest.decode(errors="replace"))
        self._rest.clear()

    def _say(self, key: str, line: str) -> None:
        line = _clean(line.rpartition("\r")[2] or line)
        if line.strip() and not _QUIET.fullmatch(line):
            self._printed.setdefault(key, deque(maxlen=LAST_LINES)).append(line)
            self._tell(line)

    def _tell(self, line: str) -> None:
        self.heard.append(line)
        self._emit(ChangeProgressed(Address(""), line))


def _clean(text: str) -> str:
    text = without_credentials(_ESCAPE.sub("", text).rstrip())
    return text if len(text) <= _LONGEST_LINE else f"{text[:_LONGEST_LINE]}…"


def _lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        yield from filter(None, map(bytes.strip, whole))
    if rest.strip():
        yield rest.strip()
