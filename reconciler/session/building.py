"""What makes and publishes the images of one apply: with logs, with a time limit, and one at a time for each hash."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from reconciler.builders.caching import Turns
from reconciler.execution.making import Maker
from reconciler.execution.publish import Publisher
from reconciler.model.plan import Plan
from reconciler.session.ahead import Ahead
from reconciler.session.cache_space import cache_limit, trim_cache
from reconciler.session.layer_index import is_wanted
from reconciler.session.logs import log_folder
from reconciler.session.parts import cache_folder

if TYPE_CHECKING:
    from reconciler.builders.logs import LoggingBuilder
    from reconciler.model.address import Address
    from reconciler.model.definition import Lock
    from reconciler.model.plan import Desired
    from reconciler.oci.image import Image
    from reconciler.protocols import EventSink
    from reconciler.session import Session


@dataclass(frozen=True)
class Building:
    """`limit` are the seconds that one build may take, 0: as many as it needs."""

    session: Session
    plan: Plan
    stopped: Callable[[], bool]
    limit: float = 0.0

    @property
    def publisher(self) -> Publisher:
        """What carries out the changes of the plan."""
        session = self.session
        cache_limit()  # what is wrong with it is said before there is work
        is_wanted()
        turns = Turns(cache_folder() / "turns", self.stopped)
        maker = Maker(session.open_registry, lambda: self._builder)
        return Publisher(session.registry, maker, session.now, turns.take, self._verify, self.plan.workspace)

    def _verify(self, address: Address, desired: Desired, lock: Lock, image: Image, emit: EventSink) -> None:
        if path := desired.details.interpreter_path:
            self.session.parts.check_interpreter(image, desired.definition.image or str(address), path)
        if desired.details.verify is not None:
            from reconciler.session.running import runner_of
            from reconciler.session.verification import Verification

            runner = runner_of(self.session, desired.definition, lock, address)
            Verification(runner, log_folder(self.session.root)).check(address, desired, image, emit)

    @cached_property
    def _builder(self) -> LoggingBuilder:
        from reconciler.builders.logs import LoggingBuilder

        session = self.session
        folder = log_folder(session.root)
        builder = session.parts.builder
        return LoggingBuilder(builder, folder, session.now, self._addresses, self.stopped, self.limit, self._ahead.send)

    @cached_property
    def _ahead(self) -> Ahead:
        return Ahead(lambda: self.session.registry)

    @property
    def _addresses(self) -> Mapping[str, Sequence[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for change in self.plan.work:
            if change.after:
                found[change.after.hash].append(str(change.address))
        return found

    def tidy(self) -> None:
        """Tell others what was built, and take away what nobody is likely to need again; only after a build."""
        if "_builder" in self.__dict__:
            self._ahead.close()
            if not self.stopped():
                self.session.parts.publish_knowledge()
            self._builder.trim()
            trim_cache()
