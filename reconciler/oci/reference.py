"""Where an image is called for: references, checked here and never by asking a registry."""

from __future__ import annotations

from typing import Self

from reconciler.model.digest import Digest
from reconciler.model.frozen import dataclass
from reconciler.oci import reference_rules as rules

LAYOUT = "oci:"
DAEMON = "docker-daemon:"
_DEFAULT_TAG = "latest"
_HUB_OWNER = "library/"


@dataclass(frozen=True, slots=True)
class Name:
    """An image inside one registry: a repository with a tag, a digest, or both (then the digest decides)."""

    repository: str
    tag: str = ""
    digest: Digest | None = None

    def __str__(self) -> str:
        return f"{self.ref}@{self.digest}" if self.digest else self.ref

    @property
    def ref(self) -> str:
        """Repository and tag as one word, which is how an image layout spells them."""
        return ":".join(part for part in (self.repository, self.tag) if part)

    @classmethod
    def of_ref(cls, ref: str, digest: Digest | None = None) -> Self:
        """The name that a layout's ref stands for: what follows the last colon is the tag."""
        repository, _, tag = ref.rpartition(":")
        return cls("", ref, digest) if "/" in tag else cls(repository, tag, digest)


@dataclass(frozen=True, slots=True)
class Reference:
    """A whole image reference: which registry (`oci:DIR`, `HOST[:PORT]`, `docker-daemon:`), and the name in it."""

    registry: str
    name: Name

    @classmethod
    def parse(cls, text: str) -> Self:
        """The reference that a text spells; ValueError says in a full sentence what is wrong with it."""
        what = "An image reference"
        rules.check_text(text, what)
        spelled, digest = rules.split_digest(text, what)
        if spelled.startswith(LAYOUT):
            return cls(*_in_layout(spelled.removeprefix(LAYOUT), digest))
        if spelled.startswith(DAEMON):
            return cls(DAEMON, _familiar(*_in_registry(spelled.removeprefix(DAEMON), digest)))
        return cls(*_in_registry(spelled, digest))

    def __str__(self) -> str:
        if self.registry.startswith(LAYOUT):
            return f"{self.registry}:{self.name}" if self.name.ref else f"{self.registry}{self.name}"
        return f"{self.registry}{self.name}" if self.registry == DAEMON else f"{self.registry}/{self.name}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a workspace keeps its images: a layout folder, or a namespace of a registry."""

    registry: str
    namespace: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """The place that `oci:DIR` or `HOST[:PORT]/NAMESPACE` spells; ValueError says what is wrong with it."""
        rules.check_text(text, "A registry")
        if "@" in text:
            raise ValueError("A registry is written without `@`: neither digests nor credentials belong there.")
        if text.startswith(LAYOUT):
            return cls(LAYOUT + rules.parse_folder(text.removeprefix(LAYOUT)))
        head, _, namespace = text.partition("/")
        if not rules.looks_like_host(head) or not namespace or rules.looks_like_path(text):
            raise ValueError(
                f"{rules.shown(text)} is not a registry that images can be kept in: write `oci:DIR` for a folder, as "
                "in `oci:./registry`, or `HOST/NAMESPACE`, as in `registry.example.com/team`."
            )
        host = rules.parse_host(head)
        rules.check_repository(host, namespace)
        return cls(host, namespace)

    def repository(self, name: str) -> str:
        """The repository that keeps images of this name here."""
        return f"{self.namespace}/{name}" if self.namespace else name

    def __str__(self) -> str:
        return f"{self.registry}/{self.namespace}" if self.namespace else self.registry


def _in_layout(spelled: str, digest: Digest | None) -> tuple[str, Name]:
    folder, colon, ref = spelled.partition(":")
    registry = LAYOUT + rules.parse_folder(folder)
    if colon:
        rules.check_ref(ref)
        return registry, Name.of_ref(ref, digest)
    if digest is None:
        raise ValueError(
            f"`{registry}` names a whole image layout; say which image in it, as in `{registry}:base` or "
            f"`{registry}:training:3`."
        )
    return registry, Name("", "", digest)


def _in_registry(spelled: str, digest: Digest | None) -> tuple[str, Name]:
    if " " in spelled:
        raise ValueError("An image reference may not hold white space.")
    if rules.looks_like_path(spelled):
        raise ValueError(f"{rules.shown(spelled)} looks like a folder; an image in a folder is written `oci:DIR:REF`.")
    head, slash, rest = spelled.partition("/")
    hosted = bool(slash) and rules.looks_like_host(head)
    host, path = (rules.parse_host(head), rest) if hosted else (rules.DOCKER_HUB, spelled)
    repository, tag = path, "" if digest else _DEFAULT_TAG
    if ":" in path.rpartition("/")[2]:
        repository, _, tag = path.rpartition(":")
        rules.check_tag(tag)
    rules.check_repository(host, path if path.startswith("sha256:") else repository)
    if host == rules.DOCKER_HUB and "/" not in repository:
        repository = _HUB_OWNER + repository
    return host, Name(repository, tag, digest)


def _familiar(host: str, name: Name) -> Name:
    """The name as a Docker engine lists it: Docker Hub's host and owner left out."""
    if host != rules.DOCKER_HUB:
        return Name(f"{host}/{name.repository}", name.tag, name.digest)
    owner, _, rest = name.repository.partition("/")
    if rules.looks_like_host(owner):
        return Name(f"{host}/{name.repository}", name.tag, name.digest)
    short = rest if owner == "library" and "/" not in rest else name.repository
    return Name(short, name.tag, name.digest)
