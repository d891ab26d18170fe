"""The region as a whole, in words: what can be added up from its units, and what cannot is said."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from geo.people_sum import PeopleSum
from geo.schema import Verdict
from layers.escape import escape
from layers.palette import INDICATORS, Indicator
from layers.panel_html import verdict_fill, verdict_word
from layers.people_words import people_figure_text
from layers.strings import Language, figure, has_text, number, text

_LINES: Final = (
    ("gap_score", "points", "gap_score"),
    ("4g_covered_people_share", "share", "4g_covered_people_share"),
    ("4g_uncovered_people", "people", "4g_uncovered_people"),
    ("5g_covered_people_share", "share", "5g_covered_people_share"),
    ("mobile_download_raw_mbps", "Mbps", "whole_raw_mobile"),
    ("fixed_download_raw_mbps", "Mbps", "whole_raw_fixed"),
    ("mobile_tests", "tests", "mobile_tests"),
    ("town_distance_km", "km", "town_distance_km"),
)
"""Column of the roll-up, its unit, and the key of its name."""
_COLOURED: Final = tuple(one.column for one in INDICATORS if one.breaks)


NOT_SUMMED: Final = Indicator("not_summed", categories=("none",), colours=("#ffffff",), words="not_summed")
"""What colours a whole of which the indicator chosen says nothing: no class but that without data."""


@dataclass(frozen=True)
class WholeFigures:
    """One whole: its name, units, people, area (null where not known), units by verdict, figures and what was kept back."""

    name: str
    units: int
    people: PeopleSum
    area_km2: float | None
    by_verdict: dict[str, int]
    figures: dict[str, float | None]
    withheld: tuple[str, ...]


def whole_figures(table: pd.DataFrame, withheld: pd.DataFrame) -> tuple[WholeFigures, ...]:
    """The figures of each row of a roll-up (`geo.rollups.roll_up_list`)."""
    return tuple(_figures(row, withheld) for row in table.to_dict("records"))


def _figures(row: dict[Any, Any], withheld: pd.DataFrame) -> WholeFigures:
    lost = withheld.loc[withheld["whole_code"] == row["unit_code"], "column"] if len(withheld) else []
    return WholeFigures(
        name=str(row["name"]),
        units=int(row["units"]),
        people=PeopleSum(_known(row.get("people_known")), int(row.get("people_unknown_units") or 0)),
        area_km2=_known(row.get("area_km2")),
        by_verdict={str(one): int(row.get(f"{one}_units") or 0) for one in Verdict},
        figures={
            name: _known(row[name])
            for name in dict.fromkeys((*_COLOURED, *(line[0] for line in _LINES)))
            if name in row
        },
        withheld=tuple(dict.fromkeys(str(one) for one in lost)),
    )


def _known(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


def whole_html(wholes: Sequence[WholeFigures], column: str, language: Language) -> str:
    """The panel of the region as a whole; `column`: what the map is coloured by, of which it is said where it is not added up."""
    parts = "".join(_whole(one, language) for one in wholes)
    note = (
        "" if is_summed(wholes, column) else f'<p class="vl-hint">{escape(text("whole_none", language))}</p>'
    )
    return f'<section class="vl-panel" data-level="whole">{note}{parts}</section>'


def is_summed(wholes: Sequence[WholeFigures], column: str) -> bool:
    """Whether any of the wholes has a figure of this column."""
    return any(one.figures.get(column) is not None for one in wholes)


def not_summed_html(marks: str, language: Language) -> str:
    """The legend of a whole without a figure; `marks`: HTML of what lies above."""
    said = escape(text("whole_none", language))
    return f'<section class="vl-legend" aria-label="{escape(text("legend", language))}"><p>{said}</p>{marks}</section>'


def _whole(one: WholeFigures, language: Language) -> str:
    facts = [
        (text("whole_people", language), people_figure_text(one.people, language)),
        (text("whole_area", language), f"{number(one.area_km2, language)} km²"),
    ]
    tiles = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in facts)
    verdicts = "".join(
        f'<tr><td><i style="{verdict_fill(verdict)}"></i>{escape(verdict_word(verdict, language))}</td>'
        f"<td>{escape(number(count, language))}</td></tr>"
        for verdict, count in one.by_verdict.items()
    )
    rows = "".join(
        f"<tr><td>{escape(text(key, language))}</td><td>{escape(figure(one.figures[name], unit, language))}</td></tr>"
        for name, unit, key in _LINES
        if one.figures.get(name) is not None
    )
    names = [
        name for name in dict.fromkeys(_column_name(column, language) for column in one.withheld) if name
    ]
    lost = (
        f'<p class="vl-hint">{escape(text("whole_withheld", language, names=", ".join(names)))}</p>'
        if names
        else ""
    )
    return (
        f"<h2>{escape(text('whole_title', language, name=one.name))}</h2>"
        f'<p class="vl-hint">{escape(text("whole_hint", language, count=number(one.units, language)))}</p>'
        f'<dl class="vl-facts">{tiles}</dl>'
        f"<h3>{escape(text('whole_verdicts', language))}</h3>"
        f'<table class="vl-table vl-num vl-top"><tbody>{verdicts}</tbody></table>'
        f"<h3>{escape(text('whole_figures', language))}</h3>"
        f'<table class="vl-table vl-num"><tbody>{rows}</tbody></table>{lost}'
    )


def _column_name(column: str, language: Language) -> str:
    known = {indicator.column for indicator in INDICATORS} | {key for _, _, key in _LINES}
    return text(column, language) if column in known and has_text(column) else ""


def here_html(label: str, hint: str) -> str:
    """The end of the breadcrumb: where the map is, and what a click does there."""
    said = f' <span class="vl-hint">{escape(hint)}</span>' if hint else ""
    return f'<p class="vl-crumb"><b aria-current="location">{escape(label)}</b>{said}</p>'
