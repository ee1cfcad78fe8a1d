"""What a runtime could not do, in words of ours."""

from __future__ import annotations

import re
from collections.abc import Sequence

from reconciler.model.diagnostic import RunError
from reconciler.model.pattern import lazy_pattern
from reconciler.model.work import CANNOT_START, NOT_FOUND

_NOT_FOUND = lazy_pattern(r"executable file .*not found|exec: .*no such file or directory|executable file `", re.DOTALL)
_NOT_ALLOWED = lazy_pattern(r"exec: .*permission denied|exec: .*exec format error|exec: .*is a directory", re.DOTALL)
_OVERLAY = lazy_pattern(r"""mount(ing)? ["`']?overlay""")
_TRIVIA = lazy_pattern(r"^(runc run failed: )?(unable to start container process: )?(error during container init: )?")


def no_runtime(names: Sequence[str]) -> RunError:
    """Nothing here can start a container."""
    return RunError(
        "No container runtime",
        f"Jobs run in the unpacked files of their image, and it takes {' or '.join(f'`{name}`' for name in names)} to "
        "start them; none of them is on this machine. Install one, on Debian and Ubuntu with:\n\n"
        "    apt-get install runc\n",
    )


def program_not_found(program: str, hint: str = "") -> RunError:
    """The image has no such program, or not all that it takes to start it."""
    detail = (
        f"There is no program `{program}` in the image, or what it needs to start (an interpreter named in its first "
        "line, a loader) is not there. The image's PATH says where programs are looked for."
    )
    return RunError(NOT_FOUND, detail, hint=hint)


def failed_to_start(problem: str, program: str) -> RunError | None:
    """What is wrong with the command itself, so that no other runtime would do better."""
    if _NOT_FOUND.search(problem):
        return program_not_found(program)
    if _NOT_ALLOWED.search(problem):
        return RunError(CANNOT_START, f"`{program}` is in the image and cannot be started: {problem}.")
    return None


def cannot_start(problems: Sequence[str], programs: Sequence[str]) -> RunError:
    """No runtime that is here works here."""
    told = "\n".join(
        f"    {program}: {_TRIVIA.sub('', problem) or 'it said nothing'}"
        for program, problem in zip(programs, problems, strict=False)
    )
    return RunError(
        "Container cannot be started",
        f"No container runtime of this machine could start the job:\n\n{told}\n\nIn a container of Docker or "
        "Kubernetes that takes more rights than it usually has (`--privileged`); elsewhere root, or user namespaces "
        "for everybody.",
    )
