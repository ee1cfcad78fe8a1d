"""`envform registry serve` as its users meet it: other programs, several at once, deaths, and what it never does."""

from __future__ import annotations

import http.client
import json
import os
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import docker
import pytest

from reconciler.model.digest import Digest
from reconciler.oci.reference import Name
from reconciler.registries import open_registry
from reconciler.registries.layout import LayoutRegistry
from tests.cli.project import Project
from tests.cli.terminal import REPOSITORY, Envform, program
from tests.conformance.images import PLATFORM, content_of, image_of, tar_of
from tests.registries.serving import serve_folder
from tests.registries.talking import Talk, with_query
from tests.services.engine import DockerEngine
from tests.services.registry import RegistryServer
from tests.services.wants import require

COMMAND = [sys.executable, "-m", "reconciler", "registry", "serve", "-port=0"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "layout"


@pytest.fixture
def host(folder: Path, tmp_path: Path) -> Iterator[str]:
    with serve_folder(folder, tmp_path / "log") as found:
        yield found


def run(command: str, *arguments: str | Path) -> str:
    done = subprocess.run([require(command), *arguments], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def started(folder: Path, *flags: str) -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen([*COMMAND, *flags, str(folder)], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    return process, line.rstrip().rpartition("http://")[2]


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in (folder / ".envform").iterdir() if path.name != "lock"]


# Others


def test_skopeo_copies_into_it_and_out_of_it_byte_for_byte(host: str, folder: Path, tmp_path: Path) -> None:
    image = image_of("there and back", layers=3)
    LayoutRegistry(tmp_path / "mine").push(image, [Name("sent", "1")])
    remote = f"docker://{host}/team/project/training:3"
    copy = ("copy", "-q", "--preserve-digests")
    run("skopeo", *copy, "--dest-tls-verify=false", f"oci:{tmp_path}/mine:sent:1", remote)
    assert LayoutRegistry(folder).list("team/project/training") == {"3": image.digest}
    run("skopeo", *copy, "--src-tls-verify=false", remote, f"oci:{tmp_path}/back:there:1")
    back = LayoutRegistry(tmp_path / "back").pull(Name("there", "1"), PLATFORM)
    assert back is not None
    assert content_of(back) == content_of(image)
    run("umoci", "unpack", "--rootless", "--image", f"{tmp_path}/back:there:1", tmp_path / "bundle")
    assert (tmp_path / "bundle" / "rootfs" / "opt" / "there and back-0").read_bytes() == b"there and back"
    run("skopeo", "delete", "--tls-verify=false", remote)
    assert LayoutRegistry(folder).list("team/project/training") == {}


def test_skopeo_copies_between_docker_registry_and_it(host: str, registry_server: RegistryServer, folder: Path) -> None:
    image = image_of("from registry to registry")
    open_registry(registry_server.host, folder).push(image, [Name("served/one", "1")])
    flags = ("copy", "-q", "--preserve-digests", "--src-tls-verify=false", "--dest-tls-verify=false")
    theirs, ours = f"docker://{registry_server.host}/served", f"docker://{host}/served"
    run("skopeo", *flags, f"{theirs}/one:1", f"{ours}/one:1")
    run("skopeo", *flags, f"{ours}/one:1", f"{theirs}/two:1")
    found = open_registry(registry_server.host, folder).describe(Name("served/two", "1"))
    assert found is not None
    assert found.digest == image.digest


def test_buildah_pulls_from_it(host: str, folder: Path, tmp_path: Path) -> None:
    LayoutRegistry(folder).push(image_of("for buildah"), [Name("training", "3")])
    store = ("--root", tmp_path / "root", "--runroot", tmp_path / "runroot", "--storage-driver", "vfs")
    pulled = run("buildah", *store, "pull", "--tls-verify=false", f"docker://{host}/training:3").strip()
    assert pulled in run("buildah", *store, "images", "--no-trunc")


@pytest.mark.docker
def test_docker_pulls_from_it_by_digest_and_pushes_to_it(host: str, folder: Path, docker_engine: DockerEngine) -> None:
    image = image_of("for docker")
    LayoutRegistry(folder).push(image, [Name("training", "3")])
    client = docker.DockerClient(base_url=docker_engine.url)
    pulled = client.images.pull(f"{host}/training@{image.digest}")
    assert pulled.labels == {"word": "for docker"}
    assert pulled.tag(f"{host}/pushed", "1")
    said = [json.loads(line) for line in client.images.push(f"{host}/pushed", "1").splitlines()]
    assert not [line for line in said if "error" in line]
    back = LayoutRegistry(folder).pull(Name("pushed", "1"), PLATFORM)
    assert back is not None
    assert content_of(back)
    client.images.remove(pulled.id or "", force=True)
    client.close()


def test_our_own_client_pushes_to_it_and_pulls_from_it(host: str, tmp_path: Path) -> None:
    registry = open_registry(f"{host}/team", tmp_path)
    image = image_of("ours", layers=3)
    names = [Name("training", "1"), Name("training", "latest"), Name("envform", "0" * 32)]
    registry.push(image, names)
    back = registry.pull(Name("training", "latest"), PLATFORM)
    assert back is not None
    assert content_of(back) == content_of(image)
    assert set(registry.list("training")) == {"1", "latest"}
    assert set(registry.catalog()) == {"envform", "training"}
    registry.delete(Name("training", "1"))
    assert set(registry.list("training")) == {"latest"}


def test_a_whole_project_lives_in_it(host: str, tmp_path: Path) -> None:
    project = Project.at(tmp_path / "project")
    text = f'envform {{\n  registry = "{host}/team"\n}}\nenvironment "training" {{\n  image = "oci:./images:base"\n}}\n'
    (project.folder / "main.hcl").write_text(text)
    project.run("apply", "-auto-approve")
    assert "No changes." in project.run("plan", "-refresh=deep").stdout
    project.run("drift")


# Several at once


def test_two_servers_and_an_apply_on_one_folder_lose_nothing(tmp_path: Path) -> None:
    project = Project.at(tmp_path / "project")
    folder = project.folder / "registry"
    environments = "".join(f'environment "e{number}" {{\n  image = BASE\n}}\n' for number in range(8))
    with serve_folder(folder, tmp_path / "one") as one, serve_folder(folder, tmp_path / "two") as two:

        def push(work: tuple[str, int]) -> None:
            host, number = work
            name = "a" if host == one else "b"
            open_registry(host, tmp_path).push(image_of(f"{name}{number}"), [Name(name, str(number))])

        with ThreadPoolExecutor(4) as pool:
            pushes = [pool.submit(push, (host, number)) for number in range(12) for host in (one, two)]
            project.apply(environments)
            for pushed in pushes:
                pushed.result()
    registry = LayoutRegistry(folder)
    assert set(registry.list("a")) == set(registry.list("b")) == {str(number) for number in range(12)}
    assert {name for name in project.refs if name.startswith("e")} == {
        f"e{number}:{tag}" for number in range(8) for tag in ("1", "latest")
    }
    for name in "ab":
        for tag in registry.list(name):
            assert registry.missing(Name(name, tag)) == ()
    assert leftovers(folder) == []


def test_one_connection_serves_many_requests_and_whoever_leaves_a_body_unread(host: str) -> None:
    connection = http.client.HTTPConnection(host, timeout=30)
    for _ in range(3):
        connection.request("PUT", "/v2/a/tags/list", b"x" * 200_000)
        with connection.getresponse() as answer:
            assert (answer.status, answer.will_close) == (405, False)
            answer.read()
        connection.request("GET", "/v2/")
        with connection.getresponse() as answer:
            assert answer.status == 200
            answer.read()
    connection.close()


def test_a_crowd_at_the_door_waits_and_costs_nothing(folder: Path) -> None:
    process, host = started(folder)
    address, _, port = host.partition(":")
    resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (64, 64))
    crowd = [socket.create_connection((address, int(port))) for _ in range(100)]
    crowd[-1].settimeout(1)
    before = seconds_of_work(process.pid)
    with pytest.raises(TimeoutError):
        crowd[-1].recv(1)
    spent = seconds_of_work(process.pid) - before
    for connection in crowd:
        connection.close()
    later = Talk(host)("GET", "/v2/")
    process.terminate()
    process.communicate(timeout=30)
    assert later.status == 200
    assert spent < 0.2


def seconds_of_work(process: int) -> float:
    numbers = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(numbers[11]) + int(numbers[12])) / os.sysconf("SC_CLK_TCK")


