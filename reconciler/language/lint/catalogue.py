"""The rules as data, with the ids of Azure ML's own analysis of definitions, in its order."""

from __future__ import annotations

from enum import Enum

from reconciler.model.diagnostic import Severity
from reconciler.model.frozen import dataclass


class By(Enum):
    """Who finds that a rule was broken."""

    LINT = "lint"
    LANGUAGE = "language"  # the configuration is refused before it is linted, so it cannot be ignored
    NOBODY = "nobody"  # what the rule is about does not exist here


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; `means` says when it is broken (or why it cannot be), `remedy` what to do then.

    `summaries` are those of the language's own diagnostics that tell the same.
    """

    id: str
    severity: Severity | None
    by: By
    means: str
    remedy: str = ""
    summary: str = ""
    summaries: tuple[str, ...] = ()
    since: str = "0.1.0"


def _lint(severity: Severity, rule: str, summary: str, means: str, remedy: str) -> Rule:
    return Rule(rule, severity, By.LINT, means, remedy, summary)


def _language(rule: str, means: str, remedy: str, *summaries: str) -> Rule:
    return Rule(rule, Severity.ERROR, By.LANGUAGE, means, remedy, summaries=summaries)


def _nobody(rule: str, why: str) -> Rule:
    return Rule(rule, None, By.NOBODY, why)


_ERROR, _WARNING = Severity.ERROR, Severity.WARNING

_ALL = (
    _language(
        "name-reserved",
        "a name begins with `AzureML`, `Microsoft` or `Envform-`",
        "choose another name; to change a curated environment, declare one of your own that stands on it",
        "Reserved environment name",
    ),
    _language(
        "name-too-long",
        "a name is longer than 255 characters (told as `Invalid environment name`)",
        "choose a shorter one",
    ),
    _nobody("docker-missing", "there is no docker section of version 1: the arguments stand in the environment itself"),
    _language(
        "docker-too-many",
        "more than one of `image`, `dockerfile` and `build` is given",
        "keep the one that is meant",
        "Conflicting base images",
    ),
    _language(
        "docker-none",
        "no `image`, `dockerfile` or `build` is given",
        "give one of them",
        "Missing base image",
    ),
    _nobody("cred-half", "a definition has no place for a user and password: credentials come from Docker's files"),
    _nobody("cred-many", "a definition has no place for a user and password: credentials come from Docker's files"),
    _language(
        "cred-in-definition",
        "an address holds a user, a token or a signature, or a variable that is named like a secret has a value, "
        "or any one a value like a token",
        "remove the secret and change it; see what the message says about where credentials are taken from",
        "Credentials in a definition",
    ),
    _nobody(
        "docker-deprecated-attr",
        "`enabled`, `arguments`, `shared_volumes`, `gpu_support` and `shm_size` are no arguments, so they are refused",
    ),
    _lint(
        _ERROR,
        "dockerfile-too-long",
        "Dockerfile too long",
        "a Dockerfile is larger than 100 KiB, more than Azure ML takes",
        "move data and scripts out of it into files that it copies",
    ),
    _language(
        "context-no-location",
        "a `build` block has no `path` (told as `Missing required argument`)",
        "give the folder that is built",
    ),
    _language(
        "context-no-dockerfile",
        "a build context has no `Dockerfile` at its root, or not the one that `dockerfile_path` names",
        "add it, or set `dockerfile_path`, which is relative to the context",
        "Dockerfile not found",
    ),
    _nobody(
        "context-attr-conflict",
        "what excludes what is checked for all arguments; environment variables may stand "
        "beside a build context, for they are set when the environment is used",
    ),
    _language(
        "context-location-type",
        "the `path` of a `build` block is an address and not a folder",
        "check the repository out into the project, and give its folder",
        "Build context from elsewhere",
    ),
    _nobody("context-location-invalid", "build contexts are folders of the project, never storage addresses"),
    _lint(
        _WARNING,
        "base-deprecated",
        "Deprecated base image",
        "an image is one that Azure ML no longer patches",
        "move to the image that the message names",
    ),
    _lint(
        _WARNING,
        "base-unpinned",
        "Unpinned base image",
        "an image has neither tag nor digest, so that it means `latest`",
        "write a tag, or a digest",
    ),
    _nobody(
        "env-vars-misplaced",
        "`environment_variables` are set when an environment is used; they are not hashed and move no image",
    ),
    _nobody(
        "python-section-missing", "there is no python section of version 1: packages stand in the environment itself"
    ),
    _lint(
        _WARNING,
        "python-missing",
        "No Python version",
        "a conda specification does not name `python`, or names it without a version",
        "add `python=3.12` or another version to its dependencies",
    ),
    _lint(
        _ERROR,
        "python-multiple",
        "More than one Python version",
        "`python` is given more than once, and differently",
        "keep one of them",
    ),
    _lint(
        _WARNING,
        "python-eol",
        "Python version past its end of life",
        "every Python version that is allowed is past its end of life: it gets no security fixes",
        "move to a newer Python",
    ),
    _lint(
        _WARNING,
        "python-near-eol",
        "Python version near its end of life",
        "the newest Python version that is allowed reaches its end of life within 180 days",
        "plan the move to a newer Python",
    ),
    _lint(
        _ERROR,
        "python-unparsable",
        "Unreadable Python version",
        "a Python version is not made of numbers and dots",
        "write it like `3.12` or `>=3.11,<3.13`",
    ),
    _language(
        "conda-missing",
        "the file that `conda_file` names does not exist (told as `No such file`)",
        "correct the path, which is relative to the file that names it",
    ),
    _language(
        "conda-invalid",
        "a conda file is not YAML, or not of a conda file's form",
        "correct what the message points at",
        "Invalid conda file",
        "Invalid conda package",
    ),
    _lint(
        _WARNING,
        "conda-no-channels",
        "No conda channels",
        "a conda specification lists no channels, so that where packages come from depends on who builds",
        "add `channels`, for example `conda-forge`",
    ),
    _nobody("conda-base-env", "every conda specification makes an environment of its own; none is updated in part"),
    _lint(
        _WARNING,
        "dep-unpinned",
        "Unpinned dependency",
        "a package of conda or pip has no version, or a repository has no commit",
        "write a version",
    ),
    _lint(
        _WARNING,
        "pip-missing",
        "pip is not listed",
        "a conda specification has a list for pip, and `pip` is not among its packages",
        "add `pip` with a version to its dependencies",
    ),
    _lint(
        _WARNING,
        "pip-unpinned",
        "Unpinned pip",
        "`pip` is among the packages of a conda specification without a version",
        "write a version",
    ),
    _nobody("r-deprecated", "there is no R section of version 1: list R's packages among conda's"),
    _language(
        "env-not-found",
        "an expression refers to an environment that is not declared",
        "declare it, or correct the name: the message guesses which one was meant",
        "Reference to undeclared environment",
    ),
)

RULES = {rule.id: rule for rule in _ALL}
BY_SUMMARY = {summary: rule for rule in _ALL for summary in rule.summaries}
