"""Trends as a chart of slopes and as a table; sentences that say how many move.

The chart is a plain Vega-Lite specification: nothing is fetched from outside.
"""

from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.people_sum import PeopleSum, people_of_rows
from geo.schema import Direction
from layers.escape import escape
from layers.labels import labels_by_code
from layers.legend import swatch_fill
from layers.palette import DIRECTION_COLOURS, NO_DATA, Swatch
from layers.people_words import people_sum_text
from layers.row_table import RowTable, name_cells, places_in, table_of
from layers.strings import MISSING, Language, figure, number, number_locale, signed, text

ROW_PX: Final = 17
SHAPES: Final = {
    Direction.FALLING_BEHIND: "triangle-down",
    Direction.STEADY: "circle",
    Direction.CATCHING_UP: "triangle-up",
}
"""A shape beside the colour, so that no direction rests on colour."""


def direction_word(direction: Any, language: Language) -> str:
    """A direction in words; a unit without one has too few quarters."""
    known = {str(one) for one in Direction}
    return text(f"direction_{direction}" if str(direction) in known else "direction_unknown", language)


def direction_counts(rows: pd.DataFrame) -> dict[str, tuple[int, PeopleSum]]:
    """Units and people per direction; `unknown` for those without one."""
    names = rows["direction"].astype(object).where(rows["direction"].notna(), "unknown")
    found: dict[str, tuple[int, PeopleSum]] = {}
    for name in (*(str(one) for one in Direction), "unknown"):
        mine = rows[names.astype(str) == name]
        found[name] = (len(mine), people_of_rows(mine))
    return found


def counts_html(rows: pd.DataFrame, language: Language) -> str:
    """A card per direction with its units and people."""
    cards = []
    for name, (units, people) in direction_counts(rows).items():
        fill = swatch_fill(NO_DATA if name == "unknown" else Swatch(name, DIRECTION_COLOURS[Direction(name)]))
        cards.append(
            f'<div class="vl-card"><i style="{fill}"></i><b>{number(units, language)}</b>'
            f"<span>{escape(direction_word(name, language))}<br>{escape(people_sum_text(people, language))}</span></div>"
        )
    return f'<div class="vl-cards">{"".join(cards)}</div>'


def slope_text(row: dict[str, Any], language: Language) -> str:
    """`+2,4 (+0,3 – +4,5) Mbps mỗi năm`; the interval is left out where there is none."""
    return text("trend_per_year", language, trend=_slope(row, language))


def _slope(row: dict[str, Any], language: Language) -> str:
    said = signed(float(row["trend_mbps_per_year"]), language)
    if np.isfinite(row["trend_mbps_per_year_low"]) and np.isfinite(row["trend_mbps_per_year_high"]):
        ends = (
            signed(float(row[end]), language)
            for end in ("trend_mbps_per_year_low", "trend_mbps_per_year_high")
        )
        said += f" ({' – '.join(ends)})"
    return said


def slope_points(rows: pd.DataFrame, result: gpd.GeoDataFrame, language: Language) -> list[dict[str, Any]]:
    """A point per unit with a trend, in the rows' order, with what a hover says."""
    label = labels_by_code(result)
    known: list[dict[Any, Any]] = rows.dropna(subset=["trend_mbps_per_year"]).to_dict("records")
    return [_point(place, row, label[str(row["unit_code"])], language) for place, row in enumerate(known)]


def _point(place: int, row: dict[Any, Any], name: str, language: Language) -> dict[str, Any]:
    ends = {
        end: None
        if not np.isfinite(row[f"trend_mbps_per_year_{end}"])
        else float(row[f"trend_mbps_per_year_{end}"])
        for end in ("low", "high")
    }
    word, said = direction_word(row["direction"], language), slope_text(row, language)
    return {
        "code": str(row["unit_code"]),
        # two units may bear one name, and an axis would merge them
        "place": place,
        "name": name,
        "trend": float(row["trend_mbps_per_year"]),
        **ends,
        "direction": word,
        "slope": said,
        "said": f"{name}: {word}, {said}",
    }


