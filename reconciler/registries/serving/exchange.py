"""What one request asks and how it is answered, without a network."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import field
from typing import BinaryIO

from reconciler.model.frozen import dataclass

JSON = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request. The body is read by whom it concerns; `length` is None where it is not told."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: BinaryIO
    length: int | None = 0


@dataclass(frozen=True, slots=True)
class Content:
    """A body that is sent while it is read: so many bytes from a place in a stream."""

    stream: BinaryIO
    length: int


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; to a HEAD its body is not sent, but measured."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | Content = b""


class RefusalError(Exception):
    """An answer that says no, in the protocol's words."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        errors = [{"code": code, "message": message, "detail": None}]
        body = json.dumps({"errors": errors}).encode() + b"\n"
        self.reply = Reply(status, {"Content-Type": JSON, **(headers or {})}, body)


def unsupported(message: str) -> RefusalError:
    """What this registry never does."""
    return RefusalError(405, "UNSUPPORTED", message)
