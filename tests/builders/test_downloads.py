"""Artefacts are brought once, go on where they broke off, and are what the lock says or are not used at all."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from reconciler.builders.artefact_connections import Connections
from reconciler.builders.artefact_download import Http
from reconciler.builders.artefact_files import ArtefactFiles
from reconciler.builders.layers.cache import Cache
from reconciler.model.definition import Artefact
from reconciler.model.diagnostic import BuildError
from reconciler.model.digest import Digest
from reconciler.resolvers.pypi import PypiResolver

CONTENT = bytes(range(256)) * 8192
Answer = Callable[["Index", BaseHTTPRequestHandler], None]


@dataclass
class Index:
    """A package index that misbehaves as it is told, one answer after the other, and then gives what is asked for."""

    answers: list[Answer] = field(default_factory=list)
    requests: list[dict[str, str]] = field(default_factory=list)
    port: int = 0

    def url(self, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}/big-1.0-py3-none-any.whl"

    def serve(self, request: BaseHTTPRequestHandler) -> None:
        self.requests.append({name.title(): value for name, value in request.headers.items()})
        (self.answers.pop(0) if self.answers else whole)(self, request)


def whole(_: Index, request: BaseHTTPRequestHandler, content: bytes = CONTENT, sent: int | None = None) -> None:
    start = int(request.headers.get("Range", "bytes=0-")[6:-1])
    request.send_response(206 if start else 200)
    if start:
        request.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
    request.send_header("Content-Length", str(len(content) - start))
    request.end_headers()
    request.wfile.write(content[start:sent])


def broken_off(index: Index, request: BaseHTTPRequestHandler) -> None:
    whole(index, request, sent=len(CONTENT) // 2)
    request.close_connection = True


def from_the_start(_: Index, request: BaseHTTPRequestHandler) -> None:
    del request.headers["Range"]
    whole(_, request)


def other_content(_: Index, request: BaseHTTPRequestHandler) -> None:
    whole(_, request, bytes(len(CONTENT)))


def a_page(_: Index, request: BaseHTTPRequestHandler) -> None:
    whole(_, request, b"<html>Please log in.</html>")


def status(code: int, **headers: str) -> Answer:
    def answer(_: Index, request: BaseHTTPRequestHandler) -> None:
        request.send_response(code)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.send_header("Content-Length", "0")
        request.end_headers()

    return answer


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Index]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    served = Index()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            served.serve(self)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's word
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        served.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield served
        server.shutdown()
        thread.join()


@dataclass
class Fetching:
    """A cache, and how long it waited between tries."""

    cache: Cache
    root: Path
    waited: list[float] = field(default_factory=list)

    def fetch(self, artefact: Artefact) -> bytes:
        connections = Connections(PypiResolver(self.root, print, self.root).authorization)
        files = ArtefactFiles(self.cache, self.root, Http(connections, self.waited.append))
        told: list[int] = []
        content = files.fetch(artefact, told.append).read_bytes()
        assert sum(told) in (0, len(content)), "whoever shows how much has come knows it, wherever it began"
        return content

    def refusal(self, artefact: Artefact) -> str:
        with pytest.raises(BuildError) as caught:
            self.fetch(artefact)
        (diagnostic,) = caught.value.diagnostics
        return f"{diagnostic.summary}. {diagnostic.detail}"


@pytest.fixture
def fetching(tmp_path: Path) -> Fetching:
    return Fetching(Cache(tmp_path / "cache"), tmp_path / "project")


def big(url: str, content: bytes = CONTENT, size: int = len(CONTENT)) -> Artefact:
    return Artefact("big", "1.0", url, Digest.of(content), size)


def test_what_is_there_is_not_asked_for_again(index: Index, fetching: Fetching) -> None:
    assert fetching.fetch(big(index.url())) == CONTENT
    assert fetching.fetch(big(index.url())) == CONTENT
    assert len(index.requests) == 1
    assert fetching.waited == []


def test_a_download_goes_on_where_it_broke_off(index: Index, fetching: Fetching) -> None:
    index.answers = [broken_off]
    assert fetching.fetch(big(index.url())) == CONTENT
    assert index.requests[1]["Range"] == f"bytes={len(CONTENT) // 2}-"


def test_a_later_process_goes_on_where_an_earlier_one_was_killed(index: Index, fetching: Fetching) -> None:
    partial = fetching.cache.resumable(Digest.of(CONTENT))
    partial.write_bytes(CONTENT[:1000])
    assert fetching.fetch(big(index.url())) == CONTENT
    assert index.requests[0]["Range"] == "bytes=1000-"


def test_a_server_that_begins_anew_is_understood(index: Index, fetching: Fetching) -> None:
    index.answers = [broken_off, from_the_start]
    assert fetching.fetch(big(index.url())) == CONTENT


def test_a_wrong_beginning_is_thrown_away(index: Index, fetching: Fetching) -> None:
    fetching.cache.resumable(Digest.of(CONTENT)).write_bytes(b"wrong")
    assert fetching.fetch(big(index.url())) == CONTENT


def test_a_whole_file_that_nobody_took_is_taken(index: Index, fetching: Fetching) -> None:
    fetching.cache.resumable(Digest.of(CONTENT)).write_bytes(CONTENT)
    assert fetching.fetch(big(index.url())) == CONTENT
    assert index.requests == []


def test_what_may_pass_is_tried_again_after_a_pause(index: Index, fetching: Fetching) -> None:
    index.answers = [status(503), status(429, Retry_After="7"), status(500)]
    assert fetching.fetch(big(index.url())) == CONTENT
    assert fetching.waited == [0.5, 7.0, 2.0]


def test_what_stays_is_given_up_in_the_end(index: Index, fetching: Fetching) -> None:
    index.answers = [status(502)] * 9
    assert "in 6 tries: the server answered 502. Apply again when" in fetching.refusal(big(index.url()))
    assert len(index.requests) == 6


@pytest.mark.parametrize(("code", "word"), [(404, "plan again"), (403, "~/.netrc"), (401, "~/.netrc")])
def test_what_will_not_pass_is_asked_once(index: Index, fetching: Fetching, code: int, word: str) -> None:
    index.answers = [status(code)]
    said = fetching.refusal(big(index.url() + "?token=geheim"))
    assert word in said
    assert "geheim" not in said
    assert len(index.requests) == 1


@pytest.mark.parametrize("size", [len(CONTENT), 0])
@pytest.mark.parametrize("answer", [other_content, a_page])
def test_other_content_is_never_used(index: Index, fetching: Fetching, answer: Answer, size: int) -> None:
    index.answers = [answer]
    assert "Downloaded package is not the locked one" in fetching.refusal(big(index.url(), size=size))
    assert fetching.fetch(big(index.url())) == CONTENT


def test_more_than_was_promised_is_not_read(index: Index, fetching: Fetching) -> None:
    said = fetching.refusal(big(index.url(), CONTENT[:1000], 1000))
    assert "Downloaded package is not the locked one" in said


def test_names_and_passwords_come_from_netrc_and_stay_with_their_host(
    index: Index, fetching: Fetching, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login ada password geheim\n")
    index.answers = [status(302, Location=index.url("localhost"))]
    assert fetching.fetch(big(index.url())) == CONTENT
    first, second = index.requests
    assert first["Authorization"] == "Basic YWRhOmdlaGVpbQ=="
    assert "Authorization" not in second


def test_what_pip_is_told_about_an_index_lets_its_packages_in_too(
    index: Index, fetching: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", index.url().replace("://", "://ada:geheim@"))
    assert fetching.fetch(big(index.url())) == CONTENT
    (request,) = index.requests
    assert request["Authorization"] == "Basic YWRhOmdlaGVpbQ=="


def test_the_proxy_of_the_environment_is_used_and_is_told_the_password_that_is_its_own(
    index: Index, fetching: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://ada:geheim@127.0.0.1:{index.port}")
    monkeypatch.setenv("no_proxy", "other.test")
    assert fetching.fetch(big("http://index.test/big-1.0-py3-none-any.whl")) == CONTENT
    (request,) = index.requests
    assert request["Host"] == "index.test"
    assert request["Proxy-Authorization"] == "Basic YWRhOmdlaGVpbQ=="


def test_an_index_that_is_not_there_is_told_in_words(fetching: Fetching, index: Index) -> None:
    said = fetching.refusal(big("http://127.0.0.1:1/big-1.0-py3-none-any.whl"))
    assert "Package cannot be downloaded" in said
    assert "Connection refused" in said
    assert index.requests == []


def test_files_of_the_project_are_copied_and_checked(fetching: Fetching) -> None:
    fetching.root.mkdir()
    (fetching.root / "big.whl").write_bytes(CONTENT)
    assert fetching.fetch(big("big.whl")) == CONTENT
    (fetching.root / "big.whl").write_bytes(b"later")
    assert fetching.fetch(big("big.whl")) == CONTENT
    assert "changed after planning" in fetching.refusal(big("big.whl", b"other", 5))


def test_what_was_built_from_source_is_there_or_is_told_to_be_missing(fetching: Fetching) -> None:
    assert "Built package is not on this machine" in fetching.refusal(big("built:key/big.whl"))
    place = fetching.cache.folder / "built" / "key"
    place.mkdir(parents=True)
    (place / "big.whl").write_bytes(CONTENT)
    assert fetching.fetch(big("built:key/big.whl")) == CONTENT


def test_files_outside_the_project_are_not_read(fetching: Fetching, tmp_path: Path) -> None:
    fetching.root.mkdir()
    (tmp_path / "secret").write_bytes(CONTENT)
    (fetching.root / "link").symlink_to(tmp_path / "secret")
    for url in ("../secret", "link", str(tmp_path / "secret")):
        assert "Package file lies outside the project" in fetching.refusal(big(url))
    assert "cannot be read" in fetching.refusal(big("missing.whl"))
