"""What every registry promises. A further adapter adds a world and a line to WORLDS."""

from __future__ import annotations

import json
import shutil
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.model.diagnostic import RegistryError
from reconciler.model.digest import Digest
from reconciler.oci import media_types
from reconciler.oci.descriptor import Descriptor
from reconciler.oci.image import Blob, Image
from reconciler.oci.reference import Name
from reconciler.protocols import Registry
from reconciler.registries.layout import LayoutRegistry
from reconciler.registries.memory import MemoryRegistry
from reconciler.registries.remote import RemoteRegistry
from reconciler.registries.remote_client import Client
from reconciler.registries.remote_retry import Patience
from tests.conformance.images import PLATFORM, artefact_for, content_of, image_of, index_of, watched
from tests.services.registry import RegistryServer

TRAINING = Name("training", "3")
BY_HASH = Name("envform", "0123456789abcdef0123456789abcdef")
ABSENT = Digest.of(b"nobody pushed this")


class World(Protocol):
    """A registry, and hands that change what it holds behind its back.

    `pooled`: its content is one pool for all of its repositories, and what it says of a name it has looked at.
    """

    registry: Registry
    pooled: bool

    def replace(self, digest: Digest, content: bytes) -> None:
        """Put other bytes where content with this digest is kept."""

    def lose(self, digest: Digest) -> None:
        """Take content away, and leave everything that needs it."""

    def put_index(self, ref: str, content: bytes) -> None:
        """Keep an index of images, which the protocol can pull through and not push."""


class MemoryWorld:
    pooled = True

    def __init__(self, _: pytest.FixtureRequest) -> None:
        self.registry = MemoryRegistry()

    def replace(self, digest: Digest, content: bytes) -> None:
        assert digest in self.registry.blobs
        self.registry.blobs[digest] = content

    def lose(self, digest: Digest) -> None:
        del self.registry.blobs[digest]

    def put_index(self, ref: str, content: bytes) -> None:
        digest = Digest.of(content)
        self.registry.blobs[digest] = content
        self.registry.manifests[digest] = Descriptor(media_types.OCI_INDEX, digest, len(content))
        self.registry.tags[ref] = digest


class LayoutWorld:
    pooled = True

    def __init__(self, request: pytest.FixtureRequest) -> None:
        folders: pytest.TempPathFactory = request.getfixturevalue("tmp_path_factory")
        self.folder = folders.mktemp("world") / "images"
        self.registry = LayoutRegistry(self.folder)

    def replace(self, digest: Digest, content: bytes) -> None:
        path = self.folder / "blobs" / "sha256" / digest.hex
        assert path.exists()
        path.write_bytes(content)

    def lose(self, digest: Digest) -> None:
        (self.folder / "blobs" / "sha256" / digest.hex).unlink()

    def put_index(self, ref: str, content: bytes) -> None:
        digest = Digest.of(content)
        (self.folder / "blobs" / "sha256" / digest.hex).write_bytes(content)
        path = self.folder / "index.json"
        index = json.loads(path.read_bytes())
        index["manifests"].append(
            {
                "mediaType": media_types.OCI_INDEX,
                "digest": digest,
                "size": len(content),
                "annotations": {"org.opencontainers.image.ref.name": ref},
            }
        )
        path.write_text(json.dumps(index))


class RemoteWorld:
    """Debian's docker-registry, emptied first: what one test has broken is no other's business."""

    pooled = False

    def __init__(self, request: pytest.FixtureRequest) -> None:
        server: RegistryServer = request.getfixturevalue("registry_server")
        shutil.rmtree(server.storage, ignore_errors=True)
        self.files = server.storage / "docker" / "registry" / "v2"
        self.host = server.host
        self.registry = RemoteRegistry(Client(server.host, patience=Patience(pause=lambda _: None)), "team")

    def replace(self, digest: Digest, content: bytes) -> None:
        assert self._kept(digest).exists()
        self._kept(digest).write_bytes(content)

    def lose(self, digest: Digest) -> None:
        self._kept(digest).unlink()

    def put_index(self, ref: str, content: bytes) -> None:
        """The registry wants all that an index names to be in its own repository."""
        repository, _, tag = ref.partition(":")
        own = self.files / "repositories" / "team" / repository
        for other in (self.files / "repositories" / "team").iterdir():
            for part in ("_layers", "_manifests/revisions"):
                if other != own:
                    shutil.copytree(other / part, own / part, dirs_exist_ok=True)
        url = f"http://{self.host}/v2/team/{repository}/manifests/{tag}"
        headers = {"Content-Type": media_types.OCI_INDEX}
        urllib.request.urlopen(urllib.request.Request(url, content, headers, method="PUT")).close()

    def _kept(self, digest: Digest) -> Path:
        return self.files / "blobs" / "sha256" / digest.hex[:2] / digest.hex / "data"


