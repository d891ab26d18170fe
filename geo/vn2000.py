"""VN-2000: which TM-3 zone a province's maps are drawn in, and which zone puts coordinates in metres into a region.

Central meridians of the 63 provinces: circular 973/2001/TT-TCĐC of 20 June 2001, annex, table 4 (Điện Biên, Đắk Nông and
Hậu Giang, made in 2004, keep that of the province they came from; so does circular 25/2014/TT-BTNMT, annex 2). Of the 34
provinces of July 2025: circular 24/2025/TT-BNNMT of 20 June 2025, annex (it amends QCVN 80:2024/BTNMT). Older maps keep
the meridian of the older province, so both are offered. EPSG codes: EPSG dataset, "VN-2000 / TM-3 …".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final

import numpy as np
from pyproj import Transformer

from geo.arrays import FloatArray
from geo.crs import Bounds
from geo.schema import Vintage

EPSG_BY_MERIDIAN: Final[Mapping[float, int]] = MappingProxyType(
    {
        103.0: 9205, 104.0: 9206, 104.5: 9207, 104.75: 9208, 105.0: 5897, 105.5: 9209, 105.75: 9210, 106.0: 9211,
        106.25: 9212, 106.5: 9213, 107.0: 9214, 107.25: 9215, 107.5: 9216, 107.75: 5899, 108.0: 5898, 108.25: 9217,
        108.5: 9218,
    }
)  # fmt: skip
"""TM-3 zones (scale 0.9999, false easting 500 km) by central meridian in degrees east."""
WIDE_BY_MERIDIAN: Final[Mapping[float, int]] = MappingProxyType({105.0: 3405, 111.0: 3406})
"""Zones of six degrees (UTM 48N and 49N, scale 0.9996), in which maps of several provinces and of the country are drawn."""

_CODES_2024: Final = {
    103.0: "11 12", 104.0: "14", 104.5: "91 96", 104.75: "10 15 25 40 89",
    105.0: "01 26 35 37 38 87 92 93 95", 105.5: "02 27 30 33 34 36 42 72 84 86 94", 105.75: "04 31 74 79 80 82 83",
    106.0: "08 17 44", 106.25: "45 70", 106.5: "06 19", 107.0: "24 46", 107.25: "20", 107.5: "62",
    107.75: "22 48 49 68 75 77", 108.0: "51", 108.25: "52 56 58", 108.5: "54 60 64 66 67",
}  # fmt: skip
_CODES_2025: Final = {
    103.0: "11", 104.0: "14", 104.5: "96", 104.75: "12 15 25 40 91", 105.0: "01 37 38 82 92", 105.5: "33 42 86",
    105.75: "04 31 79 80", 106.0: "08 44", 106.5: "19", 107.0: "24 46", 107.25: "20", 107.75: "22 48 68 75",
    108.0: "51", 108.25: "52 56", 108.5: "66",
}  # fmt: skip


def _by_province(codes: Mapping[float, str]) -> Mapping[str, float]:
    return MappingProxyType({code: east for east, listed in codes.items() for code in listed.split()})


MERIDIANS: Final[Mapping[Vintage, Mapping[str, float]]] = MappingProxyType(
    {
        Vintage.V2024: _by_province(_CODES_2024),
        Vintage.V2025_07: _by_province(_CODES_2025),
        Vintage.V2026_04: _by_province(_CODES_2025),
    }
)
"""Central meridian in degrees east by list of units and province code."""

NAMES: Final[Mapping[str, str]] = MappingProxyType({
    "01": "Hà Nội", "02": "Hà Giang", "04": "Cao Bằng", "06": "Bắc Kạn", "08": "Tuyên Quang", "10": "Lào Cai",
    "11": "Điện Biên", "12": "Lai Châu", "14": "Sơn La", "15": "Yên Bái", "17": "Hòa Bình", "19": "Thái Nguyên",
    "20": "Lạng Sơn", "22": "Quảng Ninh", "24": "Bắc Giang", "25": "Phú Thọ", "26": "Vĩnh Phúc", "27": "Bắc Ninh",
    "30": "Hải Dương", "31": "Hải Phòng", "33": "Hưng Yên", "34": "Thái Bình", "35": "Hà Nam", "36": "Nam Định",
    "37": "Ninh Bình", "38": "Thanh Hóa", "40": "Nghệ An", "42": "Hà Tĩnh", "44": "Quảng Bình", "45": "Quảng Trị",
    "46": "Huế", "48": "Đà Nẵng", "49": "Quảng Nam", "51": "Quảng Ngãi", "52": "Bình Định", "54": "Phú Yên",
    "56": "Khánh Hòa", "58": "Ninh Thuận", "60": "Bình Thuận", "62": "Kon Tum", "64": "Gia Lai", "66": "Đắk Lắk",
    "67": "Đắk Nông", "68": "Lâm Đồng", "70": "Bình Phước", "72": "Tây Ninh", "74": "Bình Dương", "75": "Đồng Nai",
    "77": "Bà Rịa - Vũng Tàu", "79": "Hồ Chí Minh", "80": "Long An", "82": "Tiền Giang", "83": "Bến Tre",
    "84": "Trà Vinh", "86": "Vĩnh Long", "87": "Đồng Tháp", "89": "An Giang", "91": "Kiên Giang", "92": "Cần Thơ",
    "93": "Hậu Giang", "94": "Sóc Trăng", "95": "Bạc Liêu", "96": "Cà Mau",
})  # fmt: skip
"""Provinces of 2024 by code. Written down here, because a confined reader cannot open the lists of units."""
_NAMES_2025: Final = {
    **NAMES, "15": "Lào Cai", "24": "Bắc Ninh", "44": "Quảng Trị", "52": "Gia Lai", "80": "Tây Ninh", "82": "Đồng Tháp",
    "91": "An Giang",
}  # fmt: skip
PROVINCES: Final[Mapping[Vintage, Mapping[str, str]]] = MappingProxyType(
    {
        Vintage.V2024: NAMES,
        Vintage.V2025_07: MappingProxyType({code: _NAMES_2025[code] for code in MERIDIANS[Vintage.V2025_07]}),
    }
)

_EASTING_M: Final = (200_000.0, 800_000.0)
_NORTHING_M: Final = (500_000.0, 2_800_000.0)
"""Where Vietnam's land and islands lie in any of the zones, with room to spare."""
_SAMPLE: Final = 2_000


