"""A layer on its way out: its typed frame, its plain rows, and the comparison every format is read back with."""

import datetime
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from geo.errors import ExportError
from geo.schema import Column

Row = dict[str, Any]


@dataclass(frozen=True)
class Deliverable:
    """What is to be written: a frame (GeoDataFrame in EPSG:4326 where `has_geometry`) and all that is said of it."""

    layer: str
    frame: Any
    columns: Mapping[str, Column]
    metadata: dict[str, Any]
    id_column: str | None = None

    @property
    def has_geometry(self) -> bool:
        """Whether the rows have shapes."""
        return "geometry" in self.frame.columns

    @property
    def names(self) -> list[str]:
        """The columns apart from the geometry, in order."""
        return [str(name) for name in self.frame.columns if name != "geometry"]

    def rows(self) -> list[Row]:
        """One dict of plain values per row: text, int, float, bool, list of text, or None where not known."""
        values = [[plain(value) for value in self.frame[name].tolist()] for name in self.names]
        return [dict(zip(self.names, row, strict=True)) for row in zip(*values, strict=True)]

    def label(self, row: Row, number: int) -> str:
        """How an error names a row (its position counts from 1)."""
        return f"{self.id_column} {row[self.id_column]}" if self.id_column else f"row {number}"


def plain(value: Any) -> Any:
    """A value as JSON can carry it; text in NFC, everything missing as None; raises `ExportError` on infinity."""
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(item) for item in value]
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if value is None or pd.isna(value):
        return None
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, float) and not np.isfinite(value):
        raise ExportError(f"a figure is {value}, wanted a finite number or null; no format can carry it")
    return value


def typed(frame: Any, columns: Mapping[str, Column]) -> Any:
    """The frame with one type per kind of column, so that an empty column is written like a full one."""
    out = frame.reset_index(drop=True)
    for name in out.columns:
        if name in columns:
            values = [plain(value) for value in out[name].tolist()]
            out[name] = _series(values, columns[name].kind, out.index)
    return out


def _series(values: list[Any], kind: str, index: Any) -> Any:
    if kind == "list":
        return pd.Series(values, index=index, dtype="object")
    if kind == "text":
        texts = [None if value is None else str(value) for value in values]
        return pd.Series(texts, index=index, dtype="string")
    if kind == "flag":
        return pd.Series(values, index=index, dtype="boolean")
    known = [value for value in values if value is not None]
    whole = bool(known) and all(isinstance(value, int) for value in known)
    return pd.Series(values, index=index, dtype="Int64" if whole else "float64")


def joined(values: Sequence[str]) -> str:
    """A list of codes as one text, for formats without lists."""
    return "; ".join(values)


def require_rows(wanted: Deliverable, found: list[Row], *, source: str) -> None:
    """Raise `ExportError` naming the first row and column that were not read back as they were meant."""
    rows = wanted.rows()
    if len(found) != len(rows):
        raise ExportError(f"{source}: {len(found)} rows were read back, wanted {len(rows)}; nothing was kept")
    for number, (row, other) in enumerate(zip(rows, found, strict=True), start=1):
        if row == other:
            continue
        wrong = sorted(
            name for name in {*row, *other} if row.get(name) != other.get(name) or name not in other
        )
        name = wrong[0] if wrong else "a column"
        raise ExportError(
            f"{source}: {wanted.label(row, number)}: {name} was read back as {other.get(name)!r}, "
            f"wanted {row.get(name)!r}; nothing was kept"
        )
