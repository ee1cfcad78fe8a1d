"""Makes up calls of all functions, with arguments of all kinds, and compares them with the terraform program.

    python -m tests.language.random_calls 3 1000     three runs of a thousand calls

A seed can follow. Calls that both refuse agree; those that are worth different things are printed.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from reconciler.language.functions.signature import Signature
from reconciler.language.functions.table import functions
from reconciler.language.span import SpanError
from reconciler.language.types import Type
from tests.language.evaluated import answer, comparable
from tests.language.functions.recordings import answers
from tests.language.functions.world import furnish, value_in

# What one program is not asked: where the checkout lies, or what only one of them has.
_NOT_ASKED = {"abspath", "file", "fileexists", "fileset", "templatefile", "templatestring"}
_TEXTS = [
    *(
        '""',
        '"a"',
        '"abc"',
        '"A b-c_d"',
        '"é"',
        '"e\\u0301x"',
        '"👨\u200d👩\u200d👧x"',
        '"\\r\\n"',
        '"1"',
        '"-1"',
        '"1.5"',
    ),
    *('"0x1F"', '"true"', '"ab,cd"', '","', '"10.0.0.0/8"', '"2001:db8::/32"', '"2018-01-02T03:04:05Z"', '"1h30m"'),
    *('"%s"', '"%d %v"', '"%5.2f"', '"/a(b)?/"', '"$1"', '"[a-c]+"', '"(?P<x>a)(?P<y>b)?"', '"aGVsbG8="', '"a: 1"'),
    *('"UTF-16LE"', '"{\\"a\\":1}"', '"a,b\\n1,2"', '"YYYY-MM-DD"', '"x y\\tz\\n"', '"ß"', '"İ"', '"null"', '"<>&"'),
    *('"a/b/../c"', '" "', "tostring(null)"),
]
_NUMBERS = '0 1 2 3 -1 -2 10 16 36 62 1.5 -1.5 0.1 1/3 1e3 1e20 -0 1e-7 64 tonumber(null) pow(2,0.5) length("abc")'
_LISTS = [
    *("[]", '["a"]', '["a","b","a"]', "[1,2,3]", '[1,"a",true]', '[["a"],["b","c"]]', "[null]", '[null,"a"]', "[[]]"),
    *("tolist([])", 'tolist(["b","a"])', "tolist([1,2])", "toset([])", 'toset(["b","a"])', "toset([2,1,10])"),
    *("[{a=1},{a=2}]", "[true,false]", '["",null,"x"]', '[1.5,"2"]', "[[1],2]", "tolist(null)", "[[[1]],[[2,[3]]]]"),
    '[sensitive("s")]',
]
_MAPS = [
    *("{}", "{a=1}", '{a="x",b="y"}', '{a=1,b="y"}', "tomap({})", 'tomap({a="x",b="y"})', "tomap({a=1})", "{a={b=1}}"),
    *('{a=["x","y"],b=["x"]}', "{a=null}", 'tomap({a=null,b="x"})', '{"1"="x"}', "tomap(null)", '{a=sensitive("s")}'),
]
_OTHERS = [
    *("null", "true", "false", "local.later", "local.later_text", "local.later_number", "local.later_list"),
    *("local.later_map", "local.later_set", "local.later_tuple", "local.secret", "local.secrets", "local.number"),
]
_BY_KIND: Mapping[str, Sequence[str]] = {
    "string": _TEXTS,
    "number": _NUMBERS.split(),
    "list": _LISTS,
    "set": _LISTS,
    "map": _MAPS,
    "any": [*_LISTS, *_MAPS, *_TEXTS],
}
_AROUND = ["{}", "{}", "{}", "jsonencode({})", 'try({}, "E")', "[for x in [{}] : x]", "true ? {} : null", '"v=${{{}}}"']


def call(chance: random.Random, signature: Signature) -> str:
    """A call with arguments that mostly fit, alone or inside of something."""
    more = [signature.variadic] * chance.randrange(3) if signature.variadic else []
    given = [argument(chance, one.type) for one in [*signature.parameters, *more]]
    return chance.choice(_AROUND).format(f"{signature.name}({', '.join(given)})")


def argument(chance: random.Random, wanted: Type) -> str:
    """One argument; some are of another kind, unknown or sensitive."""
    if chance.random() < 0.18:
        return chance.choice([*_OTHERS, *_NUMBERS.split(), *_TEXTS])
    return chance.choice(_BY_KIND.get(wanted.kind, _OTHERS))


def differing(calls: Sequence[str]) -> Iterator[tuple[str, object, object]]:
    """The calls that are worth something else here, with Terraform's answer and ours."""
    with TemporaryDirectory() as folder:
        furnish(Path(folder))
        for text, theirs in zip(calls, answers([{"expression": text} for text in calls], Path(folder)), strict=True):
            ours = worth(text, Path(folder))
            if ("error" in ours) != ("error" in theirs) or ("error" not in ours and ours != comparable(theirs)):
                yield text, theirs, ours


def worth(text: str, folder: Path) -> dict[str, Any]:
    """What envform says."""
    try:
        return comparable(answer(value_in(folder, text)))
    except SpanError as error:
        return {"error": error.summary}


def main(runs: int, count: int, seed: int) -> None:
    """Compare, and print what differs."""
    total = 0
    signatures = [one for name, one in sorted(functions().items()) if name not in _NOT_ASKED]
    for run in range(seed, seed + runs):
        chance = random.Random(run)
        for text, theirs, ours in differing([call(chance, chance.choice(signatures)) for _ in range(count)]):
            total += 1
            sys.stdout.write(f"{text}\n    terraform {theirs}\n    envform   {ours}\n")
    sys.stdout.write(f"{runs * count - total} of {runs * count} calls are worth what terraform says\n")


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*(given + [3, 400, 0][len(given) :]))
