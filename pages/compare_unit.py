"""The unit looked at while two maps are compared: what both say of it, and a box that reaches every unit without a mouse."""

import streamlit as st

from geo.results import Built, UnitList
from layers.compare_text import (
    Said,
    codes_agree,
    compared_html,
    said_in_quarter,
    said_of,
    side_title,
    unit_name,
)
from layers.palette import indicator_name
from layers.strings import Language, text
from layers.units import unit_labels
from pages.choices import list_chosen
from pages.compare_sides import Side, Sides
from pages.map_parts import figures_of
from pages.map_quarters import frame_of
from pages.map_shown import SIDES
from pages.shared import stamp_of


def unit_looked_at(built: Built) -> tuple[UnitList, str] | None:
    """The unit looked at and its list: a code without its list may be two units."""
    units = list_chosen(built)
    code = st.session_state.get("unit", st.query_params.get("unit"))
    return (units, str(code)) if (units.result["unit_code"].astype(str) == str(code)).any() else None


def unit_on(built: Built, units: UnitList) -> str | None:
    """Code of the unit looked at where the list has it for sure."""
    found = unit_looked_at(built)
    if found is None or not (units.id == found[0].id or lists_agree(units, found[0])):
        return None
    return found[1] if (units.result["unit_code"].astype(str) == found[1]).any() else None


def show_unit(built: Built, sides: Sides, language: Language) -> None:
    """What both maps say of the unit looked at; the box reaches every unit without a mouse."""
    options = _unit_options(sides)
    found = unit_looked_at(built)
    key = "compare_unit"
    now = f"{found[0].id} {found[1]}" if found else ""
    # a unit of the other of two lists that agree is the same unit
    wanted = (
        now
        if now in options
        else next((one for one in options if found and _is_same(built, one, found)), None)
    )
    st.session_state[key] = wanted
    st.selectbox(
        text("compare_unit", language), list(options), key=key, format_func=options.__getitem__,
        placeholder=text("unit_placeholder", language), on_change=_take_unit,
    )  # fmt: skip
    if found is None or wanted is None:
        return
    said = [_said(built, name, side, language) for name, side in zip(SIDES, sides, strict=True)]
    st.html(compared_html(unit_name(found[0].result, found[1]), said, language))


def _unit_options(sides: Sides) -> dict[str, str]:
    """Every unit of both maps, those of the second only where they are others: `list code` → words."""
    one, two = sides
    shown = [("", one)] if lists_agree(one.units, two.units) else [("A: ", one), ("B: ", two)]
    found = {}
    for mark, side in shown:
        codes = side.units.result["unit_code"].astype(str)
        for code, label in zip(codes, unit_labels(side.units.result), strict=True):
            found[f"{side.units.id} {code}"] = f"{mark}{label} ({code})"
    return found


def _is_same(built: Built, option: str, found: tuple[UnitList, str]) -> bool:
    list_id, code = option.split(" ", 1)
    return code == found[1] and lists_agree(built.lists[list_id], found[0])


def _take_unit() -> None:
    chosen = st.session_state["compare_unit"]
    if chosen is None:
        st.session_state["unit"] = None
        return
    list_id, code = chosen.split(" ", 1)
    st.session_state.update({"list": list_id, "unit": code})


def _said(built: Built, name: str, side: Side, language: Language) -> Said:
    code, stamp = unit_on(built, side.units), stamp_of(built)
    title = side_title(name, indicator_name(side.indicator, language), side.quarter, language)
    if code is None:
        return Said(name, title, "", "")
    if side.quarter:
        frame = frame_of(side.units, stamp, side.units.id, side.indicator)
        codes = side.units.result["unit_code"].astype(str).tolist()
        return Said(name, title, *said_in_quarter(frame, codes, code, side.quarter, language))
    figures = figures_of(side.units, stamp, side.units.id)
    return Said(name, title, *said_of(figures, code, side.indicator, language))


def lists_agree(one: UnitList, two: UnitList) -> bool:
    """Whether a code of the one list names the same unit in the other."""
    return codes_agree((one.vintage, one.level), (two.vintage, two.level))
