"""What excludes what in an `environment` block: nothing that is written there may be without effect."""

from __future__ import annotations

from reconciler.language import nodes
from reconciler.language.declaration import label_text
from reconciler.language.definition.reading import Reading
from reconciler.language.dynamic import DYNAMIC
from reconciler.model.suggestion import nearest

_BASES = ("image", "dockerfile", "build")
_CONDA = ("conda", "conda_file")
_LISTS = (*_CONDA, "pip", "requirements_file")
_PACKAGES = (*_LISTS, "python_version")
_MANAGED = (*_PACKAGES, "exclude_newer", "allow_source_builds", "spark")
_WHOLE = "a build context is built as it is, and its Dockerfile says all that goes into the image"
_OWN_PYTHON = "conda brings a Python of its own, and packages for it stand in conda's own list"
_NOT_MANAGED = "`user_managed` says that the Python of the image is used as it is"
_RULES: tuple[tuple[tuple[str, ...], tuple[str, ...], str, str], ...] = (
    (
        ("image",),
        ("dockerfile",),
        "the Dockerfile names the image that it stands on",
        "write it as FROM in the Dockerfile",
    ),
    (("image",), ("build",), "a built image has the base that its Dockerfile names", ""),
    (("dockerfile",), ("build",), _WHOLE, "put the text into a file of the context"),
    (("dockerfile",), ("docker_steps",), "a Dockerfile holds its own steps", "write them at the end of the Dockerfile"),
    (("conda",), ("conda_file",), "both of them describe one and the same conda environment", ""),
    (_CONDA, ("pip", "requirements_file"), _OWN_PYTHON, 'write them as `pip`, or as "-r FILE" in it, inside of conda'),
    (_CONDA, ("interpreter_path",), _OWN_PYTHON, ""),
    (("build",), ("docker_steps", *_MANAGED), _WHOLE, "install them in the Dockerfile"),
    (("user_managed",), _MANAGED, _NOT_MANAGED, "set user_managed = false, or leave the packages out"),
)
_NOT_LOCAL = (*_BASES, "docker_steps", "spark", "user_managed", "os_type", "platform")
_FLAGS = ("user_managed", "allow_source_builds")
_CONCERNED = frozenset(
    (*_NOT_LOCAL, "base", "packages", *(name for some, others, _, _ in _RULES for name in (*some, *others)))
)


def drop_defaults(reading: Reading) -> None:
    """A default gives way where the block itself says what excludes it."""
    defaults = reading.filled.arguments.keys() - reading.filled.declaration.arguments.keys()
    if not defaults:
        return
    own = {name for name in _given(reading) if reading.is_own(name)}
    for some, others, _, _ in _RULES:
        if own.intersection(some):
            reading.dropped.update(defaults.intersection(others))
        if own.intersection(others):
            reading.dropped.update(defaults.intersection(some))
    if reading.filled.text("runtime") == "local":
        reading.dropped.update(defaults.intersection(_NOT_LOCAL))


def check_exclusions(reading: Reading) -> None:
    """Tell every pair that cannot stand together, at the second one, and a base that is missing."""
    given = _given(reading)
    told: set[str] = set()
    for some, others, why, hint in _RULES if len(given) > 1 else ():
        for one, other in ((one, other) for one in some for other in others):
            if one in given and other in given and other not in told:
                told.add(other)
                detail = f"`{one}` and `{other}` exclude each other: {why}."
                of_bases = one in _BASES and other in _BASES
                reading.refuse(other, "Conflicting base images" if of_bases else "Conflicting arguments", detail, hint)
    if reading.text("runtime") == "local":
        for name in _NOT_LOCAL:
            if name in given:
                detail = (
                    f'`{name}` has no meaning with `runtime = "local"`, which makes no image: it uses this machine.'
                )
                reading.refuse(name, "Conflicting arguments", detail)
    elif given.isdisjoint(_BASES):
        _refuse_without_base(reading)
    _check_effects(reading, given)


def _given(reading: Reading) -> set[str]:
    """What is said, of all that excludes something; a flag that is off, or wrong, excludes nothing."""
    declaration = reading.filled.declaration
    said = _CONCERNED.intersection((*reading.filled.arguments, *declaration.arguments, *declaration.blocks))
    given = {name for name in said if reading.has(name)}
    return given - {flag for flag in _FLAGS if reading.filled.flag(flag) is not True}


def _refuse_without_base(reading: Reading) -> None:
    declaration = reading.filled.declaration
    rule = declaration.rule
    if declaration.block.type != rule.type:
        return  # the block itself is misspelt, and nothing is missed in it
    known = (*(rule.arguments or ()), *rule.blocks)
    for item in declaration.block.body.items:
        word = _word(item)
        meant = word if word in known else nearest(word, known)
        if word not in declaration.arguments and meant in (*_BASES, "runtime"):
            return  # a misspelt word, or an argument written as a block: that was told already
    detail = (
        "An environment stands on an `image`, on a `build` context or on a `dockerfile`, and this one names none of "
        f"them. Write, for example:\n\n{rule.indented_example}"
    )
    reading.refuse("", "Missing base image", detail)


def _word(item: nodes.Argument | nodes.Block) -> str:
    if isinstance(item, nodes.Argument):
        return item.name
    made = item.type == DYNAMIC.type and item.labels
    return label_text(item.labels[0]) if made else item.type


def _check_effects(reading: Reading, given: set[str]) -> None:
    if "base" in given and "image" not in given and reading.is_own("base"):
        detail = "`base` says whether the base image is followed, and no `image` is given whose tag could be."
        reading.refuse("base", "Argument without effect", detail)
    if "packages" in given and given.isdisjoint((*_PACKAGES, "spark")) and reading.is_own("packages"):
        detail = "`packages` says whether the versions of packages are held, and no packages are given."
        reading.refuse("packages", "Argument without effect", detail)
    if "exclude_newer" in given and given.isdisjoint(_LISTS) and reading.is_own("exclude_newer"):
        detail = "`exclude_newer` says until when packages were published, and no packages are given."
        reading.refuse("exclude_newer", "Argument without effect", detail)
    if "allow_source_builds" in given and given.isdisjoint(_LISTS) and reading.is_own("allow_source_builds"):
        detail = "`allow_source_builds` lets packages run the code that builds them, and no packages are given."
        reading.refuse("allow_source_builds", "Argument without effect", detail)
    manages = reading.filled.flag("user_managed") is False and reading.is_own("user_managed")
    if manages and "image" in given and given.isdisjoint((*_PACKAGES, "docker_steps", "spark")):
        detail = "`user_managed = false` asks for packages to be managed, and none are given."
        reading.refuse("user_managed", "Argument without effect", detail, "leave it out")
