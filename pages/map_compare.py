"""Two maps side by side: two indicators, two quarters or two lists of units, moving as one; both stand in the link (`compare=`)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from geo.results import Built
from geo.workspace import Workspace
from layers.assets import MapAssets
from layers.compare_text import hints_html
from layers.escape import escape
from layers.palette import indicator_name
from layers.quarters import quarter_word, quarters_of
from layers.strings import Language, text
from pages.choices import list_chosen, list_name, write_address
from pages.compare_sides import (
    COMPARE,
    FAULT,
    Side,
    Sides,
    is_comparing,
    set_sides,
    show_close_button,
    side_of,
    sides_now,
    two_indicators,
    two_lists,
    two_quarters,
)
from pages.compare_unit import lists_agree, show_unit, unit_looked_at, unit_on
from pages.guard import guarded
from pages.map_choices import view_of
from pages.map_filter import filter_now, keep_now, show_both_kept
from pages.map_filter_form import show_filter
from pages.map_levels import focus_now
from pages.map_limit import limit_now, take_limit
from pages.map_overlays import Over, choose_technology, show_overlays
from pages.map_quarters import map_indicators
from pages.map_shown import SIDES, Shown, show_map
from pages.register import page_of
from pages.shared import terms_html


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
    over = _show_tools(built, sides, language)
    # a place of its own, filled or not: what comes and goes above a map makes it another map
    kept = st.container()
    both = [_shown(built, name, side, over) for name, side in zip(SIDES, sides, strict=True)]
    with kept:
        show_both_kept(built, {one.side: (one.units, one.kept) for one in both}, language)
    for shown in both:
        # a link to a district begins there, whichever of the lists has it; the first map takes both along
        focus_now(shown.units, shown.kept.wanted)
    for column, shown, side in zip(st.columns(2, gap="medium"), both, sides, strict=True):
        with column:
            _show_choices(built, shown.side, side, language)
            show_map(workspace, built, assets, shown, language, partial(_take_click, side.units.id))
    st.html(hints_html(hints_of(sides, language)))
    show_unit(built, sides, language)
    if said := terms_html(built, language):
        st.html(said)
    _remember(built, sides, over, language)


def _shown(built: Built, name: str, side: Side, over: Over) -> Shown:
    """One of the maps: the filter by its own list's columns, the unit looked at where its list has it for sure."""
    unit = unit_on(built, side.units)
    return Shown(side.units, side.indicator, side.quarter, over, keep_now(built, side.units), unit, side=name)


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
    if filter_now()[0]:
        lines.append(text("filter_fixed", language))
    if one == two or one.link == two.link:
        lines.append(text("compare_same", language))
    if one.units.level != two.units.level:
        lines.append(text("compare_levels", language))
    elif not lists_agree(one.units, two.units):
        lines.append(text("compare_codes", language))
    return lines


def _show_tools(built: Built, sides: Sides, language: Language) -> Over:
    """The row above both maps: the usual pairs, what lies over both, what both keep, and the way back."""
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
        technology = choose_technology(built, language, is_in_row=True)
        show_filter(built, tuple(side.units for side in sides), language)
        over = show_overlays(built, technology, language)
        show_close_button(built, language)
    return over


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
    sides = dict(zip(SIDES, sides_now(built), strict=True))
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


def _take_click(list_id: str, given: Mapping[str, Any]) -> None:
    """A click on one of the maps becomes the unit looked at, a slide its threshold, before both are drawn again."""
    if "limit" in given:
        take_limit(given)
    elif "code" in given:
        st.session_state.update({"list": list_id, "unit": given["code"]})


def _remember(built: Built, sides: Sides, over: Over, language: Language) -> None:
    """Write the pair into the address."""
    found = unit_looked_at(built)
    limits = [limit_now(side.indicator) for side in sides]
    view = view_of(built, list_chosen(built), found[1] if found else None, over, limits, language)
    write_address({**view, COMPARE: [side.link for side in sides]})
