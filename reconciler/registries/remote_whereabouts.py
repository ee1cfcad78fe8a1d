"""What this run has learnt about which repositories of a registry hold which content."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock

from reconciler.model.digest import Digest


class Whereabouts:
    """`sure` is what a registry has said or we have sent; the rest is hearsay, good enough to mount from."""

    def __init__(self) -> None:
        self._places: defaultdict[Digest, dict[str, bool]] = defaultdict(dict)
        self._begun: dict[tuple[str, Digest], Future[None]] = {}
        self._mutex = Lock()

    def note(self, digest: Digest, repository: str, *, sure: bool) -> None:
        """It is there, or should be."""
        with self._mutex:
            places = self._places[digest]
            places[repository] = sure or places.get(repository, False)

    def is_in(self, digest: Digest, repository: str) -> bool:
        """Whether that is sure."""
        return self._places.get(digest, {}).get(repository, False)

    def another(self, digest: Digest, repository: str) -> str:
        """A repository to mount from; the surest, or none."""
        with self._mutex:
            places = {place: sure for place, sure in self._places.get(digest, {}).items() if place != repository}
        return max(places, key=lambda place: places[place], default="")

    def forget(self, digest: Digest) -> None:
        """Somebody has taken it away."""
        with self._mutex:
            self._places.pop(digest, None)

    def once(self, digest: Digest, repository: str, bring: Callable[[], None]) -> None:
        """Bring content that is not known to be there; many that want the same at the same time wait for one."""
        own: Future[None] = Future()
        key = repository, digest
        with self._mutex:
            found = self._begun.setdefault(key, own)
        if found is not own:
            found.result()
            return
        try:
            if not self.is_in(digest, repository):
                bring()
            self.note(digest, repository, sure=True)
            own.set_result(None)
        except BaseException as error:
            own.set_exception(error)
            raise
        finally:
            with self._mutex:
                del self._begun[key]