LOCAL = [pytest.param(MemoryWorld, id="memory"), pytest.param(LayoutWorld, id="layout")]
WORLDS = [*LOCAL, pytest.param(RemoteWorld, id="remote")]
only_where_it_looks = pytest.mark.parametrize("world", LOCAL, indirect=True)


@pytest.fixture(params=WORLDS)
def world(request: pytest.FixtureRequest) -> World:
    makes: Callable[[pytest.FixtureRequest], World] = request.param
    return makes(request)


@pytest.fixture
def registry(world: World) -> Registry:
    return world.registry


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(RegistryError) as caught:
        act()
    (diagnostic,) = caught.value.diagnostics
    return f"{diagnostic.summary}\n{diagnostic.detail}"


def listed(registry: Registry, repository: str) -> dict[str, Digest | None]:
    """The tags with their digests, asked for one by one where the listing does not tell."""

    def digest(tag: str) -> Digest | None:
        found = registry.describe(Name(repository, tag))
        return found.digest if found else None

    return {tag: found or digest(tag) for tag, found in registry.list(repository).items()}


def pulled(registry: Registry, name: Name, platform: str = PLATFORM) -> Image:
    image = registry.pull(name, platform)
    assert image is not None
    return image


# ------------------------------------------------------------------------------------------------- nothing there


def test_a_registry_that_nobody_pushed_to_is_empty(registry: Registry) -> None:
    assert registry.describe(TRAINING) is None
    assert registry.describe(Name("training", digest=ABSENT)) is None
    assert registry.describe_many([TRAINING, BY_HASH]) == {TRAINING: None, BY_HASH: None}
    assert registry.list("training") == {}
    assert registry.pull(TRAINING, PLATFORM) is None
    assert list(registry.referrers(TRAINING)) == []
    registry.delete(TRAINING)


def test_what_was_not_pushed_is_not_there(registry: Registry) -> None:
    registry.push(image_of("one"), [TRAINING])
    assert registry.describe(Name("training", "4")) is None
    assert registry.describe(Name("scoring", "3")) is None
    assert registry.describe(Name("training", digest=ABSENT)) is None
    assert registry.pull(Name("training", "4"), PLATFORM) is None
    assert registry.list("train") == {}
    assert registry.list("") == {}


# ---------------------------------------------------------------------------------------------- push and pull


def test_what_is_pushed_is_pulled_byte_for_byte(registry: Registry) -> None:
    image = image_of("one", layers=3)
    registry.push(image, [TRAINING])
    back = pulled(registry, TRAINING)
    assert back.digest == image.digest
    assert content_of(back) == content_of(image)
    assert [layer.descriptor for layer in back.layers] == [layer.descriptor for layer in image.layers]


def test_push_tells_what_it_kept_and_describe_agrees(registry: Registry) -> None:
    image = image_of("one")
    kept = registry.push(image, [TRAINING])
    assert kept == image.descriptor
    assert registry.describe(TRAINING) == kept
    assert registry.describe(Name("training", digest=image.digest)) == kept


def test_one_image_has_many_names(registry: Registry) -> None:
    image = image_of("one")
    registry.push(image, [TRAINING, BY_HASH, Name("training", "latest")])
    assert listed(registry, "training") == {"3": image.digest, "latest": image.digest}
    assert listed(registry, "envform") == {BY_HASH.tag: image.digest}


