"""How many of the first things fit, where more of them never cost less."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def most(total: int, fits: Callable[[int], bool]) -> int:
    """The greatest number up to `total` that fits, 0 if not even 1 does.

    The work follows what fits and not what there is: numbers double as long as they fit, and are halved then.
    """
    low, high = 0, 1
    while high <= total and fits(high):
        low, high = high, 2 * high
    high = min(high, total + 1)
    while high - low > 1:
        middle = (low + high) // 2
        if fits(middle):
            low = middle
        else:
            high = middle
    return low
