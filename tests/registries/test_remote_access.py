"""Names, passwords and tokens: shown to whom they belong, and to nobody else."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from reconciler.model.diagnostic import RegistryError
from reconciler.oci.reference import Name
from reconciler.registries import docker_config
from reconciler.registries.docker_config import Credentials
from reconciler.registries.remote import RemoteRegistry
from reconciler.registries.remote_addresses import base_url, follow, redacted
from reconciler.registries.remote_challenge import choose, parse_challenges
from reconciler.registries.remote_client import Client
from reconciler.registries.remote_retry import Patience
from tests.conformance.images import PLATFORM, content_of, image_of
from tests.registries.scripted import Act, Ask, Scripted, scripted

IMAGE = image_of("one")
TRAINING = Name("training", "3")
BASIC = "Basic " + base64.b64encode(b"ann:pa:ss").decode()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nobody's credentials but the test's."""
    for name in ("REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    (tmp_path / "docker").mkdir()
    return tmp_path


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted(Scripted()) as started:
        yield started


@pytest.fixture
def other() -> Iterator[Scripted]:
    with scripted(Scripted()) as started:
        yield started


def keep(home: Path, **config: object) -> None:
    (home / "docker" / "config.json").write_text(json.dumps(config))


def log_in(home: Path, host: str) -> None:
    keep(home, auths={host: {"auth": base64.b64encode(b"ann:pa:ss").decode()}})


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(RegistryError) as caught:
        act()
    (problem,) = caught.value.diagnostics
    return f"{problem.summary}\n{problem.detail}"


def guarded(server: Scripted, wanted: str, challenge: str) -> None:
    """An image for who shows this, and this for who does not."""

    def answer(ask: Ask) -> None:
        if ask.headers.get("Authorization") == wanted:
            ask.manifest(IMAGE)
        else:
            ask.reply(401, WWW_Authenticate=challenge)

    server.on("(GET|HEAD)", "/v2/.*", answer)


def tokens(server: Scripted, **said: object) -> None:
    server.on("GET", "/token.*", lambda ask: ask.json({"token": "good", **said}))


def bearer(server: Scripted, **more: str) -> str:
    extra = "".join(f',{name}="{value}"' for name, value in more.items())
    return f'Bearer realm="http://{server.host}/token",service="the, registry"{extra}'


# ------------------------------------------------------------------------------------------------------- passwords


def test_a_password_is_sent_once_it_is_asked_for(server: Scripted, home: Path) -> None:
    log_in(home, server.host)
    guarded(server, BASIC, 'Basic realm="x"')
    registry = server.registry()
    for _ in range(2):
        assert registry.describe(TRAINING) == IMAGE.descriptor
    assert ["Authorization" in asked.headers for asked in server.asked] == [False, True, True]


def test_the_program_that_keeps_a_password_is_run_once_for_a_repository(
    server: Scripted, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    says = json.dumps({"Username": "ann", "Secret": "pa:ss"})
    helper(home, monkeypatch, f"echo run >> {home}/runs; echo '{says}'")
    keep(home, credsStore="mine")
    guarded(server, BASIC, 'Basic realm="x"')
    found = server.registry().describe_many(Name("training", str(number)) for number in range(20))
    assert set(found.values()) == {IMAGE.descriptor}
    assert len((home / "runs").read_text().splitlines()) == 1


def test_without_a_password_that_is_asked_for_the_way_to_log_in_is_told(server: Scripted) -> None:
    guarded(server, BASIC, 'Basic realm="x"')
    said = refusal(lambda: server.registry().describe(TRAINING))
    assert "Registry refuses access" in said
    assert f"envform login {server.host}" in said
    assert len(server.asked) == 1


def test_a_wrong_password_is_not_sent_again_and_again(server: Scripted, home: Path) -> None:
    log_in(home, server.host)
    guarded(server, "Basic other", 'Basic realm="x"')
    assert "answers 401" in refusal(lambda: server.registry().describe(TRAINING))
    assert len(server.asked) == 2


# ----------------------------------------------------------------------------------------------------------- tokens


def test_a_token_is_fetched_once_for_each_repository_and_right(server: Scripted, home: Path) -> None:
    log_in(home, server.host)
    guarded(server, "Bearer good", bearer(server))
    tokens(server)
    registry = server.registry()
    names = [Name(repository, str(number)) for repository in ("a", "b") for number in range(9)]
    assert set(registry.describe_many(names).values()) == {IMAGE.descriptor}
    asked = [asked for asked in server.asked if asked.path.startswith("/token")]
    scopes = [parse_qs(urlsplit(one.path).query)["scope"] for one in asked]
    assert sorted(scopes) == [["repository:team/a:pull"], ["repository:team/b:pull"]]
    assert {one.headers["Authorization"] for one in asked} == {BASIC}
    assert parse_qs(urlsplit(asked[0].path).query)["service"] == ["the, registry"]


def test_strangers_get_tokens_without_a_password(server: Scripted) -> None:
    guarded(server, "Bearer good", bearer(server))
    tokens(server)
    assert server.registry().describe(TRAINING) == IMAGE.descriptor
    assert all(asked.headers.get("Authorization") in (None, "Bearer good") for asked in server.asked)


def test_a_token_may_be_called_an_access_token(server: Scripted) -> None:
    guarded(server, "Bearer good", bearer(server))
    server.on("GET", "/token.*", lambda ask: ask.json({"access_token": "good", "expires_in": 300}))
    assert server.registry().describe(TRAINING) == IMAGE.descriptor


def test_a_token_that_is_no_longer_taken_is_fetched_anew(server: Scripted) -> None:
    guarded(server, "Bearer good", bearer(server))
    server.on("GET", "/token.*", lambda ask: ask.json({"token": "stale"}), lambda ask: ask.json({"token": "good"}))
    assert server.registry().describe(TRAINING) == IMAGE.descriptor


def test_the_right_that_the_registry_names_is_asked_for(server: Scripted) -> None:
    guarded(server, "Bearer wide", bearer(server, scope="repository:team/training:pull,list"))

    def give(ask: Ask) -> None:
        ask.json({"token": "wide" if "list" in ask.path else "narrow"})

    server.on("GET", "/token.*", give)
    assert server.registry().describe(TRAINING) == IMAGE.descriptor


@pytest.mark.parametrize(
    "answer",
    [b"", b"<html>", b"[]", b"{}", b'{"token": 3}', b'{"token": ""}', b'{"token": "a b"}', b'{"token": "a\\r\\nX: y"}'],
)
def test_a_service_that_gives_no_token_is_told(server: Scripted, answer: bytes) -> None:
    guarded(server, "Bearer good", bearer(server))
    server.on("GET", "/token.*", lambda ask: ask.reply(200, answer))
    assert "It holds no token" in refusal(lambda: server.registry().describe(TRAINING))


@pytest.mark.parametrize("life", [0, -3, 10**30, "soon", None, True, [], 1e400])
def test_a_life_that_makes_no_sense_is_not_believed(server: Scripted, life: object) -> None:
    guarded(server, "Bearer good", bearer(server))
    tokens(server, expires_in=life)
    registry = server.registry()
    for _ in range(3):
        assert registry.describe(TRAINING) == IMAGE.descriptor
    assert len([path for path in server.paths("GET") if path.startswith("/token")]) == 1


def test_a_token_that_helps_nothing_ends_after_a_few_tries(server: Scripted) -> None:
    guarded(server, "Bearer other", bearer(server))
    tokens(server)
    assert "answers 401" in refusal(lambda: server.registry().describe(TRAINING))
    assert len(server.asked) < 9


def test_a_token_answer_that_never_ends_is_not_read_to_its_end(server: Scripted) -> None:
    guarded(server, "Bearer good", bearer(server))
    server.on("GET", "/token.*", lambda ask: ask.reply(200, b" " * (3 << 20)))
    assert "longer than" in refusal(lambda: server.registry().describe(TRAINING))


def test_an_identity_token_is_changed_for_a_token(server: Scripted, home: Path) -> None:
    keep(home, auths={server.host: {"identitytoken": "mine"}})
    guarded(server, "Bearer good", bearer(server))
    server.on("POST", "/token", lambda ask: ask.json({"access_token": "good"}))
    assert server.registry().describe(TRAINING) == IMAGE.descriptor
    (posted,) = (asked for asked in server.asked if asked.method == "POST")
    form = parse_qs(posted.body.decode())
    assert (form["refresh_token"], form["grant_type"]) == (["mine"], ["refresh_token"])
    assert form["scope"] == ["repository:team/training:pull"]


# ---------------------------------------------------------------------------------------------------------- elsewhere


def test_what_is_kept_elsewhere_is_fetched_there_without_the_token(
    server: Scripted, other: Scripted, home: Path
) -> None:
    log_in(home, server.host)
    guarded(server, BASIC, 'Basic realm="x"')
    for blob in IMAGE.blobs:
        digest, content = blob.descriptor.digest, blob.open().read()
        place = f"http://{other.host}/store/{digest}?signature=secret"
        server.on("GET", f"/v2/team/training/blobs/{digest}", redirect(place))
        other.on("GET", f"/store/{digest}.*", sending(content))
    image = server.registry().pull(TRAINING, PLATFORM)
    assert image is not None
    assert content_of(image) == content_of(IMAGE)
    assert other.asked
    assert all("Authorization" not in asked.headers for asked in other.asked)


def redirect(place: str) -> Act:
    return lambda ask: ask.reply(307, Location=place)


def sending(content: bytes) -> Act:
    return lambda ask: ask.reply(200, content)


def test_a_401_from_elsewhere_gets_no_token_either(server: Scripted, other: Scripted, home: Path) -> None:
    log_in(home, server.host)
    server.on("(GET|HEAD)", "/v2/.*", redirect(f"http://{other.host}/x"))
    other.on("(GET|HEAD)", ".*", lambda ask: ask.reply(401, WWW_Authenticate=bearer(other)))
    assert "answers 401" in refusal(lambda: server.registry().describe(TRAINING))
    assert [asked.path for asked in other.asked] == ["/x"]
    assert all("Authorization" not in asked.headers for asked in other.asked)


def test_being_sent_around_in_circles_ends(server: Scripted) -> None:
    server.on("(GET|HEAD)", "/v2/.*", redirect("/v2/team/training/manifests/3"))
    assert "only ever sends us elsewhere" in refusal(lambda: server.registry().describe(TRAINING))
    assert len(server.asked) == 6


@pytest.mark.parametrize(
    "place", ["http://169.254.169.254/latest/meta-data", "http://[fe80::1]/x", "file:///etc/passwd", "ftp://a/b"]
)
def test_nobody_is_sent_to_inner_addresses(server: Scripted, place: str) -> None:
    acts = [redirect(place), lambda ask: ask.reply(401, WWW_Authenticate=f'Bearer realm="{place}"')]
    for act in acts:
        server.on("(GET|HEAD)", "/v2/.*", act)
        assert refusal(lambda: server.registry().describe(TRAINING)).startswith("Registry sends requests elsewhere")
    server.on("HEAD", "/v2/.*/blobs/.*", lambda ask: ask.reply(404))
    server.on("POST", "/v2/.*", lambda ask: ask.reply(202, Location=place))
    assert "elsewhere" in refusal(lambda: server.registry().push(IMAGE, [TRAINING]))


@pytest.mark.parametrize(
    "place",
    [
        "http://auth.example.com/token",
        "https://127.0.0.1/token",
        "https://localhost/token",
        "https://[::ffff:127.0.0.1]/x",
        "https://10.1.2.3/",
        "https://2130706433/",
        "https://0.0.0.0/",
        "https://ann:secret@203.0.113.5/x",
        "//169.254.169.254/x",
    ],
)
def test_a_public_registry_sends_nobody_inside(place: str) -> None:
    with pytest.raises(ValueError, match="It sends us to") as caught:
        follow("https://8.8.8.8/v2/", place)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://8.8.8.8/v2/", "https://8.8.4.4/token"),
        ("https://8.8.8.8/v2/a", "/v2/b?x=1"),
        ("https://10.0.0.1/v2/", "https://10.0.0.2/token"),
        ("https://10.0.0.1/v2/", "https://8.8.8.8/token"),
        ("http://127.0.0.1:5000/v2/", "http://127.0.0.1:5001/token"),
        ("http://127.0.0.1:5000/v2/", "https://8.8.8.8/token"),
    ],
)
def test_addresses_of_its_own_kind_and_public_ones_are_followed(url: str, place: str) -> None:
    assert follow(url, place)


