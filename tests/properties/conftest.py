"""Makes the generator of repositories and the harness of the fault tests importable here."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
for folder in (str(ROOT), str(ROOT / "tests" / "faults")):
    if folder not in sys.path:
        sys.path.insert(0, folder)
