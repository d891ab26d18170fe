"""The friction raster: only the surroundings of the units are read, and minutes per metre are told from other figures."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyproj import Geod

from geo.errors import CrsError, InputError
from geo.pipeline import build
from geo.read_raster import FRICTION_MARGIN_DEG, read_friction
from geo.results import Built, read_built
from geo.workspace import load_workspace
from tests.files import PEOPLE, Files, new_scene, succeed, write_raster
from tests.tiny import tiles_box

BOUNDS = tuple(tiles_box(0, 0, 12, 4).bounds)
PACE = 0.012
"""Minutes per metre on foot, 5 km/h."""


def test_the_surroundings_are_read_and_nothing_more(tmp_path: Path) -> None:
    cells = np.full((100, 100), PACE)
    cells[50, 50] = -9999
    cells[51, 50] = 0
    path = write_raster(tmp_path / "f.tif", cells, bounds=(100, 10, 110, 20), nodata=-9999)
    grid = read_friction(path, (104.96, 14.86, 105.14, 15.04))
    # 103.96 to 106.14 are 23 cells of 0.1°, begun ones too, and two more on either side
    assert grid.minutes_per_m.shape == (27, 27)
    assert grid.west == pytest.approx(105.0 - FRICTION_MARGIN_DEG - 0.3)
    blocked = np.argwhere(np.isnan(grid.minutes_per_m))
    top = round((20 - grid.north) / 0.1)
    left = round((grid.west - 100) / 0.1)
    assert (blocked + np.array([top, left])).tolist() == [[50, 50], [51, 50]]


BAD: list[tuple[str, Any, dict[str, Any], str]] = [
    ("nothing but nodata", [[-9999.0] * 12], {"nodata": -9999}, r"f\.tif: around the units .*no cell that can be crossed"),
    ("not a number", [[np.nan] * 12], {}, r"no cell that can be crossed.*raster of this region"),
    ("below nothing", [[-1.0] * 12], {}, r"no cell that can be crossed"),
    ("no way through", [[np.inf] * 12], {}, r"no cell that can be crossed"),
    ("minutes per kilometre", [[12.0] * 12], {}, r"middle cell takes 12 minutes per metre \(0\.005 km/h\).*divide minutes per kilometre by 1000"),
    ("hours per metre", [[0.00002] * 12], {}, r"0\.0001 to 1"),
    ("in metres", [[PACE] * 12], {"crs": "EPSG:32648", "bounds": (5e5, 16e5, 6e5, 17e5)}, r"is in WGS 84 / UTM zone 48N; wanted longitude and latitude"),
    ("no CRS", [[PACE] * 12], {"crs": None}, r"does not state its CRS"),
    ("elsewhere", [[PACE] * 12], {"bounds": (10, 50, 11, 51)}, r"covers longitude 10\.000 to 11\.000.*does not meet the units"),
    ("in the margin only", [[PACE] * 12], {"bounds": (106.5, 14.5, 107, 15)}, r"does not meet the units"),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "given", "match"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_bad_rasters(tmp_path: Path, cells: Any, given: dict[str, Any], match: str) -> None:
    with pytest.raises((InputError, CrsError), match=match):
        read_friction(write_raster(tmp_path / "f.tif", cells, **given), BOUNDS)


def test_more_cells_than_ways_are_sought_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geo.read_raster.LARGEST_FRICTION", 11)
    with pytest.raises(
        InputError, match=r"has 12 cells around the units, more cells than the 11 .*gdalwarp -tr"
    ):
        read_friction(write_raster(tmp_path / "f.tif", [[PACE] * 12]), BOUNDS)


def built_with(root: Path, scene: Files, cells: Any) -> Built:
    """The scene with people in half strips, so that each lies in one unit, and a surface of `cells`."""
    new_scene(root, scene.units)
    succeed("add", root, "population", write_raster(scene.people, [np.repeat(PEOPLE, 2) / 2]))
    succeed("add", root, "places", scene.places)
    succeed("add", root, "friction", write_raster(scene.units.with_name("f.tif"), cells), "--date", "2024")
    build(load_workspace(root))
    return read_built(root)


def test_minutes_of_the_three_squares_by_eye(tmp_path: Path, scene: Files) -> None:
    """Twelve strips a tile wide at walking pace; the town stands in the last, so strip i is 11 − i steps away."""
    built = built_with(tmp_path / "ws", scene, [[PACE] * 12])
    rows = built.primary.result.set_index("unit_code")
    west, south, east, north = BOUNDS
    middle = (south + north) / 2
    step = PACE * Geod(ellps="WGS84").inv(west, middle, west + (east - west) / 12, middle)[2]
    # A: 10 people in strips 0 to 3 and in its half of strip 4; B: 10 in the other half, 20 in 5 to 7; C: 5 in each
    wanted = [(10 * (11 + 10 + 9 + 8) + 10 * 7) / 50, (10 * 7 + 20 * (6 + 5 + 4)) / 70, (3 + 2 + 1 + 0) / 4]
    assert rows["town_minutes"].tolist() == pytest.approx([steps * step for steps in wanted], rel=1e-6)
    assert not [row for row in built.quality if row["code"] == "no_way_to_town"]
    assert [given["date"] for given in built.manifest["inputs"] if given["kind"] == "friction"] == ["2024"]


def test_a_river_without_a_bridge_leaves_a_unit_without_minutes_and_says_so(
    tmp_path: Path, scene: Files
) -> None:
    built = built_with(tmp_path / "ws", scene, [[PACE] * 7 + [-9999] + [PACE] * 4])
    rows = built.primary.result.set_index("unit_code")
    assert rows["town_minutes"].isna().tolist() == [True, True, False]
    assert rows["town_distance_km"].notna().all()
    (said,) = [row for row in built.quality if row["code"] == "no_way_to_town"]
    assert "2 of 3 units have no travel time to a town (01, 02)" in said["message"]
    assert said["value"] == 2


def test_without_a_surface_there_is_no_column(squares: Path, scene: Files) -> None:
    succeed("add", squares, "places", scene.places)
    build(load_workspace(squares))
    assert "town_minutes" not in read_built(squares).primary.result
