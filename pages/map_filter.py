"""Which units the map keeps: the filter's form, what it leaves, and the words for both. Its text stands in the link (`where=`)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

import streamlit as st

from geo.arrays import sum_known
from geo.errors import CallError
from geo.export_filter import narrow, operator_share_of
from geo.intervals import numbers
from geo.results import Built, UnitList
from geo.schema import Verdict
from geo.sort_names import sort_key
from geo.unit_filter import (
    BORDER_COLUMN,
    TOWN_COLUMN,
    Bound,
    Presence,
    UnitFilter,
    as_conditions,
    filter_frame,
    judge,
    read_filter,
)
from layers.filter_text import condition_text, kept_html, nothing_html
from layers.panel_html import verdict_word
from layers.strings import Language, figure, text
from pages.choices import hidden_key
from pages.shared import stamp_of

WHERE: Final = "where"
TURN: Final = "filter_turn"
_FARTHEST_KM: Final = 60


@dataclass(frozen=True)
class Kept:
    """What a filter leaves of a list: per row whether it is inside, codes outside, units of which it is not known, people inside
    (null where nobody knows them), and whether a district was asked for that the list does not have.
    """

    wanted: UnitFilter
    inside: tuple[bool, ...]
    dimmed: tuple[str, ...]
    not_known: int
    people: float | None
    has_left_district: bool

    @property
    def units(self) -> int:
        """How many units are kept."""
        return sum(self.inside)


def conditions_now() -> tuple[str, ...]:
    """The filter as text: as it was chosen last, else as the address says."""
    given = st.session_state.get(WHERE)
    return tuple(st.query_params.get_all(WHERE) if given is None else given)


def filter_now() -> tuple[UnitFilter, tuple[str, ...]]:
    """The filter, and the conditions of the link that cannot be read."""
    good: list[str] = []
    faults: list[str] = []
    for condition in conditions_now():
        try:
            read_filter([*good, condition])
            good.append(condition)
        except CallError:
            faults.append(condition)
    return read_filter(good), tuple(faults)


def keep_now(built: Built, units: UnitList) -> Kept:
    """What the filter leaves of the list."""
    return _keep(units, stamp_of(built), units.id, filter_now()[0], operator_share_of(built.manifest))


@st.cache_resource(max_entries=64, show_spinner=False)
def _keep(_units: UnitList, stamp: str, list_id: str, wanted: UnitFilter, share: float) -> Kept:  # noqa: ARG001
    result = _units.result
    has_left = bool(wanted.districts) and not _has_districts(_units, wanted.districts)
    used = replace(wanted, districts=()) if has_left else wanted
    met = judge(filter_frame(_units, operator_share=share), used)
    inside = met.fillna(False).astype(bool).to_numpy()
    return Kept(
        wanted=used,
        inside=tuple(bool(one) for one in inside),
        dimmed=tuple(result.loc[~inside, "unit_code"].astype(str)),
        not_known=int(met.isna().sum()),
        people=sum_known(numbers(result, "people").to_numpy()[inside]),
        has_left_district=has_left,
    )


def _has_districts(units: UnitList, districts: tuple[str, ...]) -> bool:
    return "district_code" in units.result.columns and bool(
        units.result["district_code"].isin(districts).any()
    )


def narrowed(built: Built, units: UnitList, kept: Kept) -> UnitList | None:
    """The list with the kept units alone; itself without a filter, None where nothing is kept."""
    if not kept.wanted:
        return units
    if not kept.units:
        return None
    return _narrowed(units, stamp_of(built), units.id, kept.wanted, operator_share_of(built.manifest))


@st.cache_resource(max_entries=32, show_spinner=False)
def _narrowed(_units: UnitList, stamp: str, list_id: str, wanted: UnitFilter, share: float) -> UnitList:  # noqa: ARG001
    return narrow(_units, wanted, operator_share=share)[0]


def set_filter(wanted: UnitFilter) -> None:
    """Make it the filter, from anywhere but its form: the form is made anew."""
    st.session_state[WHERE] = list(as_conditions(wanted))
    st.session_state[TURN] = _turn() + 1


def _turn() -> int:
    return int(st.session_state.get(TURN, 0))


def show_filter(built: Built, units: UnitList, language: Language) -> None:
    """The form, in a popover; a choice in it becomes the filter at once."""
    wanted, _ = filter_now()
    with st.popover(
        text("filter", language), icon=":material/filter_alt:", help=text("filter_help", language)
    ):
        frame = _frame(units, stamp_of(built), units.id, operator_share_of(built.manifest))
        _show_verdicts(wanted, language)
        _show_districts(units, wanted, language)
        _show_operators(frame, wanted, built, language)
        _show_border(frame, wanted, language)
        _show_remote(frame, wanted, language)
        _show_bounds(units, wanted, language)
        st.button(
            text("filter_clear", language), key="filter_clear", on_click=set_filter, args=(UnitFilter(),),
            disabled=not wanted, width="stretch",
        )  # fmt: skip


@st.cache_resource(max_entries=8, show_spinner=False)
def _frame(_units: UnitList, stamp: str, list_id: str, share: float) -> Any:  # noqa: ARG001
    return filter_frame(_units, operator_share=share)


def _put(name: str, value: Any, language: Language) -> dict[str, Any]:
    """Set a widget of the form to what the filter says; returns its key and what it does when it is changed."""
    key = hidden_key(f"filter_{name}", language, _turn())
    st.session_state[key] = value
    return {"key": key, "on_change": _take, "args": (name, key)}


def _take(name: str, key: str) -> None:
    """A choice in the form becomes part of the filter."""
    before, _ = filter_now()
    given = st.session_state[key]
    if name in ("covers", "lacks"):
        others = tuple(one for one in before.operators if one.covers != (name == "covers"))
        wanted = replace(before, operators=(*others, *given) if name == "lacks" else (*given, *others))
    elif name == "remote":
        wanted = replace(before, remote_km=float(given) or None)
    elif name == "border":
        wanted = replace(before, border=given)
    elif name == "verdicts":
        wanted = replace(before, verdicts=tuple(given))
    elif name == "districts":
        wanted = replace(before, districts=tuple(given))
    else:
        wanted = replace(before, bounds=tuple(given))
    st.session_state[WHERE] = list(as_conditions(wanted))


def _show_verdicts(wanted: UnitFilter, language: Language) -> None:
    held = _put("verdicts", list(wanted.verdicts), language)
    st.pills(
        text("filter_verdict", language), [str(one) for one in Verdict], selection_mode="multi", **held,
        format_func=lambda one: verdict_word(one, language),
    )  # fmt: skip


def _show_districts(units: UnitList, wanted: UnitFilter, language: Language) -> None:
    names = district_names(units)
    if not names:
        return
    held = _put("districts", [code for code in wanted.districts if code in names], language)
    st.multiselect(
        text("filter_district", language), list(names), **held, format_func=names.__getitem__,
        placeholder=text("filter_any", language),
    )  # fmt: skip


def district_names(units: UnitList) -> dict[str, str]:
    """Names of the list's districts by code, in order; empty where the list has none."""
    if "district_code" not in units.result.columns or "district_name" not in units.result.columns:
        return {}
    pairs = units.result[["district_code", "district_name"]].dropna().drop_duplicates().astype(str)
    found = dict(pairs.itertuples(index=False, name=None))
    return dict(sorted(found.items(), key=lambda pair: sort_key(pair[1])))


