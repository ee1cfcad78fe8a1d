"""Whether a blank stands between two tokens of one line: what `terraform fmt` was seen to do, oddities included."""

from __future__ import annotations

from functools import cache

from reconciler.language.formatting.lexer import (
    COMMENT,
    HEREDOC_END,
    HOLE,
    HOLE_END,
    IN,
    NUMBER,
    QUOTE,
    STRING,
    TEXT,
    UNQUOTE,
    WORD,
)

_WORDS = {WORD, IN}
_BRACES = {"{", "}"}
_INDEXABLE = {*_WORDS, NUMBER, STRING, UNQUOTE, "]", ")", "}"}
# A minus after one of these takes something away; elsewhere it is a sign.
_OPERANDS = {*_INDEXABLE, HOLE, COMMENT, "=>"}
# What stands close to braces all the same.
_CLOSE_AFTER_BRACE = {",", "...", ".", "(", "[", ")", "]", UNQUOTE, TEXT}
_CLOSE_BEFORE_BRACE = {"(", "[", "!", ".", QUOTE, TEXT}
_CLOSE_AFTER = {".", "(", "[", "!", QUOTE, HOLE, HOLE_END, TEXT}
_CLOSE_BEFORE = {".", ",", "...", ")", "]", UNQUOTE, HOLE, HOLE_END, TEXT, HEREDOC_END}


@cache
def blank_between(before: str | None, left: str, right: str) -> bool:
    """Decided by kinds of tokens: `before` is the one in front of the left one, None where a line begins."""
    if left == "." and before == right == NUMBER:
        return True  # `a.0. 1` are two indexes, `a.0.1` is one that nobody understands
    if left in _WORDS and right == "(":
        return False
    if left == IN and before in _WORDS:
        return True
    if (left == "-" and before not in _OPERANDS) or (left == "{" and right == "}"):
        return False
    if left in _BRACES and right not in _CLOSE_AFTER_BRACE:
        return True
    if right in _BRACES and left not in _CLOSE_BEFORE_BRACE:
        return True
    if left == "," and right in (")", "]"):
        return True
    return not (left in _CLOSE_AFTER or right in _CLOSE_BEFORE or _joined(left, right))


def _joined(left: str, right: str) -> bool:
    if "::" in (left, right):
        return left in _WORDS or right in _WORDS
    return right == "[" and left in _INDEXABLE
