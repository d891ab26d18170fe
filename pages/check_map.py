"""The map of the desk: units pale below, the drawing, the proposal and what it changes above."""

from typing import Any

import shapely
import streamlit as st

from geo.rollout import Check
from geo.rollout_desk import Desk
from geo.what_if import coverage_today
from geo.workspace import Workspace
from layers.assets import MapAssets
from layers.draw import draw_message
from layers.legend import legend_classes, legend_html
from layers.own import own_indicators, with_own
from layers.palette import Indicator, indicator_name, usable_indicators
from layers.rollout_map import (
    UNITS_BELOW_COVERAGE,
    UNITS_OPACITY,
    VIEWS,
    AreaMark,
    check_message,
    display_copy,
    focus_on,
    marks_legend,
    proposal_marks,
    today_mark,
)
from layers.strings import Language, text
from layers.units import units_message
from pages.choices import choose
from pages.desk import FEATURES_KEY, FOCUS_KEY, HELD_KEY, About, features, held, revision
from pages.shared import stamp_of, terms_html
from pages.units_map import show_base, view_of


def show_map(
    workspace: Workspace, desk: Desk, assets: MapAssets, about: About, check: Check | None, language: Language
) -> None:
    """Choice of view and ground colour, the map, its legend."""
    view, indicator = show_layers(desk, language)
    marks = [] if check is None else proposal_marks(check.area, check.new_area, view, language)
    today = None if view == "change" else covered_today(desk, stamp_of(desk.built), str(about.technology))
    if today is not None:
        marks = [today_mark(today, str(about.technology), language), *marks]
    result = with_own(desk.units.result, desk.units.indicators)
    units = units_message(result, view_of(desk.built, desk.units, indicator, language))
    message = check_message(
        units,
        draw=draw_message(features(), revision(), language),
        marks=[mark.as_dict() for mark in marks],
        focus=focus_of(check),
        opacity=UNITS_OPACITY if today is None else UNITS_BELOW_COVERAGE,
    )
    show_base(
        workspace,
        desk.built,
        assets,
        message,
        page="check",
        take=take_drawing,
        draws=True,
    )
    show_legend(desk, indicator, marks, language)
    unknown = today is None if view != "change" else check is not None and check.new_area is None
    if unknown:
        st.caption(text("map_no_today", language, technology=about.technology))


@st.cache_resource(max_entries=8, show_spinner=False)
def covered_today(_desk: Desk, stamp: str, technology: str) -> dict[str, Any] | None:  # noqa: ARG001
    """Display copy of today's coverage of a technology, whoever gives it; None where nothing is known of it."""
    claims = coverage_today(_desk.built, technology, _desk.rules)
    return None if claims.empty else display_copy(shapely.union_all(claims.geometry.to_numpy()))


def show_layers(desk: Desk, language: Language) -> tuple[str, Indicator]:
    """What the map shows: the change, today or afterwards; and which indicator colours the units below."""
    view_place, colour_place = st.columns([1.4, 1], vertical_alignment="bottom")
    with view_place:
        st.session_state.setdefault("offer_view", VIEWS[0])
        st.session_state["offer_view"] = st.session_state["offer_view"] or VIEWS[0]
        view = st.segmented_control(
            text("view", language), VIEWS, format_func=lambda one: text(f"view_{one}", language), key="offer_view",
        )  # fmt: skip
    with colour_place:
        offered = (*usable_indicators(desk.units.result), *own_indicators(desk.units.indicators))
        usable = {indicator.column: indicator for indicator in offered}
        column = choose(
            "indicator",
            text("indicator", language),
            list(usable),
            lambda one: indicator_name(usable[one], language),
        )
    return str(view or VIEWS[0]), usable[column]


def focus_of(check: Check | None) -> dict[str, Any] | None:
    """Where to look after a proposal was opened or a file read; a drawing is in view already."""
    number = st.session_state.get(FOCUS_KEY, 0)
    if not number or check is None or shapely.is_empty(check.area):
        return None
    return focus_on(check.area, str(number))


def take_drawing(key: str) -> None:
    """What was drawn, moved or removed on the map is on the desk before the page is drawn again."""
    drawn = (st.session_state.get(key) or {}).get("all_drawings")
    if drawn is None or drawn == features():
        return
    st.session_state[FEATURES_KEY] = drawn
    if drawn and held() is not None:
        st.session_state[HELD_KEY] = None


def show_legend(desk: Desk, indicator: Indicator, marks: list[AreaMark], language: Language) -> None:
    """What the colours mean."""
    result = with_own(desk.units.result, desk.units.indicators)
    classes = legend_classes(indicator, result, language)
    name = text("units_tint", language, name=indicator_name(indicator, language))
    st.html(
        marks_legend(marks) + legend_html(name, classes, (), (), language) + terms_html(desk.built, language)
    )
