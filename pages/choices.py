"""What a visitor chooses: widgets → one frozen `Choices`, kept in the address so that every view is a link.

A widget's choice is assigned anew at every run: the browser keeps the word it showed, which another language does not
know. So the address holds codes and column names, the same in every language.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import streamlit as st

from geo.results import Built, UnitList
from layers.overlays import operators_of, place_classes_of, technologies_of
from layers.own import own_indicators
from layers.palette import Indicator, indicator_name, usable_indicators
from layers.strings import Language, number, text
from layers.units import unit_labels
from pages.register import LINKED_KEYS, WIDGET_KEYS, page_of
from pages.shared import stamp_of
from pages.turning import RETURNS_KEY, returns
from pages.turning import go_to as go_to

NO_OVERLAY: Final = ""
PROPOSAL_KEY: Final = "proposal_open"
WRITTEN_KEY: Final = "address_written"


@dataclass(frozen=True)
class Choices:
    """What the visitor chose; `unit` is the code of the unit looked at."""

    units: UnitList
    indicator: Indicator
    technology: str
    operators: tuple[str, ...]
    places: tuple[str, ...]
    unit: str | None


def show_choices(built: Built, language: Language) -> Choices:
    """The row of widgets above the map."""
    columns = st.columns([1.6, 1.6, 0.9, 1.5, 1.8])
    with columns[0]:
        ids = list(built.lists)
        name = choose(
            "list", text("unit_list", language), ids, lambda one: list_name(built.lists[one], language)
        )
        units = built.lists[name]
    with columns[1]:
        usable = {indicator.column: indicator for indicator in offered_indicators(built, units)}
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
    with columns[3]:
        operators = choose_many(
            "operators", text("operators", language), operators_of(built.coverage_areas, technology),
            text("operators_all", language), disabled=not technology,
        )  # fmt: skip
    with columns[4]:
        points = show_points(built, language)
    return Choices(units, usable[column], technology, operators, points, None)


def offered_indicators(built: Built, units: UnitList) -> tuple[Indicator, ...]:
    """What the map can be coloured by: the indicators with any figure, then the workspace's own."""
    return _offered(units, stamp_of(built), units.id)


@st.cache_resource(max_entries=16, show_spinner=False)
def _offered(_units: UnitList, stamp: str, list_id: str) -> tuple[Indicator, ...]:  # noqa: ARG001
    return (*usable_indicators(_units.result), *own_indicators(_units.indicators))


def choose(key: str, label: str, options: list[str], words: Callable[[str], str]) -> str:
    """A select box that remembers its choice over a change of language and takes its first one from the address."""
    if st.session_state.get(key, st.query_params.get(key)) in options:
        # assigned anew at every run: what the browser keeps is the word shown, which another language does not know
        st.session_state[key] = st.session_state.get(key, st.query_params.get(key))
    else:
        st.session_state[key] = options[0]
    return str(st.selectbox(label, options, format_func=words, key=key))


def choose_many(
    key: str, label: str, options: Sequence[str], nothing: str, *, disabled: bool
) -> tuple[str, ...]:
    """A box for several choices; none chosen stands for all."""
    given = st.session_state.get(key, st.query_params.get_all(key))
    st.session_state[key] = [one for one in given if one in options]
    return tuple(st.multiselect(label, options, key=key, placeholder=nothing, disabled=disabled))


def show_points(built: Built, language: Language) -> tuple[str, ...]:
    """Which places to show; towns unless the visitor says otherwise."""
    classes = place_classes_of(built.places)
    if not classes:
        return ()
    first = st.query_params.get_all("points") or [one for one in classes if one == "town"]
    st.session_state["points"] = [one for one in st.session_state.get("points", first) if one in classes]
    chosen = st.pills(
        text("places", language), classes, selection_mode="multi", key="points",
        format_func=lambda one: text(f"place_{one}", language),
    )  # fmt: skip
    return tuple(chosen)


def show_search(units: UnitList, language: Language) -> str | None:
    """The search box; it holds the unit looked at, whichever way that was chosen."""
    codes = units.result["unit_code"].astype(str).tolist()
    labels = dict(zip(codes, unit_labels(units.result), strict=True))
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


def list_name(units: UnitList, language: Language) -> str:
    """A list of units in words: its level, when its codes are valid, and how many units it has."""
    level = text(f"level_{units.level}", language)
    vintage = text(f"vintage_{units.vintage}", language)
    return f"{level}, {vintage} ({number(len(units.result), language)})"


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


def remember(choices: Choices, built: Built, language: Language) -> None:
    """Write the view into the address, so that it can be sent to somebody; what is as it opens is left out."""
    towns = tuple(one for one in place_classes_of(built.places) if one == "town")
    view: dict[str, Any] = {
        "lang": language if language != "vi" else None,
        "list": choices.units.id if choices.units.id != built.primary.id else None,
        "indicator": choices.indicator.column if choices.indicator.column != "verdict" else None,
        "overlay": choices.technology or None,
        "operators": list(choices.operators) or None,
        "points": None if choices.places == towns else list(choices.places) or ["none"],
        "unit": choices.unit,
    }
    write_address(view)


def write_address(view: dict[str, Any]) -> None:
    """Put a view into the address; what is None is left out. The workspace is part of every view."""
    view = {**view, "workspace": st.session_state.get("workspace_open")}
    st.query_params.from_dict({name: value for name, value in view.items() if value is not None})
    st.session_state[WRITTEN_KEY] = (_address(), _held())
