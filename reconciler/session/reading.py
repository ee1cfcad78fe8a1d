"""Reads a project: what it declares, and what can be said of that, both kept between runs in `.envform/cache`."""

from __future__ import annotations

import hashlib
import os
import site
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.language.inputs import Inputs, VariableFile, VariableText
from reconciler.language.source import ProjectFiles, keep, read_given, read_kept, read_project, read_variable_files
from reconciler.language.verdicts import Verdict, keep_verdict, recall_verdict, verdict_key
from reconciler.language.watched_files import WatchedFiles
from reconciler.model.diagnostic import Diagnostics, EnvformError
from reconciler.model.digest import Digest
from reconciler.model.release import __version__
from reconciler.session.curated import bases_text, curated_texts
from reconciler.session.grammar import grammar_kept

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reconciler.language.configuration import Configuration, Draft
    from reconciler.language.remembered_files import RememberedFiles

_BLOCKS = "blocks"
_VERDICT = "verdict"


@dataclass(frozen=True)
class ProjectReader:
    """One project folder, with what a run gives to it; each thing is read when first asked for.

    `added` are texts that count as configuration beside those of the folder, by the names that messages call them.
    """

    root: Path
    variables: tuple[VariableText | VariableFile | Path, ...] = ()
    documents: tuple[str, ...] = ()
    workspace: str = ""
    added: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def sources(self) -> Mapping[str, str]:
        """The texts of the configuration."""
        return {**read_project(self.root, self.documents, alone=not self.added), **self.added}

    @cached_property
    def inputs(self) -> Inputs:
        """What the configuration is given from outside of its own files."""
        problems = Diagnostics()
        files = read_variable_files(self.root, problems)
        given = tuple(read_given(self.root, one, problems) for one in self.variables)
        problems.check()
        return Inputs(os.environ, files, given, __version__, self.workspace, curated_texts(), bases_text())

    @cached_property
    def files(self) -> WatchedFiles:
        """The project's files, as configuration sees them."""
        return WatchedFiles(ProjectFiles(self.root))

    @cached_property
    def remembered(self) -> RememberedFiles:
        """The same, each read once."""
        from reconciler.language.remembered_files import RememberedFiles

        return RememberedFiles(self.files)

    @property
    def read(self) -> Mapping[str, Digest]:
        """The digest of every file that was read for the configuration, by its path."""
        texts = {**self.sources, **self.remembered.texts}
        found = {name: Digest.of(text.encode(errors="surrogatepass")) for name, text in texts.items()}
        return dict(sorted((found | self.remembered.digests).items()))

    @cached_property
    def configuration(self) -> Configuration:
        """What the project declares."""
        return self.draft.checked()

    @cached_property
    def draft(self) -> Draft:
        """What the project declares, right or wrong; blocks that the last run has seen are not parsed again."""
        from reconciler.language import hcl
        from reconciler.language.block_cache import BlockCache
        from reconciler.language.configuration import draft

        sources = self.sources
        blocks = BlockCache(hcl.parse, read_kept(self.root, _BLOCKS), tool=installation())
        try:
            with grammar_kept():
                return draft(sources, blocks.parse, self.remembered, self.inputs)
        finally:
            kept = blocks.store()
            if kept is not None:
                keep(self.root, _BLOCKS, kept)

    def verdict(self, today: date) -> Verdict:
        """All that can be said without a registry or a state. What was said is said again while nothing changes."""
        try:
            key = verdict_key(self.sources, self.inputs, today, installation())
        except EnvformError as error:
            return Verdict(0, error.diagnostics)
        known = recall_verdict(read_kept(self.root, _VERDICT), key, ProjectFiles(self.root))
        if known is not None:
            return known
        verdict = self._verdict(today)
        keep(self.root, _VERDICT, keep_verdict(key, self.files.asked, verdict))
        return verdict

    def _verdict(self, today: date) -> Verdict:
        from reconciler.language.hcl import garbage_collection_paused
        from reconciler.language.lint.check import with_rule
        from reconciler.language.validation import validate

        try:
            with garbage_collection_paused():
                return Verdict(len(self.draft.configuration.addresses), validate(self.draft, today))
        except EnvformError as error:
            return Verdict(0, tuple(with_rule(item) for item in error.diagnostics))


@cache
def installation() -> str:
    """Changes whenever envform, or anything that is installed beside it, does.

    Nobody else can know it, so what others have put into a project's cache is never believed.
    """
    beside = [Path(place).stat().st_mtime_ns for place in site.getsitepackages() if Path(place).is_dir()]
    facts = __version__, sorted(_files(str(Path(__file__).parent.parent))), sorted(beside)
    return hashlib.sha256(repr(facts).encode()).hexdigest()


def _files(folder: str) -> Iterator[tuple[str, int, int]]:
    """Each file of ours with its size and time, but for what Python makes of them."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_file():
                status = entry.stat()
                yield entry.path, status.st_size, status.st_mtime_ns
            elif entry.name != "__pycache__":
                yield from _files(entry.path)
