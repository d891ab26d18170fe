"""GHS-POP by tile: only those that the units meet, put together cell by cell, and what is missing stays missing."""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import shapely

from geo.errors import InputError
from geo.export import export_layer
from geo.results import read_built
from geo.sources import ghspop
from geo.sources.ghspop import Tile
from geo.workspace import load_workspace
from tests.fault_server import Site, serve
from tests.files import new_scene, run, snapshot, succeed, write_units
from tests.ghs_tiles import FOLDER, INDEX, NORTH, STEP, WEST, add_index, add_tile, name_of, people, zipped
from tests.mirror import use_mirror

EAST, SOUTH = Tile(8, 30).bounds[0], Tile(8, 29).bounds[3]
"""Where R7 and R8, C29 and C30 meet: 109.99° E, 19.10° N."""
CORNER = {
    name: shapely.box(EAST + x, SOUTH + y, EAST + x + 0.3, SOUTH + y + 0.3)
    for name, x, y in (("01", -0.3, 0.0), ("02", 0.0, 0.0), ("03", -0.3, -0.3), ("04", 0.0, -0.3))
}
FOUR = [Tile(7, 29), Tile(7, 30), Tile(8, 29), Tile(8, 30)]
"""The tiles of the four units, in their order."""


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("VUNGLOM_FETCH_PAUSE_S", "0.001")
    with serve(Site()) as running:
        use_mirror(monkeypatch, running, "ghspop")
        yield running


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace of the four squares."""
    made: Path = tmp_path / "ws"
    new_scene(made, write_units(tmp_path / "units.geojson", CORNER))
    return made


def fetch(root: Path, *more: str) -> str:
    return succeed("fetch", root, "population", "--from", "ghspop", *more)


def fetched_raster(root: Path) -> Path:
    (entry,) = load_workspace(root).of_kind("population")
    return load_workspace(root).resolve(entry.files[0])


def asked_tiles(site: Site) -> list[str]:
    return [path.rpartition("/")[2] for _, path, _ in site.asked if "/tiles/" in path]


# ---- which tiles


@pytest.mark.parametrize(
    ("place", "tile"),
    [
        # places and tiles as published work names them together
        ((106.9, 11.5), "R8_C29"),  # Bình Phước
        ((8.54, 47.38), "R5_C19"),  # Zürich
        ((36.82, -1.29), "R10_C22"),  # Nairobi
        ((-13.23, 8.48), "R9_C17"),  # Freetown
        ((-73.97, 40.78), "R5_C11"),  # New York
        ((-3.70, 40.42), "R5_C18"),  # Madrid
        ((-55.86, -1.77), "R10_C13"),  # Oriximiná, at 1.8° S in the tile that begins at 0.9° S
        ((15.3, -4.3), "R10_C20"),  # Kinshasa
        ((-179.9, 89.0), "R1_C1"),
        ((179.9, -89.0), "R18_C36"),
    ],
)
def test_a_place_lies_in_the_published_tile(place: tuple[float, float], tile: str) -> None:
    found = ghspop.tiles_meeting(np.array([shapely.Point(place).buffer(0.01)], dtype=object))
    assert [one.id for one in found] == [tile]


def test_tiles_do_not_begin_at_whole_degrees() -> None:
    # 19.05° N lies in R8 (which reaches to 19.0996), 19.15° N in R7
    for latitude, tile in ((19.05, "R8_C29"), (19.15, "R7_C29")):
        found = ghspop.tiles_meeting(np.array([shapely.box(105, latitude, 105.01, latitude + 0.01)], dtype=object))  # fmt: skip
        assert [one.id for one in found] == [tile]


def test_only_tiles_that_a_unit_meets_are_wanted() -> None:
    # the box around both reaches over nine tiles
    units = np.array([shapely.box(100, 10, 101, 11), shapely.box(125, 25, 126, 26)], dtype=object)
    assert [one.id for one in ghspop.tiles_meeting(units)] == ["R8_C29", "R7_C31"][::-1]
    assert ghspop.tiles_meeting(np.array(list(CORNER.values()), dtype=object)) == FOUR


def test_published_address() -> None:
    name = ghspop.file_name(2025, Tile(8, 29))
    assert ghspop.SOURCE.address("tile", {}, epoch=2025, file=name).url == (
        "https://jeodpp.jrc.ec.europa.eu/ftp/jrc-opendata/GHSL/GHS_POP_GLOBE_R2023A/GHS_POP_E2025_GLOBE_R2023A_4326_3ss/"
        "V1-0/tiles/GHS_POP_E2025_GLOBE_R2023A_4326_3ss_V1_0_R8_C29.zip"
    )


# ---- putting together


def expected(raster: Any) -> np.ndarray:
    """What every cell of an output must hold: the number that its place in the whole grid has."""
    left, top = (raster.transform.c - WEST) / STEP, (NORTH - raster.transform.f) / STEP
    assert left == pytest.approx(round(left), abs=1e-3)
    rows, columns = np.mgrid[
        round(top) : round(top) + raster.height, round(left) : round(left) + raster.width
    ]
    return people(columns, rows)


def test_a_region_across_four_tiles_is_whole(site: Site, root: Path, tmp_path: Path) -> None:
    for tile in FOUR:
        add_tile(site, tmp_path, tile)
    told = fetch(root)
    assert "tiles R7_C29, R7_C30, R8_C29, R8_C30" in told
    assert asked_tiles(site) == [f"{name_of(2025, tile)}.zip" for tile in FOUR]
    with rasterio.open(fetched_raster(root)) as raster:
        cells = raster.read(1)
        assert raster.crs.to_epsg() == 4326
        assert raster.nodata == -200.0
        assert cells.shape == (2 * (4 + 4), 2 * (4 + 4))
        np.testing.assert_array_equal(cells, expected(raster))
    succeed("build", root)
    result = read_built(root).primary.result
    assert (result["people"] > 0).all()


def test_people_across_tiles_are_counted_as_in_one_grid(site: Site, root: Path, tmp_path: Path) -> None:
    for tile in FOUR:
        add_tile(site, tmp_path, tile, values=lambda columns, _: np.full(columns.shape, 7.0))
    fetch(root)
    succeed("build", root)
    per_unit = 7.0 * (0.3 / STEP) ** 2
    np.testing.assert_allclose(read_built(root).primary.result["people"], per_unit, rtol=1e-5)


def test_a_region_in_one_tile_asks_for_one(site: Site, tmp_path: Path) -> None:
    root = tmp_path / "one"
    new_scene(root, write_units(tmp_path / "units.geojson"))
    add_tile(site, tmp_path, Tile(8, 29), epoch=2020)
    fetch(root, "--year", "2020")
    assert asked_tiles(site) == [f"{name_of(2020, Tile(8, 29))}.zip"]
    with rasterio.open(fetched_raster(root)) as raster:
        np.testing.assert_array_equal(raster.read(1), expected(raster))
    assert load_workspace(root).of_kind("population")[0].provenance.date == "2020"


def test_every_tile_is_on_record(site: Site, root: Path, tmp_path: Path) -> None:
    paths = {tile: add_tile(site, tmp_path, tile) for tile in FOUR}
    fetch(root)
    (entry,) = load_workspace(root).of_kind("population")
    known = entry.provenance
    hashes = {tile: hashlib.sha256(site.find(path) or b"").hexdigest() for tile, path in paths.items()}
    assert known.made_from == "; ".join(f"{name_of(2025, t)}.zip sha256:{hashes[t]}" for t in FOUR)
    assert known.licence == "CC BY 4.0 (European Commission reuse notice)"
    assert "doi:10.2905/2FF68A52-5B5B-4A22-8F40-C41DA8332CFE" in known.citation
    assert "Tiles R7_C29, R7_C30, R8_C29, R8_C30, cut to the region" in known.citation
    for tile, digest in hashes.items():
        record = root / "fetched" / "ghspop" / f".{name_of(2025, tile)}.zip.record"
        assert json.loads(record.read_text("utf-8"))["sha256"] == digest
    succeed("build", root)
    report = export_layer(read_built(root), "communes", "csv", tmp_path / "a.csv")
    sources = json.loads(report.sidecar.read_text("utf-8"))["sources"]
    assert [one["made_from"] for one in sources if one["kind"] == "population"] == [known.made_from]


def test_the_same_fetch_gives_the_same_bytes_and_asks_for_nothing(site: Site, root: Path, tmp_path: Path) -> None:  # fmt: skip
    for tile in FOUR:
        add_tile(site, tmp_path, tile)
    fetch(root)
    before, asked = snapshot(root), len(site.asked)
    fetch(root)
    assert snapshot(root) == before
    assert len(site.asked) == asked
    fetch(root, "--refresh")
    assert {name: one for name, one in snapshot(root).items() if ".record" not in name} == {
        name: one for name, one in before.items() if ".record" not in name
    }
    assert not list((root / "fetched" / "ghspop").glob("unpacked"))


def test_what_a_killed_run_unpacked_is_cleared(site: Site, root: Path, tmp_path: Path) -> None:
    for tile in FOUR:
        add_tile(site, tmp_path, tile)
    left = root / "fetched" / "ghspop" / "unpacked"
    left.mkdir(parents=True)
    (left / "half.tif").write_bytes(b"half")
    fetch(root)
    assert not left.exists()


# ---- missing tiles


def test_a_tile_that_the_publisher_does_not_have_leaves_people_unknown(
    site: Site, root: Path, tmp_path: Path
) -> None:
    add_tile(site, tmp_path, FOUR[0])
    add_tile(site, tmp_path, FOUR[2])
    add_index(site, tmp_path, [FOUR[0], FOUR[2], Tile(1, 8)])
    told = fetch(root)
    assert "no tile R7_C30, R8_C30: the publisher has none where there is no land; people there stay unknown, not 0" in told  # fmt: skip
    with rasterio.open(fetched_raster(root)) as raster:
        cells = raster.read(1)
        known = cells != raster.nodata
        np.testing.assert_array_equal(cells[known], expected(raster)[known])
        assert known[:, :8].all()
        assert not known[:, 8:].any()
    succeed("build", root)
    result = read_built(root).primary.result.set_index("unit_code")
    assert (result.loc[["01", "03"], "people"] > 0).all()
    assert result.loc[["02", "04"], "people"].isna().all()


def test_a_tile_that_should_be_there_is_not_taken_for_sea(site: Site, root: Path, tmp_path: Path) -> None:
    for tile in FOUR[:3]:
        add_tile(site, tmp_path, tile)
    add_index(site, tmp_path, FOUR)
    result = run("fetch", root, "population", "--from", "ghspop")
    assert result.exit_code == 1
    assert "R8_C30.zip: the server answered 404" in result.stderr
    assert not load_workspace(root).of_kind("population")


def test_without_the_index_nothing_is_taken_for_sea(site: Site, root: Path, tmp_path: Path) -> None:
    for tile in FOUR[:3]:
        add_tile(site, tmp_path, tile)
    result = run("fetch", root, "population", "--from", "ghspop")
    assert result.exit_code == 1
    assert f"{INDEX}: the server answered 404" in result.stderr
    assert not load_workspace(root).of_kind("population")


def test_units_where_there_is_no_tile_at_all(site: Site, root: Path, tmp_path: Path) -> None:
    add_index(site, tmp_path, [Tile(1, 8)])
    result = run("fetch", root, "population", "--from", "ghspop")
    assert result.exit_code == 1
    assert "no tile where the units lie (R7_C29, R7_C30, R8_C29, R8_C30)" in result.stderr


def test_the_index_is_read_as_gdal_wrote_it(site: Site, tmp_path: Path) -> None:
    tiles = [Tile(row, column) for row in range(1, 19) for column in range(1, 37) if (row + column) % 2]
    add_index(site, tmp_path, tiles)
    path = tmp_path / "index.zip"
    path.write_bytes(site.find(INDEX) or b"")
    assert ghspop.read_index(path) == {tile.id for tile in tiles}


def dbf(table: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("WGS84_tile_schema.dbf", table)
    return held.getvalue()


def column(name: bytes, size: int) -> bytes:
    return name.ljust(11, b"\0") + b"C" + bytes(4) + bytes([size, 0]) + bytes(14)


def header(rows: int, length: int) -> bytes:
    return b"\x03" + bytes(3) + rows.to_bytes(4, "little") + (65).to_bytes(2, "little") + length.to_bytes(2, "little") + bytes(20)  # fmt: skip


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (dbf(b""), "cannot be read"),
        (dbf(b"\x03" * 20), "cannot be read"),
        (dbf(header(1, 8) + column(b"name", 7) + b"\r" + b" R8_C29 "), "no column tile_id"),
        (dbf(header(9, 8) + column(b"tile_id", 7) + b"\r" + b" R8_C29 "), "it ends early"),
        (dbf(header(1, 8) + column(b"tile_id", 7) + b"\r" + b" /etc/x "), "wanted ids like R8_C29"),
        (dbf(header(1, 8) + column(b"tile_id", 7) + b"\r" + b"*R8_C29 "), "wanted ids like R8_C29"),
        (dbf(header(2**32 - 1, 0) + column(b"tile_id", 7) + b"\r"), "it ends early"),
        (dbf(header(0, 8) + column(b"tile_id", 7) + b"\r"), "wanted ids like R8_C29"),
        (b"<html>", "not a whole zip"),
    ],
)
def test_other_indexes_are_refused(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "index.zip"
    path.write_bytes(content)
    with pytest.raises(InputError, match=told):
        ghspop.read_index(path)


# ---- hostile and broken tiles


def refused(site: Site, root: Path, content: bytes) -> str:
    """What is said of a workspace's one tile with this content; nothing of it may be kept."""
    site.files[f"{FOLDER.format(epoch=2025)}/{name_of(2025, Tile(8, 29))}.zip"] = content
    before = snapshot(root)
    result = run("fetch", root, "population", "--from", "ghspop")
    assert result.exit_code == 1
    after = snapshot(root)
    assert {name for name in after if not name.startswith("fetched/")} == set(before)
    assert not [name for name in after if name.endswith(".tif")]
    return result.stderr


