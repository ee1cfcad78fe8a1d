"""What is kept of each build, and how it is found again."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import pytest

from reconciler.builders.hidden import without_credentials
from reconciler.builders.logs import LoggingBuilder
from reconciler.builders.verdicts import VERDICTS, verdict
from reconciler.execution.making import SCRATCH
from reconciler.model.definition import Definition, Lock
from reconciler.model.diagnostic import BuildError
from reconciler.model.work import Recipe
from reconciler.oci.image import Image
from reconciler.oci.reference import Name
from reconciler.registries.layout import LayoutRegistry
from tests.builders.making_wheels import TinyWheel
from tests.builders.small_bases import python_base
from tests.cli.terminal import REPOSITORY, Envform

SETTINGS = 'envform {\n  registry = "oci:./registry"\n}\n'
PACKAGES = (
    SETTINGS
    + 'environment "training" {\n  image = "oci:./images:python:1"\n  pip = ["./tiny-1.0-py3-none-any.whl"]\n}\n'
)


@pytest.fixture
def envform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Envform:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "project"
    folder.mkdir()
    LayoutRegistry(folder / "images").push(python_base(), [Name("python", "1")])
    TinyWheel({"tiny.py": "tiny = 1\n"}).write(folder)
    (folder / "main.hcl").write_text(PACKAGES)
    return Envform(folder)


def logs(envform: Envform) -> list[Path]:
    return sorted((envform.folder / ".envform" / "logs").glob("*/*.log"))


def test_a_log_tells_what_was_resolved_fetched_and_layered(envform: Envform) -> None:
    assert envform("apply", "-auto-approve").exit_code == 0
    (path,) = logs(envform)
    text = envform("logs", "environment.training").stdout
    assert text == path.read_text()
    assert "# for: environment.training\n" in text
    for wanted in (
        "resolved tiny 1.0 tiny-1.0",
        "fetched tiny==1.0 from",
        "bytes: envform: tiny==1.0",
        "image sha256:",
    ):
        assert wanted in text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for called in ("training", "training:1", path.parent.name, path.parent.name[:8]):
        assert envform("logs", called).stdout == text


def test_what_was_not_built_here_has_no_log(envform: Envform) -> None:
    assert envform("apply", "-auto-approve").exit_code == 0
    unknown = envform("logs", "trainin")
    assert (unknown.exit_code, "did you mean `environment.training`" in unknown.stderr) == (1, True)
    logs(envform)[0].unlink()
    gone = envform("logs", "training")
    assert gone.exit_code == 1
    assert "It is registered, and was not built in this folder" in " ".join(gone.stderr.split())


def test_a_build_that_fails_says_so_in_its_log_and_the_next_one_has_its_own(envform: Envform) -> None:
    wheel = envform.folder / "tiny-1.0-py3-none-any.whl"
    whole = wheel.read_bytes()
    TinyWheel({"tiny.py": "x"}, more={"../out.py": "out"}).write(envform.folder)
    failed = envform("apply", "-auto-approve")
    assert failed.exit_code == 1
    first = envform("logs", "environment.training").stdout
    assert "failed: Wheel cannot be used" in first
    assert LayoutRegistry(envform.folder / "registry").catalog() == ()
    wheel.write_bytes(whole)
    assert envform("apply", "-auto-approve").exit_code == 0
    assert "failed" not in envform("logs", "environment.training").stdout
    assert len(logs(envform)) == 2


def test_only_the_last_logs_of_a_definition_are_kept(envform: Envform) -> None:
    (envform.folder / "tiny-1.0-py3-none-any.whl").unlink()
    TinyWheel({"tiny.py": "x"}, more={"../out.py": "out"}).write(envform.folder)
    for _ in range(5):
        assert envform("apply", "-auto-approve").exit_code == 1
    assert len(logs(envform)) == 3
    for path in logs(envform):
        os.utime(path, (0, 0))
    TinyWheel({"tiny.py": "y"}).write(envform.folder)
    assert envform("apply", "-auto-approve").exit_code == 0
    assert len(logs(envform)) == 1


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("from https://me:s3cret@host/simple/x.whl", "s3cret"),
        ("Looking in indexes: https://s3cret@host/simple", "s3cret"),
        ("GET https://host/x?sv=1&sig=s3cret%2F&se=2", "s3cret"),
        ("https://host/?access_token=s3cret", "s3cret"),
        ("curl -H 'Authorization: Bearer s3cret'", "s3cret"),
        ("export GH=ghp_" + "s3cret" * 6, "s3cret"),
    ],
)
def test_what_lets_somebody_in_is_never_written_down(text: str, hidden: str) -> None:
    assert hidden not in without_credentials(text)
    assert "***" in without_credentials(text)


def test_what_only_looks_like_it_stays() -> None:
    for text in (
        "user@host",
        "COPY --chown=me:us a@b /",
        "https://host/pkg@1.0?x=1",
        "assign=1",
        "ghp_short",
        "risk-free",
    ):
        assert without_credentials(text) == text


LINES = {
    "dockerfile-format": "dockerfile parse error line 3: FROM requires either one or three arguments",
    "docker-unknown-instruction": "dockerfile parse error line 2: unknown instruction: RUNN",
    "copy-not-found": 'failed to compute cache key: "/nothing" not found: not found',
    "image-not-found": "manifest for python:3.99 not found: manifest unknown: manifest unknown",
    "pull-failed": "pull access denied for private/image, repository does not exist or may require 'docker login'",
    "pull-io": "Get https://registry.example.org/v2/: net/http: TLS handshake timeout",
    "acr-unreachable": 'Get "https://nowhere.azurecr.io/v2/": dial tcp: lookup nowhere.azurecr.io: no such host',
    "push-failed": "failed to push registry.example.org/x: unexpected status",
    "conda-not-found": "/bin/sh: 1: conda: not found",
    "conda-utf8": "env.yaml\nUnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in position 0",
    "conda-bad-spec": "InvalidVersionSpec: Invalid version '1.0=': invalid character(s)",
    "conda-oom": "conda env create\nSolving environment: ...working... Killed",
    "conda-timeout": "conda env create\nsolver timed out after 3600s",
    "conda-package-not-found": "ResolvePackageNotFound: \n  - nosuchpackage",
    "conda-python-incompatible": "UnsatisfiableError: these specifications were found\n  - x -> python[version='<3.8']",
    "conda-forbidden-blob": "HTTP 403 FORBIDDEN for url <https://x.blob.core.windows.net/y>",
    "conda-comm": "CondaHTTPError: HTTP 000 CONNECTION FAILED for url <https://conda.example.org>",
    "conda-interactive-auth": "User for pkgs.example.org: \nEOFError: EOF when reading a line",
    "conda-mpi4py": "ERROR: Failed building wheel for mpi4py",
    "conda-horovod": "ERROR: Failed building wheel for horovod",
    "conda-compile": "unable to execute 'gcc': No such file or directory\nerror: command 'gcc' failed",
    "pip-cannot-uninstall": "error: externally-managed-environment",
    "pip-bad-wheel-name": "ERROR: x.whl is not a valid wheel filename.",
    "pip-invalid-operator": "ERROR: Invalid requirement: 'numpy=1.26': Expected end or semicolon",
    "conda-no-distribution": "channels:\n  - conda-forge\nERROR: No matching distribution found for x==9",
    "pip-no-distribution": "ERROR: No matching distribution found for x==9",
    "apt-failed": "E: Unable to locate package libnothing",
    "make-no-makefile": "make: *** No targets specified and no makefile found.  Stop.",
    "conda-bare-redirect": "/bin/sh: 1: cannot open =1.26: No such file",
    "conda-missing-module": "ModuleNotFoundError: No module named 'numpy'",
    "conda-missing-command": "conda run x\nFileNotFoundError: [Errno 2] No such file or directory: 'git'",
    "command-not-found": "/bin/sh: 1: wget: not found",
    "disk-full": "dd: error writing '/x': No space left on device",
    "network-unreachable": "[Errno -3] Temporary failure in name resolution\nERROR: No matching distribution found",
    "no-secrets": "no active sessions",
    "certificate-not-trusted": "curl: (60) SSL certificate problem: unable to get local issuer certificate",
    "wrong-architecture": "exec /bin/sh: exec format error",
    "pip-hash-mismatch": "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
    "pip-conflict": "ERROR: ResolutionImpossible: for help visit https://pip.pypa.io",
    "shell-syntax": "/bin/sh: 1: Syntax error: Unterminated quoted string",
    "permission-denied": "mkdir: cannot create directory '/x': Permission denied",
    "out-of-memory": "executor failed running [/bin/sh -c make]: exit code: 137",
    "pip-generic": "The command '/bin/sh -c pip install x' returned a non-zero code: 1",
}


@pytest.mark.parametrize("rule", LINES)
def test_a_failure_is_known_by_what_it_prints(rule: str) -> None:
    found = verdict(LINES[rule].splitlines())
    assert found is not None
    assert found.rule == rule


class Breaking:
    """Builds nothing: a program of its was ended."""

    def build(self, *_: object) -> Image:
        raise BuildError("Damaged Debian package", "The files of `bash` cannot be read.")


@pytest.mark.parametrize(("stopped", "told"), [(True, "Build was stopped"), (False, "Damaged Debian package")])
def test_what_breaks_after_an_interrupt_was_interrupted(tmp_path: Path, *, stopped: bool, told: str) -> None:
    builder = LoggingBuilder(Breaking(), tmp_path, lambda: "now", stopped=lambda: stopped)
    recipe = Recipe(Definition("x", None, "linux/amd64"), Lock(None, "linux/amd64"))
    with pytest.raises(BuildError, match=told):
        builder.build(recipe, SCRATCH, lambda _: None)
    assert f"failed: {told}" in next(tmp_path.glob("*/*.log")).read_text()


def test_each_rule_is_tried_and_told_in_the_documents() -> None:
    assert {one.rule for one in VERDICTS} == set(LINES)
    told = (REPOSITORY / "docs" / "builds.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z0-9-]+)` \| (.+?) \| (.+?) \|$", told, re.MULTILINE)
    assert rows == [(one.rule, one.means, one.advice) for one in VERDICTS]


def test_what_nobody_knows_has_no_verdict() -> None:
    assert verdict(["the-reason", "exit code: 3"]) is None
