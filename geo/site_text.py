"""A file of cells → text cells by column: plain, gzip or zip, OpenCelliD with and without header, or a list of sites.

OpenCelliD's columns: wiki.opencellid.org/wiki/Menu_map_view#database; a country file has no header, the full dump has
one, and an error text can stand in place of the file. Site lists: the ITU/Giga cell-site columns (DESIGN §7).
"""

import io
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from zipfile import ZipFile

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from geo.archive import ZIP_FAULTS
from geo.errors import InputError
from geo.mends import Mends
from geo.quality import Finding
from geo.schema import Technology
from geo.sources import opencellid
from geo.table_text import decode_text, quote_fault, separator_of, takes_in_rows
from geo.unit_table import MOST_COLUMNS, require_file

OPENCELLID: Final = "opencellid"
SITE_LIST: Final = "site list"
MOST_BYTES: Final = 150 * 2**20
"""Of the file and of its text: some two million cells, several times what OpenCelliD has of Vietnam."""
SITE_COLUMNS: Final = ("lat", "lon", "radio_type")
RADIOS: Final = {
    "GSM": Technology.G2, "UMTS": Technology.G3, "CDMA": Technology.G3, "LTE": Technology.G4, "NR": Technology.G5,
    **{str(technology): technology for technology in Technology},
}  # fmt: skip
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"


@dataclass(frozen=True)
class SiteText:
    """Text cells of a file of cells: which layout, the number of each row below the header, rows of another width."""

    layout: str
    frame: pd.DataFrame
    rows: npt.NDArray[np.int_]
    ragged: tuple[int, ...]
    ragged_cells: tuple[int, ...]
    findings: tuple[Finding, ...]


def read_site_text(path: Path, source: str, mends: Mends) -> SiteText:
    """Every row of the file as text; raises `InputError` where it is none of the two layouts."""
    require_file(path, MOST_BYTES)
    raw = _unpacked(path, source)
    for word, meaning in opencellid.ERROR_TEXTS.items():
        if word in raw[:1000]:
            raise InputError(f"{source}: the file is OpenCelliD's answer, not its data: {meaning}")
    text, notes = decode_text(raw, source, mends)
    separator, more = separator_of(text, source, mends)
    layout, names = _layout(text, separator, source)
    return _parse(text, separator, layout, names, source, (*notes, *more))


def _unpacked(path: Path, source: str) -> bytes:
    """The text's bytes, out of a gzip, or out of a zip with one file in it (which may be a gzip)."""
    raw = path.read_bytes()
    if raw.startswith(_ZIP):
        raw = _member(raw, source)
    if not raw.startswith(_GZIP):
        return raw
    unpack = zlib.decompressobj(wbits=31)
    try:
        text = unpack.decompress(raw, MOST_BYTES + 1)
    except zlib.error as fault:
        raise InputError(f"{source}: not a whole gzip ({fault}); fetch it again") from fault
    _require_small(len(text), source)
    if not unpack.eof:
        raise InputError(f"{source}: the gzip is cut off; fetch it again")
    return text


def _member(raw: bytes, source: str) -> bytes:
    try:
        with ZipFile(io.BytesIO(raw)) as archive:
            names = [name for name in archive.namelist() if not name.endswith("/")]
            if len(names) != 1:
                raise InputError(
                    f"{source}: the zip holds {len(names)} files; wanted one CSV file of cells in it"
                )
            with archive.open(names[0]) as stream:
                text = stream.read(MOST_BYTES + 1)
    except ZIP_FAULTS as fault:
        raise InputError(f"{source}: not a zip that can be opened ({fault}); pack it again") from fault
    _require_small(len(text), source)
    return text


def _require_small(size: int, source: str) -> None:
    if size > MOST_BYTES:
        raise InputError(
            f"{source}: unpacks to more than {MOST_BYTES} bytes; wanted the cells of one country: give its file, or a part of it"
        )


