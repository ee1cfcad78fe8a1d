"""What a string or heredoc means: escapes, dedent, trim marks, directives."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from unicodedata import normalize

from reconciler.language import nodes
from reconciler.language.nodes import Expression
from reconciler.language.spaces import SPACES
from reconciler.language.span import SpanError
from reconciler.language.tokens import MAXIMUM_DEPTH
from reconciler.model.frozen import dataclass
from reconciler.model.pattern import lazy_pattern

_ESCAPE = lazy_pattern(r"\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)|\$\$\{|%%\{", re.DOTALL)
_MARK_ESCAPE = lazy_pattern(r"\$\$\{|%%\{")
_SINGLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


@dataclass(frozen=True, slots=True)
class Text:
    """Literal text, as written when it comes from the grammar and decoded afterwards."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Hole:
    """`${value}`; the marks trim white space of the text before and after."""

    start: int
    end: int
    trim_before: bool
    trim_after: bool
    value: Expression


@dataclass(frozen=True, slots=True)
class Directive:
    """One `%{keyword …}`, not yet paired with the one that ends it."""

    start: int
    end: int
    trim_before: bool
    trim_after: bool
    keyword: str
    value: Expression | None
    names: tuple[nodes.Name, ...]


Part = Text | Hole | Directive


@dataclass(slots=True)
class _Open:
    """A directive that waits for its end."""

    directive: Directive
    parts: list[Expression]
    then: nodes.Template | None = None


def build_template(opener: str, parts: Sequence[Part], start: int, end: int) -> Expression:
    """The expression that a string's or heredoc's parts make; a Literal where nothing is inserted."""
    if opener == '"':
        if not parts:
            return nodes.Literal(start, end, "")
        if len(parts) == 1 and isinstance(parts[0], Text):
            return nodes.Literal(start, end, compose(_decoded(parts[0]).text))
        if len(parts) == 1 and isinstance(parts[0], Hole):
            return nodes.Parentheses(start, end, parts[0].value)
        decoded: list[Part] = [_decoded(part) if isinstance(part, Text) else part for part in parts]
    else:
        decoded = [line for part in parts for line in (_lines(part) if isinstance(part, Text) else [part])]
    trimmed = _trimmed(decoded)
    if opener.startswith("<<-"):
        trimmed = _dedented(trimmed)
    texts = [part.text for part in trimmed if isinstance(part, Text)]
    if len(texts) == len(trimmed):
        return nodes.Literal(start, end, compose("".join(texts)))
    return _paired(trimmed, start, end)


def compose(text: str) -> str:
    """The text in Unicode's composed form: two spellings of one letter are one text."""
    return text if text.isascii() else normalize("NFC", text)


def _decoded(part: Text) -> Text:
    if not ("\\" in part.text or "$${" in part.text or "%%{" in part.text):
        return part
    return replace(part, text=_ESCAPE.sub(lambda found: _character(found, part.start), part.text))


def _character(found: re.Match[str], offset: int) -> str:
    escape = found.group()
    if escape[0] != "\\":
        return escape[1:]
    start, end = offset + found.start(), offset + found.end()
    if len(escape) > 2:
        code = int(f"0x{escape[2:]}", 0)
        if code > 0x10FFFF or 0xD800 <= code < 0xE000:
            raise SpanError("Invalid escape sequence", f"There is no character `{escape}` in Unicode.", start, end)
        return chr(code)
    if escape[1] not in _SINGLE:
        detail = f'`{escape}` is no escape sequence. There are \\n, \\r, \\t, \\", \\\\, \\uNNNN and \\UNNNNNNNN.'
        hint = "a backslash itself is written `\\\\`"
        raise SpanError("Invalid escape sequence", detail, start, end, hint=hint)
    return _SINGLE[escape[1]]


def _lines(part: Text) -> list[Text]:
    """A heredoc's text line by line: that is how it is dedented and trimmed. Backslashes mean themselves."""
    texts, at = [], part.start
    for line in re.findall(r"[^\n]*\n|[^\n]+", part.text):
        texts.append(Text(at, at + len(line), _MARK_ESCAPE.sub(lambda found: found.group()[1:], line)))
        at += len(line)
    return texts


