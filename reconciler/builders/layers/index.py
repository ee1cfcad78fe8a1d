"""What is known of wheels and of base images, so that nothing is fetched or read a second time.

All of it can be made anew from what it is about. An entry that does not match its own checksum is not there, and a
file that is no database any more is begun again.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from reconciler.oci.strict_json import JsonObject

_TABLE = "CREATE TABLE IF NOT EXISTS known (key TEXT PRIMARY KEY, value BLOB NOT NULL, checksum TEXT NOT NULL)"
_PATIENCE = 60.0
_SUM_DIGITS = 32
_ASKED_AT_ONCE = 500
_Answer = TypeVar("_Answer")


class Index:
    """JSON objects by key, in one file that threads and processes share."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def get(self, keys: Iterable[str]) -> Mapping[str, JsonObject]:
        """The entries that are there."""
        wanted = list(dict.fromkeys(keys))
        found: dict[str, JsonObject] = {}
        for start in range(0, len(wanted), _ASKED_AT_ONCE):
            for key, value, checksum in self._rows(wanted[start : start + _ASKED_AT_ONCE]):
                if isinstance(value, bytes) and _checksum(str(key), value) == checksum:
                    found[str(key)] = json.loads(zlib.decompress(value))
        return found

    def put(self, key: str, value: object) -> None:
        """Keep an entry, in place of what was there."""
        self.put_all({key: value})

    def put_all(self, values: Mapping[str, object]) -> None:
        """Keep several."""
        rows = []
        for key, value in values.items():
            packed = zlib.compress(json.dumps(value, separators=(",", ":")).encode(), 1)
            rows.append((key, packed, _checksum(key, packed)))
        insert = "INSERT OR REPLACE INTO known VALUES (?, ?, ?)"
        self._run(lambda database: database.executemany(insert, rows).close())

    def forget(self, key: str) -> None:
        """Do not know this any more."""
        self._run(lambda database: database.execute("DELETE FROM known WHERE key = ?", (key,)).close())

    def _rows(self, keys: list[str]) -> list[tuple[object, object, object]]:
        marks = ",".join("?" * len(keys))
        query = f"SELECT key, value, checksum FROM known WHERE key IN ({marks})"  # noqa: S608 - question marks only
        return self._run(lambda database: database.execute(query, keys).fetchall())

    def _run(self, work: Callable[[sqlite3.Connection], _Answer]) -> _Answer:
        try:
            with self._connected() as database:
                return work(database)
        except sqlite3.OperationalError:  # locked, or the disk is full: the file itself is well
            raise
        except sqlite3.DatabaseError:
            with suppress(FileNotFoundError):
                self._path.unlink()
            with self._connected() as database:
                return work(database)

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self._path, timeout=_PATIENCE)) as database, database:
            database.execute("PRAGMA synchronous = OFF")
            database.execute(_TABLE)
            yield database


def _checksum(key: str, packed: bytes) -> str:
    return hashlib.sha256(key.encode() + b"\0" + packed).hexdigest()[:_SUM_DIGITS]
