"""The search of the map page: one box for new and old names; what is found is chosen, opened or offered."""

from functools import partial
from typing import Final

import streamlit as st

from geo.find_units import Found, find_units
from geo.results import Built, UnitList
from geo.schema import Level
from layers.escape import escape, escape_markdown
from layers.labels import labels_by_code
from layers.strings import Language, number, text
from pages.map_levels import LEVEL, communes_of, districts_of, drill, look_at_units, open_district

FIND: Final = "find"
SAID: Final = "find_said"
MOST_FOUND: Final = 6


def show_find(built: Built, units: UnitList, unit: str | None, language: Language) -> None:
    """The box; below it what was found, while there is more than one place it could be."""
    box, clear = st.columns([4, 1.3], vertical_alignment="bottom")
    query = box.text_input(
        text("unit", language), key=FIND, placeholder=text("find_placeholder", language), label_visibility="collapsed",
        icon=":material/search:", on_change=partial(take_query, built, units, language),
    )  # fmt: skip
    clear.button(
        text("find_clear", language), key="find_clear", on_click=take_nothing, disabled=unit is None, width="stretch",
        help=text("find_clear_help", language),
    )  # fmt: skip
    said = st.session_state.get(SAID)
    if said and said[0] == unit and unit is not None and not query.strip():
        st.html(f'<p class="vl-hint vl-found" role="status">{escape(said[1])}</p>')
    if query.strip():
        show_found(built, units, query, language)


def take_query(built: Built, units: UnitList, language: Language) -> None:
    """What was typed leads straight to its unit where it can mean only one."""
    query = str(st.session_state[FIND])
    found = find_units(query, units.result, vintage=units.vintage, level=units.level)
    if len(found) == 1 and len(found[0].reached) == 1:
        take_place(built, units, found[0], found[0].reached[0].code, language)


def take_place(built: Built, units: UnitList, place: Found, code: str, language: Language) -> None:
    """A unit that was found is looked at, a district is opened."""
    st.session_state[FIND] = ""
    st.session_state[LEVEL] = ""
    if not place.is_old and units.level == Level.DISTRICT and drill(built, code):
        return
    st.session_state["unit"] = code
    look_at_units(units, (code,))
    label = labels_by_code(units.result)[code]
    st.session_state[SAID] = (
        (code, text("find_done", language, place=place_words(place, language), unit=label))
        if place.is_old
        else None
    )


def take_district(communes: UnitList, code: str) -> None:
    """A district that was found is opened."""
    st.session_state[FIND] = ""
    open_district(communes, code)


def take_nothing() -> None:
    """No unit is looked at any more."""
    st.session_state["unit"] = None
    st.session_state[FIND] = ""


def place_words(place: Found, language: Language) -> str:
    """A place in words: `Lộc Hiệp (xã cũ, Huyện Lộc Ninh, Tỉnh Bình Phước)`."""
    around = f", {place.around}" if place.around else ""
    if place.is_old:
        return text("find_old", language, name=place.name, kind=place.kind, around=around)
    return text("find_now", language, name=f"{place.kind} {place.name}".strip(), around=around)


def show_found(built: Built, units: UnitList, query: str, language: Language) -> None:
    """The places of that name, each with the units it leads to as buttons."""
    found = find_units(query, units.result, vintage=units.vintage, level=units.level)
    if not found:
        st.info(text("find_none", language, query=escape_markdown(query)))
        return
    st.html(f'<p class="vl-hint vl-found" role="status">{escape(text("find_several", language))}</p>')
    labels = labels_by_code(units.result)
    for number_of, place in enumerate(found[:MOST_FOUND]):
        show_place(built, units, place, labels, f"{number_of}", language)
    if len(found) > MOST_FOUND:
        st.caption(text("find_more", language, count=number(len(found) - MOST_FOUND, language)))


def show_place(
    built: Built, units: UnitList, place: Found, labels: dict[str, str], key: str, language: Language
) -> None:
    """One place: its words, where they say more than the button, and a button per unit."""
    several = len(place.reached) > 1
    if place.is_old or several:
        lead = "find_leads" if place.is_old else "find_holds"
        st.html(f'<p class="vl-found">{escape(text(lead, language, place=place_words(place, language)))}</p>')
    with st.container(horizontal=True, key=f"found_{key}"):
        show_district(built, units, place, key, language)
        for reached in place.reached:
            label = labels[reached.code]
            words = text("find_part", language, name=label) if several and not reached.inside else label
            st.button(
                escape_markdown(words), key=f"found_{key}_{reached.code}", on_click=take_place, width="content",
                args=(built, units, place, reached.code, language),
            )  # fmt: skip


def show_district(built: Built, units: UnitList, place: Found, key: str, language: Language) -> None:
    """A button that opens the place where it is one of the list's own districts."""
    above = districts_of(built, units)
    if above is None or place.is_old or len(place.reached) < 2 or communes_of(built, above) is not units:
        return
    inside = units.result[units.result["unit_code"].astype(str).isin([one.code for one in place.reached])]
    codes = inside["district_code"].dropna().astype(str).unique()
    if len(codes) == 1:
        st.button(
            text("find_district", language, name=escape_markdown(f"{place.kind} {place.name}")), key=f"found_{key}_whole",
            on_click=take_district, args=(units, str(codes[0])), type="primary", width="content",
        )  # fmt: skip