@pytest.fixture
def one(tmp_path: Path) -> Path:
    """A workspace inside R8_C29."""
    root: Path = tmp_path / "one"
    new_scene(root, write_units(tmp_path / "units.geojson"))
    return root


def test_a_corrupt_zip_is_asked_for_again_and_not_kept(site: Site, one: Path, tmp_path: Path) -> None:
    content = bytearray(zipped(tmp_path, 2025, Tile(8, 29)))
    content[2000] ^= 0x55
    told = refused(site, one, bytes(content))
    assert "is not a whole zip" in told
    assert len(asked_tiles(site)) == 6
    assert not list((one / "fetched").rglob("*.zip"))
    # when the server has mended it, the same command goes well
    add_tile(site, tmp_path, Tile(8, 29))
    fetch(one)


def test_a_zip_bomb_is_refused(site: Site, one: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ghspop, "LARGEST_TILE_BYTES", 1_000_000)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.tif", bytes(50_000_000))
    assert len(held.getvalue()) < 100_000
    assert "unpacks to more than the 1,000,000 bytes" in refused(site, one, held.getvalue())


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ({}, "holds 0 .tif files"),
        ({"a.tif": b"", "b.tif": b""}, "holds 2 .tif files"),
        ({"a.tif": b"<html>"}, "cannot be read as GeoTIFF"),
        ({"../../../a.tif": b"II*\0"}, "cannot be read as GeoTIFF"),
        ({"a.tif": b'<VRTDataset rasterXSize="1" rasterYSize="1"/>'}, "cannot be read as GeoTIFF"),
    ],
)
def test_archives_that_hold_no_raster(site: Site, one: Path, members: dict[str, bytes], told: str) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("readme.txt", b"")
        for name, content in members.items():
            archive.writestr(name, content)
    assert told in refused(site, one, held.getvalue())
    assert not list(one.parent.rglob("a.tif"))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"crs": "EPSG:3857"}, "wanted EPSG:4326"),
        ({"crs": None}, "does not state its CRS"),
        ({"count": 2}, "one band"),
        ({"height": 60}, "which its name stands for"),
        ({"values": lambda columns, _: np.full(columns.shape, -5.0)}, "holds negative counts"),
        ({"values": lambda columns, _: np.where(columns % 2, 1.0, np.inf)}, "holds infinite counts"),
        ({"values": lambda columns, _: np.full(columns.shape, -200.0)}, "holds no figure at all"),
    ],
)
def test_rasters_that_are_not_what_is_published(
    site: Site, one: Path, tmp_path: Path, changes: dict[str, Any], told: str
) -> None:
    content = zipped(tmp_path, 2025, Tile(8, 29), **changes)
    site.files[f"{FOLDER.format(epoch=2025)}/{name_of(2025, Tile(8, 29))}.zip"] = content
    result = run("fetch", one, "population", "--from", "ghspop")
    assert result.exit_code == 1
    assert told in result.stderr
    assert not load_workspace(one).of_kind("population")


