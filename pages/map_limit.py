"""Thresholds set on the map's slider, one for each figure that was given one; they stand in the link (`limit=`).

A threshold shows where its figure is the indicator: on the map, or on the one of two maps (or on both) that is coloured by it.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import streamlit as st

from geo.errors import CallError
from geo.unit_filter import Bound, read_filter
from layers.explore import limit_of, limit_text
from layers.palette import Indicator
from pages.map_filter import add_bounds

LIMIT: Final = "limit"
MOST: Final = 8
"""Kept at once: a link may hold any number."""


def limits_chosen() -> list[str]:
    """The thresholds as text: as they were set last, else as the address says."""
    given = st.session_state.get(LIMIT)
    return list(st.query_params.get_all(LIMIT) if given is None else given)[:MOST]


def limit_now(indicator: Indicator) -> Bound | None:
    """The threshold of the indicator shown."""
    return next((one for said in limits_chosen() if (one := limit_of(said, indicator)) is not None), None)


def limits_link(limits: Iterable[Bound | None]) -> list[str] | None:
    """The thresholds that show, as they stand in the address."""
    return list(dict.fromkeys(limit_text(one) for one in limits if one is not None)) or None


def take_limit(given: Mapping[str, Any]) -> None:
    """What the slider says: `limit` as text, empty where that of `column` is taken away; `keep`: as a condition of the filter."""
    said = str(given.get("limit"))
    found = _bounds_of(said) if said else ()
    if found is None:
        # only our own script writes it, but what comes from a browser is anybody's
        return
    columns = {str(given.get("column")), *(one.column for one in found)}
    others = [
        one for one in limits_chosen() if not columns & {bound.column for bound in _bounds_of(one) or ()}
    ]
    is_kept = bool(given.get("keep"))
    st.session_state[LIMIT] = others if is_kept or not said else [said, *others]
    if is_kept:
        add_bounds(found)


def _bounds_of(said: str) -> tuple[Bound, ...] | None:
    try:
        return read_filter([said]).bounds
    except CallError:
        return None
