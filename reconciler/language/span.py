"""Mistakes before anybody knows which file they stand in."""

from __future__ import annotations

from collections.abc import Sequence

from reconciler.language import nodes


class RefusedError(Exception):
    """Values that cannot be used as they were asked to be; whoever knows the expression makes a SpanError of it."""

    def __init__(self, summary: str, detail: str, hint: str = "") -> None:
        super().__init__(summary)
        self.summary = summary
        self.detail = detail
        self.hint = hint


class SpanError(Exception):
    """A mistake at a span of one passage; the Passage turns it into a Diagnostic."""

    def __init__(
        self,
        summary: str,
        detail: str,
        start: int,
        end: int,
        *,
        hint: str = "",
        values: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__(summary)
        self.summary = summary
        self.detail = detail
        self.start = start
        self.end = end
        self.hint = hint
        self.values = tuple(values)


class FollowingError(SpanError):
    """What cannot be done only because something else is wrong, which was told: there is nothing more to tell."""

    def __init__(self, node: nodes.Node) -> None:
        super().__init__("Follows from another mistake", "", node.start, node.end)
