"""Profiles of the property tests: quick by default, thorough with HYPOTHESIS_PROFILE=slow."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[2]
for folder in (str(ROOT), str(ROOT / "tests" / "faults")):
    if folder not in sys.path:
        sys.path.insert(0, folder)

# Each example indexes real files, so that the time of one varies far more than hypothesis expects.
_SUPPRESSED = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]
settings.register_profile("fast", max_examples=20, deadline=None, suppress_health_check=_SUPPRESSED)
settings.register_profile("slow", max_examples=500, deadline=None, suppress_health_check=_SUPPRESSED)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))