def _trimmed(parts: Sequence[Part]) -> list[Part]:
    result: list[Part] = []
    after = False
    for part in parts:
        if isinstance(part, Text):
            result.append(replace(part, text=part.text.lstrip(SPACES)) if after else part)
            after = False
            continue
        if part.trim_before and result and isinstance(result[-1], Text):
            result[-1] = replace(result[-1], text=result[-1].text.rstrip(SPACES))
        after = part.trim_after
        result.append(part)
    return result


def _dedented(parts: Sequence[Part]) -> list[Part]:
    """The same without the white space that all lines share, counted in characters; blank lines do not count."""
    begins = [i for i, _ in enumerate(parts) if i == 0 or _ends_line(parts[i - 1])]
    indents = []
    for index in begins:
        part = parts[index]
        text = part.text if isinstance(part, Text) else ""
        if not (isinstance(part, Text) and not text.strip(SPACES) and text.endswith("\n")):
            indents.append(len(text) - len(text.lstrip(SPACES)))
    cut = min(indents, default=0)
    result = list(parts)
    for index in begins:
        part = result[index]
        if isinstance(part, Text) and (part.text.strip(SPACES) or not part.text.endswith("\n")):
            result[index] = replace(part, text=part.text[cut:])
    return result


def _ends_line(part: Part) -> bool:
    return isinstance(part, Text) and part.text.endswith("\n")


def _paired(parts: Sequence[Part], start: int, end: int) -> nodes.Template:
    root: list[Expression] = []
    opened: list[_Open] = []
    for part in parts:
        into = opened[-1].parts if opened else root
        if isinstance(part, Text):
            into.append(nodes.Literal(part.start, part.end, part.text))
        elif isinstance(part, Hole):
            into.append(part.value)
        elif part.keyword in ("if", "for"):
            opened.append(_Open(part, []))
            if len(opened) > MAXIMUM_DEPTH:
                detail = f"Directives may be nested {MAXIMUM_DEPTH} deep. Split this template into parts."
                raise SpanError("Nested too deeply", detail, part.start, part.end)
        elif part.keyword == "else":
            _else(opened, part)
        else:
            closed = _close(opened, part)
            (opened[-1].parts if opened else root).append(closed)
    if opened:
        at = opened[-1].directive
        detail = f"This `%{{ {at.keyword} }}` is never ended. Write `%{{ end{at.keyword} }}` where it ends."
        raise SpanError("Unterminated template directive", detail, at.start, at.end)
    return nodes.Template(start, end, tuple(root))


def _else(opened: list[_Open], part: Directive) -> None:
    if not opened or opened[-1].directive.keyword != "if" or opened[-1].then is not None:
        detail = "An `else` stands once between `%{ if … }` and `%{ endif }`."
        raise SpanError("Unexpected template directive", detail, part.start, part.end)
    last = opened[-1]
    last.then = nodes.Template(last.directive.end, part.start, tuple(last.parts))
    last.parts = []


def _close(opened: list[_Open], part: Directive) -> nodes.TemplateIf | nodes.TemplateFor:
    if not opened or part.keyword != f"end{opened[-1].directive.keyword}":
        detail = f"`%{{ {part.keyword} }}` ends nothing that was begun before it in this template."
        raise SpanError("Unexpected template directive", detail, part.start, part.end)
    last = opened.pop()
    head = last.directive
    body = nodes.Template(head.end, part.start, tuple(last.parts))
    if head.value is None:
        raise AssertionError("the grammar gives `if` and `for` an expression")
    if head.keyword == "for":
        return nodes.TemplateFor(head.start, part.end, head.names, head.value, body)
    if last.then is None:
        return nodes.TemplateIf(head.start, part.end, head.value, body, nodes.Template(body.end, body.end, ()))
    otherwise = replace(body, start=last.then.end)
    return nodes.TemplateIf(head.start, part.end, head.value, last.then, otherwise)
