"""How fast pampax is on this machine, how much memory it takes, and whether that got worse.

    from pampax import benchmarks

    base = benchmarks.load_run("base.json")
    with benchmarks.prepare("small") as subject:
        run = benchmarks.measure(subject, benchmarks.QUICK)
    run.save("now.json")
    comparison = benchmarks.compare(run, base)
    assert not comparison.regressions

It is what `pampax bench` does; docs/benchmarks.md tells how figures come about and what an alarm takes. `corpus` writes
repositories of any size. Needs NumPy and nothing else; nothing is downloaded.
"""

from pampax.benchmarks.catalogue import BENCHMARKS, FULL, QUICK, Benchmark, Plan
from pampax.benchmarks.compare import THRESHOLD_PERCENT, Change, Comparison, compare
from pampax.benchmarks.failures import BenchmarkFailed, RunError
from pampax.benchmarks.run import Round, Run, Series
from pampax.benchmarks.runner import measure
from pampax.benchmarks.saved import load_run
from pampax.benchmarks.subject import Subject, prepare

__all__ = [
    "BENCHMARKS",
    "FULL",
    "QUICK",
    "THRESHOLD_PERCENT",
    "Benchmark",
    "BenchmarkFailed",
    "Change",
    "Comparison",
    "Plan",
    "Round",
    "Run",
    "RunError",
    "Series",
    "Subject",
    "compare",
    "load_run",
    "measure",
    "prepare",
]
