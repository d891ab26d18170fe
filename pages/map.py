"""The map page: widgets → one frozen `Choices` → layers → shown. No frame algebra here."""

import os
import time
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import streamlit as st
from streamlit_folium import st_folium

from geo.errors import CallError
from geo.results import Built, UnitList
from geo.unit_filter import read_filter
from geo.workspace import Workspace
from layers.assets import MapAssets
from layers.base_map import BaseMap, base_map_key, choose_basemap
from layers.explore import explore_part, in_drawing_order
from layers.map_tools import tools_part
from layers.overlays import Overlay, PlaceMarks, operators_of
from layers.own import own_names
from layers.palette import indicator_name
from layers.panel import unit_panel
from layers.panel_html import headline_html, panel_html
from layers.strings import Language
from layers.units import chosen_part, units_group
from layers.whole import whole_html
from pages.choices import list_chosen
from pages.compare_sides import is_comparing
from pages.guard import guarded
from pages.guide import show_guide
from pages.map_choices import LIMIT, Choices, remember, show_choices
from pages.map_compare import show_compare
from pages.map_filter import add_bounds, conditions_now, keep_now, narrowed, show_kept
from pages.map_legend import drawn_now, legend_of
from pages.map_levels import district_open, focus_now, is_whole, leave_whole, take_unit, whole_of
from pages.map_parts import limits_of, opening_html, overview_of, publish_places
from pages.map_quarters import drawn_of, quarter_part, take_quarter
from pages.map_search import show_find
from pages.map_table import show_downloads, show_table
from pages.open_unit import show_open_unit
from pages.own import own_of, show_scatter
from pages.shared import bounds_of, publish_coverage, show_banner, show_sources, stamp_of, terms_html

MAP_HEIGHT_PX: Final = 440
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
    choices = show_choices(built, language)
    choices = replace(choices, unit=unit_now(choices.units))
    st.session_state["unit"] = choices.unit
    # as above
    with st.container():
        show_kept(choices.units, choices.kept, language)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        show_map(workspace, built, assets, choices, language)
    with right, st.container(height=PANEL_HEIGHT_PX, border=True):
        show_find(built, choices.units, choices.unit, language)
        st.html(panel_of(built, choices, stamp_of(built), language))
        show_open_unit(choices.unit, language)
    remember(choices, built, language)


def below_now(built: Built) -> Below:
    """What the parts below the map are to show now."""
    units = list_chosen(built)
    column = str(st.session_state.get("indicator", st.query_params.get("indicator")))
    own = own_of(column)
    return Below(
        units.id, unit_now(units), own if own in own_names(units.indicators) else None, conditions_now()
    )


def unit_now(units: UnitList) -> str | None:
    """Code of the unit looked at: what was chosen last, else what the address names; None unless it is of this list."""
    code = st.session_state.get("unit", st.query_params.get("unit"))
    return str(code) if (units.result["unit_code"] == code).any() else None


def panel_of(built: Built, choices: Choices, stamp: str, language: Language) -> str:
    """The unit looked at, else the district whose communes are shown, else the whole list, as HTML."""
    units = choices.units
    if choices.whole:
        return whole_html(whole_of(built, units).figures, choices.indicator.column, language)
    if choices.unit is not None:
        return panel_of_unit(units, choices.unit, language)
    opened = district_open(built, units)
    if opened is not None:
        return panel_of_unit(*opened, language)
    return opening_html(units, stamp, units.id, language)


def panel_of_unit(units: UnitList, code: str, language: Language) -> str:
    """One unit as HTML."""
    panel = unit_panel(code, units.result, units.goals, units.coverage, language, own=units.indicators)
    return panel_html(panel, language) if panel else ""


def show_map(
    workspace: Workspace, built: Built, assets: MapAssets, choices: Choices, language: Language
) -> None:
    """The map and its legend."""
    basemap = choose_basemap(workspace.basemap_url, workspace.basemap_attribution, os.environ)
    # the base keeps to the first list of units, so that another list does not make another map
    base_bounds, stamp = bounds_of(built.primary), stamp_of(built)
    overlays, marks = publish_extras(built, stamp, choices, language)
    units, indicator = drawn_now(built, choices)
    drawn = drawn_of(built, units, indicator, language)
    message = {
        **chosen_part(choices.unit, overlays, marks),
        **explored(choices, stamp, language),
        **quarter_part(units, indicator),
        **tools_part(indicator_name(choices.indicator, language), indicator, language),
    }
    key = base_map_key(base_bounds, basemap)
    st_folium(
        BaseMap(assets, base_bounds, basemap),
        key=key,
        height=MAP_HEIGHT_PX,
        use_container_width=True,
        returned_objects=["last_active_drawing"],
        feature_group_to_add=units_group(message, drawn.literal),
        on_change=partial(take_click, key, built),
    )
    st.html(legend_of(built, indicator, drawn, overlays, marks, language) + terms_html(built, language))


def explored(choices: Choices, stamp: str, language: Language) -> dict[str, Any]:
    """The part of the map's message that is of the filter, the threshold, the overlays and the place to look at."""
    units, kept = choices.units, choices.kept
    limits = None
    if not choices.whole:
        limits = limits_of(units, stamp, units.id, choices.indicator, kept.inside, language)
    return explore_part(
        dimmed=() if choices.whole else kept.dimmed,
        limits=limits,
        bound=choices.limit,
        opacity=choices.over.opacity,
        focus=focus_now(units, kept.wanted),
    )


def publish_extras(
    built: Built, stamp: str, choices: Choices, language: Language
) -> tuple[tuple[Overlay, ...], tuple[PlaceMarks, ...]]:
    """Overlays and places that are asked for, each with the address of its display copy."""
    over = choices.over
    operators = over.operators or operators_of(built.coverage_areas, choices.technology)
    overlays = publish_coverage(built, stamp, choices.technology, operators, language, over.evidence)
    return in_drawing_order(overlays, over.order), publish_places(built, stamp, over.places, language)


def take_click(key: str, built: Built) -> None:
    """A click on the map becomes the unit looked at, opens a district, or sets a threshold, before the page is drawn again."""
    drawing = (st.session_state.get(key) or {}).get("last_active_drawing")
    if not drawing:
        return
    given = drawing["properties"]
    if "limit" in given:
        take_limit(str(given["limit"]), keep=bool(given.get("keep")))
    elif "quarter" in given:
        take_quarter(given["quarter"])
    elif is_whole():
        leave_whole(built)
    else:
        take_unit(built, given["code"])


def take_limit(limit: str, *, keep: bool) -> None:
    """The threshold of the map's slider; `keep`: as a condition of the filter."""
    try:
        bounds = read_filter([limit]).bounds if limit else ()
    except CallError:
        # only our own script writes it, but what comes from a browser is anybody's
        return
    st.session_state[LIMIT] = "" if keep else limit
    if keep:
        add_bounds(bounds)
