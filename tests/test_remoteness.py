"""How far people live from a town: distances that a ruler gives."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Geod

from geo.errors import InputError
from geo.remoteness import town_distance_km
from tests.tiny import X, Y, grid_over, latitude, longitude, tiles_box, units_of, voronoi_units

WGS84 = Geod(ellps="WGS84")


def _at(right: float, down: float) -> tuple[float, float]:
    return longitude(X + right), latitude(Y + down)


def _towns(*places: tuple[float, float]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[shapely.Point(_at(*place)) for place in places], crs="EPSG:4326")


def _ruler_km(start: tuple[float, float], stop: tuple[float, float]) -> float:
    return float(WGS84.inv(*_at(*start), *_at(*stop))[2]) / 1000


def test_without_a_grid_the_distance_is_from_inside_the_unit() -> None:
    distance = town_distance_km(units_of(a=tiles_box(0, 0, 2, 2)), _towns((11, 1), (50, 1)), None)
    assert distance.name == "town_distance_km"
    assert distance["a"] == pytest.approx(_ruler_km((1, 1), (11, 1)), rel=1e-3)


def test_people_pull_the_mean_to_where_they_live() -> None:
    units = units_of(a=tiles_box(0, 0, 2, 1), b=tiles_box(2, 0, 4, 1))
    grid = grid_over(0, 0, 4, 1, [[30, 10, 0, 7]])
    distance = town_distance_km(units, _towns((0.5, 0.5)), grid)
    assert distance["a"] == pytest.approx(10 / 40 * _ruler_km((1.5, 0.5), (0.5, 0.5)), rel=1e-3)
    assert distance["b"] == pytest.approx(_ruler_km((3.5, 0.5), (0.5, 0.5)), rel=1e-3)


def test_without_people_the_unit_itself_is_measured() -> None:
    units = units_of(a=tiles_box(0, 0, 1, 1), b=tiles_box(20, 0, 21, 1))
    distance = town_distance_km(units, _towns((0.5, 0.5)), grid_over(0, 0, 2, 1, [[0, 5]]))
    assert distance["a"] == pytest.approx(0, abs=0.01)
    assert distance["b"] == pytest.approx(_ruler_km((20.5, 0.5), (0.5, 0.5)), rel=1e-3)


def test_no_town_is_not_distance_zero() -> None:
    with pytest.raises(InputError, match=r"no towns were given.*add places of class town"):
        town_distance_km(units_of(a=tiles_box(0, 0, 1, 1)), _towns(), None)


def test_the_order_of_units_and_towns_does_not_matter() -> None:
    units, towns = voronoi_units(3, 8), _towns((1, 1), (7, 3), (4, 6))
    grid = grid_over(0, 0, 8, 8, np.random.default_rng(1).gamma(0.3, 9, (40, 40)))
    there = town_distance_km(units, towns, grid)
    back = town_distance_km(units.iloc[::-1], towns.iloc[::-1], grid)
    assert back.reindex(there.index).to_numpy() == pytest.approx(there.to_numpy())
    more = town_distance_km(units, _towns((1, 1), (7, 3), (4, 6), (2, 5)), grid)
    assert (more <= there + 1e-9).all()
