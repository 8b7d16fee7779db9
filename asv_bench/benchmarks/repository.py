"""Time and memory of indexing, searching and assembling, on a generated repository of 500 files."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pampax
from pampax.benchmarks import corpus, memory

from .primitives import ReleaseOnly

FILES = 500
QUESTIONS = 20


class _Tree(ReleaseOnly):
    """A tree and a folder for stores, made for each benchmark: asv runs each in a process of its own."""

    timeout = 600

    def setup(self, *parameters: object) -> None:
        super().setup(*parameters)
        self.folder = Path(tempfile.mkdtemp(prefix="pampax-asv-"))
        self.tree = self.folder / "tree"
        corpus.generate(self.tree, FILES, seed=1)

    def teardown(self, *_parameters: object) -> None:
        # Not there if `setup` skipped the benchmark.
        shutil.rmtree(getattr(self, "folder", "/nonexistent"), ignore_errors=True)


class IndexCold(_Tree):
    """From nothing: every call into a store of its own."""

    number = 1
    warmup_time = 0.0

    def setup(self, *parameters: object) -> None:
        super().setup(*parameters)
        self.stores = 0

    def time_index(self) -> None:
        self._index()

    def peakmem_index(self) -> None:
        self._index()

    def _index(self) -> None:
        self.stores += 1
        pampax.open(self.tree, store=self.folder / f"store-{self.stores}").index()


class IndexAgain(_Tree):
    """Nothing changed, or one file."""

    number = 1

    def setup(self, *parameters: object) -> None:
        super().setup(*parameters)
        self.repository = pampax.open(self.tree, store=self.folder / "store")
        self.repository.index()
        self.sources = sorted(self.tree.rglob("*.py"))
        self.edits = 0

    def time_no_change(self) -> None:
        self.repository.index()

    def time_one_edit(self) -> None:
        """Adding a line is part of it: some microseconds of milliseconds."""
        self.edits += 1
        with self.sources[self.edits % len(self.sources)].open("a", encoding="utf-8") as file:
            file.write(f"\n# edit number {self.edits}\n")
        self.repository.index()


class Asked(_Tree):
    """Twenty questions to a program that has the index open.

    Each call asks for another limit or budget, so that no answer is one that was remembered.
    """

    def setup(self, *parameters: object) -> None:
        super().setup(*parameters)
        self.repository = pampax.open(self.tree, store=self.folder / "store")
        self.repository.index()
        self.questions = corpus.queries(FILES, 1, QUESTIONS)
        self.calls = 0

    def time_search(self) -> None:
        self.calls += 1
        for question in self.questions:
            self.repository.search(question, limit=10 + self.calls % 50)

    def time_bundle(self) -> None:
        self.calls += 1
        for question in self.questions:
            self.repository.assemble(question, budget=8_000 + self.calls % 50)

    def peakmem_search(self) -> None:
        for question in self.questions:
            self.repository.search(question)

    def track_memory_of_no_file(self) -> float:
        for question in self.questions:
            self.repository.search(question)
        held = memory.now()
        return float(held.own or held.resident or 0)

    track_memory_of_no_file.unit = "bytes"  # type: ignore[attr-defined]
