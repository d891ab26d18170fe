"""Which units the map keeps: the filter, and what it leaves (its form is `pages.map_filter_form`). Its text stands in the link (`where=`)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import streamlit as st

from geo.export_filter import narrow, operator_share_of
from geo.filter_frame import filter_frame, split_answerable
from geo.people_sum import PeopleSum, people_of_rows
from geo.results import Built, UnitList
from geo.unit_filter import Bound, UnitFilter, as_conditions, judge, read_link
from layers.escape import escape_markdown
from layers.filter_text import SideKept, both_kept_html, condition_text, kept_html, left_text, nothing_html
from layers.strings import Language, text
from pages.shared import stamp_of

WHERE: Final = "where"
TURN: Final = "filter_turn"
MOST_FAULTS: Final = 3


@dataclass(frozen=True)
class Kept:
    """What a filter leaves of a list: the conditions that the list can answer and those it cannot, per row whether it is inside,
    codes outside, units of which it is not known, and people inside.
    """

    wanted: UnitFilter
    left: UnitFilter
    inside: tuple[bool, ...]
    dimmed: tuple[str, ...]
    not_known: int
    people: PeopleSum

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
    return read_link(conditions_now())


def keep_now(built: Built, units: UnitList) -> Kept:
    """What the filter leaves of the list."""
    return _keep(units, stamp_of(built), units.id, filter_now()[0], operator_share_of(built.manifest))


@st.cache_resource(max_entries=64, show_spinner=False)
def _keep(_units: UnitList, stamp: str, list_id: str, wanted: UnitFilter, share: float) -> Kept:
    result = _units.result
    frame = frame_of(_units, stamp, list_id, share)
    used, left = split_answerable(frame, wanted)
    met = judge(frame, used)
    inside = met.fillna(False).astype(bool).to_numpy()
    return Kept(
        wanted=used,
        left=left,
        inside=tuple(bool(one) for one in inside),
        dimmed=tuple(result.loc[~inside, "unit_code"].astype(str)),
        not_known=int(met.isna().sum()),
        people=people_of_rows(result[inside]),
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
    st.session_state[TURN] = form_turn() + 1


def form_turn() -> int:
    """How often the filter was changed outside its form."""
    return int(st.session_state.get(TURN, 0))


@st.cache_resource(max_entries=8, show_spinner=False)
def frame_of(_units: UnitList, stamp: str, list_id: str, share: float) -> Any:  # noqa: ARG001
    """What a filter of a list is judged on, made once."""
    return filter_frame(_units, operator_share=share)


def show_faults(language: Language) -> None:
    """The conditions of the link that were left out, the first few of them: whoever wrote the link may have been no friend."""
    for fault in filter_now()[1][:MOST_FAULTS]:
        said = text("filter_fault", language, condition=fault[:80])
        st.warning(escape_markdown(said), icon=":material/link_off:")


def show_kept(built: Built, units: UnitList, kept: Kept, language: Language) -> None:
    """What the filter leaves, in a line above the map; a designed state where that is nothing."""
    show_faults(language)
    show_left(built, units, kept, language)
    if not kept.wanted:
        return
    said = condition_text(kept.wanted, units, language)
    if kept.units:
        _show_line(
            kept_html(kept.units, len(kept.inside), kept.people, kept.not_known, said, language), language
        )
    else:
        _show_line(nothing_html(kept.not_known, said, language), language)


def show_left(built: Built, units: UnitList, kept: Kept, language: Language) -> None:
    """The conditions that the list cannot answer."""
    if kept.left:
        st.caption(escape_markdown(left_text(_left(built, units, kept, language), language)))


def _left(built: Built, units: UnitList, kept: Kept, language: Language) -> tuple[str, ...]:
    return condition_text(kept.left, units, language, others=built.lists.values())


def show_both_kept(built: Built, sides: Mapping[str, tuple[UnitList, Kept]], language: Language) -> None:
    """The filter in a line above two maps, with what it leaves of the list of each."""
    show_faults(language)
    wanted, _ = filter_now()
    if wanted:
        said = condition_text(wanted, built.primary, language, others=built.lists.values())
        kept = [_side_kept(built, side, units, one, language) for side, (units, one) in sides.items()]
        _show_line(both_kept_html(said, kept, language), language)


def _side_kept(built: Built, side: str, units: UnitList, kept: Kept, language: Language) -> SideKept:
    left = _left(built, units, kept, language)
    of, is_narrowed = len(kept.inside), bool(kept.wanted)
    return SideKept(side, kept.units, of, kept.people, kept.not_known, left, is_narrowed)


def _show_line(said: str, language: Language) -> None:
    """A line on the filter, as HTML, with the way out of it."""
    with st.container(horizontal=True, vertical_alignment="center", key="kept"):
        st.html(said)
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
