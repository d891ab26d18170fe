"""A map of units for the pages beside the main one: one indicator, a unit looked at, clicks that choose another."""

import os
from collections.abc import Callable
from functools import partial
from typing import Any

import geopandas as gpd
import streamlit as st
from streamlit_folium import st_folium

from geo.results import Built, UnitList
from geo.workspace import Workspace
from layers.assets import MapAssets
from layers.base_map import BaseMap, base_map_key, choose_basemap
from layers.evidence import thin_units
from layers.explore import FULL_OPACITY, explore_part
from layers.legend import legend_classes, legend_html
from layers.palette import Indicator, indicator_name
from layers.strings import Language
from layers.units import UnitsView, units_group, units_message
from layers.why import why_html
from pages.choices import look_at_unit
from pages.shared import FRAME_PX, bounds_of, map_place, publish_list, stamp_of


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
) -> None:
    """The map with its legend; `result`: the list's table, with the indicator's column. A click sets `unit`.

    Another list of units is looked at as a whole.
    """
    thin = thin_units(result, units.goals, indicator)
    view = view_of(built, units, indicator, language, selected=st.session_state.get("unit"), thin=thin)
    message = units_message(result, view) | {"focus": {"id": f"home {units.id}", "home": True}}
    show_base(workspace, built, assets, message, page=page, take=take_click)
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


def view_of(
    built: Built,
    units: UnitList,
    indicator: Indicator,
    language: Language,
    *,
    selected: str | None = None,
    thin: frozenset[str] = frozenset(),
) -> UnitsView:
    """The units of a list by one indicator, with the address of their outlines."""
    address = publish_list(units, stamp_of(built), units.id)
    return UnitsView(address, bounds_of(units), indicator, language, selected=selected, thin=thin)


def show_base(
    workspace: Workspace,
    built: Built,
    assets: MapAssets,
    message: dict[str, Any],
    *,
    page: str,
    take: Callable[[str], None] | None = None,
    draws: bool = False,
) -> None:
    """The map of a page with this message on it; `take` gets the map's key when something is clicked or, with `draws`, drawn.

    Where it stands is part of the page's address, as on the main map; the message's `focus`, if any, is looked at once.
    """
    focus = message.get("focus")
    placed = explore_part(dimmed=(), limits=None, bound=None, opacity=FULL_OPACITY, focus=focus, page=page)
    basemap = choose_basemap(workspace.basemap_url, workspace.basemap_attribution, os.environ)
    # the base keeps to the first list of units, so that another list does not make another map
    bounds = bounds_of(built.primary)
    key = base_map_key(bounds, basemap, page=page)
    returned = "all_drawings" if draws else "last_active_drawing"
    with map_place(page):
        st_folium(
            BaseMap(assets, bounds, basemap, draws=draws),
            key=key,
            height=FRAME_PX,
            use_container_width=True,
            returned_objects=[returned] if take else [],
            feature_group_to_add=units_group({**message, **placed}),
            on_change=partial(take, key) if take else None,
        )


def take_click(key: str) -> None:
    """A click on the map becomes the unit looked at, before the page is drawn again."""
    drawing = (st.session_state.get(key) or {}).get("last_active_drawing")
    if drawing:
        look_at_unit(drawing["properties"]["code"])
