"""A list of sites as it was read → the sites of one operator and technology, their columns found by what they mean."""

from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.arrays import BoolArray, FloatArray
from geo.errors import InputError
from geo.mend_coordinates import numbers
from geo.mends import NO_MENDS, Mend, Mends, name_rows
from geo.names import plain_key
from geo.operators import one_spelling, operator_key
from geo.schema import Technology
from geo.site_text import RADIOS
from geo.units import clean_text

ALIASES: Final = {
    "site_id": ("ict id", "site id", "ma tram", "source ict id", "site", "id", "ten tram", "name"),
    "operator": ("operator name", "operator", "nha mang"),
    "technology": ("radio type", "technology", "cong nghe", "radio"),
    "frequency_mhz": ("downlink frequency mhz", "frequency mhz", "frequency", "tan so mhz", "tan so"),
    "eirp_dbm": ("eirp dbm", "eirp"),
    "antenna_height_m": ("antenna height", "antenna height m", "chieu cao anten", "do cao anten"),
    "azimuth_degrees": ("azimuth degrees", "azimuth", "goc phuong vi"),
}
"""Columns of a site list by `plain_key`; the first that the file has counts."""
NUMBERS: Final = ("frequency_mhz", "eirp_dbm", "antenna_height_m", "azimuth_degrees")
"""Those that hold numbers."""
_RANGES: Final = {"eirp_dbm": (-30.0, 120.0, "dBm"), "azimuth_degrees": (-360.0, 360.0, "degrees")}
"""What such a number can be at all: from a repeater indoors to the strongest radar, and once round each way."""


@dataclass(frozen=True)
class Said:
    """What the caller says of a file; what is empty or None the file must say, where it can."""

    operator: str = ""
    technology: Technology | None = None
    name: str = ""
    year: int | None = None
    cost: float | None = None
    speed_mbps: float | None = None
    note: str = ""
    layer: str | None = None
    crs: str | None = None
    mends: Mends = NO_MENDS


def choose_sites(
    frame: gpd.GeoDataFrame, said: Said, source: str
) -> tuple[gpd.GeoDataFrame, str, Technology, list[str]]:
    """The sites of one operator and technology with the columns of `ALIASES`, and what was left out or mended."""
    notes: list[str] = []
    table = pd.DataFrame(
        {name: _find(frame, ALIASES[name]) for name in ("site_id", *NUMBERS)}, index=frame.index
    )
    rows = rows_of(frame)
    for name in NUMBERS:
        table[name] = _numbers(table[name], name, rows, said.mends, source, notes)
    chosen, operator, technology, more = choose_rows(frame, said, source)
    table["site_id"] = table["site_id"].where(table["site_id"].notna(), [f"row {row}" for row in rows])
    sites = gpd.GeoDataFrame(table[["site_id", *NUMBERS]], geometry=frame.geometry.to_numpy(), crs=frame.crs)
    return sites[chosen].reset_index(drop=True), operator, technology, [*notes, *more]


def choose_rows(
    frame: gpd.GeoDataFrame, said: Said, source: str
) -> tuple[BoolArray, str, Technology, list[str]]:
    """Which rows are of one operator and technology, which these are, and what is to be said of the others.

    A row that does not say it is like those that do. Raises `InputError` where neither the caller nor the file says it, or
    no row is of what the caller said.
    """
    rows = rows_of(frame)
    technologies = _technologies(_find(frame, ALIASES["technology"]), rows, source)
    technology = _only(technologies, said.technology, "technology", "--technology", source)
    named = _find(frame, ALIASES["operator"])
    operators = pd.Series([clean_text(text) or None for text in named], index=frame.index, dtype=object)
    operator = said.operator or _only(one_spelling(operators), None, "operator", "--operator", source)
    other = np.array(technologies.notna() & (technologies != technology))
    keys = operators.map(lambda name: operator_key(str(name)))
    other |= (operators.notna() & (keys != operator_key(operator))).to_numpy()
    if other.all():
        raise InputError(
            f"{source}: none of its {len(frame)} rows is of {operator} {technology}; it has {_listed(operators)} and {_listed(technologies)}"
        )
    notes = _blanks(operators, "operator", operator, rows, source)
    notes += _blanks(technologies, "technology", technology, rows, source)
    if other.any():
        notes.append(
            f"{source}: {int(other.sum())} of {len(frame)} rows are of another operator or technology and were left out"
        )
    return ~other, str(operator), Technology(str(technology)), notes


