from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reconciler.model.digest import Digest
from reconciler.oci.reference import Name, Place, Reference

DIGEST = Digest("sha256:" + "0123456789abcdef" * 4)
AT = f"@{DIGEST}"


@pytest.mark.parametrize(
    ("text", "registry", "name", "canonical"),
    [
        ("python", "docker.io", Name("library/python", "latest"), "docker.io/library/python:latest"),
        ("python:3.11", "docker.io", Name("library/python", "3.11"), "docker.io/library/python:3.11"),
        ("library/python:3.11", "docker.io", Name("library/python", "3.11"), "docker.io/library/python:3.11"),
        ("index.docker.io/python", "docker.io", Name("library/python", "latest"), "docker.io/library/python:latest"),
        ("team/app:v1", "docker.io", Name("team/app", "v1"), "docker.io/team/app:v1"),
        ("python" + AT, "docker.io", Name("library/python", "", DIGEST), "docker.io/library/python" + AT),
        ("python:3.11" + AT, "docker.io", Name("library/python", "3.11", DIGEST), "docker.io/library/python:3.11" + AT),
        ("ghcr.io/a/b__c/d-e.f:_x", "ghcr.io", Name("a/b__c/d-e.f", "_x"), "ghcr.io/a/b__c/d-e.f:_x"),
        ("GHCR.io/a/b", "ghcr.io", Name("a/b", "latest"), "ghcr.io/a/b:latest"),
        ("localhost/a", "localhost", Name("a", "latest"), "localhost/a:latest"),
        ("localhost:5000/a:1", "localhost:5000", Name("a", "1"), "localhost:5000/a:1"),
        ("127.0.0.1:5000/a", "127.0.0.1:5000", Name("a", "latest"), "127.0.0.1:5000/a:latest"),
        ("[::1]:5000/a", "[::1]:5000", Name("a", "latest"), "[::1]:5000/a:latest"),
        ("oci:images:base", "oci:images", Name("", "base"), "oci:images:base"),
        ("oci:./images//x/../y/:training:3", "oci:images/y", Name("training", "3"), "oci:images/y:training:3"),
        (
            "oci:/srv/my images:base" + AT,
            "oci:/srv/my images",
            Name("", "base", DIGEST),
            "oci:/srv/my images:base" + AT,
        ),
        ("oci:images" + AT, "oci:images", Name("", "", DIGEST), "oci:images" + AT),
        ("oci:.:base", "oci:.", Name("", "base"), "oci:.:base"),
        ("oci:../up:base", "oci:../up", Name("", "base"), "oci:../up:base"),
        ("oci:x:docker.io/library/a:1", "oci:x", Name("docker.io/library/a", "1"), "oci:x:docker.io/library/a:1"),
        ("oci:x:localhost:5000/a", "oci:x", Name("", "localhost:5000/a"), "oci:x:localhost:5000/a"),
        ("docker-daemon:app:dev", "docker-daemon:", Name("app", "dev"), "docker-daemon:app:dev"),
        ("docker-daemon:docker.io/library/app", "docker-daemon:", Name("app", "latest"), "docker-daemon:app:latest"),
        (
            "docker-daemon:ghcr.io/a/b",
            "docker-daemon:",
            Name("ghcr.io/a/b", "latest"),
            "docker-daemon:ghcr.io/a/b:latest",
        ),
        (
            "docker-daemon:docker.io/localhost/b",
            "docker-daemon:",
            Name("docker.io/localhost/b", "latest"),
            "docker-daemon:docker.io/localhost/b:latest",
        ),
    ],
)
def test_a_reference_has_one_meaning_and_one_spelling(text: str, registry: str, name: Name, canonical: str) -> None:
    reference = Reference.parse(text)
    assert reference == Reference(registry, name)
    assert str(reference) == canonical
    assert Reference.parse(canonical) == reference


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "may not be empty"),
        (" python", "white space"),
        ("python ", "white space"),
        ("py thon", "white space"),
        ("python\n", "control characters"),
        ("python\x1b[31m", "control characters"),
        ("python\u200b", "control characters"),
        ("\ud800", "control characters"),
        ("Python", "must be in lower case"),
        ("ghcr.io/Team/app", "must be in lower case"),
        ("python:", "is not a tag"),
        ("python:-a", "is not a tag"),
        ("python:a b", "white space"),
        ("python:" + "a" * 129, "128"),
        ("ghcr.io/" + "a" * 248, "255"),
        ("a" * 5000, "4096"),
        ("a//b", "is not a name"),
        ("/a", "written `oci:DIR:REF`"),
        ("./images:base", "written `oci:DIR:REF`"),
        ("~/images:base", "written `oci:DIR:REF`"),
        ("a/", "is not a name"),
        ("a/-b", "is not a name"),
        ("a..b", "is not a name"),
        ("ghcr.io/", "needs a name after the host"),
        ("ghcr.io:0/a", "from 1 to 65535"),
        ("ghcr.io:65536/a", "from 1 to 65535"),
        ("ghcr.io:port/a", "is not a host name"),
        ("-ghcr.io/a", "is not a host name"),
        ("[::1/a", "is not a host name"),
        ("https://ghcr.io/a", "without a scheme"),
        ("docker://ghcr.io/a", "without a scheme"),
        ("oci://ghcr.io/a", "without a scheme"),
        (str(DIGEST), "is an image's id"),
        (DIGEST.hex, "is an image's id"),
        ("docker-daemon:" + DIGEST, "is an image's id"),
        ("docker-daemon:", "needs a name"),
        ("python@sha256:abc", "is not a digest"),
        ("python@" + DIGEST.upper(), "is not a digest"),
        ("python@sha512:" + "a" * 128, "is not a digest"),
        ("python@", "only before a digest"),
        ("python@latest", "only before a digest"),
        ("python" + AT + AT, "only before a digest"),
        ("oci:images", "say which image in it"),
        ("oci:", "needs a folder"),
        ("oci::base", "needs a folder"),
        ("oci:images:", "is not a ref name"),
        ("oci:images::3", "is not a ref name"),
        ("oci:images:training:", "is not a ref name"),
        ("oci:images:a b", "is not a ref name"),
        ("oci:images:../x", "is not a ref name"),
        ("oci:images:" + "a" * 400, "longer than"),
        ("oci:a@b/c:base", "only before a digest"),
        ("oci:a@b:base", "is not a digest"),
    ],
)
def test_a_reference_that_no_registry_would_take_is_refused_in_a_sentence(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=r"\.$") as caught:
        Reference.parse(text)
    assert why in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "text",
    [
        "https://me:hunter2@ghcr.io/a",
        "me:hunter2@ghcr.io/a",
        "me:hunter2@ghcr.io:5000/a:1",
        "me:hunter2@localhost:5000",
        "me:hunter2@ghcr.io/a" + AT,
        "me:hun/hunter2@ghcr.io/a",
        "docker-daemon:me:hunter2@ghcr.io/a",
        "oci:me:hunter2@images:base",
    ],
)
def test_credentials_are_refused_and_never_repeated(text: str) -> None:
    with pytest.raises(ValueError, match=r"\.$") as caught:
        Reference.parse(text)
    assert "hunter2" not in str(caught.value)


