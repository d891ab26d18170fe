"""Two maps side by side: two indicators, two quarters or two lists of units, moving as one; both stand in the link (`compare=`)."""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

import streamlit as st
from streamlit_folium import st_folium

from geo.results import Built
from geo.workspace import Workspace
from layers.assets import MapAssets
from layers.base_map import BaseMap, base_map_key, choose_basemap
from layers.bivariate import is_bivariate, square_html
from layers.compare_text import (
    hints_html,
)
from layers.escape import escape
from layers.explore import FULL_OPACITY, explore_part
from layers.legend import legend_html
from layers.map_tools import tools_part
from layers.palette import indicator_name
from layers.quarters import is_quarterly, quarter_word, quarters_of
from layers.strings import Language, text
from layers.units import chosen_part, units_group
from layers.why import why_html
from pages.choices import list_chosen, list_name, write_address
from pages.compare_sides import (
    COMPARE,
    FAULT,
    Side,
    Sides,
    first_side,
    is_comparing,
    set_sides,
    side_of,
    sides_now,
    two_indicators,
    two_lists,
    two_quarters,
)
from pages.compare_unit import NAMES, lists_agree, show_unit, unit_looked_at, unit_on
from pages.guard import guarded
from pages.map_quarters import QUARTER, drawn_in, map_indicators, quarter_title
from pages.register import page_of
from pages.shared import bounds_of, terms_html

MAP_HEIGHT_PX: Final = 420


def show_compare_button(built: Built, language: Language) -> None:
    """The way from one map to two."""
    st.button(
        text("compare", language), icon=":material/splitscreen_vertical_add:", key="compare_open", width="content",
        help=text("compare_help", language), on_click=_open, args=(built,),
    )  # fmt: skip


def _open(built: Built) -> None:
    set_sides(two_indicators(built, first_side(built)))


def _close(built: Built) -> None:
    """Back to one map: the first of the two."""
    first = sides_now(built)[0]
    chosen = {"list": first.units.id, "indicator": first.indicator.column, QUARTER: first.quarter or None}
    st.session_state.update({**chosen, COMPARE: []})


@st.fragment
def show_compare(workspace: Workspace, built: Built, assets: MapAssets, language: Language) -> None:
    """The whole of it; a choice of one side runs this alone."""
    if not is_comparing():
        st.rerun()
    with guarded(language):
        _draw_compare(workspace, built, assets, language)


def _draw_compare(workspace: Workspace, built: Built, assets: MapAssets, language: Language) -> None:
    _keep_choices()
    sides = sides_now(built)
    set_sides(sides)
    _show_shortcuts(built, sides, language)
    columns = st.columns(2, gap="medium")
    for column, name, side in zip(columns, NAMES, sides, strict=True):
        with column:
            _show_choices(built, name, side, language)
            _show_map(workspace, built, assets, name, sides, language)
    st.html(hints_html(hints_of(sides, language)))
    show_unit(built, sides, language)
    if said := terms_html(built, language):
        st.html(said)
    _remember(built, sides, language)


def _keep_choices() -> None:
    """Choices of the page with one map stay for when it comes back: a widget that is not drawn is forgotten."""
    for key in page_of("map").linked:
        if key in st.session_state:
            st.session_state[key] = st.session_state[key]


def hints_of(sides: Sides, language: Language) -> list[str]:
    """What must be known of the pair."""
    one, two = sides
    lines = [text("compare_fault", language)] if st.session_state.pop(FAULT, False) else []
    lines.append(text("compare_hint", language))
    if one == two or one.link == two.link:
        lines.append(text("compare_same", language))
    if one.units.level != two.units.level:
        lines.append(text("compare_levels", language))
    elif not lists_agree(one.units, two.units):
        lines.append(text("compare_codes", language))
    return lines


def _show_shortcuts(built: Built, sides: Sides, language: Language) -> None:
    first = sides[0]
    pairs: tuple[tuple[str, Sides | None], ...] = (
        ("compare_indicators", two_indicators(built, first)),
        ("compare_quarters", two_quarters(built, first)),
        ("compare_lists", two_lists(built, first)),
    )
    with st.container(horizontal=True, vertical_alignment="center", key="compare_shortcuts"):
        st.html(
            f'<h2 class="vl-compare-title">{escape(text("compare_title", language))}</h2>', width="content"
        )
        for key, pair in pairs:
            if pair is not None:
                st.button(text(key, language), key=key, on_click=set_sides, args=(pair,), width="content")
        st.space("stretch")
        st.button(
            text("compare_close", language), icon=":material/close_fullscreen:", key="compare_close", width="content",
            on_click=_close, args=(built,),
        )  # fmt: skip


