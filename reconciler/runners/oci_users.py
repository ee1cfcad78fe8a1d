"""As whom a container's process runs: what an image calls its user, looked up in the image's own files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from reconciler.model.diagnostic import RunError
from reconciler.model.frozen import dataclass
from reconciler.model.suggestion import did_you_mean
from reconciler.oci.strict_json import ContentError
from reconciler.runners.oci_files import followed

_LARGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class User:
    """Numbers as they are inside; `home` is empty where nobody says."""

    uid: int = 0
    gid: int = 0
    groups: tuple[int, ...] = ()
    home: str = ""


def find_user(root: Path, spelled: str) -> User:
    """`USER`, `UID`, or either with `:GROUP` or `:GID`; RunError where the image knows none of that name."""
    who, colon, group = spelled.partition(":")
    who = who or "0"
    accounts = list(_rows(root, "etc/passwd", 6))
    account = next((row for row in accounts if who in (row[0], row[2])), None)
    if account is None and not who.isdigit():
        known = [row[0] for row in accounts]
        raise RunError("Unknown user", _detail("user", who, spelled, "etc/passwd"), hint=did_you_mean(who, known))
    uid, gid, name, home = _numbers(account, who)
    groups = list(_rows(root, "etc/group", 3))
    if colon and group:
        return User(uid, _group(groups, group, spelled), (), home)
    also = tuple(int(row[2]) for row in groups if name and name in row[-1].split(",") and row[2].isdigit())
    return User(uid, gid, also, home)


def _numbers(account: list[str] | None, who: str) -> tuple[int, int, str, str]:
    if account is None or not (account[2].isdigit() and account[3].isdigit()):
        return (int(who), 0, "", "" if int(who) else "/root") if who.isdigit() else (0, 0, "", "")
    return int(account[2]), int(account[3]), account[0], account[5]


def _group(groups: list[list[str]], group: str, spelled: str) -> int:
    row = next((row for row in groups if group in (row[0], row[2])), None)
    if row is not None and row[2].isdigit():
        return int(row[2])
    if group.isdigit():
        return int(group)
    hint = did_you_mean(group, [row[0] for row in groups])
    raise RunError("Unknown user", _detail("group", group, spelled, "etc/group"), hint=hint)


def _rows(root: Path, path: str, columns: int) -> Iterator[list[str]]:
    try:
        place = root / followed(root, path, lambda _: None)
        if not place.is_file():
            return
        with place.open("rb") as file:
            text = file.read(_LARGEST).decode(errors="replace")
    except (OSError, ContentError):
        return
    for line in text.splitlines():
        row = line.split(":")
        if len(row) >= columns:
            yield row


def _detail(kind: str, name: str, spelled: str, path: str) -> str:
    return (
        f"The image says that its programs run as `{spelled}`, and no {kind} `{name}` stands in its `{os.sep}{path}`. "
        "Give the image's user by number, or add it to the image."
    )
