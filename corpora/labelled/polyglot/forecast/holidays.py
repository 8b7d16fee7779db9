from __future__ import annotations

from datetime import date, timedelta


def easter(year: int) -> date:
    """The anonymous Gregorian computus."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    j = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * j) // 451
    month, day = divmod(h + j - 7 * m + 114, 31)
    return date(year, month, day + 1)


def long_weekends(year: int) -> set[date]:
    sunday = easter(year)
    days = {sunday + timedelta(days=offset) for offset in (-2, 0, 1, 39, 40, 50)}
    return days | {date(year, 12, 25), date(year, 12, 26), date(year, 1, 1), date(year, 5, 1)}
