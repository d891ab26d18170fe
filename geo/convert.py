"""Rows of one list of units → figures of another: counts added up, rates averaged by people, nothing dropped.

A unit that was split is shared out only by given shares (people inside the new geometry), else kept back by name. A new
unit of which the table holds only some parts has no figure, unless partial ones were asked for: missing is not zero.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

import pandas as pd

from geo.convert_rows import ConversionRequest, Number, Row
from geo.errors import InputError
from geo.match import Status
from geo.schema import UNIT_TEXT_COLUMNS, Vintage
from geo.unit_lists import by_code
from geo.vintages import Crosswalk, crosswalk

Shares = Mapping[str, Mapping[str, float]]
"""Source code → target code → share 0-1 of the source's people; the shares of a source add up to 1."""


class Outcome(StrEnum):
    """What became of a row."""

    CONVERTED = "converted"
    SHARED = "shared"
    SPLIT = "split"
    UNION = "union"
    AMBIGUOUS = "ambiguous"
    UNMATCHED = "unmatched"


DONE = (Outcome.CONVERTED, Outcome.SHARED)


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """A row, what became of it, the units it went into with their shares, and why it went nowhere."""

    row: Row
    outcome: Outcome
    shares: Mapping[str, float]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Withheld:
    """A new unit's figure that is not given because a part of it is not known."""

    code: str
    column: str
    missing: tuple[str, ...]
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Conversion:
    """The new table, what became of every row, and the figures that were kept back."""

    request: ConversionRequest
    table: pd.DataFrame
    outcomes: tuple[RowOutcome, ...]
    withheld: tuple[Withheld, ...]

    @cached_property
    def left(self) -> tuple[RowOutcome, ...]:
        """Rows that went into no unit."""
        return tuple(outcome for outcome in self.outcomes if outcome.outcome not in DONE)

    @property
    def is_whole(self) -> bool:
        """Whether every row and every figure of the table is in the new one."""
        return not self.left and not self.withheld


def split_codes(rows: Sequence[Row], request: ConversionRequest) -> tuple[str, ...]:
    """Codes of the rows' units that were split and so need shares, sorted."""
    ways = crosswalk(request.source, request.target)
    codes = {row.match.unit.code for row in rows if row.match.unit}
    return () if ways.is_backward else tuple(sorted(code for code in codes if len(ways.targets[code]) > 1))


def convert_rows(
    rows: Sequence[Row],
    request: ConversionRequest,
    *,
    shares: Shares | None = None,
    refusals: Mapping[str, str] | None = None,
) -> Conversion:
    """The figures of the rows by the units of the wanted list.

    `refusals`: source code → why it has no shares though they were asked for.
    """
    ways = crosswalk(request.source, request.target)
    _require_free_names(request)
    outcomes = tuple(_outcome(row, ways, shares or {}, refusals or {}) for row in rows)
    pieces: dict[str, dict[str, tuple[Row, float]]] = {}
    for outcome in outcomes:
        for target, share in outcome.shares.items():
            if outcome.row.match.unit:
                pieces.setdefault(target, {})[outcome.row.match.unit.code] = (outcome.row, share)
    withheld: list[Withheld] = []
    records = [_record(code, ways, pieces[code], request, withheld) for code in sorted(pieces)]
    return Conversion(request, _table(records, request), outcomes, tuple(withheld))


def _outcome(row: Row, ways: Crosswalk, shares: Shares, refusals: Mapping[str, str]) -> RowOutcome:
    unit = row.match.unit
    if unit is None:
        outcome = Outcome.AMBIGUOUS if row.match.status is Status.AMBIGUOUS else Outcome.UNMATCHED
        return RowOutcome(row, outcome, {}, row.match.reason)
    targets = ways.targets[unit.code]
    if len(targets) == 1:
        return RowOutcome(row, Outcome.CONVERTED, {targets[0]: 1.0}, row.match.reason)
    names = _listed(targets, ways.target)
    if ways.is_backward:
        reason = f"{unit.label} is a union of units of {ways.target} ({names}); a figure of the whole cannot be taken apart: use the table it came from"
        return RowOutcome(row, Outcome.UNION, {}, reason)
    if unit.code in shares:
        return RowOutcome(row, Outcome.SHARED, shares[unit.code], row.match.reason)
    why = f"; {refusals[unit.code]}" if unit.code in refusals else ""
    return RowOutcome(row, Outcome.SPLIT, {}, f"{unit.label} was split between {names}{why}")


