"""The widgets of a filter of units: their choices → one frozen `UnitFilter`, kept in the address and over pages."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import geopandas as gpd
import streamlit as st

from geo.intervals import OWN_PREFIX
from geo.results import UnitList
from geo.schema import RESULT_BY_NAME, Verdict
from geo.unit_filter import BORDER_COLUMN, TOWN_COLUMN, Bound, Presence, UnitFilter, filter_frame
from layers.filter_words import column_name, district_names
from layers.strings import Language, text, unit_word
from layers.table import FIGURES

FILTER_KEYS: Final = (
    "f_verdict", "f_district", "f_covers", "f_covers_not", "f_border", "f_remote", "f_column", "f_side", "f_value",
)  # fmt: skip
"""Keys of the widgets and names in the address; a page that shows them lists them in the register."""
_LISTS: Final = ("f_verdict", "f_district", "f_covers", "f_covers_not")


@st.cache_resource(max_entries=8, show_spinner=False)
def frame_of(_units: UnitList, stamp: str, list_id: str, operator_share: float) -> gpd.GeoDataFrame:  # noqa: ARG001  # the cache tells lists apart by them
    """What a filter of a list is judged on, made once."""
    return filter_frame(_units, operator_share=operator_share)


def choose_filter(units: UnitList, frame: gpd.GeoDataFrame, language: Language) -> UnitFilter:
    """The widgets of the filter; `frame` is the list's `frame_of`. What a list does not know cannot be asked of it."""
    first, second, third = st.columns(3)
    with first:
        verdicts = _many(
            "f_verdict",
            "verdict",
            [str(v) for v in Verdict],
            lambda v: text(f"verdict_{v}", language),
            language,
        )
        districts = _districts(units, language)
    presences = {f"{p.technology}:{p.operator}": p for p in _presences(frame)}
    with second:
        covers = _many("f_covers", "take_filter_box_covers", list(presences), _presence_word, language)
        covers_not = _many(
            "f_covers_not", "take_filter_box_covers_not", list(presences), _presence_word, language
        )
    with third:
        remote = (
            _number("f_remote", text("take_filter_box_remote", language), language)
            if TOWN_COLUMN in frame
            else None
        )
        border = _border(frame, language)
    return UnitFilter(
        verdicts=verdicts,
        districts=districts,
        operators=(
            *(presences[one] for one in covers),
            *(
                Presence(presences[one].technology, presences[one].operator, covers=False)
                for one in covers_not
            ),
        ),
        border=border,
        remote_km=remote,
        bounds=_bounds(units, frame, language),
    )


def filter_view() -> dict[str, Any]:
    """The filter's part of the address; what is not asked for is left out."""
    held = {key: st.session_state.get(key) for key in FILTER_KEYS}
    if held["f_value"] is None or not held["f_column"]:
        held |= {"f_column": None, "f_side": None, "f_value": None}
    return {key: value if value not in ([], "", None) else None for key, value in held.items()}


def is_asked() -> bool:
    """Whether the widgets, or the address before there are any, ask for something."""
    if any(key in st.session_state for key in FILTER_KEYS):
        return any(value is not None for value in filter_view().values())
    return any(key in st.query_params for key in FILTER_KEYS)


def clear_filter() -> None:
    """Ask for nothing any more; from a button."""
    for key in FILTER_KEYS:
        st.session_state[key] = [] if key in _LISTS else None


def _presences(frame: gpd.GeoDataFrame) -> list[Presence]:
    parts = [str(name).split(":", 2) for name in frame.columns if str(name).startswith("operator:")]
    return [Presence(technology, operator) for _, technology, operator in parts]


def _presence_word(key: str) -> str:
    technology, _, operator = key.partition(":")
    return f"{operator} {technology}"


def _many(
    key: str, label: str, options: Sequence[str], words: Callable[[str], str], language: Language
) -> tuple[str, ...]:
    given = st.session_state.get(key)
    given = st.query_params.get_all(key) if given is None else given
    st.session_state[key] = [one for one in given if one in options]
    return tuple(
        st.multiselect(
            text(label, language),
            options,
            key=key,
            format_func=words,
            placeholder=text("take_filter_any", language),
        )
    )


def _districts(units: UnitList, language: Language) -> tuple[str, ...]:
    names = district_names(units)
    if not names:
        st.session_state["f_district"] = []
        return ()
    return _many("f_district", "take_filter_box_district", list(names), names.__getitem__, language)


def _border(frame: gpd.GeoDataFrame, language: Language) -> bool | None:
    if BORDER_COLUMN not in frame:
        st.caption(text("take_filter_border_unknown", language))
        return None
    chosen = _one(
        "f_border",
        text("take_filter_box_border", language),
        ["yes", "no"],
        lambda v: text(f"take_filter_border_{v}", language),
        language,
    )
    return None if chosen is None else chosen == "yes"


def _one(
    key: str, label: str, options: Sequence[str], words: Callable[[str], str], language: Language
) -> str | None:
    given = st.session_state.get(key, st.query_params.get(key))
    st.session_state[key] = given if given in options else None
    chosen = st.selectbox(
        label, options, index=None, key=key, format_func=words, placeholder=text("take_filter_any", language)
    )
    return None if chosen is None else str(chosen)


def _number(key: str, label: str, language: Language) -> float | None:
    given = st.session_state.get(key, st.query_params.get(key))
    try:
        st.session_state[key] = None if given is None else float(given)
    except ValueError:
        # an address that somebody wrote by hand
        st.session_state[key] = None
    found = st.number_input(
        label,
        value=None,
        min_value=0.0,
        step=1.0,
        key=key,
        format="%.12g",
        placeholder=text("take_filter_any", language),
    )
    return None if found is None else float(found)


def _bounds(units: UnitList, frame: gpd.GeoDataFrame, language: Language) -> tuple[Bound, ...]:
    """One figure below or above a value; shares are asked for in percent."""
    columns = [name for name in (*FIGURES, *_own(frame)) if name in frame and frame[name].notna().any()]
    first, second, third = st.columns(3)
    with first:
        column = _one(
            "f_column",
            text("take_filter_box_column", language),
            columns,
            lambda name: column_name(name, units, language),
            language,
        )
    sides = {"below": "<", "above": ">="}
    given = st.session_state.get("f_side", st.query_params.get("f_side"))
    st.session_state["f_side"] = given if given in sides else "below"
    with second:
        side = st.selectbox(text("take_filter_box_side", language), list(sides), key="f_side",
                            format_func=lambda one: text(f"take_filter_{one}", language), disabled=column is None)  # fmt: skip
    share = column is not None and column in RESULT_BY_NAME and RESULT_BY_NAME[column].unit == "0-1"
    with third:
        label = text("take_filter_box_value", language) + (
            f" ({unit_word('share', language)})" if share else ""
        )
        value = _number("f_value", label, language)
    if column is None or value is None:
        return ()
    # through text, so that 99.8 % is 0.998 and not a hair beside it
    return (Bound(column, sides[str(side)], float(f"{value / 100:.12g}") if share else value),)


def _own(frame: gpd.GeoDataFrame) -> list[str]:
    return [str(name) for name in frame.columns if str(name).startswith(OWN_PREFIX)]
