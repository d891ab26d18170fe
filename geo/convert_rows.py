"""Rows of a table → the unit of each row and its figures; what cannot be read raises, what cannot be matched is kept."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import pandas as pd

from geo.errors import CallError, InputError
from geo.match import GivenUnit, Match, match_unit
from geo.names import clean_name
from geo.schema import VIETNAMESE_VINTAGES, Vintage

Number = int | float


class Decimal(StrEnum):
    """What separates the decimals of numbers written as text; the other sign may then set thousands apart."""

    POINT = "point"
    COMMA = "comma"
    UNSAID = "unsaid"


_INTEGER: Final = re.compile(r"[+-]?[0-9]+")
_DECIMAL: Final = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_POINTS: Final = re.compile(r"([+-]?[1-9][0-9]{0,2}(?:\.[0-9]{3})+)(,[0-9]*)?")
_COMMAS: Final = re.compile(r"([+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+)(\.[0-9]*)?")
"""Thousands set apart by points (and a decimal comma), by commas (and a decimal point)."""
_LARGEST: Final = 10**16
"""Of a figure: the country's product in đồng. Sums of what is larger would not fit a column of whole numbers."""
_LONGEST_NUMBER: Final = 40
MOST_LISTED_ROWS: Final = 15_000
"""Rows of a table of Vietnamese communes: half as many again as were ever listed, for totals and notes among them."""
_FLOAT_CODE: Final = re.compile(r"([0-9]+)\.0+")


@dataclass(frozen=True)
class ConversionRequest:
    """What to convert and how. Column names are the table's; empty where it has none.

    `sums`: counts, added up. `means`: rates, averaged with the people in `weight`. `province`: the province of every
    row, where no column says it. `partial`: keep sums of units of which the table holds only some parts.
    """

    source: Vintage
    target: Vintage
    code: str = ""
    name: str = ""
    province_column: str = ""
    province: str = ""
    district: str = ""
    code_width: int = 0
    sums: tuple[str, ...] = ()
    means: tuple[str, ...] = ()
    weight: str = ""
    decimal: Decimal = Decimal.UNSAID
    partial: bool = False

    def __post_init__(self) -> None:
        if not (self.code or self.name):
            raise CallError("name the column with the units: --code-column, --name-column or both")
        if self.means and not self.weight:
            raise CallError("rates are averaged by people: name the column that holds them with --weight")
        if self.weight and not self.means:
            raise CallError("--weight is for --mean; a column of people to be added up goes in --sum")
        twice = sorted(set(self.sums) & set(self.means))
        if twice:
            raise CallError(
                f"column {', '.join(twice)} is in --sum and in --mean; a figure is a count or a rate"
            )
        listed = self.source is not Vintage.OTHER
        if listed and self.name and not self.code and not (self.province_column or self.province):
            raise CallError(
                "names are looked up inside a province: give --province-column, or --province for all rows"
            )

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the table that are used."""
        named = (
            self.code,
            self.name,
            self.province_column,
            self.district,
            *self.sums,
            *self.means,
            self.weight,
        )
        return tuple(dict.fromkeys(column for column in named if column))


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table: its number from 1, the unit it means and its figures, None where the cell is blank."""

    number: int
    given: GivenUnit
    match: Match
    values: Mapping[str, Number | None]


def given_units(table: pd.DataFrame, request: ConversionRequest, *, source: str) -> list[GivenUnit]:
    """What each row says of its unit; raises `InputError` for columns the table does not have, and for far too many rows."""
    if request.source in VIETNAMESE_VINTAGES and len(table) > MOST_LISTED_ROWS:
        raise InputError(
            f"{source}: {len(table):,} rows; wanted each commune of {request.source} once, so at most {MOST_LISTED_ROWS:,}: "
            "give a table with several rows per unit (years, operators) one part at a time"
        )
    missing = [name for name in request.columns if name not in table.columns]
    if missing:
        raise InputError(
            f"{source}: no column {', '.join(missing)}; it has {', '.join(map(str, table.columns))}: name the right one"
        )
    blank = [""] * len(table)
    codes = [_code(cell, request.code_width) for cell in table[request.code]] if request.code else blank
    names = [clean_name(cell) for cell in table[request.name]] if request.name else blank
    provinces = (
        [clean_name(cell) for cell in table[request.province_column]] if request.province_column else blank
    )
    districts = [clean_name(cell) for cell in table[request.district]] if request.district else blank
    return [
        GivenUnit(code, name, province or request.province, district)
        for code, name, province, district in zip(codes, names, provinces, districts, strict=True)
    ]


