"""What is measured, in which unit, against which kernel, and how often."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Unit = Literal["ms", "bytes", "share"]
Kernel = Literal["core", "memory", "all-cores", "process"]


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One figure."""

    name: str
    unit: Unit
    summary: str
    kernel: Kernel | None = None
    """The fixed work that is timed beside it, by which comparisons divide; None for what does not depend on speed."""
    higher_is_better: bool = False

    @property
    def needs_quiet(self) -> bool:
        """Whether it waits for threads, files or other processes, so that a crowded machine slows it for good.

        Calls of microseconds on one thread find a moment between two interruptions on any machine.
        """
        return self.kernel not in ("core", None)


BENCHMARKS: dict[str, Benchmark] = {
    benchmark.name: benchmark
    for benchmark in (
        Benchmark("index-cold", "ms", "an index from nothing", "all-cores"),
        Benchmark("index-no-change", "ms", "an index run that finds nothing changed", "all-cores"),
        Benchmark("index-one-edit", "ms", "an index run after one file was edited", "all-cores"),
        Benchmark("search-cold", "ms", "`pampax search` as a new process", "process"),
        Benchmark("search-cold-watched", "ms", "the same while `pampax watch` runs", "process"),
        Benchmark("search-warm", "ms", "a search, words and vectors, in a program that has the index open", "memory"),
        Benchmark("bundle-cold", "ms", "`pampax assemble` as a new process", "process"),
        Benchmark("bundle-warm", "ms", "a bundle of 8,000 tokens in a program that has the index open", "memory"),
        Benchmark("sqlite-read", "ms", "one look-up in the catalogue", "core"),
        Benchmark("fusion", "ms", "fusing three rankings of 1,000 ids", "core"),
        Benchmark("packing", "ms", "packing 1,000 pieces in 250 groups into 8,000 tokens", "core"),
        Benchmark("traversal", "ms", "four edges far from three of 20,000 nodes, 1,000 of them", "core"),
        Benchmark("token-counting", "ms", "counting the tokens of 8.6 kB of code", "core"),
        Benchmark("query-log", "ms", "a search of a log in which questions come again", "memory"),
        Benchmark("cache-hit-rate", "share", "searches of that log answered from the cache", higher_is_better=True),
        Benchmark("memory-steady", "bytes", "memory of no file after serving searches"),
        Benchmark("memory-steady-resident", "bytes", "the same with the pages of mapped files"),
        Benchmark("memory-peak", "bytes", "the most memory of no file during an index from nothing (sampled)"),
        Benchmark("memory-peak-resident", "bytes", "the same with the pages of mapped files, as the system counts"),
    )
}
"""By name, in the order they are shown."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How often and on how much."""

    name: str
    rounds: int
    """How many rounds count. Each has processes of its own."""
    short_rounds: int
    """Rounds of the benchmarks that take microseconds and need no index: they are cheap."""
    least_rounds: int
    """So many are made of a slow benchmark, whatever they take."""
    patience_s: float
    """Beyond `least_rounds`, a step that has taken so long for each of its benchmarks gets no further round."""
    passes: int
    """How often a round inside a program goes over its calls. One more pass before them warms up and does not count."""
    runs: int
    """How often a round runs an index run that has little to do, and each new process."""
    searches: int
    bundles: int
    processes: int
    """New processes a round for each of `search-cold`, `search-cold-watched` and `bundle-cold`."""
    log_queries: int
    """Length of the replayed log."""
    seed: int = 1
    extra_percent: int = 0
    """Repeat this share of the work of benchmarks inside a program: a slowdown to try a comparison with."""
    only: tuple[str, ...] = field(default=())
    """The benchmarks to make; none named: all."""

    def wants(self, name: str) -> bool:
        """Whether a benchmark is to be made."""
        return not self.only or name in self.only


FULL = Plan("full", rounds=21, short_rounds=31, least_rounds=5, patience_s=120, passes=5, runs=3, searches=60,
            bundles=20, processes=5, log_queries=400)  # fmt: skip
QUICK = Plan("quick", rounds=9, short_rounds=21, least_rounds=3, patience_s=20, passes=5, runs=3, searches=20,
             bundles=20, processes=2, log_queries=100)  # fmt: skip
