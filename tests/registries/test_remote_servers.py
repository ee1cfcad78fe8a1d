"""Debian's docker-registry and other people's tools: what one of us pushes the others read, to the byte."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.model.diagnostic import RegistryError
from reconciler.oci.reference import Name
from reconciler.registries import open_registry
from reconciler.registries.remote_client import Client
from tests.cli.terminal import Envform
from tests.conformance.images import PLATFORM, content_of, image_of
from tests.services.registry import RegistryServer, serve_registry
from tests.services.wants import require

IMAGE = image_of("one", layers=2)
TRAINING = Name("training", "3")
# `ann` with the password `pa:ss`, as `htpasswd -B` writes it
HTPASSWD = "ann:$2y$05$abcdefghijklmnopqrstuuZImxV28ixwKVAA3Ib6WvqJ3jaF2SHwO\n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nobody's credentials and certificates but the test's."""
    for name in ("REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    return tmp_path


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RegistryServer]:
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "htpasswd").write_text(HTPASSWD)
    with serve_registry(folder, auth={"htpasswd": {"realm": "here", "path": str(folder / "htpasswd")}}) as server:
        yield server


def run(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def refusal(error: pytest.ExceptionInfo[RegistryError]) -> str:
    (problem,) = error.value.diagnostics
    return f"{problem.summary}\n{problem.detail}"


# ------------------------------------------------------------------------------------------------------------ interop


def test_what_we_push_is_read_by_others_with_its_digest(registry_server: RegistryServer, tmp_path: Path) -> None:
    skopeo, umoci = require("skopeo"), require("umoci")
    open_registry(f"{registry_server.host}/ours", tmp_path).push(IMAGE, [TRAINING])
    remote = f"docker://{registry_server.host}/ours/training:3"
    assert run(skopeo, "inspect", "--tls-verify=false", "--raw", remote).encode() == IMAGE.manifest
    run(skopeo, "copy", "--quiet", "--src-tls-verify=false", remote, f"oci:{tmp_path}/copy:v1")
    run(umoci, "unpack", "--rootless", "--image", f"{tmp_path}/copy:v1", tmp_path / "bundle")
    assert (tmp_path / "bundle" / "rootfs" / "opt" / "one-1").read_text() == "one"


def test_what_others_push_is_read_by_us_with_its_digest(registry_server: RegistryServer, tmp_path: Path) -> None:
    skopeo = require("skopeo")
    open_registry("oci:layout", tmp_path).push(IMAGE, [Name("v", "1")])
    remote = f"{registry_server.host}/theirs/training"
    run(skopeo, "copy", "--quiet", "--dest-tls-verify=false", f"oci:{tmp_path}/layout:v:1", f"docker://{remote}:3")
    registry = open_registry(f"{registry_server.host}/theirs", tmp_path)
    image = registry.pull(TRAINING, PLATFORM)
    assert image is not None
    assert content_of(image) == content_of(IMAGE)
    assert registry.describe(TRAINING) == IMAGE.descriptor


def test_content_is_stored_once_however_many_names_it_has(registry_server: RegistryServer, tmp_path: Path) -> None:
    registry = open_registry(f"{registry_server.host}/mounts", tmp_path)
    image = image_of("mounted", layers=3)
    registry.push(image, [TRAINING, Name("envform", "ab"), Name("scoring", "1")])
    for repository in ("training", "envform", "scoring"):
        assert registry.missing(Name(repository, digest=image.digest)) == ()
        found = registry.pull(Name(repository, digest=image.digest), PLATFORM)
        assert found is not None
        assert content_of(found) == content_of(image)


def test_a_tag_that_nothing_but_its_image_shares_is_deleted_alone(
    registry_server: RegistryServer, tmp_path: Path
) -> None:
    registry = open_registry(f"{registry_server.host}/deleting", tmp_path)
    registry.push(IMAGE, [TRAINING, Name("training", "4")])
    registry.delete(TRAINING)
    assert list(registry.list("training")) == ["4"]
    assert registry.describe(Name("training", "4")) == IMAGE.descriptor


def test_a_registry_that_forbids_deleting_keeps_its_tags(tmp_path: Path) -> None:
    with serve_registry(tmp_path, storage={"delete": {"enabled": False}}) as server:
        registry = open_registry(f"{server.host}/team", tmp_path)
        registry.push(IMAGE, [TRAINING])
        with pytest.raises(RegistryError) as caught:
            registry.delete(TRAINING)
        assert "does not delete anything" in refusal(caught)
        assert registry.describe(TRAINING) == IMAGE.descriptor


# ------------------------------------------------------------------------------------------------------------- access


def test_a_stranger_is_refused_and_told_how_to_log_in(guarded: RegistryServer, tmp_path: Path) -> None:
    registry = open_registry(f"{guarded.host}/team", tmp_path)
    with pytest.raises(RegistryError) as caught:
        registry.push(IMAGE, [TRAINING])
    assert f"envform login {guarded.host}" in refusal(caught)


def test_who_has_logged_in_pushes_and_pulls_until_logged_out(
    guarded: RegistryServer, tmp_path: Path, envform: Envform
) -> None:
    done = envform("login", "-username=ann", "-password-stdin", guarded.host, typed="pa:ss\n")
    kept = tmp_path / "docker" / "config.json"
    assert done.stdout == f"Logged in to {guarded.host}. The password is kept in `{kept}`, unencrypted.\n"
    assert kept.stat().st_mode & 0o777 == 0o600
    registry = open_registry(f"{guarded.host}/team", tmp_path)
    registry.push(IMAGE, [TRAINING])
    assert registry.describe(TRAINING) == IMAGE.descriptor
    assert envform("logout", guarded.host).stdout == f"Logged out of {guarded.host}.\n"
    assert envform("logout", guarded.host).stdout == f"Nobody was logged in to {guarded.host}.\n"
    assert json.loads(kept.read_text()) == {"auths": {}}
    with pytest.raises(RegistryError):
        open_registry(f"{guarded.host}/team", tmp_path).describe(TRAINING)


def test_a_wrong_password_is_not_kept(guarded: RegistryServer, tmp_path: Path, envform: Envform) -> None:
    done = envform("login", "-username=ann", "-password-stdin", guarded.host, typed="wrong\n")
    assert done.exit_code == 1
    assert "Login refused" in done.stderr
    assert "wrong" not in done.stderr
    assert not (tmp_path / "docker").exists()


def test_what_else_the_file_holds_stays(guarded: RegistryServer, tmp_path: Path, envform: Envform) -> None:
    kept = tmp_path / "docker" / "config.json"
    kept.parent.mkdir()
    others = {"r.io": {"auth": "YTpi"}}
    kept.write_text(json.dumps({"auths": {f"https://{guarded.host}": {"auth": "old"}, **others}, "proxies": {"x": 1}}))
    envform("login", "-username=ann", "-password-stdin", guarded.host, typed="pa:ss")
    value = json.loads(kept.read_text())
    assert value["proxies"] == {"x": 1}
    assert set(value["auths"]) == {"r.io", guarded.host}


def test_a_helper_keeps_the_password_where_one_is_named(
    guarded: RegistryServer, tmp_path: Path, envform: Envform, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper = tmp_path / "docker-credential-mine"
    helper.write_text(
        f"#!/bin/sh\ncd {tmp_path}\ncase $1 in store) cat > kept;; get) cat kept;; erase) rm kept;; esac\n"
    )
    helper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    (tmp_path / "docker").mkdir()
    (tmp_path / "docker" / "config.json").write_text('{"credsStore": "mine"}')
    done = envform("login", "-username=ann", "-password-stdin", guarded.host, typed="pa:ss")
    assert "kept by `docker-credential-mine`" in done.stdout
    assert (tmp_path / "docker" / "config.json").read_text() == '{"credsStore": "mine"}'
    assert open_registry(f"{guarded.host}/team", tmp_path).describe(Name("nothing", "1")) is None
    envform("logout", guarded.host)
    assert not (tmp_path / "kept").exists()


def test_a_registry_that_asks_nobody_says_so(registry_server: RegistryServer, envform: Envform) -> None:
    done = envform("login", "-username=ann", "-password-stdin", registry_server.host, typed="x")
    assert "nobody has checked this one" in done.stdout


@pytest.mark.parametrize(
    ("words", "typed", "said"),
    [
        (("-password-stdin", "r.io"), "x", "there is no name"),
        (("-username=ann", "r.io"), "x", "there is no password"),
        (("-username=ann", "-password-stdin", "r.io"), "", "there is no password"),
        (("-username=ann", "-password-stdin", "r.io/team"), "x", "no path follows"),
        (("-username=ann", "-password-stdin", "a b"), "x", "not a host name"),
    ],
)
def test_what_is_lacking_is_told(envform: Envform, words: tuple[str, ...], typed: str, said: str) -> None:
    done = envform("login", *words, typed=typed)
    assert done.exit_code == 1
    assert said in " ".join(done.stderr.split())


# -------------------------------------------------------------------------------------------------------- certificates


def test_a_certificate_of_ones_own_is_trusted_where_it_is_named_and_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "ca.crt"
    subject = ("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1")
    make = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2")
    run(require("openssl"), *make, *subject, "-keyout", key, "-out", certificate)
    with serve_registry(tmp_path, http={"tls": {"certificate": str(certificate), "key": str(key)}}) as server:
        with pytest.raises(RegistryError) as caught:
            open_registry(f"{server.host}/team", tmp_path).describe(TRAINING)
        assert "HTTPS" in refusal(caught) or "400" in refusal(caught)
        trusted = tmp_path / "settings" / "containers" / "certs.d" / server.host
        trusted.mkdir(parents=True)
        (trusted / "ca.crt").write_bytes(certificate.read_bytes())
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
        open_registry(f"{server.host}/team", tmp_path).push(IMAGE, [TRAINING])
        assert Client(server.host).line().head("/v2/", {}) is not None
        (trusted / "ca.crt").write_bytes(Path("/etc/ssl/certs/ca-certificates.crt").read_bytes())
        with pytest.raises(RegistryError) as caught:
            open_registry(f"{server.host}/team", tmp_path).describe(TRAINING)
        assert "certificate" in refusal(caught)
        assert Client(server.host).line().head("/v2/", {}) is None
