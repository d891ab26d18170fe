"""The map page: widgets → one frozen `Choices` → layers → shown. No frame algebra here."""

import os
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import streamlit as st
from streamlit_folium import st_folium

from geo.export import communes_csv, communes_geojson
from geo.results import Built, UnitList
from geo.workspace import Workspace
from layers.assets import MapAssets
from layers.base_map import BaseMap, base_map_key, choose_basemap
from layers.escape import escape
from layers.legend import legend_html
from layers.overlays import Overlay, PlaceMarks, operators_of
from layers.own import own_names
from layers.palette import indicator_name
from layers.panel import unit_panel
from layers.panel_html import headline_html, panel_html, ranks_text
from layers.strings import MISSING, Language, number, text
from layers.table import ranked_table, styled
from layers.units import chosen_part, units_group
from layers.why import meaning_text, why_html
from pages.choices import Choices, list_chosen, remember, show_choices, show_search
from pages.map_parts import opening_html, overview_of, publish_places, units_drawn
from pages.open_unit import show_open_unit
from pages.own import own_of, show_scatter
from pages.shared import (
    bounds_of,
    plain_name,
    publish_coverage,
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


@dataclass(frozen=True)
class Below:
    """What the parts below the map depend on: while it stays, a change above the map touches nothing else."""

    list_id: str
    unit: str | None
    own: str | None


def show(workspace: Workspace, built: Built, assets: MapAssets, language: Language) -> None:
    """The whole page."""
    show_banner(built, language)
    units, stamp = list_chosen(built), stamp_of(built)
    st.html(headline_html(overview_of(units, stamp, units.id), language))
    show_upper(workspace, built, assets, language, below_now(built))
    show_table(units, language)
    show_scatter(units, st.session_state["indicator"], st.session_state["unit"], language)
    show_downloads(units, built, language)
    show_sources(built, language)


@st.fragment
def show_upper(
    workspace: Workspace, built: Built, assets: MapAssets, language: Language, below: Below
) -> None:
    """Choices, map and panel: a change of indicator, overlay or places runs this alone."""
    if below_now(built) != below:
        st.rerun()
    choices = show_choices(built, language)
    choices = replace(choices, unit=unit_now(choices.units))
    left, right = st.columns([3, 2], gap="medium")
    with left:
        show_map(workspace, built, assets, choices, language)
    with right, st.container(height=PANEL_HEIGHT_PX, border=True):
        show_search(choices.units, language)
        st.html(panel_of(choices, stamp_of(built), language))
        show_open_unit(choices.unit, language)
    remember(choices, built, language)


def below_now(built: Built) -> Below:
    """What the parts below the map are to show now."""
    units = list_chosen(built)
    column = str(st.session_state.get("indicator", st.query_params.get("indicator")))
    own = own_of(column)
    return Below(units.id, unit_now(units), own if own in own_names(units.indicators) else None)


def unit_now(units: UnitList) -> str | None:
    """Code of the unit looked at: what was chosen last, else what the address names; None unless it is of this list."""
    code = st.session_state.get("unit", st.query_params.get("unit"))
    return str(code) if (units.result["unit_code"] == code).any() else None


def panel_of(choices: Choices, stamp: str, language: Language) -> str:
    """The unit looked at, else the whole list, as HTML."""
    units = choices.units
    panel = (
        None
        if choices.unit is None
        else unit_panel(
            choices.unit, units.result, units.goals, units.coverage, language, own=units.indicators
        )
    )
    return panel_html(panel, language) if panel else opening_html(units, stamp, units.id, language)


def show_map(
    workspace: Workspace, built: Built, assets: MapAssets, choices: Choices, language: Language
) -> None:
    """The map and its legend."""
    basemap = choose_basemap(workspace.basemap_url, workspace.basemap_attribution, os.environ)
    # the base keeps to the first list of units, so that another list does not make another map
    base_bounds, stamp = bounds_of(built.primary), stamp_of(built)
    overlays, marks = publish_extras(built, stamp, choices, language)
    drawn = units_drawn(choices.units, stamp, choices.units.id, choices.indicator, language)
    key = base_map_key(base_bounds, basemap)
    st_folium(
        BaseMap(assets, base_bounds, basemap),
        key=key,
        height=MAP_HEIGHT_PX,
        use_container_width=True,
        returned_objects=["last_active_drawing"],
        feature_group_to_add=units_group(chosen_part(choices.unit, overlays, marks), drawn.literal),
        on_change=partial(take_click, key),
    )
    name = indicator_name(choices.indicator, language)
    st.html(
        legend_html(
            name,
            drawn.classes,
            overlays,
            marks,
            language,
            thin=drawn.thin,
            why=why_html(choices.indicator.column, language),
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
    title = f"<h3>{escape(text('table', language))}</h3>"
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
        column_config={
            name: st.column_config.Column(heading, help=meaning_text(name, language))
            for name, heading in table.headings.items()
        },
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
