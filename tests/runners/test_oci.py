"""Jobs really run in containers: what they are told, what they see, how they end, and what is left of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.model.diagnostic import RunError
from reconciler.model.work import Job, Mount, Outcome
from reconciler.oci.image import Image
from reconciler.runners.oci import OciRunner
from tests.builders.debian import debian_archive, debian_base
from tests.runners.making_images import above, file, folder, image, symlink
from tests.services.wants import missing, require

REPOSITORY = Path(__file__).parents[2]
PATH = "PATH=/usr/bin:/bin"
# The job says that it is ready; the test then sends what it is about.
STARTED = """
import sys
from pathlib import Path
from reconciler.model.work import Job
from reconciler.runners.oci import OciRunner
from tests.builders.debian import debian_base
outcome = OciRunner(Path(sys.argv[1]), lambda _: None).run(Job(tuple(sys.argv[2:])), debian_base(), print)
sys.exit(outcome.exit_code)
"""
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shared, for a Debian is unpacked only once."""
    require("runc")
    require("unshare")
    if os.geteuid() != 0:
        missing("runc", "some machines let nobody but root start containers")
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def run(cache: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs a job, and gives its exit code and what it printed."""

    def run(job: Job, image: Image | None = None) -> subprocess.CompletedProcess[str]:
        outcome = OciRunner(cache, lambda _: None).run(job, image or debian_base(), lambda _: None)
        out, err = capfd.readouterr()
        return subprocess.CompletedProcess(job.command, outcome.exit_code, out, err)

    return run


def bash(script: str) -> Job:
    return Job(("bash", "-c", script))


def test_output_goes_where_ours_goes_and_the_exit_code_is_the_jobs(run: Run) -> None:
    done = run(bash("echo said; echo complained >&2; exit 42"))
    assert (done.returncode, done.stdout, done.stderr) == (42, "said\n", "complained\n")


def test_what_a_job_writes_is_gone_afterwards(run: Run) -> None:
    assert run(bash("echo changed > /etc/os-release; rm -r /usr/share; mkdir /new; ls /new")).returncode == 0
    done = run(bash('test ! -e /new && test -d /usr/share && read line < /etc/os-release && echo "$line"'))
    assert done.returncode == 0
    assert "Debian" in done.stdout


def test_nothing_is_left_of_a_run(run: Run, cache: Path) -> None:
    run(bash("echo x > /file; (sleep 60 &) ; exit 3"))
    assert list((cache / "runs").iterdir()) == []
    assert str(cache) not in Path("/proc/self/mounts").read_text()


def test_mounts_are_seen_and_written_to_unless_they_are_read_only(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("from here\n")
    shown = (Mount(str(tmp_path), "/mnt/rw"), Mount(str(tmp_path), "/mnt/ro", writable=False))
    script = "cat file; echo new > made; echo no > /mnt/ro/refused"
    done = run(Job(("bash", "-c", script), mounts=shown, folder="/mnt/rw"))
    assert done.stdout == "from here\n"
    assert "Read-only file system" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "made"]


def test_an_image_says_what_runs_as_whom_and_where(run: Run) -> None:
    made = above(
        debian_base(),
        file("etc/passwd", b"root:x:0:0::/root:/bin/bash\nworker:x:1234:50::/home/worker:/bin/bash\n"),
        file("etc/group", b"root:x:0:\nteam:x:77:worker\n"),
        folder("home/worker", uid=1234, gid=50),
        Env=[PATH, "COLOUR=green", "SIZE=small"],
        WorkingDir="/home/worker",
        User="worker",
        Entrypoint=["bash", "-c"],
        Cmd=["id -u; id -g; id -G; pwd; echo $HOME $COLOUR $SIZE; touch mine"],
    )
    assert run(Job((), {"SIZE": "large"}), made).stdout.split() == [
        "1234", "50", "50", "77", "/home/worker", "/home/worker", "green", "large",
    ]  # fmt: skip
    assert run(Job(("echo the entrypoint stays",)), made).stdout == "the entrypoint stays\n"


def test_a_job_has_no_more_rights_than_docker_gives_and_sees_no_other_processes(run: Run) -> None:
    script = "mount -t tmpfs none /mnt || true; ls -d /proc/[0-9]* | wc -l; mknod /dev/sdz b 8 0; cat /dev/sdz"
    done = run(bash(script))
    assert int(done.stdout) < 8
    assert "Operation not permitted" in done.stderr


@pytest.mark.parametrize(
    ("job", "summary"),
    [
        (Job(("pyhton3",)), "Program not found"),
        (Job(("/usr/bin/nothing",)), "Program not found"),
        (Job(("/etc/os-release",)), "Program cannot be started"),
        (Job(()), "Job has no command"),
    ],
)
def test_what_cannot_be_started_is_told_in_words(run: Run, cache: Path, job: Job, summary: str) -> None:
    with pytest.raises(RunError) as caught:
        run(job, above(debian_base(), Env=[PATH]))
    assert caught.value.diagnostics[0].summary == summary
    assert list((cache / "runs").iterdir()) == []


def test_a_misspelt_program_is_guessed(run: Run) -> None:
    with pytest.raises(RunError) as caught:
        run(Job(("pyhton3",)), debian_base())
    assert caught.value.diagnostics[0].hint == "did you mean `python3`?"


def test_an_unknown_user_of_an_image_is_told(run: Run) -> None:
    with pytest.raises(RunError, match="Unknown user"):
        run(bash("true"), above(debian_base(), User="nobody-knows", Env=[PATH]))


def test_an_account_file_that_leads_out_of_the_image_is_not_read(run: Run, tmp_path: Path) -> None:
    (outside := tmp_path / "passwd").write_text("root:x:0:0::/:/bin/sh\nstranger:x:1:1::/:/bin/sh\n")
    linked = above(debian_base(), symlink("etc/passwd", str(outside)), User="stranger", Env=[PATH])
    with pytest.raises(RunError, match="Unknown user"):
        run(bash("true"), linked)


def test_without_a_runtime_it_is_said_what_to_install(cache: Path) -> None:
    runner = OciRunner(cache, lambda _: None, ["no-such-runtime"])
    with pytest.raises(RunError) as caught:
        runner.run(bash("true"), image(), lambda _: None)
    diagnostic = caught.value.diagnostics[0]
    assert diagnostic.summary == "No container runtime"
    assert "apt-get install runc" in diagnostic.detail


def test_a_runtime_that_does_not_work_here_leaves_it_to_the_next(cache: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    assert OciRunner(cache, lambda _: None, [str(broken), "runc"]).run(bash("exit 5"), debian_base(), print) == Outcome(
        5
    )
    with pytest.raises(RunError, match="Container cannot be started"):
        OciRunner(cache, lambda _: None, [str(broken)]).run(bash("exit 5"), debian_base(), print)


def test_where_nothing_can_be_laid_over_the_image_a_copy_is_written_to(cache: Path, tmp_path: Path) -> None:
    odd = tmp_path / f"{cache.name}:b,c"
    runner = OciRunner(odd, lambda _: None)
    layered = above(debian_base(), file("kept", b"as it was"), Env=[PATH])
    assert runner.run(bash("echo changed > /kept; exit 4"), layered, lambda _: None) == Outcome(4)
    assert [path.read_bytes() for path in odd.glob("rootfs/*/kept")] == [b"as it was"]
    assert list((odd / "runs").iterdir()) == []


def started(cache: Path, *command: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", STARTED, cache, *command], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_job_as_it_would_end_a_shells_child(cache: Path, number: signal.Signals) -> None:
    process = started(cache, "bash", "-c", "echo ready; sleep 60")
    process.send_signal(number)
    assert process.wait(30) == 128 + number


def test_a_job_may_handle_a_signal(cache: Path) -> None:
    script = "import signal, sys\nsignal.signal(15, lambda *_: sys.exit(9))\nprint('ready', flush=True)\nsignal.pause()"
    process = started(cache, "python3", "-c", script)
    process.terminate()
    assert process.wait(30) == 9


def test_a_job_that_does_not_listen_is_killed_when_asked_twice(cache: Path) -> None:
    deaf = "import signal\nfor number in (2, 15): signal.signal(number, signal.SIG_IGN)\n"
    script = f"{deaf}print('ready', flush=True)\nwhile True: signal.pause()"
    process = started(cache, "python3", "-c", script)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 128 + signal.SIGKILL


def test_a_job_ends_when_we_are_killed(cache: Path) -> None:
    process = started(cache, "bash", "-c", "echo ready; trap '' HUP TERM; sleep 60")
    process.kill()
    assert process.stdout is not None
    assert process.stdout.read() == "", "the end of the output is reached when nobody holds it open any more"


def test_who_is_not_root_runs_jobs_too_and_is_told_whom_he_is() -> None:
    require("runc")
    setpriv = require("setpriv")
    if os.geteuid() != 0:
        missing("a job without root", "only root can become somebody else")
    reachable = subprocess.run([setpriv, *NOBODY, sys.executable, "-c", "import pydantic"], cwd=REPOSITORY, check=False)
    if reachable.returncode:
        missing("a job without root", "this Python lies where only root can reach it")
    readable = subprocess.run([setpriv, *NOBODY, "test", "-r", debian_archive()], check=False)
    if readable.returncode:
        missing("a job without root", "what tests keep lies where only root can reach it")
    allowed = subprocess.run([setpriv, *NOBODY, "unshare", "-Ur", "true"], check=False, capture_output=True)
    if allowed.returncode:
        missing("a job without root", "user namespaces are for root only here")
    script = "id -u; echo x > /etc/new; stat -c %a /etc/shadow-like"
    with tempfile.TemporaryDirectory() as cache:
        Path(cache).chmod(0o777)
        done = subprocess.run(
            [setpriv, *NOBODY, sys.executable, "-B", "-c", AS_NOBODY, cache, script],
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stdout.split()) == (0, ["Image's", "user", "is", "not", "used", "0", "600"]), (
        done.stderr
    )


NOBODY = ("--reuid", "65534", "--regid", "65534", "--clear-groups")
AS_NOBODY = """
import sys
from pathlib import Path
from reconciler.model.work import Job
from reconciler.runners.oci import OciRunner
from tests.builders.debian import debian_base
from tests.runners.making_images import above, file
made = above(debian_base(), file("etc/shadow-like", b"x", 0o600), User="65534", Env=["PATH=/usr/bin:/bin"])
tell = lambda event: print(event.diagnostic.summary, flush=True)
sys.exit(OciRunner(Path(sys.argv[1]), lambda _: None).run(Job(("bash", "-c", sys.argv[2])), made, tell).exit_code)
"""
