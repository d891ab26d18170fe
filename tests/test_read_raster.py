"""The population raster: only the window around the units is read, nodata is told apart from nobody."""

from pathlib import Path

import numpy as np
import pytest
import rasterio

from geo.errors import CrsError, InputError
from geo.people import count_people
from geo.read_raster import read_population
from tests.files import PEOPLE, A, B, C, write_raster
from tests.tiny import tiles_box

BOUNDS = tuple(tiles_box(0, 0, 12, 4).bounds)


def test_people_of_the_squares(tmp_path: Path) -> None:
    grid = read_population(write_raster(tmp_path / "p.tif"), BOUNDS)
    assert grid.total == 140
    assert count_people(grid, [A, B, C]) == pytest.approx([50, 70, 20], rel=1e-9)


def test_only_the_window_is_read(tmp_path: Path) -> None:
    cells = np.arange(100 * 100, dtype=float).reshape(100, 100)
    path = write_raster(tmp_path / "p.tif", cells, bounds=(100, 10, 110, 20))
    grid = read_population(path, (104.05, 14.05, 104.95, 14.95))
    # 9.x cells each way, and the margin of two
    assert grid.values.shape == (14, 14)
    assert grid.west == pytest.approx(103.8)
    assert grid.north == pytest.approx(15.2)
    assert grid.values[0, 0] == cells[48, 38]


def test_nodata_and_nan_are_unknown_and_zero_is_nobody(tmp_path: Path) -> None:
    path = write_raster(tmp_path / "p.tif", [[-99_999, np.nan, 0, 7]], bounds=(0, 0, 4, 1))
    grid = read_population(path, (0, 0, 4, 1))
    assert grid.known.tolist() == [[False, False, True, True]]
    assert grid.values.tolist() == [[0, 0, 0, 7]]


def test_an_infinite_nodata_value_is_no_count(tmp_path: Path) -> None:
    path = write_raster(tmp_path / "p.tif", [[-np.inf, 1, 2]], bounds=(0, 0, 3, 1), nodata=-np.inf)
    assert read_population(path, (0, 0, 3, 1)).total == 3


def test_integers_are_people_too(tmp_path: Path) -> None:
    path = tmp_path / "p.tif"
    with rasterio.open(write_raster(tmp_path / "f.tif")) as source:
        profile = source.profile | {"dtype": "int32", "nodata": -1}
    with rasterio.open(path, "w", **profile) as target:
        target.write(np.array([PEOPLE], dtype="int32"), 1)
    assert read_population(path, BOUNDS).total == 140


def test_two_bands_are_refused(tmp_path: Path) -> None:
    with rasterio.open(write_raster(tmp_path / "f.tif")) as source:
        profile = source.profile | {"count": 2}
    with rasterio.open(tmp_path / "p.tif", "w", **profile) as target:
        target.write(np.array([[PEOPLE], [PEOPLE]], dtype=float))
    with pytest.raises(InputError, match=r"p\.tif: has 2 bands; wanted one band of people per cell"):
        read_population(tmp_path / "p.tif", BOUNDS)


def test_another_crs_is_refused_because_warping_loses_people(tmp_path: Path) -> None:
    with pytest.raises(CrsError, match="warping a grid of counts loses people"):
        read_population(write_raster(tmp_path / "p.tif", crs="ESRI:54009"), BOUNDS)
