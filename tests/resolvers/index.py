"""A package index on loopback that holds tiny wheels, and can be asked to misbehave."""

from __future__ import annotations

import hashlib
import io
import json
import threading
import zipfile
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote, unquote

JSON = "application/vnd.pypi.simple.v1+json"


def wheel(
    name: str, version: str, needs: Sequence[str] = (), extras: Sequence[str] = (), python: str = "", build: str = ""
) -> bytes:
    """The bytes of a wheel with one module; equal arguments give equal bytes."""
    module = name.replace("-", "_").replace(".", "_")
    info = f"{module}-{version}.dist-info"
    content = {
        f"{module}.py": f"version = {version!r}{build}\n",
        f"{info}/METADATA": metadata(name, version, needs, extras, python),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": f"{module}.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n",
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for path, text in content.items():
            archive.writestr(zipfile.ZipInfo(path), text)
    return stream.getvalue()


def metadata(name: str, version: str, needs: Sequence[str], extras: Sequence[str], python: str) -> str:
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    lines += [f"Requires-Dist: {need}" for need in needs]
    lines += [f"Provides-Extra: {extra}" for extra in extras]
    return "\n".join([*lines, *([f"Requires-Python: {python}"] if python else [])]) + "\n"


@dataclass
class Offer:
    """A file as the index tells of it."""

    filename: str
    content: bytes
    sha256: str
    about: bytes
    yanked: str | None = None
    uploaded: str = "2024-01-01T00:00:00Z"


@dataclass
class Index:
    """`says` is what it tells of its files: json, sizes, hashes. `answers` are statuses by a part of `GET /path`.

    For `max_age` seconds nobody need ask again, as with PyPI for 600.
    """

    url: str = ""
    says: set[str] = field(default_factory=lambda: {"json", "sizes", "hashes"})
    offers: dict[str, list[Offer]] = field(default_factory=dict)
    answers: dict[str, int] = field(default_factory=dict)
    login: str = ""
    silent: threading.Event | None = None
    requests: list[str] = field(default_factory=list)
    max_age: int = 0

    @property
    def simple(self) -> str:
        return f"{self.url}/simple"

    def add(
        self,
        name: str,
        version: str,
        *,
        tags: str = "py3-none-any",
        needs: Sequence[str] = (),
        extras: Sequence[str] = (),
        python: str = "",
        yanked: str | None = None,
        build: str = "",
        sha256: str = "",
        uploaded: str = "2024-01-01T00:00:00Z",
    ) -> Offer:
        module = name.replace("-", "_")
        filename = f"{module}-{version}-{build}{'-' if build else ''}{tags}.whl"
        content = wheel(name, version, needs, extras, python, build and f"  # {build}")
        about = metadata(name, version, needs, extras, python).encode()
        digest = sha256 or hashlib.sha256(content).hexdigest()
        offer = Offer(filename, content, digest, about, yanked, uploaded)
        self.offers.setdefault(name.lower().replace("_", "-").replace(".", "-"), []).append(offer)
        return offer

    def source(self, name: str, version: str) -> None:
        content = f"{name} {version}".encode()
        offer = Offer(f"{name}-{version}.tar.gz", content, hashlib.sha256(content).hexdigest(), b"")
        self.offers.setdefault(name, []).append(offer)

    def page(self, name: str) -> tuple[str, bytes]:
        offers = self.offers[name]
        if "json" in self.says:
            files = [self._told(offer) for offer in offers]
            return JSON, json.dumps({"meta": {"api-version": "1.1"}, "name": name, "files": files}).encode()
        links = []
        for offer in offers:
            hashed = f"#sha256={offer.sha256}" if "hashes" in self.says else ""
            yanked = "" if offer.yanked is None else f' data-yanked="{offer.yanked}"'
            address = f"../../files/{quote(offer.filename)}{hashed}"
            links.append(f'<a href="{address}"{yanked}>{offer.filename}</a>')
        return "text/html", "<!DOCTYPE html><html><body>{}</body></html>".format("\n".join(links)).encode()

    def _told(self, offer: Offer) -> dict[str, object]:
        about = {"sha256": hashlib.sha256(offer.about).hexdigest()} if offer.about else False
        return {
            "filename": offer.filename,
            "url": f"{self.url}/files/{quote(offer.filename)}",
            "hashes": {"sha256": offer.sha256} if "hashes" in self.says else {},
            "core-metadata": about,
            "yanked": offer.yanked if offer.yanked is not None else False,
            "upload-time": offer.uploaded,
            **({"size": len(offer.content)} if "sizes" in self.says else {}),
        }

    def answer(self, path: str) -> tuple[int, str, bytes]:
        _, shelf, name = (*path.split("/", 2), "", "")[:3]
        if shelf == "simple" and name.strip("/") in self.offers:
            return 200, *self.page(name.strip("/"))
        content = self.file(name) if shelf == "files" else None
        return (404, "text/plain", b"") if content is None else (200, "application/octet-stream", content)

    def file(self, filename: str) -> bytes | None:
        wanted = filename.removesuffix(".metadata")
        for offer in (one for offers in self.offers.values() for one in offers):
            if offer.filename == wanted:
                return offer.about if filename != wanted else offer.content
        return None


class _Handler(BaseHTTPRequestHandler):
    index: Index

    def do_GET(self) -> None:
        path = unquote(self.path)
        asked = f"{self.command} {path}"
        self.index.requests.append(asked)
        if self.index.silent:
            self.index.silent.wait(20)
        expected = f"Basic {b64encode(self.index.login.encode()).decode()}"
        if self.index.login and self.headers.get("Authorization") != expected:
            self._answer(401, "text/plain", b"")
        elif status := next((code for part, code in self.index.answers.items() if part in asked), 0):
            self._answer(status, "text/plain", b"")
        else:
            self._answer(*self.index.answer(path))

    do_HEAD = do_GET  # noqa: N815 what the library calls it

    def _answer(self, status: int, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        if self.index.max_age:
            self.send_header("Cache-Control", f"max-age={self.index.max_age}")
        if status == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="index"')
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 the library's name
        pass


@contextmanager
def serve_index() -> Iterator[Index]:
    """An index that answers until the block ends."""
    served = Index()
    handler = type("Handler", (_Handler,), {"index": served})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    served.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        if served.silent:
            served.silent.set()
        server.shutdown()
        server.server_close()
        thread.join()
