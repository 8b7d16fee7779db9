"""What figures were measured on."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any


def machine() -> dict[str, Any]:
    """Processor, memory, system, versions, load. What the system does not tell is None."""
    import pampax

    memory = _first_match("/proc/meminfo", "MemTotal")
    return {
        "processor": _first_match("/proc/cpuinfo", "model name") or platform.processor() or platform.machine(),
        "processors": os.cpu_count(),
        "memory_bytes": int(memory.split()[0]) * 1024 if memory else None,
        "governor": _line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        "kernel": platform.release(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "pampax": pampax.__version__,
        "build_profile": pampax.build_profile,
        "load_average": [round(load, 2) for load in os.getloadavg()] if hasattr(os, "getloadavg") else None,
    }


def differences(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """Facts that differ between two machines and matter for times, as text."""
    names = ("processor", "processors", "memory_bytes", "governor", "kernel", "python", "build_profile")
    return [f"{name}: {one.get(name)} and {other.get(name)}" for name in names if one.get(name) != other.get(name)]


def _first_match(path: str, prefix: str) -> str | None:
    try:
        lines = Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(prefix)), None)


def _line(path: str) -> str | None:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").strip() or None
    except OSError:
        return None
