"""The command `pampax`, and `python -m pampax`."""

from __future__ import annotations

import os
import sys

from pampax.ahead import open_ahead


def main() -> int:
    """Run the command line, and return its exit code; after a question the process ends here."""
    is_question = open_ahead(sys.argv[1:])
    # Imported now, as it takes as long as the rest: meanwhile the repository is opened.
    from pampax import cli

    code = cli.main()
    if is_question:
        _leave(code)
    return code


def _leave(code: int) -> None:
    """End the process without taking the interpreter and the index apart: that takes a tenth of a short question."""
    import atexit

    atexit._run_exitfuncs()  # noqa: SLF001 - what others asked to be done in the end is done
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):  # whoever read it has gone
            code = code or 1
    os._exit(code)


if __name__ == "__main__":
    sys.exit(main())