def test_a_tile_of_another_place_under_the_name_is_refused(site: Site, one: Path, tmp_path: Path) -> None:
    told = refused(site, one, zipped(tmp_path, 2025, Tile(8, 30)))
    assert "covers longitude 109.9921 to 119.9921, latitude 9.0996 to 19.0996" in told
    assert "wanted longitude 99.9921 to 109.9921" in told


def test_a_missing_value_that_no_file_states_is_still_missing(site: Site, root: Path, tmp_path: Path) -> None:
    def at_sea(columns: np.ndarray, rows: np.ndarray) -> np.ndarray:
        return np.where(columns < 29 * 120, people(columns, rows), -200.0)

    for tile in FOUR:
        add_tile(site, tmp_path, tile, nodata=None, values=at_sea)
    fetch(root)
    succeed("build", root)
    result = read_built(root).primary.result.set_index("unit_code")
    assert result.loc[["02", "04"], "people"].isna().all()
    assert (result.loc[["01", "03"], "people"] > 0).all()


# ---- calls


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["population", "--from", "ghspop", "--year", "2023"], "GHS-POP has 1975 to 2030 in steps of 5"),
        (["population", "--from", "gadm"], "--from is 'gadm'; population come from worldpop, ghspop"),
        (["boundaries", "--from", "ghspop"], "boundaries come from vn2025, geoboundaries, gadm, osm"),
        (["ookla", "--from", "worldpop"], "leave --from worldpop out"),
        (["places", "--from", "osm"], "leave --from osm out"),
    ],
)
def test_calls_that_cannot_be_met(root: Path, arguments: list[str], told: str) -> None:
    result = run("fetch", root, *arguments)
    assert result.exit_code == 2
    assert told in result.stderr
