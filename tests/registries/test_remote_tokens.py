"""Debian's docker-registry behind a token service: who gets which token, and what it opens."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from reconciler.model.diagnostic import RegistryError
from reconciler.oci.reference import Name
from reconciler.registries import open_registry
from tests.cli.terminal import Envform
from tests.conformance.images import PLATFORM, content_of, image_of
from tests.registries.tokens import REFRESH, TokenService, token_guarded
from tests.services.registry import RegistryServer

IMAGE = image_of("one", layers=2)
TRAINING = Name("training", "3")
Guarded = tuple[RegistryServer, TokenService]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nobody's credentials but the test's."""
    for name in ("REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    (tmp_path / "docker").mkdir()
    return tmp_path


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    with token_guarded(tmp_path_factory.mktemp("tokens")) as started:
        yield started


@pytest.fixture(autouse=True)
def unasked(guarded: Guarded) -> None:
    guarded[1].asked.clear()
    guarded[1].life = 300


def keep(home: Path, host: str, **entry: str) -> None:
    (home / "docker" / "config.json").write_text(json.dumps({"auths": {host: entry}}))


def log_in(home: Path, host: str) -> None:
    keep(home, host, auth=base64.b64encode(b"ann:pa:ss").decode())


def scopes(service: TokenService) -> list[list[str]]:
    return [parse_qs(urlsplit(asked.path).query).get("scope", []) for asked in service.asked]


def test_a_push_into_two_repositories_mounts_with_the_right_to_both(guarded: Guarded, home: Path) -> None:
    server, service = guarded
    log_in(home, server.host)
    registry = open_registry(f"{server.host}/team", home)
    registry.push(IMAGE, [TRAINING, Name("envform", "ab")])
    assert ["repository:team/envform:pull,push", "repository:team/training:pull"] in scopes(service)
    for name in (TRAINING, Name("envform", "ab")):
        found = open_registry(f"{server.host}/team", home).pull(name, PLATFORM)
        assert found is not None
        assert content_of(found) == content_of(IMAGE)
    registry.delete(TRAINING)
    assert registry.list("training") == {}
    assert "ab" in registry.list("envform")
    assert set(registry.catalog()) >= {"envform"}


def test_an_identity_token_opens_what_a_password_does(guarded: Guarded, home: Path) -> None:
    server, service = guarded
    keep(home, server.host, identitytoken=REFRESH)
    registry = open_registry(f"{server.host}/refreshed", home)
    registry.push(IMAGE, [TRAINING])
    assert registry.describe(TRAINING) == IMAGE.descriptor
    assert {asked.method for asked in service.asked} == {"POST"}


@pytest.mark.parametrize("entry", [{"identitytoken": "stolen"}, {"auth": base64.b64encode(b"ann:wrong").decode()}])
def test_who_is_not_known_is_refused_and_told_how_to_log_in(
    guarded: Guarded, home: Path, entry: dict[str, str]
) -> None:
    server, _ = guarded
    keep(home, server.host, **entry)
    with pytest.raises(RegistryError) as caught:
        open_registry(f"{server.host}/team", home).describe(TRAINING)
    assert caught.value.diagnostics[0].summary == "Registry refuses access"
    assert f"envform login {server.host}" in caught.value.diagnostics[0].detail


def test_strangers_pull_what_is_public_and_nothing_else(guarded: Guarded, home: Path) -> None:
    server, _ = guarded
    log_in(home, server.host)
    for space in ("public", "private"):
        open_registry(f"{server.host}/{space}", home).push(IMAGE, [TRAINING])
    (home / "docker" / "config.json").unlink()
    found = open_registry(f"{server.host}/public", home).pull(TRAINING, PLATFORM)
    assert found is not None
    assert content_of(found) == content_of(IMAGE)
    public = open_registry(f"{server.host}/public", home)
    private = open_registry(f"{server.host}/private", home)
    for act in (
        lambda: private.describe(TRAINING),
        lambda: private.list("training"),
        lambda: private.describe(Name("nothing", "1")),
        lambda: public.push(image_of("two"), [TRAINING]),
    ):
        with pytest.raises(RegistryError) as caught:
            act()
        assert caught.value.diagnostics[0].summary == "Registry refuses access"


def test_login_asks_the_token_service_and_logout_forgets(guarded: Guarded, home: Path, envform: Envform) -> None:
    server, service = guarded
    wrong = envform("login", "-username=ann", "-password-stdin", server.host, typed="wrong\n")
    assert wrong.exit_code == 1
    assert not (home / "docker" / "config.json").exists()
    done = envform("login", "-username=ann", "-password-stdin", server.host, typed="pa:ss\n")
    assert done.exit_code == 0, done.stderr
    assert len(service.asked) >= 2
    registry = open_registry(f"{server.host}/kept", home)
    registry.push(IMAGE, [TRAINING])
    assert envform("logout", server.host).exit_code == 0
    with pytest.raises(RegistryError):
        open_registry(f"{server.host}/kept", home).describe(TRAINING)


def test_many_questions_in_many_threads_take_one_token(guarded: Guarded, home: Path) -> None:
    server, service = guarded
    log_in(home, server.host)
    open_registry(f"{server.host}/many", home).push(IMAGE, [TRAINING])
    service.asked.clear()
    registry = open_registry(f"{server.host}/many", home)
    names = [TRAINING, *(Name("training", str(number)) for number in range(10, 60))]
    assert registry.describe_many(names)[TRAINING] == IMAGE.descriptor
    assert len(service.asked) == 1