def test_an_upload_that_goes_elsewhere_takes_no_password_there(server: Scripted, other: Scripted, home: Path) -> None:
    log_in(home, server.host)
    server.on("HEAD", "/v2/.*", lambda ask: ask.reply(404))
    server.on("POST", "/v2/.*", lambda ask: ask.reply(202, Location=f"http://{other.host}/put?signature=x"))
    other.on("PUT", "/put.*", lambda ask: ask.reply(201))
    server.on("PUT", "/v2/.*", lambda ask: ask.reply(201))
    server.registry().push(IMAGE, [TRAINING])
    assert len(other.asked) == len(IMAGE.blobs)
    assert all("Authorization" not in asked.headers for asked in other.asked)


def test_addresses_are_shown_without_what_may_be_secret_in_them() -> None:
    assert redacted("https://ann:pw@host:8/p?token=x#y") == "https://host:8/p"
    assert redacted("https://host/\x1b[2J") == "https://host/?[2J"


# -------------------------------------------------------------------------------------------------- http and https


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("localhost:5000", "http://localhost:5000"),
        ("127.0.0.1:5000", "http://127.0.0.1:5000"),
        ("[::1]:5000", "http://[::1]:5000"),
        ("registry.example.com", "https://registry.example.com"),
        ("10.0.0.1:5000", "https://10.0.0.1:5000"),
        ("docker.io", "https://registry-1.docker.io"),
        ("localhost.example.com", "https://localhost.example.com"),
    ],
)
def test_plain_http_is_for_this_machine_only(host: str, url: str) -> None:
    assert base_url(host) == url


