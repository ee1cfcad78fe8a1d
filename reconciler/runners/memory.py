"""Jobs that a function answers: for tests of everything around a run."""

from __future__ import annotations

from collections.abc import Callable

from reconciler.model.diagnostic import RunError
from reconciler.model.work import Job, Outcome
from reconciler.oci.image import Image
from reconciler.protocols import EventSink


class MemoryRunner:
    """Remembers every job and lets a function say how it ended."""

    def __init__(self, answer: Callable[[Job, Image], int]) -> None:
        self._answer = answer
        self.jobs: list[Job] = []

    def run(self, job: Job, image: Image, emit: EventSink) -> Outcome:  # noqa: ARG002 - there is nothing to tell
        """Ask the function."""
        if not job.command:
            raise RunError(
                "Job has no command",
                "There is nothing to run: the job's command is empty. Give the program and its arguments.",
            )
        self.jobs.append(job)
        return Outcome(self._answer(job, image))
