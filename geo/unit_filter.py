"""Which units are meant: one frozen filter for the map, the export page and the command line, and its reading as text.

A criterion of which a unit's figure is not known is neither met nor failed: such a unit is left out, and can be counted.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from geo.errors import CallError
from geo.intervals import BORDER, OWN_PREFIX
from geo.schema import RESULT_BY_NAME, Technology, Verdict

TOWN_COLUMN: Final = "town_distance_km"
BORDER_COLUMN: Final = BORDER
"""Whether the unit lies at the country's border."""
SIDES: Final = ("<", "<=", ">", ">=")
_COMPARE: Final[Mapping[str, Callable[[Any, float], Any]]] = {
    "<": lambda values, limit: values < limit,
    "<=": lambda values, limit: values <= limit,
    ">": lambda values, limit: values > limit,
    ">=": lambda values, limit: values >= limit,
}
_CONDITION: Final = re.compile(r"\s*([^<>=!\s]+)\s*(!=|<=|>=|=|<|>)(.*)\Z", re.DOTALL)
MOST_CONDITIONS: Final = 100
MOST_LETTERS: Final = 10_000
"""Of a link: every district of the country fits, and whoever writes a link of half a million letters keeps nobody waiting."""
_WANTED: Final = (
    "wanted verdict=gap,watch · district=CODE,CODE · operator=4G:NAME or operator!=4G:NAME (covers at least half of the "
    "people, or does not) · border=yes or no · remote=KM · COLUMN<VALUE, also <= > >="
)


@dataclass(frozen=True)
class Presence:
    """Whether an operator covers at least half of a unit's people (of its area without a grid) with a technology."""

    technology: str
    operator: str
    covers: bool = True

    @property
    def column(self) -> str:
        """The column of `geo.filter_frame.filter_frame` that tells it."""
        return f"operator:{self.technology}:{self.operator}"


@dataclass(frozen=True)
class Bound:
    """A figure below or above a value, both in the column's own unit; `side` is one of `SIDES`."""

    column: str
    side: str
    value: float


@dataclass(frozen=True)
class UnitFilter:
    """The units that meet every criterion given; one that is empty (None) asks for nothing.

    `verdicts`: any of them. `districts`: codes, any of them. `operators`: every one holds. `border`: lies at the country's
    border, or does not. `remote_km`: so far from the nearest town, or farther. `bounds`: every one holds.
    """

    verdicts: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()
    operators: tuple[Presence, ...] = ()
    border: bool | None = None
    remote_km: float | None = None
    bounds: tuple[Bound, ...] = ()

    def __bool__(self) -> bool:
        """Whether it asks for anything."""
        return self != UnitFilter()


def judge(frame: pd.DataFrame, wanted: UnitFilter) -> pd.Series:
    """True, False or, where a figure that matters is not known, null for each row of a `filter_frame` (nullable boolean)."""
    met = pd.Series(True, index=frame.index, dtype="boolean")
    for part in _criteria(frame, wanted):
        met &= part
    return met


def mask(frame: pd.DataFrame, wanted: UnitFilter) -> pd.Series:
    """The rows of a `filter_frame` that surely meet the filter, as plain booleans."""
    return judge(frame, wanted).fillna(False).astype(bool)


def _criteria(frame: pd.DataFrame, wanted: UnitFilter) -> Iterable[pd.Series]:
    if wanted.verdicts:
        yield _one_of(frame, "verdict", wanted.verdicts)
    if wanted.districts:
        yield _one_of(frame, "district_code", wanted.districts)
    for presence in wanted.operators:
        found = _column(frame, presence.column).astype("boolean")
        yield found if presence.covers else ~found
    if wanted.border is not None:
        yield _column(frame, BORDER_COLUMN).astype("boolean") == wanted.border
    if wanted.remote_km is not None:
        yield _compared(frame, Bound(TOWN_COLUMN, ">=", wanted.remote_km))
    for bound in wanted.bounds:
        yield _compared(frame, bound)


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    """The column; null throughout where the frame has none: nothing is known then."""
    return frame[name] if name in frame else pd.Series(pd.NA, index=frame.index, dtype="boolean")


def _one_of(frame: pd.DataFrame, name: str, values: tuple[str, ...]) -> pd.Series:
    column = _column(frame, name)
    return column.isin(values).astype("boolean").mask(column.isna())


def _compared(frame: pd.DataFrame, bound: Bound) -> pd.Series:
    values = pd.to_numeric(_column(frame, bound.column).astype(object), errors="coerce").astype(float)
    return pd.Series(_COMPARE[bound.side](values, bound.value)).astype("boolean").mask(values.isna())


