"""Whatever goes wrong on the way to a real registry, with whichever request: a right result, or an error that says so.

`ENVFORM_TEST_LONG=1` does each act again and again, each time with the next of its requests gone wrong, until it has
no more of them; else one is drawn.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import count

import pytest

from reconciler.model.diagnostic import RegistryError
from reconciler.model.digest import Digest
from reconciler.oci.reference import Name
from reconciler.registries.remote import RemoteRegistry
from reconciler.registries.remote_client import Client
from tests.conformance.images import PLATFORM, artefact_for, content_of, image_of
from tests.registries.between import Between, Heard, corrupt, huge, silent, status
from tests.registries.scripted import Act, Scripted, scripted
from tests.services.registry import RegistryServer

IMAGE = image_of("one", layers=2)
OLD = image_of("old")
NOTE = artefact_for(IMAGE, "signed")
TRAINING = Name("training", "3")
LONG = bool(os.environ.get("ENVFORM_TEST_LONG"))
PAGE = b"<html><body>Welcome to the hotel</body></html>"
SUMMARIES = {
    "Registry cannot be reached",
    "Registry refuses access",
    "Registry failed",
    "Registry answers unintelligibly",
    "Registry sends requests elsewhere",
    "Registry does not do this",
    "Content in the registry is corrupt",
    "Image cannot be understood",
    "Image is incomplete",
}
numbers = count()


@pytest.fixture
def between(registry_server: RegistryServer) -> Iterator[Between]:
    with scripted(Between(registry_server.host)) as started:
        yield started


@pytest.fixture
def other() -> Iterator[Scripted]:
    """A host that nobody was told to trust, and that has an answer for all that comes."""
    with scripted(Scripted()) as started:
        started.on(".*", ".*", lambda ask: ask.reply(200, b"{}", Content_Type="application/json"))
        yield started


def direct(server: RegistryServer, namespace: str) -> RemoteRegistry:
    """The registry without anything between."""
    return RemoteRegistry(Client(server.host), namespace)


@pytest.fixture(scope="module")
def namespace(registry_server: RegistryServer) -> str:
    """One that holds an image with something attached to it."""
    registry = direct(registry_server, "read")
    registry.push(IMAGE, [TRAINING, Name("training", "latest")])
    registry.push(NOTE, [Name("training", digest=NOTE.digest)])
    return "read"


def an_answer(code: int, retry_after: str = "") -> Callable[[Between, Scripted], Act]:
    return lambda _between, _other: status(code, Retry_After=retry_after)


def elsewhere(_: Between, other: Scripted) -> Act:
    """Sends everything away, uploads by the place where they are said to go on."""
    place = f"http://{other.host}/taken?signature=abc"
    return lambda ask: ask.reply(307 if ask.command in ("GET", "HEAD") else 202, Location=place)


def lying(heard: Heard) -> Heard:
    return heard.told(**{"Docker-Content-Digest": Digest.of(b"lie")}) if heard.status < 400 else heard


FAULTS: dict[str, Callable[[Between, Scripted], Act]] = {
    **{str(code): an_answer(code) for code in (400, 401, 403, 500, 502, 503, 504)},
    "429 after seconds": an_answer(429, "3"),
    "429 after a date": lambda *_: status(429, Retry_After=format_datetime(datetime.now(UTC) + timedelta(seconds=9))),
    "429 after an age": an_answer(429, "99999999999999999999"),
    "429 before now": an_answer(429, "-3"),
    "a reset": lambda *_: lambda ask: ask.reset(),
    "no answer": lambda *_: silent,
    "an answer that is lost": lambda between, _: between.lost,
    "a truncated answer": lambda between, _: between.truncated,
    "a corrupt byte": lambda between, _: between.changed(corrupt),
    "another digest": lambda between, _: between.changed(lying),
    "a page": lambda *_: status(200, PAGE, Content_Type="text/html"),
    "a page that is said to be created": lambda *_: status(201, PAGE, Content_Type="text/html"),
    "a page that says 404": lambda *_: status(404, PAGE, Content_Type="text/html"),
    "a loop": lambda *_: lambda ask: ask.reply(307, Location=ask.path),
    "another host": elsewhere,
    "pages elsewhere": lambda between, other: between.changed(
        lambda heard: heard.told(Link=f'<http://{other.host}/v2/next>; rel="next"')
    ),
    "pages without end": lambda between, _: between.changed(lambda heard: heard.told(Link='<?again=1>; rel="next"')),
    "a gigabyte": lambda *_: huge,
}
# What goes by itself must leave nothing but the right result, were it not for tags: whoever sets one once more could
# undo what somebody else has set meanwhile.
PASSING = [name for name in FAULTS if name[0] == "5" or name.startswith(("429", "a reset", "no answer", "an answer"))]


# What differs only in its number goes wrong for ever in one of its forms.
LASTING = [name for name in FAULTS if name not in ("400", "403", "500", "502", "504") and not name.startswith("429 a")]
CASES = [
    *(pytest.param(name, False, id=f"{name}, once") for name in FAULTS),
    *(pytest.param(name, True, id=f"{name}, for ever") for name in LASTING),
]


def described(registry: RemoteRegistry) -> None:
    """What a header says that was changed on the way is not there, and so a survey finds it out."""
    found = registry.describe(TRAINING)
    assert found is not None
    assert found == IMAGE.descriptor or registry.describe(Name("training", digest=found.digest)) is None


def described_by_digest(registry: RemoteRegistry) -> None:
    assert registry.describe(Name("training", digest=IMAGE.digest)) == IMAGE.descriptor


def described_many(registry: RemoteRegistry) -> None:
    names = [Name("training", digest=image.digest) for image in (IMAGE, NOTE)]
    assert list(registry.describe_many(names).values()) == [IMAGE.descriptor, NOTE.descriptor]


def listed(registry: RemoteRegistry) -> None:
    """Nobody can verify a list; so a survey asks for what it leaves out."""
    tags = registry.list("training")
    assert tags.keys() == {"3", "latest"} or len("".join(tags)) >= len("3latest")


def pulled(registry: RemoteRegistry) -> None:
    image = registry.pull(TRAINING, PLATFORM)
    assert image is not None
    assert content_of(image) == content_of(IMAGE)


def nothing_missing(registry: RemoteRegistry) -> None:
    assert registry.missing(TRAINING) == ()


def attached(registry: RemoteRegistry) -> None:
    assert [found.digest for found in registry.referrers(TRAINING)] == [NOTE.digest]


# with how many requests each of them has at the least
READS = {
    described: 2,
    described_by_digest: 2,
    described_many: 3,
    listed: 2,
    pulled: 6,
    nothing_missing: 5,
    attached: 4,
}


def tried(act: Callable[[RemoteRegistry], None], registry: RemoteRegistry) -> RegistryError | None:
    try:
        act(registry)
    except RegistryError as error:
        (problem,) = error.diagnostics
        assert problem.summary in SUMMARIES
        assert "missing" not in problem.summary
        for secret in ("pa:ss", "signature", "Welcome"):
            assert secret not in f"{problem.detail}{problem.hint}"
        return error
    return None


def unharmed(other: Scripted) -> None:
    for asked in other.asked:
        assert "Authorization" not in asked.headers
        assert b"pa:ss" not in asked.body


def requests(act: object, fault: str, most: int) -> Iterator[int]:
    """Which requests are to go wrong; those that are drawn are the same in each run."""
    drawn = random.Random(f"{act} {fault}")
    return iter(range(100)) if LONG else iter((drawn.randrange(most),))


def patience(fault: str, lasts: bool) -> float:
    """Short only where nothing else ends the wait; a busy machine must not look like one that is silent."""
    return 10.0 if fault != "no answer" else 0.1 if lasts else 0.5


@pytest.mark.parametrize(("fault", "lasts"), CASES)
def test_what_is_there_is_read_or_not_known_but_never_missing(
    between: Between, other: Scripted, namespace: str, fault: str, lasts: bool
) -> None:
    for act, most in READS.items():
        for number in requests(act.__name__, fault, most):
            between.goes_wrong(FAULTS[fault](between, other), number, lasts=lasts)
            error = tried(act, between.client(namespace, timeout=patience(fault, lasts)))
            if not between.struck:
                assert error is None
                assert number >= most
                break
            assert lasts or fault not in PASSING or error is None
    unharmed(other)


def pushed(registry: RemoteRegistry) -> None:
    assert registry.push(OLD, [Name("scoring", "1"), Name("envform", "ab")]) == OLD.descriptor


def moved(registry: RemoteRegistry) -> None:
    registry.push(OLD, [TRAINING])


def noted(registry: RemoteRegistry) -> None:
    note = artefact_for(IMAGE, "scanned")
    registry.push(note, [Name("training", digest=note.digest)])


WRITES = {pushed: 14, moved: 8, noted: 9}


@pytest.mark.parametrize(("fault", "lasts"), CASES)
def test_what_was_pushed_is_there_and_whole_or_nothing_is_named(
    between: Between, other: Scripted, registry_server: RegistryServer, fault: str, lasts: bool
) -> None:
    for act, most in WRITES.items():
        for number in requests(act.__name__, fault, most):
            space = f"w{next(numbers)}"
            direct(registry_server, space).push(IMAGE, [TRAINING])
            between.goes_wrong(FAULTS[fault](between, other), number, lasts=lasts)
            error = tried(act, between.client(space, timeout=patience(fault, lasts)))
            struck = between.struck
            whole(direct(registry_server, space))
            if not struck:
                assert error is None
                assert number >= most
                break
            if error is not None and not lasts and fault in PASSING:
                assert error.temporary
                assert between.asked[number].path.rpartition("/")[2] in ("1", "ab", "3", f"sha256-{IMAGE.digest.hex}")
    unharmed(other)


def whole(registry: RemoteRegistry) -> None:
    """Every tag leads to one of the two images, of which nothing is missing."""
    tags = [
        Name(repository, tag) for repository in ("training", "scoring", "envform") for tag in registry.list(repository)
    ]
    assert TRAINING in tags
    for name in tags:
        image = registry.pull(name, PLATFORM)
        assert image is not None
        assert content_of(image) in (content_of(IMAGE), content_of(OLD))


def test_a_slow_body_is_waited_for(between: Between, namespace: str) -> None:
    between.goes_wrong(between.slow, lasts=True)
    pulled(between.client(namespace))


def test_a_body_that_is_far_too_slow_is_not(between: Between, namespace: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reconciler.registries.remote_transport._GRACE", 0.02)
    monkeypatch.setattr("reconciler.registries.remote_transport._SLOWEST", 1 << 30)
    between.goes_wrong(between.slow, lasts=True)
    error = tried(pulled, between.client(namespace))
    assert error is not None
    assert "slowly" in str(error.diagnostics[0].detail)
