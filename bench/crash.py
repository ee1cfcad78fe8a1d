"""What a kill in the middle of an apply loses: envform, and `terraform` where it is on PATH, over 1,000 objects.

Each round adds twenty objects and edits one, and the program is killed while it applies: by strace at a system call
that writes, drawn at random (envform), or by SIGKILL at a moment drawn at random after the first change has begun
(both). Then: can the state be read, is all in it that the program had called complete, does the next apply make
anything again, and is nothing left to do after it? `python bench/crash.py [ROUNDS]`; a table is printed.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tabulate import tabulate

RECORDED, NEW = 1_000, 20
QUICKSTART = Path(__file__).parent.parent / "examples" / "01-quickstart"
ENVFORM = (sys.executable, "-m", "reconciler")
WRITES = ("write", "pwrite64", "fsync", "rename", "ftruncate", "unlink", "openat", "mkdir", "link")
HEADERS = (
    "program",
    "killed",
    "rounds",
    "killed in time",
    "state unreadable or empty",
    "objects forgotten",
    "made twice",
)
BEGUN = re.compile(r"(Creating|Modifying)\.\.\.")
COMPLETE = re.compile(r'^[\w.]+\["(\w+)"\]: (?:Creation|Modifications) complete', re.MULTILINE)
ENVFORM_PROJECT = """
envform {
  registry = "oci:./registry"
}
variable "names" {
  type = map(string)
}
environment "e" {
  for_each    = var.names
  name        = each.key
  image       = "oci:./images:base"
  description = each.value
}
"""
TERRAFORM_PROJECT = """
variable "names" {
  type = map(string)
}
resource "terraform_data" "e" {
  for_each = var.names
  input    = { name = each.key, image = "oci:./images:base", description = each.value }
}
"""


@dataclass
class Project:
    """A folder in which one of the programs works; `names` are what it is to hold, with their descriptions."""

    folder: Path
    program: tuple[str, ...]
    variables: str
    environment: Mapping[str, str]
    names: dict[str, str] = field(default_factory=lambda: {f"r{number}": "" for number in range(RECORDED)})

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """The program to its end."""
        env = {**os.environ, **self.environment}
        return subprocess.run(
            (*self.program, *words), cwd=self.folder, env=env, capture_output=True, text=True, check=False
        )

    def apply(self) -> subprocess.CompletedProcess[str]:
        """All that is wanted, without a question."""
        self.declare()
        return self.run("apply", "-auto-approve", "-no-color")

    def declare(self) -> None:
        """Write down what is wanted."""
        (self.folder / self.variables).write_text(json.dumps({"names": self.names}))

    def recorded(self) -> set[str] | None:
        """What the state knows, by name; None where it cannot be read."""
        done = self.run("state", "list")
        if done.returncode:
            return None
        return set(re.findall(r'\["(\w+)"\]', done.stdout))

    def told(self, output: Path) -> set[str]:
        """What it has called complete."""
        return set(COMPLETE.findall(output.read_text(errors="replace")))

    def start(self, output: Path, *before: str) -> subprocess.Popen[bytes]:
        """An apply that goes on beside us, with streams of its own."""
        self.declare()
        command = (*before, *self.program, "apply", "-auto-approve", "-no-color")
        with output.open("wb") as stream:
            return subprocess.Popen(
                command,
                cwd=self.folder,
                env={**os.environ, **self.environment},
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )


def killed_at_a_moment(project: Project, output: Path, chance: random.Random, longest: float) -> bool:
    """Whether it was still running."""
    process = until_it_changes(project, output)
    time.sleep(chance.uniform(0, longest))
    running = process.poll() is None
    if running:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return running


def until_it_changes(project: Project, output: Path) -> subprocess.Popen[bytes]:
    """An apply whose first change has begun."""
    process = project.start(output)
    while process.poll() is None and not BEGUN.search(output.read_text(errors="replace")):
        time.sleep(0.001)
    return process


def time_of_changes(project: Project, output: Path) -> float:
    """How long an apply goes on from then."""
    process = until_it_changes(project, output)
    started = time.monotonic()
    process.wait()
    return time.monotonic() - started


def killed_at_a_call(project: Project, output: Path, chance: random.Random, calls: Counter[str]) -> bool:
    """Whether it came to that call at all; strace counts calls thread by thread."""
    call = chance.choice(sorted(calls))
    when = chance.randrange(1, calls[call] + 1)
    strace = ("strace", "-f", "-qq", "-o", os.devnull, "--seccomp-bpf", "-e")
    return project.start(output, *strace, f"inject={call}:signal=SIGKILL:when={when}").wait() != 0


def calls_of(project: Project, output: Path) -> Counter[str]:
    """How often the thread that does it most makes each system call that writes, in one apply."""
    trace = project.folder / "trace"
    strace = ("strace", "-f", "-qq", "-o", str(trace), "--seccomp-bpf", "-e", f"trace={','.join(WRITES)}")
    project.start(output, *strace).wait()
    found = Counter(re.findall(r"^(\d+) +(\w+)\(", trace.read_text(errors="replace"), re.MULTILINE))
    most: Counter[str] = Counter()
    for (_, call), count in found.items():
        most[call] = max(most[call], count)
    return most


def rounds(project: Project, how: str, count: int, chance: random.Random) -> tuple[object, ...]:
    """A line of the table."""
    output = project.folder / "output"
    asked(project)
    calls = calls_of(project, output) if how == "at a system call" else Counter[str]()
    asked(project)
    longest = time_of_changes(project, output)
    found: Counter[str] = Counter()
    for _ in range(count):
        kept, before = copy_of_state(project), project.recorded() or set()
        asked(project)
        killed = (
            killed_at_a_call(project, output, chance, calls)
            if calls
            else killed_at_a_moment(project, output, chance, longest)
        )
        found["killed"] += killed
        recorded = project.recorded() or set()
        lost = (before | project.told(output)) - recorded
        found["lost"] += len(lost)
        if not recorded:
            found["unreadable"] += 1
            put_back(project, kept)
        done = project.apply()
        left = project.run("plan", "-detailed-exitcode", "-no-color")
        if done.returncode or left.returncode:
            raise SystemExit(f"it did not come to rest:\n{done.stdout}{done.stderr}{left.stdout}{left.stderr}")
    found["twice"] = made_twice(project)
    name = Path(project.program[0]).name if project.program != ENVFORM else "envform"
    return name, how, count, found["killed"], found["unreadable"], found["lost"], found["twice"]


def asked(project: Project) -> None:
    """Twenty more, and another description for one."""
    start = len(project.names)
    project.names |= {f"n{start + number}": "" for number in range(NEW)}
    project.names["r7"] = f"edited {start}"


def made_twice(project: Project) -> int:
    """How many environments have a version more than they were asked for."""
    if project.program != ENVFORM:
        return 0
    state = json.loads((project.folder / "state" / "default.json").read_text())
    return sum(len(one["versions"]) > 1 for one in state["environments"].values())


def copy_of_state(project: Project) -> bytes | None:
    """What terraform's state is before, for where it is lost; envform's is never put back."""
    path = project.folder / "terraform.tfstate"
    return path.read_bytes() if path.exists() else None


def put_back(project: Project, kept: bytes | None) -> None:
    """Go on from where it was before."""
    if kept is not None:
        (project.folder / "terraform.tfstate").write_bytes(kept)


def envform_project(scratch: Path) -> Project:
    """A thousand environments, applied."""
    folder = scratch / "envform"
    shutil.copytree(QUICKSTART / "images", folder / "images")
    (folder / "main.hcl").write_text(ENVFORM_PROJECT)
    project = Project(folder, ENVFORM, "envform.vars.json", {"PYTHONPATH": str(QUICKSTART.parent.parent)})
    if project.apply().returncode:
        raise SystemExit("the first apply failed")
    return project


def terraform_project(scratch: Path, program: str) -> Project:
    """As many objects of a kind that touches nothing."""
    folder = scratch / "terraform"
    folder.mkdir()
    (folder / "main.tf").write_text(TERRAFORM_PROJECT)
    quiet = {"CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": os.devnull}
    project = Project(folder, (program,), "terraform.tfvars.json", quiet)
    project.run("init", "-no-color")
    if project.apply().returncode:
        raise SystemExit("terraform's first apply failed")
    return project


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    chance = random.Random()
    with tempfile.TemporaryDirectory() as scratch:
        ours = envform_project(Path(scratch))
        show(rounds(ours, "at a moment", count, chance))
        if shutil.which("strace"):
            show(rounds(ours, "at a system call", count, chance))
        if program := shutil.which("terraform"):
            # a round of it takes minutes
            show(rounds(terraform_project(Path(scratch), program), "at a moment", max(1, count // 5), chance))


def show(row: tuple[object, ...]) -> None:
    """Each line as soon as it is known."""
    print(tabulate([row], headers=HEADERS), flush=True)


if __name__ == "__main__":
    main()
