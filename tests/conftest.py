"""What holds for all tests: there is a built module, and property tests run at one of two speeds."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

try:
    import pampax
except ImportError as error:
    raise pytest.UsageError(f"pampax cannot be imported ({error}): run `make build-dev` first") from error

# The quick profile draws the same inputs in every run, so that it fails for a change and not by chance; the thorough
# one draws new ones each time.
settings.register_profile("fast", max_examples=50, deadline=None, derandomize=True)
settings.register_profile("slow", max_examples=1000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))


def pytest_report_header() -> str:
    return f"pampax {pampax.__version__}, {pampax.build_profile} build"
