"""Names, enums and contracts of the tables that pass between stages, and the one way to validate them.

The result table is DESIGN §4: one row per unit, EPSG:4326, sorted by `unit_code`. A column is present when its
input is; a value is null when it is not known. Every other program relies on these names.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.errors import SchemaError, VintageError


class Technology(StrEnum):
    """Radio technology of a coverage claim."""

    G2 = "2G"
    G3 = "3G"
    G4 = "4G"
    G5 = "5G"


class Network(StrEnum):
    """What a speed test ran over, in the publisher's words (Ookla "fixed" is phones on Wi-Fi)."""

    MOBILE = "mobile"
    FIXED = "fixed"


class Evidence(StrEnum):
    """How a coverage figure is known; kinds are never merged."""

    DECLARED = "declared"
    MEASURED = "measured"
    MODELLED = "modelled"


class Verdict(StrEnum):
    """What the rules say of a unit."""

    GAP = "gap"
    WATCH = "watch"
    SERVED = "served"
    UNKNOWN = "unknown"


class Outcome(StrEnum):
    """What one goal says of a unit."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    UNDECIDED = "undecided"
    NO_EVIDENCE = "no_evidence"


class Direction(StrEnum):
    """Where a unit's speed is going, beside the median of its list of units."""

    FALLING_BEHIND = "falling_behind"
    CATCHING_UP = "catching_up"
    STEADY = "steady"


class SpeedMode(StrEnum):
    """How `vunglom speed` computes: the estimate step by step, plain means, or the publisher's recipe."""

    SHRUNK = "shrunk"
    RAW = "raw"
    TUTORIAL = "tutorial"


class Vintage(StrEnum):
    """Which list of units a code belongs to; a code means nothing without it."""

    V2024 = "2024"
    V2025_07 = "2025-07"
    V2026_04 = "2026-04"
    OTHER = "other"


class Level(StrEnum):
    """Administrative level of a list of units."""

    PROVINCE = "province"
    DISTRICT = "district"
    COMMUNE = "commune"


class PlaceClass(StrEnum):
    """What a point of `places` is; an office is one of local government."""

    TOWN = "town"
    SCHOOL = "school"
    CLINIC = "clinic"
    OFFICE = "office"


VIETNAMESE_VINTAGES: Final = (Vintage.V2024, Vintage.V2025_07, Vintage.V2026_04)
CODE_WIDTH: Final = {Level.PROVINCE: 2, Level.DISTRICT: 3, Level.COMMUNE: 5}
"""Digits of an official Vietnamese code (Decision 19/2025/QĐ-TTg and its predecessors)."""

URBAN_KINDS: Final = ("phường", "thị trấn", "thị xã", "quận", "thành phố")

UNIT_TEXT_COLUMNS: Final = (
    "unit_code", "vintage", "name", "kind", "district_code", "district_name", "province_code", "province_name",
)  # fmt: skip
UNIT_REQUIRED: Final = ("unit_code", "vintage", "name")


Frame = TypeVar("Frame", bound=pd.DataFrame)


@dataclass(frozen=True)
class Column:
    """One column of a table: its kind (`text`, `number`, `list`, `flag`), unit and bounds; `geo.column_meanings` says what it means."""

    name: str
    kind: str
    unit: str
    low: float | None = None
    high: float | None = None


def _share(name: str) -> Column:
    return Column(name, "number", "0-1", 0.0, 1.0)


def _text(name: str) -> Column:
    return Column(name, "text", "")


def _coverage_columns(technology: Technology) -> tuple[Column, ...]:
    t = technology.lower()
    return (
        _share(f"{t}_covered_people_share"),
        _share(f"{t}_covered_area_share"),
        Column(f"{t}_uncovered_people", "number", "people", 0.0),
        Column(f"{t}_operators", "number", "operators", 0.0),
        _text(f"{t}_evidence"),
    )  # fmt: skip


def _speed_columns(network: Network) -> tuple[Column, ...]:
    n = str(network)
    mbps, count = "Mbps", "allocated count"
    return (
        Column(f"{n}_download_mbps", "number", mbps, 0.0),
        Column(f"{n}_download_low", "number", mbps, 0.0),
        Column(f"{n}_download_high", "number", mbps, 0.0),
        Column(f"{n}_download_raw_mbps", "number", mbps, 0.0),
        Column(f"{n}_upload_raw_mbps", "number", mbps, 0.0),
        Column(f"{n}_latency_raw_ms", "number", "ms", 0.0),
        Column(f"{n}_tests", "number", count, 0.0),
        Column(f"{n}_devices", "number", count, 0.0),
        Column(f"{n}_tiles", "number", "tiles", 0.0),
        _share(f"{n}_tested_people_share"),
        Column(f"{n}_trend_mbps_per_year", "number", "Mbps per year"),
        Column(f"{n}_trend_mbps_per_year_low", "number", "Mbps per year"),
        Column(f"{n}_trend_mbps_per_year_high", "number", "Mbps per year"),
        _text(f"{n}_direction"),
        Column(f"{n}_quarters", "number", "quarters", 0.0),
    )  # fmt: skip


