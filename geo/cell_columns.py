"""Text cells of OpenCelliD or of a site list → the columns of `geo.schema.CELL_COLUMNS`, with what is wrong by row."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.arrays import FloatArray
from geo.mend_coordinates import Mask, numbers
from geo.mends import Mend, Mess
from geo.operators import operator_names
from geo.site_text import RADIOS
from geo.units import clean_text, text_fault

Rows = npt.NDArray[np.int_]


@dataclass(frozen=True)
class Reason:
    """Why a row cannot be used: in English, and as a sentence of `geo.sayings` with its values."""

    text: str
    said: str
    values: Mapping[str, Any]


Fault = tuple[Mask, npt.NDArray[np.object_]]
"""Which rows are at fault, and the reason for each of those."""

_SCIENTIFIC: Final = re.compile(r"[0-9]+(\.[0-9]+)?[eE]\+?[0-9]+")
_MILLISECONDS: Final = 1e11
"""From here a count of seconds would be past the year 5138: it is one of milliseconds."""
_LAST_SECOND: Final = 4_102_444_800
"""1 January 2100."""
_OPENCELLID_WHOLE: Final = {"mcc": "mcc", "net": "net", "area": "area", "cell": "cell"}
_SITE_NUMBERS: Final = {
    "frequency_mhz": "downlink_frequency_mhz", "eirp_dbm": "eirp_dbm", "antenna_height_m": "antenna_height",
    "azimuth_degrees": "azimuth_degrees",
}  # fmt: skip


@dataclass(frozen=True)
class Cells:
    """Columns of the contract for every row, bad ones too; rows at fault with a reason each; mess that was mended."""

    table: pd.DataFrame
    faults: list[Fault]
    messes: list[Mess]


def from_opencellid(frame: pd.DataFrame, rows: Rows) -> Cells:
    """Rows of OpenCelliD; `cell_id` is technology, country, network, area and cell."""
    technology, faults = _technology(frame["radio"])
    table = pd.DataFrame({"technology": technology}, index=frame.index)
    for ours, theirs in _OPENCELLID_WHOLE.items():
        table[ours], fault = _whole(frame[theirs], required=True)
        faults.append(fault)
    for ours, theirs in (("range_m", "range"), ("samples", "samples")):
        values, fault = _not_negative(frame[theirs])
        table[ours] = (
            values if ours == "range_m" else pd.Series(np.round(values), index=frame.index).astype("Int64")
        )
        faults.append(fault)
    messes = _comma_messes(frame, ("range", "samples"), rows)
    for name in ("created", "updated"):
        table[name], fault, mess = _days(frame[name], rows)
        faults.append(fault)
        messes += [mess] if mess else []
    table["operator"] = operator_names(table["mcc"], table["net"])
    identity = table["technology"].astype(str)
    for name in _OPENCELLID_WHOLE:
        identity = identity + "-" + table[name].astype(str)
    table["cell_id"] = identity
    for name in ("frequency_mhz", "eirp_dbm", "antenna_height_m", "azimuth_degrees"):
        table[name] = np.nan
    return Cells(table, faults, messes)


def from_site_list(frame: pd.DataFrame, rows: Rows) -> Cells:
    """Rows of an ITU/Giga cell-site list; `cell_id` is `ict_id`, else the source's own, else the row's number."""
    technology, faults = _technology(frame["radio_type"])
    table = pd.DataFrame({"technology": technology}, index=frame.index)
    for ours, theirs in _SITE_NUMBERS.items():
        column = _column(frame, theirs)
        if ours == "eirp_dbm":
            values, unread = _number(column)
            table[ours] = values
            faults.append(_fault(unread, column, "wanted a number"))
        else:
            table[ours], fault = _not_negative(column)
            faults.append(fault)
    names = _column(frame, "operator_name")
    table["operator"] = names.map(clean_text)
    is_none = names.map({name: bool(text_fault(str(name))) for name in names.unique()}).to_numpy(dtype=bool)
    faults.append(_fault(is_none, names, "wanted a name without control characters"))
    table["cell_id"] = _first_of(frame, ("ict_id", "source_cell_id", "source_ict_id"), rows)
    for name in ("mcc", "net", "area", "cell", "samples"):
        table[name] = pd.array([None] * len(frame), dtype="Int64")
    table["range_m"], table["created"], table["updated"] = np.nan, None, None
    return Cells(table, faults, _comma_messes(frame, tuple(_SITE_NUMBERS.values()), rows))


def _comma_messes(frame: pd.DataFrame, names: tuple[str, ...], rows: Rows) -> list[Mess]:
    """Numbers with a decimal comma in these columns."""
    messes = []
    for name in names:
        places = np.flatnonzero(numbers(_column(frame, name))[1])
        if len(places):
            seen = [f"{name} {frame[name].iloc[place]}" for place in places[:100]]
            wrong = "decimals are set apart by a comma"
            messes.append(
                Mess(
                    str(Mend.DECIMAL_COMMA),
                    wrong,
                    rows[places].tolist(),
                    seen,
                    "the comma was read as a point",
                    said="mended_cell",
                    values=_cells_seen(frame[name], places),
                )
            )
    return messes


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    return frame[name] if name in frame else pd.Series("", index=frame.index, name=name, dtype=object)


def _first_of(frame: pd.DataFrame, names: tuple[str, ...], rows: Rows) -> pd.Series:
    found = pd.Series("row-" + pd.Series(rows).astype(str).to_numpy(), index=frame.index, dtype=object)
    for name in reversed(names):
        column = _column(frame, name).astype(str).str.strip()
        found = column.where(column != "", found)
    return found


def _technology(radio: pd.Series) -> tuple[pd.Series, list[Fault]]:
    words = radio.astype(str).str.strip().str.upper()
    found = words.map({word: str(technology) for word, technology in RADIOS.items()})
    wanted = f"wanted one of {', '.join(RADIOS)}"
    return found, [_fault(found.isna().to_numpy(), radio, wanted)]


def _fault(mask: Mask, column: pd.Series, wanted: str) -> Fault:
    seen = column[mask].astype(str).str.slice(0, 40)
    found = np.empty(len(seen), dtype=object)
    for place, cell in enumerate(seen.tolist()):
        values = {"column": str(column.name), "cell": cell}
        found[place] = Reason(f"{column.name} is '{cell}'; {wanted}", "quarantined_column", values)
    return mask, found


def _number(column: pd.Series) -> tuple[FloatArray, Mask]:
    """Numbers (NaN where blank) and which cells are neither."""
    values, _ = numbers(column)
    return values, ~np.isfinite(values) & (column.astype(str).str.strip() != "").to_numpy()


def _not_negative(column: pd.Series) -> tuple[FloatArray, Fault]:
    values, unread = _number(column)
    with np.errstate(invalid="ignore"):
        wrong = unread | (values < 0)
    return values, _fault(wrong, column, "wanted a number of 0 or more")


def _whole(column: pd.Series, *, required: bool) -> tuple[pd.Series, Fault]:
    values, (wrong, _) = _not_negative(column)
    blank = np.isnan(values) if required else np.zeros(len(values), dtype=bool)
    with np.errstate(invalid="ignore"):
        wrong = wrong | blank | (values != np.floor(values)) | (values >= 2**53)
    whole = pd.Series(np.where(wrong, np.nan, values), index=column.index).astype("Int64")
    return whole, _fault(wrong, column, "wanted a whole number of 0 or more")


def _days(column: pd.Series, rows: Rows) -> tuple[pd.Series, Fault, Mess | None]:
    """Unix seconds → ISO days; null where blank or 0; milliseconds and scientific notation are a mess."""
    text = column.astype(str).str.strip()
    values, unread = _number(text)
    scientific = text.str.fullmatch(_SCIENTIFIC).to_numpy(dtype=bool)
    with np.errstate(invalid="ignore"):
        milliseconds = values >= _MILLISECONDS
        seconds = np.where(milliseconds, values / 1000, values)
        wrong = unread | (seconds < 0) | (seconds > _LAST_SECOND)
        known = ~wrong & (seconds > 0)
    days = np.full(len(text), None, dtype=object)
    days[known] = np.datetime_as_string(seconds[known].astype("int64").astype("datetime64[s]"), unit="D")
    fault = _fault(wrong, text, "wanted Unix seconds")
    return (
        pd.Series(days, index=column.index),
        fault,
        _epoch_mess(text, scientific | milliseconds, rows, str(column.name)),
    )


def _epoch_mess(text: pd.Series, mask: Mask, rows: Rows, name: str) -> Mess | None:
    places = np.flatnonzero(mask)
    if not len(places):
        return None
    done = (
        "read as seconds since 1970; digits that the notation left out are lost, so the day may be months off"
    )
    seen = [f"{name} {text.iloc[place]}" for place in places[:100]]
    wrong = "times are in milliseconds or scientific notation"
    values = _cells_seen(text.rename(name), places)
    return Mess(str(Mend.EPOCH), wrong, rows[places].tolist(), seen, done, said="mended_cell", values=values)


def _cells_seen(column: pd.Series, places: npt.NDArray[np.intp]) -> list[dict[str, Any]]:
    """The first cells of a column that were mended, with its name."""
    return [{"column": str(column.name), "cell": str(column.iloc[place])} for place in places[:100]]
