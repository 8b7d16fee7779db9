"""What was measured: a run of series of rounds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pampax.benchmarks import intervals
from pampax.benchmarks.crowding import CROWDED

if TYPE_CHECKING:
    import os

    from pampax.benchmarks.catalogue import Benchmark
    from pampax.benchmarks.intervals import Interval


@dataclass(frozen=True, slots=True)
class Round:
    """One figure of processes of its own."""

    value: float
    """The median over its passes, in the benchmark's unit."""
    fastest: float
    """With the fastest pass of each call: what runs are compared by, as interruptions only ever add."""
    kernel_ms: float | None = None
    """The fastest that the kernel was meanwhile; None if the benchmark has none."""
    samples: tuple[float, ...] = ()
    """The single calls; none if the round was one."""
    crowded: float = 0.0
    """The share of the machine's time that other processes took and that was wanting here."""

    @property
    def calibrated(self) -> float:
        """The fastest figure in times of the kernel, or as it is without one."""
        return self.fastest if self.kernel_ms is None else self.fastest / self.kernel_ms


@dataclass(frozen=True, slots=True)
class Series:
    """All rounds of a benchmark."""

    benchmark: Benchmark
    rounds: tuple[Round, ...]

    @property
    def values(self) -> list[float]:
        """The figure of each round."""
        return [made.value for made in self.rounds]

    @property
    def deciding(self) -> tuple[Round, ...]:
        """The rounds by which runs are compared: without those in which the machine was too crowded to tell."""
        if not self.benchmark.needs_quiet:
            return self.rounds
        return tuple(made for made in self.rounds if made.crowded <= CROWDED)

    @property
    def samples(self) -> list[float]:
        """All single calls of all rounds."""
        return [sample for made in self.rounds for sample in (made.samples or (made.value,))]

    @property
    def median(self) -> Interval:
        """The median of the rounds, with its interval."""
        return intervals.median(self.values)

    def percentile(self, percent: float) -> float:
        """Of the single calls."""
        return intervals.percentile(self.samples, percent)


@dataclass(frozen=True, slots=True)
class Run:
    """A run of `pampax bench`."""

    series: dict[str, Series]
    """By benchmark, in the order of the catalogue."""
    corpus: dict[str, Any]
    """What was measured on: name, kind, seed, files, bytes, and a digest of the questions."""
    plan: dict[str, Any]
    machine: dict[str, Any]
    absent: dict[str, str] = field(default_factory=dict)
    """Benchmarks that gave no figure, and why."""
    notes: tuple[str, ...] = ()
    """What a reader of the figures should know."""

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the run to a file, which appears as a whole or not at all."""
        from pampax.benchmarks.saved import save_run

        save_run(self, path)
