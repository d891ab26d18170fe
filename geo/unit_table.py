"""Tables of figures per unit: CSV, XLSX and parquet as text cells, and the same formats written whole or not at all."""

import csv
import io
import math
import zlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from geo.errors import InputError
from geo.export_csv import guard
from geo.files import write_atomically

TABLE_SUFFIXES: Final = (".csv", ".xlsx", ".parquet")
MOST_ROWS: Final = 200_000
MOST_BYTES: Final = 100 * 2**20
"""Limits of a table of units (20 rows per commune of the country, 100 MiB, unpacked too): more is not such a table."""

_XLSX_FAULTS: Final = (
    BadZipFile, ParseError, zlib.error, EOFError, OSError, RuntimeError, LookupError, ValueError, TypeError, AttributeError,
)  # fmt: skip
"""What openpyxl raises on a damaged, foreign or encrypted workbook; it has no error of its own for them."""


def read_table(path: Path, *, sheet: str = "") -> pd.DataFrame:
    """Cells as text, empty where blank, fractions as numbers where the format has numbers; blank rows left out.

    Raises `InputError` naming the file and, where there is one, the row.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file; check the name and give the path of an existing file")
    if not 0 < path.stat().st_size <= MOST_BYTES:
        raise InputError(
            f"{path.name}: {path.stat().st_size} bytes; wanted a table of 1 to {MOST_BYTES} bytes: export it again, or in parts"
        )
    suffix = path.suffix.lower()
    if suffix not in TABLE_SUFFIXES:
        raise InputError(
            f"{path.name}: ending {suffix or 'none'!r} is not a table read here; wanted one of {', '.join(TABLE_SUFFIXES)}"
        )
    readers = {".csv": _read_csv, ".parquet": _read_parquet}
    rows = _read_xlsx(path, sheet) if suffix == ".xlsx" else readers[suffix](path)
    return _table(rows, path.name)


def _table(rows: Iterable[Sequence[Any]], source: str) -> pd.DataFrame:
    filled = [cells for cells in ([_cell(cell) for cell in row] for row in rows) if any(cells)]
    if len(filled) < 2:
        raise InputError(f"{source}: no rows below the header; wanted column names and one row per unit")
    header, body = [str(cell) for cell in filled[0]], filled[1:]
    if len(body) > MOST_ROWS:
        raise InputError(
            f"{source}: {len(body)} rows; a table of units has at most {MOST_ROWS}: give it in parts"
        )
    while header and not header[-1]:
        header.pop()
    _require_header(header, source)
    for number, cells in enumerate(body, start=1):
        if any(cells[len(header) :]) or len(cells) < len(header):
            raise InputError(
                f"{source}: data row {number} has {len(cells)} cells, the header {len(header)}; quote cells that hold the separator"
            )
    return pd.DataFrame([cells[: len(header)] for cells in body], columns=header, dtype=object)


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
    if cell is None or cell is pd.NA or (isinstance(cell, float) and math.isnan(cell)):
        return ""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else cell
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    return str(cell).strip()


def _read_csv(path: Path) -> list[list[str]]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise InputError(
            f"{path.name}: not UTF-8 text (byte {fault.start}); save it as 'CSV UTF-8', else Vietnamese letters are lost"
        ) from fault
    header = text.lstrip().split("\n", 1)[0]
    separator = max(",;\t", key=header.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as fault:
        raise InputError(
            f"{path.name}: not a CSV file ({fault}); export it again with cells quoted"
        ) from fault


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


def _read_xlsx(path: Path, sheet: str) -> list[list[Any]]:
    # slow to import and wanted for this format only
    from openpyxl import load_workbook

    try:
        # opened here, because openpyxl leaves the files open that it cannot read
        with path.open("rb") as stream, ZipFile(stream) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
            if unpacked > MOST_BYTES:
                raise InputError(
                    f"{path.name}: unpacks to {unpacked} bytes; wanted at most {MOST_BYTES}: save it as CSV UTF-8"
                )
            book = load_workbook(stream, read_only=True, data_only=True)
            if sheet and sheet not in book.sheetnames:
                raise InputError(
                    f"{path.name}: no sheet {sheet!r}; it has {', '.join(book.sheetnames)}: name one with --sheet"
                )
            chosen = book[sheet] if sheet else book.worksheets[0]
            rows = [list(row) for row in chosen.iter_rows(max_row=MOST_ROWS + 2, values_only=True)]
            book.close()
    except _XLSX_FAULTS as fault:
        raise InputError(
            f"{path.name}: not an XLSX workbook ({fault}); save it again, or as CSV UTF-8"
        ) from fault
    width = max((len(row) for row in rows), default=0)
    return [row + [None] * (width - len(row)) for row in rows]


def require_writable(path: Path) -> None:
    """Raise `InputError` unless the ending is one that `write_table` writes."""
    if path.suffix.lower() not in TABLE_SUFFIXES:
        raise InputError(
            f"{path.name}: cannot write {path.suffix or 'no ending'!r}; wanted one of {', '.join(TABLE_SUFFIXES)}"
        )


def write_table(path: Path, table: pd.DataFrame) -> None:
    """The table in the format of the file's ending; the file is there whole or not at all."""
    require_writable(path)
    suffix = path.suffix.lower()
    encoders = {".csv": encode_csv, ".xlsx": _encode_xlsx, ".parquet": _encode_parquet}
    write_atomically(path, encoders[suffix](table))


def encode_csv(table: pd.DataFrame) -> bytes:
    """UTF-8 with byte order mark, CR LF, no cell that a spreadsheet could run."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([guard(str(name)) for name in table.columns])
    for row in _rows(table):
        writer.writerow(
            ["" if cell is None else guard(cell) if isinstance(cell, str) else cell for cell in row]
        )
    return b"\xef\xbb\xbf" + stream.getvalue().encode("utf-8")


def _rows(table: pd.DataFrame) -> list[list[Any]]:
    columns = [[None if pd.isna(cell) else cell for cell in table[name].tolist()] for name in table.columns]
    return [list(row) for row in zip(*columns, strict=True)]


def _encode_parquet(table: pd.DataFrame) -> bytes:
    stream = io.BytesIO()
    table.to_parquet(stream, index=False)
    return stream.getvalue()


def _encode_xlsx(table: pd.DataFrame) -> bytes:
    # slow to import and wanted for this format only
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet("units")
    for row in [list(map(str, table.columns)), *_rows(table)]:
        cells = [WriteOnlyCell(sheet, value=cell) for cell in row]
        for cell, value in zip(cells, row, strict=True):
            if isinstance(value, str):
                cell.data_type = "s"  # text stays text: = at its start makes no formula
        sheet.append(cells)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
