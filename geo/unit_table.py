"""The one reader of tables without outlines (figures per unit, points with coordinates): CSV, XLSX, parquet → text cells."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from geo.errors import InputError
from geo.mends import NO_MENDS, Mends, name_rows
from geo.quality import Finding, Severity
from geo.sayings import some
from geo.table_text import decode_text, read_rows
from geo.table_xlsx import read_xlsx

TABLE_SUFFIXES: Final = (".csv", ".xlsx", ".parquet")
MOST_ROWS: Final = 200_000
MOST_BYTES: Final = 100 * 2**20
MOST_COLUMNS: Final = 1_000
"""Limits of a table of units (20 rows per commune of the country, 100 MiB, unpacked too): more is not such a table."""


@dataclass(frozen=True)
class Table:
    """Cells by column name, the number of each row below the header (blank rows counted), and what was noted on reading."""

    frame: pd.DataFrame
    rows: tuple[int, ...]
    findings: tuple[Finding, ...] = ()


def read_table(path: Path, *, sheet: str = "", mends: Mends = NO_MENDS) -> pd.DataFrame:
    """Cells as text, empty where blank, fractions as numbers where the format has numbers; blank rows left out.

    Raises `InputError` naming the file and, where there is one, the row.
    """
    return open_table(path, sheet=sheet, mends=mends).frame


def read_table_parts(path: Path, *, sheet: str = "", mends: Mends = NO_MENDS) -> tuple[Any, ...]:
    """`open_table` as frames and findings: cells, the rows' numbers as a column `row`, notes."""
    table = open_table(path, sheet=sheet, mends=mends)
    return table.frame, pd.DataFrame({"row": table.rows}), list(table.findings)


def open_table(path: Path, *, sheet: str = "", mends: Mends = NO_MENDS) -> Table:
    """`read_table` with the rows' numbers and notes: encoding, separator, blank rows."""
    require_file(path, MOST_BYTES)
    suffix = path.suffix.lower()
    if suffix not in TABLE_SUFFIXES:
        raise InputError(
            f"{path.name}: ending {suffix or 'none'!r} is not a table read here; wanted one of {', '.join(TABLE_SUFFIXES)}: save it as one of these"
        )
    if suffix == ".csv":
        text, notes = decode_text(path.read_bytes(), path.name, mends)
        rows, more = read_rows(text, path.name, mends)
        return _table(rows, path.name, [*notes, *more])
    if suffix == ".parquet":
        return _table(_read_parquet(path), path.name, [])
    cells, notes = read_xlsx(path, sheet, most_rows=MOST_ROWS, most_bytes=MOST_BYTES)
    return _table(cells, path.name, notes)


def require_file(path: Path, most_bytes: int) -> None:
    """Raise `InputError` unless there is a file of 1 to `most_bytes` bytes."""
    if not path.is_file():
        raise InputError(f"{path}: no such file; check the name and give the path of an existing file")
    if not 0 < path.stat().st_size <= most_bytes:
        raise InputError(
            f"{path.name}: {path.stat().st_size} bytes; wanted a table of 1 to {most_bytes} bytes: export it again, or in parts"
        )


def _table(given: Iterable[Sequence[Any]], source: str, notes: list[Finding]) -> Table:
    header: list[str] | None = None
    body, numbers, blank, ragged = [], [], [], []
    for number, row in enumerate(given):
        cells = [_cell(cell) for cell in row]
        if header is None:
            if any(cells):
                header, first = _header(cells, source), number
        elif not any(cells):
            blank.append(number - first)
        else:
            if any(cells[len(header) :]) or len(cells) < len(header):
                ragged.append((number - first, len(cells)))
            body.append(cells[: len(header)])
            numbers.append(number - first)
        _require_few(body, source)
    if header is None or not body:
        raise InputError(f"{source}: no rows below the header; wanted column names and, below them, the rows")
    _require_even(ragged, len(header), source)
    blank = [number for number in blank if number < numbers[-1]]
    if blank:
        text = f"{len(blank)} blank rows ({name_rows(blank)})"
        values = {"count": len(blank), "rows": some(blank, 5)}
        notes = [
            *notes,
            Finding(Severity.NOTE, "blank_rows", text, file=source, done="left out", values=values),
        ]
    return Table(pd.DataFrame(body, columns=header, dtype=object), tuple(numbers), tuple(notes))


def _header(cells: list[str | float], source: str) -> list[str]:
    header = [str(cell) for cell in cells]
    while header and not header[-1]:
        header.pop()
    if len(header) > MOST_COLUMNS:
        raise InputError(
            f"{source}: {len(header)} columns; wanted at most {MOST_COLUMNS}: keep those that are used"
        )
    _require_header(header, source)
    return header


def _require_few(body: Sequence[Any], source: str) -> None:
    if len(body) > MOST_ROWS:
        raise InputError(
            f"{source}: more than {MOST_ROWS:,} rows, the most of a table that is read here: give it in parts"
        )


def _require_even(ragged: Sequence[tuple[int, int]], width: int, source: str) -> None:
    if ragged:
        row, cells = ragged[0]
        more = (
            f"; so have {name_rows([number for number, _ in ragged[1:]])} other numbers" if ragged[1:] else ""
        )
        raise InputError(
            f"{source}: data row {row} has {cells} cells, the header {width}{more}; quote cells that hold the separator "
            "(a decimal comma is one in a file separated by commas), and delete what stands above the column names"
        )


def _require_header(header: list[str], source: str) -> None:
    if not all(header):
        raise InputError(
            f"{source}: column {header.index('') + 1} has no name; name every column in the first row"
        )
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise InputError(
            f"{source}: column {', '.join(twice)} stands more than once; give every column a name of its own"
        )


def _cell(cell: Any) -> str | float:
    """A cell as text (whole numbers without a decimal point, dates in ISO 8601), or the fraction that it is."""
    if type(cell) is str:
        return cell.strip()
    if cell is None or cell is pd.NA or (isinstance(cell, float) and math.isnan(cell)):
        return ""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else cell
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    return str(cell).strip()


def _read_parquet(path: Path) -> list[list[Any]]:
    try:
        with pq.ParquetFile(path) as file:
            about = file.metadata
            sizes = [about.row_group(number).total_byte_size for number in range(about.num_row_groups)]
            if about.num_rows > MOST_ROWS or sum(sizes) > MOST_BYTES:
                raise InputError(
                    f"{path.name}: {about.num_rows} rows in {sum(sizes)} bytes unpacked; wanted at most {MOST_ROWS} rows in {MOST_BYTES}"
                )
            table = file.read(columns=[name for name in file.schema_arrow.names if name != "geometry"])
            columns = [column.to_pylist() for column in table.columns]
    except (pa.ArrowException, OSError, ValueError) as fault:
        raise InputError(f"{path.name}: not a parquet file ({fault}); export it again") from fault
    return [table.column_names, *map(list, zip(*columns, strict=True))]