def _layout(text: str, separator: str, source: str) -> tuple[str, list[str] | None]:
    """Which layout the first line shows, and the columns' names where the file has no header."""
    cells = _header(text, separator)
    if len(cells) > MOST_COLUMNS:
        raise InputError(f"{source}: {len(cells)} columns; wanted a list of cells")
    if set(opencellid.COLUMNS) <= set(cells):
        return OPENCELLID, None
    if len(cells) == len(opencellid.COLUMNS) and cells[0].isalpha() and cells[1].isdecimal():
        return OPENCELLID, list(opencellid.COLUMNS)
    if set(SITE_COLUMNS) <= set(cells):
        return SITE_LIST, None
    seen = _first_line(text)[:80]
    raise InputError(
        f"{source}: its first row is {seen!r}; wanted OpenCelliD's {len(opencellid.COLUMNS)} columns ({', '.join(opencellid.COLUMNS[:4])} …), "
        f"or a list of sites with the columns {', '.join(SITE_COLUMNS)} (ITU/Giga cell sites)"
    )


def _parse(
    text: str, separator: str, layout: str, names: list[str] | None, source: str, notes: tuple[Finding, ...]
) -> SiteText:
    ragged: list[tuple[int, int]] = []
    swallowed: list[int] = []
    first = 1 if names else 2

    def set_aside(row: Any) -> str:
        number, blank = row.number - first + 1, not row.text.strip()
        ragged.append((number, 0 if blank else row.actual_columns))
        if '"' in row.text and not blank and len(row.text.splitlines()) > 1:
            swallowed.append(number)
        return "skip"

    read = arrow_csv.ReadOptions(column_names=names, use_threads=False)
    parse = arrow_csv.ParseOptions(
        delimiter=separator, invalid_row_handler=set_aside, newlines_in_values=True, ignore_empty_lines=False
    )
    wanted = names or _header(text, separator)
    convert = arrow_csv.ConvertOptions(
        column_types=dict.fromkeys(wanted, pa.string()), strings_can_be_null=False
    )
    try:
        table = arrow_csv.read_csv(io.BytesIO(text.encode()), read, parse, convert)
    except pa.ArrowException as fault:
        raise InputError(f"{source}: not a CSV file of cells ({fault}); export it again") from fault
    if len(set(table.column_names)) < table.num_columns:
        raise InputError(f"{source}: a column stands more than once; give every column a name of its own")
    if '"' in text:
        swallowed += _taking_in_rows(table, separator)
    if swallowed:
        raise InputError(quote_fault(source, min(swallowed)))
    return _numbered(table.to_pandas(), layout, ragged, source, notes)


def _taking_in_rows(table: pa.Table, separator: str) -> list[int]:
    """Numbers of rows with a cell in which other rows stand, counted without those set aside."""
    found = []
    for column in table.columns:
        places = np.flatnonzero(pc.match_substring_regex(column, "[\r\n]").to_numpy())
        cells = column.take(pa.array(places)).to_pylist()
        found += [
            int(place) + 1
            for place, cell in zip(places, cells, strict=True)
            if takes_in_rows(cell, separator, table.num_columns)
        ]
    return found


def _header(text: str, separator: str) -> list[str]:
    return [cell.strip().strip('"') for cell in _first_line(text).split(separator)]


def _first_line(text: str) -> str:
    """The first line that is not blank."""
    return text.lstrip("\r\n").split("\n", 1)[0].rstrip("\r")


def _numbered(
    frame: pd.DataFrame, layout: str, ragged: list[tuple[int, int]], source: str, notes: tuple[Finding, ...]
) -> SiteText:
    """Rows with their numbers in the file: those that were set aside leave gaps, blank ones are left out."""
    blank_rows = {row for row, cells in ragged if not cells}
    odd = [(row, cells) for row, cells in ragged if row not in blank_rows]
    numbers = np.setdiff1d(np.arange(1, len(frame) + len(ragged) + 1), [row for row, _ in ragged])
    empty = (frame == "").all(axis=1).to_numpy()
    if not (~empty).any():
        width = f" (row {odd[0][0]} has {odd[0][1]} cells, the header {len(frame.columns)})" if odd else ""
        raise InputError(f"{source}: no rows of cells{width}; wanted one row per cell or site")
    kept = frame[~empty].reset_index(drop=True)
    rows, cells = tuple(row for row, _ in odd), tuple(count for _, count in odd)
    return SiteText(layout, kept, numbers[~empty], rows, cells, notes)
