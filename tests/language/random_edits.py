"""Edits valid HCL at random, and compares with the terraform program what is still HCL and what is not.

    python -m tests.language.random_edits 5 1000     five runs of a thousand texts

A seed can follow. Texts that one takes and the other refuses are printed.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from reconciler.language import nodes
from reconciler.language.hcl import parse
from reconciler.language.pieces import split
from reconciler.language.span import SpanError
from tests.language.compared.recordings import FOLDER
from tests.language.formatting_oracle import ask
from tests.language.functions.recordings import recorded
from tests.language.test_fuzz import VALID

_MARKS = "\" ${ %{ ~} ${~ } { [ ] ( ) = == => ? : :: . .. ... , ~ - ! * [*] .* && || & | + / % < > <= >= != \\ $ ' ; @"
_WORDS = 'for in if endif else endfor null true a é b.c x-y _ 1 0 1.5 1e3 .5 1. 0.0 # // /* */ c={d=1} e{} "a" a='
_SPACES = [" ", "\n", "\n\n", "\r", "\r\n", "\t", "\ufeff", "\u00a0", "\u2028", "\x0c", "\x00", "<<E\n", "E\n", "\\n"]
INSERTED = [*_MARKS.split(), *_WORDS.split(), *_SPACES, "$${", "%%{", '"a${b}"', "}\n", "{\n"]


def seeds() -> list[str]:
    """What is edited: a file with everything in it, and an argument for each expression of some recordings."""
    texts = [case["expression"] for name in ("templates", "types", "awaited") for case in recorded(name, FOLDER)]
    return [VALID, *VALID.split("\n\n"), *(f"a = {text}\nb = 1\n" for text in texts[::2])]


def edited(chance: random.Random, text: str) -> str:
    """The text after one to three edits."""
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        kind, at = chance.random(), chance.randrange(len(text) + 1)
        if kind < 0.35:
            text = text[:at] + text[at + chance.randrange(1, 4) :]
        elif kind < 0.75:
            text = text[:at] + chance.choice(INSERTED) + text[at:]
        elif kind < 0.85:
            text = text[:at] + chance.choice(INSERTED) + text[at + 1 :]
        elif kind < 0.92:
            text = text[:at] + text[at : at + 7] * 2 + text[at + 7 :]
        else:
            lines = text.split("\n")
            line = lines.pop(chance.randrange(len(lines)))
            lines.insert(chance.randrange(len(lines) + 1), line)
            text = "\n".join(lines)
    return text


def is_taken(text: str) -> bool:
    """Whether envform reads a text: all of its pieces, and no argument twice."""
    try:
        items = [item for start, end in split(text) for item in parse(text[start:end]).items]
    except SpanError:
        return False
    return not _repeats(items)


def _repeats(items: Sequence[nodes.Argument | nodes.Block]) -> bool:
    names = [item.name for item in items if isinstance(item, nodes.Argument)]
    inner = [item.body.items for item in items if isinstance(item, nodes.Block)]
    return len(set(names)) < len(names) or any(map(_repeats, inner))


def differing(texts: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """The texts that only one program takes, and whether that is terraform."""
    with TemporaryDirectory() as folder:
        answers = ask(texts, Path(folder))
    for text, answer in zip(texts, answers, strict=True):
        if is_taken(text) != (answer is not None):
            yield text, answer is not None


def main(runs: int, count: int, seed: int) -> None:
    """Compare, and print what differs."""
    total, sources = 0, seeds()
    for run in range(seed, seed + runs):
        chance = random.Random(run)
        for text, theirs in differing([edited(chance, chance.choice(sources)) for _ in range(count)]):
            total += 1
            sys.stdout.write(f"{text!r}\n    only {'terraform' if theirs else 'envform'} takes it\n")
    sys.stdout.write(f"{runs * count - total} of {runs * count} texts are taken or refused alike\n")


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*(given + [3, 1000, 0][len(given) :]))
