from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.backends.format import decode, encode, json_schema
from reconciler.model.definition import Lock
from reconciler.model.diagnostic import StateError
from reconciler.model.digest import Digest
from reconciler.model.state import RecordedOutput, State
from tests.backends.random_states import states
from tests.backends.states import LOCK, state_of

REPOSITORY = Path(__file__).parents[2]
SCHEMA = REPOSITORY / "state" / "schema-v1.json"
STATE = replace(state_of("training", "scoring", serial=7), outputs={"image": RecordedOutput("training:1")})
DATA = encode(STATE, envform_version="0.1.0")
NEXT_STEP = "Do this next."


def read(data: bytes) -> State:
    return decode(data, source="state/default.json", way_out=NEXT_STEP)


def refusal(data: bytes) -> tuple[str, str]:
    with pytest.raises(StateError) as caught:
        read(data)
    (diagnostic,) = caught.value.diagnostics
    return diagnostic.summary, diagnostic.detail


def signed(document: object) -> bytes:
    """A file as somebody would forge it who knows how the checksum is made."""
    body = json.dumps(document, sort_keys=True, indent=2, ensure_ascii=False)[2:] + "\n"
    return f'{{\n  "checksum": "{Digest.of(body.encode())}",\n{body}'.encode()


def document() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(DATA)
    del content["checksum"]
    return content


def test_the_file_is_sorted_indented_and_ends_with_a_newline() -> None:
    content = json.loads(DATA)
    assert DATA.decode() == json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    assert list(content) == [
        "checksum",
        "envform_version",
        "environments",
        "files",
        "lineage",
        "locks",
        "outputs",
        "serial",
        "version",
    ]
    assert (content["version"], content["serial"], content["envform_version"]) == (1, 7, "0.1.0")


def test_what_environments_share_is_kept_once_under_keys_that_people_can_read() -> None:
    other = Lock(LOCK.base, LOCK.platform, LOCK.artefacts[:1])
    content = json.loads(encode(replace(STATE, locks={**STATE.locks, other.digest: other}), envform_version="0.1.0"))
    assert set(content["locks"]) == {LOCK.digest, other.digest}
    numpy, torch = content["locks"][LOCK.digest]["files"]
    assert (numpy[:10], torch[:10]) == ("numpy-1.0-", "torch-1.0-")
    assert content["locks"][other.digest]["files"] == [numpy]
    assert set(content["files"]) == {numpy, torch}


def test_locks_that_are_read_together_share_their_artefacts() -> None:
    other = Lock(LOCK.base, LOCK.platform, LOCK.artefacts[:1])
    state = read(encode(replace(STATE, locks={**STATE.locks, other.digest: other}), envform_version="0.1.0"))
    assert state.locks[other.digest].artefacts[0] is state.locks[LOCK.digest].artefacts[0]


def test_equal_states_make_equal_bytes_whatever_the_order_of_their_mappings() -> None:
    turned = replace(STATE, environments=dict(reversed(list(STATE.environments.items()))))
    assert encode(turned, envform_version="0.1.0") == DATA


@settings(max_examples=60, deadline=None)
@given(states(), st.randoms(use_true_random=False))
def test_every_state_survives_and_is_spelled_one_way(state: State, random: Any) -> None:
    names = list(state.environments)
    random.shuffle(names)
    data = encode(state, envform_version="1.2.3")
    assert read(data) == state
    shuffled = replace(state, environments={name: state.environments[name] for name in names})
    assert encode(shuffled, envform_version="1.2.3") == data


@pytest.mark.parametrize(
    ("data", "summary", "says"),
    [
        (b"", "State file is empty", "holds nothing"),
        (b"\n", "State file is empty", "holds nothing"),
        (bytes(4096), "State file is empty", "holds nothing"),
        (b"environments: []", "State file is damaged", "not valid JSON"),
        (b"\xff\xfe{", "State file is damaged", "not valid JSON"),
        (DATA[:-200], "State file is damaged", "cut short"),
        (DATA.replace(b'"serial": 7', b'"serial": 8'), "State file is damaged", "checksum"),
        (DATA.replace(b'"serial": 7', b'"serial": NaN'), "State file is damaged", "NaN"),
        (DATA.replace(b'"serial": 7', b'"serial": 7, "serial": 7'), "State file is damaged", "twice"),
        (b"[" * 100_000, "State file is damaged", "deep"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "State file is damaged", "deep"),
        (b'{"version": 4, "terraform_version": "1.9"}', "Not an envform state", "Terraform"),
        (b'{"name": "left-pad"}', "Not an envform state", "something else"),
    ],
)
def test_says_what_is_wrong_and_what_to_do(data: bytes, summary: str, says: str) -> None:
    said, detail = refusal(data)
    assert said == summary
    assert "`state/default.json`" in detail
    assert says in detail
    assert NEXT_STEP in detail