RESULT_COLUMNS: Final[tuple[Column, ...]] = (
    _text("unit_code"),
    _text("vintage"),
    _text("name"),
    _text("kind"),
    _text("district_code"),
    _text("district_name"),
    _text("province_code"),
    _text("province_name"),
    Column("area_km2", "number", "km²", 0.0),
    Column("people", "number", "people", 0.0),
    *(column for technology in Technology for column in _coverage_columns(technology)),
    _share("4g_contradicted_people_share"),
    *(column for network in Network for column in _speed_columns(network)),
    Column("town_distance_km", "number", "km", 0.0),
    Column("town_minutes", "number", "minutes", 0.0),
    _text("settlement"),
    _text("verdict"),
    Column("reasons", "list", ""),
    _share("confidence"),
    Column("gap_score", "number", "0-100", 0.0, 100.0),
    Column("gap_score_low", "number", "0-100", 0.0, 100.0),
    Column("gap_score_high", "number", "0-100", 0.0, 100.0),
    Column("rank", "number", "1 = furthest behind", 1.0),
    Column("rank_low", "number", "rank", 1.0),
    Column("rank_high", "number", "rank", 1.0),
    _text("hotspot"),
)

RESULT_BY_NAME: Final = {column.name: column for column in RESULT_COLUMNS}

TILE_COLUMNS: Final = ("quadkey", "avg_d_kbps", "avg_u_kbps", "avg_lat_ms", "tests", "devices")
"""Columns of Ookla open data that the project uses; kbps and ms are means over a tile's tests."""

COVERAGE_COLUMNS: Final = ("operator", "technology", "evidence", "as_of")
"""Text columns of a coverage frame, beside `geometry` (EPSG:4326)."""
EVERY_OPERATOR: Final = "*"
"""Stands for the operator in rows about the union of all operators of one technology and kind of evidence."""

CELL_COLUMNS: Final = (
    "cell_id", "operator", "technology", "mcc", "net", "area", "cell", "frequency_mhz", "eirp_dbm", "antenna_height_m",
    "azimuth_degrees", "range_m", "samples", "created", "updated",
)  # fmt: skip
"""Columns of a frame of cell records, beside `geometry` (Point, EPSG:4326): one row per OpenCelliD cell or row of a site list.

Text: `cell_id` (unique in its file), `operator`, `technology` (2G … 5G), `created` and `updated` (ISO days). Whole
numbers, null in a site list that has none: `mcc`, `net`, `area`, `cell` (identity on the network), `samples`. Numbers,
null where not said: the others. `range_m` is OpenCelliD's error estimate, not a service radius.
"""

TEXT_COLUMNS: Final = frozenset(
    {column.name for column in RESULT_COLUMNS if column.kind == "text"}
    | {
        *COVERAGE_COLUMNS,
        "dimension",
        "column",
        "unit",
        "outcome",
        "reason",
        "network",
        "quarter",
        "indicator",
        "label",
        "basis",
        "better",
        "date",
    }
)
"""Every text column of the tables under `built/`."""
TEXT_TYPE: Final = pd.StringDtype(na_value=np.nan)


def coverage_column(technology: Technology | str, figure: str) -> str:
    """`4G`, `covered_people_share` → `4g_covered_people_share`."""
    return f"{Technology(technology).lower()}_{figure}"


def speed_column(network: Network | str, figure: str) -> str:
    """`mobile`, `download_mbps` → `mobile_download_mbps`."""
    return f"{Network(network)}_{figure}"


def empty_table(columns: Iterable[str]) -> pd.DataFrame:
    """A table of these columns and no rows: `TEXT_COLUMNS` as text, all others as numbers."""
    return pd.DataFrame(
        {name: pd.Series(dtype=TEXT_TYPE if name in TEXT_COLUMNS else float) for name in columns}
    )


