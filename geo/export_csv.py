"""CSV that Excel opens with Vietnamese intact (UTF-8 with byte order mark) and that no spreadsheet can run."""

import csv
import io
import re
from dataclasses import replace
from typing import Any, Final

import pandas as pd

from geo.column_meanings import column_meanings
from geo.errors import ExportError
from geo.export_meta import CSV_NOTES, ILLUSTRATIVE_CELL, NOT_ILLUSTRATIVE_CELL
from geo.export_rows import Deliverable, Row, joined, require_rows

BOM: Final = "\ufeff"

# Spreadsheets run cells that start with = + - @ (also in full width) or with a control character that hides one.
# Where the local list separator is a semicolon, as in Vietnamese Windows, a cell also starts after each one in a text.
_START: Final = r"(?:\A|(?<=[;\t\r\n]))"
_RISKY: Final = "'*[ \u00a0]*[=+\\-@\t\r\n\0＝＋－＠]"
_GUARD: Final = re.compile(f"{_START}(?={_RISKY})")
_UNGUARD: Final = re.compile(f"{_START}'(?={_RISKY})")


def guard(text: str) -> str:
    """The text with an apostrophe wherever a spreadsheet could begin a formula; `unguard` undoes it exactly."""
    return _GUARD.sub("'", text)


def unguard(text: str) -> str:
    """The text that `guard` was given."""
    return _UNGUARD.sub("", text)


def flattened(deliverable: Deliverable) -> Deliverable:
    """Without shapes (places become two columns), with columns that say on every row whether it is illustrative, and the terms.

    A CSV has no other place for them, and is passed on without its sidecar.
    """
    frame = deliverable.frame
    if deliverable.layer == "places":
        frame = frame.assign(longitude=frame.geometry.x, latitude=frame.geometry.y)
    cell = ILLUSTRATIVE_CELL if deliverable.metadata["illustrative"] else NOT_ILLUSTRATIVE_CELL
    bare = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    table = bare.assign(illustrative=cell, terms=" | ".join(deliverable.metadata["terms"]))
    rules = deliverable.metadata["method"]["rules"]
    meanings = column_meanings(deliverable.layer, table.columns, rules)
    metadata = {**deliverable.metadata, "columns": meanings, "reading": list(CSV_NOTES)}
    return replace(deliverable, frame=table, metadata=metadata)


def encode(deliverable: Deliverable) -> bytes:
    """The bytes of the file: header, one line per row, CR LF, decimal points, empty cells where not known."""
    stream = io.StringIO(newline="")
    stream.write(BOM)
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(deliverable.names)
    writer.writerows([_cell(row[name]) for name in deliverable.names] for row in deliverable.rows())
    return stream.getvalue().encode("utf-8")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return guard(joined(value))
    if isinstance(value, str):
        return guard(value)
    # people and ranks read better without ".0"; every other number is its shortest exact decimal
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))


def check(content: bytes, deliverable: Deliverable, *, source: str) -> None:
    """Read the bytes back and raise `ExportError` unless header, rows and every value are what was promised."""
    text = content.decode("utf-8")
    if not text.startswith(BOM):
        raise ExportError(f"{source}: does not start with a byte order mark; nothing was kept")
    header, *lines = csv.reader(io.StringIO(text.removeprefix(BOM), newline=""), strict=True)
    if header != deliverable.names:
        raise ExportError(f"{source}: columns were read back as {header}, wanted {deliverable.names}")
    rows = deliverable.rows()
    if len(lines) != len(rows):
        raise ExportError(f"{source}: {len(lines)} rows were read back, wanted {len(rows)}; nothing was kept")
    found = [_read(line, row) for line, row in zip(lines, rows, strict=True)]
    require_rows(deliverable, found, source=source)


def _read(line: list[str], wanted: Row) -> Row:
    """The line's values, read by the type that was meant; a cell that does not parse is returned as it stands."""
    return {name: _value(cell, value) for cell, (name, value) in zip(line, wanted.items(), strict=True)}


def _value(cell: str, wanted: Any) -> Any:
    if isinstance(wanted, bool):
        return {"true": True, "false": False}.get(cell, cell)
    if isinstance(wanted, int | float):
        return _number(cell)
    if isinstance(wanted, list):
        return wanted if unguard(cell) == joined(wanted) else cell
    # CSV has one empty cell for both the empty text and the missing one
    return wanted if cell == "" and not wanted else unguard(cell)


def _number(cell: str) -> Any:
    try:
        return float(cell)
    except ValueError:
        return cell
