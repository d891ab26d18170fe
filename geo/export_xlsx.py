"""XLSX: a sheet of figures as numbers, one of what the columns mean, one of sources and method; no text runs as a formula."""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import pandas as pd

from geo.column_meanings import SAID, column_meanings
from geo.errors import ExportError
from geo.export_csv import guard
from geo.export_rows import Deliverable, Row, joined, require_rows

SHEETS: Final = ("data", "columns", "sources")
_LONGEST_CELL: Final = 32_767
_LONGEST_COLUMN: Final = 60
_MOST_KEPT: Final = 3
# Office Open XML (ECMA-376 part 1, 22.9.2.19): what XML cannot carry is _xHHHH_, and so is a text that looks like that
_ESCAPED: Final = re.compile("[\x00-\x08\x0b\x0c\x0d\x0e-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_UNESCAPED: Final = re.compile("_x([0-9A-Fa-f]{4})_")
_NOTES: Final = (
    "Numbers are numbers; a cell that is empty is not known, never zero.",
    "A text that begins like a formula is marked as text and stays text. / Ô chữ giống công thức được đánh dấu là văn bản.",
    "Lists of codes are joined by a semicolon and a space.",
)
# how a figure shows, by its unit; the cell holds it in full
_LOOKS: Final = {
    "people": "#,##0", "0-1": "0.0%", "Mbps": "0.0", "Mbps per year": "0.0", "ms": "0", "km": "#,##0.0", "km²": "#,##0.0",
    "allocated count": "#,##0", "0-100": "0.0",
}  # fmt: skip
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The first moment a ZIP archive knows: the same figures give the same bytes whenever they are written."""


def flattened(deliverable: Deliverable) -> Deliverable:
    """Without shapes (places become two columns); how to read the workbook is said in its metadata."""
    frame = deliverable.frame
    if deliverable.layer == "places":
        frame = frame.assign(longitude=frame.geometry.x, latitude=frame.geometry.y)
    table = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    rules = deliverable.metadata["method"]["rules"]
    meanings = column_meanings(deliverable.layer, table.columns, rules)
    metadata = {**deliverable.metadata, "columns": meanings, "reading": list(_NOTES)}
    return replace(deliverable, frame=table, metadata=metadata)


def encode(deliverable: Deliverable) -> bytes:
    """The bytes of the workbook, the same each time; the deliverable must have been `flattened`."""
    # slow to import and wanted for this format only
    from openpyxl import Workbook

    names = deliverable.names
    sheets: tuple[tuple[str, list[list[Any]]], ...] = (
        ("data", [names, *([row[name] for name in names] for row in deliverable.rows())]),
        ("columns", _column_lines(deliverable.metadata)),
        ("sources", [["what", "text"], *_source_lines(deliverable.metadata)]),
    )
    _require_room(sheets)
    book = Workbook(write_only=True)
    units = {column["name"]: str(column["unit"]) for column in deliverable.metadata["columns"]}
    looks = [_LOOKS.get(units.get(name, ""), "General") for name in names]
    for title, lines in sheets:
        is_data = title == SHEETS[0]
        fill_sheet(
            book.create_sheet(title), lines, looks if is_data else (), kept=_kept(names) if is_data else 0
        )
    book.properties.creator = f"Vùng Lõm {deliverable.metadata['vunglom_version']}"
    book.properties.title = escape(f"{deliverable.metadata['workspace']}: {deliverable.layer}")
    stream = io.BytesIO()
    book.save(stream)
    return _without_clock(stream.getvalue())


def _require_room(sheets: Sequence[tuple[str, Sequence[Sequence[Any]]]]) -> None:
    """Raise `ExportError` for a text that openpyxl would cut without a word."""
    for value in (value for _, lines in sheets for line in lines for value in line):
        text = joined(value) if isinstance(value, list) else value
        if isinstance(text, str) and len(escape(text)) > _LONGEST_CELL:
            raise ExportError(
                f"a text of {len(text)} letters begins {text[:40]!r}: a cell holds {_LONGEST_CELL}; export as csv or parquet"
            )


def _column_lines(metadata: Mapping[str, Any]) -> list[list[Any]]:
    head = ["name", *SAID, "type", "unit"]
    return [head, *([column[name] for name in head] for column in metadata["columns"])]


def _source_lines(metadata: Mapping[str, Any]) -> Iterator[list[Any]]:
    """Everything of the metadata but the columns, a line each, nested names joined by a dot."""
    return (
        [name, value] for name, value in _flat("", {**metadata, "columns": None}) if value not in (None, "")
    )


def _flat(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(f"{name}.{key}" if name else str(key), inner)
    elif isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
        for number, inner in enumerate(value, start=1):
            yield from _flat(f"{name} {number}", inner)
    elif isinstance(value, list):
        yield name, " | ".join(map(str, value))
    else:
        yield name, value


def _kept(names: Sequence[str]) -> int:
    """How many columns stay in sight when the sheet is scrolled sideways: up to the name."""
    place = names.index("name") + 1 if "name" in names else 0
    return place if place <= _MOST_KEPT else 0


def fill_sheet(
    sheet: Any, lines: Sequence[Sequence[Any]], looks: Sequence[str] = (), *, kept: int = 0
) -> None:
    """Lines of plain values with a fixed, bold header and `kept` fixed columns; text never runs as a formula.

    Columns are as wide as their texts, longer texts are wrapped, figures look as `looks` says.
    """
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    sheet.freeze_panes = f"{get_column_letter(kept + 1)}2"
    for place in range(len(lines[0])):
        # a figure shows fewer digits than it has
        longest = max(len(_shown(line[place])) for line in lines[:200])
        width = min(longest, _LONGEST_COLUMN) + 2
        sheet.column_dimensions[get_column_letter(place + 1)].width = width
    for number, line in enumerate(lines):
        cells = [_cell(sheet, value) for value in line]
        if number == 0:
            for cell in cells:
                cell.font = Font(bold=True)
        else:
            for cell, look in zip(cells, looks, strict=False):
                cell.number_format = look
        for cell, value in zip(cells, line, strict=True):
            if isinstance(value, str) and len(value) > _LONGEST_COLUMN:
                cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.append(cells)
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(lines[0]))}{len(lines)}"


def _shown(value: Any) -> str:
    return f"{value:,.1f}" if isinstance(value, float) else str(value)


def _cell(sheet: Any, value: Any) -> Any:
    from openpyxl.cell import WriteOnlyCell

    value = (joined(value) if isinstance(value, list) else value) if value not in ("", []) else None
    if isinstance(value, float):
        # openpyxl writes 16 digits of a number, and a float may need 17 to be read back as itself
        cell = WriteOnlyCell(sheet, value=repr(value))
        cell.data_type = "n"
        return cell
    if not isinstance(value, str):
        return WriteOnlyCell(sheet, value=value)
    text = escape(value)
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"  # text stays text: = at its start makes no formula
    # so that it stays text when somebody edits the cell
    cell.quotePrefix = guard(value) != value
    return cell


def escape(text: str) -> str:
    """The text as a workbook can carry it; Excel shows it as it was, `unescape` gives it back."""
    return _ESCAPED.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def unescape(text: str) -> str:
    """The text that `escape` was given."""
    return _UNESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def _without_clock(content: bytes) -> bytes:
    """The archive with fixed times: openpyxl writes the moment of saving."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            member = old.read(name)
            if name == "docProps/core.xml":
                member = re.sub(rb">[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]+Z<", b">1980-01-01T00:00:00Z<", member)
            new.writestr(zipfile.ZipInfo(name, _EPOCH), member, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def check(content: bytes, deliverable: Deliverable, *, source: str) -> None:
    """Open the workbook again and raise `ExportError` unless sheets, header and every value are what was promised."""
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(content), read_only=True)
    if tuple(book.sheetnames) != SHEETS:
        raise ExportError(f"{source}: sheets were read back as {book.sheetnames}, wanted {list(SHEETS)}")
    header, *lines = map(list, book["data"].iter_rows(values_only=True))
    if [unescape(str(name)) for name in header] != deliverable.names:
        raise ExportError(f"{source}: columns were read back as {header}, wanted {deliverable.names}")
    wanted = deliverable.rows()
    found = [_read(line, row) for line, row in zip(lines, wanted, strict=False)]
    # rows too many count too
    require_rows(deliverable, [*found, *({} for _ in lines[len(wanted) :])], source=source)
    promised = [tuple(line) for line in _source_lines(deliverable.metadata)]
    said = [
        (unescape(str(name)), _read_value(cell, value))
        for (name, cell), (_, value) in zip(
            [*book["sources"].iter_rows(values_only=True)][1:], promised, strict=False
        )
    ]
    if said != promised:
        raise ExportError(f"{source}: the sources were not read back as written; nothing was kept")


def _read(line: Sequence[Any], wanted: Row) -> Row:
    padded = [*line, *[None] * (len(wanted) - len(line))]
    return {
        name: _read_value(cell, value) for cell, (name, value) in zip(padded, wanted.items(), strict=True)
    }


def _read_value(cell: Any, wanted: Any) -> Any:
    """The cell's value; the empty text and the missing one are the same empty cell."""
    if isinstance(wanted, list):
        return wanted if unescape(str(cell or "")) == joined(wanted) else cell
    if cell is None and wanted == "":
        return wanted
    return unescape(cell) if isinstance(cell, str) else cell
