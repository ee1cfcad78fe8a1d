"""Many questions at once: each thread takes the next one that is left."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TypeVar

from reconciler.registries.remote_line import Line

Key = TypeVar("Key")
Found = TypeVar("Found")


def answers(
    keys: Iterable[Key], ask: Callable[[Key, Line], Found], line: Callable[[], Line], at_once: int
) -> Mapping[Key, Found]:
    """What was found for each key, each thread with a line of its own; after the first error nothing more is asked."""
    left = deque(keys)
    found: dict[Key, Found] = {}

    def work() -> None:
        with closing(line()) as own:
            while True:
                try:
                    key = left.popleft()
                except IndexError:
                    return
                try:
                    found[key] = ask(key, own)
                except BaseException:
                    left.clear()
                    raise

    threads = min(at_once, len(left))
    if threads:
        with ThreadPoolExecutor(threads) as pool:
            working = [pool.submit(work) for _ in range(threads)]
            try:
                for done in working:
                    done.result()
            except BaseException:
                left.clear()  # Ctrl-C comes here only
                raise
    return found