def read_filter(conditions: Iterable[str]) -> UnitFilter:
    """Conditions as text (`as_conditions` writes them) → the filter; raises `CallError` for one that cannot be read.

    The same text stands in links (`where=`) and on the command line (`--where`). A list of verdicts or districts given
    again adds to the former.
    """
    found = UnitFilter()
    for condition in conditions:
        found = _with(found, condition)
    return found


def read_link(conditions: Sequence[str]) -> tuple[UnitFilter, tuple[str, ...]]:
    """As `read_filter`, but a condition that cannot be read is left out and told; so is what is too much for a link."""
    found, faults, letters = UnitFilter(), list(conditions[MOST_CONDITIONS : MOST_CONDITIONS + 1]), 0
    for condition in conditions[:MOST_CONDITIONS]:
        letters += len(condition)
        try:
            if letters > MOST_LETTERS:
                raise CallError(f"conditions of more than {MOST_LETTERS} letters")
            found = _with(found, condition)
        except CallError:
            faults.append(condition)
    return found, tuple(dict.fromkeys(faults))


def _with(found: UnitFilter, condition: str) -> UnitFilter:
    parts = _CONDITION.match(condition)
    if parts is None or not parts[3].strip():
        raise CallError(f"the condition {condition!r} cannot be read; {_WANTED}")
    # stripped here and not by the pattern, whose work on a row of blanks would grow with its square
    name, sign, value = parts[1], parts[2], parts[3].strip()
    if sign == "=" and name in ("verdict", "district"):
        values = tuple(filter(None, (one.strip() for one in value.split(","))))
        if name == "district":
            return replace(found, districts=_more(found.districts, *values))
        strange = sorted(set(values) - {str(verdict) for verdict in Verdict})
        if strange:
            raise CallError(f"unknown verdict {strange[0]!r}; wanted one of {', '.join(Verdict)}")
        return replace(found, verdicts=_more(found.verdicts, *values))
    if sign in ("=", "!=") and name == "operator":
        return replace(found, operators=_more(found.operators, _read_presence(value, condition, sign == "=")))
    if sign == "=" and name == "border":
        if value not in ("yes", "no"):
            raise CallError(f"the condition {condition!r}: border is yes or no")
        return replace(found, border=value == "yes")
    if sign == "=" and name == "remote":
        return replace(found, remote_km=_number(value, condition))
    if sign not in SIDES:
        raise CallError(f"the condition {condition!r} cannot be read; {_WANTED}")
    _require_column(name)
    return replace(found, bounds=_more(found.bounds, Bound(name, sign, _number(value, condition))))


def _more(before: tuple[Any, ...], *added: Any) -> tuple[Any, ...]:
    return tuple(dict.fromkeys((*before, *added)))


def _read_presence(value: str, condition: str, covers: bool) -> Presence:
    technology, colon, operator = value.partition(":")
    if not colon or not operator or technology not in list(Technology):
        raise CallError(
            f"the condition {condition!r}: wanted a technology and an operator, for example 4G:Viettel"
        )
    return Presence(technology, operator, covers)


def _require_column(name: str) -> None:
    column = RESULT_BY_NAME.get(name)
    if not name.startswith(OWN_PREFIX) and (column is None or column.kind != "number"):
        raise CallError(
            f"{name!r} is no column of figures; wanted one of the result table (people, gap_score, "
            f"mobile_download_mbps …) or {OWN_PREFIX}ID of an own indicator"
        )


def _number(value: str, condition: str) -> float:
    try:
        found = float(value)
    except ValueError:
        found = np.nan
    if not np.isfinite(found):
        raise CallError(f"the condition {condition!r}: {value!r} is no number; write 1234.5")
    return found


def as_conditions(wanted: UnitFilter) -> tuple[str, ...]:
    """The filter as text, which `read_filter` reads back to the same filter."""
    lists = (("verdict", wanted.verdicts), ("district", wanted.districts))
    return (
        *(f"{name}={','.join(values)}" for name, values in lists if values),
        *(f"operator{'=' if p.covers else '!='}{p.technology}:{p.operator}" for p in wanted.operators),
        *([] if wanted.border is None else [f"border={'yes' if wanted.border else 'no'}"]),
        *([] if wanted.remote_km is None else [f"remote={wanted.remote_km:.12g}"]),
        *(f"{bound.column}{bound.side}{bound.value:.12g}" for bound in wanted.bounds),
    )
