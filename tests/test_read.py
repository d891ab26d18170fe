"""Readers on good input in all its shapes; bad input stands in test_bad_input.py."""

import json
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.errors import CrsError, InputError
from geo.read import read_points, read_polygons, read_vector
from geo.read_tiles import read_tiles
from tests.files import SPEED_NAME, SQUARES, TILES, A, B, C, feature, write_geojson, write_tiles, write_units

HOLED = A.difference(shapely.box(*A.centroid.buffer(0.001).bounds))


def _frame() -> gpd.GeoDataFrame:
    columns = {"code": ["01", "02", "03"], "name": ["Đồng", "Hoà", "Ơ"]}
    return gpd.GeoDataFrame(columns, geometry=[A, shapely.MultiPolygon([B]), C], crs="EPSG:4326")


def _write(frame: gpd.GeoDataFrame, path: Path) -> Path:
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    elif path.suffix == ".zip":
        folder = path.with_suffix("")
        folder.mkdir()
        frame.to_file(folder / "a.shp", encoding="UTF-8")
        with zipfile.ZipFile(path, "w") as archive:
            for part in sorted(folder.iterdir()):
                archive.write(part, part.name)
    else:
        frame.to_file(path)
    return path


@pytest.mark.parametrize("ending", ["geojson", "gpkg", "fgb", "parquet", "zip"])
@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:9210", "EPSG:3857"])
def test_every_format_and_crs_gives_the_same_frame(tmp_path: Path, ending: str, crs: str) -> None:
    path = _write(_frame().to_crs(crs), tmp_path / f"Ranh giới xã {ending}.{ending}")
    frame, findings, aside = read_polygons(path)
    frame = frame.sort_values("code", ignore_index=True)  # FlatGeobuf orders its rows by place
    assert findings == []
    assert aside.empty
    assert frame["name"].tolist() == ["Đồng", "Hoà", "Ơ"]
    assert frame["code"].tolist() == ["01", "02", "03"]
    assert frame.crs.to_epsg() == 4326
    assert frame.geometry.name == "geometry"
    for found, wanted in zip(frame.geometry, [A, B, C], strict=True):
        assert found.hausdorff_distance(wanted) < 1e-5


def test_a_geoparquet_whose_geometry_has_another_name(tmp_path: Path) -> None:
    _frame().rename_geometry("geom").to_parquet(tmp_path / "a.parquet")
    frame = read_vector(tmp_path / "a.parquet")
    assert frame.columns.tolist() == ["code", "name", "geometry"]


@pytest.mark.parametrize(
    "shape",
    [A, HOLED, shapely.MultiPolygon([HOLED, C]), shapely.reverse(A), shapely.force_3d(A, 12.5)],
)
def test_shapes_survive(tmp_path: Path, shape: Any) -> None:
    frame, findings, aside = read_polygons(write_geojson(tmp_path / "a.geojson", [feature(shape)]))
    assert findings == []
    assert aside.empty
    assert frame.geometry.iloc[0].equals(shapely.force_2d(shape))
    assert not frame.geometry.has_z.any()


def test_geojson_of_many_hands(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    rows = [
        feature(A, code="01", deep={"x": [1]}),
        {**feature(B, ten="b"), "id": 7, "bbox": []},
    ]
    rows[0]["properties"]["geometry"] = "a word"
    document = {"type": "FeatureCollection", "bbox": [1, 2, 3, 4], "features": rows}
    path.write_text("\ufeff" + json.dumps(document), encoding="utf-8")
    frame = read_vector(path)
    assert frame["code"].tolist()[0] == "01"
    assert pd.isna(frame["code"][1])
    assert frame["id"][1] == 7
    assert frame.geometry.iloc[1].equals(B)


@pytest.mark.parametrize("name", ["urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4326"])
def test_geojson_crs_members_of_old(tmp_path: Path, name: str) -> None:
    member = {"type": "name", "properties": {"name": name}}
    frame = read_vector(write_units(tmp_path / "a.geojson", SQUARES, crs=member))
    assert frame.geometry.iloc[0].equals(A)


def test_a_crs_can_be_said_for_a_file_without_one_and_never_overrides(tmp_path: Path) -> None:
    path = _write(_frame().to_crs("EPSG:9210"), tmp_path / "a.zip")
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(tmp_path / "b.zip", "w") as bare:
        for part in archive.namelist():
            if not part.endswith(".prj"):
                bare.writestr(part, archive.read(part))
    frame = read_vector(tmp_path / "b.zip", crs="EPSG:9210")
    assert frame.geometry.iloc[0].hausdorff_distance(A) < 1e-5
    assert read_vector(path, crs="EPSG:3857").geometry.iloc[0].hausdorff_distance(A) < 1e-5
    with pytest.raises(
        CrsError, match="'VN-2000 / Bình Phước' is not a coordinate reference system; wanted for example"
    ):
        read_vector(tmp_path / "b.zip", crs="VN-2000 / Bình Phước")


def test_one_layer_of_several(tmp_path: Path) -> None:
    for layer, rows in (("xa", 3), ("huyen", 1)):
        _frame().head(rows).to_file(tmp_path / "a.gpkg", layer=layer)
    assert len(read_vector(tmp_path / "a.gpkg", layer="xa")) == 3
    with pytest.raises(InputError, match=r"a\.gpkg: cannot be opened: no layer .tinh.; it holds xa, huyen"):
        read_vector(tmp_path / "a.gpkg", layer="tinh")


def _spiked(width: float) -> Any:
    """Square A whose lower edge crosses over itself in a little loop, so wide (in degrees)."""
    west, south, east, north = A.bounds
    middle = (west + east) / 2
    loop = [(middle + width, south), (middle, south - width), (middle, south)]
    ring = [
        (west, south),
        *loop,
        (middle + width, south - width),
        (east, south),
        (east, north),
        (west, north),
    ]
    return shapely.Polygon(ring)


def test_a_small_crossing_is_mended_and_said(tmp_path: Path) -> None:
    shape = _spiked(0.0005)
    assert not shape.is_valid
    frame, findings, aside = read_polygons(
        write_geojson(tmp_path / "a.geojson", [feature(B), feature(shape)])
    )
    assert frame.geometry.is_valid.all()
    assert frame.geometry.iloc[1].area == pytest.approx(A.area, rel=0.01)
    assert aside.empty
    (found,) = findings
    assert (found.severity, found.code, found.row, found.done) == ("warning", "repaired", 2, "mended")
    assert found.message.startswith("a.geojson: row 2 was not valid (Ring Self-intersection")
    assert "mended, area changed by 0.0" in found.message


def test_an_outline_that_mending_would_change_is_set_aside_and_said(tmp_path: Path) -> None:
    rows = [feature(B, name="b"), feature(_spiked(0.008), name="x"), feature(C, name="c")]
    frame, findings, aside = read_polygons(write_geojson(tmp_path / "b.geojson", rows))
    assert frame["name"].tolist() == ["b", "c"]
    assert frame["file_row"].tolist() == [1, 3]
    assert aside["name"].tolist() == ["x"]
    (found,) = findings
    assert (found.severity, found.code, found.row) == ("error", "quarantined", 2)
    assert "row 2 is not a valid polygon (Ring Self-intersection" in found.message
    assert "mending it would change its area by" in found.message
    assert "more than 1%" in found.message
    assert "mend it in a GIS" in found.mend


def test_a_file_of_nothing_but_broken_outlines_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"row 1 is not a valid polygon.*no row of the file can be used: draw"
    ):
        read_polygons(write_geojson(tmp_path / "b.geojson", [feature(_spiked(0.008))]))


