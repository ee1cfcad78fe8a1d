"""A build context: what is sent to the builder, what that hashes to, and whether its Dockerfile can be built."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import field
from functools import lru_cache

from reconciler.language.definition.credentials import looks_secret
from reconciler.language.definition.dockerfile import Dockerfile, Problem, parse_dockerfile
from reconciler.language.definition.dockerignore import Ignored, Pattern, parse_dockerignore, sort_out
from reconciler.language.definition.go_paths import clean, matcher
from reconciler.language.definition.sources import mistakes_in_bases
from reconciler.language.definition.stages import Copied, Given, Stage, copied, made, stages_of, words
from reconciler.language.definition.template import find_template, unrendered
from reconciler.language.files import Files, TreeEntry
from reconciler.language.remembered_files import RememberedFiles
from reconciler.language.span import RefusedError
from reconciler.model.digest import Digest, canonical_json
from reconciler.model.frozen import dataclass
from reconciler.model.pattern import lazy_pattern
from reconciler.model.token import TOKEN

MAXIMUM_FILES = 100_000
MAXIMUM_BYTES = 4 * 1000**3
DEFAULT_DOCKERFILE = "Dockerfile"
ELSEWHERE = lazy_pattern(r"[a-z][a-z0-9+.-]*://|git@", re.IGNORECASE)
_OWN_FOLDERS = {".envform", "state"}
_IGNORE_FILE = ".dockerignore"


@dataclass(slots=True)
class Context:
    """A folder as a builder would get it. Problems with a line stand in the Dockerfile, at `dockerfile_name`."""

    tree: Digest
    dockerfile: str
    dockerfile_name: str
    text: str
    sent: list[TreeEntry]
    ignored: list[Ignored]
    stages: list[Stage]
    ignore_file: str = ""
    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


def refuse_elsewhere(path: str) -> RefusedError:
    """The error for a context that is an address."""
    detail = f"`{path[:80]}` lies elsewhere and may change at any time, so it cannot be hashed or reviewed."
    return RefusedError(
        "Build context from elsewhere", detail, "copy the folder into the project, as a git submodule for example"
    )


def read_context(files: Files, folder: str, dockerfile: str | None, arguments: Given, target: str) -> Context:
    """Read a context; RefusedError where it cannot be one. What can be told about its Dockerfile is in the problems."""
    given = None if arguments is None else tuple(sorted(arguments.items()))
    if isinstance(files, RememberedFiles):
        return _remembered(files, folder, dockerfile, given, target)
    return _read(files, folder, dockerfile, given, target)


_Arguments = tuple[tuple[str, str], ...] | None


@lru_cache(maxsize=64)
def _remembered(files: RememberedFiles, folder: str, dockerfile: str | None, given: _Arguments, target: str) -> Context:
    return _read(files, folder, dockerfile, given, target)


def _read(files: Files, folder: str, dockerfile: str | None, given: _Arguments, target: str) -> Context:
    if files.kind(folder) == "file":
        raise RefusedError("Invalid build context", f"`{folder}` is a file. A build context is a folder.")
    if files.kind(folder) is None:
        raise RefusedError(
            "No such folder", f"There is no folder `{folder}`. A build context is a folder with a Dockerfile."
        )
    tree = _without_own(folder, files.tree(folder))
    name = _dockerfile(files, folder, dockerfile, tree)
    text = _text(files, joined(folder, name))
    ignore_file = _ignore_file(name, tree)
    patterns = _patterns(files, joined(folder, ignore_file)) if ignore_file else ()
    sent, ignored = sort_out(tree, patterns)
    sent, ignored = _always(sent, ignored, tree, {name, _IGNORE_FILE})
    _refuse_special(folder, ignore_file, sent)
    _limit(folder, sent)
    parsed = parse_dockerfile(text)
    tree_hash, place = tree_digest(files, folder, sent), joined(folder, name)
    context = Context(tree_hash, name, place, text, sent, ignored, [], ignore_file)
    _check(context, parsed, tree, None if given is None else dict(given), target)
    return context


def _without_own(folder: str, tree: Sequence[TreeEntry]) -> list[TreeEntry]:
    """Without what envform itself keeps in a project: with it a build would change what the next one is made from."""
    layouts = {entry.name.rpartition("/")[0] for entry in tree if entry.name.endswith("/oci-layout")}
    own = {entry.name for entry in tree if joined(folder, entry.name) in _OWN_FOLDERS} | layouts
    if not own:
        return list(tree)
    inside = tuple(f"{name}/" for name in own)
    return [entry for entry in tree if entry.name not in own and not entry.name.startswith(inside)]


def joined(folder: str, name: str) -> str:
    """A name in a folder, as the project calls it."""
    return clean(f"{folder}/{name}")


def _dockerfile(files: Files, folder: str, given: str | None, tree: Sequence[TreeEntry]) -> str:
    """The Dockerfile's name in the context; the error names all places where it could have been."""
    name = clean(given or DEFAULT_DOCKERFILE)
    if name.startswith(("/", "..")):
        detail = f"`{given}` lies outside of the build context `{folder}`. The path counts from the context's folder."
        raise RefusedError("Dockerfile not found", detail)
    place = joined(folder, name)
    if files.kind(place) == "file":
        return name
    tried = f"`{place}` (the path counts from the context's folder)"
    hint = ""
    if given and files.kind(name) == "file":
        inside = name.removeprefix(f"{clean(folder)}/")
        tried += f"; there is `{name}`, but paths do not count from the project's folder"
        hint = f'write dockerfile_path = "{inside}"' if inside != name else "move it into the context"
    elif given:
        tried += f" and `{name}` (from the project's folder)"
    others = sorted(entry.name for entry in tree if "dockerfile" in entry.name.lower() and entry.kind == "file")
    if not hint and others:
        hint = f'there is `{others[0]}`: write dockerfile_path = "{others[0]}"'
    raise RefusedError(
        "Dockerfile not found", f"A build context needs a Dockerfile, and none was found. Looked for: {tried}.", hint
    )


