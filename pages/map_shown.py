"""One map of the map page, the only one or one of two compared: what it shows, the message that draws it, and its legend."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import streamlit as st
from streamlit_folium import st_folium

from geo.results import Built, UnitList
from geo.unit_filter import Bound
from geo.workspace import Workspace
from layers.assets import MapAssets
from layers.base_map import BaseMap, base_map_key, choose_basemap
from layers.bivariate import is_bivariate, square_html
from layers.explore import explore_part
from layers.legend import legend_html, marks_row_html
from layers.map_tools import tools_part
from layers.overlays import Overlay, PlaceMarks
from layers.palette import Indicator
from layers.quarters import is_quarterly
from layers.strings import Language
from layers.units import chosen_part, units_group
from layers.whole import NOT_SUMMED, is_summed, not_summed_html
from layers.why import why_html
from pages.map_filter import Kept
from pages.map_levels import focus_now, whole_of
from pages.map_limit import limit_now
from pages.map_overlays import Over, publish_over
from pages.map_parts import UnitsDrawn, limits_of
from pages.map_quarters import drawn_in, quarter_title, quarters_legend
from pages.shared import FRAME_PX, bounds_of, map_place, stamp_of

SIDES: Final = ("a", "b")


@dataclass(frozen=True)
class Shown:
    """What one map shows.

    `unit`: code of the unit looked at; `quarter`: empty for an indicator without quarters; `whole`: the region as one; `side`:
    which of two maps compared, empty for the only one.
    """

    units: UnitList
    indicator: Indicator
    quarter: str
    over: Over
    kept: Kept
    unit: str | None
    whole: bool = False
    side: str = ""

    @property
    def limit(self) -> Bound | None:
        """The threshold of the indicator shown."""
        return limit_now(self.indicator)

    @property
    def is_placed(self) -> bool:
        """Whether it keeps its place in the address, and looks where the page wants: one of two is enough, they move as one."""
        return self.side in ("", SIDES[0])


def show_map(
    workspace: Workspace, built: Built, assets: MapAssets, shown: Shown, language: Language, on_click: Callable[[Mapping[str, Any]], None]
) -> None:  # fmt: skip
    """The map and its legend; `on_click` is told what was clicked (or slid) before the page is drawn again."""
    basemap = choose_basemap(workspace.basemap_url, workspace.basemap_attribution, os.environ)
    # the base keeps to the first list of units, so that another list does not make another map
    base_bounds = bounds_of(built.primary)
    overlays, marks = publish_over(built, shown.over, language)
    units, indicator = _drawn_now(built, shown)
    drawn = drawn_in(built, units, indicator, shown.quarter if shown.side else "", language)
    message = {
        **chosen_part(shown.unit, overlays, marks),
        **_explored(built, shown, language),
        **tools_part(_title(shown, language), indicator, language),
        **({"side": shown.side} if shown.side else {}),
        **({"quarter": shown.quarter, "play": not shown.side} if is_quarterly(indicator) else {}),
    }
    key = base_map_key(base_bounds, basemap, page=f"compare {shown.side}" if shown.side else "map")
    with map_place(shown.side or "map"):
        st_folium(
            BaseMap(assets, base_bounds, basemap),
            key=key,
            height=FRAME_PX,
            use_container_width=True,
            returned_objects=["last_active_drawing"],
            feature_group_to_add=units_group(message, drawn.literal),
            on_change=partial(_take, key, on_click),
        )
    st.html(_legend(built, shown, indicator, drawn, overlays, marks, language))


def _take(key: str, on_click: Callable[[Mapping[str, Any]], None]) -> None:
    drawing = (st.session_state.get(key) or {}).get("last_active_drawing")
    if drawing:
        on_click(drawing["properties"])


def _title(shown: Shown, language: Language) -> str:
    """The indicator's name; with its quarter where that is not played through."""
    return quarter_title(shown.indicator, shown.quarter if shown.side else "", language)


def _drawn_now(built: Built, shown: Shown) -> tuple[UnitList, Indicator]:
    """The units to draw and what colours them: the list, or the region as a whole, which not every indicator speaks of."""
    if not shown.whole:
        return shown.units, shown.indicator
    whole = whole_of(built, shown.units)
    return whole.units, shown.indicator if is_summed(whole.figures, shown.indicator.column) else NOT_SUMMED


def _explored(built: Built, shown: Shown, language: Language) -> dict[str, Any]:
    """The part of the map's message that is of the filter, the threshold, the overlays and the place to look at."""
    units, kept = shown.units, shown.kept
    limits = None
    if not shown.whole:
        limits = limits_of(units, stamp_of(built), units.id, shown.indicator, kept.inside, language)
    return explore_part(
        dimmed=() if shown.whole else kept.dimmed,
        limits=limits,
        bound=shown.limit,
        opacity=shown.over.opacity,
        focus=focus_now(units, kept.wanted) if shown.is_placed else None,
        is_placed=shown.is_placed,
    )


def _legend(
    built: Built,
    shown: Shown,
    indicator: Indicator,
    drawn: UnitsDrawn,
    overlays: tuple[Overlay, ...],
    marks: tuple[PlaceMarks, ...],
    language: Language,
) -> str:
    """The legend as the indicator needs it: a row of classes, or a square where it is two things in one colour."""
    if indicator == NOT_SUMMED:
        return not_summed_html(marks_row_html(overlays, marks, language), language)
    if is_quarterly(indicator) and not shown.side:
        return quarters_legend(built, indicator, marks_row_html(overlays, marks, language), language)
    title = _title(shown, language)
    if is_bivariate(indicator):
        above = marks_row_html(overlays, marks, language, thin=drawn.thin)
        return square_html(title, indicator, drawn.classes, language, places=above)
    # the term of one quarter's mean is that of its interval
    term = "unit_quarters" if is_quarterly(indicator) else indicator.column
    why = why_html(term, language, place=f"compare {shown.side}" if shown.side else "")
    return legend_html(title, drawn.classes, overlays, marks, language, thin=drawn.thin, why=why)
