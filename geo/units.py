"""Boundaries: raw polygons with columns of the publisher's choosing → one checked row per administrative unit."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import geodesic_area_km2
from geo.errors import InputError
from geo.schema import CODE_WIDTH, URBAN_KINDS, VIETNAMESE_VINTAGES, Level, Vintage, validate_units

DECLARED_AREA_LIMIT: Final = 0.01
"""Relative difference of measured to declared area from which it is a finding."""

_KIND_PREFIX: Final = re.compile(
    r"^(xã|phường|thị trấn|đặc khu|huyện|quận|thị xã|thành phố|tỉnh)\s+(?=\S)", re.IGNORECASE
)

LONGEST_TEXT: Final = 1_000
"""Characters of a name or code; the longest official names have some sixty."""


@dataclass(frozen=True)
class UnitColumns:
    """Which of the publisher's columns hold what; empty means the file has none."""

    code: str
    label: str
    vintage: Vintage
    level: Level
    kind: str = ""
    district_code: str = ""
    district_name: str = ""
    province_code: str = ""
    province_name: str = ""
    declared_area: str = ""
    code_width: int = 0

    def named(self) -> dict[str, str]:
        """Result column → publisher's column, for those that were named."""
        pairs = {
            "unit_code": self.code,
            "name": self.label,
            "kind": self.kind,
            "district_code": self.district_code,
            "district_name": self.district_name,
            "province_code": self.province_code,
            "province_name": self.province_name,
        }
        return {ours: theirs for ours, theirs in pairs.items() if theirs}


def make_units(raw: gpd.GeoDataFrame, columns: UnitColumns) -> gpd.GeoDataFrame:
    """Units sorted by code, names in NFC, `area_km2` geodesic, `file` and `file_row`; raises `InputError` naming file, row and code.

    `raw` has the publisher's columns, `file` and `file_row` (name of each row's file, its number there from 1) and
    polygons in EPSG:4326.
    """
    frame = pd.DataFrame(
        {ours: raw[theirs].to_numpy() for ours, theirs in columns.named().items()}, index=raw.index
    )
    where = _where(raw)
    for theirs in columns.named().values():
        require_text(raw[theirs], where)
    frame["unit_code"] = _codes(raw, columns)
    _require_unique(frame["unit_code"], where)
    for name in frame.columns.difference(["unit_code"]):
        frame[name] = frame[name].map(clean_text)
    _require_named(frame, where)
    if "kind" not in frame and columns.vintage in VIETNAMESE_VINTAGES:
        frame["kind"], frame["name"] = _split_kind(frame["name"])
    elif "kind" in frame and columns.vintage in VIETNAMESE_VINTAGES:
        frame["kind"] = frame["kind"].str.lower()
    frame["vintage"] = str(columns.vintage)
    if columns.declared_area:
        frame["declared_area_km2"] = _declared_areas(raw[columns.declared_area], where)
    frame["area_km2"] = geodesic_area_km2(raw.geometry)
    frame["file"], frame["file_row"] = raw["file"], raw["file_row"]
    units = gpd.GeoDataFrame(frame, geometry=raw.geometry.to_numpy(), crs=raw.crs)
    return validate_units(units.sort_values("unit_code", ignore_index=True))


def _where(raw: gpd.GeoDataFrame) -> pd.Series:
    """`communes.geojson: row 3` for every row."""
    where: pd.Series = raw["file"] + ": row " + raw["file_row"].astype(str)
    return where


