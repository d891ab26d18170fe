"""Speeds quarter by quarter on the map page: what is offered, which quarter is shown, and what the browser is sent to step through."""

from typing import Any, Final

import pandas as pd
import streamlit as st

from geo.results import Built, UnitList
from geo.rules import load_rules
from layers.escape import script_literal
from layers.legend import legend_classes
from layers.palette import Indicator, indicator_name
from layers.quarters import (
    is_quarterly,
    quarter_frame,
    quarter_indicators,
    quarter_now,
    quarter_word,
    quarters_legend_html,
    quarters_message,
    quarters_of,
    thin_in,
    with_quarter,
)
from layers.strings import Language
from layers.units import UnitsView
from pages.choices import offered_indicators
from pages.map_parts import UnitsDrawn, units_drawn
from pages.shared import bounds_of, publish_list, stamp_of

QUARTER: Final = "quarter"
_AFTER: Final = "fixed_download_mbps"


def map_indicators(built: Built, units: UnitList) -> tuple[Indicator, ...]:
    """What the map can be coloured by: as elsewhere, and speeds quarter by quarter beside those of all quarters."""
    return _map_indicators(built, units, stamp_of(built), units.id)


@st.cache_resource(max_entries=16, show_spinner=False)
def _map_indicators(_built: Built, _units: UnitList, stamp: str, list_id: str) -> tuple[Indicator, ...]:  # noqa: ARG001
    offered = offered_indicators(_built, _units)
    columns = [one.column for one in offered]
    place = columns.index(_AFTER) + 1 if _AFTER in columns else len(columns)
    return (*offered[:place], *quarter_indicators(_units.speed), *offered[place:])


@st.cache_resource(max_entries=16, show_spinner=False)
def frame_of(_units: UnitList, stamp: str, list_id: str, indicator: Indicator) -> pd.DataFrame:  # noqa: ARG001
    """Every quarter of every unit of a list with its interval, made once."""
    return quarter_frame(_units.speed, indicator)


def least_devices(built: Built) -> float:
    """Fewer devices give no estimate by the rules of these results."""
    return load_rules(built.manifest["rules"], source="manifest.json").min_devices


def _drawn_of(built: Built, units: UnitList, indicator: Indicator, language: Language) -> UnitsDrawn:
    stamp = stamp_of(built)
    if not is_quarterly(indicator):
        return units_drawn(units, stamp, units.id, indicator, language)
    return _quarters_drawn(units, stamp, units.id, indicator, language, least_devices(built))


@st.cache_resource(max_entries=32, show_spinner=False)
def _quarters_drawn(
    _units: UnitList, stamp: str, list_id: str, indicator: Indicator, language: Language, least: float
) -> UnitsDrawn:
    frame = frame_of(_units, stamp, list_id, indicator)
    view = UnitsView(publish_list(_units, stamp, list_id), bounds_of(_units), indicator, language)
    message = quarters_message(_units.result, frame, view, least_devices=least)
    return UnitsDrawn(script_literal(message), (), 0)


def drawn_in(
    built: Built, units: UnitList, indicator: Indicator, quarter: str, language: Language
) -> UnitsDrawn:
    """One indicator of one list for the map's script, with all quarters where it is a speed quarter by quarter.

    `quarter`: the one in which the legend counts; empty where it does not, as quarters are played through.
    """
    drawn, stamp = _drawn_of(built, units, indicator, language), stamp_of(built)
    if not is_quarterly(indicator) or not quarter:
        return drawn
    frame = frame_of(units, stamp, units.id, indicator)
    result = with_quarter(units.result, frame, indicator, quarter)
    thin = thin_in(frame, quarter, least_devices(built))
    return UnitsDrawn(drawn.literal, legend_classes(indicator, result, language), thin)


def quarter_shown(units: UnitList, indicator: Indicator) -> str:
    """The quarter that was chosen last, else the address's, else the newest; empty for an indicator without quarters."""
    if not is_quarterly(indicator):
        return ""
    wanted = st.session_state.get(QUARTER, st.query_params.get(QUARTER))
    return quarter_now(wanted, quarters_of(units.speed, indicator))


def quarter_link(units: UnitList, indicator: Indicator) -> str | None:
    """The quarter as it stands in the address; the newest is left out, as the page opens with it."""
    shown = quarter_shown(units, indicator)
    return shown if shown and shown != quarters_of(units.speed, indicator)[-1] else None


def take_quarter(quarter: Any) -> None:
    """The quarter at which the map came to rest; one that there is not is passed over when it is shown."""
    st.session_state[QUARTER] = str(quarter)


def quarters_legend(built: Built, indicator: Indicator, above: str, language: Language) -> str:
    """The legend while quarters can be played."""
    return quarters_legend_html(
        indicator_name(indicator, language), indicator, least_devices(built), language, above=above
    )


def quarter_title(indicator: Indicator, quarter: str, language: Language) -> str:
    """The indicator's name, with the quarter where it is of one."""
    name = indicator_name(indicator, language)
    return f"{name} · {quarter_word(quarter, language)}" if quarter else name
