"""What the recorded calls find around them: files, and the texts of templates. Both programs are given the same."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from reconciler.language.expression import evaluate
from reconciler.language.scope import Scope
from reconciler.language.source import ProjectFiles
from reconciler.language.value import Value
from reconciler.language.written import quoted
from tests.language.evaluated import LOCALS, expression

_FILES: Mapping[str, bytes] = {
    "a.txt": b"hello\n",
    "B.TXT": b"k",
    "bin.dat": b"\xff\xfe\x00bin",
    "bom.txt": b"\xef\xbb\xbfbom\n",
    "crlf.txt": b"a\r\nb\r\n",
    "empty.txt": b"",
    "nfd.txt": b"e\xcc\x81",
    "[x].txt": b"x",
    "é.txt": "é".encode(),
    ".dot": b"x",
    ".hidden/h.txt": b"h",
    "sp ace/s.txt": b"s",
    "sub/b.txt": b"b",
    "sub/deep/c.txt": b"c",
    "sub/deep/d.json": b"d",
    "hello.tmpl": b"Hello, ${name}!\n",
    "loop.tmpl": b"%{ for x in xs ~}\n- ${x}\n%{ endfor ~}\n",
    "missing.tmpl": b"${missing}",
    "recursive.tmpl": b'${templatefile("files/hello.tmpl", {name = "x"})}',
    "funcs.tmpl": b"${upper(name)} ${jsonencode(xs)}",
    "broken.tmpl": b"${x",
    "only.tmpl": b"${x}",
}
_TEMPLATES: Mapping[str, str] = {
    "greeting": "Hello, ${name}!",
    "loop": "%{ for x in xs ~}\n- ${x}\n%{ endfor ~}\n",
    "only": "${x}",
    "recursive": '${templatestring("x", {})}',
    "broken": "${x",
    "funcs": "${upper(name)} ${jsonencode(xs)}",
    "plain": "plain",
    "multiline": "${a}\n${b-c}\n",
    "escaped": "$$${name} %%%{ if }",
    "outer": "${local.plain}",
    "quoted": 'say "${name}"',
}


def furnish(folder: Path) -> None:
    """Write the files, and what the terraform program wants to see of the templates."""
    for name, content in _FILES.items():
        path = folder / "files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    lines = [f"  {name} = {quoted(text)}\n" for name, text in _TEMPLATES.items()]
    (folder / "templates.tf").write_text(f"locals {{\n{''.join(lines)}}}\n", encoding="utf-8")


def value_in(folder: Path, text: str) -> Value:
    """The value of an expression in a project in that folder."""
    names: Mapping[str, Value] = {"local": {**LOCALS, **_TEMPLATES}, "path": {"module": "."}}
    return evaluate(expression(text), Scope(names=names, files=ProjectFiles(folder)))
