"""OpenCelliD: cells heard by phones, one gzip of CSV per country code, behind a personal token.

Seen as stored copies: wiki.opencellid.org "Database format" (the columns radio, mcc, net, area, cell, unit, lon, lat, range,
samples, changeable, created, updated, averageSignal) and community.opencellid.org/t/…/186 (their meaning: `range` is the
radius in metres within which the cell could be). The download page is shown to token holders only and was not found; the
address /ocid/downloads?token=…&type=mcc&file=452.csv.gz is the one that public programs use, with two files a day for a
token. One account of 2026 says that its token was given the whole file and daily differences only, no country files: an
unknown answer is told as such. A country file has no header. Past the limit, and for a wrong token, a text comes with
status 200 in place of the file.
"""

import csv
import gzip
import io
import os
import zlib
from pathlib import Path
from typing import Final

from geo.errors import CallError, InputError
from geo.sources.table import Source

SOURCE: Final = Source(
    name="opencellid",
    publisher="OpenCelliD, Unwired Labs",
    licence="CC BY-SA 4.0 (attribution, share alike)",
    citation="OpenCelliD Project, opencellid.org, licensed under CC BY-SA 4.0",
    addresses={"country": "https://opencellid.org/ocid/downloads?token={token}&type=mcc&file={mcc}.csv.gz"},
)
TOKEN_VARIABLE: Final = "OPENCELLID_TOKEN"  # noqa: S105 - the name of the variable
VIETNAM: Final = "452"
COLUMNS: Final = (
    "radio", "mcc", "net", "area", "cell", "unit", "lon", "lat", "range", "samples", "changeable", "created",
    "updated", "averageSignal",
)  # fmt: skip
ERROR_TEXTS: Final = {
    b"RATE_LIMITED": "the token has had its files for today (RATE_LIMITED); try again tomorrow",
    b"INVALID_TOKEN": f"the token is not valid (INVALID_TOKEN); take a new one from opencellid.org and set {TOKEN_VARIABLE}",
}
_GZIP: Final = b"\x1f\x8b"


def token() -> str:
    """The token of the environment; raises `CallError` when it is not set."""
    given = os.environ.get(TOKEN_VARIABLE, "").strip()
    if not given:
        raise CallError(
            f"OpenCelliD asks for a token: take one from opencellid.org and set it in the environment as {TOKEN_VARIABLE}"
        )
    return given


def recognise(head: bytes) -> str | None:
    """What an answer says that is no file; None for the beginning of a gzip."""
    if head.startswith(_GZIP):
        return None
    for text, meaning in ERROR_TEXTS.items():
        if text in head:
            return meaning
    # the text itself is not passed on: it may repeat the token
    return "sent something that is not gzip, and no error known here; look at opencellid.org/downloads whether country files are still given"


def check(path: Path, mcc: str) -> None:
    """Raise `InputError` unless the gzip is whole and its first row has the columns and the country."""
    try:
        with gzip.open(path) as stream:
            first = stream.readline(10_000).decode("utf-8")
            while stream.read(1 << 20):
                pass
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as fault:
        raise InputError(f"the gzip is not whole ({type(fault).__name__})") from None
    row = next(csv.reader(io.StringIO(first)), [])
    if len(row) != len(COLUMNS) or (row[0] != "radio" and row[1] != mcc):
        raise InputError(
            f"the first row has {len(row)} columns; wanted the {len(COLUMNS)} of OpenCelliD and mcc {mcc}"
        )