def _show_operators(frame: Any, wanted: UnitFilter, built: Built, language: Language) -> None:
    known = [_presence(name) for name in frame.columns if str(name).startswith("operator:")]
    if not known:
        return
    known.sort(key=lambda one: (one.technology, sort_key(one.operator)), reverse=False)
    share = figure(operator_share_of(built.manifest), "share", language)
    for name, covers in (("covers", True), ("lacks", False)):
        options = [replace(one, covers=covers) for one in known]
        held = _put(name, [one for one in wanted.operators if one in options], language)
        st.multiselect(
            text(f"filter_{name}", language), options, **held, placeholder=text("filter_any", language),
            format_func=lambda one: f"{one.operator} {one.technology}",
            help=text("filter_operator_help", language, share=share),
        )  # fmt: skip


def _presence(column: str) -> Presence:
    _, technology, operator = column.split(":", 2)
    return Presence(technology, operator)


def _show_border(frame: Any, wanted: UnitFilter, language: Language) -> None:
    if BORDER_COLUMN not in frame.columns:
        st.caption(text("filter_border_unknown", language))
        return
    held = _put("border", wanted.border, language)
    st.selectbox(
        text("filter_border", language), [None, True, False], **held,
        format_func=lambda one: text("filter_any" if one is None else f"filter_border_{'yes' if one else 'no'}", language),
    )  # fmt: skip


def _show_remote(frame: Any, wanted: UnitFilter, language: Language) -> None:
    if TOWN_COLUMN not in frame.columns or frame[TOWN_COLUMN].isna().all():
        return
    held = _put("remote", int(min(max(wanted.remote_km or 0, 0), _FARTHEST_KM)), language)
    st.slider(text("filter_remote", language), 0, _FARTHEST_KM, **held)


def _show_bounds(units: UnitList, wanted: UnitFilter, language: Language) -> None:
    """Thresholds that were made conditions on the map: here they can only be taken away."""
    if not wanted.bounds:
        return
    held = _put("bounds", list(wanted.bounds), language)
    st.multiselect(
        text("filter_figures", language), list(wanted.bounds), **held,
        format_func=lambda one: condition_text(UnitFilter(bounds=(one,)), units, language)[0],
    )  # fmt: skip


def show_kept(units: UnitList, kept: Kept, language: Language) -> None:
    """What the filter leaves, in a line above the map; a designed state where that is nothing."""
    faults = filter_now()[1]
    for fault in faults:
        st.warning(
            text("filter_fault", language, condition=fault.replace("`", "")[:80]), icon=":material/link_off:"
        )
    if kept.has_left_district:
        st.caption(text("filter_left", language))
    if not kept.wanted:
        return
    said = condition_text(kept.wanted, units, language)
    with st.container(horizontal=True, vertical_alignment="center", key="kept"):
        if kept.units:
            st.html(kept_html(kept.units, len(kept.inside), kept.people, kept.not_known, said, language))
        else:
            st.html(nothing_html(kept.not_known, said, language))
        st.button(
            text("filter_clear", language), key="kept_clear", on_click=set_filter, args=(UnitFilter(),),
            icon=":material/close:", width="content",
        )  # fmt: skip


def add_bounds(bounds: Iterable[Bound]) -> None:
    """A threshold of the map becomes a condition of the filter, in place of one on the same side of the same figure."""
    wanted, _ = filter_now()
    new = tuple(bounds)
    said = {(one.column, one.side) for one in new}
    kept = tuple(one for one in wanted.bounds if (one.column, one.side) not in said)
    set_filter(replace(wanted, bounds=(*kept, *new)))