def _text(files: Files, name: str) -> str:
    text = files.text(name)
    if not text.strip():
        raise RefusedError("Invalid Dockerfile", f"`{name}` is empty, so there is nothing to build.")
    return text


def _ignore_file(dockerfile: str, tree: Sequence[TreeEntry]) -> str:
    """The Dockerfile's own ignore file, or else the context's: never both, as BuildKit does it."""
    names = {entry.name for entry in tree if entry.kind != "folder"}
    return next((name for name in (f"{dockerfile}{_IGNORE_FILE}", _IGNORE_FILE) if name in names), "")


def _patterns(files: Files, place: str) -> tuple[Pattern, ...]:
    try:
        return parse_dockerignore(files.text(place))
    except RefusedError as error:
        raise RefusedError(error.summary, f"In `{place}`: {error.detail}", error.hint) from error


def _always(
    sent: list[TreeEntry], ignored: list[Ignored], tree: Sequence[TreeEntry], names: set[str]
) -> tuple[list[TreeEntry], list[Ignored]]:
    kept = {one.entry.name for one in ignored if one.entry.name in names}
    if not kept:
        return sent, ignored
    have = {entry.name for entry in sent}
    folders = {entry.name: entry for entry in tree if entry.kind == "folder"}
    wanted = kept | {name for name in folders if any(one.startswith(f"{name}/") for one in kept)}
    more = [entry for entry in tree if entry.name in wanted and entry.name not in have]
    return sorted([*sent, *more], key=lambda entry: entry.name), [
        one for one in ignored if one.entry.name not in wanted
    ]


def _refuse_special(folder: str, ignore_file: str, sent: Sequence[TreeEntry]) -> None:
    found = [entry.name for entry in sent if entry.kind == "special"]
    if found:
        more = f" and {len(found) - 1} more like it" if len(found) > 1 else ""
        detail = (
            f"`{folder}` holds `{found[0]}`{more}: a named pipe, a socket or a device, and neither a file nor a folder "
            "nor a link. It has no content that could be hashed and sent to a builder."
        )
        hint = f"to leave it out, write `{found[0]}` into `{joined(folder, ignore_file or _IGNORE_FILE)}`"
        raise RefusedError("Unreadable file", detail, hint)


