"""VN-2000 zones by province against the EPSG dataset, and the ranking of zones against points whose zone is known."""

import numpy as np
import pytest
from pyproj import CRS, Transformer

from geo.names import plain_key
from geo.schema import VIETNAMESE_VINTAGES, Level, Vintage
from geo.unit_lists import unit_by_code, units
from geo.vn2000 import (
    EPSG_BY_MERIDIAN,
    MERIDIANS,
    PROVINCES,
    WIDE_BY_MERIDIAN,
    advise,
    degrees_minutes,
    in_metres,
    provinces_of,
    rank_zones,
)

BINH_PHUOC = (106.4, 11.3, 107.5, 12.3)


@pytest.mark.parametrize(("meridian", "epsg"), EPSG_BY_MERIDIAN.items())
def test_epsg_codes_are_tm3_zones_of_that_meridian(meridian: float, epsg: int) -> None:
    crs = CRS.from_epsg(epsg)
    numbers = {p.name: p.value for p in crs.coordinate_operation.params}  # type: ignore[union-attr]
    assert crs.name.startswith("VN-2000 / TM-3")
    assert numbers["Longitude of natural origin"] == meridian
    assert numbers["Scale factor at natural origin"] == 0.9999
    assert numbers["False easting"] == 500_000


@pytest.mark.parametrize("epsg", sorted(set(EPSG_BY_MERIDIAN.values()) - {5897, 5898}))
def test_the_provinces_of_2024_are_those_that_the_epsg_dataset_names(epsg: int) -> None:
    area = CRS.from_epsg(epsg).area_of_use
    assert area is not None
    said = plain_key(area.name.removeprefix("Vietnam - "))
    meridian = next(east for east, code in EPSG_BY_MERIDIAN.items() if code == epsg)
    listed = unit_by_code(Vintage.V2024, Level.PROVINCE)
    for code, east in MERIDIANS[Vintage.V2024].items():
        named = plain_key(listed[code].name)
        if named in said:
            assert east == meridian, named
        if east == meridian:
            assert named in said, named


@pytest.mark.parametrize("vintage", VIETNAMESE_VINTAGES)
def test_every_province_of_every_list_has_a_zone(vintage: Vintage) -> None:
    assert set(MERIDIANS[vintage]) == {unit.code for unit in units(vintage, Level.PROVINCE)}
    assert set(MERIDIANS[vintage].values()) <= set(EPSG_BY_MERIDIAN)


@pytest.mark.parametrize("vintage", PROVINCES)
def test_the_names_are_the_lists(vintage: Vintage) -> None:
    assert dict(PROVINCES[vintage]) == {unit.code: unit.name for unit in units(vintage, Level.PROVINCE)}


def test_merged_provinces_keep_one_of_their_parts_meridians_but_for_lai_chau() -> None:
    """Circular 24/2025 chose for each merged province a meridian that one of its parts had; Lai Châu's is new."""
    parts = {
        "75": ("70", "75"),
        "80": ("72", "80"),
        "44": ("44", "45"),
        "24": ("24", "27"),
        "52": ("52", "64"),
    }
    old, new = MERIDIANS[Vintage.V2024], MERIDIANS[Vintage.V2025_07]
    assert all(new[code] in {old[part] for part in of} for code, of in parts.items())
    assert (old["12"], new["12"]) == (103.0, 104.75)


@pytest.mark.parametrize("turned", [False, True])
def test_the_zone_the_points_were_drawn_in_comes_first(turned: bool) -> None:
    lon, lat = np.linspace(106.5, 107.4, 50), np.linspace(11.4, 12.2, 50)
    x, y = Transformer.from_crs(4326, 9212, always_xy=True).transform(lon, lat)
    given = (y, x) if turned else (x, y)
    assert in_metres(*given) is (not turned)
    best = rank_zones(*given, BINH_PHUOC)[0]
    assert (best.epsg, best.inside, best.swapped) == (9212, 1.0, turned)
    assert advise(*given, BINH_PHUOC).startswith(
        "in this region lie 100% with EPSG:9212 (106°15': Quảng Trị, Bình Phước)"
    )
    assert "no VN-2000 zone puts them into this region" in advise(*given, (1.2, 38.8, 1.7, 39.2))


def test_without_a_region_every_zone_is_listed_with_its_provinces() -> None:
    said = advise(np.array([540_000.0]), np.array([1_270_000.0]), None)
    assert said.count("EPSG:") == len(EPSG_BY_MERIDIAN) + len(WIDE_BY_MERIDIAN) == 19
    assert degrees_minutes(107.75) == "107°45'"
    assert "Đồng Nai" in provinces_of(107.75)


@pytest.mark.parametrize(("x", "y"), [(106.9, 11.5), (10_675_432, 1_153_612), (0, 0), (540_000, 12)])
def test_what_is_not_metres(x: float, y: float) -> None:
    assert in_metres(np.array([x], dtype=float), np.array([y], dtype=float)) is None


@pytest.mark.parametrize(("meridian", "epsg"), WIDE_BY_MERIDIAN.items())
def test_wide_zones_are_utm_zones_of_vn2000(meridian: float, epsg: int) -> None:
    crs = CRS.from_epsg(epsg)
    numbers = {p.name: p.value for p in crs.coordinate_operation.params}  # type: ignore[union-attr]
    assert crs.name.startswith("VN-2000 / UTM zone")
    assert numbers["Longitude of natural origin"] == meridian
    assert numbers["Scale factor at natural origin"] == 0.9996


def test_the_wide_zone_is_offered_beside_the_narrow_one_of_its_meridian() -> None:
    """Of points drawn in UTM 48N the zone of three degrees at 105° makes others, hundreds of metres off: both are said."""
    lon, lat = np.linspace(106.5, 107.4, 50), np.linspace(11.4, 12.2, 50)
    x, y = Transformer.from_crs(4326, 3405, always_xy=True).transform(lon, lat)
    wrong = Transformer.from_crs(5897, 4326, always_xy=True).transform(x, y)
    assert 300 < np.max(np.abs(wrong[1] - lat)) * 111_000 < 500
    said = advise(x, y, BINH_PHUOC)
    assert "100% with EPSG:5897 (105°00': Hà Nội" in said
    assert said.endswith("100% with EPSG:3405 (105°00', six degrees wide)")
