"""What is seen of each kind of drift at each level, in a folder and in a registry on a network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from reconciler.model.digest import Digest
from reconciler.oci.reference import Name
from reconciler.protocols import Registry
from reconciler.registries import open_registry
from tests.cli.terminal import Envform
from tests.conformance.images import image_of
from tests.registries.scripted import Scripted, scripted
from tests.services.registry import RegistryServer

IMAGE = image_of("base", layers=2)
(LAYER, *_) = (layer.descriptor.digest for layer in IMAGE.layers)
COMMANDS = (("drift",), ("plan", "-detailed-exitcode"))  # the first wants to look
LEVELS = ("none", "list", "digests", "deep")


@dataclass(frozen=True)
class World:
    """A workspace with one environment, published, and where its content is kept."""

    registry: Registry
    kept: Callable[[Digest], Path]
    at_hand: bool

    @property
    def by_hash(self) -> Name:
        (tag,) = self.registry.list("envform")
        return Name("envform", tag)

    def delete_image(self) -> None:
        self.registry.delete(self.by_hash)

    def delete_version(self) -> None:
        self.registry.delete(Name("training", "1"))

    def move_tag(self) -> None:
        self.registry.push(image_of("evil"), [Name("training", "latest")])

    def move_image(self) -> None:
        self.registry.push(image_of("evil"), [self.by_hash])

    def lose_layer(self) -> None:
        self.kept(LAYER).unlink()

    def push_another(self) -> None:
        self.registry.push(image_of("other"), [Name("training", "2"), Name("scoring", "1"), Name("envform", "f" * 32)])


# what is seen at which levels on a network, at which in a folder, and how it is told
KINDS: dict[str, tuple[tuple[str, ...], tuple[str, ...], str]] = {
    "delete_image": (LEVELS[1:], LEVELS[1:], "is missing from the registry"),
    "delete_version": (LEVELS[2:], LEVELS[1:], "training:1 is missing from the registry"),
    "move_tag": (LEVELS[2:], LEVELS[1:], "training:latest points at"),
    "move_image": (LEVELS[2:], LEVELS[1:], "points at"),
    "lose_layer": (LEVELS[3:], LEVELS[3:], LAYER.short),
    "push_another": ((), (), ""),
}


@pytest.fixture(params=["network", "folder"])
def world(request: pytest.FixtureRequest, registry_server: RegistryServer, tmp_path: Path, envform: Envform) -> World:
    open_registry("oci:images", tmp_path).push(IMAGE, [Name("", "base")])
    space = f"d{abs(hash(request.node.nodeid))}"
    place = f"{registry_server.host}/{space}" if request.param == "network" else "oci:./registry"
    blobs = registry_server.storage / "docker/registry/v2/blobs/sha256"
    (tmp_path / "main.hcl").write_text(
        f'envform {{\n  registry = "{place}"\n}}\nenvironment "training" {{\n  image = "oci:images:base"\n}}\n'
    )
    done = envform("apply", "-auto-approve")
    assert done.exit_code == 0, done.stderr
    return World(
        open_registry(place, tmp_path),
        (lambda digest: blobs / digest.hex[:2] / digest.hex / "data")
        if request.param == "network"
        else (lambda digest: tmp_path / "registry/blobs/sha256" / digest.hex),
        request.param == "folder",
    )


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_drift_is_seen_from_its_level_on_and_mended(world: World, envform: Envform, kind: str) -> None:
    far, near, told = KINDS[kind]
    content = world.kept(LAYER).read_bytes()
    getattr(world, kind)()
    try:
        for level in LEVELS:
            expected = level in (near if world.at_hand else far)
            for command in COMMANDS[level == "none" :]:
                done = envform(*command, f"-refresh={level}")
                assert done.exit_code == (2 if expected else 0), (command, level, done.stdout, done.stderr)
                assert (told in done.stdout) is (expected or not told), (command, level, done.stdout)
                assert "scoring" not in done.stdout
        deepest = (near if world.at_hand else far)[-1:]
        for level in deepest:
            assert envform("apply", "-auto-approve", f"-refresh={level}").exit_code == 0
            assert envform("drift", "-refresh=deep").exit_code == 0
    finally:
        if not world.at_hand:
            world.kept(LAYER).write_bytes(content)  # other tests share the server's pool of content


def test_what_others_pushed_is_told_to_whoever_asks_for_it(world: World, envform: Envform) -> None:
    world.push_another()
    shown = envform("plan", "-orphans").stdout
    rows = [line.split()[:2] for line in shown.splitlines()]
    assert "3 images in the registry belong to no record" in shown
    for row in (["training", "2"], ["scoring", "1"], ["envform", "f" * 32]):
        assert row in rows


@pytest.mark.parametrize("world", ["network"], indirect=True)
@pytest.mark.parametrize("code", [401, 403, 429, 500, 503])
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.usefixtures("world")
def test_a_registry_that_refuses_is_unknown_at_each_level(
    tmp_path: Path, envform: Envform, monkeypatch: pytest.MonkeyPatch, code: int, level: str
) -> None:
    monkeypatch.setattr("reconciler.registries.remote_retry._TRIES", 1)
    with scripted(Scripted()) as server:
        server.on(".*", ".*", lambda ask: ask.reply(code))
        place = f'registry = "{server.host}/other"'
        text = (tmp_path / "main.hcl").read_text().splitlines()
        (tmp_path / "main.hcl").write_text("\n".join([text[0], place, *text[2:]]))
        for command in COMMANDS[level == "none" :]:
            done = envform(*command, f"-refresh={level}")
            said = " ".join((done.stdout + done.stderr).split())
            assert done.exit_code == (0 if level == "none" else 1), said
            assert (f"answers {code}" in said) is (level != "none")
            assert "missing" not in done.stdout


@pytest.mark.parametrize("world", ["folder"], indirect=True)
@pytest.mark.parametrize("level", LEVELS[1:])
@pytest.mark.usefixtures("world")
def test_a_folder_that_cannot_be_read_is_unknown_at_each_level(tmp_path: Path, envform: Envform, level: str) -> None:
    for content in ("{", "[]", '{"schemaVersion": 2, "manifests": 3}', ""):
        (tmp_path / "registry" / "index.json").write_text(content)
        for command in ("drift", "plan"):
            done = envform(command, f"-refresh={level}")
            assert done.exit_code == 1, (content, done.stdout)
            assert "missing" not in done.stdout
