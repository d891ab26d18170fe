"""The population raster: only the window around the units is read, nodata is told apart from nobody."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import shapely
from pyproj import Transformer

from geo.crs import equal_area_km2
from geo.errors import CrsError, InputError
from geo.people import count_people
from geo.read_raster import _NAMES_A_FILE, read_population
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


def write_projected(path: Path, crs: str, cells: Any, cell_m: float) -> Path:
    """A raster in `crs` whose upper left corner lies at the three squares' north-west corner, and a little beyond."""
    west, _, _, north = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform_bounds(*BOUNDS)
    west, north = west - 1000, north + 1000
    rows, columns = np.shape(cells)
    return write_raster(
        path, cells, bounds=(west, north - rows * cell_m, west + columns * cell_m, north), crs=crs
    )


@pytest.mark.parametrize("crs", ["ESRI:54009", "EPSG:32648", "EPSG:9210", "EPSG:3857", "EPSG:4756"])
def test_a_raster_in_another_crs_keeps_its_cells_and_its_people(tmp_path: Path, crs: str) -> None:
    if crs == "EPSG:4756":
        path = write_raster(
            tmp_path / "p.tif", np.ones((200, 200)), bounds=(105.6, 14.9, 105.8, 15.1), crs=crs
        )
    else:
        path = write_projected(tmp_path / "p.tif", crs, np.ones((80, 120)), 100)
    grid = read_population(path, BOUNDS)
    assert set(np.unique(grid.values)) == {1.0}
    people = count_people(grid, [A, B, C])
    area = equal_area_km2([A, B, C])
    assert people / people.sum() == pytest.approx(area / area.sum(), rel=2e-3)
    assert people.sum() == pytest.approx(count_people(grid, [shapely.union_all([A, B, C])])[0], rel=1e-6)


def test_only_the_window_of_a_projected_raster_is_read(tmp_path: Path) -> None:
    path = write_projected(tmp_path / "p.tif", "EPSG:32648", np.ones((2000, 2000)), 100)
    assert max(read_population(path, BOUNDS).values.shape) < 120


@pytest.mark.parametrize(
    ("crs", "bounds", "match"),
    [
        ("EPSG:32648", (0, 0, 100, 100), "p.tif: covers longitude 100.5.*which does not meet the units"),
        (
            "ESRI:54009",
            (-18e6, 8e6, -17e6, 9e6),
            "p.tif: covers x -18,000,000 to -17,000,000.*does not meet the units",
        ),
        ('LOCAL_CS["nowhere",UNIT["metre",1]]', (0, 0, 100, 100), "nowhere.* is not tied to the earth"),
    ],
)
def test_a_raster_of_elsewhere_or_nowhere(
    tmp_path: Path, crs: str, bounds: tuple[float, float, float, float], match: str
) -> None:
    with pytest.raises((InputError, CrsError), match=match):
        read_population(write_raster(tmp_path / "p.tif", crs=crs, bounds=bounds), BOUNDS)


def test_a_raster_of_nan_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no figure at all inside the region"):
        read_population(write_raster(tmp_path / "p.tif", np.full((1, 12), np.nan)), BOUNDS)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('EXTENSION["PROJ4","+proj=merc +nadgrids=@null +wktext"]', False),
        ('EXTENSION["PROJ4","+proj=merc +nadgrids=@null"]', False),
        ('EXTENSION["PROJ4","+proj=merc +nadgrids=@null,/etc/hostname +wktext"]', True),
        ('EXTENSION["PROJ4","+proj=merc +nadgrids=/etc/hostname"]', True),
        ('EXTENSION["PROJ4","+proj=longlat +geoidgrids=@a.gtx"]', True),
    ],
)
def test_a_crs_that_names_a_file_is_told_from_one_that_wants_none(text: str, names: bool) -> None:
    assert (_NAMES_A_FILE.search(text) is not None) == names
