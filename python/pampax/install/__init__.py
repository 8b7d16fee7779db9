"""`pampax install`: telling agents on this machine about pampax, and taking it back.

Every agent keeps its servers in a file of its own that people edit too. So nothing here writes a whole configuration:
`jsonc`, `toml_text` and `marked` find the span that has to change and leave all other bytes as they are; `clients`
knows whose file is where; `targets` and `plan` put both together into changes that can be shown (`difference`) before
they are made (`files`), and `records` remembers each splice, so that it can be undone to the byte.
"""

from __future__ import annotations

SERVER_NAME = "pampax"
"""What the server is called in every configuration."""


class Refused(ValueError):
    """A file is left alone; the message says why and what can be done."""


__all__ = ["SERVER_NAME", "Refused"]
