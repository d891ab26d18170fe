"""The part of the data page that shows what was found in the inputs: on the map, in a table, and what to do about each."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

import streamlit as st
from shapely import MultiPoint

from geo.findings import choose_findings, finding_id, places_named
from geo.quality import Severity, count_severities
from geo.results import Built, UnitList
from geo.sort_names import sort_key
from geo.workspace import Workspace
from layers.assets import MapAssets
from layers.escape import escape
from layers.finding_html import (
    FINDING_INDICATOR,
    counts_text,
    finding_html,
    finding_title,
    findings_table,
    with_findings,
)
from layers.legend import legend_classes, legend_html
from layers.palette import indicator_name
from layers.rollout_map import focus_on, sites_mark
from layers.strings import Language, number, text
from layers.units import units_message
from pages.choices import choose, list_name
from pages.choose_row import choose_row
from pages.units_map import show_base, take_click, view_of

TABLE_PX: Final = 420
FINDING_KEY: Final = "finding"
TABLE_KEY: Final = "findings_table"
SEVERITIES_KEY: Final = "severity"
CODES_KEY: Final = "finding_code"
_ROUND_DEG: Final = 0.05
"""How much around a place that a finding names the map shows."""

Row = Mapping[str, Any]


def show_findings(
    workspace: Workspace, built: Built, assets: MapAssets, language: Language
) -> dict[str, object]:
    """Filters, map, the finding looked at, the table; returns what belongs into the address."""
    units, severities, codes = show_filters(built, language)
    rows = choose_findings(built.quality, units.id, severities, codes)
    chosen = chosen_finding(rows)
    counts = escape(counts_text(count_severities(rows), language))
    st.html(f'<section class="vl-panel"><p class="vl-hint">{counts}</p></section>')
    left, right = st.columns([3, 2], gap="medium")
    with left:
        show_map(workspace, built, assets, units, rows, chosen, language)
    with right, st.container(border=True):
        if chosen is None:
            st.html(
                f'<section class="vl-panel"><p>{escape(text("finding_none_chosen", language))}</p></section>'
            )
        else:
            st.html(finding_html(chosen, units.result, language))
    if rows:
        show_table(rows, chosen, units, language)
    else:
        st.info(text("findings_none", language))
    return {
        "list": units.id if units.id != built.primary.id else None,
        SEVERITIES_KEY: list(severities) or None,
        CODES_KEY: list(codes) or None,
        FINDING_KEY: None if chosen is None else finding_id(chosen),
        "unit": st.session_state.get("unit") or None,
    }


def show_filters(built: Built, language: Language) -> tuple[UnitList, tuple[str, ...], tuple[str, ...]]:
    """The list of units, how grave, and which kinds."""
    places = st.columns([1.4, 1.3, 2.3], vertical_alignment="bottom")
    with places[0]:
        ids = list(built.lists)
        one = choose("list", text("unit_list", language), ids, lambda i: list_name(built.lists[i], language))
    with places[1]:
        given = st.session_state.get(SEVERITIES_KEY, st.query_params.get_all(SEVERITIES_KEY))
        known = [str(severity) for severity in Severity]
        st.session_state[SEVERITIES_KEY] = [name for name in given if name in known]
        severities = st.pills(
            text("finding_column_severity", language), known, selection_mode="multi", key=SEVERITIES_KEY,
            format_func=lambda name: text(f"severity_{name}", language),
        )  # fmt: skip
    with places[2]:
        codes = list(dict.fromkeys(str(row["code"]) for row in built.quality))
        titles = {code: finding_title({"code": code}, language) for code in codes}
        given = st.session_state.get(CODES_KEY, st.query_params.get_all(CODES_KEY))
        st.session_state[CODES_KEY] = [code for code in given if code in codes]
        chosen = st.multiselect(
            text("finding_column_kind", language), sorted(codes, key=lambda one: sort_key(titles[one])), key=CODES_KEY,
            format_func=titles.__getitem__, placeholder=text("finding_all_kinds", language),
        )  # fmt: skip
    return built.lists[one], tuple(severities or ()), tuple(chosen)


def chosen_finding(rows: Sequence[Row]) -> Row | None:
    """The finding looked at: the one chosen in the table or the link, else the gravest about the unit chosen on the map."""
    wanted = st.session_state.setdefault(FINDING_KEY, st.query_params.get(FINDING_KEY))
    unit = st.session_state.setdefault("unit", st.query_params.get("unit"))
    found = next((row for row in rows if finding_id(row) == wanted), None)
    if found is not None and str(found.get("unit") or "") not in ("", str(unit or "")):
        found = None
    if found is None and unit:
        found = next((row for row in rows if row.get("unit") == unit), None)
    st.session_state[FINDING_KEY] = None if found is None else finding_id(found)
    return found


def show_map(
    workspace: Workspace,
    built: Built,
    assets: MapAssets,
    units: UnitList,
    rows: Sequence[Row],
    chosen: Row | None,
    language: Language,
) -> None:
    """Each unit by the gravest finding about it; the units of the chosen one stand out. A click chooses a unit."""
    result = with_findings(units.result, rows, chosen)
    view = view_of(built, units, FINDING_INDICATOR, language, selected=st.session_state.get("unit"))
    message = units_message(result, view)
    if places := places_named(chosen or {}):
        mark = sites_mark(places, ["!"] * len(places), [finding_title(chosen or {}, language)] * len(places))
        message |= {
            "extras": [*message["extras"], mark],
            "focus": focus_on(MultiPoint(places).buffer(_ROUND_DEG), mark["id"]),
        }
    show_base(workspace, built, assets, message, page="data", take=take_click)
    # every unit is of a class: one without data there is none
    classes = [
        one for one in legend_classes(FINDING_INDICATOR, result, language)[:-1] if one.units or chosen is None
    ]
    st.html(legend_html(indicator_name(FINDING_INDICATOR, language), classes, (), (), language))


def show_table(rows: Sequence[Row], chosen: Row | None, units: UnitList, language: Language) -> None:
    """The findings, gravest first; the chosen row is the one looked at."""
    title = text("findings_table", language, count=number(len(rows), language))
    st.html(f'<section class="vl-panel"><h3>{escape(title)}</h3></section>')
    unit_of = {finding_id(row): str(row.get("unit") or "") or None for row in rows}
    one = None if chosen is None else finding_id(chosen)
    table = findings_table(rows, units.result, language)
    choose_row(TABLE_KEY, table, one, partial(look_at_finding, unit_of), language, most_px=TABLE_PX)


def look_at_finding(unit_of: Mapping[str, str | None], finding: str | None) -> None:
    """A finding chosen is the one looked at, and its unit the unit looked at; the one let go of leaves neither."""
    st.session_state[FINDING_KEY] = finding
    st.session_state["unit"] = None if finding is None else unit_of[finding]