def clean_text(value: Any) -> str | None:
    """Text in NFC with single spaces, None where there is none (null, blank, only invisible marks)."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return None
    text = " ".join(unicodedata.normalize("NFC", str(value)).split())
    return text if any(unicodedata.category(letter) != "Cf" for letter in text) else None


def require_text(values: pd.Series, where: pd.Series) -> None:
    """Raise `InputError` at the first value that is no text or number, is far too long, or holds a character no file can carry."""
    for place, value in zip(where, values, strict=True):
        if isinstance(value, dict | list | tuple | np.ndarray):
            raise InputError(
                f"{place}: column {values.name!r} holds {value!r:.60}; wanted a plain text or number: name the right column or mend the row"
            )
        if isinstance(value, str) and (fault := text_fault(value)):
            raise InputError(f"{place}: column {values.name!r} holds {value!r:.60}, {fault}; mend the text")


def text_fault(text: str) -> str:
    """Why a text cannot be a name, empty where it can."""
    if len(text) > LONGEST_TEXT:
        return f"a text of {len(text):,} characters where at most {LONGEST_TEXT:,} are wanted"
    if any(unicodedata.category(letter) == "Cc" and letter not in "\t\n\r" for letter in text):
        return "with a control character"
    return ""


def _declared_areas(given: pd.Series, where: pd.Series) -> pd.Series:
    areas: pd.Series = pd.to_numeric(given, errors="coerce")
    wrong = given.index[(areas.isna() & given.notna()) | (areas <= 0)]
    if len(wrong):
        raise InputError(
            f"{where[wrong[0]]}: declared area is {given[wrong[0]]!r} ({len(wrong)} such rows); wanted km² above 0 with a decimal point, "
            "or nothing. Mend the rows, or leave --declared-area out"
        )
    return areas.astype(float)


def _codes(raw: gpd.GeoDataFrame, columns: UnitColumns) -> pd.Series:
    given, where = raw[columns.code], _where(raw)
    missing = given.index[given.isna() | (given.astype(str).str.strip() == "")]
    if len(missing):
        raise InputError(
            f"{where[missing[0]]} has no code in column {columns.code!r} ({len(missing)} such rows); give every unit its code"
        )
    codes: pd.Series = given.map(_code_text).astype(str)
    if columns.code_width:
        codes = codes.str.zfill(columns.code_width)
    numbers = given.index[[not isinstance(value, str) for value in given]]
    if len(numbers) and not columns.code_width:
        raise InputError(
            f"{where[numbers[0]]}: column {columns.code!r} holds numbers (for example {codes[numbers[0]]}), so leading zeros may be lost; "
            "wanted text codes. Mend: export the column as text, or say how many digits a code has with --code-width N"
        )
    _require_official_width(codes, where, columns)
    return codes


def _code_text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(clean_text(value))


def _require_official_width(codes: pd.Series, where: pd.Series, columns: UnitColumns) -> None:
    if columns.vintage not in VIETNAMESE_VINTAGES:
        return
    width = CODE_WIDTH[columns.level]
    wrong = codes.index[~codes.str.fullmatch(rf"[0-9]{{{width}}}")]
    if len(wrong):
        at = wrong[0]
        raise InputError(
            f"{where[at]}: code {codes[at]!r} is not a {columns.level} code of vintage {columns.vintage} ({len(wrong)} such codes); "
            f"wanted {width} digits. Mend: name the right column with --code, restore lost zeros with --code-width {width}, or say --vintage other"
        )


def _require_unique(codes: pd.Series, where: pd.Series) -> None:
    twice = codes[codes.duplicated(keep=False)]
    if len(twice):
        code = twice.iloc[0]
        places = ", ".join(where[twice.index[twice == code]])
        others = sorted(set(twice) - {code})
        more = f"; also {', '.join(others[:9])}" if others else ""
        raise InputError(
            f"code {code!r} stands more than once ({places}{more}); wanted one row per unit: merge or delete the copies"
        )


def _require_named(frame: pd.DataFrame, where: pd.Series) -> None:
    missing = frame.index[frame["name"].isna()]
    if len(missing):
        at = missing[0]
        raise InputError(
            f"{where[at]}: unit {frame['unit_code'][at]!r} has no name ({len(missing)} such units); fill the column or name another with --label"
        )


def _split_kind(names: pd.Series) -> tuple[pd.Series, pd.Series]:
    """`Xã Lộc Thạnh` → (`xã`, `Lộc Thạnh`); names without a known kind keep a null kind."""
    found = names.str.extract(_KIND_PREFIX, expand=False)
    return found.str.lower().where(found.notna(), None), names.str.replace(_KIND_PREFIX, "", regex=True)


def differs_from_declared(units: gpd.GeoDataFrame) -> pd.DataFrame:
    """Units whose measured area is more than `DECLARED_AREA_LIMIT` off the declared one: code, name, both areas, difference."""
    if "declared_area_km2" not in units:
        return pd.DataFrame(columns=["unit_code", "name", "area_km2", "declared_area_km2", "difference"])
    frame = pd.DataFrame(units[["unit_code", "name", "area_km2", "declared_area_km2"]])
    frame["difference"] = (
        frame["area_km2"] / frame["declared_area_km2"].where(frame["declared_area_km2"] > 0) - 1
    )
    return frame[frame["difference"].abs() > DECLARED_AREA_LIMIT].reset_index(drop=True)


def urban_points(units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """A point inside each urban unit (phường, thị trấn …): what distances are taken to where no towns were added."""
    urban = units[units["kind"].isin(URBAN_KINDS)] if "kind" in units else units.head(0)
    return gpd.GeoDataFrame(
        {"name": urban["name"]}, geometry=shapely.point_on_surface(urban.geometry), crs=units.crs
    )