def slope_spec(
    points: list[dict[str, Any]], language: Language, *, selected: str | None, select: str
) -> dict[str, Any]:
    """A row per unit: its slope with the 90 % interval as a line, zero marked; a click chooses the unit.

    `select`: the name of the chart's selection.
    """
    values = [{**point, "selected": point["code"] == selected} for point in points]
    names = {point["place"]: point["name"] for point in points}
    y = {
        "field": "place", "type": "ordinal", "title": None,
        "axis": {"labelExpr": f"{_js(names)}[datum.value]", "labelLimit": 170, "labelOverlap": False, "labelFlush": False, "ticks": False, "domain": False},
    }  # fmt: skip
    # at the head: the chart is longer than its box, and its foot out of sight
    axis = {"format": "+.0f" if _is_wide(points) else "+.1f", "tickCount": 6, "grid": True, "orient": "top"}
    x = {"type": "quantitative", "title": text("trend_axis", language), "axis": axis}
    words = [direction_word(str(one), language) for one in Direction]
    look = {"field": "direction", "type": "nominal"}
    colour = {**look, "scale": {"domain": words, "range": [DIRECTION_COLOURS[one] for one in Direction]}}
    shape = {**look, "scale": {"domain": words, "range": [SHAPES[one] for one in Direction]}}
    legend = {"title": None, "orient": "top", "symbolSize": 90, "symbolStrokeWidth": 0.8, "columns": 2}
    tooltip = [
        {"field": "name", "type": "nominal", "title": text("name", language)},
        {"field": "direction", "type": "nominal", "title": text("trend_direction", language)},
        {"field": "slope", "type": "nominal", "title": text("trend_slope", language)},
    ]
    return {
        "data": {"values": values},
        "height": {"step": ROW_PX},
        "layer": [
            {"mark": {"type": "rule", "color": "#64748b", "aria": False}, "encoding": {"x": {"datum": 0}}},
            {
                "mark": {"type": "rule", "strokeWidth": 2, "color": "#94a3b8", "aria": False},
                "encoding": {"y": y, "x": {**x, "field": "low"}, "x2": {"field": "high"}},
            },
            {
                "transform": [{"filter": "datum.selected"}],
                "mark": {"type": "rule", "strokeWidth": 5, "color": "#0f766e", "opacity": 0.5, "aria": False},
                "encoding": {"y": y, "x": {**x, "field": "low"}, "x2": {"field": "high"}},
            },
            {
                "params": [{"name": select, "select": {"type": "point", "fields": ["code"], "toggle": False}}],
                "mark": {
                    "type": "point", "filled": True, "size": 80, "opacity": 1, "stroke": "#334155", "strokeWidth": 0.7,
                    "cursor": "pointer",
                },
                "encoding": {
                    "y": y, "x": {**x, "field": "trend"}, "color": {**colour, "legend": legend},
                    "shape": {**shape, "legend": legend}, "tooltip": tooltip,
                    "description": {"field": "said", "type": "nominal"},
                },
            },
        ],
        "config": {"locale": {"number": number_locale(language)}},
    }  # fmt: skip


def _is_wide(points: list[dict[str, Any]]) -> bool:
    return max((abs(point["trend"]) for point in points), default=0.0) >= 5


def _js(names: dict[int, str]) -> str:
    """A list as an expression of Vega: names are data, so every character but letters and digits is a code point."""
    parts = []
    for name in names.values():
        units = name.encode("utf-16-be", "surrogatepass")
        parts.append(
            "'" + "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2)) + "'"
        )
    return f"[{','.join(parts)}]"


def trend_table(rows: pd.DataFrame, result: gpd.GeoDataFrame, language: Language) -> RowTable:
    """The table of the page: unit, direction, slope with its interval, figure now, quarters, people; it sorts by the figures."""
    codes = rows["unit_code"].astype(str).tolist()
    records: list[dict[Any, Any]] = rows.to_dict("records")
    # the heading has the unit
    slopes = [
        _slope(row, language) if np.isfinite(row["trend_mbps_per_year"]) else MISSING for row in records
    ]
    columns: dict[str, tuple[list[str], list[Any]]] = {
        "name": name_cells(codes, result),
        "trend_direction": (
            [direction_word(one, language) for one in rows["direction"]],
            places_in(list(DIRECTION_COLOURS), rows["direction"]),
        ),
        "trend_slope": (slopes, rows["trend_mbps_per_year"].tolist()),
        "trend_now": (
            [figure(one, "Mbps", language) for one in rows["download_mbps"]],
            rows["download_mbps"].tolist(),
        ),
        "trend_quarters": ([number(one, language) for one in rows["quarters"]], rows["quarters"].tolist()),
        "people": ([number(one, language) for one in rows["people"]], rows["people"].tolist()),
    }
    return table_of(codes, columns, language)