def names_owner(frame: gpd.GeoDataFrame) -> bool:
    """Whether any row says whose it is or of what."""
    return any(_find(frame, ALIASES[name]).notna().any() for name in ("operator", "technology"))


def rows_of(frame: gpd.GeoDataFrame) -> Any:
    """The row of its file that each row was, counted from 1."""
    return frame["file_row"].to_numpy() if "file_row" in frame else np.arange(1, len(frame) + 1)


def _blanks(column: pd.Series, what: str, taken: str, rows: Any, source: str) -> list[str]:
    """A note on rows that do not say it in a file where others do."""
    blank = column.isna().to_numpy()
    if not blank.any() or blank.all():
        return []
    return [
        f"{source}: no {what} in {name_rows(rows[blank].tolist())}: taken to be of {taken}, like the others"
    ]


def _find(frame: gpd.GeoDataFrame, keys: tuple[str, ...]) -> pd.Series:
    """The column of the earliest alias as text, null where blank; all null where there is none."""
    by_key = {plain_key(str(name)): name for name in reversed(list(frame.columns))}
    name = next((by_key[key] for key in keys if key in by_key), None)
    if name is None:
        return pd.Series(None, index=frame.index, dtype=object)
    texts = frame[name].astype(object).where(frame[name].notna(), None)
    return pd.Series(
        [None if value is None or not str(value).strip() else str(value).strip() for value in texts],
        index=frame.index,
        dtype=object,
    )


def _numbers(
    column: pd.Series, name: str, rows: Any, mends: Mends, source: str, notes: list[str]
) -> FloatArray:
    values, commas = numbers(column.fillna(""))
    unread = column.notna().to_numpy() & ~np.isfinite(values)
    if unread.any():
        raise InputError(
            f"{source}: {name} is {column[unread].iloc[0]!r} in {name_rows(rows[unread].tolist())}; wanted a number, or nothing where it is not known"
        )
    least, most, unit = _RANGES.get(name, (-np.inf, np.inf, ""))
    beyond = (values < least) | (values > most)
    if beyond.any():
        raise InputError(
            f"{source}: {name} is {column[beyond].iloc[0]!r} in {name_rows(rows[beyond].tolist())}; wanted {least:g} to {most:g} {unit}"
        )
    if commas.any() and str(Mend.DECIMAL_COMMA) not in {str(kind) for kind in mends}:
        raise InputError(
            f"{source}: {name} has decimals set apart by a comma in {name_rows(rows[commas].tolist())}; "
            f"say --mend {Mend.DECIMAL_COMMA} if they are meant so"
        )
    if commas.any():
        where = name_rows(rows[commas].tolist())
        notes.append(f"{source}: {name} in {where} was read with decimal commas ({Mend.DECIMAL_COMMA})")
    return np.asarray(values, dtype=float)


def _technologies(column: pd.Series, rows: Any, source: str) -> pd.Series:
    known = {str(technology): str(technology) for technology in Technology} | {
        str(radio).upper(): str(technology) for radio, technology in RADIOS.items()
    }
    found = pd.Series(
        [known.get(str(text).upper(), "") if isinstance(text, str) else None for text in column],
        index=column.index,
        dtype=object,
    )
    wrong = (found == "").to_numpy()
    if wrong.any():
        raise InputError(
            f"{source}: technology {column[wrong].iloc[0]!r} in {name_rows(rows[wrong].tolist())} is not known; wanted one of {', '.join(known)}"
        )
    return found


def _only(column: pd.Series, said: str | None, what: str, option: str, source: str) -> str:
    """What was said, else the one value that the file has."""
    if said:
        return str(said)
    values = sorted(column.dropna().unique())
    if len(values) != 1:
        seen = f"it has {', '.join(values)}" if values else "it does not say"
        raise InputError(f"{source}: which {what} is it? {seen}; name one with {option}")
    return str(values[0])


def _listed(column: pd.Series) -> str:
    return ", ".join(sorted(column.dropna().unique())) or "no name"
