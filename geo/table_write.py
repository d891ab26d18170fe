"""Tables of figures per unit as CSV, XLSX and parquet, written whole or not at all."""

import csv
import io
from pathlib import Path
from typing import Any, Final

import pandas as pd

from geo.errors import InputError
from geo.export_csv import guard
from geo.export_xlsx import escape
from geo.files import write_atomically
from geo.unit_table import TABLE_SUFFIXES

_MEASURED: Final = 200
_WIDEST: Final = 40
"""Columns of a workbook are as wide as the texts of this many lines, and no wider than so many letters."""


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
    encoders = {".csv": encode_csv, ".xlsx": encode_xlsx, ".parquet": _encode_parquet}
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


def encode_xlsx(table: pd.DataFrame) -> bytes:
    """One sheet with a fixed header; numbers as numbers, text as text whatever it begins with."""
    # slow to import and wanted for this format only
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet("units")
    sheet.freeze_panes = "A2"
    lines = [list(map(str, table.columns)), *_rows(table)]
    for place in range(len(lines[0])):
        longest = max(len(str(line[place])) for line in lines[:_MEASURED])
        sheet.column_dimensions[get_column_letter(place + 1)].width = min(longest, _WIDEST) + 2
    for row in lines:
        # a control character that a publisher left in a text is none that XML could carry
        plain = [escape(cell) if isinstance(cell, str) else cell for cell in row]
        cells = [WriteOnlyCell(sheet, value=cell) for cell in plain]
        for cell, value in zip(cells, row, strict=True):
            if isinstance(value, str):
                cell.data_type = "s"  # text stays text: = at its start makes no formula
        sheet.append(cells)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
