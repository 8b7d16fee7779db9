"""What can go wrong beside what pampax itself raises."""

from __future__ import annotations

from pampax._core import InputOutputError, InvalidInput


class BenchmarkFailed(InputOutputError):
    """A measured process ended with an error. The text has the end of what it wrote."""


class RunError(InvalidInput):
    """A file is no saved run. The text names the file and what is wrong with it."""


class CorpusError(InvalidInput):
    """The file of a pinned corpus is not what the pin says, or cannot be unpacked."""
