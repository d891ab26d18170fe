"""The ranked table of units: which rows, in which order, under which headings."""

import math
from functools import partial
from typing import Final

import numpy as np
import pandas as pd

from geo.schema import Verdict
from layers.labels import unit_labels
from layers.palette import INDICATORS, VERDICT_COLOURS
from layers.panel_html import verdict_word
from layers.row_table import RowTable, places_in
from layers.strings import Language, cut_decimal, figure, number, text

FIGURES: Final = (
    "gap_score",
    "people",
    "4g_covered_people_share",
    "5g_covered_people_share",
    "4g_operators",
    "mobile_download_mbps",
    "fixed_download_mbps",
    "mobile_tests",
    "town_distance_km",
    "town_minutes",
)
"""Columns of figures, in reading order; one is left out when the result table has nothing in it."""
VERDICT_CELLS: Final = {
    Verdict.GAP: (VERDICT_COLOURS[Verdict.GAP], "#ffffff"),
    Verdict.WATCH: (VERDICT_COLOURS[Verdict.WATCH], "#0f172a"),
    Verdict.SERVED: (VERDICT_COLOURS[Verdict.SERVED], "#0f172a"),
}
"""Ground and ink of a verdict's cell; contrast of 4.5 or more."""


def ranks_of(table: RowTable, row: int) -> tuple[float, float]:
    """First and last of the ranks that the unit in this row shares with others; null where it has none."""
    rank = float(table.frame["rank"].iloc[row])
    return rank, rank + max(int((table.frame["rank"] == rank).sum()) - 1, 0)


def ranked_table(result: pd.DataFrame, language: Language) -> RowTable:
    """All units, furthest behind first, equal ranks by mobile speed, then code; those without a rank last."""
    keys = [
        name for name in ("_rank", "mobile_download_mbps", "unit_code") if name in {*result.columns, "_rank"}
    ]
    order = result.assign(_rank=pd.to_numeric(result["rank"], errors="coerce")).sort_values(
        keys, na_position="last"
    )
    frame = pd.DataFrame(
        {
            "rank": order["_rank"].to_numpy(dtype=float, na_value=np.nan),
            "name": unit_labels(order),
            "verdict": [verdict_word(str(verdict), language) for verdict in order["verdict"]],
        }
    )
    units = {indicator.column: indicator.unit for indicator in INDICATORS}
    shown = [name for name in FIGURES if name in order.columns and order[name].notna().any()]
    for name in shown:
        frame[name] = order[name].to_numpy(dtype=float, na_value=np.nan)
    headings = {
        "rank": text("rank", language),
        "name": text("name", language),
        "verdict": text("verdict", language),
        **{name: _heading(name, units[name], language) for name in shown},
    }
    written = {name: partial(cell, unit=units[name], language=language) for name in shown}
    return RowTable(
        frame,
        tuple(order["unit_code"].astype(str)),
        headings,
        # a name as in the search box, without its kind; a verdict by how grave it is
        by={
            "name": order["name"].astype(str).tolist(),
            "verdict": places_in(list(VERDICT_CELLS), order["verdict"]),
        },
        written={**written, "rank": partial(number, language=language)},
        tints={"verdict": _verdict_tints(language)},
    )


def _verdict_tints(language: Language) -> dict[str, str]:
    return {
        verdict_word(str(verdict), language): f"background-color: {fill}; color: {ink}"
        for verdict, (fill, ink) in VERDICT_CELLS.items()
    }


def _heading(name: str, unit: str, language: Language) -> str:
    """The indicator's name, with the unit that the cells then leave out."""
    heading = text(name, language)
    return (
        f"{heading}, {text(f'unit_{unit.lower()}', language)}"
        if unit in {"Mbps", "km", "minutes"}
        else heading
    )


def cell(value: float, unit: str, language: Language) -> str:
    """A figure of the table: a share with its sign, everything else bare, since the heading says the unit."""
    if unit == "share":
        return figure(value, unit, language)
    if unit == "Mbps" and math.isfinite(value):
        value = cut_decimal(value)
    return number(value, language, decimals=1 if unit in {"Mbps", "km", "points"} else 0)
