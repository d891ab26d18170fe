"""Levels of the map page: the whole region, its districts, the communes of one district; the breadcrumb between them."""

from dataclasses import dataclass, replace
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import streamlit as st

from geo.filter_frame import district_names
from geo.results import Built, UnitList
from geo.rules import load_rules
from geo.schema import Level
from geo.unit_filter import UnitFilter
from layers.explore import focus_on
from layers.strings import Language, number, text
from layers.whole import NOT_SUMMED, WholeFigures, here_html, whole_figures
from pages.map_filter import filter_now, set_filter
from pages.shared import stamp_of

LEVEL: Final = "level"
WHOLE: Final = "whole"
FOCUS: Final = "map_focus"


@dataclass(frozen=True)
class Whole:
    """The whole region as a list of one unit (or one per province) that the map can draw, and its figures."""

    units: UnitList
    figures: tuple[WholeFigures, ...]


def is_whole() -> bool:
    """Whether the map shows the region as a whole."""
    return bool(st.session_state.get(LEVEL, st.query_params.get(LEVEL)) == WHOLE)


def look_at(bounds: Any, *, closest: float = 13.0) -> None:
    """Let the map look at a place once, when it is drawn next."""
    count = int(st.session_state.get("map_looks", 0)) + 1
    st.session_state["map_looks"] = count
    st.session_state[FOCUS] = focus_on(bounds, str(count), closest=closest)


def focus_now(units: UnitList, wanted: UnitFilter) -> dict[str, Any] | None:
    """Where the map is to look; a link to a district begins there."""
    if FOCUS not in st.session_state and wanted.districts and "district_code" in units.result.columns:
        rows = units.result[units.result["district_code"].isin(wanted.districts)]
        if len(rows):
            st.session_state[FOCUS] = focus_on(rows.total_bounds, "link")
    found: dict[str, Any] | None = st.session_state.get(FOCUS)
    return found


def look_home() -> None:
    """Let the map look at the whole list once, as when the page opens."""
    count = int(st.session_state.get("map_looks", 0)) + 1
    st.session_state["map_looks"] = count
    st.session_state[FOCUS] = {"id": str(count), "home": True}


def look_at_units(units: UnitList, codes: tuple[str, ...]) -> None:
    """Let the map look at these units once."""
    rows = units.result[units.result["unit_code"].astype(str).isin(codes)]
    if len(rows):
        look_at(rows.total_bounds, closest=12.0)


def communes_of(built: Built, units: UnitList) -> UnitList | None:
    """The list that holds the communes of a list of districts, else None."""
    if units.level != Level.DISTRICT:
        return None
    for other in built.lists.values():
        same = other.level == Level.COMMUNE and other.vintage == units.vintage
        if same and "district_code" in other.result.columns and other.result["district_code"].notna().any():
            return other
    return None


def districts_of(built: Built, units: UnitList) -> UnitList | None:
    """The list of districts that a list of communes belongs to, else None."""
    return next((one for one in built.lists.values() if communes_of(built, one) is units), None)


def drill(built: Built, code: str) -> bool:
    """Open the communes of a district of the list shown; False where it has none here."""
    units = built.lists.get(str(st.session_state.get("list", st.query_params.get("list"))), built.primary)
    below = communes_of(built, units)
    return below is not None and open_district(below, code)


def take_unit(built: Built, code: str | None) -> None:
    """A unit chosen on the map or in the table is looked at; a district that has its communes here is opened."""
    if code is None or not drill(built, code):
        st.session_state["unit"] = code


def open_district(communes: UnitList, code: str) -> bool:
    """Keep the communes of one district of this list and look at them; False where it has none of that code."""
    rows = communes.result[communes.result["district_code"].astype(str) == code]
    if rows.empty:
        return False
    wanted, _ = filter_now()
    set_filter(replace(wanted, districts=(code,)))
    st.session_state.update({"list": communes.id, "unit": None, LEVEL: ""})
    look_at(rows.total_bounds, closest=12.0)
    return True


def open_list(units: UnitList) -> None:
    """Show a whole list, from the breadcrumb."""
    wanted, _ = filter_now()
    set_filter(replace(wanted, districts=()))
    st.session_state.update({"list": units.id, "unit": None, LEVEL: ""})
    look_home()