def test_a_digest_decides_against_the_tag_beside_it(registry: Registry) -> None:
    one, two = image_of("one"), image_of("two")
    registry.push(one, [TRAINING])
    registry.push(two, [TRAINING])
    assert pulled(registry, Name("training", "3", one.digest)).digest == one.digest


def test_a_tag_moves_to_what_was_pushed_last(registry: Registry) -> None:
    one, two = image_of("one"), image_of("two")
    registry.push(one, [TRAINING, BY_HASH])
    registry.push(two, [TRAINING])
    assert pulled(registry, TRAINING).digest == two.digest
    assert listed(registry, "training") == {"3": two.digest}
    assert listed(registry, "envform") == {BY_HASH.tag: one.digest}
    assert registry.describe(Name("training", digest=one.digest)) is not None


def test_pushing_again_changes_nothing(registry: Registry) -> None:
    image = image_of("one")
    assert registry.push(image, [TRAINING]) == registry.push(image, [TRAINING])
    assert listed(registry, "training") == {"3": image.digest}


def test_an_image_is_kept_by_its_digest_alone(registry: Registry) -> None:
    image = image_of("one")
    registry.push(image, [Name("training", digest=image.digest)])
    assert registry.list("training") == {}
    assert pulled(registry, Name("training", digest=image.digest)).digest == image.digest


def test_many_are_described_at_once(registry: Registry) -> None:
    images = {Name("training", str(number)): image_of(f"number-{number}") for number in range(5)}
    for name, image in images.items():
        registry.push(image, [name])
    missing = Name("training", "6")
    found = registry.describe_many([*images, missing])
    assert found == {**{name: image.descriptor for name, image in images.items()}, missing: None}


def test_equal_layers_are_read_from_their_source_once(registry: Registry) -> None:
    opened: list[Digest] = []
    image = image_of("one", layers=2)
    registry.push(watched(image, opened), [TRAINING])
    registry.push(watched(image, opened), [BY_HASH])
    assert sorted(opened) == sorted(blob.descriptor.digest for blob in image.blobs)


def test_content_that_comes_before_its_image_is_no_image_and_is_read_once(registry: Registry) -> None:
    opened: list[Digest] = []
    image = image_of("one", layers=2)
    for _ in range(2):
        registry.bring(BY_HASH.repository, watched(image, opened).layers[0])
    assert (listed(registry, BY_HASH.repository), registry.describe(BY_HASH)) == ({}, None)
    registry.push(watched(image, opened), [BY_HASH])
    assert sorted(opened) == sorted(blob.descriptor.digest for blob in image.blobs)
    assert content_of(pulled(registry, BY_HASH)) == content_of(image)


def test_a_pulled_image_is_pushed_under_another_name(registry: Registry) -> None:
    image = image_of("one")
    registry.push(image, [TRAINING])
    registry.push(pulled(registry, TRAINING), [BY_HASH])
    assert registry.describe(BY_HASH) == image.descriptor


@pytest.mark.parametrize("makes", WORLDS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.dictionaries(st.from_regex(r"[a-z]{1,4}", fullmatch=True), st.integers(0, 3), min_size=1, max_size=6))
def test_every_set_of_names_is_listed_as_it_was_pushed(
    makes: Callable[[pytest.FixtureRequest], World], names: dict[str, int], request: pytest.FixtureRequest
) -> None:
    registry = makes(request).registry
    images = [image_of(f"number-{number}") for number in range(4)]
    for tag, number in names.items():
        registry.push(images[number], [Name("training", tag)])
    assert listed(registry, "training") == {tag: images[number].digest for tag, number in names.items()}


# ----------------------------------------------------------------------------------------------------- deleting


def test_a_deleted_tag_is_gone_and_its_image_is_not(registry: Registry) -> None:
    image = image_of("one")
    registry.push(image, [TRAINING, BY_HASH])
    registry.delete(TRAINING)
    assert registry.describe(TRAINING) is None
    assert registry.list("training") == {}
    assert pulled(registry, BY_HASH).digest == image.digest


