"""What a visitor chooses on the map page: widgets → one frozen `Choices`, written into the address."""

from dataclasses import dataclass
from typing import Any, Final

import streamlit as st

from geo.results import Built, UnitList
from geo.unit_filter import Bound, as_conditions
from layers.explore import FULL_OPACITY, limit_of, limit_text
from layers.overlays import operators_of, place_classes_of, technologies_of
from layers.palette import Indicator, indicator_name
from layers.strings import Language, text
from pages.choices import WRITTEN_KEY, choose, go_to, list_name, write_address
from pages.map_compare import show_compare_button
from pages.map_filter import Kept, conditions_now, filter_now, keep_now
from pages.map_filter_form import show_filter
from pages.map_levels import FOCUS, LEVEL, WHOLE, is_whole, look_home, show_crumbs
from pages.map_overlays import Over, show_overlays
from pages.map_quarters import QUARTER, map_indicators, quarter_link
from pages.register import page_of

NO_OVERLAY: Final = ""
LIMIT: Final = "limit"
_OWN_KEYS: Final = ("find", "find_said", "map_row")


@dataclass(frozen=True)
class Choices:
    """What the visitor chose; `unit` is the code of the unit looked at, `limit` the threshold of the shown indicator."""

    units: UnitList
    indicator: Indicator
    technology: str
    over: Over
    kept: Kept
    limit: Bound | None
    whole: bool
    unit: str | None


def show_choices(built: Built, language: Language) -> Choices:
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
        technologies = [NO_OVERLAY, *technologies_of(built.coverage_areas)]
        technology = choose(
            "overlay",
            text("overlay", language),
            technologies,
            lambda one: one or text("overlay_none", language),
        )
    with st.container(horizontal=True, vertical_alignment="center", key="map_tools"):
        show_crumbs(built, units, language)
        st.space("stretch")
        show_filter(built, units, language)
        over = show_overlays(built, technology, language)
        show_compare_button(built, language)
        st.button(
            text("view_reset", language), icon=":material/restart_alt:", key="view_reset", on_click=reset, args=(language,),
            help=text("view_reset_help", language), width="content",
        )  # fmt: skip
    return Choices(
        units,
        usable[column],
        technology,
        over,
        keep_now(built, units),
        limit_now(usable[column]),
        is_whole(),
        None,
    )


def limit_now(indicator: Indicator) -> Bound | None:
    """The threshold that was set last, else the address's, where it is of the indicator shown."""
    return limit_of(st.session_state.get(LIMIT, st.query_params.get(LIMIT)), indicator)


def reset(language: Language) -> None:
    """Every choice of the page back to the first, and the map to where it opens; the language stays."""
    for key in (*page_of("map").linked, *_OWN_KEYS):
        st.session_state.pop(key, None)
    st.session_state.pop(WRITTEN_KEY, None)
    st.query_params.from_dict({} if language == "vi" else {"lang": language})
    st.session_state.pop(FOCUS, None)
    look_home()
    go_to("map", language)


def remember(choices: Choices, built: Built, language: Language) -> None:
    """Write the view into the address, so that it can be sent to somebody; what is as it opens is left out."""
    over, first = choices.over, operators_of(built.coverage_areas, choices.technology)
    towns = tuple(one for one in place_classes_of(built.places) if one == "town")
    # a condition that cannot be read has been told of, and is gone
    st.session_state["where"] = list(as_conditions(filter_now()[0])) if conditions_now() else []
    view: dict[str, Any] = {
        "lang": language if language != "vi" else None,
        "list": choices.units.id if choices.units.id != built.primary.id else None,
        "indicator": choices.indicator.column if choices.indicator.column != "verdict" else None,
        "overlay": choices.technology or None,
        "operators": list(over.operators) or None,
        "evidence": list(over.evidence) or None,
        "opacity": str(over.opacity) if over.opacity != FULL_OPACITY else None,
        "order": list(over.order) if over.order != first else None,
        "points": None if over.places == towns else list(over.places) or ["none"],
        "where": list(st.session_state["where"]) or None,
        "limit": limit_text(choices.limit) if choices.limit else None,
        QUARTER: quarter_link(choices.units, choices.indicator),
        LEVEL: WHOLE if choices.whole else None,
        "unit": choices.unit,
    }
    write_address(view)
