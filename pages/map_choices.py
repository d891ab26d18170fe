"""What a visitor chooses on the map page: widgets → what the map shows, written into the address."""

from collections.abc import Iterable
from typing import Any, Final

import streamlit as st

from geo.results import Built, UnitList
from geo.unit_filter import Bound, as_conditions
from layers.palette import indicator_name
from layers.strings import Language, text
from pages.choices import WRITTEN_KEY, choose, go_to, list_name, write_address
from pages.compare_sides import show_compare_button
from pages.map_filter import WHERE, conditions_now, filter_now, keep_now
from pages.map_filter_form import show_filter
from pages.map_levels import FOCUS, LEVEL, WHOLE, is_whole, look_home, show_crumbs
from pages.map_limit import LIMIT, limits_link
from pages.map_overlays import Over, choose_technology, over_link, show_overlays
from pages.map_quarters import QUARTER, map_indicators, quarter_link, quarter_shown
from pages.map_shown import Shown
from pages.register import page_of

_OWN_KEYS: Final = ("find", "find_said", "map_row")


def show_choices(built: Built, language: Language) -> Shown:
    """The widgets above the map: what is shown in the first row, where and how much of it in the second."""
    with st.container(key="map_choices"):
        columns = st.columns([1.6, 1.8, 1])
    with columns[0]:
        ids = list(built.lists)
        name = choose(
            "list", text("unit_list", language), ids, lambda one: list_name(built.lists[one], language)
        )
        units = built.lists[name]
    with columns[1]:
        usable = {indicator.column: indicator for indicator in map_indicators(built, units)}
        column = choose(
            "indicator",
            text("indicator", language),
            list(usable),
            lambda one: indicator_name(usable[one], language),
        )
    with columns[2]:
        technology = choose_technology(built, language)
    with st.container(horizontal=True, vertical_alignment="center", key="map_tools"):
        show_crumbs(built, units, language)
        st.space("stretch")
        show_filter(built, (units,), language)
        over = show_overlays(built, technology, language)
        show_compare_button(built, language)
        st.button(
            text("view_reset", language), icon=":material/restart_alt:", key="view_reset", on_click=reset, args=(language,),
            help=text("view_reset_help", language), width="content",
        )  # fmt: skip
    indicator = usable[column]
    return Shown(
        units, indicator, quarter_shown(units, indicator), over, keep_now(built, units), unit_now(units), whole=is_whole()
    )  # fmt: skip


def unit_now(units: UnitList) -> str | None:
    """Code of the unit looked at: what was chosen last, else what the address names; None unless it is of this list."""
    code = st.session_state.get("unit", st.query_params.get("unit"))
    return str(code) if (units.result["unit_code"] == code).any() else None


def reset(language: Language) -> None:
    """Every choice of the page back to the first, and the map to where it opens; the language stays."""
    for key in (*page_of("map").linked, *_OWN_KEYS):
        st.session_state.pop(key, None)
    st.session_state.pop(WRITTEN_KEY, None)
    st.query_params.from_dict({} if language == "vi" else {"lang": language})
    st.session_state.pop(FOCUS, None)
    look_home()
    go_to("map", language)


def remember(shown: Shown, built: Built, language: Language) -> None:
    """Write the view into the address, so that it can be sent to somebody; what is as it opens is left out."""
    units, indicator = shown.units, shown.indicator
    write_address({
        **view_of(built, units, shown.unit, shown.over, [shown.limit], language),
        "indicator": indicator.column if indicator.column != "verdict" else None,
        QUARTER: quarter_link(units, indicator),
        LEVEL: WHOLE if shown.whole else None,
    })  # fmt: skip


def view_of(
    built: Built, units: UnitList, unit: str | None, over: Over, limits: Iterable[Bound | None], language: Language
) -> dict[str, Any]:  # fmt: skip
    """What one map and two have in common in the address: list and unit looked at, overlays, filter, thresholds."""
    # a condition that cannot be read has been told of, and is gone
    st.session_state[WHERE] = list(as_conditions(filter_now()[0])) if conditions_now() else []
    return {
        "lang": language if language != "vi" else None,
        "list": units.id if units.id != built.primary.id else None,
        **over_link(built, over),
        "where": list(st.session_state[WHERE]) or None,
        LIMIT: limits_link(limits),
        "unit": unit,
    }