# Deaths


def test_a_server_that_is_killed_in_an_upload_leaves_nothing(folder: Path) -> None:
    process, host = started(folder)
    talk = Talk(host)
    kept = talk.push("training", image_of("before"), "1")
    where = talk.begin("training")
    assert talk("PATCH", where, b"x" * 1_000_000).status == 202
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    assert leftovers(folder) == []
    assert len(list((folder / "blobs" / "sha256").iterdir())) == 3
    assert LayoutRegistry(folder).list("training") == {"1": kept}


def test_a_client_that_goes_away_in_mid_piece_may_ask_how_far_it_came(host: str, folder: Path) -> None:
    talk = Talk(host)
    where = talk.begin("training")
    address, _, port = host.partition(":")
    with socket.create_connection((address, int(port))) as gone:
        head = f"PATCH {where} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 100\r\n\r\n"
        gone.sendall(head.encode() + b"0123456789")
        gone.shutdown(socket.SHUT_WR)
        gone.recv(1)
    size = int(talk("GET", where).headers["range"].partition("-")[2]) + 1
    whole = b"0123456789"
    rest = whole[size:] if size > 1 else whole
    said = talk("PATCH", where, rest) if rest else talk("GET", where)
    assert said.status in (202, 204)
    assert talk("PUT", with_query(where, digest=Digest.of(whole)), b"").status == 201
    assert leftovers(folder) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_without_a_word(folder: Path, number: signal.Signals) -> None:
    process, host = started(folder)
    idle = socket.create_connection((host.partition(":")[0], int(host.rpartition(":")[2])))
    Talk(host).begin("training")
    process.send_signal(number)
    rest, _ = process.communicate(timeout=30)
    idle.close()
    assert (process.returncode, rest) == (0, "")
    assert leftovers(folder) == []


