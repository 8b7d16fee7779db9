"""Numbers as people read them."""

from __future__ import annotations


def count_text(number: int, noun: str = "") -> str:
    """`1234, "file"` as `1,234 files`; without a noun, the number alone."""
    text = f"{number:,}"
    if noun:
        text += f" {noun}" if number == 1 else f" {noun}s"
    return text


def size_text(size: int) -> str:
    """Bytes in decimal units with three figures at most: `512 B`, `12.3 MB`."""
    if size < 1000:
        return f"{size} B"
    amount = float(size)
    for unit in ("kB", "MB", "GB"):
        amount /= 1000
        if amount < 999.5:
            return f"{amount:.1f} {unit}" if amount < 99.95 else f"{amount:.0f} {unit}"
    return f"{amount / 1000:.1f} TB"


def duration_text(seconds: float) -> str:
    """A duration: `3.2 ms`, `1.2 s`, `2 min 5 s`, `1 h 4 min`."""
    if seconds < 0.9995:
        return f"{seconds * 1000:.1f} ms" if seconds < 0.0995 else f"{seconds * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
