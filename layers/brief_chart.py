"""One network's quarters as a small chart for paper, drawn by our own code; what it says in letters stands beside it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from layers.quarter_chart import GOAL_COLOUR, MEDIAN_COLOUR, UNIT_COLOUR

WIDTH: Final = 300.0
HEIGHT: Final = 84.0
_MARGIN: Final = 6.0
_STEPS: Final = (1.0, 2.0, 5.0)


@dataclass(frozen=True)
class SmallChart:
    """The drawing as SVG, and the speed in Mbps at its upper edge; its lower edge is 0."""

    svg: str
    top_mbps: float


def small_chart(points: Sequence[Mapping[str, Any]], goal: float | None) -> SmallChart:
    """`points` of `layers.quarter_chart.quarter_points`: intervals upright, means as dots, the median dashed, the goal level.

    Quarters without tests are left blank; an interval that reaches above the chart ends at its edge.
    """
    tops = [point[name] for point in points for name in ("value", "median") if point[name] is not None]
    top = _round_up(1.3 * max([*tops, goal or 0.0, 1.0]))
    step = (WIDTH - 2 * _MARGIN) / max(len(points), 1)
    places = [_MARGIN + step * (place + 0.5) for place in range(len(points))]

    def y(mbps: float) -> float:
        return HEIGHT - min(max(mbps, 0.0), top) / top * HEIGHT

    parts = [_segment(0, HEIGHT, WIDTH, HEIGHT, "#94a3b8", 1)]
    if goal is not None:
        parts.append(_segment(0, y(goal), WIDTH, y(goal), GOAL_COLOUR, 1.2))
    pairs = list(zip(places, points, strict=True))
    parts += [
        _segment(x, y(point["low"]), x, y(point["high"]), "#9cc3e4", 5)
        for x, point in pairs
        if point["low"] is not None and point["high"] is not None
    ]
    for name, colour, dash in (("median", MEDIAN_COLOUR, "5 4"), ("value", UNIT_COLOUR, "")):
        parts += [
            _segment(x, y(one[name]), after, y(other[name]), colour, 1.6, dash)
            for (x, one), (after, other) in pairwise(pairs)
            if one[name] is not None and other[name] is not None
        ]
    parts += [
        f'<circle cx="{x:.1f}" cy="{y(point["value"]):.1f}" r="3.4" fill="{UNIT_COLOUR}"/>'
        for x, point in pairs
        if point["value"] is not None
    ]
    box = f"0 -4 {WIDTH:g} {HEIGHT + 8:g}"
    return SmallChart(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">{"".join(parts)}</svg>', top)


def _segment(x: float, y: float, to_x: float, to_y: float, colour: str, width: float, dash: str = "") -> str:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<path d="M{x:.1f} {y:.1f}L{to_x:.1f} {to_y:.1f}" fill="none" stroke="{colour}" stroke-width="{width:g}"{dashed}/>'


def _round_up(value: float) -> float:
    """The next of 1, 2, 5, 10, 20, 50 …"""
    power = 10.0 ** math.floor(math.log10(value))
    return next((step * power for step in _STEPS if value <= step * power), 10 * power)
