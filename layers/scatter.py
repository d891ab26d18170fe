"""One own indicator against the gap: a chart as a plain Vega-Lite specification, and the sentences that go with it.

The chart is drawn by the charting library that the page's framework carries, so nothing is fetched from outside. Names stand
in it as data: the tooltip shows them as text.
"""

from typing import Any, Final

import pandas as pd

from geo.indicator_stats import Relation, relate, shortfall
from geo.schema import Verdict
from layers.evidence import interval_texts
from layers.labels import unit_labels
from layers.palette import INDICATORS, NO_DATA_HATCH, VERDICT_COLOURS
from layers.panel_html import verdict_word
from layers.strings import Language, figure, number, number_locale, text

HEIGHT_PX: Final = 380
COLOURS: Final = {
    **{str(verdict): colour for verdict, colour in VERDICT_COLOURS.items()},
    "unknown": NO_DATA_HATCH,
}
SHAPES: Final = {"gap": "circle", "watch": "square", "served": "triangle-up", "unknown": "diamond"}
"""A shape beside the colour, so that no verdict rests on colour."""
_SCORE: Final = next(indicator for indicator in INDICATORS if indicator.column == "gap_score")


def scatter_points(own: pd.DataFrame, result: pd.DataFrame, language: Language) -> list[dict[str, Any]]:
    """A point per unit with both figures, by code; `own`: the rows of one indicator, `result` of the same list."""
    score = result[["unit_code", "verdict", "gap_score"]].assign(
        label=unit_labels(result), interval=interval_texts(result, _SCORE, language)
    )
    own_rows = own[["unit_code", "value", "unit"]]
    both = own_rows.merge(score, on="unit_code", how="inner").dropna(subset=["value", "gap_score"])
    rows: list[dict[Any, Any]] = both.sort_values("unit_code").to_dict("records")
    return [_point(row, language) for row in rows]


def _point(row: dict[Any, Any], language: Language) -> dict[str, Any]:
    interval = f" ({row['interval']})" if row["interval"] else ""
    name, verdict = str(row["label"]), verdict_word(str(row["verdict"]), language)
    score = figure(float(row["gap_score"]), "points", language) + interval
    value = figure(float(row["value"]), str(row["unit"]), language)
    return {
        "code": str(row["unit_code"]),
        "name": name,
        "score": round(float(row["gap_score"]), 3),
        "value": float(row["value"]),
        "verdict": verdict,
        "score_text": score,
        "value_text": value,
        # what a reader of the screen is told
        "said": f"{name}: {verdict}, {text('score', language)} {score}, {value}",
    }


def scatter_spec(
    own: pd.DataFrame, result: pd.DataFrame, language: Language, *, selected: str | None = None
) -> dict[str, Any]:
    """The chart: gap score across, the indicator up, a point per unit in its verdict's colour and shape.

    The unit looked at carries its name and a ring. Figures are written as the language writes them.
    """
    points = scatter_points(own, result, language)
    for point in points:
        point["selected"] = point["code"] == selected
    first = own.iloc[0]
    title = f"{first['label']} ({first['unit']})" if first["unit"] else str(first["label"])
    position = {
        # a score of 0 is common: the points there stand beside the other axis, not on it
        "x": {**_axis("score", text("gap_score", language)), "scale": {"domainMin": 0, "nice": True}},
        # the name of what is measured stands above: turned on its side it has room for a few words only
        "y": {**_axis("value", None), "scale": {"zero": False}},
    }
    return {
        "data": {"values": points},
        "title": {"text": title, "anchor": "start", "fontSize": 13, "fontWeight": 600},
        "height": HEIGHT_PX,
        "encoding": position,
        "layer": _layers(language),
        "padding": {"left": 4, "right": 16, "top": 4, "bottom": 4},
        "config": {"locale": {"number": number_locale(language)}},
    }


def _layers(language: Language) -> list[dict[str, Any]]:
    """The ring lies below the points, so that the point in it can still be hovered."""
    chosen = {"filter": "datum.selected"}
    looks = {"filled": True, "size": 70, "opacity": 0.9, "stroke": "#334155", "strokeWidth": 0.6}
    said = {"field": "said", "type": "nominal"}
    return [
        {
            "transform": [chosen],
            "mark": {"type": "point", "size": 260, "color": "#0d9488", "strokeWidth": 2, "aria": False},
        },
        {
            "mark": {"type": "point", **looks},
            "encoding": {**_by_verdict(language), "tooltip": _tooltip(language), "description": said},
        },
        {
            "transform": [chosen],
            "mark": {"type": "text", "dy": -16, "fontWeight": "bold", "color": "#0d8a80", "aria": False},
            "encoding": {"text": {"field": "name", "type": "nominal"}},
        },
    ]


def _axis(field: str, title: str | None) -> dict[str, Any]:
    looks = {"tickCount": 8, "labelFlush": True, "offset": 10}
    return {"field": field, "type": "quantitative", "title": title, "axis": looks}


def _by_verdict(language: Language) -> dict[str, Any]:
    words = [verdict_word(str(verdict), language) for verdict in Verdict]
    ranges = (("color", COLOURS), ("shape", SHAPES))
    legend = {"title": None, "orient": "bottom", "symbolSize": 80, "columns": 2, "symbolStrokeWidth": 0.6}
    return {
        channel: {
            "field": "verdict", "type": "nominal", "legend": legend,
            "scale": {"domain": words, "range": [looks[str(verdict)] for verdict in Verdict]},
        }
        for channel, looks in ranges
    }  # fmt: skip


def _tooltip(language: Language) -> list[dict[str, str]]:
    # titles are the catalogue's: the drawer of tooltips takes `title` and `image` of a table's own words for commands
    titles = (
        ("name", "name"),
        ("verdict", "verdict"),
        ("score_text", "score"),
        ("value_text", "scatter_value"),
    )
    return [{"field": field, "type": "nominal", "title": text(key, language)} for field, key in titles]


def scatter_meaning(own: pd.DataFrame, result: pd.DataFrame, language: Language) -> tuple[str, ...]:
    """What the rank correlation says in words; nothing where there is none, as with too few units to compare."""
    found = _relation(own, result)
    return () if found.rho is None else (text(f"scatter_{_side(found)}", language),)


def scatter_hints(own: pd.DataFrame, result: pd.DataFrame, language: Language) -> tuple[str, ...]:
    """How to read the chart, and how many units of the list have no point in it."""
    better = text(f"scatter_{own.iloc[0]['better']}", language)
    lines = [text("scatter_hint", language, better=better)]
    missing = len(result) - _relation(own, result).units
    if missing:
        lines.append(text("scatter_left_out", language, count=number(missing, language)))
    return tuple(lines)


def _relation(own: pd.DataFrame, result: pd.DataFrame) -> Relation:
    joined = own.merge(result[["unit_code", "gap_score"]], on="unit_code", how="inner")
    return relate(shortfall(joined), joined["gap_score"])


def _side(found: Relation) -> str:
    """`positive` or `negative` where the whole interval lies on that side of 0, else `unclear`."""
    if found.low is not None and found.low > 0:
        return "positive"
    return "negative" if found.high is not None and found.high < 0 else "unclear"
