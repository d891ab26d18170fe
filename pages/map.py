"""The map page: widgets → one frozen `Choices` → layers → shown. No frame algebra here."""

import os
from dataclasses import replace
from functools import partial
from typing import Final

import streamlit as st
from streamlit_folium import st_folium

from geo.export import communes_csv, communes_geojson
from geo.results import Built, UnitList
from geo.workspace import Workspace
from layers.assets import MapAssets, app_static_folder
from layers.base_map import BaseMap, base_map_key, choose_basemap
from layers.escape import escape
from layers.evidence import thin_units
from layers.legend import legend_classes, legend_html
from layers.overlays import (
    Overlay,
    PlaceMarks,
    operators_of,
    place_marks,
)
from layers.overview import overview
from layers.own import own_names, with_own
from layers.palette import indicator_name
from layers.panel import unit_panel
from layers.panel_html import headline_html, overview_html, panel_html, ranks_text
from layers.strings import MISSING, Language, number, text
from layers.table import ranked_table, styled
from layers.units import UnitsView, units_group, units_message
from pages.choices import Choices, remember, show_choices, show_search
from pages.open_unit import show_open_unit
from pages.own import own_html, show_scatter
from pages.shared import (
    bounds_of,
    plain_name,
    publish_coverage,
    publish_list,
    show_banner,
    show_sources,
    stamp_of,
    terms_html,
)

MAP_HEIGHT_PX: Final = 440
PANEL_HEIGHT_PX: Final = 520
TABLE_HEIGHT_PX: Final = 420
TABLE_KEY: Final = "ranking"
SHOWN_KEY: Final = "ranking_shown"


def show(workspace: Workspace, built: Built, assets: MapAssets, language: Language) -> None:
    """The whole page."""
    show_banner(built, language)
    cards = st.container()
    choices = show_choices(built, language)
    found = overview(choices.units.result, choices.units.goals)
    cards.html(headline_html(found, language))
    left, right = st.columns([3, 2], gap="medium")
    with right, st.container(height=PANEL_HEIGHT_PX, border=True):
        unit = show_search(choices.units, language)
        choices = replace(choices, unit=unit)
        units = choices.units
        panel = (
            None
            if unit is None
            else unit_panel(unit, units.result, units.goals, units.coverage, language, own=units.indicators)
        )
        st.html(
            panel_html(panel, language)
            if panel
            else overview_html(found, language, own_names(units.indicators)) + own_html(units, language)
        )
        show_open_unit(panel, language)
    with left:
        show_map(workspace, built, assets, choices, language)
    show_table(choices.units, language)
    show_scatter(choices.units, choices.indicator, choices.unit, language)
    show_downloads(choices.units, built, language)
    show_sources(built, language)
    remember(choices, built, language)


def show_map(
    workspace: Workspace, built: Built, assets: MapAssets, choices: Choices, language: Language
) -> None:
    """The map and its legend."""
    basemap = choose_basemap(workspace.basemap_url, workspace.basemap_attribution, os.environ)
    # the base keeps to the first list of units, so that another list does not make another map
    base_bounds = bounds_of(built.primary)
    overlays, marks = publish_extras(built, stamp_of(built), choices, language)
    result = with_own(choices.units.result, choices.units.indicators)
    thin = thin_units(result, choices.units.goals, choices.indicator)
    view = UnitsView(
        address=publish_list(choices.units, stamp_of(built), choices.units.id),
        bounds=bounds_of(choices.units),
        indicator=choices.indicator,
        language=language,
        selected=choices.unit,
        overlays=overlays,
        places=marks,
        thin=thin,
    )
    key = base_map_key(base_bounds, basemap)
    st_folium(
        BaseMap(assets, base_bounds, basemap),
        key=key,
        height=MAP_HEIGHT_PX,
        use_container_width=True,
        returned_objects=["last_active_drawing"],
        feature_group_to_add=units_group(units_message(result, view)),
        on_change=partial(take_click, key),
    )
    classes = legend_classes(choices.indicator, result, language)
    st.html(
        legend_html(
            indicator_name(choices.indicator, language), classes, overlays, marks, language, thin=len(thin)
        )
        + terms_html(built, language)
    )


