"""The first process among those of a container: starts the runtime, hands signals on, reaps, and ends as the job ends.

Run as a script by the interpreter that runs envform, in new namespaces, with nothing but the standard library. The
kernel keeps from a first process what it does not handle, so the job must not be it; and with the first process all
others end, so nothing of a job outlives it. Arguments: the descriptor from which signals are read, the file in which
the runtime leaves the job's number, the container's name, and the runtime with its flags.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

_FAILED = 1
_KILLED = 128


def main(requests: int, pid_file: Path, name: str, runtime: list[str]) -> int:
    """The job's exit code as a shell tells it; 1 where the runtime could not start it."""
    wakes, woken = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    run = ["run", "--detach", "--bundle", str(pid_file.parent), "--pid-file", str(pid_file), name]
    if subprocess.run([*runtime, *run], check=False).returncode:
        return _FAILED
    job = int(pid_file.read_text())
    try:
        return _ended(job, requests, wakes)
    finally:
        subprocess.run([*runtime, "delete", "--force", name], check=False, capture_output=True)


def _ended(job: int, requests: int, wakes: int) -> int:
    while (code := _reaped(job)) is None:
        ready, _, _ = select.select([requests, wakes], [], [])
        if wakes in ready:
            os.read(wakes, 512)
        if requests in ready:
            # No more requests: whoever started us is gone, and wants nothing of the job any more.
            for number in os.read(requests, 512) or [signal.SIGKILL]:
                with suppress(ProcessLookupError):
                    os.killpg(job, number)
    return code


def _reaped(job: int) -> int | None:
    """The job's exit code once it has ended; what else has ended is reaped by the way."""
    while True:
        try:
            process, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return _KILLED + signal.SIGKILL
        if process == 0:
            return None
        if process == job:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else _KILLED - code


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4:]))
