"""The widgets of a filter of units: their choices → one frozen `UnitFilter`, kept in the address and over pages."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

import geopandas as gpd
import streamlit as st

from geo.intervals import OWN_PREFIX
from geo.results import UnitList
from geo.schema import RESULT_BY_NAME, Verdict
from geo.unit_filter import (
    BORDER_COLUMN,
    TOWN_COLUMN,
    Bound,
    Presence,
    UnitFilter,
    as_conditions,
    filter_frame,
    read_filter,
)
from layers.filter_words import column_name, district_names
from layers.strings import Language, text, unit_word
from layers.table import FIGURES

FILTER_KEYS: Final = (
    "f_verdict", "f_district", "f_covers", "f_covers_not", "f_border", "f_remote", "f_column", "f_side", "f_value",
)  # fmt: skip
"""Keys of the widgets and names in the address; a page that shows them lists them in the register."""
_LISTS: Final = ("f_verdict", "f_district", "f_covers", "f_covers_not")
WHERE: Final = "where"
"""The filter as text: the map's, and through it every page's that has one."""
MORE: Final = "f_more"
SIDE_WORDS: Final = {"<": "below", ">=": "above"}


@st.cache_resource(max_entries=8, show_spinner=False)
def frame_of(_units: UnitList, stamp: str, list_id: str, operator_share: float) -> gpd.GeoDataFrame:  # noqa: ARG001  # the cache tells lists apart by them
    """What a filter of a list is judged on, made once."""
    return filter_frame(_units, operator_share=operator_share)


def choose_filter(units: UnitList, frame: gpd.GeoDataFrame, language: Language) -> UnitFilter:
    """The widgets of the filter, which is the map's too; `frame` is the list's `frame_of`.

    What a list does not know cannot be asked of it. The form holds one figure; further ones of the map's are kept beside it.
    """
    _fill_from_map()
    found = _choose(units, frame, language)
    more = read_filter(st.session_state.get(MORE, ())).bounds
    found = replace(found, bounds=tuple(dict.fromkeys((*found.bounds, *more))))
    st.session_state[WHERE] = list(as_conditions(found))
    return found


def _fill_from_map() -> None:
    """The map's filter as the form's first choices, unless the form or the address says its own."""
    conditions = st.session_state.get(WHERE)
    if not conditions or any(key in st.session_state or key in st.query_params for key in FILTER_KEYS):
        return
    wanted = read_filter(conditions)
    presences = [(one.covers, f"{one.technology}:{one.operator}") for one in wanted.operators]
    plain = [one for one in wanted.bounds if one.column in FIGURES or one.column.startswith(OWN_PREFIX)]
    first = next((one for one in plain if one.side in SIDE_WORDS), None)
    st.session_state[MORE] = list(
        as_conditions(UnitFilter(bounds=tuple(b for b in wanted.bounds if b != first)))
    )
    st.session_state.update(
        {
            "f_verdict": list(wanted.verdicts),
            "f_district": list(wanted.districts),
            "f_covers": [key for covers, key in presences if covers],
            "f_covers_not": [key for covers, key in presences if not covers],
            "f_border": None if wanted.border is None else "yes" if wanted.border else "no",
            "f_remote": wanted.remote_km,
            "f_column": first.column if first else None,
            "f_side": SIDE_WORDS[first.side] if first else None,
            "f_value": (first.value * 100 if _is_share(first.column) else first.value) if first else None,
        }
    )


def _is_share(column: str) -> bool:
    return column in RESULT_BY_NAME and RESULT_BY_NAME[column].unit == "0-1"


def forget_form() -> None:
    """The filter was changed elsewhere: the form begins with it when it is shown next."""
    for key in (*FILTER_KEYS, MORE):
        st.session_state.pop(key, None)


def _choose(units: UnitList, frame: gpd.GeoDataFrame, language: Language) -> UnitFilter:
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
        covers = _many("f_covers", "filter_box_covers", list(presences), _presence_word, language)
        covers_not = _many("f_covers_not", "filter_box_covers_not", list(presences), _presence_word, language)
    with third:
        remote = (
            _number("f_remote", text("filter_box_remote", language), language)
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
    """Whether the widgets, or the address or the map before there are any, ask for something."""
    if st.session_state.get(WHERE):
        return True
    if any(key in st.session_state for key in FILTER_KEYS):
        return any(value is not None for value in filter_view().values())
    return any(key in st.query_params for key in FILTER_KEYS)


def clear_filter() -> None:
    """Ask for nothing any more; from a button."""
    for key in FILTER_KEYS:
        st.session_state[key] = [] if key in _LISTS else None
    st.session_state[MORE] = []


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
            placeholder=text("filter_any", language),
        )
    )


def _districts(units: UnitList, language: Language) -> tuple[str, ...]:
    names = district_names(units)
    if not names:
        st.session_state["f_district"] = []
        return ()
    return _many("f_district", "filter_box_district", list(names), names.__getitem__, language)


def _border(frame: gpd.GeoDataFrame, language: Language) -> bool | None:
    if BORDER_COLUMN not in frame:
        st.caption(text("filter_border_unknown", language))
        return None
    chosen = _one(
        "f_border",
        text("filter_box_border", language),
        ["yes", "no"],
        lambda v: text(f"filter_border_{v}", language),
        language,
    )
    return None if chosen is None else chosen == "yes"


def _one(
    key: str, label: str, options: Sequence[str], words: Callable[[str], str], language: Language
) -> str | None:
    given = st.session_state.get(key, st.query_params.get(key))
    st.session_state[key] = given if given in options else None
    chosen = st.selectbox(
        label, options, index=None, key=key, format_func=words, placeholder=text("filter_any", language)
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
        placeholder=text("filter_any", language),
    )
    return None if found is None else float(found)


def _bounds(units: UnitList, frame: gpd.GeoDataFrame, language: Language) -> tuple[Bound, ...]:
    """One figure below or above a value; shares are asked for in percent."""
    columns = [name for name in (*FIGURES, *_own(frame)) if name in frame and frame[name].notna().any()]
    first, second, third = st.columns(3)
    with first:
        column = _one(
            "f_column",
            text("filter_box_column", language),
            columns,
            lambda name: column_name(name, units, language),
            language,
        )
    sides = {word: side for side, word in SIDE_WORDS.items()}
    given = st.session_state.get("f_side", st.query_params.get("f_side"))
    st.session_state["f_side"] = given if given in sides else "below"
    with second:
        side = st.selectbox(text("filter_box_side", language), list(sides), key="f_side",
                            format_func=lambda one: text(f"filter_{one}", language), disabled=column is None)  # fmt: skip
    share = column is not None and _is_share(column)
    with third:
        label = text("filter_box_value", language) + (f" ({unit_word('share', language)})" if share else "")
        value = _number("f_value", label, language)
    if column is None or value is None:
        return ()
    # through text, so that 99.8 % is 0.998 and not a hair beside it
    return (Bound(column, sides[str(side)], float(f"{value / 100:.12g}") if share else value),)


def _own(frame: gpd.GeoDataFrame) -> list[str]:
    return [str(name) for name in frame.columns if str(name).startswith(OWN_PREFIX)]
