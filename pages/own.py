"""Own indicators on the map page: how each goes with the gap, and the chart of the one chosen."""

import json
from dataclasses import dataclass

import streamlit as st

from geo.intervals import OWN_PREFIX
from geo.results import UnitList
from layers.escape import escape
from layers.own import BIVARIATE_PREFIX, measured_names, relation_lines, rows_of
from layers.scatter import scatter_hints, scatter_meaning, scatter_spec
from layers.strings import Language, text


def own_html(units: UnitList, language: Language) -> str:
    """How each own indicator goes with the gap; empty when there is none."""
    lines = relation_lines(units.indicators, units.result, language)
    if not lines:
        return ""
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return (
        f'<section class="vl-panel"><h3>{escape(text("own_title", language))}</h3><ul>{items}</ul></section>'
    )


def own_of(column: str) -> str:
    """Id of the own indicator in a column of the map, alone or with the gap; any other column is its own name."""
    return column.removeprefix(OWN_PREFIX).removeprefix(BIVARIATE_PREFIX)


@dataclass(frozen=True)
class Chart:
    """What is said of one own indicator beside the gap, and its chart as JSON; empty where there is too little to compare."""

    found: str
    hints: str
    specification: str


@st.cache_resource(max_entries=16, show_spinner=False)
def chart_of(
    _units: UnitList,
    stamp: str,  # noqa: ARG001  # told apart by them
    list_id: str,  # noqa: ARG001
    name: str,
    unit: str | None,
    language: Language,
) -> Chart:
    """The chart of an own indicator with one unit marked, made once: a new unit is all that changes it."""
    own = rows_of(_units.indicators, name)
    meaning = scatter_meaning(own, _units.result, language)
    found = " ".join((*relation_lines(own, _units.result, language), *meaning))
    if not meaning:
        # too few points to compare are too few to look at
        return Chart(found, "", "")
    hints = " ".join(scatter_hints(own, _units.result, language))
    return Chart(found, hints, json.dumps(scatter_spec(own, _units.result, language, selected=unit)))


def show_scatter(units: UnitList, stamp: str, column: str, unit: str | None, language: Language) -> None:
    """The chart of one own indicator against the gap: the map's where it shows one, else the first; nothing without any that is a figure."""
    names = measured_names(units.indicators)
    if not names:
        return
    title = f"<h3>{escape(text('scatter', language))}</h3>"
    st.html(f'<section class="vl-panel">{title}</section>')
    chart = chart_of(units, stamp, units.id, _choose(names, column, units.id, language), unit, language)
    said = f'<p>{escape(chart.found)}</p><p class="vl-hint">{escape(chart.hints)}</p>'
    st.html(f'<section class="vl-panel vl-scatter">{said}</section>')
    if chart.specification:
        st.vega_lite_chart(
            json.loads(chart.specification), width="stretch", alt=chart.found, key=f"scatter {language}"
        )


def _choose(names: dict[str, str], column: str, list_id: str, language: Language) -> str:
    """Id of the own indicator to chart; the box starts anew, at the map's one, whenever the map shows another."""
    shown = own_of(column)
    first = shown if shown in names else next(iter(names))
    ids = list(names)
    if len(ids) == 1:
        return first
    chosen = st.selectbox(
        text("scatter_choose", language), ids, index=ids.index(first), format_func=names.__getitem__,
        key=f"scatter of {list_id} {first}",
    )  # fmt: skip
    return str(chosen)