def test_plain_http_elsewhere_is_the_users_own_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVFORM_INSECURE_REGISTRIES", "a.example.com:5000, b.example.com")
    assert base_url("b.example.com") == "http://b.example.com"
    assert base_url("a.example.com") == "https://a.example.com"


def test_a_proxy_is_used_where_the_environment_names_one(server: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_PROXY", "no_proxy", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", f"http://ann:sec%2Fret@{server.host}")
    monkeypatch.setenv("ENVFORM_INSECURE_REGISTRIES", "registry.test:5000")
    server.on("HEAD", "http://registry.test:5000/v2/team/training/manifests/3", lambda ask: ask.manifest(IMAGE))
    registry = RemoteRegistry(Client("registry.test:5000"), "team")
    assert registry.describe(TRAINING) == IMAGE.descriptor
    shown = server.asked[0].headers["proxy-authorization"].removeprefix("Basic ")
    assert base64.b64decode(shown) == b"ann:sec/ret"
    monkeypatch.setenv("no_proxy", "registry.test")
    assert "cannot be reached" in refusal(lambda: RemoteRegistry(Client("registry.test:5000")).describe(TRAINING))


@pytest.mark.parametrize(
    ("proxy", "told"),
    [
        ("http://ann:topsecret@127.0.0.1:1", "refused, by way of the proxy `127.0.0.1:1`"),
        ("http://ann:topsecret@127.0.0.1:99x", "not a valid host or port"),
        ("socks5://ann:topsecret@127.0.0.1:1", "unsupported scheme"),
    ],
)
def test_a_proxy_that_is_none_is_told_without_its_password(
    monkeypatch: pytest.MonkeyPatch, proxy: str, told: str
) -> None:
    for name in ("NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", proxy)
    monkeypatch.setenv("ENVFORM_INSECURE_REGISTRIES", "registry.test:5000")
    patience = Patience(pause=lambda _: None)
    said = refusal(lambda: RemoteRegistry(Client("registry.test:5000", patience=patience)).describe(TRAINING))
    assert told in said
    assert "topsecret" not in said


