"""`envform copy`, between folders and registries of all kinds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.oci import media_types
from reconciler.oci.image import Image
from reconciler.oci.reference import Name
from reconciler.registries import open_registry
from reconciler.registries.layout import LayoutRegistry
from tests.cli.terminal import Envform
from tests.conformance.images import PLATFORM, artefact_for, content_of, image_of, index_of
from tests.registries.serving import serve_folder
from tests.registries.talking import Talk
from tests.services.registry import RegistryServer

ARM = "linux/arm64"


@pytest.fixture(scope="module")
def our_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("served")
    with serve_folder(folder / "layout", folder / "log") as host:
        yield host


@pytest.fixture(params=["oci:", "docker-registry", "envform registry serve"])
def place(request: pytest.FixtureRequest) -> str:
    """What stands before a name: of a folder, and of two registries."""
    name = request.node.originalname.removeprefix("test_")[:40].replace("_", "-").strip("-")
    if request.param == "oci:":
        return "oci:./there:"
    if request.param == "docker-registry":
        server: RegistryServer = request.getfixturevalue("registry_server")
        return f"{server.host}/copies/{name}/"
    return f"{request.getfixturevalue('our_host')}/copies/{name}/"


def pulled(place: str, name: Name, root: Path, platform: str = PLATFORM) -> Image | None:
    """An image, by our own reader."""
    return open_registry(place.rstrip(":/"), root).pull(name, platform)


def test_an_image_goes_to_every_place_and_comes_back_the_same(envform: Envform, place: str) -> None:
    image = image_of("goes", layers=3)
    LayoutRegistry(envform.folder / "here").push(image, [Name("training", "3")])
    sent = envform("copy", "oci:./here:training:3", f"{place}training:3")
    assert (sent.exit_code, sent.stderr) == (0, "")
    assert sent.stdout.splitlines()[0].endswith(f"training:3 is {image.digest}")
    assert sent.stdout.splitlines()[1].startswith("Copied 4 blobs (")
    assert sent.stdout.endswith("0 were there.\n")
    back = envform("copy", f"{place}training:3", "oci:./back:again:1")
    assert back.exit_code == 0, back.stderr
    found = LayoutRegistry(envform.folder / "back").pull(Name("again", "1"), PLATFORM)
    assert found is not None
    assert content_of(found) == content_of(image)


def test_what_is_there_is_not_sent_again(envform: Envform, place: str) -> None:
    layout = LayoutRegistry(envform.folder / "here")
    layout.push(image_of("again", layers=2), [Name("training", "1")])
    first = envform("copy", "oci:./here:training:1", f"{place}one:1")
    assert "Copied 3 blobs" in first.stdout
    again = envform("copy", "oci:./here:training:1", f"{place}one:1")
    assert again.stdout.splitlines()[1] == "Copied 0 blobs (0 B), 3 were there."
    beside = envform("copy", f"{place}one:1", f"{place}two:1")
    assert beside.exit_code == 0, beside.stderr
    assert beside.stdout.splitlines()[1] == "Copied 0 blobs (0 B), 3 were there."
    assert pulled(place, Name("two", "1"), envform.folder) is not None


def test_a_name_that_meant_another_image_is_told_with_it(envform: Envform, place: str) -> None:
    before, after = image_of("before"), image_of("after")
    here = LayoutRegistry(envform.folder / "here")
    for image, said in ((before, ""), (after, f"; it was {before.digest}"), (after, "")):
        here.push(image, [Name("training", "prod")])
        done = envform("copy", "oci:./here:training:prod", f"{place}training:prod")
        assert done.stdout.splitlines()[0].endswith(f"training:prod is {image.digest}{said}")


def test_all_platforms_of_an_image_are_copied(envform: Envform, place: str, our_host: str) -> None:
    images = {PLATFORM: image_of("many"), ARM: image_of("many", ARM)}
    index, talk, name = index_of(images), Talk(our_host), place.partition("/")[0].replace(":", "").strip(".")
    for image in images.values():
        talk.push(f"many/{name}", image)
    assert talk.put_manifest(f"many/{name}", "1", index, media_types.OCI_INDEX).status == 201
    done = envform("copy", f"{our_host}/many/{name}:1", f"{place}many:1")
    assert done.exit_code == 0, done.stderr
    for platform, image in images.items():
        found = pulled(place, Name("many", "1"), envform.folder, platform)
        assert found is not None
        assert content_of(found) == content_of(image)
    back = envform("copy", f"{place}many:1", "oci:./back:many:1")
    assert back.exit_code == 0, back.stderr
    (entry,) = json.loads((envform.folder / "back" / "index.json").read_text())["manifests"]
    assert entry["mediaType"] == media_types.OCI_INDEX
    assert (envform.folder / "back" / "blobs" / "sha256" / entry["digest"][7:]).read_bytes() == index


def test_what_is_attached_goes_along(envform: Envform, place: str) -> None:
    image = image_of("attached")
    lock = artefact_for(image, "what was installed")
    signature = artefact_for(lock, "who says so", "application/x-signature")
    layout = LayoutRegistry(envform.folder / "here")
    layout.push(image, [Name("training", "1")])
    for one in (lock, signature):
        layout.push(one, [Name("training", digest=one.digest)])
    assert envform("copy", "oci:./here:training:1", f"{place}training:1").exit_code == 0
    registry = open_registry(place.rstrip(":/"), envform.folder)
    for subject, attached in ((image, lock), (lock, signature)):
        (found,) = registry.referrers(Name("training", digest=subject.digest))
        assert found.digest == attached.digest
        kept = registry.pull(Name("training", digest=found.digest), "")
        assert kept is not None
        assert content_of(kept) == content_of(attached)


def test_all_tags_of_a_repository_are_copied_at_once(envform: Envform, place: str) -> None:
    layout = LayoutRegistry(envform.folder / "here")
    images = {tag: image_of(tag) for tag in ("1", "2")}
    for tag, image in images.items():
        layout.push(image, [Name("training", tag)])
    layout.push(images["2"], [Name("training", "latest"), Name("scoring", "1")])
    done = envform("copy", "-all-tags", "oci:./here:training", f"{place}all")
    assert done.exit_code == 0, done.stderr
    assert len(done.stdout.splitlines()) == 4
    assert set(open_registry(place.rstrip(":/"), envform.folder).list("all")) == {"1", "2", "latest"}


def test_an_image_is_taken_by_its_digest(envform: Envform) -> None:
    one, two = image_of("one"), image_of("two")
    layout = LayoutRegistry(envform.folder / "here")
    layout.push(one, [Name("training", "1")])
    layout.push(two, [Name("training", "1")])
    done = envform("copy", f"oci:./here@{one.digest}", "oci:./there:old:1")
    assert done.exit_code == 0, done.stderr
    assert LayoutRegistry(envform.folder / "there").list("old") == {"1": one.digest}


def test_a_name_without_a_tag_gets_the_tag_of_the_image(envform: Envform, our_host: str) -> None:
    LayoutRegistry(envform.folder / "here").push(image_of("tagged"), [Name("training", "7")])
    done = envform("copy", "oci:./here:training:7", f"{our_host}/tags/training")
    assert done.stdout.startswith(f"{our_host}/tags/training:7 is sha256:")


def test_a_missing_image_is_told_with_what_there_is(envform: Envform, our_host: str) -> None:
    LayoutRegistry(envform.folder / "here").push(image_of("there"), [Name("training", "latest")])
    done = envform("copy", "oci:./here:training:lates", f"{our_host}/missing/training:1")
    assert done.exit_code == 1
    assert "Image not found" in done.stderr
    assert "did you mean `latest`?" in done.stderr
    assert envform("copy", "-all-tags", "oci:./here:nobody", "oci:./there:x").exit_code == 1
    assert not (envform.folder / "there").exists()


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("oci:./here", "oci:./there:a:1"),
        ("oci:./here:a:1", "oci:./there"),
        ("https://example.com/a:1", "oci:./there:a:1"),
        ("Example.com/A:1", "oci:./there:a:1"),
        ("docker-daemon:a:1", "oci:./there:a:1"),
        ("oci:./here:a:1", "localhost:1/b@sha256:" + "0" * 64),
    ],
)
def test_a_name_that_is_none_is_refused_before_anything_is_asked(envform: Envform, source: str, target: str) -> None:
    done = envform("copy", source, target)
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: ")
    assert "Traceback" not in done.stderr


def test_all_tags_take_a_repository_and_nothing_else(envform: Envform) -> None:
    done = envform("copy", "-all-tags", "localhost:5000/a:1", "localhost:5000/b")
    assert done.exit_code == 1
    assert "leave the tag or the digest out" in " ".join(done.stderr.split())


def test_broken_content_is_not_copied(envform: Envform, our_host: str) -> None:
    image = image_of("broken", layers=2)
    layout = LayoutRegistry(envform.folder / "here")
    layout.push(image, [Name("training", "1")])
    path = envform.folder / "here" / "blobs" / "sha256" / image.layers[0].descriptor.digest.hex
    path.write_bytes(b"!" + path.read_bytes()[1:])
    for target in (f"{our_host}/broken/training:1", "oci:./there:training:1"):
        done = envform("copy", "oci:./here:training:1", target)
        assert done.exit_code == 1
        assert "corrupt" in done.stderr
    assert Talk(our_host)("GET", "/v2/broken/training/manifests/1").status == 404
    assert LayoutRegistry(envform.folder / "there").list("training") == {}