def _show_choices(built: Built, name: str, side: Side, language: Language) -> None:
    """What one of the maps shows, to be chosen."""
    indicators = {one.column: one for one in map_indicators(built, side.units)}
    quarters = quarters_of(side.units.speed, side.indicator) if side.quarter else ()
    choices: list[tuple[str, str, list[str], Callable[[str], str]]] = [
        ("list", side.units.id, list(built.lists), lambda one: list_name(built.lists[one], language)),
        (
            "indicator",
            side.indicator.column,
            list(indicators),
            lambda one: indicator_name(indicators[one], language),
        ),
    ]
    if quarters:
        choices.append(("quarter", side.quarter, list(quarters), lambda one: quarter_word(one, language)))
    for column, (part, now, options, words) in zip(
        st.columns([1.3, 1.5, 0.9][: len(choices)]), choices, strict=True
    ):
        with column:
            _choose(
                built,
                name,
                part,
                now,
                options,
                text(f"compare_{part}_of", language, side=name.upper()),
                words,
            )


def _choose(
    built: Built, name: str, part: str, now: str, options: Sequence[str], label: str, words: Callable[[str], str]
) -> None:  # fmt: skip
    key = f"compare_{name}_{part}"
    # assigned anew at every run: what the browser keeps is the word shown, which another language does not know
    st.session_state[key] = now
    st.selectbox(label, options, format_func=words, key=key, on_change=partial(_take, built, name, part))


def _take(built: Built, name: str, part: str) -> None:
    """One choice of one map; what does not fit it any more goes to the first there is."""
    sides = dict(zip(NAMES, sides_now(built), strict=True))
    side, value = sides[name], str(st.session_state[f"compare_{name}_{part}"])
    if part == "list":
        units = built.lists[value]
        indicator = side.indicator
        found = side_of(built, units, indicator.column, side.quarter) or Side(
            units, map_indicators(built, units)[0]
        )
    elif part == "indicator":
        found = side_of(built, side.units, value, side.quarter) or side
    else:
        found = replace(side, quarter=value)
    sides[name] = found
    set_sides((sides["a"], sides["b"]))


def _show_map(
    workspace: Workspace, built: Built, assets: MapAssets, name: str, sides: Sides, language: Language
) -> None:
    """One of the maps and its legend."""
    side = sides[NAMES.index(name)]
    basemap = choose_basemap(workspace.basemap_url, workspace.basemap_attribution, os.environ)
    # both bases are of the first list of units, so that both open at the same place and another list makes no other map
    bounds = bounds_of(built.primary)
    drawn = drawn_in(built, side.units, side.indicator, side.quarter, language)
    title = quarter_title(side.indicator, side.quarter, language)
    key = base_map_key(bounds, basemap, page=f"compare {name}")
    st_folium(
        BaseMap(assets, bounds, basemap),
        key=key,
        height=MAP_HEIGHT_PX,
        use_container_width=True,
        returned_objects=["last_active_drawing"],
        feature_group_to_add=units_group(_message(built, name, side, title, language), drawn.literal),
        on_change=partial(_take_click, key, side.units.id),
    )
    if is_bivariate(side.indicator):
        st.html(square_html(title, side.indicator, drawn.classes, language, places=""))
    else:
        # the term of one quarter's mean is that of its interval
        term = "unit_quarters" if is_quarterly(side.indicator) else side.indicator.column
        why = why_html(term, language, place=f"compare {name}")
        st.html(legend_html(title, drawn.classes, (), (), language, thin=drawn.thin, why=why))


def _message(built: Built, name: str, side: Side, title: str, language: Language) -> dict[str, Any]:
    placed = {}
    if name == NAMES[0]:
        # one of the two is enough to keep in the address where both stand
        placed = explore_part(dimmed=(), limits=None, bound=None, opacity=FULL_OPACITY, focus=None)
    return {
        **chosen_part(unit_on(built, side.units), (), ()),
        **placed,
        **tools_part(title, side.indicator, language),
        "side": name,
        "quarter": side.quarter,
        "play": False,
    }


def _take_click(key: str, list_id: str) -> None:
    """A click on one of the maps becomes the unit looked at, before both are drawn again."""
    drawing = (st.session_state.get(key) or {}).get("last_active_drawing")
    if drawing and "code" in drawing["properties"]:
        st.session_state.update({"list": list_id, "unit": drawing["properties"]["code"]})


def _remember(built: Built, sides: Sides, language: Language) -> None:
    """Write the pair into the address."""
    found = unit_looked_at(built)
    units = list_chosen(built)
    view: dict[str, Any] = {
        "lang": language if language != "vi" else None,
        "list": units.id if units.id != built.primary.id else None,
        "unit": found[1] if found else None,
        COMPARE: [side.link for side in sides],
    }
    write_address(view)
