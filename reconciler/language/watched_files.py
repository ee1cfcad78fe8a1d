"""Files with the same face that remember what was asked of them: later one can tell whether all is as it was."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import field
from typing import Literal, TypeVar

from reconciler.language.files import Files, TreeEntry
from reconciler.language.span import RefusedError
from reconciler.model.digest import Digest
from reconciler.model.frozen import dataclass

Answer = TypeVar("Answer")
Asked = dict[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class WatchedFiles:
    """`asked` has a digest of the answer for each question, refusals too; a question is a method and a name."""

    inner: Files
    asked: Asked = field(default_factory=dict)

    def content(self, name: str) -> bytes:
        """The bytes of a file."""
        return self._noted("content", name, self.inner.content, lambda content: content)

    def text(self, name: str) -> str:
        """The text of a file."""
        return self._noted("text", name, self.inner.text, lambda text: text.encode(errors="surrogatepass"))

    def digest(self, name: str) -> Digest:
        """What a file hashes to."""
        return self._noted("digest", name, self.inner.digest, lambda digest: digest.encode())

    def kind(self, name: str) -> Literal["file", "folder"] | None:
        """What is under a name."""
        return self._noted("kind", name, self.inner.kind, lambda kind: repr(kind).encode())

    def tree(self, folder: str) -> Sequence[TreeEntry]:
        """All that lies below a folder."""
        return self._noted("tree", folder, self.inner.tree, _listed)

    def _noted(
        self, method: str, name: str, ask: Callable[[str], Answer], spelled: Callable[[Answer], bytes]
    ) -> Answer:
        try:
            answer = ask(name)
        except RefusedError as error:
            self.asked[method, name] = _short(
                b"refused\n" + f"{error.summary}\n{error.detail}".encode(errors="replace")
            )
            raise
        self.asked[method, name] = _short(b"given\n" + spelled(answer))
        return answer


def is_unchanged(files: Files, asked: Iterable[tuple[str, str, str]]) -> bool:
    """Whether the files give the same answers still."""
    watched = WatchedFiles(files)
    questions: dict[str, Callable[[str], object]] = {
        "content": watched.content,
        "text": watched.text,
        "digest": watched.digest,
        "kind": watched.kind,
        "tree": watched.tree,
    }
    for method, name, answer in asked:
        with suppress(RefusedError):  # an answer like any other
            questions[method](name)
        if watched.asked[method, name] != answer:
            return False
    return True


def _listed(entries: Sequence[TreeEntry]) -> bytes:
    return repr([(e.name, e.kind, e.executable, e.size, e.target) for e in entries]).encode(errors="surrogatepass")


def _short(answer: bytes) -> str:
    return hashlib.sha256(answer).hexdigest()
