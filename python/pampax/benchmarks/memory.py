"""How much memory a process holds, as far as the system says."""

from __future__ import annotations

from typing import NamedTuple


class Memory(NamedTuple):
    """Bytes; None where the system does not say."""

    own: int | None
    """Memory of no file: what cannot be given back under pressure."""
    resident: int | None
    """All physical memory, with the pages of mapped files."""


def now() -> Memory:
    """Of this process now."""
    rollup = _fields("/proc/self/smaps_rollup")
    if "Anonymous" in rollup:
        return Memory(rollup["Anonymous"], rollup.get("Rss"))
    status = _fields("/proc/self/status")
    if "VmRSS" in status:
        return Memory(status.get("RssAnon"), status["VmRSS"])
    return Memory(None, _largest())


def peak_resident() -> int | None:
    """The most physical memory this process has held."""
    return _fields("/proc/self/status").get("VmHWM") or _largest()


def own_of(process: int) -> int:
    """The memory of no file of another process; 0 once it is gone, or where the system does not say."""
    return _fields(f"/proc/{process}/status").get("RssAnon", 0)


def _fields(path: str) -> dict[str, int]:
    found = {}
    try:
        with open(path, encoding="ascii", errors="replace") as lines:  # noqa: PTH123 - a path of the system
            for line in lines:
                name, _, rest = line.partition(":")
                words = rest.split()
                if len(words) == 2 and words[1] == "kB" and words[0].isdigit():
                    found[name] = int(words[0]) * 1024
    except OSError:
        pass
    return found


def _largest() -> int | None:
    try:
        import resource
    except ImportError:
        return None
    import sys

    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(largest if sys.platform == "darwin" else largest * 1024)