def _listed(codes: Sequence[str], vintage: Vintage) -> str:
    listed = by_code(vintage)
    return ", ".join(listed[code].label for code in codes)


def _record(
    code: str,
    ways: Crosswalk,
    pieces: Mapping[str, tuple[Row, float]],
    request: ConversionRequest,
    withheld: list[Withheld],
) -> dict[str, Any]:
    """One row of the new table; what it cannot say goes to `withheld`."""
    unit = by_code(ways.target)[code]
    parts = ways.parts[code]
    record: dict[str, Any] = {
        "unit_code": code,
        "vintage": str(ways.target),
        "name": unit.name,
        "kind": unit.kind,
        "district_code": unit.district_code,
        "district_name": unit.district_name,
        "province_code": unit.province_code,
        "province_name": unit.province_name,
    }
    for column in (*request.sums, *request.means):
        weight = request.weight if column in request.means else ""
        known = {part: piece for part, piece in pieces.items() if _is_known(piece[0], column, weight)}
        missing = tuple(part for part in parts if part not in known)
        hidden = bool(missing) and not request.partial
        record[column] = None if hidden or not known else _figure(list(known.values()), column, weight)
        if hidden and known:
            withheld.append(
                Withheld(code, column, missing, tuple(sorted(row.number for row, _ in known.values())))
            )
    return {**record, "parts_given": len(pieces), "parts": len(parts), "complete": len(pieces) == len(parts)}


def _is_known(row: Row, column: str, weight: str) -> bool:
    return row.values[column] is not None and (not weight or row.values[weight] is not None)


def _figure(pieces: Sequence[tuple[Row, float]], column: str, weight: str) -> Number | None:
    """Sum, or mean weighted by people (None where nobody lives); exact rounding makes the order of rows irrelevant."""
    values = [(row.values[column] or 0, share) for row, share in pieces]
    if not weight:
        return _total([value if share == 1 else value * share for value, share in values])
    people = [(row.values[weight] or 0) * share for row, share in pieces]
    total = math.fsum(people)
    if not total:
        return None
    return math.fsum(value * share for (value, _), share in zip(values, people, strict=True)) / total


def _total(values: Sequence[Number]) -> Number:
    return sum(values) if all(isinstance(value, int) for value in values) else math.fsum(values)


NAMES = (*UNIT_TEXT_COLUMNS, "parts_given", "parts", "complete")


def _require_free_names(request: ConversionRequest) -> None:
    taken = sorted({*request.sums, *request.means} & set(NAMES))
    if taken:
        raise InputError(
            f"column {', '.join(taken)} has a name that the new table uses for its units; give it another name first"
        )


def _table(records: Sequence[Mapping[str, Any]], request: ConversionRequest) -> pd.DataFrame:
    figures = (*request.sums, *request.means)
    table = pd.DataFrame(list(records), columns=[*NAMES[:8], *figures, *NAMES[8:]])
    if request.target is not Vintage.V2024:
        table = table.drop(columns=["district_code", "district_name"])
    for column in figures:
        whole = all(isinstance(record[column], int | None) for record in records)
        table[column] = pd.array(table[column].tolist(), dtype="Int64" if whole and records else "Float64")
    return table


def balance(conversion: Conversion) -> dict[str, dict[str, Number]]:
    """Per summed column where the table's total is: in the new table, kept back, or in rows that went nowhere."""
    kept = {(row, found.column, found.code) for found in conversion.withheld for row in found.rows}
    accounts = {}
    for column in conversion.request.sums:
        parts: dict[str, list[Number]] = {"given": [], "converted": [], "withheld": [], "left": []}
        for outcome in conversion.outcomes:
            value = outcome.row.values[column]
            if value is None:
                continue
            parts["given"].append(value)
            if not outcome.shares:
                parts["left"].append(value)
            for code, share in outcome.shares.items():
                where = "withheld" if (outcome.row.number, column, code) in kept else "converted"
                parts[where].append(value if share == 1 else value * share)
        accounts[column] = {name: _total(values) for name, values in parts.items()}
    return accounts
