"""Text on stdout and stderr: bytes that can always be written, colours where wanted, no foreign escapes.

Repository text is printed as it is into files and pipes. On a terminal (or with colours, which end up on one) control
characters in it are shown as pictures instead: an ESC in a file name must not move the cursor or rewrite the title.
"""

from __future__ import annotations

import os
import sys
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

STYLES = {"bold": "1", "dim": "2", "path": "35", "symbol": "1;36", "number": "32", "warning": "33", "error": "1;31"}
"""What a style is on a terminal: the parameters of the ANSI sequence `ESC [ … m`."""

_PICTURES: dict[int, str] = {code: chr(0x2400 + code) for code in range(0x20)} | {0x7F: "\u2421"}
# C1 controls act like ESC sequences; the others reorder what is read (bidirectional overrides) or end a line.
_PICTURES |= {
    code: f"<U+{code:04X}>"
    for code in (*range(0x80, 0xA0), 0x061C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A))
    if code != 0x202F
}
_FIELD_PICTURES = dict(_PICTURES)
del _PICTURES[0x09], _PICTURES[0x0A]


def visible(text: str) -> str:
    """`text` with its control characters as pictures; tabs and line ends stay."""
    return text.translate(_PICTURES)


def visible_field(text: str) -> str:
    """`text` for a place within one line: tabs and line ends are shown as pictures too."""
    return text.translate(_FIELD_PICTURES)


def is_terminal(stream: IO[str] | None) -> bool:
    """Whether a stream leads to a terminal; a missing or closed stream does not."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def wants_colour(choice: str, terminal: bool, environment: Mapping[str, str]) -> bool:
    """Whether to colour: `choice` is `auto`, `always` or `never`; NO_COLOR and TERM=dumb turn `auto` off."""
    if choice != "auto":
        return choice == "always"
    return terminal and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"


class Output:
    """Writes the text for people to one stream."""

    def __init__(self, stream: IO[str] | None, choice: str = "auto") -> None:
        """`choice` is the value of the option `color`."""
        self._stream = stream
        self.terminal = is_terminal(stream)
        self.colour = wants_colour(choice, self.terminal, os.environ)
        # Coloured text ends up on a terminal sooner or later, also through a pipe.
        self.raw = not (self.terminal or self.colour)

    def style(self, name: str, text: str) -> str:
        """`text` in a style of `STYLES`, if this output has colours."""
        return f"\x1b[{STYLES[name]}m{text}\x1b[0m" if self.colour and text else text

    def field(self, text: str) -> str:
        """Repository text within one line (a path, a name), safe for this output and without line ends."""
        return text.replace("\n", "\u240a").replace("\r", "\u240d") if self.raw else visible_field(text)

    def line(self, text: str = "") -> None:
        """Write a line."""
        self.write(text + "\n")

    def document(self, text: str) -> None:
        """Write a whole document, JSON or Markdown: unchanged but for control characters on terminals."""
        self.line((visible(text) if self.terminal else text).rstrip("\n"))

    def flush(self) -> None:
        """Hand over what was written, for readers that wait for it."""
        if self._stream is not None:
            self._stream.flush()

    def write(self, text: str) -> None:
        """Write text as UTF-8, whatever the locale is; bytes of a path that are no UTF-8 go out unchanged."""
        self.write_bytes(encoded(text))

    def write_bytes(self, content: bytes) -> None:
        """Write bytes as they are."""
        if self._stream is None:
            return
        buffer = getattr(self._stream, "buffer", None)
        if buffer is None:  # a stream in memory
            self._stream.write(content.decode("utf-8", "replace"))
            return
        self._stream.flush()
        buffer.write(content)


def encoded(text: str) -> bytes:
    """`text` as UTF-8, whatever it holds."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        pass
    try:
        return text.encode("utf-8", "surrogateescape")  # bytes of a file name
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def standard_output(choice: str = "auto") -> Output:
    """What the command was asked for."""
    return Output(sys.stdout, choice)


def standard_error(choice: str = "auto") -> Output:
    """All the rest: notices, progress, errors."""
    return Output(sys.stderr, choice)