# What it never does


def test_one_that_is_read_only_takes_nothing_and_touches_nothing(folder: Path, tmp_path: Path) -> None:
    image = image_of("read")
    LayoutRegistry(folder).push(image, [Name("training", "1")])
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    with serve_folder(folder, tmp_path / "log", "-read-only") as host:
        talk = Talk(host)
        assert talk("GET", "/v2/training/manifests/1").body == image.manifest
        assert talk("HEAD", f"/v2/training/blobs/{image.config.descriptor.digest}").status == 200
        answers = [
            talk("POST", "/v2/training/blobs/uploads/", b""),
            talk.put_manifest("training", "2", image.manifest, image.media_type),
            talk("DELETE", "/v2/training/manifests/1"),
        ]
        assert [(said.status, said.codes) for said in answers] == [(405, ["UNSUPPORTED"])] * 3
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_broken_content_never_arrives_whole(host: str, folder: Path) -> None:
    content = tar_of({"opt/data": b"x" * 300_000})
    talk = Talk(host)
    digest = talk.push_blob("training", content)
    path = folder / "blobs" / "sha256" / digest.hex
    path.write_bytes(content[:-1] + b"!")
    with pytest.raises(http.client.IncompleteRead):
        talk("GET", f"/v2/training/blobs/{digest}")
    image = image_of("broken")
    talk.push("training", image, "1")
    (folder / "blobs" / "sha256" / image.digest.hex).write_bytes(b"{}" + image.manifest[2:])
    said = talk("GET", "/v2/training/manifests/1")
    assert (said.status, said.codes) == (500, ["UNKNOWN"])


def test_a_web_page_that_calls_us_by_its_own_name_is_refused(host: str) -> None:
    said = Talk(host)("GET", "/v2/_catalog", None, Host="evil.example.com")
    assert (said.status, said.codes) == (403, ["DENIED"])


def test_a_web_page_cannot_begin_an_upload(host: str) -> None:
    said = Talk(host)("POST", "/v2/a/blobs/uploads/", b"", Origin="https://evil.example.com")
    assert (said.status, said.codes) == (403, ["DENIED"])


def test_uploads_that_nobody_goes_on_with_give_way_but_not_at_once(host: str, folder: Path) -> None:
    talk = Talk(host)
    for _ in range(256):
        talk.begin("a")
    said = talk("POST", "/v2/a/blobs/uploads/", b"")
    assert (said.status, said.codes) == (429, ["TOOMANYREQUESTS"])
    assert said.headers["retry-after"] == "5"
    assert leftovers(folder) == []


@pytest.mark.parametrize(
    "head",
    [
        (
            "POST /v2/a/blobs/uploads/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n"
            "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        ),
        "PUT /v2/a/manifests/1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        "PUT /v2/a/manifests/1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        "nonsense\r\n\r\n",
        "GET /v2/ HTTP/9.9\r\n\r\n",
    ],
)
def test_a_request_that_may_be_read_in_two_ways_ends_its_connection(host: str, head: str) -> None:
    address, _, port = host.partition(":")
    with socket.create_connection((address, int(port)), timeout=30) as connection:
        connection.sendall(head.encode())
        said = b""
        while piece := connection.recv(65536):
            said += piece
    assert said.count(b"HTTP/1.1 ") <= 1
    assert b" 400 " in said.partition(b"\r\n")[0] or b" 505 " in said.partition(b"\r\n")[0] or b"UNSUPPORTED" in said


def test_who_speaks_tls_to_it_sees_that_it_speaks_http(host: str) -> None:
    hello = b"\x16\x03\x01\x00\x10\x01\x00\x00\x0c\x03\x03\x00\x0a\x00\x02\x00\x1d"
    address, _, port = host.partition(":")
    with socket.create_connection((address, int(port)), timeout=30) as connection:
        connection.sendall(hello)
        assert connection.makefile("rb").readline() == b"HTTP/1.1 400 Bad Request\r\n"


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    done = program("registry", "serve", "-port=0", str(tmp_path))
    assert done.exit_code == 1
    assert "Registry folder is not an image layout" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_port_that_is_taken_is_told(host: str, folder: Path) -> None:
    done = program("registry", "serve", f"-port={host.rpartition(':')[2]}", str(folder))
    assert done.exit_code == 1
    assert "Address cannot be served" in done.stderr


def test_an_address_that_others_reach_is_warned_of(envform: Envform, folder: Path) -> None:
    done = envform("registry", "serve", "-address=192.0.2.1", "-port=0", str(folder))
    assert done.exit_code == 1
    assert "Registry is open to others" in done.stderr
    assert "Address cannot be served" in done.stderr