# ------------------------------------------------------------------------------------------------------- challenges


@pytest.mark.parametrize(
    ("header", "scheme", "parameters"),
    [
        ('Bearer realm="https://a/t",service="s",scope="repository:a:pull,push"', "bearer", {"service": "s"}),
        ('Basic realm="x", Bearer realm="https://a/t", service=s', "bearer", {"service": "s"}),
        ('Digest nonce="1", Basic realm="say \\"hi\\", you"', "basic", {"realm": 'say "hi", you'}),
        ("basic", "basic", {}),
        ('NEGOTIATE, bearer  realm = "r"', "bearer", {"realm": "r"}),
    ],
)
def test_challenges_are_read_as_they_are_written(header: str, scheme: str, parameters: dict[str, str]) -> None:
    chosen = choose(parse_challenges(header))
    assert chosen is not None
    assert chosen.scheme == scheme
    assert parameters.items() <= chosen.parameters.items()


@pytest.mark.parametrize("header", ["", ",,,", "Negotiate", '"', "=", "a=b", "Bearer" * 5000])
def test_what_is_no_challenge_is_none(header: str) -> None:
    assert choose(parse_challenges(header)) is None


# ------------------------------------------------------------------------------------------------------- credentials


@pytest.mark.parametrize(
    "key",
    [
        "r.example.com",
        "https://r.example.com",
        "https://r.example.com/v1/",
        "https://r.example.com/v2/",
        "https://r.example.com/login/here",
        "http://r.example.com/v1/",
        "r.example.com/v1",
        "R.example.com",
        "r.example.com:443",
        "https://r.example.com:443/v2/",
    ],
)
def test_a_registry_is_found_under_all_its_spellings(home: Path, key: str) -> None:
    log_in(home, key)
    for host in ("r.example.com", "r.example.com:443"):
        assert docker_config.find(host, "a/b") == Credentials("ann", "pa:ss")
    for other in ("r.example.com:5000", "r.example.com:80", "example.com"):
        assert docker_config.find(other) is None