COMPONENT = st.from_regex(r"[a-z0-9]{1,4}((\.|_|__|-{1,2})[a-z0-9]{1,3}){0,2}", fullmatch=True)
REPOSITORY = st.lists(COMPONENT, min_size=1, max_size=3).map("/".join)
TAG = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,8}", fullmatch=True)
DIGESTS = st.none() | st.binary(max_size=4).map(Digest.of)
HOST = st.from_regex(r"([a-z][a-z0-9]{0,3}\.[a-z]{2}|localhost)(:[1-9][0-9]{0,3})?", fullmatch=True)
FOLDER = st.from_regex(r"(/|\./|\.\./)?[a-z ._-]{0,4}[a-z](/[a-z.]{1,4}){0,2}/?", fullmatch=True).filter(
    lambda text: text == text.strip()
)


@given(host=st.just("") | HOST.map("{}/".format), repository=REPOSITORY, tag=st.just("") | TAG, digest=DIGESTS)
def test_every_registry_reference_survives_its_own_spelling(
    host: str, repository: str, tag: str, digest: Digest | None
) -> None:
    assume(host or "." not in repository.partition("/")[0])  # or it would be a host
    for transport in ("", "docker-daemon:"):
        text = transport + host + repository + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")
        reference = Reference.parse(text)
        assert Reference.parse(str(reference)) == reference
        assert str(Reference.parse(str(reference))) == str(reference)
        assert (reference.name.tag, reference.name.digest) == (tag or ("" if digest else "latest"), digest)


@given(folder=FOLDER, repository=st.just("") | REPOSITORY, tag=TAG, digest=DIGESTS)
def test_every_layout_reference_survives_its_own_spelling(
    folder: str, repository: str, tag: str, digest: Digest | None
) -> None:
    name = Name(repository, tag, digest)
    reference = Reference.parse(f"oci:{folder}:{name}")
    assert reference.name == name
    assert Reference.parse(str(reference)) == reference


@given(st.text(max_size=40) | st.from_regex(r"(oci:|docker-daemon:)?[a-zA-Z0-9./:@_-]{1,40}", fullmatch=True))
def test_any_text_is_parsed_or_refused_in_a_sentence(text: str) -> None:
    try:
        reference = Reference.parse(text)
    except ValueError as cause:
        refusal = str(cause)
    else:
        assert Reference.parse(str(reference)) == reference
        return
    assert refusal.endswith(".")
    assert refusal.isprintable()


@pytest.mark.parametrize(
    ("text", "place", "repository"),
    [
        ("oci:./registry", Place("oci:registry"), "training"),
        ("oci:/srv/images/", Place("oci:/srv/images"), "training"),
        ("ghcr.io/team", Place("ghcr.io", "team"), "team/training"),
        ("localhost:5000/a/b", Place("localhost:5000", "a/b"), "a/b/training"),
        ("docker.io/team", Place("docker.io", "team"), "team/training"),
    ],
)
def test_a_place_says_where_an_environment_is_published(text: str, place: Place, repository: str) -> None:
    assert Place.parse(text) == place
    assert place.repository("training") == repository
    assert Place.parse(str(place)) == place


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "may not be empty"),
        ("./registry", "`oci:./registry`"),
        ("registry", "`oci:./registry`"),
        ("team/app", "write `oci:DIR`"),
        ("ghcr.io", "write `oci:DIR`"),
        ("ghcr.io/", "write `oci:DIR`"),
        ("ghcr.io/Team", "lower case"),
        ("ghcr.io/team:1", "is not a name"),
        ("https://ghcr.io/team", "without a scheme"),
        ("me:hunter2@ghcr.io/team", "without `@`"),
        ("oci:", "needs a folder"),
        ("oci:a:b", "may hold neither"),
        ("docker-daemon:", "write `oci:DIR`"),
    ],
)
def test_a_place_that_cannot_keep_images_is_refused_in_a_sentence(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=r"\.$") as caught:
        Place.parse(text)
    assert why in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_home_folder_is_not_spelled_with_a_tilde() -> None:
    with pytest.raises(ValueError, match="only shells know"):
        Place.parse("oci:~/registry")
