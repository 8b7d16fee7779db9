"""`python -m pampax`: the same as the command `pampax`."""

from __future__ import annotations

import sys

from pampax.cli import main

if __name__ == "__main__":
    sys.exit(main())
