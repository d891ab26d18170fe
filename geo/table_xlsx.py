"""A sheet of an XLSX workbook → its cells; what a spreadsheet shows otherwise than it stores it is said, never guessed.

Called by `geo.unit_table`, in a confined process where the file is from outside.
"""

import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

from geo.errors import InputError
from geo.quality import Finding, Severity, listed
from geo.sayings import some

_LOOKED_AT: Final = 20
"""Rows of a sheet that are looked at for whether it is blank, or a cover page."""
_XLSX_FAULTS: Final = (
    BadZipFile, ParseError, zlib.error, EOFError, OSError, RuntimeError, LookupError, ValueError, TypeError, AttributeError,
)  # fmt: skip
"""What openpyxl raises on a damaged, foreign or encrypted workbook; it has no error of its own for them."""
_MEND: Final = "name the one meant with --sheet (of a proposal with --layer), or put it first"
_LITERAL: Final = re.compile(r'"[^"]*"|\\.')
"""What a number format shows as it stands: a percent sign in quotes multiplies nothing."""


def read_xlsx(
    path: Path, sheet: str, *, most_rows: int, most_bytes: int
) -> tuple[list[list[Any]], list[Finding]]:
    """The cells of a sheet, the first by default; which one that is, is noted where the workbook has several.

    Raises `InputError` where the first is hidden or a cover page and others are not, and for a formula without its result.
    A number that is shown as a percentage comes as that text (`5%`): whoever wants a number must say of what.
    """
    with _opened(path, most_bytes) as (stream, archive, book):
        chosen, notes = _choose_sheet(book, sheet, path.name)
        cells = [list(row) for row in chosen.iter_rows(max_row=most_rows + 2)]
        _require_results(stream, archive, chosen.title, cells, path.name)
    rows = [[_value(cell) for cell in row] for row in cells]
    width = max((len(row) for row in rows), default=0)
    if notes and not any(cell is not None for row in rows[1:] for cell in row):
        raise InputError(
            f"{path.name}: {notes[0].message}, and it has no rows below the header; {notes[0].mend}"
        )
    return [row + [None] * (width - len(row)) for row in rows], notes


def sheet_names(path: Path, *, most_bytes: int) -> tuple[list[str], bool]:
    """The sheets that can be seen and hold something, and whether the first sheet of the workbook is none of them."""
    with _opened(path, most_bytes) as (_, _, book):
        sheets = book.worksheets
        names = [str(one.title) for one in sheets if one.sheet_state == "visible" and _width(one)]
        return names, not sheets or str(sheets[0].title) not in names


@contextmanager
def _opened(path: Path, most_bytes: int) -> Iterator[tuple[IO[bytes], ZipFile, Any]]:
    """The file, its archive and its workbook; what openpyxl says of one that is none becomes an `InputError`."""
    # slow to import and wanted for this format only
    from openpyxl import load_workbook

    try:
        # opened here, because openpyxl leaves the files open that it cannot read
        with path.open("rb") as stream, ZipFile(stream) as archive:
            _require_small(archive, path.name, most_bytes)
            book = load_workbook(stream, read_only=True, data_only=True)
            yield stream, archive, book
            book.close()
    except _XLSX_FAULTS as fault:
        raise InputError(
            f"{path.name}: not an XLSX workbook ({fault}); save it again, or as CSV UTF-8"
        ) from fault


def _require_small(archive: ZipFile, source: str, most_bytes: int) -> None:
    unpacked = sum(member.file_size for member in archive.infolist())
    if unpacked > most_bytes:
        raise InputError(
            f"{source}: unpacks to {unpacked} bytes; wanted at most {most_bytes}: save it as CSV UTF-8"
        )


def _choose_sheet(book: Any, sheet: str, source: str) -> tuple[Any, list[Finding]]:
    if sheet:
        if sheet not in book.sheetnames:
            raise InputError(
                f"{source}: no sheet {sheet!r}; it has {', '.join(book.sheetnames)}: name one with --sheet"
            )
        return book[sheet], []
    first, *others = book.worksheets
    others = [one for one in others if _width(one)]
    shown = [one for one in others if one.sheet_state == "visible"]
    tables = [one for one in shown if _width(one) > 1]
    if shown and first.sheet_state != "visible":
        raise InputError(
            f"{source}: the first sheet, {first.title!r}, is hidden; {_named(shown)} can be seen: {_MEND}"
        )
    if tables and _width(first) == 1:
        raise InputError(
            f"{source}: the first sheet, {first.title!r}, has one column, as a cover page has, and {_named(tables)} more: {_MEND}"
        )
    return first, _sheet_notes(first, others, source)


def _width(sheet: Any) -> int:
    """The most cells in use in one of the first rows; 0 of a blank sheet, which a new workbook has."""
    rows = sheet.iter_rows(max_row=_LOOKED_AT, values_only=True)
    return max((sum(cell is not None for cell in row) for row in rows), default=0)


def _named(sheets: Sequence[Any]) -> str:
    return listed([repr(one.title) for one in sheets], _LOOKED_AT)


def _sheet_notes(first: Any, others: Sequence[Any], source: str) -> list[Finding]:
    """A note where another sheet than the first holds something too."""
    if not others:
        return []
    message = f"the first sheet, {first.title!r}, was read, not {_named(others)}"
    values = {"sheet": str(first.title), "others": some([one.title for one in others], _LOOKED_AT)}
    done = "first sheet read"
    return [Finding(Severity.NOTE, "sheet", message, file=source, done=done, mend=_MEND, values=values)]


@contextmanager
def naming_sheet(findings: Sequence[Finding]) -> Iterator[None]:
    """Add to an `InputError` which sheet was read, where nobody had said which: the fault may be that it is not the one."""
    try:
        yield
    except InputError as fault:
        note = next((one for one in findings if one.code == "sheet"), None)
        if note is None:
            raise
        raise type(fault)(f"{fault} ({note.message}; {note.mend})") from fault


def _value(cell: Any) -> Any:
    value = cell.value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    shown_as = _LITERAL.sub("", cell.number_format or "")
    return f"{value * 100:.12g}%" if "%" in shown_as else value


def _require_results(
    stream: IO[bytes], archive: ZipFile, title: str, cells: list[list[Any]], source: str
) -> None:
    """Raise `InputError` for formulas whose results were never stored: their cells would pass for blank ones."""
    from openpyxl import load_workbook

    sheets = [
        name for name in archive.namelist() if name.startswith("xl/worksheets/") and name.endswith(".xml")
    ]
    if not any(b"<f" in archive.read(name) for name in sheets):
        return
    blank = {
        (cell.row, cell.column): cell.coordinate
        for row in cells
        for cell in row
        # the stored result of a formula may be an empty text, which says so itself
        if cell.value is None and cell.data_type == "n" and hasattr(cell, "row")
    }
    if not blank:
        return
    book = load_workbook(stream, read_only=True)
    lost = [
        (blank[cell.row, cell.column], cell.value)
        for row in book[title].iter_rows(max_row=len(cells))
        for cell in row
        if cell.data_type == "f" and (cell.row, cell.column) in blank
    ]
    book.close()
    if lost:
        place, formula = lost[0]
        raise InputError(
            f"{source}: cell {place} holds the formula {str(formula)!r:.60} without its result ({len(lost)} such); "
            "open it in a spreadsheet program and save it again, or save it as CSV UTF-8"
        )