def test_a_deleted_digest_is_gone_with_all_its_tags(world: World) -> None:
    registry, one, two = world.registry, image_of("one"), image_of("two")
    registry.push(one, [TRAINING, Name("training", "latest"), BY_HASH])
    registry.push(two, [Name("training", "4")])
    registry.delete(Name("training", digest=one.digest))
    assert registry.describe(Name("training", digest=one.digest)) is None
    assert listed(registry, "training") == {"4": two.digest}
    assert (registry.list("envform") == {}) is world.pooled


def test_deleting_twice_is_no_error_and_pushing_again_heals(registry: Registry) -> None:
    image = image_of("one")
    registry.push(image, [TRAINING])
    registry.delete(Name("training", digest=image.digest))
    registry.delete(Name("training", digest=image.digest))
    registry.delete(TRAINING)
    registry.push(image, [TRAINING])
    assert content_of(pulled(registry, TRAINING)) == content_of(image)


# ----------------------------------------------------------------------------------------- nothing wrong is used


def flipped(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 1])


@pytest.mark.parametrize("damage", [flipped, lambda c: c[:-1], lambda c: c + b"\0", lambda _: b""])
def test_a_corrupt_layer_is_refused_while_it_is_read(world: World, damage: Callable[[bytes], bytes]) -> None:
    image = image_of("one")
    world.registry.push(image, [TRAINING])
    (layer,) = image.layers
    world.replace(layer.descriptor.digest, damage(layer.open().read()))
    back = pulled(world.registry, TRAINING)
    assert "corrupt" in refusal(lambda: content_of(back))


def test_no_reader_of_the_exact_size_gets_the_end_of_a_corrupt_layer(world: World) -> None:
    image = image_of("one")
    world.registry.push(image, [TRAINING])
    (layer,) = image.layers
    world.replace(layer.descriptor.digest, flipped(layer.open().read()))
    stream = pulled(world.registry, TRAINING).layers[0].open()
    assert "corrupt" in refusal(lambda: stream.read(layer.descriptor.size))


def test_a_corrupt_manifest_is_refused(world: World) -> None:
    image = image_of("one")
    world.registry.push(image, [TRAINING])
    world.replace(image.digest, image.manifest.replace(b'"schemaVersion":2', b'"schemaVersion": 2'))
    assert "corrupt" in refusal(lambda: world.registry.pull(TRAINING, PLATFORM))


def test_a_corrupt_config_is_refused(world: World) -> None:
    image = image_of("one")
    world.registry.push(image, [TRAINING])
    world.replace(image.config.descriptor.digest, flipped(image.config.open().read()))
    assert "corrupt" in refusal(lambda: world.registry.pull(TRAINING, PLATFORM))


def test_a_tag_whose_manifest_is_gone_is_not_there_until_the_next_push(world: World) -> None:
    image = image_of("one")
    world.registry.push(image, [TRAINING])
    world.lose(image.digest)
    assert world.registry.describe(TRAINING) is None
    assert world.registry.pull(TRAINING, PLATFORM) is None
    world.registry.push(image, [TRAINING])
    assert world.registry.describe(TRAINING) == image.descriptor


def test_a_missing_layer_is_told_by_its_digest_and_a_push_brings_it_back(world: World) -> None:
    image = image_of("one")
    world.registry.push(image, [TRAINING])
    (layer,) = image.layers
    world.lose(layer.descriptor.digest)
    back = pulled(world.registry, TRAINING)
    assert layer.descriptor.digest in refusal(back.layers[0].open)
    world.registry.push(image, [TRAINING])
    assert content_of(pulled(world.registry, TRAINING)) == content_of(image)


@only_where_it_looks
def test_a_push_heals_a_corrupt_manifest_and_config(world: World) -> None:
    image = image_of("one")
    world.registry.push(image, [TRAINING])
    world.replace(image.digest, flipped(image.manifest))
    world.replace(image.config.descriptor.digest, flipped(image.config.open().read()))
    world.registry.push(image, [TRAINING])
    assert content_of(pulled(world.registry, TRAINING)) == content_of(image)


@only_where_it_looks
def test_an_image_whose_manifest_is_gone_can_be_deleted(world: World) -> None:
    image = image_of("one")
    world.registry.push(image, [TRAINING, BY_HASH])
    world.lose(image.digest)
    world.registry.delete(Name("training", digest=image.digest))
    assert world.registry.list("training") == {}
    assert world.registry.describe(BY_HASH) is None