def test_a_newer_version_is_named_and_asks_for_an_upgrade() -> None:
    newer = {**document(), "version": 2, "envform_version": "3.1.4", "somethings": {}}
    summary, detail = refusal(signed(newer))
    assert summary == "State was written by a newer envform"
    assert "format version 2" in detail
    assert "envform 3.1.4" in detail
    assert "Upgrade envform" in detail


@pytest.mark.parametrize("version", [0, -1, "1", None, [1]])
def test_a_version_that_never_was_is_damage(version: object) -> None:
    summary, _ = refusal(signed({**document(), "version": version}))
    assert summary == "State file is damaged"


def test_unknown_fields_are_named_with_their_place() -> None:
    content = document()
    content["environments"]["scoring"]["versions"][0]["colour"] = "SECRET"
    content["size"] = 1
    summary, detail = refusal(signed(content))
    assert summary == "State was written by another build of envform"
    assert "environments.scoring.versions.0.colour: unknown field" in detail
    assert "size: unknown field" in detail
    assert "SECRET" not in detail
    assert "A newer build that calls itself 0.1.0 may have written it" in detail
    assert detail.endswith("Use the build that wrote it, or a newer one.")
    summary, detail = refusal(signed({**content, "envform_version": "0.10.0"}))
    assert summary == "State was written by a newer envform"
    assert re.search(
        r"by envform 0\.10\.0, .* this envform, 0\.1\.0, does not know.*size: unknown field", detail, re.DOTALL
    )
    assert "Upgrade envform to 0.10.0" in detail


def test_wrong_types_are_named_with_their_place_and_without_the_value() -> None:
    content = document()
    content["serial"] = "7"
    content["environments"]["scoring"]["versions"][0]["image"] = "s3cr3t"
    content["environments"]["scoring"]["address"] = "s3cr3t"
    summary, detail = refusal(signed(content))
    assert summary == "State file is not valid"
    assert "environments.scoring.versions.0.image:" in detail
    assert "serial: Input should be a valid integer" in detail
    content["environments"] = ["s3cr3t"]
    assert "environments: Input should be" in refusal(signed(content))[1]


def test_many_problems_are_counted_not_listed() -> None:
    summary, detail = refusal(signed({**document(), **{f"field{n}": n for n in range(100)}}))
    assert summary == "State was written by another build of envform"
    assert "and 95 more" in detail


def test_a_name_without_versions_and_a_record_without_its_lock_are_refused() -> None:
    content = document()
    content["environments"]["scoring"]["versions"] = []
    content["locks"] = {}
    _, detail = refusal(signed(content))
    assert "environments.scoring: has no version" in detail
    assert "environments.training: the lock of version 1 is not among the locks" in detail


def test_a_lock_without_one_of_its_files_is_refused() -> None:
    content = document()
    content["files"].popitem()
    assert f"locks.{LOCK.digest}: torch-1.0-" in refusal(signed(content))[1]


def test_what_could_not_be_read_again_is_not_written() -> None:
    with pytest.raises(ValueError, match="the lock of version 1"):
        encode(replace(STATE, locks={}), envform_version="0.1.0")


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(DATA.replace(b"\n", b"\r\n"), id="line ends of another system"),
        pytest.param(json.dumps(json.loads(DATA)).encode(), id="one line"),
        pytest.param(json.dumps(dict(reversed(json.loads(DATA).items()))).encode(), id="other order"),
    ],
)
def test_other_white_space_is_no_damage(changed: bytes) -> None:
    assert read(changed) == STATE


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(DATA) * 8 - 1))
def test_no_flipped_bit_goes_unseen(bit: int) -> None:
    flipped = bytearray(DATA)
    flipped[bit // 8] ^= 1 << bit % 8
    try:
        found = read(bytes(flipped))
    except StateError:
        return
    assert found == STATE  # white space


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(DATA) - 2))
def test_no_truncation_goes_unseen(length: int) -> None:
    assert refusal(DATA[:length])[0] in {"State file is damaged", "State file is empty"}


@settings(max_examples=60, deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.dictionaries(st.text(), x)))
def test_any_other_json_is_refused_in_words(value: object) -> None:
    keys = {"lineage": value, "envform_version": value, "version": value}
    for found in (value, keys, {**keys, "version": 1}, {**document(), "locks": value}, {**document(), "serial": value}):
        summary, _ = refusal(json.dumps(found).encode())
        assert summary.startswith(("State file is", "Not an envform state", "State was written"))


def test_a_lone_surrogate_is_refused_in_words() -> None:
    assert refusal(DATA.replace(b"2026", rb"\ud800"))[0] == "State file is damaged"


def test_the_published_schema_is_the_one_that_is_enforced() -> None:
    spelled = json.dumps(json_schema(), indent=2, sort_keys=True) + "\n"
    assert SCHEMA.read_text() == spelled, f"write it again: {spelled}"


def test_the_schema_knows_every_field_of_a_state() -> None:
    schema = json_schema()
    assert set(json.loads(DATA)) == set(schema["properties"])  # type: ignore[call-overload]
    assert schema["additionalProperties"] is False
    assert re.fullmatch(r"https://json-schema.org/.+", str(schema["$schema"]))
