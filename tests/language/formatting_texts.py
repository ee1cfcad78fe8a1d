"""Random HCL, laid out as badly as the language allows, from a seed; and files that are mangled so."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from reconciler.language.formatting import lexer

WORDS = ("a", "b", "name", "image", "for_each", "längst", "日本", "foo-bar", "null", "in", "longer_name_here")
TEXTS = (
    *("", "a", "with blanks", "é", "日本", "e\u0301", 'q\\"q', "$${ x }", "%%{ y }", "\\n", "# no", "a // b", "{", "]"),
    *("\U0001f1e9\U0001f1ea", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "$", "100%", "\\u00e9"),
)
LINES = ("text", "- item", " x = 1", "é # no comment", "{ [", "$${ x }", "  trailing  ", "", "   ")
COMMENTS = ("/* c */", "/**/", "/* two\n lines */", " /* ein längeres */ ")
NOTES = ("# note", "// note", "#", "#   blanks  ", "// é日本")
OPERATORS = ("+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "&&", "||")

_WORD_KINDS = (lexer.WORD, lexer.IN, lexer.NUMBER)
# Blanks after and before these are part of a text.
_TEXT_FOLLOWS = (lexer.QUOTE, lexer.TEXT, lexer.HOLE_END, lexer.HEREDOC)
_IN_TEXT = (lexer.TEXT, lexer.UNQUOTE, lexer.HEREDOC_END, lexer.HOLE)


def random_text(seed: int) -> str:
    """One text; most are HCL, the others are refused by everybody."""
    writer = _Writer(random.Random(seed))
    writer.body(writer.rng.randrange(1, 7), depth=2)
    text = "".join(writer.out)
    return text.rstrip() if writer.chance(0.1) else text


def mangled(text: str, seed: int) -> str:
    """The same tokens between other blanks, and in brackets other newlines."""
    rng = random.Random(seed)
    out, brackets, last = [], [""], lexer.Token(lexer.NEWLINE, "")
    for token in lexer.tokens(text):
        if last.kind not in _TEXT_FOLLOWS and token.kind not in _IN_TEXT:
            out.append(rng.choice(("", "", " ", "   ", "\t")))
            if brackets[-1] in ("(", "[") and rng.random() < 0.1:
                out.append(rng.choice(("\n", "\n\n", " # note\n", "\n// own\n\t")))
            elif _would_fuse(last, token):
                out.append(" ")
        out.append(token.text)
        if token.kind in ("(", "[", "{", lexer.HOLE):
            brackets.append(token.kind)
        elif token.kind in (")", "]", "}", lexer.HOLE_END) and len(brackets) > 1:
            brackets.pop()
        last = token
    return "".join(out)


def _would_fuse(left: lexer.Token, right: lexer.Token) -> bool:
    if left.kind in _WORD_KINDS:
        return right.kind in (*_WORD_KINDS, "-", ".")
    return left.kind + right.text[:1] in ("//", "/*", "<<", "...", "=>", "!=", "==", "&&") or left.kind == "."


@dataclass(slots=True)
class _Writer:
    rng: random.Random
    out: list[str] = field(default_factory=list)
    free: bool = False
    """Whether newlines are blanks here."""
    comments: float = field(init=False)
    newlines: float = field(init=False)
    tightness: float = field(init=False)
    newline: str = field(init=False)

    def __post_init__(self) -> None:
        self.comments = self.rng.choice((0, 0, 0.03, 0.1))
        self.newlines = self.rng.choice((0, 0.05, 0.15, 0.4))
        self.tightness = self.rng.random()
        self.newline = self.rng.choice(("\n",) * 9 + ("\r\n",))

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def pick(self, *choices: str) -> str:
        return self.rng.choice(choices)

    # --- white space

    def say(self, text: str) -> None:
        """One token, after some blanks."""
        last = next((piece[-1] for piece in reversed(self.out) if piece), "\n")
        blank = "" if self.chance(self.tightness) else self.pick(" ", " ", "  ", "\t", "   ")
        if self.chance(self.comments):
            blank += self.pick(*COMMENTS)
        if self.free and self.chance(self.newlines):
            blank += self.line_end()
        if not blank and _is_wordlike(text[0]) and _is_wordlike(last):
            blank = " "
        if last + text[0] in ("//", "/*", "<<") or (last == "." and text[0].isdigit()):
            blank = blank or " "
        self.out += (blank, text)

    def line_end(self) -> str:
        note = self.pick(*NOTES) if self.chance(2 * self.comments) else ""
        empty = "".join(self.pick("", "  ", "\t") + self.newline for _ in range(3) if self.chance(0.1))
        return note + self.newline + empty + self.pick("", " ", "      ", "\t")

    # --- expressions

    def expression(self, depth: int) -> None:
        forms: tuple[Callable[[int], None], ...] = (
            *(self.operation, self.sign, self.condition, self.parentheses, self.list, self.list, self.object),
            *(self.object, self.call, self.loop, self.traversal, self.template),
        )
        if depth > 0 and self.chance(0.75):
            self.rng.choice(forms)(depth - 1)
        else:
            self.atom()

    def atom(self) -> None:
        words = self.pick("a", "b", "var", "local-x", "in", "ü", "true", "null")
        number = self.pick("0", "1", "12345", "1.5", "2.5e-7")
        self.say(self.pick(words, number, f'"{self.pick(*TEXTS)}"'))

    def operation(self, depth: int) -> None:
        self.expression(depth)
        self.say(self.pick(*OPERATORS))
        self.expression(depth)

    def sign(self, depth: int) -> None:
        self.say(self.pick("-", "!"))
        self.expression(depth)

    def condition(self, depth: int) -> None:
        self.expression(depth)
        self.say("?")
        self.expression(depth)
        self.say(":")
        self.expression(depth)

    def enclosed(self, opener: str, closer: str, inner: Callable[[], None], *, free: bool = True) -> None:
        self.say(opener)
        outside, self.free = self.free, free
        inner()
        self.say(closer)
        self.free = outside

    def parentheses(self, depth: int) -> None:
        self.enclosed("(", ")", lambda: self.expression(depth))

    def list(self, depth: int) -> None:
        self.enclosed("[", "]", lambda: self.items(depth))

    def items(self, depth: int) -> None:
        for left in range(self.rng.randrange(4), 0, -1):
            if self.chance(0.04):
                self.heredoc(1)
                self.out.append(self.newline)
            else:
                self.expression(depth)
            if left > 1 or self.chance(0.25):
                self.say(",")

    def object(self, depth: int) -> None:
        self.enclosed("{", "}", lambda: self.pairs(depth), free=False)

    def pairs(self, depth: int) -> None:
        if self.chance(0.4):
            self.out.append(self.line_end())
        for left in range(self.rng.randrange(4), 0, -1):
            key = self.pick("word", "word", "text", "number", "expression")
            if key == "expression":
                self.parentheses(depth - 1)
            else:
                self.say({"word": self.pick(*WORDS), "text": f'"{self.pick(*TEXTS)}"', "number": "2.5"}[key])
            self.say(self.pick("=", "=", "=", ":"))
            self.expression(depth)
            separator = self.pick("newline", "comma", "both")
            if separator != "newline" and (left > 1 or self.chance(0.3)):
                self.say(",")
            if separator != "comma":
                self.out.append(self.line_end())

    def call(self, depth: int) -> None:
        self.say(self.pick("f", "upper", "max"))
        spread = self.chance(0.1)
        self.enclosed("(", ")", lambda: self.spread(depth) if spread else self.items(depth))

    def spread(self, depth: int) -> None:
        self.expression(depth)
        self.say("...")

    def loop(self, depth: int) -> None:
        of_pairs = self.chance(0.5)
        self.enclosed(*(("{", "}") if of_pairs else ("[", "]")), lambda: self.loop_inside(depth, of_pairs=of_pairs))

    def loop_inside(self, depth: int, *, of_pairs: bool) -> None:
        for word in ("for", "k", *((",", "v") if self.chance(0.5) else ()), "in"):
            self.say(word)
        self.expression(depth)
        self.say(":")
        self.expression(depth)
        if of_pairs:
            self.say("=>")
            self.expression(depth)
            if self.chance(0.2):
                self.say("...")
        if self.chance(0.3):
            self.say("if")
            self.expression(depth)

    def traversal(self, depth: int) -> None:
        self.rng.choice((self.parentheses, self.call, self.list, lambda _: self.say("each")))(depth)
        for _ in range(self.rng.randrange(1, 4)):
            step = self.pick("name", "name", "index", "splat", "number")
            if step == "index":
                # No word that stands for a value: terraform fmt takes `[true]` away.
                self.enclosed("[", "]", lambda: self.say(self.pick("0", "x", '"é"')))
            elif step == "splat":
                self.enclosed("[", "]", lambda: self.say("*"), free=False)
            else:
                self.say(".")
                self.say(self.pick(*WORDS) if step == "name" else "0")
                if step == "number":
                    return

    # --- templates

    def template(self, depth: int) -> None:
        self.say('"')
        self.parts(depth)
        self.out.append('."')  # never a hole alone: terraform fmt takes its quotes away

    def parts(self, depth: int) -> None:
        outside, self.free = self.free, self.chance(0.3)
        for _ in range(self.rng.randrange(1, 4)):
            self.out.append(self.pick("", "a", " ", " x ", "é", "$ ", "-"))
            if self.chance(0.8):
                self.hole(depth)
            else:
                self.directive(depth)
        self.free = outside

    def hole(self, depth: int) -> None:
        self.out.append(self.pick("${", "${", "${~"))
        self.expression(depth)
        self.say(self.pick("}", "}", "~}"))

    def directive(self, depth: int) -> None:
        self.out.append(self.pick("%{", "%{~"))
        self.say("if")
        self.expression(depth)
        self.say(self.pick("}", "~}"))
        for word in (*(["else"] if self.chance(0.3) else []), "endif"):
            self.out.append("yes %{")
            self.say(word)
            self.say("}")

    def heredoc(self, depth: int) -> None:
        self.say(self.pick("<<", "<<-") + "EOT" + self.newline)
        for _ in range(self.rng.randrange(4)):
            self.out.append(self.pick(*LINES))
            if self.chance(0.4):
                self.parts(depth)
            self.out.append(self.newline)
        self.out.append(self.pick("", " ", "\t", "  ") + "EOT")

    # --- bodies

    def end_item(self) -> None:
        if self.out[-1].endswith("EOT"):
            self.out.append(self.pick("", "", " "))
        elif self.chance(3 * self.comments):
            self.out.append(self.pick("", " ", "   ") + self.pick(*NOTES))
        elif self.chance(0.1):
            self.out.append(self.pick(" ", "\t"))
        self.out.append(self.newline)

    def body(self, count: int, depth: int) -> None:
        names: set[str] = set()
        for _ in range(count):
            while self.chance(0.15):
                self.out += (self.pick("", "  ", "\t"), self.pick("", *NOTES[:2]), self.newline)
            self.out.append(self.pick("", "  ", "\t", "     "))
            if depth and self.chance(0.3):
                self.block(depth - 1)
            else:
                self.argument(names)
            self.end_item()

    def argument(self, names: set[str]) -> None:
        name = self.pick(*WORDS)
        while name in names:
            name += self.pick("x", "yy", "z_")
        names.add(name)
        self.say(name)
        self.say("=")
        if self.chance(0.12):
            self.heredoc(2)
        else:
            self.expression(self.rng.choice((1, 2, 2, 3, 4)))

    def block(self, depth: int) -> None:
        self.say(self.pick("foo", "environment", "locals"))
        # No comment before a label: terraform fmt takes it away.
        comments, self.comments = self.comments, 0
        for _ in range(self.rng.randrange(3)):
            self.say(self.pick('"a"', '"b c"', '"é"', '"long-label"'))
        self.comments = comments
        self.say("{")
        form = self.pick("empty", "single", "long", "long", "long")
        if form == "single":
            self.argument(set())
        if form == "long":
            self.end_item()
            self.body(self.rng.randrange(5), depth)
            self.out.append(self.pick("", "  ") + "}")
        else:
            self.say("}")


def _is_wordlike(character: str) -> bool:
    return character.isalnum() or character in "_-" or character > "\x7f"