def test_a_source_that_lies_is_refused_and_names_nothing(registry: Registry) -> None:
    image, other = image_of("one"), image_of("two")
    lying = Blob(image.layers[0].descriptor, other.layers[0].open)
    assert "corrupt" in refusal(
        lambda: registry.push(Image(image.manifest, image.media_type, image.config, (lying,)), [TRAINING])
    )
    assert registry.describe(TRAINING) is None
    registry.push(image, [TRAINING])
    assert content_of(pulled(registry, TRAINING)) == content_of(image)


def test_an_image_that_does_not_have_all_its_layers_is_not_named(registry: Registry) -> None:
    image = image_of("one", layers=2)
    refusal(lambda: registry.push(Image(image.manifest, image.media_type, image.config, image.layers[:1]), [TRAINING]))
    assert registry.describe(TRAINING) is None


@pytest.mark.parametrize("manifest", [b"", b"{}", b"[" * 100_000, b'{"schemaVersion":2,"manifests":[]}', b"\xff"])
def test_what_is_no_image_is_not_kept(registry: Registry, manifest: bytes) -> None:
    image = image_of("one")
    broken = Image(manifest, image.media_type, image.config, image.layers)
    assert "cannot be understood" in refusal(lambda: registry.push(broken, [TRAINING]))
    assert registry.describe(TRAINING) is None


@pytest.mark.parametrize(
    "name",
    [
        Name("training"),
        Name("", ""),
        Name("training", "a/b"),
        Name("training", "../../etc"),
        Name("training", "1\n2"),
        Name("training", "3", ABSENT),
    ],
)
def test_a_name_that_cannot_be_kept_is_refused_before_anything_is_done(registry: Registry, name: Name) -> None:
    assert "name cannot be used" in refusal(lambda: registry.push(image_of("one"), [TRAINING, name]))
    assert registry.describe(TRAINING) is None


# ---------------------------------------------------------------------------------------------------- platforms


@pytest.fixture
def two_platforms(world: World) -> World:
    intel, arm = image_of("intel"), image_of("arm", "linux/arm64/v8")
    for image in (intel, arm):
        world.registry.push(image, [Name("parts", digest=image.digest)])
    world.put_index("base:1", index_of({"linux/amd64": intel, "linux/arm64/v8": arm}))
    return world


@pytest.mark.parametrize(
    ("platform", "word"), [("linux/amd64", "intel"), ("linux/arm64", "arm"), ("linux/arm64/v8", "arm")]
)
def test_an_index_leads_to_the_image_for_the_platform(two_platforms: World, platform: str, word: str) -> None:
    image = pulled(two_platforms.registry, Name("base", "1"), platform)
    assert image.config.descriptor == image_of(word, "linux/arm64/v8" if word == "arm" else PLATFORM).config.descriptor


def test_describe_tells_the_digest_of_the_index_itself(two_platforms: World) -> None:
    found = two_platforms.registry.describe(Name("base", "1"))
    assert found is not None
    assert found.media_type == media_types.OCI_INDEX
    assert found.digest != pulled(two_platforms.registry, Name("base", "1")).digest
    assert two_platforms.registry.describe(Name("base", digest=found.digest)) == found


def test_a_platform_that_is_not_in_the_index_is_an_error_that_tells_which_are(two_platforms: World) -> None:
    said = refusal(lambda: two_platforms.registry.pull(Name("base", "1"), "linux/s390x"))
    assert "another platform" in said
    assert "linux/amd64, linux/arm64/v8" in said


def test_an_image_for_another_platform_is_an_error(registry: Registry) -> None:
    registry.push(image_of("arm", "linux/arm64"), [TRAINING])
    said = refusal(lambda: registry.pull(TRAINING, "linux/amd64"))
    assert "linux/arm64, but linux/amd64 is wanted" in said


