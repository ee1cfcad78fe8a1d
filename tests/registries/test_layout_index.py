"""What is written of an index is what it says, however it came to say that."""

from __future__ import annotations

import json
import random

import pytest

from reconciler.model.digest import Digest
from reconciler.oci import media_types
from reconciler.oci.descriptor import Descriptor
from reconciler.registries.layout_index import LayoutIndex

ATTACHED = "application/vnd.example"


def manifest(number: int, artifact_type: str = "") -> Descriptor:
    digest = Digest.of(f"{artifact_type}{number}".encode())
    return Descriptor(media_types.OCI_MANIFEST, digest, number, artifact_type=artifact_type)


@pytest.mark.parametrize("seed", range(20))
def test_an_index_reads_as_it_was_written_after_any_changes(seed: int) -> None:
    drawn = random.Random(seed)
    index = LayoutIndex.parse(b'{"schemaVersion": 2, "manifests": [], "annotations": {"of": "others"}}')
    for step in range(40):
        match drawn.randrange(5):
            case 0:
                index = index.without_digests([manifest(drawn.randrange(step + 1)).digest])
            case 1:
                index = index.without_ref(f"e{drawn.randrange(step + 1)}:1")
            case 2:
                index = index.with_all([(manifest(drawn.randrange(step + 1)), [])])
            case _:
                new = range(step, step + drawn.randrange(4))
                named = [(manifest(one), [f"e{one}:1", f"e{one}:latest"]) for one in new]
                index = index.with_all([*named, *((manifest(one, ATTACHED), []) for one in new)])
        read = LayoutIndex.parse(b"".join(index.spelled()))
        assert [entry.value for entry in read.entries] == [entry.value for entry in index.entries]
        assert read.frame == index.frame


def test_an_index_is_written_in_few_pieces_however_many_pushes_made_it() -> None:
    index = LayoutIndex.empty()
    for number in range(300):
        index = index.with_all([(manifest(number), [f"e{number}:1"])])
    assert len(index.spelled()) < 30
    assert len(json.loads(b"".join(index.spelled()))["manifests"]) == 300
