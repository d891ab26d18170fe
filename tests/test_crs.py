"""Areas against closed formulas and the geodesic; frames that must not meet; the zone distances are taken in."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.crs import equal_area_km2, geodesic_area_km2, metric_crs, require_same, to_storage
from geo.errors import CrsError

A_KM, E2 = 6378.137, 0.00669437999014  # WGS 84: semi-major axis, first eccentricity squared


def _zone_area_km2(south: float, north: float, degrees: float) -> float:
    """Area between two parallels over a span of longitude: the closed formula of the ellipsoid's zone (Snyder 1987, 3-12)."""
    e = np.sqrt(E2)

    def q(latitude: float) -> float:
        s = np.sin(np.radians(latitude))
        return float((1 - E2) * (s / (1 - E2 * s * s) + np.arctanh(e * s) / e))

    return float(A_KM**2 * (q(north) - q(south)) / 2 * np.radians(degrees))


@pytest.mark.parametrize(("west", "south"), [(106, 11), (0, 0), (-67, 18), (25, -45), (-20, 60)])
def test_equal_area_of_a_degree_square_is_the_zone_of_the_ellipsoid(west: float, south: float) -> None:
    square = shapely.box(west, south, west + 1, south + 1)
    assert equal_area_km2([square])[0] == pytest.approx(_zone_area_km2(south, south + 1, 1), rel=1e-10)


def test_a_degree_square_at_the_equator_measures_what_is_published() -> None:
    # Karney's planimeter: -E "0 0; 0 1; 1 1; 1 0" gives 12308778361.469 m² with geodesic edges
    assert geodesic_area_km2([shapely.box(0, 0, 1, 1)])[0] == pytest.approx(12308.778361469, rel=1e-9)


@given(west=st.floats(-179, 178), south=st.floats(-60, 60), size=st.floats(0.001, 0.01))
def test_both_areas_agree_on_small_squares(west: float, south: float, size: float) -> None:
    square = shapely.box(west, south, west + size, south + size)
    assert equal_area_km2([square])[0] == pytest.approx(geodesic_area_km2([square])[0], rel=1e-6)


def test_area_knows_no_winding_holes_count_off_and_parts_add_up() -> None:
    whole, hole = shapely.box(106, 11, 106.2, 11.2), shapely.box(106.05, 11.05, 106.1, 11.1)
    ring = whole.difference(hole)
    far = shapely.box(107, 11, 107.1, 11.1)
    for area in (geodesic_area_km2, equal_area_km2):
        outer, inner, holed, backwards, both, other, third = area(
            [
                whole,
                hole,
                ring,
                shapely.reverse(ring),
                shapely.MultiPolygon([ring, far]),
                far,
                shapely.Polygon(),
            ]
        )
        assert holed == pytest.approx(outer - inner, rel=1e-12)
        assert backwards == pytest.approx(holed, rel=1e-12)
        assert both == pytest.approx(holed + other, rel=1e-12)
        assert third == 0
    assert geodesic_area_km2([]).shape == equal_area_km2([]).shape == (0,)


def _frame(crs: str | None) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(106, 11)], crs=crs)


def test_frames_of_different_or_no_crs_must_not_meet() -> None:
    require_same([("units", _frame("EPSG:4326")), ("tiles", _frame("EPSG:4326"))])
    with pytest.raises(CrsError, match=r"units: EPSG:4326; tiles: EPSG:3857.*to_crs"):
        require_same([("units", _frame("EPSG:4326")), ("tiles", _frame("EPSG:3857"))])
    with pytest.raises(CrsError, match=r"no CRS on tiles; set one"):
        require_same([("units", _frame("EPSG:4326")), ("tiles", _frame(None))])


def test_to_storage_converts_and_never_guesses() -> None:
    there = _frame("EPSG:4326").to_crs("EPSG:9210")
    back = to_storage(there, source="x").geometry.iloc[0]
    assert (back.x, back.y) == pytest.approx((106, 11), abs=1e-4)
    with pytest.raises(CrsError, match=r"x\.shp: .*look like degrees, which are --crs EPSG:4326"):
        to_storage(_frame(None), source="x.shp")


@pytest.mark.parametrize(
    ("bounds", "epsg"),
    [
        ((106, 11, 107, 12), 32648),
        ((108.1, 12, 109, 13), 32649),
        ((-67.3, 18, -65.3, 19), 32619),
        ((25, -46, 26, -45), 32735),
        ((-180, 0, -180, 0), 32601),
        ((180, 0, 180, 0), 32660),
    ],
)
def test_the_zone_of_the_middle(bounds: tuple[float, float, float, float], epsg: int) -> None:
    assert metric_crs(bounds).to_epsg() == epsg