def test_points(tmp_path: Path) -> None:
    points = [feature(shapely.Point(106, 11, 4), name="a"), feature(shapely.Point(107, 12), name="b")]
    frame, _ = read_points(write_geojson(tmp_path / "a.geojson", points))
    assert shapely.get_coordinates(frame.geometry).tolist() == [[106, 11], [107, 12]]


def test_tiles_of_every_edition(tmp_path: Path) -> None:
    path = write_tiles(tmp_path / SPEED_NAME)
    plain = read_tiles(path)
    assert plain["quadkey"].tolist() == [row[0] for row in TILES]
    wide = pd.read_parquet(path).assign(tile="POLYGON ((…))", tile_x=1.0, tile_y=2.0, avg_lat_down_ms=None)
    wide.to_parquet(tmp_path / "wide.parquet")
    pd.testing.assert_frame_equal(read_tiles(tmp_path / "wide.parquet"), plain)
    shapes = gpd.GeoDataFrame(pd.read_parquet(path), geometry=[A, B, C], crs="EPSG:4326")
    zipped = read_tiles(_write(shapes, tmp_path / "t.zip"))
    pd.testing.assert_frame_equal(zipped, plain, check_dtype=False)


def test_a_missing_upload_or_latency_stays_missing(tmp_path: Path) -> None:
    path = write_tiles(tmp_path / SPEED_NAME)
    frame = pd.read_parquet(path)
    frame["avg_lat_ms"] = pd.array([30, None, 90], dtype="Int64")
    frame.to_parquet(path)
    assert read_tiles(path)["avg_lat_ms"].isna().tolist() == [False, True, False]


def test_a_folder_layout_does_not_change_a_tile_file(tmp_path: Path) -> None:
    folder = tmp_path / "type=mobile" / "year=2026" / "quarter=2"
    folder.mkdir(parents=True)
    assert list(read_tiles(write_tiles(folder / "t.parquet")).columns) == [
        "quadkey", "avg_d_kbps", "avg_u_kbps", "avg_lat_ms", "tests", "devices"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("shape", "properties", "message"),
    [
        (
            shapely.box(179.5, 10, 180.5, 11),
            {},
            r"a\.geojson: longitudes run on to 180\.5.*RFC 7946.*split them",
        ),
        (
            shapely.Polygon([(1, 1), (2, 2), (1, 1)]),
            {},
            r"a\.geojson: row 1 is not a valid polygon .*its outline encloses nothing",
        ),
        (A, {"name": "\ud800"}, r"a\.geojson: feature 1 holds half of a surrogate pair"),
    ],
)
def test_outlines_and_texts_that_cannot_be_used(
    tmp_path: Path, shape: Any, properties: dict[str, Any], message: str
) -> None:
    document = {"type": "FeatureCollection", "features": [feature(shape, **properties)]}
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps(document), encoding="utf-8")  # escapes keep the text valid UTF-8
    with pytest.raises(InputError, match=message):
        read_polygons(path)


def test_outlines_cut_at_the_180_meridian_or_around_the_earth_are_read(tmp_path: Path) -> None:
    cut = shapely.MultiPolygon([shapely.box(179, -17, 180, -16), shapely.box(-180, -17, -179, -16)])
    path = write_geojson(tmp_path / "a.geojson", [feature(cut), feature(shapely.box(-180, -90, 180, 90))])
    assert len(read_polygons(path).frame) == 2
