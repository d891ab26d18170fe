"""A map of units for the pages beside the main one: one indicator, a unit looked at, clicks that choose another."""

import os
from functools import partial
from typing import Final

import geopandas as gpd
import pandas as pd
import streamlit as st
from streamlit_folium import st_folium

from geo.results import Built, UnitList
from geo.workspace import Workspace
from layers.assets import MapAssets
from layers.base_map import BaseMap, base_map_key, choose_basemap
from layers.evidence import thin_units
from layers.legend import legend_classes, legend_html
from layers.palette import Indicator, indicator_name
from layers.strings import Language
from layers.units import UnitsView, units_group, units_message
from layers.why import why_html
from pages.shared import bounds_of, publish_list, stamp_of

HEIGHT_PX: Final = 440


def show_units_map(
    workspace: Workspace,
    built: Built,
    assets: MapAssets,
    units: UnitList,
    result: gpd.GeoDataFrame,
    indicator: Indicator,
    language: Language,
    *,
    page: str,
    height_px: int = HEIGHT_PX,
) -> None:
    """The map with its legend; `result`: the list's table, with the indicator's column. A click sets `unit`."""
    basemap = choose_basemap(workspace.basemap_url, workspace.basemap_attribution, os.environ)
    # the base keeps to the first list of units, so that another list does not make another map
    bounds = bounds_of(built.primary)
    thin = thin_units(result, units.goals, indicator)
    view = UnitsView(
        address=publish_list(units, stamp_of(built), units.id),
        bounds=bounds_of(units),
        indicator=indicator,
        language=language,
        selected=st.session_state.get("unit"),
        thin=thin,
    )
    key = base_map_key(bounds, basemap, page=page)
    st_folium(
        BaseMap(assets, bounds, basemap), key=key, height=height_px, use_container_width=True,
        returned_objects=["last_active_drawing"], feature_group_to_add=units_group(units_message(result, view)),
        on_change=partial(take_click, key),
    )  # fmt: skip
    classes = legend_classes(indicator, result, language)
    st.html(
        legend_html(
            indicator_name(indicator, language),
            classes,
            (),
            (),
            language,
            thin=len(thin),
            why=why_html(indicator.column, language),
        )
    )


def take_click(key: str) -> None:
    """A click on the map becomes the unit looked at, before the page is drawn again."""
    drawing = (st.session_state.get(key) or {}).get("last_active_drawing")
    if drawing:
        st.session_state["unit"] = drawing["properties"]["code"]


def choose_row(key: str, frame: pd.DataFrame, codes: tuple[str, ...], *, height_px: int) -> None:
    """A table whose chosen row is the unit looked at; `codes`: the unit of each row."""
    unit = st.session_state.get("unit")
    wanted = [codes.index(unit)] if unit in codes else []
    st.session_state[f"{key} shown"], st.session_state[f"{key} codes"] = wanted, codes
    held = st.session_state.get(key)
    if held is None or held["selection"]["rows"] != wanted:
        # in full, as the browser will say it back: anything less would look like a choice of the visitor's
        st.session_state[key] = {"selection": {"rows": wanted, "columns": [], "cells": []}}
    st.dataframe(
        frame,
        key=key,
        height=height_px,
        hide_index=True,
        selection_mode="single-row",
        on_select=partial(_take_row, key),
    )


def _take_row(key: str) -> None:
    """A row chosen becomes the unit looked at; the row let go of leaves none."""
    rows = st.session_state[key]["selection"]["rows"]
    if rows == st.session_state.get(f"{key} shown"):
        # the browser's echo of the row the page itself marked
        return
    st.session_state["unit"] = st.session_state[f"{key} codes"][rows[0]] if rows else None
