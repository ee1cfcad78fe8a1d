"""What the registry keeps of records, after commands have changed them in the state alone."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from reconciler.model.diagnostic import Diagnostic, EnvformError
from reconciler.model.event import Told

if TYPE_CHECKING:
    from reconciler.execution.records import Recorded, Records
    from reconciler.model.state import State
    from reconciler.session import Session

_AT_ONCE = 16
_SHOWN = 3


def tell_registry(session: Session, state: State, changed: Sequence[Recorded]) -> None:
    """Keep them there as they are now; where that cannot be, what was asked for is done all the same, with a warning.

    After the first one that fails nothing more is tried: a registry that does not answer is not asked a thousand times.
    """
    from reconciler.execution.records import Records

    if not changed:
        return
    try:
        records = Records(session.registry, state.lineage, state.locks.get, session.settings.workspace)
        _replace(records, changed[:1])
        _replace(records, changed[1:])
    except EnvformError as error:
        why = " ".join(item.detail for item in error.diagnostics)
        names = ", ".join(f"`{one.after.name}`" for one in changed[:_SHOWN])
        more = f" and {len(changed) - _SHOWN} more" if len(changed) > _SHOWN else ""
        detail = f"{why}\n\nThe state has it; only who lost the state would find {names}{more} as it was."
        session.emit(Told(Diagnostic.warning("Record in the registry is older than the state", detail)))


def _replace(records: Records, changed: Sequence[Recorded]) -> None:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        try:
            list(pool.map(lambda one: records.replace(one, one.versions), changed))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