def open_whole(units: UnitList) -> None:
    """Show the region as a whole."""
    wanted, _ = filter_now()
    set_filter(replace(wanted, districts=()))
    st.session_state.update({"unit": None, LEVEL: WHOLE, "list": units.id})
    look_home()


def leave_whole(built: Built) -> None:
    """From the whole region down: to its districts where there are any, else to its communes."""
    units = built.lists.get(str(st.session_state.get("list", st.query_params.get("list"))), built.primary)
    open_list(districts_of(built, units) or units)


def district_open(built: Built, units: UnitList) -> tuple[UnitList, str] | None:
    """The list of districts and the code of the one whose communes are shown; None where all are."""
    wanted, _ = filter_now()
    above = districts_of(built, units)
    if above is None or len(wanted.districts) != 1:
        return None
    code = wanted.districts[0]
    return (above, code) if (above.result["unit_code"].astype(str) == code).any() else None


def show_crumbs(built: Built, units: UnitList, language: Language) -> None:
    """Region › districts › one of them; the last is where the map is, those before lead back."""
    above, opened = districts_of(built, units), district_open(built, units)
    region = text("crumb_whole", language)
    if is_whole():
        _show_here(region, text("crumb_hint_whole", language))
        return
    _show_way(region, "whole", open_whole, units)
    if units.level == Level.DISTRICT:
        hint = text("crumb_hint_districts", language) if communes_of(built, units) else ""
        _show_here(_count(units, language), hint)
        return
    if above is not None:
        _show_way(_count(above, language), "districts", open_list, above)
    if opened is not None:
        names = district_names(units)
        count = int((units.result["district_code"].astype(str) == opened[1]).sum())
        inside = text("crumb_communes", language, count=number(count, language))
        _show_here(f"{names.get(opened[1], opened[1])}: {inside}", "")
        return
    _show_here(_count(units, language), "")


def _count(units: UnitList, language: Language) -> str:
    key = "crumb_districts" if units.level == Level.DISTRICT else "crumb_communes"
    return text(key, language, count=number(len(units.result), language))


def _show_way(label: str, name: str, action: Any, units: UnitList) -> None:
    st.button(label, key=f"crumb_{name}", type="tertiary", on_click=action, args=(units,), width="content")
    st.html('<span class="vl-crumb" aria-hidden="true">›</span>', width="content")


def _show_here(label: str, hint: str) -> None:
    st.html(here_html(label, hint), width="content")


def whole_of(built: Built, units: UnitList) -> Whole:
    """The list as one whole, or as provinces where it has several."""
    return _whole(built, units, stamp_of(built), units.id)


@st.cache_resource(max_entries=8, show_spinner=False)
def _whole(_built: Built, _units: UnitList, stamp: str, list_id: str) -> Whole:  # noqa: ARG001
    rules = load_rules(_built.manifest["rules"], source="manifest.json")
    result = _units.result
    provinces = result["province_code"] if "province_code" in result.columns else pd.Series(dtype=object)
    by_province = provinces.nunique() > 1 and bool(provinces.notna().all())
    # slow to import, and wanted once somebody looks at the whole
    from geo.rollups import By, roll_up_list

    rolled = roll_up_list(_units, rules, by=By.PROVINCE if by_province else By.ALL)
    table = rolled.table
    if not by_province:
        table = table.assign(name=str(_built.manifest["name"]))
    codes = table["unit_code"].astype(str)
    outlines = [
        result.geometry[provinces.astype(str) == code] if by_province else result.geometry for code in codes
    ]
    frame = gpd.GeoDataFrame(table, geometry=[one.union_all() for one in outlines], crs=result.crs)
    wanted = (*result.columns, NOT_SUMMED.column)
    missing = {name: None for name in wanted if name not in frame.columns and name != "kind"}
    drawn = replace(
        _units, id=f"{_units.id}-whole", level=str(Level.PROVINCE), result=frame.assign(**missing),
        goals=_units.goals.iloc[:0], indicators=_units.indicators.iloc[:0],
    )  # fmt: skip
    return Whole(drawn, whole_figures(table, rolled.withheld))
