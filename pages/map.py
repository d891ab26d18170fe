"""The map page: widgets → one frozen `Choices` → layers → shown. No frame algebra here."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import streamlit as st

from geo.results import Built, UnitList
from geo.workspace import Workspace
from layers.assets import MapAssets
from layers.own import own_names
from layers.panel import unit_panel
from layers.panel_html import headline_html, panel_html
from layers.strings import Language
from layers.whole import whole_html
from pages.choices import list_chosen
from pages.compare_sides import is_comparing
from pages.guard import guarded
from pages.guide import show_guide
from pages.map_choices import remember, show_choices, unit_now
from pages.map_compare import show_compare
from pages.map_filter import conditions_now, keep_now, narrowed, show_kept
from pages.map_levels import district_open, is_whole, leave_whole, take_unit, whole_of
from pages.map_limit import take_limit
from pages.map_parts import opening_html, overview_of
from pages.map_quarters import take_quarter
from pages.map_search import show_find
from pages.map_shown import Shown, show_map
from pages.map_table import show_downloads, show_table
from pages.open_unit import show_open_unit
from pages.own import own_of, show_scatter
from pages.shared import show_banner, show_sources, stamp_of, terms_html

PANEL_HEIGHT_PX: Final = 520
HEAD_START_SECONDS: Final = 0.4
SEEN_KEY: Final = "map_seen"


@dataclass(frozen=True)
class Below:
    """What the parts below the map depend on: while it stays, a change above the map touches nothing else."""

    list_id: str
    unit: str | None
    own: str | None
    where: tuple[str, ...]


def show(workspace: Workspace, built: Built, assets: MapAssets, language: Language) -> None:
    """The whole page."""
    show_banner(built, language)
    if is_comparing():
        show_compare(workspace, built, assets, language)
        show_sources(built, language)
        return
    units, stamp = list_chosen(built), stamp_of(built)
    # a place of its own, filled or not: what comes and goes above a map makes it another map
    with st.container():
        show_guide(built, units, language)
    st.html(headline_html(overview_of(units, stamp, units.id), language))
    show_upper(workspace, built, assets, language, below_now(built))
    if not st.session_state.get(SEEN_KEY):
        # a browser's first view: the scripts of table and chart, larger than all others, would hold up the map's frame
        time.sleep(HEAD_START_SECONDS)
        st.session_state[SEEN_KEY] = True
    kept = keep_now(built, units)
    chosen = narrowed(built, units, kept)
    if chosen is not None:
        show_table(built, units, chosen, language)
        show_downloads(units, kept, built, language)
    show_scatter(units, stamp, st.session_state["indicator"], st.session_state["unit"], language)
    show_sources(built, language)


@st.fragment
def show_upper(
    workspace: Workspace, built: Built, assets: MapAssets, language: Language, below: Below
) -> None:
    """Choices, map and panel: a change of indicator, overlay or places runs this alone."""
    if is_comparing() or below_now(built) != below:
        st.rerun()
    with guarded(language):
        draw_upper(workspace, built, assets, language)


def draw_upper(workspace: Workspace, built: Built, assets: MapAssets, language: Language) -> None:
    """The row of widgets, what the filter keeps, the map, and the panel of the unit looked at."""
    shown = show_choices(built, language)
    st.session_state["unit"] = shown.unit
    # as above
    with st.container():
        show_kept(built, shown.units, shown.kept, language)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        show_map(workspace, built, assets, shown, language, partial(take_click, built))
        if said := terms_html(built, language):
            st.html(said)
    with right, st.container(height=PANEL_HEIGHT_PX, border=True, key="panel_box"):
        show_find(built, shown.units, shown.unit, language)
        st.html(panel_of(built, shown, stamp_of(built), language))
        show_open_unit(shown.unit, language)
    remember(shown, built, language)


def below_now(built: Built) -> Below:
    """What the parts below the map are to show now."""
    units = list_chosen(built)
    column = str(st.session_state.get("indicator", st.query_params.get("indicator")))
    own = own_of(column)
    return Below(
        units.id, unit_now(units), own if own in own_names(units.indicators) else None, conditions_now()
    )


def panel_of(built: Built, shown: Shown, stamp: str, language: Language) -> str:
    """The unit looked at, else the district whose communes are shown, else the whole list, as HTML."""
    units = shown.units
    if shown.whole:
        return whole_html(whole_of(built, units).figures, shown.indicator.column, language)
    if shown.unit is not None:
        return panel_of_unit(units, shown.unit, language)
    opened = district_open(built, units)
    if opened is not None:
        return panel_of_unit(*opened, language)
    return opening_html(units, stamp, units.id, language)


def panel_of_unit(units: UnitList, code: str, language: Language) -> str:
    """One unit as HTML."""
    panel = unit_panel(
        code, units.result, units.goals, units.coverage, language, own=units.indicators, own_tables=units.own_tables
    )  # fmt: skip
    return panel_html(panel, language) if panel else ""


def take_click(built: Built, given: Mapping[str, Any]) -> None:
    """A click on the map becomes the unit looked at, opens a district, or sets a threshold, before the page is drawn again."""
    if "limit" in given:
        take_limit(given)
    elif "quarter" in given:
        take_quarter(given["quarter"])
    elif is_whole():
        leave_whole(built)
    else:
        take_unit(built, given["code"])
