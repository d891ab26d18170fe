"""A filter of units in words, a line per condition."""

from collections.abc import Iterable

from geo.intervals import OWN_PREFIX
from geo.results import UnitList
from geo.sort_names import sort_key
from geo.unit_filter import Bound, UnitFilter
from layers.definitions import definition_of, title_of
from layers.explore import limit_figure
from layers.own import own_names
from layers.palette import INDICATORS
from layers.strings import Language, number, text

_UNITS = {indicator.column: indicator.unit for indicator in INDICATORS}


def filter_lines(wanted: UnitFilter, units: UnitList, language: Language) -> tuple[str, ...]:
    """What the filter asks for, in the order of its fields; empty where it asks for nothing. Texts are not escaped."""
    return tuple(_lines(wanted, units, language))


def _lines(wanted: UnitFilter, units: UnitList, language: Language) -> Iterable[str]:
    if wanted.verdicts:
        words = ", ".join(text(f"verdict_{verdict}", language) for verdict in wanted.verdicts)
        yield text("filter_verdict", language, words=words)
    if wanted.districts:
        names = district_names(units)
        yield text("filter_district", language, words=", ".join(names.get(c, c) for c in wanted.districts))
    for presence in wanted.operators:
        key = "filter_covers" if presence.covers else "filter_covers_not"
        yield text(key, language, operator=presence.operator, technology=presence.technology)
    if wanted.border is not None:
        yield text("filter_border_yes" if wanted.border else "filter_border_no", language)
    if wanted.remote_km is not None:
        yield text(
            "filter_remote",
            language,
            km=number(wanted.remote_km, language, decimals=_decimals(wanted.remote_km)),
        )
    yield from (_bound_line(bound, units, language) for bound in wanted.bounds)


def _decimals(value: float) -> int:
    return 0 if float(value).is_integer() else 1


def _bound_line(bound: Bound, units: UnitList, language: Language) -> str:
    shown = _value(bound, units, language)
    return text(
        f"filter_side_{bound.side}", language, name=column_name(bound.column, units, language), value=shown
    )


def _value(bound: Bound, units: UnitList, language: Language) -> str:
    """The value as it was asked for: a figure of a table is cut at one decimal, a condition never is."""
    if bound.column.startswith(OWN_PREFIX):
        rows = units.indicators[units.indicators["indicator"] == bound.column.removeprefix(OWN_PREFIX)]
        return limit_figure(bound.value, str(rows["unit"].iloc[0]) if len(rows) else "points", language)
    return limit_figure(bound.value, _UNITS.get(bound.column, "points"), language)


def column_name(column: str, units: UnitList, language: Language) -> str:
    """A column of figures in words; an own indicator as its table was named."""
    if column.startswith(OWN_PREFIX):
        return own_names(units.indicators).get(column.removeprefix(OWN_PREFIX), column)
    definition = definition_of(column)
    return title_of(definition, language) if definition else column


def district_names(units: UnitList) -> dict[str, str]:
    """Names of the districts of a list by code, in the order of their names; empty where it has none."""
    if "district_code" not in units.result:
        return {}
    rows = units.result[["district_code", "district_name"]].dropna().drop_duplicates("district_code")
    found = zip(rows["district_code"].astype(str), rows["district_name"].astype(str), strict=True)
    return dict(sorted(found, key=lambda pair: sort_key(pair[1])))
