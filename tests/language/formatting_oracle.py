"""Asks the terraform program how texts are formatted. Run as a module to write formatting_cases.jsonl again."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

CASES = Path(__file__).parent / "formatting_cases.jsonl"


def recorded() -> list[dict[str, str]]:
    """`text`, and what `terraform` makes of it; `ours` and `why` where envform means to differ."""
    return [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]


def ask(texts: Sequence[str], folder: Path) -> list[str | None]:
    """What each becomes; None where terraform finds mistakes. One run of the program for all of them."""
    files = [folder / f"t{number}.tf" for number in range(len(texts))]
    for file, text in zip(files, texts, strict=True):
        file.write_bytes(text.encode())
    environment = {**os.environ, "CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": os.devnull}
    run = subprocess.run(
        ["terraform", "fmt", "-no-color"], cwd=folder, env=environment, capture_output=True, check=False
    )
    refused = {int(number) for number in re.findall(rb"on t(\d+)\.tf line", run.stderr)}
    return [None if number in refused else file.read_bytes().decode() for number, file in enumerate(files)]


def main() -> None:
    """Write all answers again, keeping where and why envform differs."""
    cases = recorded()
    with TemporaryDirectory() as folder:
        answers = ask([case["text"] for case in cases], Path(folder))
    lines = []
    for case, answer in zip(cases, answers, strict=True):
        if answer is None:
            sys.exit(f"terraform refuses {case['text']!r}")
        lines.append(json.dumps({**case, "terraform": answer}, ensure_ascii=True) + "\n")
    CASES.write_text("".join(lines), encoding="utf-8")
    sys.stdout.write(f"{len(cases)} texts, {sum('ours' in case for case in cases)} where envform differs\n")


if __name__ == "__main__":
    main()
