"""The ranked table of units: which rows, in which order, under which headings."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from layers.palette import INDICATORS
from layers.panel_html import verdict_word
from layers.strings import Language, text
from layers.units import unit_labels

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
)
"""Columns of figures, in reading order; one is left out when the result table has nothing in it."""


@dataclass(frozen=True)
class RankedTable:
    """`frame`: what is shown, keyed by column names of the result table; `codes`: the unit of each row."""

    frame: pd.DataFrame
    codes: tuple[str, ...]
    headings: dict[str, str]
    units: dict[str, str]

    def row_of(self, code: str | None) -> int | None:
        """Position of a unit in the table, or None."""
        return self.codes.index(code) if code in self.codes else None


def ranked_table(result: pd.DataFrame, language: Language) -> RankedTable:
    """All units, furthest behind first, those that could not be ranked last, ties by code."""
    order = result.assign(_rank=pd.to_numeric(result["rank"], errors="coerce")).sort_values(
        ["_rank", "unit_code"], na_position="last"
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
        **{name: text(name, language) for name in shown},
    }
    return RankedTable(frame, tuple(order["unit_code"].astype(str)), headings, {n: units[n] for n in shown})
