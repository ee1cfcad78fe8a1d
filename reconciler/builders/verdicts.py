"""What the last lines of a build's log say about why it failed: rules in order, the first that fits is the verdict.

The ids are those by which Azure ML's users know these failures.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from reconciler.model.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """A kind of failure: its id, what it means, what to do, and what it looks like in a log."""

    rule: str
    means: str
    advice: str
    pattern: str


# The special before the general: pip says "No matching distribution" after a compiler failed, too.
VERDICTS = (
    Verdict(
        "docker-unknown-instruction",
        "A line of the Dockerfile begins with a word that is no instruction.",
        "Look for a typing error, or for a line before it that lacks its `\\` at the end; "
        "engines before 23.0 take the lines of a heredoc for instructions.",
        r"(?i)unknown instruction",
    ),
    Verdict(
        "dockerfile-format",
        "The Dockerfile cannot be read.",
        "Look at the line that is named; save the file as UTF-8.",
        r"(?i)dockerfile parse error|failed to parse dockerfile|file with no instructions|invalid UTF-8 in Dockerfile",
    ),
    Verdict(
        "copy-not-found",
        "A file that COPY or ADD names is not in the build context.",
        "Look at the path, which is seen from the context's folder; at `.dockerignore`, which may leave it out; and "
        "for a comment at the end of the line, which Docker takes for a file.",
        r"(?i)(?:COPY|ADD) failed:|failed to compute cache key|failed to calculate checksum of ref"
        r"|lstat \S+: no such file",
    ),
    Verdict(
        "image-not-found",
        "An image that the build stands on does not exist.",
        "Look at its name and tag, and whether it was deleted in its registry.",
        r"(?i)manifest (?:for \S+ )?(?:not found|unknown)|\bname unknown\b|: not found: manifest|no such image",
    ),
    Verdict(
        "pull-failed",
        "An image that the build stands on may not be pulled.",
        "Look at its name; `docker login` where it is private.",
        r"(?i)pull access denied|repository does not exist or may require|unauthorized: authentication required"
        r"|failed to authorize|no basic auth credentials|denied: requested access",
    ),
    Verdict(
        "pull-io",
        "The connection broke while an image was pulled.",
        "Apply again; if it stays, look at the network, proxy and firewall of the engine's machine.",
        r"(?i)(?:pull|registry|manifests|/v2/).{0,200}(?:i/o timeout|connection reset|unexpected EOF"
        r"|TLS handshake timeout"
        r"|Client\.Timeout exceeded)|failed to copy: httpReadSeeker",
    ),
    Verdict(
        "acr-unreachable",
        "The registry cannot be reached from the engine's machine.",
        "Look at its name, and whether a firewall or a private network stands before it.",
        r"(?i)(?:/v2/|registry|failed to (?:do request|resolve source metadata)).{0,200}(?:no such host"
        r"|connection refused|network is unreachable|no route to host)|client with IP \S+ is not allowed",
    ),
    Verdict(
        "push-failed",
        "What was built could not be pushed.",
        "Apply again; look at the credentials if it stays.",
        r"(?i)failed to push|error pushing|blob upload (?:unknown|invalid)",
    ),
    Verdict(
        "conda-not-found",
        "The image has no conda, or it is not on PATH.",
        "Stand on an image that has it, or install it in a step before.",
        r"(?:^|[\s:/])(?:conda|mamba|micromamba): (?:command )?not found|exec: \"conda\": executable file not found",
    ),
    Verdict(
        "conda-utf8",
        "The conda file is not UTF-8.",
        "Save it as UTF-8.",
        r"UnicodeDecodeError.{0,200}(?:ya?ml|conda)|(?:ya?ml|conda)[\s\S]{0,400}UnicodeDecodeError",
    ),
    Verdict(
        "conda-bad-spec",
        "A package is spelled as conda does not read it, or an environment file was given to `conda create`.",
        "Write NAME=VERSION; an environment file goes to `conda env create -f`.",
        r"InvalidVersionSpec|InvalidMatchSpec|CondaValueError|could not parse '.*\.ya?ml'",
    ),
    Verdict(
        "conda-oom",
        "The solver of conda ran out of memory.",
        "Ask for fewer packages or pin more of them, use the libmamba solver, or give the engine more memory.",
        r"(?i)conda[\s\S]{0,2000}(?:MemoryError|\bKilled\b|exit code: 137|returned a non-zero code: 137)",
    ),
    Verdict(
        "conda-timeout",
        "The solver of conda took too long.",
        "Ask for fewer packages or pin more of them; there may be no solution at all.",
        r"(?i)conda[\s\S]{0,2000}(?:solv\w+ (?:timed out|took too long)|TimeoutExpired)",
    ),
    Verdict(
        "conda-package-not-found",
        "conda knows no such package in these channels.",
        "Look at the name, the version and the channels.",
        r"ResolvePackageNotFound|PackagesNotFoundError|nothing provides requested|package .+ does not exist",
    ),
    Verdict(
        "conda-python-incompatible",
        "A package of conda is not made for this Python.",
        "Choose another version of it, or of Python.",
        r"UnsatisfiableError[\s\S]{0,2000}python|package \S+ requires python\b[\s\S]{0,400}none of the providers",
    ),
    Verdict(
        "conda-forbidden-blob",
        "The place where a package is kept refuses to give it out.",
        "Look whether the signature in its address has run out.",
        r"(?i)403[\s\S]{0,200}blob\.core\.windows\.net|blob\.core\.windows\.net[\s\S]{0,200}403|AuthenticationFailed",
    ),
    Verdict(
        "conda-comm",
        "A channel of conda cannot be reached.",
        "Look at its spelling, apply again, and look at the network if it stays.",
        r"CondaHTTPError|CondaSSLError|ProxyError: Conda|UnavailableInvalidChannel|ChannelNotAllowed",
    ),
    Verdict(
        "conda-interactive-auth",
        "A private package asked for a user name, and nobody can answer.",
        "Use an index that needs none here, or packages of envform, which take credentials from the environment.",
        r"EOFError: EOF when reading a line|User for \S+: *$|could not read Username for",
    ),
    Verdict(
        "disk-full",
        "No space is left where the engine builds.",
        "Free some there, such as by `docker system prune`, or have the step remove what it does not need.",
        r"(?i)no space left on device|disk quota exceeded",
    ),
    Verdict(
        "network-unreachable",
        "A step could not reach a host on the network.",
        "Look at its name, and at the proxy, the name server and the firewall of the engine's machine; apply again.",
        r"(?i)temporary failure (?:in name resolution|resolving)|could not resolve host|name or service not known"
        r"|failed to establish a new connection|could not connect to|failed to connect to \S+ port"
        r"|network is unreachable|no route to host",
    ),
    Verdict(
        "no-secrets",
        "A step mounts a secret or an SSH agent, and envform has none to hand on.",
        "Have the step do without: copy what lies behind a password from an image that was made elsewhere.",
        r"no active sessions|secret .{0,200}not found",
    ),
    Verdict(
        "certificate-not-trusted",
        "The image does not trust the certificate of a host.",
        "Install `ca-certificates` in a step before, and the certificate of your proxy where one stands between.",
        r"(?i)certificate_verify_failed|SSL certificate problem|certificate signed by unknown authority"
        r"|certificate verification failed|unable to get local issuer certificate",
    ),
    Verdict(
        "wrong-architecture",
        "A program is for another kind of processor than the engine runs.",
        "Look at `platform`, and at what was downloaded; an engine needs an emulator for other processors.",
        r"(?i)exec format error",
    ),
    Verdict(
        "conda-mpi4py",
        "mpi4py needs an MPI, and the image has none.",
        "Install `libopenmpi-dev` in a step before, or take mpi4py from conda-forge.",
        r"(?i)mpi4py[\s\S]{0,4000}(?:Cannot compile MPI|mpicc|mpi\.h)|Failed building wheel for mpi4py",
    ),
    Verdict(
        "conda-horovod",
        "horovod could not be built.",
        "Install its framework, CMake and a compiler in a step before it.",
        r"(?i)Failed building wheel for horovod|horovod[\s\S]{0,4000}(?:CMake|HOROVOD_WITH)",
    ),
    Verdict(
        "conda-compile",
        "A package has to be compiled, and the image has no compiler, one that is too old, or lacks a header.",
        "Install `build-essential` and what is named in a step before, or choose a version that has a wheel.",
        r"(?i)(?:gcc|g\+\+|cc|clang|cmake)['\"]?: (?:command not found|not found|No such file)"
        r"|unable to execute '\S*(?:gcc|cc|g\+\+)'|error: command '\S*(?:gcc|cc|g\+\+)' failed|fatal error: \S+\.h: "
        r"|CMake must be installed|Failed building wheel for|metadata-generation-failed|Microsoft Visual C\+\+",
    ),
    Verdict(
        "pip-cannot-uninstall",
        "pip may not replace what the operating system has installed.",
        "Use a virtual environment in the step, or leave the package to the operating system.",
        r"Cannot uninstall |externally-managed-environment|uninstall-distutils-installed-package"
        r"|uninstall-no-record-file",
    ),
    Verdict(
        "pip-bad-wheel-name",
        "A wheel's file name is not as it must be, or the wheel is not for this platform.",
        "Give it back the name that it was built with, or choose one for this platform.",
        r"is not a valid wheel filename|is not a supported wheel on this platform|Invalid wheel filename",
    ),
    Verdict(
        "pip-invalid-operator",
        "A requirement is spelled as pip does not read it.",
        "Write `NAME==VERSION`, with two equals signs.",
        r"Invalid requirement: |= is not a valid operator|RequirementParseError|Expected end or semicolon",
    ),
    Verdict(
        "pip-hash-mismatch",
        "A package is not the one whose hash the requirements state, or has no hash there.",
        "Find out why the file was changed; take the new hash if it was meant.",
        r"(?i)do not match the hashes|require-hashes mode, all requirements must",
    ),
    Verdict(
        "pip-conflict",
        "The requirements contradict each other.",
        "Look at the versions that the lines above ask for, and leave one of them open.",
        r"ResolutionImpossible|these package versions have conflicting dependencies",
    ),
    Verdict(
        "conda-no-distribution",
        "No listed channel has this version.",
        "Look at the version, or add the channel that has it.",
        r"(?i)channels?:[\s\S]{0,2000}No matching distribution found",
    ),
    Verdict(
        "pip-no-distribution",
        "The index has no such package or version, or none for this Python.",
        "Look at its name and version, and at which Pythons it supports.",
        r"No matching distribution found|Could not find a version that satisfies|No solution found when resolving",
    ),
    Verdict(
        "apt-failed",
        "Packages of the operating system could not be installed.",
        "Run `apt-get update` in the same step; look at the names, at the network, and whether the step runs as root.",
        r"(?m)^E: |Unable to locate package|Unable to fetch some archives|dpkg: error",
    ),
    Verdict(
        "make-no-makefile",
        "make was started where no makefile is.",
        "Look at the folder in which the step runs, and whether the makefile is in the build context.",
        r"No targets specified and no makefile found|No rule to make target",
    ),
    Verdict(
        "conda-bare-redirect",
        "The shell took `<` or `>` in a version for a redirection.",
        "Put quotes around the requirement.",
        r"(?:cannot open|syntax error.*|ambiguous redirect|can't open) *'?=?[\d.]+"
        r"|: =?\d[\d.]*: No such file or directory",
    ),
    Verdict(
        "conda-missing-module",
        "A Python module is missing, or is not for this Python.",
        "Install it in a step before, into the Python that runs here.",
        r"ModuleNotFoundError: |ImportError: |No module named ",
    ),
    Verdict(
        "conda-missing-command",
        "conda could not run a command that is not installed.",
        "Install it in a step before.",
        r"(?i)conda[\s\S]{0,800}FileNotFoundError: \[Errno 2\]|CommandNotFoundError",
    ),
    Verdict(
        "shell-syntax",
        "The shell cannot read the command of a step.",
        "Look for a quote or a bracket that is not closed, and for bash's words, which `sh` does not know.",
        r"(?i)syntax error: |syntax error near|unexpected EOF while looking for|bad substitution",
    ),
    Verdict(
        "permission-denied",
        "A step may not do what it tries, for the user that it runs as.",
        "Put `USER root` before it and the user's name after it, or choose a folder that the user may write.",
        r"(?i)permission denied(?! \(publickey)|operation not permitted",
    ),
    Verdict(
        "out-of-memory",
        "A step was ended from outside, which mostly means that memory ran out.",
        "Give the engine more memory, or have the step do less at a time.",
        r"\bKilled\b|MemoryError|(?i:exit code: 137|returned a non-zero code: 137)",
    ),
    Verdict(
        "command-not-found",
        "A command is not in the image.",
        "Install it in a step before, or look at PATH.",
        r"(?i)command not found|: not found\b|executable file not found|returned a non-zero code: 127|exit code: 127",
    ),
    Verdict(
        "pip-generic",
        "pip could not install something.",
        "The lines above say what; the whole log may say more.",
        r"(?i)\bpip(?:3|\d\.\d+)? install\b[\s\S]*(?:error|exit code|non-zero code)|subprocess-exited-with-error",
    ),
)


def verdict(lines: Iterable[str]) -> Verdict | None:
    """What the lines of a failed build look like; None where they look like nothing that is known."""
    text = "\n".join(lines)
    return next((one for one in VERDICTS if re.search(one.pattern, text)), None)
