"""One more condition of the filter: a figure below or above a value; shares are asked for in percent."""

from typing import Final

import geopandas as gpd
import streamlit as st

from geo.intervals import OWN_PREFIX
from geo.results import UnitList
from geo.schema import RESULT_BY_NAME
from geo.unit_filter import Bound
from layers.definitions import definition_of, title_of
from layers.own import measured_names
from layers.strings import Language, text, unit_word
from layers.table import FIGURES
from pages.map_filter import add_bounds

_SIDES: Final = ("<", ">=")
_KEYS: Final = ("condition_column", "condition_side", "condition_value")


def ask_condition(units: UnitList, result: gpd.GeoDataFrame, language: Language) -> None:
    """A figure, a side, a value, and the button that makes them a condition."""
    names = _columns(units, result, language)
    columns = st.columns([2, 1, 1, 1], vertical_alignment="bottom")
    with columns[0]:
        column = st.selectbox(
            text("condition_column", language),
            list(names),
            key="condition_column",
            format_func=names.__getitem__,
        )
    with columns[1]:
        st.selectbox(
            text("condition_side", language), _SIDES, key="condition_side",
            format_func=lambda side: text("condition_below" if side == "<" else "condition_above", language),
        )  # fmt: skip
    is_share = column in RESULT_BY_NAME and RESULT_BY_NAME[column].unit == "0-1"
    label = text("condition_value", language) + (f" ({unit_word('share', language)})" if is_share else "")
    with columns[2]:
        value = st.number_input(
            label, value=None, min_value=0.0, step=1.0, key="condition_value", format="%.12g"
        )
    columns[3].button(
        text("condition_add", language), key="condition_add", on_click=_add, args=(is_share,), width="stretch",
        disabled=value is None,
    )  # fmt: skip


def _columns(units: UnitList, result: gpd.GeoDataFrame, language: Language) -> dict[str, str]:
    """Columns of figures that the list has something in, and their names; own indicators last."""
    known = [name for name in FIGURES if name in result and result[name].notna().any()]
    named = {name: title_of(found, language) for name in known if (found := definition_of(name))}
    return named | {f"{OWN_PREFIX}{name}": label for name, label in measured_names(units.indicators).items()}


def _add(is_share: bool) -> None:
    column, side, value = (st.session_state[key] for key in _KEYS)
    if value is None:
        # the button is disabled then, which a browser need not keep to
        return
    # through text, so that 99.8 % is 0.998 and not a hair beside it
    add_bounds([Bound(column, side, float(f"{value / 100:.12g}") if is_share else float(value))])
    st.session_state["condition_value"] = None