def test_the_spelling_that_docker_writes_today_wins(home: Path) -> None:
    spellings = ["https://r.io/v1/", "r.io", "https://r.io", "r.io:443"]
    keep(home, auths={key: {"username": key, "password": "p"} for key in spellings})
    assert [docker_config.find(host) for host in ("r.io", "r.io:443")] == [
        Credentials("r.io", "p"),
        Credentials("r.io:443", "p"),
    ]


@pytest.mark.parametrize(("host", "key"), [("localhost", "localhost:443"), ("[2001:db8::443]", "[2001:db8:")])
def test_a_port_is_left_out_only_where_it_is_one_and_https_means_it(home: Path, host: str, key: str) -> None:
    log_in(home, key)
    assert docker_config.find(host) is None


def test_a_token_for_the_registry_is_shown_as_it_is(server: Scripted, home: Path) -> None:
    keep(home, auths={server.host: {"auth": "YTpi", "registrytoken": "good"}})
    guarded(server, "Bearer good", bearer(server))
    registry = server.registry()
    for _ in range(2):
        assert registry.describe(TRAINING) == IMAGE.descriptor
    assert [asked.path for asked in server.asked] == ["/v2/team/training/manifests/3"] * 3


def test_a_token_for_the_registry_that_is_not_taken_is_shown_once(server: Scripted, home: Path) -> None:
    keep(home, auths={server.host: {"registrytoken": "old"}})
    guarded(server, "Bearer good", bearer(server))
    assert "Registry refuses access" in refusal(lambda: server.registry().describe(TRAINING))
    assert len(server.asked) == 2


@pytest.mark.parametrize("token", ["a b", "a\r\nHost: b", 7])
def test_what_is_no_token_is_told_without_it(home: Path, token: object) -> None:
    keep(home, auths={"r.io": {"registrytoken": token}})
    said = refusal(lambda: docker_config.find("r.io"))
    assert "`registrytoken` of `r.io`" in said
    assert f" {token}" not in said