def with_text_types(frame: Frame) -> Frame:
    """The frame with its `TEXT_COLUMNS` typed as text, so that one that is null throughout is written as text too."""
    return frame.astype({name: TEXT_TYPE for name in frame.columns if name in TEXT_COLUMNS})


def require_vintage(left: pd.DataFrame, right: pd.DataFrame, *, names: tuple[str, str]) -> None:
    """Raise `VintageError`, naming both, unless the two tables' `vintage` columns hold one and the same value."""
    found = [sorted(frame["vintage"].unique().tolist()) for frame in (left, right)]
    if found[0] == found[1] and len(found[0]) == 1:
        return
    raise VintageError(
        f"{names[0]} is of vintage {', '.join(found[0]) or 'none'} and {names[1]} of vintage {', '.join(found[1]) or 'none'}: "
        "the same code names different places in different vintages, so they cannot be joined on code. "
        f"Convert one of them to the other's list of units first{_convert_command({*found[0], *found[1]})}"
    )


def _convert_command(vintages: set[str]) -> str:
    """The command that brings one table to the other's vintage, older to younger: a union cannot be taken apart."""
    known = sorted(vintages & set(VIETNAMESE_VINTAGES))
    if len(known) < 2:
        return f"; convert-units knows the lists {', '.join(VIETNAMESE_VINTAGES)}"
    return (
        f": vunglom convert-units FILE --from {known[0]} --to {known[-1]} --code-column CODE --name-column NAME "
        "--sum COLUMN --out FILE"
    )


def validate_units(units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The frame itself, or one `SchemaError` listing every way in which it is not a table of units."""
    faults = [f"column {name} is missing" for name in UNIT_REQUIRED if name not in units.columns]
    if not faults:
        faults += _fault_nulls(units, UNIT_REQUIRED) + _fault_keys(units) + _fault_geometry(units)
    return _raise_all(units, faults, "units")


def validate_result(result: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The frame itself, or one `SchemaError` listing every way in which it breaks DESIGN §4."""
    faults = [
        f"column {name} is not in the contract"
        for name in result.columns
        if name not in {*RESULT_BY_NAME, "geometry"}
    ]
    faults += [f"column {name} is missing" for name in UNIT_REQUIRED if name not in result.columns]
    if not faults:
        faults += _fault_nulls(result, UNIT_REQUIRED) + _fault_keys(result) + _fault_geometry(result)
        if not result["unit_code"].is_monotonic_increasing:
            faults.append("rows are not sorted by unit_code")
        for column in RESULT_COLUMNS:
            if column.name in result.columns and column.kind == "number":
                faults += _fault_bounds(result, column)
    return _raise_all(result, faults, "result table")


def _raise_all(frame: gpd.GeoDataFrame, faults: list[str], what: str) -> gpd.GeoDataFrame:
    if faults:
        raise SchemaError(f"{what}: " + "; ".join(faults))
    return frame


def _fault_nulls(frame: pd.DataFrame, columns: tuple[str, ...]) -> list[str]:
    return [f"{frame[name].isna().sum()} rows have no {name}" for name in columns if frame[name].isna().any()]


def _fault_keys(frame: pd.DataFrame) -> list[str]:
    faults = []
    twice = sorted(frame.loc[frame["unit_code"].duplicated(keep=False), "unit_code"].astype(str).unique())
    if twice:
        faults.append(f"unit_code occurs more than once: {', '.join(twice[:10])}")
    vintages = sorted(frame["vintage"].astype(str).unique())
    if len(vintages) > 1:
        faults.append(f"vintages are mixed: {', '.join(vintages)}")
    return faults


def _fault_geometry(frame: gpd.GeoDataFrame) -> list[str]:
    if frame.crs is None or frame.crs.to_epsg() != 4326:
        return [f"geometry is in {frame.crs}, wanted EPSG:4326"]
    empty = frame.loc[frame.geometry.isna() | frame.geometry.is_empty, "unit_code"].astype(str).tolist()
    return [f"units without geometry: {', '.join(empty[:10])}"] if empty else []


def _fault_bounds(frame: pd.DataFrame, column: Column) -> list[str]:
    values: Any = pd.to_numeric(frame[column.name], errors="coerce")
    wrong = pd.Series(False, index=frame.index)
    if column.low is not None:
        wrong |= values < column.low
    if column.high is not None:
        wrong |= values > column.high
    codes = frame.loc[wrong, "unit_code"].astype(str).tolist()
    return (
        [f"{column.name} is outside {column.low}..{column.high} in units {', '.join(codes[:10])}"]
        if codes
        else []
    )
