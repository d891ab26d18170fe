"""One network's quarters in one unit as a chart: a plain Vega-Lite specification, and the same in words.

The chart is drawn by the charting library that the page's framework carries, so nothing is fetched from outside.
"""

from typing import Any, Final

import pandas as pd

from layers.goal_line import GoalLine
from layers.reasons import optional_number
from layers.strings import MISSING, Language, figure, number, quarter_text, text

HEIGHT_PX: Final = 200
# seen on light and on dark ground alike: the chart does not follow the theme
UNIT_COLOUR: Final = "#2f7fc1"
MEDIAN_COLOUR: Final = "#7c8aa0"
GOAL_COLOUR: Final = "#d1550f"


def quarter_points(rows: pd.DataFrame, code: str, language: Language) -> list[dict[str, Any]]:
    """A point per quarter in which the list has tests, null figures where unit `code` has none.

    `rows`: of one network in `geo.quarter_intervals`, all units.
    """
    medians = {
        str(quarter): optional_number(found)
        for quarter, found in rows.groupby("quarter")["median_mbps"].first().items()
    }
    by_quarter = {str(row["quarter"]): row for row in rows[rows["unit_code"] == code].to_dict("records")}
    return [_point(one, by_quarter.get(one), medians[one], language) for one in sorted(medians)]


def _point(
    quarter: str, row: dict[Any, Any] | None, median: float | None, language: Language
) -> dict[str, Any]:
    names = ("download_mbps", "low_mbps", "high_mbps", "devices")
    value, low, high, devices = (optional_number(row[name]) if row else None for name in names)
    word = quarter_text(quarter, language)
    point = {"quarter": quarter, "word": word, "value": value, "low": low, "high": high, "median": median}
    if value is None:
        return {**point, "said": text("no_tests", language, network=word)}
    ends = (
        ""
        if low is None
        else text(
            "interval_of", language, low=figure(low, "Mbps", language), high=figure(high, "Mbps", language)
        )
    )
    said = text(
        "unit_quarter_said",
        language,
        quarter=word,
        value=figure(value, "Mbps", language),
        interval=ends,
        devices=number(devices, language),
        median=MISSING if median is None else figure(median, "Mbps", language),
    )
    return {**point, "said": said}


def quarter_words(points: list[dict[str, Any]], language: Language) -> str:
    """The chart for who does not see it."""
    return "; ".join(point["said"] for point in points) or text("unit_quarters_none", language)


def quarter_spec(points: list[dict[str, Any]], goal: GoalLine | None, language: Language) -> dict[str, Any]:
    """Upright 90 % intervals, dots of the means joined by a line that breaks at a gap, the median dashed, the goal level."""
    y = {
        "type": "quantitative",
        "title": text("unit_mbps", language),
        "scale": {"zero": True},
        "axis": {"tickCount": 5},
    }
    tooltip = {"field": "said", "type": "nominal", "title": " "}
    words = [point["word"] for point in points]
    layers: list[dict[str, Any]] = [
        {
            "mark": {"type": "line", "color": MEDIAN_COLOUR, "strokeDash": [5, 4], "aria": False},
            "encoding": {"y": {"field": "median", **y}},
        },
        {
            "transform": [{"filter": "isValid(datum.low) && isValid(datum.high)"}],
            "mark": {"type": "rule", "color": UNIT_COLOUR, "strokeWidth": 3, "opacity": 0.45, "aria": False},
            "encoding": {"y": {"field": "low", **y}, "y2": {"field": "high"}},
        },
        {
            "mark": {"type": "line", "color": UNIT_COLOUR, "strokeWidth": 1.5, "aria": False},
            "encoding": {"y": {"field": "value", **y}},
        },
        {
            "transform": [{"filter": "isValid(datum.value)"}],
            "mark": {"type": "point", "filled": True, "size": 60, "opacity": 1, "color": UNIT_COLOUR},
            "encoding": {
                "y": {"field": "value", **y},
                "tooltip": tooltip,
                "description": {"field": "said", "type": "nominal"},
            },
        },
    ]
    if goal is not None:
        layers.append(
            {
                "mark": {"type": "rule", "color": GOAL_COLOUR, "strokeWidth": 1.2, "aria": False},
                "encoding": {"y": {"datum": goal.goal, "type": "quantitative"}, "x": None},
            }
        )
    return {
        "data": {"values": points},
        "height": HEIGHT_PX,
        "encoding": {
            "x": {
                "field": "word",
                "type": "ordinal",
                "title": None,
                "scale": {"domain": words},
                "axis": {"labelAngle": 0, "labelOverlap": True},
            }
        },
        "layer": layers,
    }
