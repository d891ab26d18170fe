"""A filter of units in words, and what it leaves."""

from collections.abc import Sequence
from typing import Final

import pandas as pd

from geo.intervals import OWN_PREFIX
from geo.people_sum import PeopleSum
from geo.results import UnitList
from geo.unit_filter import UnitFilter
from layers.escape import escape
from layers.explore import limit_figure
from layers.own import own_names
from layers.palette import INDICATORS
from layers.panel_html import verdict_word
from layers.people_words import people_sum_text
from layers.strings import Language, has_text, number, text

_SIDES: Final = {"<": "<", "<=": "≤", ">": ">", ">=": "≥"}


def condition_text(wanted: UnitFilter, units: UnitList, language: Language) -> tuple[str, ...]:
    """One phrase per condition."""
    found = []
    if wanted.verdicts:
        words = ", ".join(verdict_word(one, language) for one in wanted.verdicts)
        found.append(text("filter_is_verdict", language, value=words))
    if wanted.districts:
        found.append(
            text("filter_is_district", language, value=", ".join(_districts(wanted.districts, units.result)))
        )
    for one in wanted.operators:
        key = "filter_is_covers" if one.covers else "filter_is_lacks"
        found.append(text(key, language, value=f"{one.operator} {one.technology}"))
    if wanted.border is not None:
        found.append(text(f"filter_is_border_{'yes' if wanted.border else 'no'}", language))
    if wanted.remote_km is not None:
        found.append(text("filter_is_remote", language, value=limit_figure(wanted.remote_km, "km", language)))
    for bound in wanted.bounds:
        name, unit = _column(bound.column, units, language)
        found.append(
            text("filter_is_figure", language, name=name, side=_SIDES[bound.side],
                 value=limit_figure(bound.value, unit, language))
        )  # fmt: skip
    return tuple(found)


def _districts(codes: Sequence[str], result: pd.DataFrame) -> list[str]:
    if not {"district_code", "district_name"} <= {*result.columns}:
        return list(codes)
    rows = result[["district_code", "district_name"]].dropna().astype(str)
    names = dict(rows.itertuples(index=False, name=None))
    return [names.get(code, code) for code in codes]


def _column(column: str, units: UnitList, language: Language) -> tuple[str, str]:
    """Name and unit of a column of figures."""
    if column.startswith(OWN_PREFIX):
        own = column.removeprefix(OWN_PREFIX)
        rows = (
            units.indicators[units.indicators["indicator"] == own]
            if not units.indicators.empty
            else units.indicators
        )
        unit = str(rows.iloc[0]["unit"]) if len(rows) else ""
        return own_names(units.indicators).get(own, own), unit
    known = {indicator.column: indicator.unit for indicator in INDICATORS}
    return (text(column, language) if has_text(column) else column), known.get(column, "")


def kept_html(
    units: int, of: int, people: PeopleSum, not_known: int, conditions: Sequence[str], language: Language
) -> str:
    """How many units and people a filter leaves, and by which conditions."""
    head = text("filter_kept", language, units=number(units, language), of=number(of, language))
    if said := people_sum_text(people, language):
        head += f" · {said}"
    notes = [text("filter_fixed", language)]
    if not_known:
        notes.insert(0, text("filter_unknown", language, count=number(not_known, language)) + ".")
    return (
        f'<div class="vl-kept" role="status"><b>{escape(head)}</b> <span>{escape(" · ".join(conditions))}</span>'
        f"<p>{escape(' '.join(notes))}</p></div>"
    )


def nothing_html(not_known: int, conditions: Sequence[str], language: Language) -> str:
    """The state of a filter that leaves nothing: what was asked, and what to do."""
    items = "".join(f"<li>{escape(one)}</li>" for one in conditions)
    unknown = (
        f"<p>{escape(text('filter_nothing_unknown', language, count=number(not_known, language)))}</p>"
        if not_known
        else ""
    )
    return (
        f'<div class="vl-kept vl-nothing" role="status"><b>{escape(text("filter_nothing", language))}</b>'
        f"<p>{escape(text('filter_nothing_how', language))}</p><ul>{items}</ul>{unknown}</div>"
    )
