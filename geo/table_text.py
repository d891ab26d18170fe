"""Bytes of a text table → its rows: encoding and separator recognised, named, and asked about where they are not certain."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from itertools import islice
from typing import Final

from geo.errors import InputError
from geo.legacy_fonts import FONTS, font_of
from geo.mends import Mend, Mends, mended_code
from geo.quality import Finding, Severity

_BOMS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_NUL_SHARE: Final = 0.3
"""Share of one half of the bytes that is zero in UTF-16, where separators, digits and half of the letters are ASCII."""
_HEAD_BYTES: Final = 4096
_TONE_AFTER_VOWEL: Final = re.compile(
    rb"[aeiouyAEIOUY\xe2\xe3\xea\xf4\xf5\xfd][\xcc\xd2\xde\xec\xf2]|[\xfd\xdd][\xf5\xd5]|\xd0|\xf0"
)
"""What windows-1258 has and windows-1252 has not: tone marks after their vowel, ươ, đ."""
_CODE_PAGES: Final = {Mend.WINDOWS_1258: "cp1258", Mend.WINDOWS_1252: "cp1252"}
_SEPARATORS: Final = {",": "comma", ";": "semicolon", "\t": "tab"}
_SAID: Final = re.compile(r"sep=([,;\t])\r?\n", re.IGNORECASE)
"""The line by which a spreadsheet is told the separator."""
_SAMPLE_ROWS: Final = 20


def decode_text(raw: bytes, source: str, mends: Mends) -> tuple[str, list[Finding]]:
    """The text and a note of any encoding other than UTF-8; an older code page is named and refused unless it was said."""
    for mark, name in _BOMS:
        if raw.startswith(mark):
            return _decoded(raw, name, source), [] if name == "utf-8-sig" else [_note(source, "UTF-16")]
    half = _utf16_half(raw[:_HEAD_BYTES])
    if half:
        return _decoded(raw, half, source), [_note(source, f"{half.upper()} without a byte order mark")]
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as fault:
        return _of_code_page(raw, source, mends, fault.start)
    if "\0" in text:
        raise InputError(
            f"{source}: holds NUL characters, so it is no text; wanted a CSV file in UTF-8: export it again"
        )
    return text, []


def _utf16_half(head: bytes) -> str:
    """Which UTF-16 bytes without a mark are, empty where they are not."""
    if len(head) < 4:
        return ""
    for name, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
        if zeros.count(0) > _NUL_SHARE * len(zeros):
            return name
    return ""


def _decoded(raw: bytes, name: str, source: str) -> str:
    try:
        return raw.decode(name)
    except UnicodeDecodeError as fault:
        raise InputError(
            f"{source}: not whole {name.upper()} text (byte {fault.start}); save it as 'CSV UTF-8'"
        ) from fault


def _of_code_page(raw: bytes, source: str, mends: Mends, at: int) -> tuple[str, list[Finding]]:
    font = font_of([raw.decode("latin-1")])
    if font is not None and font in mends:
        return FONTS[font](raw.decode("latin-1")), [_read_as(font, source, at)]
    said = [kind for kind in _CODE_PAGES if kind in mends]
    if len(said) == 1:
        text = unicodedata.normalize("NFC", _decoded(raw, _CODE_PAGES[said[0]], source))
        return text, [_read_as(said[0], source, at)]
    if font is not None:
        raise InputError(
            f"{source}: not UTF-8 text (byte {at}); it may be in the code of old fonts, {font}, in which it reads "
            f"{FONTS[font](_line(raw, at, 'latin-1'))!r}. Mend: turn it into Unicode, or say --mend {font} if that reads right"
        )
    likely = Mend.WINDOWS_1258 if _TONE_AFTER_VOWEL.search(raw) else Mend.WINDOWS_1252
    shown = _line(raw, at, _CODE_PAGES[likely])
    raise InputError(
        f"{source}: not UTF-8 text (byte {at}); it may be {likely}, in which it reads {shown!r}. "
        f"Mend: save it as 'CSV UTF-8', else Vietnamese letters are lost, or say --mend {likely} if that reads right"
    )


def _read_as(kind: Mend, source: str, at: int) -> Finding:
    message, done = f"not UTF-8 text (byte {at})", f"read as {kind}"
    return Finding(
        Severity.WARNING,
        mended_code(kind),
        message,
        file=source,
        done=done,
        said="mended_page",
        values={"byte": at},
    )


def _line(raw: bytes, at: int, page: str) -> str:
    """The line of the file around a byte, for the reader to judge."""
    line = raw[raw.rfind(b"\n", 0, at) + 1 :].split(b"\n", 1)[0][:200]
    return unicodedata.normalize("NFC", line.decode(page, "replace")).strip()[:60]


def _note(source: str, name: str) -> Finding:
    done = f"read as {name}"
    values = {"encoding": name.split()[0]}
    return Finding(Severity.NOTE, "encoding", f"the text is in {name}", file=source, done=done, values=values)


def read_rows(text: str, source: str, mends: Mends) -> tuple[Iterator[list[str]], list[Finding]]:
    """Cells by row, read as they are asked for, and a note of a separator other than the comma.

    Raises `InputError` where several separators would do, and (while reading) for quotes that do not close.
    """
    separator, notes = separator_of(text, source, mends)
    said = _SAID.match(text)
    return _rows(text[said.end() :] if said else text, separator, source), notes


def separator_of(text: str, source: str, mends: Mends) -> tuple[str, list[Finding]]:
    """Comma, semicolon or tab, and a note of one other than the comma."""
    said = _SAID.match(text)
    forced = ";" if Mend.SEMICOLON in mends else said[1] if said else ""
    separator = forced or find_separator(text, source)
    return separator, _separator_notes(separator, source, forced=Mend.SEMICOLON in mends)


def _separator_notes(separator: str, source: str, *, forced: bool) -> list[Finding]:
    if separator == ",":
        return []
    name = _SEPARATORS[separator]
    message, done = f"the cells are separated by a {name}", f"read with the {name}"
    if forced:
        return [
            Finding(
                Severity.WARNING, mended_code(Mend.SEMICOLON), message, file=source, done=done,
                said="mended_separator", values={"separator": name},
            )
        ]  # fmt: skip
    return [Finding(Severity.NOTE, "separator", message, file=source, done=done, values={"separator": name})]


def _rows(text: str, separator: str, source: str) -> Iterator[list[str]]:
    try:
        for number, row in enumerate(
            csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        ):
            if any(takes_in_rows(cell, separator, len(row)) for cell in row):
                raise InputError(quote_fault(source, number))
            yield row
    except csv.Error as fault:
        raise InputError(f"{source}: not a CSV file ({fault}); export it again with cells quoted") from fault


def takes_in_rows(cell: str, separator: str, width: int) -> bool:
    """Whether a cell holds line breaks and behind them a line with the cells of a row: its quote closes rows too late."""
    if "\n" not in cell and "\r" not in cell:
        return False
    return width > 1 and any(line.count(separator) >= width - 1 for line in cell.splitlines()[1:])


def quote_fault(source: str, number: int) -> str:
    """What to say of such a cell in row `number` below the header."""
    return (
        f"{source}: in row {number} a quote opens a cell that takes in the rows below it; close that quote, "
        'write one that is meant as "", or take the line breaks out of the cell'
    )


def find_separator(text: str, source: str) -> str:
    """Comma, semicolon or tab: the one in the header, or of several the one that cuts the first rows alike."""
    start = text.lstrip("\r\n \ufeff")
    header = re.sub(r'"[^"]*"', "", start.split("\n", 1)[0])
    there = [separator for separator in _SEPARATORS if separator in header]
    if len(there) < 2:
        return there[0] if there else ","
    even = [separator for separator in there if _cuts_evenly(start, separator, source)]
    if len(even) > 1:
        raise InputError(
            f"{source}: its cells may be separated by {' or by '.join(_SEPARATORS[one] for one in even)}; quote the cells that hold "
            "the other one, or say --mend semicolon"
        )
    return even[0] if even else max(there, key=header.count)


def _cuts_evenly(text: str, separator: str, source: str) -> bool:
    try:
        rows = [row for row in islice(_rows(text, separator, source), _SAMPLE_ROWS) if any(row)]
    except InputError:
        return False
    return len({len(row) for row in rows}) == 1
