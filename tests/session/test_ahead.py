"""Layers that are sent before their image is finished: nobody waits for that, and nothing depends on it."""

from __future__ import annotations

from concurrent.futures import CancelledError
from pathlib import Path
from threading import Event
from typing import BinaryIO

from reconciler.builders.attempt import Attempt
from reconciler.model.diagnostic import RegistryError
from reconciler.model.publication import CACHE
from reconciler.oci import media_types
from reconciler.oci.image import Blob
from reconciler.registries.memory import MemoryRegistry
from reconciler.session.ahead import Ahead
from tests.builders.building import Workshop, recipe
from tests.builders.making_wheels import TinyWheel
from tests.builders.small_bases import python_base

PATIENCE = 30.0


def test_each_layer_of_packages_is_told_of_when_it_is_made_and_not_again(tmp_path: Path) -> None:
    big = TinyWheel({"big.py": bytes(range(256)) * 8192}, name="big", stored=("big.py",)).write(tmp_path)
    small = TinyWheel({"small.py": "1"}, name="small").write(tmp_path)
    workshop, told = Workshop(tmp_path / "cache", tmp_path), list[Blob]()
    wanted = recipe(python_base(), [big, small])
    image = workshop.builder.build(wanted, python_base(), Attempt(workshop.events.append, made=told.append))
    assert [it.descriptor for it in told] == [it.descriptor for it in image.layers[-2:]]
    workshop.builder.build(wanted, python_base(), Attempt(workshop.events.append, made=told.append))
    assert len(told) == 2


def test_a_layer_goes_where_the_image_will_be_looked_for() -> None:
    registry, layer = MemoryRegistry(), Blob.of(b"layer", media_types.OCI_LAYER)
    ahead = Ahead(lambda: registry)
    ahead.send(layer)
    ahead._threads.shutdown()
    assert (registry.requests, registry.blobs) == ([f"bring {CACHE}"], {layer.descriptor.digest: b"layer"})


class Trouble(MemoryRegistry):
    """Takes nothing; or begins to read, and waits until it may go on."""

    def __init__(self, *, refuses: bool) -> None:
        super().__init__()
        self.refuses = refuses
        self.begun, self.go_on = Event(), Event()
        self.raised: list[BaseException] = []

    def bring(self, _repository: str, content: Blob) -> None:
        self.begun.set()
        if self.refuses:
            raise RegistryError("Refused", "Not by you.")
        try:
            with content.open() as stream:
                assert stream.read(2) == b"la"
                assert self.go_on.wait(PATIENCE)
                stream.read(2)
        except CancelledError as error:
            self.raised.append(error)
            raise


def test_what_goes_wrong_is_left_to_the_push() -> None:
    registry = Trouble(refuses=True)
    ahead = Ahead(lambda: registry)
    ahead.send(Blob.of(b"layer", media_types.OCI_LAYER))
    assert registry.begun.wait(PATIENCE)
    ahead.close()


def test_the_rest_is_not_sent_once_it_is_over() -> None:
    registry, opened = Trouble(refuses=False), list[BinaryIO]()
    layer = Blob.of(b"layer", media_types.OCI_LAYER)

    def watched() -> BinaryIO:
        opened.append(layer.open())
        return opened[-1]

    ahead = Ahead(lambda: registry)
    ahead.send(Blob(layer.descriptor, watched))
    assert registry.begun.wait(PATIENCE)
    ahead.close()
    ahead.send(layer)
    registry.go_on.set()
    ahead._threads.shutdown()
    assert (len(registry.raised), [it.closed for it in opened]) == (1, [True])
