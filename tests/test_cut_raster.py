"""Cells are copied where they were: from one raster, from tiles, up to any border, in any number of bands."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import cut_raster as module
from geo.cut_raster import Piece, merge_rasters
from geo.errors import InputError
from tests.files import write_raster


def test_a_raster_keeps_its_cells_where_they_were(tmp_path: Path) -> None:
    cells = np.arange(100 * 100, dtype=float).reshape(100, 100)
    whole = write_raster(tmp_path / "whole.tif", cells, bounds=(106.0, 11.0, 107.0, 12.0))
    merge_rasters([Piece(whole)], (106.505, 11.505, 106.595, 11.595), tmp_path / "cut.tif")
    with rasterio.open(tmp_path / "cut.tif") as cut:
        assert cut.read(1).shape == (18, 18)
        row, column = cut.index(106.555, 11.555)
        assert cut.read(1)[row, column] == cells[44, 55]
        assert cut.nodata == -99_999.0
    merge_rasters([Piece(whole)], (106.505, 11.505, 106.595, 11.595), tmp_path / "again.tif")
    assert (tmp_path / "again.tif").read_bytes() == (tmp_path / "cut.tif").read_bytes()
    with pytest.raises(InputError, match="does not meet the region"):
        merge_rasters([Piece(whole)], (10.0, 50.0, 11.0, 51.0), tmp_path / "no.tif")


STEP = 0.01
SIDE = 40


def write_part(folder: Path, cells: Any, column: int, row: int, **more: Any) -> Piece:
    """Cells as a raster whose first cell is at a column and row of a grid that begins at 106° E, 12° N."""
    rows, columns = np.shape(cells)
    west, north = 106 + column * STEP, 12 - row * STEP
    bounds = (west, north - rows * STEP, west + columns * STEP, north)
    return Piece(write_raster(folder / f"{column}-{row}.tif", cells, bounds=bounds, **more))


@settings(deadline=None)  # writes files: how long that takes is the machine's affair
@given(
    columns=st.lists(st.integers(1, SIDE - 1), max_size=2, unique=True),
    rows=st.lists(st.integers(1, SIDE - 1), max_size=2, unique=True),
    corner=st.tuples(st.integers(0, SIDE - 1), st.integers(0, SIDE - 1)),
    size=st.tuples(st.integers(1, SIDE), st.integers(1, SIDE)),
)
def test_tiles_put_together_are_the_raster_they_were_cut_from(
    tmp_path_factory: pytest.TempPathFactory,
    columns: list[int],
    rows: list[int],
    corner: tuple[int, int],
    size: tuple[int, int],
) -> None:
    folder = tmp_path_factory.mktemp("tiles")
    cells = np.arange(SIDE * SIDE, dtype=float).reshape(SIDE, SIDE)
    whole = write_part(folder, cells, 0, 0)
    lefts, tops = [0, *sorted(columns), SIDE], [0, *sorted(rows), SIDE]
    (folder / "parts").mkdir()
    pieces = [
        write_part(folder / "parts", cells[top:bottom, left:right], left, top)
        for left, right in pairwise(lefts)
        for top, bottom in pairwise(tops)
    ]
    west, north = 106 + (corner[0] + 0.3) * STEP, 12 - (corner[1] + 0.3) * STEP
    bounds = (west, north - size[1] * STEP, west + size[0] * STEP, north)
    merge_rasters(pieces, bounds, folder / "merged.tif")
    merge_rasters([Piece(whole.path)], bounds, folder / "cut.tif")
    with rasterio.open(folder / "merged.tif") as merged, rasterio.open(folder / "cut.tif") as cut:
        np.testing.assert_array_equal(merged.read(1), cut.read(1))
        np.testing.assert_allclose(merged.bounds, cut.bounds, rtol=0, atol=1e-9)


def test_bands_of_rows_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cells = np.arange(700 * 300, dtype=float).reshape(700, 300)
    whole = write_part(tmp_path, cells, 0, 0)
    merge_rasters([Piece(whole.path)], (106, 5, 109, 12), tmp_path / "once.tif")
    monkeypatch.setattr(module, "_BAND_CELLS", 1)
    merge_rasters([Piece(whole.path)], (106, 5, 109, 12), tmp_path / "banded.tif")
    with rasterio.open(tmp_path / "banded.tif") as banded:
        np.testing.assert_array_equal(banded.read(1), cells)
    assert (tmp_path / "banded.tif").read_bytes() == (tmp_path / "once.tif").read_bytes()


def test_where_no_piece_is_there_is_no_figure(tmp_path: Path) -> None:
    left = write_part(tmp_path, np.ones((10, 10)), 0, 0, nodata=None)
    merge_rasters(
        [left], (106, 11.9, 106.2, 12), tmp_path / "a.tif", extent=(106, 11.9, 106.2, 12), nodata=-200.0
    )
    with rasterio.open(tmp_path / "a.tif") as merged:
        cells = merged.read(1, masked=True)
    assert cells.shape == (10, 20)
    assert cells.count() == 100
    assert not np.ma.getmaskarray(cells)[:, :10].any()


@pytest.mark.parametrize(
    ("column", "more", "told"),
    [
        (10.4, {}, "is not of the same grid"),
        (10, {"nodata": None}, "nodata"),
        (10, {"crs": "EPSG:9210"}, "CRS"),
    ],
)
def test_tiles_of_another_grid_are_refused(tmp_path: Path, column: Any, more: dict[str, Any], told: str) -> None:  # fmt: skip
    first = write_part(tmp_path, np.ones((10, 10)), 0, 0)
    other = write_part(tmp_path, np.ones((10, 10)), column, 0, **more)
    with pytest.raises(InputError, match=told):
        merge_rasters([first, other], (106, 11.9, 106.2, 12), tmp_path / "a.tif")
    assert not list(tmp_path.glob("*a*.tif"))


def test_tiles_with_cells_of_another_size_are_refused(tmp_path: Path) -> None:
    first = write_part(tmp_path, np.ones((10, 10)), 0, 0)
    other = Piece(write_raster(tmp_path / "b.tif", np.ones((10, 5)), bounds=(106.1, 11.9, 106.2, 12)))
    with pytest.raises(InputError, match="is not of the same grid"):
        merge_rasters([first, other], (106, 11.9, 106.2, 12), tmp_path / "a.tif")


def test_files_that_ask_for_too_much_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    piece = write_part(tmp_path, np.ones((10, 10)), 0, 0)
    monkeypatch.setattr(module, "LARGEST_CELLS", 50)
    with pytest.raises(InputError, match="100 of its cells, more than 50"):
        merge_rasters([piece], (106, 11.9, 106.1, 12), tmp_path / "a.tif")
    monkeypatch.setattr(module, "LARGEST_BLOCK_BYTES", 100)
    with pytest.raises(InputError, match="100 cells at a time, more than can be held"):
        merge_rasters([piece], (106, 11.9, 106.1, 12), tmp_path / "a.tif")


@pytest.mark.parametrize(
    "content", [b"", b"II*\0", b"<html>", b'<VRTDataset rasterXSize="1" rasterYSize="1"/>']
)
def test_what_is_no_geotiff_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(content)
    with pytest.raises(InputError, match="cannot be read as GeoTIFF"):
        merge_rasters([Piece(path)], (106, 11.9, 106.1, 12), tmp_path / "b.tif")


def test_a_raster_cut_short_leaves_nothing(tmp_path: Path) -> None:
    dice = np.random.default_rng(1)
    piece = write_part(tmp_path, dice.random((100, 100)), 0, 0)
    piece.path.write_bytes(piece.path.read_bytes()[:-20_000])
    with pytest.raises(InputError, match="cannot be read as GeoTIFF"):
        merge_rasters([piece], (106, 11, 107, 12), tmp_path / "b.tif")
    assert [path.name for path in tmp_path.iterdir()] == [piece.path.name]
