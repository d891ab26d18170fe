"""A table as read → the table with its texts and copies put right, each mend told (`geo.mends`)."""

import numpy as np
import pandas as pd

from geo.mend_text import mend_texts, text_columns
from geo.mends import Mend, Mends, Mess, conclude
from geo.quality import Finding, Severity
from geo.unit_table import Table


def tidy_table(table: Table, mends: Mends, *, source: str) -> Table:
    """The table with escapes, wrongly read text and wholly equal rows mended as asked; raises `InputError` for the rest."""
    frame, messes, notes = tidy_texts(table.frame, np.asarray(table.rows), source)
    copies = frame.duplicated().to_numpy()
    rows = np.asarray(table.rows)
    found = conclude([*messes, copies_mess(copies, rows)], mends, source=source)
    kept = frame[~copies].reset_index(drop=True)
    return Table(kept, tuple(rows[~copies].tolist()), (*table.findings, *notes, *found))


def tidy_texts(
    frame: pd.DataFrame, rows: np.ndarray, source: str
) -> tuple[pd.DataFrame, list[Mess], list[Finding]]:
    """The frame with its texts and column names mended, what was wrong with them, and a note of names not in NFC."""
    names = pd.DataFrame({"name": [str(name) for name in frame.columns]}, dtype=object)
    names, messes, _ = mend_texts(names, ["name"], [0] * len(names))
    named = frame.set_axis(names["name"].tolist(), axis=1)
    mended, more, nfd = mend_texts(named, text_columns(named), rows)
    notes = [] if not nfd else [nfc_note(nfd, source)]
    return mended, [*(header_mess(mess) for mess in messes), *more], notes


def header_mess(mess: Mess) -> Mess:
    """The mess as one of the header, which has no row."""
    wrong = f"{mess.wrong} (column names)"
    return Mess(mess.kind, wrong, (), mess.seen, mess.done, mess.mend, "mended_header", mess.values)


def nfc_note(count: int, source: str) -> Finding:
    """That so many rows had text whose accents stood apart from their letters."""
    return Finding(
        Severity.NOTE,
        "nfc",
        f"{count} rows hold text that is not in NFC",
        file=source,
        done="brought to NFC",
        values={"count": count},
    )


def copies_mess(copies: np.ndarray, rows: np.ndarray) -> Mess | None:
    """Rows that repeat an earlier one in every cell."""
    if not copies.any():
        return None
    again = rows[copies].tolist()
    done = "left out; the first of each was kept"
    return Mess(
        str(Mend.DUPLICATES),
        "rows repeat an earlier one in every cell",
        again,
        ["a copy"] * len(again),
        done,
        said="mended_copy",
        values=[{}] * len(again),
    )
