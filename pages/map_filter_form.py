"""The form of the map's filter, in a popover: a choice in it becomes part of the filter at once."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

import streamlit as st

from geo.export_filter import operator_share_of
from geo.filter_frame import district_names
from geo.results import Built, UnitList
from geo.schema import Verdict
from geo.sort_names import sort_key
from geo.unit_filter import TOWN_COLUMN, Presence, UnitFilter, as_conditions
from layers.escape import escape_markdown
from layers.filter_text import border_unknown, border_unknown_text, condition_text, knows_border
from layers.panel_html import verdict_word
from layers.strings import Language, figure, number, text
from pages.choices import hidden_key
from pages.map_filter import WHERE, filter_now, form_turn, frame_of, set_filter
from pages.results import stamp_of

_FARTHEST_KM: Final = 60


def show_filter(built: Built, lists: Sequence[UnitList], language: Language) -> None:
    """The form, in a popover; a choice in it becomes the filter at once. It offers what any of the lists can answer."""
    wanted, _ = filter_now()
    with st.popover(
        text("filter", language), icon=":material/filter_alt:", help=text("filter_help", language)
    ):
        known = _known_columns(built, lists)
        _show_verdicts(wanted, language)
        _show_districts(lists, wanted, language)
        _show_operators(known, wanted, built, language)
        _show_border(built, lists, wanted, language)
        _show_remote(known, wanted, language)
        _show_bounds(built, lists[0], wanted, language)
        st.button(
            text("filter_clear", language), key="filter_clear", on_click=set_filter, args=(UnitFilter(),),
            disabled=not wanted, width="stretch",
        )  # fmt: skip


def _known_columns(built: Built, lists: Iterable[UnitList]) -> dict[str, None]:
    """The columns in which any of the lists has a figure, in their order."""
    stamp, share = stamp_of(built), operator_share_of(built.manifest)
    return dict.fromkeys(name for units in lists for name in _known_of(units, stamp, units.id, share))


@st.cache_resource(max_entries=8, show_spinner=False)
def _known_of(_units: UnitList, stamp: str, list_id: str, share: float) -> tuple[str, ...]:
    has = frame_of(_units, stamp, list_id, share).notna().any()
    return tuple(str(name) for name in has.index[has])


def _put(name: str, value: Any, language: Language) -> dict[str, Any]:
    """Set a widget of the form to what the filter says; returns its key and what it does when it is changed."""
    key = hidden_key(f"filter_{name}", language, form_turn())
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


def _show_districts(lists: Sequence[UnitList], wanted: UnitFilter, language: Language) -> None:
    names = {code: name for units in reversed(lists) for code, name in district_names(units).items()}
    if not names:
        return
    held = _put("districts", [code for code in wanted.districts if code in names], language)
    st.multiselect(
        text("filter_district", language), list(names), **held, format_func=names.__getitem__,
        placeholder=text("filter_any", language),
    )  # fmt: skip


def _show_operators(columns: Iterable[str], wanted: UnitFilter, built: Built, language: Language) -> None:
    known = [_presence(name) for name in columns if name.startswith("operator:")]
    if not known:
        return
    known.sort(key=lambda one: (one.technology, sort_key(one.operator)))
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


def _show_border(built: Built, lists: Sequence[UnitList], wanted: UnitFilter, language: Language) -> None:
    """The box, and of how many units it is not known; why not, and what would help, where it is known of none."""
    if not any(knows_border(units) for units in lists):
        st.caption(escape_markdown(border_unknown_text(lists[0], built.lists.values(), language)))
        return
    held = _put("border", wanted.border, language)
    st.selectbox(
        text("filter_border", language), [None, True, False], **held, placeholder=text("filter_any", language),
        format_func=lambda one: text("filter_any" if one is None else f"filter_border_{'yes' if one else 'no'}", language),
    )  # fmt: skip
    unknown = sum(border_unknown(units) for units in lists)
    if unknown:
        st.caption(text("filter_border_some", language, count=number(unknown, language)))


def _show_remote(columns: Iterable[str], wanted: UnitFilter, language: Language) -> None:
    if TOWN_COLUMN not in columns:
        return
    held = _put("remote", int(min(max(wanted.remote_km or 0, 0), _FARTHEST_KM)), language)
    st.slider(text("filter_remote", language), 0, _FARTHEST_KM, **held)


def _show_bounds(built: Built, units: UnitList, wanted: UnitFilter, language: Language) -> None:
    """Thresholds that were made conditions on the map: here they can only be taken away."""
    if not wanted.bounds:
        return
    held = _put("bounds", list(wanted.bounds), language)
    st.multiselect(
        text("filter_figures", language), list(wanted.bounds), **held, placeholder=text("filter_any", language),
        format_func=lambda one: condition_text(
            UnitFilter(bounds=(one,)), units, language, others=built.lists.values()
        )[0],
    )  # fmt: skip
