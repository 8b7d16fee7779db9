"""Costs against the number of files, as an SVG drawing of small charts with logarithmic axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from bench_growth import Fit

COLUMNS = 3
CHART_WIDTH, CHART_HEIGHT = 320, 250
LEFT, RIGHT, TOP, BOTTOM = 58, 16, 44, 44
STYLE = (
    "text{font:12px sans-serif;fill:#222}.title{font-size:13px;font-weight:bold}.axis{stroke:#222}"
    ".grid{stroke:#ddd}.fit{stroke:#c44;stroke-width:1.5;stroke-dasharray:5 3;fill:none}.point{fill:#246}"
)


class Line(NamedTuple):
    """One cost at all sizes."""

    title: str
    costs: Sequence[float]
    fit: Fit | None


class Scale(NamedTuple):
    """Where the values of a logarithmic axis stand."""

    low: float
    high: float
    start: float
    end: float

    def place(self, value: float) -> float:
        """The coordinate of `value`."""
        share = (math.log10(value) - math.log10(self.low)) / (math.log10(self.high) - math.log10(self.low))
        return self.start + share * (self.end - self.start)


def drawing(files: Sequence[float], lines: Sequence[Line]) -> str:
    """The drawing: one chart for each cost, with its points, its fit and the exponent."""
    width = COLUMNS * CHART_WIDTH
    height = math.ceil(len(lines) / COLUMNS) * CHART_HEIGHT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
        f"<style>{STYLE}</style>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    for number, line in enumerate(lines):
        x, y = number % COLUMNS * CHART_WIDTH, number // COLUMNS * CHART_HEIGHT
        parts += [f'<g transform="translate({x},{y})">', *_chart(files, line), "</g>"]
    return "\n".join([*parts, "</svg>", ""])


def _chart(files: Sequence[float], line: Line) -> list[str]:
    points = [(size, cost) for size, cost in zip(files, line.costs, strict=True) if cost > 0]
    if not points:
        return [_text(LEFT, 20, line.title, "start", "title"), _text(LEFT, 60, "nothing above zero", "start")]
    right, bottom = CHART_WIDTH - RIGHT, CHART_HEIGHT - BOTTOM
    across = _scale([size for size, _ in points], LEFT, right)
    up = _scale([cost for _, cost in points], bottom, TOP)
    parts = [_text(LEFT, 18, line.title, "start", "title")]
    for value in _ticks(across):
        x = across.place(value)
        parts += [_stroke(x, TOP, x, bottom, "grid"), _text(x, bottom + 16, _short(value), "middle")]
    for value in _ticks(up):
        y = up.place(value)
        parts += [_stroke(LEFT, y, right, y, "grid"), _text(LEFT - 6, y + 4, _short(value), "end")]
    parts += [_stroke(LEFT, bottom, right, bottom, "axis"), _stroke(LEFT, TOP, LEFT, bottom, "axis")]
    parts.append(_text((LEFT + right) / 2, bottom + 34, "files", "middle"))
    if line.fit is not None:
        ends = [(size, line.fit.factor * size**line.fit.exponent) for size in (points[0][0], points[-1][0])]
        path = " L ".join(f"{across.place(size):.1f} {up.place(cost):.1f}" for size, cost in ends)
        parts.append(f'<path class="fit" d="M {path}"/>')
        said = f"files ^ {line.fit.exponent:.2f} ({line.fit.low:.2f} to {line.fit.high:.2f})"
        parts.append(_text(LEFT, 35, said, "start"))
    parts += [f'<circle class="point" cx="{across.place(x):.1f}" cy="{up.place(y):.1f}" r="3.5"/>' for x, y in points]
    return parts


def _scale(values: Sequence[float], start: float, end: float) -> Scale:
    """A scale with some room, of at least half a decade, so that what does not grow looks flat."""
    low, high = min(values) / 1.25, max(values) * 1.25
    middle = math.sqrt(low * high)
    return Scale(min(low, middle / 10**0.25), max(high, middle * 10**0.25), start, end)


def _ticks(scale: Scale) -> list[float]:
    """Powers of ten and, where those are few, twice and five times as much."""
    powers = range(math.floor(math.log10(scale.low)), math.ceil(math.log10(scale.high)) + 1)
    tens = [10.0**power for power in powers if scale.low <= 10.0**power <= scale.high]
    if len(tens) >= 3:
        return tens
    return [
        factor * 10.0**power
        for power in powers
        for factor in (1, 2, 5)
        if scale.low <= factor * 10.0**power <= scale.high
    ]


def _short(value: float) -> str:
    return f"{value / 1000:g}k" if value >= 1000 else f"{value:g}"


def _stroke(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(x: float, y: float, text: str, anchor: str, kind: str = "label") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
