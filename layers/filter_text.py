"""A filter of units in words, and what it leaves."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from geo.filter_frame import district_names
from geo.intervals import BORDER, OWN_PREFIX
from geo.people_sum import PeopleSum
from geo.results import UnitList
from geo.unit_filter import UnitFilter
from layers.escape import escape
from layers.explore import limit_figure
from layers.labels import list_words
from layers.own import own_names
from layers.palette import INDICATORS
from layers.panel_html import verdict_word
from layers.people_words import people_sum_text
from layers.strings import Language, has_text, number, text

_SIDES: Final = {"<": "<", "<=": "≤", ">": ">", ">=": "≥"}


def condition_text(
    wanted: UnitFilter, units: UnitList, language: Language, *, others: Iterable[UnitList] = ()
) -> tuple[str, ...]:
    """One phrase per condition; `others`: lists that may know the name of a district or an own indicator that `units` lacks."""
    found, lists = [], (units, *others)
    if wanted.verdicts:
        words = ", ".join(verdict_word(one, language) for one in wanted.verdicts)
        found.append(text("filter_is_verdict", language, value=words))
    if wanted.districts:
        names = ", ".join(_districts(wanted.districts, lists))
        found.append(text("filter_is_district", language, value=names))
    for one in wanted.operators:
        key = "filter_is_covers" if one.covers else "filter_is_lacks"
        found.append(text(key, language, value=f"{one.operator} {one.technology}"))
    if wanted.border is not None:
        found.append(text(f"filter_is_border_{'yes' if wanted.border else 'no'}", language))
    if wanted.remote_km is not None:
        found.append(text("filter_is_remote", language, value=limit_figure(wanted.remote_km, "km", language)))
    for bound in wanted.bounds:
        name, unit = _column(bound.column, lists, language)
        found.append(
            text("filter_is_figure", language, name=name, side=_SIDES[bound.side],
                 value=limit_figure(bound.value, unit, language))
        )  # fmt: skip
    return tuple(found)


def border_unknown_text(units: UnitList, others: Iterable[UnitList], language: Language) -> str:
    """Why the border units of a list are not known, and what would make them known; `others`: the lists that may know theirs."""
    knowing = [one for one in others if knows_border(one)]
    if not knowing:
        return text("filter_border_unknown", language)
    lists = "; ".join(list_words(f"{one.vintage}-{one.level}", language) for one in knowing)
    key = "younger" if any(one.level == units.level for one in knowing) else "level"
    return text(f"filter_border_{key}", language, lists=lists)


def knows_border(units: UnitList) -> bool:
    """Whether of any unit of the list it is known if it lies at the border."""
    return border_unknown(units) < len(units.result)


def border_unknown(units: UnitList) -> int:
    """Of how many units of the list it is not known whether they lie at the border."""
    own = units.indicators
    known = 0 if own.empty else int(own.loc[own["indicator"] == BORDER, "value"].notna().sum())
    return len(units.result) - known


def _districts(codes: Sequence[str], lists: Sequence[UnitList]) -> list[str]:
    names: dict[str, str] = {}
    for units in reversed(lists):
        names |= district_names(units)
    return [names.get(code, code) for code in codes]


def _column(column: str, lists: Sequence[UnitList], language: Language) -> tuple[str, str]:
    """Name and unit of a column of figures."""
    if column.startswith(OWN_PREFIX):
        own = column.removeprefix(OWN_PREFIX)
        for units in lists:
            names = own_names(units.indicators)
            if own in names:
                rows = units.indicators[units.indicators["indicator"] == own]
                return names[own], str(rows.iloc[0]["unit"])
        return own, ""
    known = {indicator.column: indicator.unit for indicator in INDICATORS}
    return (text(column, language) if has_text(column) else column), known.get(column, "")


def kept_html(
    units: int, of: int, people: PeopleSum, not_known: int, conditions: Sequence[str], language: Language
) -> str:
    """How many units and people a filter leaves, and by which conditions."""
    notes = [*_unknown_text(not_known, language), text("filter_fixed", language)]
    head = _kept_text(units, of, people, language)
    return (
        f'<div class="vl-kept" role="status"><b>{escape(head)}</b> <span>{escape(" · ".join(conditions))}</span>'
        f"<p>{escape(' '.join(notes))}</p></div>"
    )


def _kept_text(units: int, of: int, people: PeopleSum, language: Language) -> str:
    said = text("filter_kept", language, units=number(units, language), of=number(of, language))
    return " · ".join(filter(None, (said, people_sum_text(people, language))))


def _unknown_text(not_known: int, language: Language) -> list[str]:
    return [text("filter_unknown", language, count=number(not_known, language)) + "."] if not_known else []


def left_text(conditions: Sequence[str], language: Language) -> str:
    """That a list cannot answer these conditions, so that they are left out."""
    return text("filter_left", language, conditions=" · ".join(conditions))


@dataclass(frozen=True)
class SideKept:
    """What a filter leaves of the list of one of two maps: units of how many, their people, units of which it is not known;
    phrases of the conditions that the list cannot answer, and whether it can answer any.
    """

    side: str
    units: int
    of: int
    people: PeopleSum
    not_known: int
    left: tuple[str, ...]
    is_narrowed: bool


def both_kept_html(conditions: Sequence[str], sides: Sequence[SideKept], language: Language) -> str:
    """The conditions, and what each of two maps keeps by them of its own list."""
    said = "".join(_side_html(one, language) for one in sides)
    return (
        f'<div class="vl-kept" role="status"><b>{escape(" · ".join(conditions))}</b>'
        f'<div class="vl-kept-sides">{said}</div></div>'
    )


def _side_html(one: SideKept, language: Language) -> str:
    if not one.is_narrowed:
        head = text("filter_all", language, of=number(one.of, language))
    elif one.units:
        head = _kept_text(one.units, one.of, one.people, language)
    else:
        head = text("filter_nothing", language)
    notes = [left_text(one.left, language)] if one.left else []
    notes += _unknown_text(one.not_known, language)
    return f"<p><b>{escape(one.side.upper())}: {escape(head)}</b> {escape(' '.join(notes))}</p>"


def nothing_html(not_known: int, conditions: Sequence[str], language: Language) -> str:
    """The state of a filter that leaves nothing: what was asked, and what to do."""
    items = "".join(f"<li>{escape(one)}</li>" for one in conditions)
    unknown = (
        f"<p>{escape(text('filter_nothing_unknown', language, count=number(not_known, language)))}</p>"
        if not_known
        else ""
    )
    return (
        f'<div class="vl-kept vl-nothing" role="status"><b>{escape(text("filter_nothing", language))}</b>'
        f"<p>{escape(text('filter_nothing_how', language))}</p><ul>{items}</ul>{unknown}</div>"
    )
