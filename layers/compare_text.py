"""Two maps compared, in words: what each of them says of the unit looked at, and what a reader must know of both."""

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from geo.schema import Vintage
from layers.escape import escape
from layers.evidence import interval_texts
from layers.labels import unit_label
from layers.palette import Indicator, value_text
from layers.quarters import quarter_word
from layers.strings import Language, figure, text

_SAME_CODES = frozenset((Vintage.V2025_07, Vintage.V2026_04))
"""Lists in which every code means the same unit: in April 2026 ten units changed their kind and kept their code."""


@dataclass(frozen=True)
class Said:
    """One map's word on a unit: which map, what it shows, the figure and its interval; both empty where its list lacks the unit."""

    side: str
    title: str
    value: str
    interval: str


def codes_agree(one: tuple[str, str], two: tuple[str, str]) -> bool:
    """Whether a code of the one list names the same unit in the other; each (vintage, level)."""
    vintages = {one[0], two[0]}
    return one[1] == two[1] and (len(vintages) == 1 or vintages <= _SAME_CODES)


def unit_name(result: gpd.GeoDataFrame, code: str) -> str:
    """Kind and name of a unit; its code where the list has no such unit."""
    rows = result[result["unit_code"].astype(str) == code]
    names = rows[["name", "kind"] if "kind" in rows.columns else ["name"]]
    return next((unit_label(row) for row in names.itertuples(index=False)), code)


def said_of(result: gpd.GeoDataFrame, code: str, indicator: Indicator, language: Language) -> tuple[str, str]:
    """Figure and interval of one unit; both empty where the list has no such unit."""
    rows = result[result["unit_code"].astype(str) == code]
    if rows.empty:
        return "", ""
    value = value_text(indicator, rows[indicator.column].iloc[0], language)
    return value, interval_texts(rows, indicator, language)[0]


def said_in_quarter(
    frame: pd.DataFrame, codes: Sequence[str], code: str, quarter: str, language: Language
) -> tuple[str, str]:
    """Figure and interval of one unit in one quarter (`frame`: `layers.quarters.quarter_frame`); `codes`: of the list."""
    if code not in codes:
        return "", ""
    rows = frame[(frame["unit_code"].astype(str) == code) & (frame["quarter"].astype(str) == quarter)]
    if rows.empty:
        return text("quarters_none", language), ""
    row = rows.iloc[0]
    value = figure(float(row["download_mbps"]), "Mbps", language)
    if pd.isna(row["low_mbps"]) or pd.isna(row["high_mbps"]):
        return value, ""
    low, high = (figure(float(row[name]), "Mbps", language) for name in ("low_mbps", "high_mbps"))
    return value, text("interval", language, low=low, high=high)


def side_title(side: str, name: str, quarter: str, language: Language) -> str:
    """What one of the maps shows: `A: Mobile download, by quarter · Q2 2026`."""
    parts = [name, quarter_word(quarter, language)] if quarter else [name]
    return f"{side.upper()}: {' · '.join(parts)}"


def compared_html(unit: str, said: Sequence[Said], language: Language) -> str:
    """What both maps say of one unit, side by side."""
    cells = "".join(_said_html(one, language) for one in said)
    return (
        f'<section class="vl-panel vl-compared" role="status"><h3>{escape(unit)}</h3>'
        f'<div class="vl-compared-row">{cells}</div></section>'
    )


def _said_html(one: Said, language: Language) -> str:
    missing = escape(text("compare_not_here", language))
    value = f"<b>{escape(one.value)}</b>" if one.value else f"<span>{missing}</span>"
    interval = f"<small>{escape(one.interval)}</small>" if one.interval else ""
    return f"<div><span>{escape(one.title)}</span>{value}{interval}</div>"


def hints_html(lines: Sequence[str]) -> str:
    """What a reader must know of both maps."""
    said = "".join(f'<p class="vl-hint">{escape(line)}</p>' for line in lines)
    return f'<div class="vl-compare-hints">{said}</div>'