def _code(cell: Any, width: int) -> str:
    text = clean_name(cell)
    whole = _FLOAT_CODE.fullmatch(text)
    text = whole[1] if whole else text
    return text.zfill(width) if width and text.isdecimal() else text


def match_rows(
    table: pd.DataFrame,
    given: list[GivenUnit],
    request: ConversionRequest,
    *,
    source: str,
) -> list[Row]:
    """Every row with its unit (`match_unit` in the request's list) and its figures.

    Raises `InputError` for a figure that is no number and a unit named twice.
    """
    used = dict.fromkeys(name for name in (*request.sums, *request.means, request.weight) if name)
    numbers = {
        name: _numbers(table[name].tolist(), f"{source}: column {name!r}", request.decimal) for name in used
    }
    for row, weight in enumerate(numbers.get(request.weight, ()), start=1):
        if weight is not None and weight < 0:
            raise InputError(
                f"{source}: data row {row}, column {request.weight!r} holds {weight}; wanted people, 0 or more"
            )
    rows = [
        Row(
            number + 1,
            unit,
            match_unit(unit, request.source),
            {name: cells[number] for name, cells in numbers.items()},
        )
        for number, unit in enumerate(given)
    ]
    _require_once(rows, source)
    return rows


def _numbers(cells: list[str | float], where: str, decimal: Decimal) -> list[Number | None]:
    """A column's numbers; one that can only have decimal points (12.34) settles what 1.234 means in the others."""
    if decimal is Decimal.UNSAID and any(
        _shows_point(str(cell).strip()) for cell in cells if isinstance(cell, str)
    ):
        decimal = Decimal.POINT
    return [
        parse_number(cell, f"{where}, data row {row}", decimal=decimal)
        for row, cell in enumerate(cells, start=1)
    ]


def _shows_point(text: str) -> bool:
    return "." in text and _DECIMAL.fullmatch(text) is not None and _POINTS.fullmatch(text) is None


def parse_number(cell: str | float, where: str, *, decimal: Decimal) -> Number | None:
    """The number in a cell, None when it is blank; raises `InputError` rather than guess what 1.234 or 1,5 means."""
    if isinstance(cell, float) and abs(cell) <= _LARGEST:
        return cell
    text = str(cell).strip()
    if not text:
        return None
    plain = _with_point(text, decimal)
    if len(plain) <= _LONGEST_NUMBER:
        if _INTEGER.fullmatch(plain) and abs(int(plain)) <= _LARGEST:
            return int(plain)
        if _DECIMAL.fullmatch(plain) and abs(float(plain)) <= _LARGEST:
            return float(plain)
    if text.endswith("%"):
        raise InputError(
            f"{where} holds {text!r:.60}; wanted a number without a percent sign: 5 or 0.05 may be meant. "
            "Format the cells as numbers and look at what they then hold, and say their unit apart"
        )
    raise InputError(
        f"{where} holds {text!r:.60}; wanted a number (up to {_LARGEST:g}) without signs between thousands, or nothing where it is not known. "
        "If points and commas have a meaning, say it: --decimal point (1,234.5) or --decimal comma (1.234,5)"
    )


def _with_point(text: str, decimal: Decimal) -> str:
    """The number with a decimal point and no thousands set apart; empty when what is said does not settle it."""
    if decimal is Decimal.UNSAID:
        return "" if "," in text or _POINTS.fullmatch(text) else text
    thousands, mark, other = (_COMMAS, ".", ",") if decimal is Decimal.POINT else (_POINTS, ",", ".")
    if thousands.fullmatch(text):
        text = text.replace(other, "")
    return "" if other in text else text.replace(mark, ".")


def _require_once(rows: list[Row], source: str) -> None:
    seen: dict[str, int] = {}
    for row in rows:
        if row.match.unit is None:
            continue
        first = seen.setdefault(row.match.unit.code, row.number)
        if first != row.number:
            raise InputError(
                f"{source}: data rows {first} and {row.number} are both {row.match.unit.label}; wanted each unit once: "
                "delete the copy, or give a table with several rows per unit (years, operators) one part at a time"
            )
