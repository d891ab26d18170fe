"""Names, codes, areas, centres and the old-to-new list, from the data files of the `vietnamadminunits` package (MIT).

Centres and areas are published; the package predates 30 April 2026, when ten xã of Đồng Nai became phường.
"""

import json
import sqlite3
import unicodedata
from contextlib import closing
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from pyproj import Transformer

from data.power_diagram import FloatArray
from data.sample_steady import snap

PACKAGE: Final = "vietnamadminunits"
FIRST_CODE, LAST_CODE = "25195", "25450"
PROVINCE_2026: Final = ("75", "Thành phố Đồng Nai")
PROVINCE_2024: Final = ("70", "Tỉnh Bình Phước")
BECAME_PHUONG: Final = ("25270", "25357", "25363")
"""Lộc Ninh, Tân Khai, Đồng Phú: xã until 30 April 2026, codes unchanged (of ten in the whole of Đồng Nai)."""
NEIGHBOUR_PROVINCES: Final = ("66", "68", "75", "79", "80")
"""Đắk Lắk, Lâm Đồng, Đồng Nai, Thành phố Hồ Chí Minh, Tây Ninh (codes of 2025)."""

PLANE: Final = "+proj=laea +lat_0=11.8 +lon_0=106.9 +ellps=WGS84 +units=m"
"""Equal-area on the ellipsoid, centred on the region; distances within 60 km are true to a few metres."""

_LEGACY_PREFIX: Final = "tinhbinhphuoc_"


@cache
def to_plane() -> Transformer:
    """Longitude, latitude (EPSG:4326) to metres of `PLANE`."""
    return Transformer.from_crs(4326, PLANE, always_xy=True)


@cache
def to_lonlat() -> Transformer:
    """Metres of `PLANE` to longitude, latitude (EPSG:4326)."""
    return Transformer.from_crs(PLANE, 4326, always_xy=True)


def to_plane_m(lonlat: FloatArray, decimals: int = 0) -> FloatArray:
    """Points (n × 2, EPSG:4326) in metres of `PLANE`, whole ones or to `decimals`."""
    return snap(np.stack(to_plane().transform(lonlat[:, 0], lonlat[:, 1]), axis=1), decimals)


def to_degrees(points: FloatArray, decimals: int = 6) -> FloatArray:
    """Points (n × 2, metres of `PLANE`) as longitude, latitude (EPSG:4326) rounded to `decimals`."""
    return snap(np.stack(to_lonlat().transform(points[:, 0], points[:, 1]), axis=1), decimals)


def package_data() -> Path:
    """The folder of the package's data files; raises `ModuleNotFoundError` with the command to install it."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(
            f"{PACKAGE} is needed to make the sample; install it with pip install -e .[dev]"
        )
    return Path(spec.origin).parent / "data"


def read_units() -> pd.DataFrame:
    """Units of 2025 in the region and around it: code, name, kind, province, area_km2, x, y (whole m), `key`,
    `inside`.
    """
    frame = _query(
        "select wardCode as code, wardShort as name, wardType as kind, provinceCode as province, wardLon, wardLat, "
        "wardAreaKm2 as area_km2, provinceKey, wardKey as key from admin_units order by wardCode"
    )
    frame = frame[frame["province"].isin(NEIGHBOUR_PROVINCES)].reset_index(drop=True)
    frame[["x", "y"]] = _whole_metres(frame, "wardLon", "wardLat")
    frame["inside"] = (frame["province"] == PROVINCE_2026[0]) & frame["code"].between(FIRST_CODE, LAST_CODE)
    frame["kind"] = frame["kind"].str.lower()
    frame.loc[frame["code"].isin(BECAME_PHUONG), "kind"] = "phường"
    return frame


def read_legacy() -> pd.DataFrame:
    """The communes of Bình Phước before July 2025: code, name, kind, district_code, district_name,
    district_kind, x, y, district_x, district_y (whole m), `key`.
    """
    frame = _query(
        "select wardCode as code, wardShort as name, wardType as kind, districtCode as district_code, "
        "districtShort as district_name, districtType as district_kind, wardLon, wardLat, districtLon, districtLat, provinceKey, districtKey, wardKey "
        "from admin_units_legacy where provinceCode = '70' order by wardCode"
    )
    frame[["x", "y"]] = _whole_metres(frame, "wardLon", "wardLat")
    frame[["district_x", "district_y"]] = _whole_metres(frame, "districtLon", "districtLat")
    frame["key"] = frame.pop("provinceKey") + "_" + frame.pop("districtKey") + "_" + frame.pop("wardKey")
    frame["kind"] = frame["kind"].str.lower()
    frame["district_kind"] = frame["district_kind"].str.lower()
    return frame


def read_old_to_new() -> dict[str, str]:
    """Key of each legacy commune of Bình Phước → key of the unit of 2025 that it went into whole."""
    content = json.loads((package_data() / "converter_2025.json").read_text(encoding="utf-8"))
    undivided: dict[str, list[str]] = content["DICT_PROVINCE_WARD_NO_DIVIDED"]["tinhdongnai"]
    return {old: new for new, olds in undivided.items() for old in olds if old.startswith(_LEGACY_PREFIX)}


def _whole_metres(frame: pd.DataFrame, longitude: str, latitude: str) -> FloatArray:
    return to_plane_m(np.stack([frame.pop(longitude), frame.pop(latitude)], axis=1).astype(float))


def _query(statement: str) -> pd.DataFrame:
    address = f"{(package_data() / 'dataset.db').as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as connection:
        frame = pd.read_sql_query(statement, connection)
    for column in frame.select_dtypes(exclude="number").columns:
        frame[column] = frame[column].map(lambda text: unicodedata.normalize("NFC", str(text)))
    return frame
