"""Whatever a project has much of, time grows in proportion to it, and nothing is gone over once for each element."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import date

import pytest

from reconciler.language.configuration import draft
from reconciler.language.validation import validate
from reconciler.model.diagnostic import EnvformError
from tests.language.projects import ENVFORM

FEW, TIMES = 1_500, 8


def lines(count: int, form: str) -> str:
    return "".join(form.format(number) for number in range(count))


SHAPES: dict[str, Callable[[int], str]] = {
    "a list": lambda n: "locals {\n  a = [\n" + lines(4 * n, '    "x{0}",\n') + "  ]\n}\n",
    "an object": lambda n: "locals {\n  a = {\n" + lines(n, "    k{0} = {0}\n") + "  }\n}\n",
    "a template": lambda n: "locals {\n  x = 1\n  a = <<-EOT\n" + "    ${local.x}\n" * n + "  EOT\n}\n",
    "arguments": lambda n: "locals {\n" + lines(n, "  l{0} = {0}\n") + "}\n",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_time_grows_in_proportion_to_the_number_of(shape: str) -> None:
    seconds(SHAPES[shape](10))
    few, many = seconds(SHAPES[shape](FEW)), seconds(SHAPES[shape](TIMES * FEW))
    assert many < 2.5 * TIMES * few + 0.3


def seconds(text: str) -> float:
    gc.collect()
    began = time.process_time()
    with suppress(EnvformError):
        validate(draft({"main.hcl": ENVFORM + text}), date(2025, 1, 1))
    return time.process_time() - began