def test_docker_hub_is_found_under_its_old_name(home: Path) -> None:
    log_in(home, "https://index.docker.io/v1/")
    assert docker_config.find("docker.io", "library/python") == Credentials("ann", "pa:ss")


def test_the_nearest_repository_wins(home: Path) -> None:
    entries = {"r.io": "host", "r.io/team": "team", "r.io/team/a": "a"}
    keep(home, auths={key: {"username": name, "password": "p"} for key, name in entries.items()})
    found = [docker_config.find("r.io", repository) for repository in ("team/a/b", "team/c", "other", "")]
    assert [one and one.username for one in found] == ["a", "team", "host", "host"]


def helper(home: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    program = home / "docker-credential-mine"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{home}:{os.environ['PATH']}")


def test_a_helper_is_asked_before_the_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    helper(home, monkeypatch, """read host; echo "{\\"Username\\": \\"$1-$host\\", \\"Secret\\": \\"s\\"}" """)
    auths = {"r.io": {"username": "file", "password": "p"}}
    keep(home, credHelpers={"r.io": "mine"}, auths=auths)
    assert docker_config.find("r.io") == Credentials("get-r.io", "s")
    keep(home, credsStore="mine", auths=auths)
    assert docker_config.find("docker.io") == Credentials("get-https://index.docker.io/v1/", "s")
    keep(home, credHelpers={"https://r.io/v1/": "mine"}, auths=auths)
    assert docker_config.find("r.io:443") == Credentials("get-r.io:443", "s")


def test_a_helper_that_knows_nothing_leaves_it_to_the_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    helper(home, monkeypatch, "echo 'credentials not found in native keychain'; exit 1")
    keep(home, credsStore="mine", auths={"r.io": {"username": "file", "password": "p"}})
    assert docker_config.find("r.io") == Credentials("file", "p")


@pytest.mark.parametrize("script", ["echo top-secret; exit 3", "echo top-secret", "echo '[]'", "kill -9 $$"])
def test_a_helper_that_fails_is_told_without_what_it_said(
    home: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    helper(home, monkeypatch, script)
    keep(home, credsStore="mine")
    said = refusal(lambda: docker_config.find("r.io"))
    assert "docker-credential-mine" in said
    assert "top-secret" not in said


@pytest.mark.parametrize("name", ["../evil", "a b", "/bin/sh", "-x", ""])
def test_only_a_plain_word_names_a_helper(home: Path, name: str) -> None:
    keep(home, credsStore=name, auths={})
    if name:
        assert "name of a credential helper" in refusal(lambda: docker_config.find("r.io"))
    else:
        assert docker_config.find("r.io") is None


@pytest.mark.parametrize("content", ["{", "[]", "\xff", "[" * 100_000, '{"auths": {"r.io": {"auth": "%%"}}}'])
def test_a_file_that_cannot_be_read_is_an_error_and_not_nobody(home: Path, content: str) -> None:
    (home / "docker" / "config.json").write_bytes(content.encode("latin-1"))
    assert "Credentials cannot be used" in refusal(lambda: docker_config.find("r.io"))


@pytest.mark.parametrize("content", ["", "{}", '{"auths": null}', '{"auths": {"r.io": {}}}', '{"auths": {"r.io": 3}}'])
def test_a_file_that_knows_nobody_is_no_error(home: Path, content: str) -> None:
    (home / "docker" / "config.json").write_text(content)
    assert docker_config.find("r.io") is None


def test_another_file_may_be_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "auth.json").write_text(json.dumps({"auths": {"r.io": {"username": "u", "password": "p"}}}))
    monkeypatch.setenv("REGISTRY_AUTH_FILE", str(home / "auth.json"))
    assert docker_config.find("r.io") == Credentials("u", "p")


def test_credentials_do_not_show_what_is_secret() -> None:
    assert repr(Credentials("ann", "pa:ss", "pa:ss", "pa:ss")) == "Credentials(username='ann')"
