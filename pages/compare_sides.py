"""What two maps side by side show: their lists, indicators and quarters, as chosen and as they stand in the link (`compare=`).

Also the way to two maps and back to one.
"""

from dataclasses import dataclass
from typing import Final

import streamlit as st

from geo.results import Built, UnitList
from layers.palette import Indicator
from layers.quarters import is_quarterly, quarter_now, quarters_of
from layers.strings import Language, text
from pages.choices import list_chosen
from pages.map_quarters import QUARTER, map_indicators

COMPARE: Final = "compare"
FAULT: Final = "compare_fault"
_SECOND: Final = ("mobile_download_mbps", "gap_score", "verdict")


@dataclass(frozen=True)
class Side:
    """What one of the maps shows; `quarter` is empty for an indicator without quarters."""

    units: UnitList
    indicator: Indicator
    quarter: str = ""

    @property
    def link(self) -> str:
        """As it stands in the address."""
        return ",".join(part for part in (self.units.id, self.indicator.column, self.quarter) if part)


Sides = tuple[Side, Side]


def is_comparing() -> bool:
    """Whether the map page shows two maps."""
    return bool(_links())


def _links() -> tuple[str, ...]:
    given = st.session_state.get(COMPARE)
    return tuple(st.query_params.get_all(COMPARE) if given is None else given)


def read_side(built: Built, link: str) -> Side | None:
    """One map of a link; None for a list or an indicator that there is not. A quarter that there is not is the newest."""
    list_id, column, quarter = (*link.split(","), "", "")[:3]
    units = built.lists.get(list_id)
    return None if units is None else side_of(built, units, column, quarter)


def side_of(built: Built, units: UnitList, column: str, quarter: str) -> Side | None:
    """One map of these; None where the list has no such indicator."""
    indicator = next((one for one in map_indicators(built, units) if one.column == column), None)
    if indicator is None:
        return None
    shown = quarter_now(quarter, quarters_of(units.speed, indicator)) if is_quarterly(indicator) else ""
    return Side(units, indicator, shown)


def sides_now(built: Built) -> Sides:
    """Both maps as chosen last, else as the address says; the usual pair where it cannot be read."""
    read = [read_side(built, link) for link in _links()]
    if len(read) == 2 and read[0] and read[1]:
        return read[0], read[1]
    st.session_state[FAULT] = True
    return two_indicators(built, first_side(built))


def set_sides(sides: Sides) -> None:
    """Both maps from now on."""
    st.session_state[COMPARE] = [side.link for side in sides]


def first_side(built: Built) -> Side:
    """What the map page shows, as one of two maps."""
    units = list_chosen(built)
    column = str(st.session_state.get("indicator", st.query_params.get("indicator")))
    quarter = str(st.session_state.get(QUARTER, st.query_params.get(QUARTER)))
    found = side_of(built, units, column, quarter)
    return found or Side(units, map_indicators(built, units)[0])


def two_indicators(built: Built, first: Side) -> Sides:
    """The first map's list in two indicators."""
    offered = {one.column: one for one in map_indicators(built, first.units)}
    other = next((name for name in _SECOND if name in offered and name != first.indicator.column), None)
    second = offered[other] if other else first.indicator
    return first, Side(first.units, second)


def two_quarters(built: Built, first: Side) -> Sides | None:
    """The first map's list in its oldest and its newest quarter; None without quarters."""
    quarterly = [one for one in map_indicators(built, first.units) if is_quarterly(one)]
    if not quarterly:
        return None
    indicator = first.indicator if first.indicator in quarterly else quarterly[0]
    quarters = quarters_of(first.units.speed, indicator)
    return Side(first.units, indicator, quarters[0]), Side(first.units, indicator, quarters[-1])


def two_lists(built: Built, first: Side) -> Sides | None:
    """The first map's indicator in two lists, the older one first, of the same level where there are two; None with one list."""
    others = [one for one in built.lists.values() if one.id != first.units.id]
    others.sort(key=lambda one: (one.level != first.units.level, one.vintage == first.units.vintage))
    for other in others:
        second = side_of(built, other, first.indicator.column, first.quarter)
        if second is not None:
            older = sorted((first, second), key=lambda side: (side.units.vintage, side.units.id))
            return older[0], older[1]
    return None


def show_compare_button(built: Built, language: Language) -> None:
    """The way from one map to two."""
    st.button(
        text("compare", language), icon=":material/splitscreen_vertical_add:", key="compare_open", width="content",
        help=text("compare_help", language), on_click=_open, args=(built,),
    )  # fmt: skip


def show_close_button(built: Built, language: Language) -> None:
    """The way back from two maps to the first of them."""
    st.button(
        text("compare_close", language), icon=":material/close_fullscreen:", key="compare_close", width="content",
        on_click=_close, args=(built,),
    )  # fmt: skip


def _open(built: Built) -> None:
    set_sides(two_indicators(built, first_side(built)))


def _close(built: Built) -> None:
    first = sides_now(built)[0]
    chosen = {"list": first.units.id, "indicator": first.indicator.column, QUARTER: first.quarter or None}
    st.session_state.update({**chosen, COMPARE: []})
