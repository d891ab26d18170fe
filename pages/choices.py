"""What a visitor chooses on any page: widgets that keep their choice, and the address, so that every view is a link.

A widget's choice is assigned anew at every run: the browser keeps the word it showed, which another language does not
know. So the address holds codes and column names, the same in every language.
"""

from collections.abc import Callable
from typing import Any, Final

import streamlit as st

from geo.results import Built, UnitList
from geo.sort_names import sort_key
from layers.bivariate import people_indicators
from layers.labels import list_words
from layers.own import own_indicators
from layers.palette import Indicator, usable_indicators
from layers.strings import Language, number, text
from layers.units import unit_labels
from pages.register import LINKED_KEYS, WIDGET_KEYS, page_of
from pages.results import stamp_of
from pages.turning import RETURNS_KEY, returns
from pages.turning import go_to as go_to
from pages.turning import hidden_key as hidden_key

PROPOSAL_KEY: Final = "proposal_open"
WRITTEN_KEY: Final = "address_written"
ROW_WIDTH_PX: Final = 240


def offered_indicators(built: Built, units: UnitList) -> tuple[Indicator, ...]:
    """What the map can be coloured by: the indicators with any figure, then the workspace's own."""
    return _offered(units, stamp_of(built), units.id)


@st.cache_resource(max_entries=16, show_spinner=False)
def _offered(_units: UnitList, stamp: str, list_id: str) -> tuple[Indicator, ...]:  # noqa: ARG001
    known = usable_indicators(_units.result)
    # the two views of the gap itself stand first
    return (*known[:2], *people_indicators(_units.result), *known[2:], *own_indicators(_units.indicators))


def choose(
    key: str, label: str, options: list[str], words: Callable[[str], str], *, on_change: Callable[[], None] | None = None,
    is_in_row: bool = False,
) -> str:  # fmt: skip
    """A select box that remembers its choice over a change of language and takes its first one from the address.

    `is_in_row`: among buttons, without a line for its label.
    """
    if st.session_state.get(key, st.query_params.get(key)) in options:
        # assigned anew at every run: what the browser keeps is the word shown, which another language does not know
        st.session_state[key] = st.session_state.get(key, st.query_params.get(key))
    else:
        st.session_state[key] = options[0]
    return str(
        st.selectbox(
            label, options, format_func=words, key=key, on_change=on_change,
            label_visibility="collapsed" if is_in_row else "visible", width=ROW_WIDTH_PX if is_in_row else "stretch",
        )
    )  # fmt: skip


def show_search(units: UnitList, language: Language) -> str | None:
    """The search box; it holds the unit looked at, whichever way that was chosen."""
    names = zip(
        units.result["name"].astype(str),
        units.result["unit_code"].astype(str),
        unit_labels(units.result),
        strict=True,
    )
    labels = {code: label for _, code, label in sorted(names, key=lambda one: (sort_key(one[0]), one[1]))}
    codes = list(labels)
    given = st.session_state.get("unit", st.query_params.get("unit"))
    st.session_state["unit"] = given if given in labels else None
    chosen = st.selectbox(
        text("unit", language), codes, index=None, key="unit", placeholder=text("unit_placeholder", language),
        format_func=lambda code: f"{labels[code]} ({code})", label_visibility="collapsed",
    )  # fmt: skip
    return None if chosen is None else str(chosen)


def unit_chosen(units: UnitList) -> str | None:
    """The unit looked at, from wherever it was chosen or from the address; None where the list has no such unit."""
    given = st.session_state.get("unit", st.query_params.get("unit"))
    known = given is not None and (units.result["unit_code"].astype(str) == str(given)).any()
    st.session_state["unit"] = given if known else None
    return str(given) if known else None


def look_at_unit(code: str | None) -> None:
    """A unit chosen in a table or a map becomes the one looked at; None for the one let go of."""
    st.session_state["unit"] = code


def list_name(units: UnitList, language: Language) -> str:
    """A list of units in words: its level, when its codes are valid, and how many units it has."""
    return f"{list_words(f'{units.vintage}-{units.level}', language)} ({number(len(units.result), language)})"


def follow_address() -> None:
    """Let the address win where the browser's back or forward button changed it; call before any widget is made.

    A rerun can also bring an address older than the one last written, when the visitor chose twice in quick
    succession; then a widget differs from what it held, and the widget wins.
    """
    address, held = st.session_state.get(WRITTEN_KEY, (None, None))
    if address is None or address == _address() or held != _held():
        return
    for key in (*LINKED_KEYS, "first_language", "first_page", PROPOSAL_KEY, "workspace_open"):
        st.session_state.pop(key, None)
    st.session_state[RETURNS_KEY] = returns() + 1


def language_key() -> str:
    """Key of the language switch: another one after going back, as only a new switch takes its first value anew."""
    return f"lang {returns()}"


def page_key() -> str:
    """Key of the switch between pages, as of the language switch."""
    return f"page {returns()}"


def keep_widgets(page: str) -> None:
    """Keep what was chosen on the other pages: a widget that is not drawn in a run is forgotten after it."""
    shown = page_of(page)
    drawn = {*shown.linked, *shown.kept}
    for key in WIDGET_KEYS:
        if key not in drawn and key in st.session_state:
            st.session_state[key] = st.session_state[key]


def list_chosen(built: Built) -> UnitList:
    """The list of units that the map page shows, or that the address names."""
    wanted = st.session_state.get("list", st.query_params.get("list"))
    return built.lists.get(str(wanted), built.primary)


def _address() -> dict[str, list[str]]:
    return {name: st.query_params.get_all(name) for name in st.query_params}


def _held() -> dict[str, Any]:
    return {
        key: st.session_state.get(key) for key in (*LINKED_KEYS, language_key(), page_key(), PROPOSAL_KEY)
    }


def write_address(view: dict[str, Any]) -> None:
    """Put a view into the address; what is None is left out. The workspace is part of every view."""
    view = {**view, "workspace": st.session_state.get("workspace_open")}
    st.query_params.from_dict({name: value for name, value in view.items() if value is not None})
    st.session_state[WRITTEN_KEY] = (_address(), _held())