@dataclass(frozen=True)
class ZoneFit:
    """How a zone suits coordinates: share of them in the region, distance from its middle in degrees, order of the axes."""

    epsg: int
    meridian: float
    inside: float
    distance_deg: float
    swapped: bool

    @property
    def label(self) -> str:
        """`EPSG:9212 (106°15': Bình Phước, Quảng Trị)`, of a zone of six degrees `EPSG:3405 (105°00', six degrees wide)`."""
        is_wide = self.epsg in WIDE_BY_MERIDIAN.values()
        of = ", six degrees wide" if is_wide else f": {', '.join(provinces_of(self.meridian))}"
        return f"EPSG:{self.epsg} ({degrees_minutes(self.meridian)}{of})"


def as_bounds(given: Sequence[float] | None) -> Bounds | None:
    """Four numbers as bounds; None as it is."""
    if given is None:
        return None
    west, south, east, north = given
    return west, south, east, north


def degrees_minutes(degrees: float) -> str:
    """`106.25` → `106°15'`."""
    return f"{int(degrees)}°{round((degrees - int(degrees)) * 60):02}'"


@lru_cache(maxsize=32)
def provinces_of(meridian: float) -> tuple[str, ...]:
    """Names of the provinces of 2024 that use a meridian, then those of 2025 that came to it."""
    names: dict[str, None] = {}
    for vintage, listed in PROVINCES.items():
        names |= {listed[code]: None for code, east in MERIDIANS[vintage].items() if east == meridian}
    return tuple(names)


def in_metres(x: FloatArray, y: FloatArray) -> bool | None:
    """Whether coordinates look like VN-2000 metres: True in the order easting, northing, False the other way round."""
    for first, second, order in ((x, y, True), (y, x, False)):
        if len(x) and _within(first, _EASTING_M) and _within(second, _NORTHING_M):
            return order
    return None


def _within(values: FloatArray, span: tuple[float, float]) -> bool:
    return bool(np.all((values >= span[0]) & (values <= span[1])))


def rank_zones(
    x: FloatArray, y: FloatArray, region: Bounds, zones: Mapping[float, int] = EPSG_BY_MERIDIAN
) -> list[ZoneFit]:
    """Zones by how many of the points (metres, in the order that `in_metres` found) they put into the region, best first.

    Among zones that put equally many there, the one whose points lie nearest to its middle comes first.
    """
    swapped = in_metres(x, y) is False
    step = max(1, len(x) // _SAMPLE)
    east, north = (y[::step], x[::step]) if swapped else (x[::step], y[::step])
    fits = [_fit(meridian, epsg, east, north, region, swapped) for meridian, epsg in zones.items()]
    return sorted(fits, key=lambda fit: (-fit.inside, fit.distance_deg, fit.epsg))


def _fit(
    meridian: float, epsg: int, east: FloatArray, north: FloatArray, region: Bounds, swapped: bool
) -> ZoneFit:
    lon, lat = (np.asarray(axis, dtype=float) for axis in _to_degrees(epsg).transform(east, north))
    west, south, right, top = region
    inside = (lon >= west) & (lon <= right) & (lat >= south) & (lat <= top)
    middle = np.hypot(np.mean(lon) - (west + right) / 2, np.mean(lat) - (south + top) / 2)
    return ZoneFit(epsg, meridian, float(np.mean(inside)), float(middle), swapped)


@lru_cache(maxsize=32)
def _to_degrees(epsg: int) -> Transformer:
    return Transformer.from_crs(epsg, 4326, always_xy=True)


def advise(x: FloatArray, y: FloatArray, region: Bounds | None) -> str:
    """Which zones to try, as the end of a message: those that fit the region, or all with their provinces.

    The three best of three degrees, and any of six: their scales differ, so that the wrong kind puts a point hundreds of
    metres off and still into the region.
    """
    if region is not None:
        best = [fit for fit in rank_zones(x, y, region) if fit.inside > 0][:3]
        best += [fit for fit in rank_zones(x, y, region, WIDE_BY_MERIDIAN) if fit.inside > 0]
        if best:
            return "in this region lie " + "; ".join(f"{fit.inside:.0%} with {fit.label}" for fit in best)
        return "no VN-2000 zone puts them into this region: check that the file is of it"
    listed = (
        ZoneFit(epsg, meridian, 0, 0, False).label
        for meridian, epsg in (*sorted(EPSG_BY_MERIDIAN.items()), *WIDE_BY_MERIDIAN.items())
    )
    return "VN-2000 by province: " + "; ".join(listed)
