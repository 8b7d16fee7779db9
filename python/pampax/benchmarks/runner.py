"""Rounds of steps: what is slow for a while is slow for all of them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from pampax._core import InvalidInput
from pampax.benchmarks import crowding
from pampax.benchmarks.catalogue import BENCHMARKS, FULL
from pampax.benchmarks.machine import machine
from pampax.benchmarks.run import Round, Run, Series
from pampax.benchmarks.steps import STEPS, Cold

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pampax.benchmarks.catalogue import Plan
    from pampax.benchmarks.steps import Step
    from pampax.benchmarks.subject import Subject


def measure(
    subject: Subject,
    plan: Plan = FULL,
    *,
    command_options: Sequence[str] = (),
    progress: Callable[[str], object] = lambda _text: None,
) -> Run:
    """Make the benchmarks that the plan wants on a corpus.

    Steps take turns, and each round begins with another one. `progress` is told what is done now. `command_options` are
    given to commands that are measured as processes; they say on the command line what `subject.open_arguments` says.
    Raises `InvalidInput` for a benchmark that does not exist, `BenchmarkFailed` if a process fails.
    """
    unknown = [name for name in plan.only if name not in BENCHMARKS]
    if unknown:
        raise InvalidInput(f"there is no benchmark {unknown[0]!r}: there are {', '.join(BENCHMARKS)}")
    steps = [
        kind(subject, plan, command_options) if issubclass(kind, Cold) else kind(subject, plan)
        for kind in STEPS
        if any(plan.wants(name) for name in kind.names)
    ]
    found: dict[str, list[Round]] = {name: [] for step in steps for name in step.names}
    for step in steps:
        if step.warms_up:
            progress(f"warming up: {_title(step)}")
            step.run(-1)
    taken_s = [0.0] * len(steps)
    for number in range(max(step.rounds() for step in steps)):
        order = range(len(steps))
        for at in [*order[number % len(steps) :], *order[: number % len(steps)]]:
            step = steps[at]
            if number >= step.rounds() or (
                number >= plan.least_rounds and taken_s[at] > plan.patience_s * len(step.names)
            ):
                continue
            progress(f"round {number + 1} of {step.rounds()}: {_title(step)}")
            started, clock = time.monotonic(), crowding.read()
            readings = step.run(number)
            crowded = crowding.between(clock, crowding.read())
            for name, made in readings.items():
                found[name].append(Round(made.value, made.fastest, made.kernel_ms, tuple(made.samples), crowded))
            taken_s[at] += time.monotonic() - started
    notes = {name: note for step in steps for name, note in step.notes.items()}
    return Run(
        series={
            name: Series(benchmark, tuple(found[name])) for name, benchmark in BENCHMARKS.items() if found.get(name)
        },
        corpus=subject.facts(),
        plan={"name": plan.name, "rounds": plan.rounds, "passes": plan.passes, "extra_percent": plan.extra_percent},
        machine=machine(),
        absent=_absent(found, notes),
        notes=tuple(note for name, note in notes.items() if found.get(name) and name != "query-log"),
    )


def _absent(found: dict[str, list[Round]], notes: dict[str, str]) -> dict[str, str]:
    """Why benchmarks gave nothing."""
    reasons = dict(notes)
    if "query-log" in notes:
        reasons["cache-hit-rate"] = notes["query-log"]
    return {
        name: reasons.get(name, "the system does not say") for name in BENCHMARKS if name in found and not found[name]
    }


def _title(step: Step) -> str:
    return step.names[0] if len(step.names) == 1 else f"{step.names[0]} and {len(step.names) - 1} more"
