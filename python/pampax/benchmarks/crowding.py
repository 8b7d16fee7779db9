"""How crowded the machine is: time that other processes took while none was left over."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

CROWDED = 0.1
"""Above this share of the machine's time a round does not decide."""


class Clock(NamedTuple):
    """Seconds of all cores, since the start of the system; and those of this process and its ended children."""

    total: float
    idle: float
    own: float


def read() -> Clock | None:
    """The clock now; None where the system does not say."""
    try:
        with Path("/proc/stat").open(encoding="ascii") as lines:
            fields = [int(field) for field in lines.readline().split()[1:9]]
        ticks = os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, AttributeError):
        return None
    if len(fields) < 8:
        return None
    times = os.times()
    own = times.user + times.system + times.children_user + times.children_system
    # user, nice, system, idle, iowait, irq, softirq, steal: what another guest of the host takes counts as busy.
    return Clock(sum(fields) / ticks, (fields[3] + fields[4]) / ticks, own)


def between(before: Clock | None, after: Clock | None) -> float:
    """The share of the machine's time that others took and that was not there for us, from 0 to 1."""
    if before is None or after is None or after.total <= before.total:
        return 0.0
    total = after.total - before.total
    idle = (after.idle - before.idle) / total
    others = 1 - idle - (after.own - before.own) / total
    return min(1.0, max(0.0, others - idle))
