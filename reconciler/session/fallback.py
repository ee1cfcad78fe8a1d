"""What an apply has finished is not lost where the state cannot be written: it is put into a file aside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from reconciler.backends.file_write import command, replace_file
from reconciler.backends.format import encode
from reconciler.model.diagnostic import Diagnostic, EnvformError, StateError
from reconciler.model.release import __version__
from reconciler.model.state import Entry, Holder, State
from reconciler.protocols import StateBackend

_NAME = "errored{}.envform.json"
_MOST = 100


class Fallback:
    """A backend over another one; what that cannot keep is kept in memory, and in the end in a file beside the project.

    `folders` are tried in order. Once something could not be written, `failed` asks to begin nothing more.
    """

    def __init__(self, backend: StateBackend, folders: Sequence[Path]) -> None:
        self._backend = backend
        self._folders = folders
        self._finished = False
        self._cause: StateError | None = None

    @property
    def failed(self) -> bool:
        """Whether a finished change could not be kept where it belongs."""
        return self._cause is not None

    def read(self) -> State | None:
        """What was recorded."""
        return self._backend.read()

    def append(self, *entries: Entry) -> None:
        """Keep finished changes; where that fails they wait for the state to be written as a whole."""
        self._finished = True
        if self._cause is None:
            try:
                self._backend.append(*entries)
            except StateError as cause:
                self._cause = cause

    def write(self, state: State) -> None:
        """Keep the state, where it belongs or aside; then the error says where it is."""
        try:
            self._backend.write(state)
        except StateError as cause:
            if not self._finished:
                raise
            if self._cause is None and self._journalled(state):
                raise _taken_in_later(cause) from cause
            raise self._kept_aside(state, self._cause or cause) from cause
        if self._cause is not None:
            raise _recovered(self._cause) from self._cause

    def overwrite(self, state: State) -> None:
        """Keep a state in the place of another."""
        self._backend.overwrite(state)

    def remove(self) -> None:
        """Keep nothing any more."""
        self._backend.remove()

    def lock(self, operation: str) -> AbstractContextManager[Holder]:
        """Be the only writer."""
        return self._backend.lock(operation)

    def unlock(self, lock_id: str) -> Holder:
        """Free a lock that was left behind."""
        return self._backend.unlock(lock_id)

    def _journalled(self, state: State) -> bool:
        """Whether all that was finished can be read where it belongs, from the journal."""
        try:
            kept = self._backend.read()
        except StateError:
            return False
        return kept is not None and kept.environments == state.environments

    def _kept_aside(self, state: State, cause: StateError) -> StateError:
        data = encode(state, envform_version=__version__)
        why = " ".join(item.detail for item in cause.diagnostics)
        for folder in self._folders:
            path = _free(folder)
            try:
                replace_file(path, data)
            except OSError:
                continue
            # as it is typed in the project's folder, where that is the first one
            shown = path.name if folder == self._folders[0] else path.absolute()
            push = command("envform", "state", "push", shown)
            return StateError(
                "State not saved",
                f"{why}\n\nWhat this apply finished is kept in `{path}` instead. Once the cause is mended, put it into "
                f"the state, and apply again for the rest:\n\n    {push}\n",
            )
        return StateError(
            "State not saved",
            f"{why}\n\nNowhere else could it be kept either; it is not printed, for logs are read by many. What was "
            "finished is in the registry: once the cause is mended, `envform apply` finds those images by their hash "
            "and records them, and builds nothing twice.",
        )


@contextmanager
def all_told(failures: Sequence[Diagnostic]) -> Iterator[None]:
    """A state that cannot be written does not make what failed before untold."""
    try:
        yield
    except StateError as cause:
        if not failures:
            raise
        raise EnvformError(*failures, *cause.diagnostics) from cause


def _free(folder: Path) -> Path:
    """A name that is not taken: an earlier one may not have been pushed yet."""
    names = (_NAME.format(f"-{number}" if number > 1 else "") for number in range(1, _MOST))
    return next((path for name in names if not (path := folder / name).exists()), folder / _NAME.format(""))


def _taken_in_later(cause: StateError) -> StateError:
    why = " ".join(item.detail for item in cause.diagnostics)
    return StateError(
        "State not written as a whole",
        f"{why}\n\nNothing is lost: all that was finished is in the journal beside the state, and every command "
        "takes it from there. Once the cause is mended, apply again for what is still missing.",
    )


def _recovered(cause: StateError) -> StateError:
    why = " ".join(item.detail for item in cause.diagnostics)
    return StateError(
        "Journal could not be written",
        f"{why}\n\nSo nothing more was begun. The state itself could be written in the end: all that was finished is "
        "recorded. Once the cause is mended, apply again for the rest.",
    )
