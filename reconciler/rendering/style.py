"""The few colours that envform uses; every text must be understandable without them."""

from __future__ import annotations

from typing import Self

from reconciler.model.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Style:
    """Text in, text out: marked up for a terminal, or left as it is."""

    coloured: bool

    @classmethod
    def plain(cls) -> Self:
        """Adds nothing."""
        return cls(coloured=False)

    @classmethod
    def ansi(cls) -> Self:
        """Adds escape sequences that every terminal of the last forty years understands."""
        return cls(coloured=True)

    def bold(self, text: str) -> str:
        """What the eye should find first."""
        return self._marked("1", text)

    def red(self, text: str) -> str:
        """Errors, and what will be taken away."""
        return self._marked("31", text)

    def green(self, text: str) -> str:
        """What will be added."""
        return self._marked("32", text)

    def yellow(self, text: str) -> str:
        """Warnings, and what will change."""
        return self._marked("33", text)

    def cyan(self, text: str) -> str:
        """Hints and notes."""
        return self._marked("36", text)

    def grey(self, text: str) -> str:
        """What may be skipped."""
        return self._marked("90", text)

    def _marked(self, code: str, text: str) -> str:
        # The inner resets of nested marks would end the outer one, so the outer mark is put on again after each.
        if not self.coloured or not text:
            return text
        start, end = f"\x1b[{code}m", "\x1b[0m"
        return f"{start}{text.replace(end, end + start).removesuffix(start)}{'' if text.endswith(end) else end}"


PLAIN = Style.plain()