def test_an_index_in_an_index_is_followed_and_a_tower_of_them_is_not(world: World) -> None:
    image = image_of("one")
    world.registry.push(image, [Name("parts", digest=image.digest)])
    content = index_of({PLATFORM: image})
    for level in range(6):
        world.put_index(f"level:{level}", content)
        content = index_of({PLATFORM: Blob.of(content, media_types.OCI_INDEX)})
    assert pulled(world.registry, Name("level", "1")).digest == image.digest
    assert "nested too deeply" in refusal(lambda: world.registry.pull(Name("level", "5"), PLATFORM))


# ---------------------------------------------------------------------------------------------------- referrers


def test_what_was_attached_to_an_image_is_found_by_tag_and_by_digest(registry: Registry) -> None:
    image, note = image_of("one"), artefact_for(image_of("one"), "signed")
    registry.push(image, [TRAINING])
    other = artefact_for(image_of("two"), "not about us")
    registry.push(other, [Name("training", digest=other.digest)])
    registry.push(note, [Name("training", digest=note.digest)])
    for subject in (TRAINING, Name("training", digest=image.digest)):
        (found,) = registry.referrers(subject)
        assert found.digest == note.digest
        assert found.artifact_type == "application/vnd.example.note"
        assert found.annotations == {"note": "signed"}
    attached = pulled(registry, Name("training", digest=note.digest))
    assert attached.layers[0].open().read() == b"signed"


def test_an_attachment_stays_no_environment_and_can_be_deleted(registry: Registry) -> None:
    image, note = image_of("one"), artefact_for(image_of("one"), "signed")
    registry.push(image, [TRAINING])
    registry.push(note, [Name("training", digest=note.digest)])
    assert listed(registry, "training") == {"3": image.digest}
    registry.delete(Name("training", digest=note.digest))
    assert list(registry.referrers(TRAINING)) == []


def test_several_are_kept_together_and_take_the_place_of_others(registry: Registry) -> None:
    image = image_of("one")
    old, new = artefact_for(image, "old"), artefact_for(image, "new")
    at = {note.digest: Name("training", digest=note.digest) for note in (old, new)}
    registry.push_all([(image, [TRAINING, BY_HASH]), (old, [at[old.digest]])])
    assert listed(registry, "training") == {"3": image.digest}
    assert [found.digest for found in registry.referrers(TRAINING)] == [old.digest]
    registry.push_all([(new, [at[new.digest]])], [at[old.digest], Name("training", digest=Digest.of(b"nowhere"))])
    assert [found.digest for found in registry.referrers(TRAINING)] == [new.digest]
    assert registry.describe(at[old.digest]) is None
    registry.push_all((), [at[new.digest]])
    assert list(registry.referrers(TRAINING)) == []
    assert content_of(pulled(registry, BY_HASH)) == content_of(image)


def test_threads_that_attach_at_the_same_time_lose_nothing(registry: Registry) -> None:
    image = image_of("one")
    registry.push(image, [TRAINING])
    notes = [artefact_for(image, f"note {number}") for number in range(12)]
    names = [Name("training", digest=note.digest) for note in notes]
    registry.push_all([(notes[0], [names[0]])])
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda at: registry.push_all([(notes[at], [names[at]])], [names[at - 1]]), range(1, 12)))
    there = {found.digest for found in registry.referrers(TRAINING)}
    assert notes[-1].digest in there
    assert listed(registry, "training") == {"3": image.digest}


# --------------------------------------------------------------------------------------------------- many at once


def test_threads_that_push_at_the_same_time_lose_nothing(registry: Registry) -> None:
    images = {Name("training", str(number)): image_of(f"number-{number}") for number in range(24)}
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda item: registry.push(item[1], [item[0], BY_HASH]), images.items()))
    assert listed(registry, "training") == {name.tag: image.digest for name, image in images.items()}
    assert listed(registry, "envform")[BY_HASH.tag] in {image.digest for image in images.values()}
    for name, image in images.items():
        assert content_of(pulled(registry, name)) == content_of(image)


def test_threads_that_push_the_same_image_agree(registry: Registry) -> None:
    image = image_of("one", layers=3)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda tag: registry.push(image, [Name("training", str(tag))]), range(16)))
    assert listed(registry, "training") == {str(tag): image.digest for tag in range(16)}
    assert content_of(pulled(registry, TRAINING)) == content_of(image)
