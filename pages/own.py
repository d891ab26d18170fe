"""Own indicators on the map page: how each goes with the gap, and the chart of the one chosen."""

import streamlit as st

from geo.intervals import OWN_PREFIX
from geo.results import UnitList
from layers.escape import escape
from layers.own import BIVARIATE_PREFIX, own_names, relation_lines, rows_of
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


def show_scatter(units: UnitList, column: str, unit: str | None, language: Language) -> None:
    """The chart of one own indicator against the gap: the map's where it shows one, else the first; nothing without any."""
    names = own_names(units.indicators)
    if not names:
        return
    title = f"<h3>{escape(text('scatter', language))}</h3>"
    st.html(f'<section class="vl-panel">{title}</section>')
    own = rows_of(units.indicators, _choose(names, column, units.id, language))
    meaning = scatter_meaning(own, units.result, language)
    found = " ".join((*relation_lines(own, units.result, language), *meaning))
    hints = " ".join(scatter_hints(own, units.result, language)) if meaning else ""
    said = f'<p>{escape(found)}</p><p class="vl-hint">{escape(hints)}</p>'
    st.html(f'<section class="vl-panel vl-scatter">{said}</section>')
    if not meaning:
        # too few points to compare are too few to look at
        return
    st.vega_lite_chart(
        scatter_spec(own, units.result, language, selected=unit),
        width="stretch", alt=found, key=f"scatter {language}",
    )  # fmt: skip


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