def _limit(folder: str, sent: Sequence[TreeEntry]) -> None:
    size = sum(entry.size for entry in sent)
    if len(sent) > MAXIMUM_FILES or size > MAXIMUM_BYTES:
        detail = (
            f"`{folder}` holds {len(sent):,} {'file' if len(sent) == 1 else 'files'} of {size:,} bytes that would be "
            "sent; the limits are "
            f"{MAXIMUM_FILES:,} files and {MAXIMUM_BYTES:,} bytes. Ignore what the build does not need, in "
            f"`{joined(folder, _IGNORE_FILE)}`."
        )
        raise RefusedError("Build context too large", detail)


def tree_digest(files: Files, folder: str, entries: Iterable[TreeEntry]) -> Digest:
    """What a tree hashes to: each entry framed on a line of its own, so that no two trees look alike."""
    hasher = hashlib.sha256()
    for entry in entries:
        try:
            (entry.name + entry.target).encode()
        except UnicodeEncodeError as cause:
            shown = entry.name.encode(errors="replace").decode()
            detail = f"`{folder}` holds a file whose name is not UTF-8: `{shown[:80]}`. Rename it, or ignore it."
            raise RefusedError("Invalid file name", detail) from cause
        content = files.digest(joined(folder, entry.name)) if entry.kind == "file" else entry.target
        hasher.update(canonical_json([entry.name, entry.kind, entry.executable, entry.size, content]) + b"\n")
    return Digest(f"sha256:{hasher.hexdigest()}")


def _check(context: Context, parsed: Dockerfile, tree: Sequence[TreeEntry], arguments: Given, target: str) -> None:
    context.errors.extend(parsed.problems)
    context.stages = stages_of(parsed, arguments, context.errors)
    wanted = made(context.stages, target)
    for stage in context.stages:
        problems = context.errors if stage in wanted else context.warnings
        if template := find_template(stage.written):
            context.warnings.append(Problem(stage.line, unrendered(template)))
        else:
            problems.extend(mistakes_in_bases(stage, context.stages))
        for copy in copied(stage):
            _check_copy(context, copy, tree, problems)
    for instruction in parsed.instructions:
        if instruction.keyword in ("ARG", "ENV"):
            context.warnings.extend(_secrets(instruction.arguments, instruction.line))


def _secrets(arguments: str, line: int) -> Iterable[Problem]:
    for word in words(arguments):
        name, equals, value = word.partition("=")
        if equals and value and "$" not in value and (looks_secret(name) or TOKEN.search(value)):
            detail = f"`{name}` looks like a secret, and everybody who has the image can read its value."
            hint = "what is secret belongs to the job that runs in the image, as a variable of its own"
            yield Problem(line, RefusedError("Credentials in a definition", detail, hint))


def _check_copy(context: Context, copy: Copied, tree: Sequence[TreeEntry], problems: list[Problem]) -> None:
    keyword, line = copy.instruction.keyword, copy.instruction.line
    sent = {entry.name for entry in context.sent}
    for source in filter(None, copy.sources):
        name = clean(f"/{source}").lstrip("/")
        if not name or name in sent or "{{" in source:
            continue
        if re.search(r"[*?\[]", name):
            _check_wildcard(copy, name, sent, context)
            continue
        through_link = any(entry.kind == "link" and name.startswith(f"{entry.name}/") for entry in context.sent)
        if through_link:
            continue
        rule = next((one for one in context.ignored if one.entry.name == name), None)
        there = rule is not None or any(entry.name == name for entry in tree)
        detail = f"`{keyword} {source[:80]}` copies what is not in the build context, so the build would fail."
        hint = "a comment cannot stand at the end of a line" if source.startswith("#") else ""
        if there and rule:
            detail = (
                f"`{keyword} {source[:80]}` copies what is ignored: line {rule.pattern.line} of the ignore file says "
                f"`{rule.pattern.text[:60]}`. The build would fail."
            )
        problems.append(Problem(line, RefusedError("Copied file is not in the build context", detail, hint)))


def _check_wildcard(copy: Copied, pattern: str, sent: set[str], context: Context) -> None:
    keyword, line = copy.instruction.keyword, copy.instruction.line
    try:
        found = matcher(pattern)
    except RefusedError as error:
        context.errors.append(Problem(line, error))
        return
    if not any(map(found, sent)):
        detail = f"`{keyword} {pattern[:80]}` matches nothing in the build context, so it copies nothing."
        context.warnings.append(Problem(line, RefusedError("Copied file is not in the build context", detail)))
