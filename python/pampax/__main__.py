"""The command `pampax`, and `python -m pampax`."""

from __future__ import annotations

import sys

from pampax.ahead import open_ahead


def main() -> int:
    """Run the command line, and return its exit code."""
    open_ahead(sys.argv[1:])
    # Imported now, as it takes as long as the rest: meanwhile the repository is opened.
    from pampax import cli

    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