def publish_extras(
    built: Built, stamp: str, choices: Choices, language: Language
) -> tuple[tuple[Overlay, ...], tuple[PlaceMarks, ...]]:
    """Overlays and places that are asked for, each with the address of its display copy."""
    operators = choices.operators or operators_of(built.coverage_areas, choices.technology)
    return publish_coverage(built, stamp, choices.technology, operators, language), publish_places(
        built, stamp, choices.places, language
    )


@st.cache_resource(max_entries=32, show_spinner=False)
def publish_places(
    _built: Built,
    stamp: str,  # noqa: ARG001
    classes: tuple[str, ...],
    language: Language,
) -> tuple[PlaceMarks, ...]:
    """Places of some classes, made once."""
    if _built.places is None:
        return ()
    return place_marks(_built.places, classes, app_static_folder(), language)


def take_click(key: str) -> None:
    """A click on the map becomes the unit looked at, before the page is drawn again."""
    drawing = (st.session_state.get(key) or {}).get("last_active_drawing")
    if drawing:
        st.session_state["unit"] = drawing["properties"]["code"]


def take_row(codes: tuple[str, ...]) -> None:
    """A row chosen in the table becomes the unit looked at; the row let go of leaves none."""
    rows = st.session_state[TABLE_KEY]["selection"]["rows"]
    if rows == st.session_state.get(SHOWN_KEY):
        # the browser's echo of the row the page itself marked
        return
    st.session_state["unit"] = codes[rows[0]] if rows else None


def show_table(units: UnitList, language: Language) -> None:
    """The ranked table; its chosen row is the unit looked at."""
    table = ranked_table(units.result, language)
    row = table.row_of(st.session_state.get("unit"))
    wanted = [] if row is None else [row]
    hint = text("table_hint", language)
    if row is not None:
        chosen, count = table.frame.iloc[row], number(len(table.codes), language)
        rank = ranks_text(*table.ranks_of(row), language)
        hint = text("table_chosen", language, unit=chosen["name"], rank=rank, count=count)
    title = f"<h4>{escape(text('table', language))}</h4>"
    st.html(f'<section class="vl-panel">{title}<p class="vl-hint">{escape(hint)}</p></section>')
    st.session_state[SHOWN_KEY] = wanted
    held = st.session_state.get(TABLE_KEY)
    if held is None or held["selection"]["rows"] != wanted:
        # in full, as the browser will say it back: anything less would look like a choice of the visitor's
        st.session_state[TABLE_KEY] = {"selection": {"rows": wanted, "columns": [], "cells": []}}
    st.dataframe(
        styled(table, language),
        key=TABLE_KEY,
        height=min(TABLE_HEIGHT_PX, 38 + 35 * len(table.codes)),
        hide_index=True,
        placeholder=MISSING,
        column_config={name: st.column_config.Column(heading) for name, heading in table.headings.items()},
        selection_mode="single-row",
        on_select=partial(take_row, table.codes),
    )


def show_downloads(units: UnitList, built: Built, language: Language) -> None:
    """The list of units being shown, as files to take home; made when asked for."""
    name = f"{plain_name(str(built.manifest['name']))}-{units.id}"
    offers = (
        ("download_geojson", communes_geojson, f"{name}.geojson", "application/geo+json"),
        ("download_csv", communes_csv, f"{name}.csv", "text/csv"),
    )
    *columns, aside = st.columns([1, 1, 4], vertical_alignment="center")
    if said := terms_html(built, language):
        aside.html(said)
    for column, (key, make, file_name, mime) in zip(columns, offers, strict=True):
        column.download_button(
            text(key, language), partial(make, units, built.manifest), file_name, mime, key=key,
            help=text(f"{key}_help", language), on_click="ignore", width="stretch",
        )  # fmt: skip
