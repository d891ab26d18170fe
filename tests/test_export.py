"""Exports: squares whose answer the eye can check, GDAL and plain json as outside oracles, any text as a name."""

import csv
import hashlib
import io
import itertools
import json
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Point, Polygon, box

from geo import export_csv, export_geojson
from geo.errors import CallError, ExportError, NotBuiltError, SchemaError
from geo.export import communes_csv, communes_geojson, export_layer
from geo.export_layers import LAYERS, described_list
from geo.export_rows import Deliverable, Row
from geo.results import Built, UnitList
from geo.rules import Rules
from tests.said_columns import require_said

LABEL = "dữ liệu minh hoạ, ranh giới gần đúng / illustrative data, approximate boundaries"
OOKLA = "CC BY-NC-SA 4.0"
COMBINATIONS = [(layer, fmt) for layer, formats in LAYERS.items() for fmt in formats]


def make_result(**changes: Any) -> gpd.GeoDataFrame:
    """Three squares of a tenth of a degree: left, right (with a hole), and one far off in two parts."""
    left = box(106.0, 11.0, 106.1, 11.1)
    hole = [(106.14, 11.04), (106.16, 11.04), (106.16, 11.06), (106.14, 11.06)]
    right = Polygon(box(106.1, 11.0, 106.2, 11.1).exterior.coords, [hole])
    parts = MultiPolygon([box(106.5, 11.5, 106.6, 11.6), box(106.7, 11.7, 106.8, 11.8)])
    columns: dict[str, Any] = {
        "unit_code": ["00001", "25195", "25196"],
        "vintage": ["2026-04"] * 3,
        "name": ["Lộc Ninh", '=HYPERLINK("x")', "Bù Đăng; +84"],
        "kind": ["xã", None, "phường"],
        "area_km2": [121.5, 120.25, 243.0],
        "people": [1000.0, np.nan, 0.0],
        "4g_covered_people_share": [1.0, 0.1 + 0.2, np.nan],
        "4g_operators": [3.0, 1.0, np.nan],
        "4g_evidence": ["declared", "declared", None],
        "mobile_download_low": [np.nan] * 3,
        "mobile_trend_mbps_per_year": [-1.5, 0.5, np.nan],
        "verdict": ["served", "gap", "unknown"],
        "reasons": [[], ["4g_below_goal", "choice_below_goal"], ["mobile_no_evidence"]],
        "gap_score": [0.0, 61.234567890123, np.nan],
        "rank": pd.array([2, 1, None], dtype="Int64"),
    }
    return gpd.GeoDataFrame({**columns, **changes}, geometry=[left, right, parts], crs="EPSG:4326")


def make_list(result: gpd.GeoDataFrame | None = None) -> UnitList:
    result = make_result() if result is None else result
    codes = result["unit_code"].tolist()
    goals = pd.DataFrame(
        {
            "unit_code": codes,
            "dimension": "4g",
            "column": "4g_covered_people_share",
            "unit": "share",
            "value": result["4g_covered_people_share"].to_numpy(),
            "low": [1.0, 0.0, np.nan],
            "high": [1.0, np.inf, np.nan],
            "goal": 0.998,
            "essential": True,
            "outcome": ["pass", "fail", "no_evidence"],
            "deficit": [0.0, 1.0, np.nan],
            "reason": [None, "4g_below_goal", "4g_no_evidence"],
        }
    )
    coverage = pd.DataFrame(
        {
            "unit_code": codes,
            "vintage": "2026-04",
            "operator": "Viettel",
            "technology": "4G",
            "evidence": "declared",
            "as_of": "2026-09-30",
            "covered_people": [1000.0, np.nan, 0.0],
            "covered_area_share": [1.0, 0.25, 0.0],
        }
    )
    speed = pd.DataFrame(
        {
            "unit_code": codes,
            "vintage": "2026-04",
            "network": "mobile",
            "quarter": "2026Q3",
            "tests": [4.5, 0.0, 1.0],
        }
    )
    sensitivity = pd.DataFrame(
        {
            "unit_code": codes,
            "rank": pd.array([2, 1, None], dtype="Int64"),
            "is_worst": pd.array([True, True, None], dtype="boolean"),
            "all_share": [0.25, 1.0, np.nan],
        }
    )
    indicators = pd.DataFrame(
        {
            "unit_code": codes,
            "vintage": "2026-04",
            "indicator": "ho_so",
            "label": "Hồ sơ <b>; =trực tuyến",
            "unit": "%",
            "better": "higher",
            "goal": 80.0,
            "worst": np.nan,
            "value": [70.5, 0.0, np.nan],
            "rank": pd.array([2, 1, None], dtype="Int64"),
        }
    )
    contradictions = pd.DataFrame(
        {
            "unit_code": codes,
            "technology": "4G",
            "as_of": ["2026-09-30", "2026-09-30", None],
            "declared_share": [1.0, 0.5, np.nan],
            "judged_tiles": [3.0, 0.0, 0.0],
            "chance": [0.00725, np.nan, np.nan],
            "declared_not_measured": [True, False, False],
        }
    )
    return UnitList(
        "2026-04-commune",
        "2026-04",
        "commune",
        result,
        goals,
        coverage,
        speed,
        sensitivity,
        indicators,
        contradictions,
    )


def make_source(kind: str, **changes: Any) -> dict[str, Any]:
    files = [{"path": f"raw/{kind}/a", "name": "a", "sha256": "0" * 64}]
    return {
        "kind": kind,
        "publisher": "Nhà xuất bản",
        "licence": "CC0",
        "files": files,
        "options": {},
        **changes,
    }


def make_manifest(*, illustrative: bool = True) -> dict[str, Any]:
    return {
        "format": 1,
        "name": "Bình Phước",
        "illustrative": illustrative,
        "note": "",
        "vunglom_version": "0.1.0",
        "versions": {"python": "3.11"},
        "built_at": "2026-10-03T00:00:00Z",
        "rules": Rules().as_dict(),
        "inputs": [
            make_source("boundaries", options={"vintage": "2026-04", "level": "commune"}),
            make_source("boundaries", publisher="Khác", options={"vintage": "2024", "level": "district"}),
            make_source("speed", publisher="Ookla", licence=OOKLA),
            make_source("coverage", licence=""),
            make_source("places"),
        ],
        "lists": [],
        "tables": {},
    }


def make_built(*, illustrative: bool = True, result: gpd.GeoDataFrame | None = None) -> Built:
    areas = gpd.GeoDataFrame(
        {"operator": ["Viettel"], "technology": ["4G"], "evidence": ["declared"], "as_of": ["2026-09-30"]},
        geometry=[box(106.0, 11.0, 106.15, 11.1)],
        crs="EPSG:4326",
    )
    places = gpd.GeoDataFrame(
        {"name": ["Đồng Xoài", "@trường"], "class": ["town", "school"]},
        geometry=[Point(106.05, 11.05), Point(106.15, 11.02)],
        crs="EPSG:4326",
    )
    units = make_list(result)
    return Built(make_manifest(illustrative=illustrative), [], {units.id: units}, areas, places)


def signed_area(ring: list[list[float]]) -> float:
    """Naive trapezoids, positive when counter-clockwise; written apart from the code under test."""
    return sum((b[0] + a[0]) * (b[1] - a[1]) / 2 for a, b in itertools.pairwise(ring))


def polygons_of(geometry: dict[str, Any]) -> list[Any]:
    return [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]


def collection_of(result: gpd.GeoDataFrame) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(communes_geojson(make_list(result), make_manifest()))
    return parsed


def read_csv(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


# --- GeoJSON


def test_geojson_follows_rfc_7946() -> None:
    content = communes_geojson(make_list(), make_manifest())
    assert not content.startswith(b"\xef\xbb\xbf")
    collection = json.loads(content)
    assert collection["type"] == "FeatureCollection"
    assert "crs" not in collection
    assert collection["bbox"] == [106.0, 11.0, 106.8, 11.8]
    assert [feature["id"] for feature in collection["features"]] == ["00001", "25195", "25196"]
    assert [len(polygons_of(feature["geometry"])) for feature in collection["features"]] == [1, 1, 2]


def test_geojson_winds_by_the_right_hand_rule_whatever_came_in() -> None:
    result = make_result()
    backwards = result.set_geometry(
        shapely.orient_polygons(result.geometry.array, exterior_cw=True), crs=4326
    )
    for feature in collection_of(backwards)["features"]:
        for exterior, *holes in polygons_of(feature["geometry"]):
            assert signed_area(exterior) > 0
            assert all(signed_area(hole) < 0 for hole in holes)


def test_geojson_values_are_null_or_exact_and_reasons_a_list() -> None:
    first, second, third = (feature["properties"] for feature in collection_of(make_result())["features"])
    assert first["people"] == 1000.0
    assert json.dumps([first["rank"], third["rank"]]) == "[2, null]"
    assert first["reasons"] == []
    assert second["people"] is None
    assert second["kind"] is None
    assert second["4g_covered_people_share"] == 0.1 + 0.2
    assert second["reasons"] == ["4g_below_goal", "choice_below_goal"]
    assert third["people"] == 0.0
    assert third["mobile_download_low"] is None


def test_geojson_of_a_square_reads_back_with_gdal(tmp_path: Path) -> None:
    path = tmp_path / "communes.geojson"
    export_layer(make_built(), "communes", "geojson", path)
    read = pyogrio.read_dataframe(path)
    wanted = make_result()
    assert read.crs.to_epsg() == 4326
    assert read["unit_code"].tolist() == wanted["unit_code"].tolist()
    np.testing.assert_array_equal(read["gap_score"].to_numpy(), wanted["gap_score"].to_numpy())
    assert all(a.equals(b) for a, b in zip(read.geometry, wanted.geometry, strict=True))


def test_rounding_keeps_shared_borders_shared_and_rings_valid() -> None:
    shared = [(106.1 + 1e-7 * k, 11.0 + k / 1000 + 3e-7) for k in range(50)]
    left = Polygon([*shared, (106.0, 11.05), (106.0, 11.0)])
    right = Polygon([*shared, (106.2, 11.05), (106.2, 11.0)])
    far = box(107.0, 12.0, 107.1, 12.1)
    result = make_result().set_geometry([left, right, far], crs=4326)
    a, b, _ = (shapely.geometry.shape(f["geometry"]) for f in collection_of(result)["features"])
    assert a.is_valid
    assert b.is_valid
    assert a.intersection(b).area == 0.0
    assert a.union(b).geom_type == "Polygon"
    assert len(a.union(b).interiors) == 0


def test_a_shape_that_rounding_would_break_is_noded_again_and_named() -> None:
    # a spike 2e-7 degrees wide: rounding folds it onto itself
    spiked = Polygon(
        [
            (106, 11),
            (106.05, 11),
            (106.0500001, 11.2),
            (106.0500002, 11),
            (106.1, 11),
            (106.1, 10.9),
            (106, 10.9),
        ]
    )
    assert spiked.is_valid
    result = make_result()
    result = result.set_geometry([spiked, *result.geometry.iloc[1:]], crs=4326)
    collection = collection_of(result)
    assert collection["metadata"]["rounding"]["reshaped"] == ["unit_code 00001"]
    assert 0 < collection["metadata"]["rounding"]["largest_area_change_km2"] < 0.01
    assert shapely.geometry.shape(collection["features"][0]["geometry"]).is_valid


def test_a_unit_that_would_vanish_raises_instead_of_being_dropped() -> None:
    result = make_result()
    speck = box(106.0, 11.0, 106.0 + 2e-7, 11.0 + 2e-7)
    result = result.set_geometry([speck, *result.geometry.iloc[1:]], crs=4326)
    with pytest.raises(ExportError, match="00001: the shape is too small for 6 decimals and would vanish"):
        communes_geojson(make_list(result), make_manifest())


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        (Polygon([(106, 11), (107, 12), (107, 11), (106, 12)]), "not valid .*Self-intersection.*build again"),
        (box(179.0, 11.0, 181.0, 12.0), "outside longitude ±180"),
        (box(11.0, 106.0, 12.0, 107.0), "give longitude first"),
        (Point(106, 11).buffer(0.1).exterior, "has a LinearRing, wanted one of"),
    ],
)
def test_shapes_that_geojson_cannot_carry(shape: Any, message: str) -> None:
    result = make_result()
    result = result.set_geometry([shape, *result.geometry.iloc[1:]], crs=4326)
    with pytest.raises(ExportError, match=message):
        communes_geojson(make_list(result), make_manifest())


@pytest.mark.parametrize(
    ("boxes", "bbox"),
    [
        ([(106, 11, 107, 12)], [106, 11, 107, 12]),
        ([(177, -20, 180, -16), (-180, -19, -178, -15)], [177, -20, -178, -15]),
        ([(-180, -10, 180, 10)], [-180, -10, 180, 10]),
        ([(-180, 0, -170, 1), (10, 0, 20, 1), (170, 0, 180, 1)], [10, 0, -170, 1]),
        ([(-179, 0, 179, 1)], [-179, 0, 179, 1]),
    ],
)
def test_bbox_goes_round_the_antimeridian_the_short_way(
    boxes: list[tuple[float, ...]], bbox: list[float]
) -> None:
    shapes = np.array([box(*edges) for edges in boxes], dtype=object)
    assert export_geojson.collection_bbox(shapes) == bbox


def test_text_is_nfc_however_it_came() -> None:
    decomposed = unicodedata.normalize("NFD", "Đồng Xoài")
    result = make_result(name=[decomposed, "b", "c"])
    assert collection_of(result)["features"][0]["properties"]["name"] == "Đồng Xoài"


def test_infinity_is_refused() -> None:
    with pytest.raises(ExportError, match="a figure is inf"):
        communes_geojson(make_list(make_result(people=[1.0, np.inf, 2.0])), make_manifest())


Damage = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda c: c.update(crs={"type": "name"}), "without crs"),
        (lambda c: c["features"].pop(), "2 rows were read back, wanted 3"),
        (lambda c: c.update(bbox=[0, 0, 1, 1]), r"bbox is \[0, 0, 1, 1\]"),
        (lambda c: c["features"][0].update(id="1"), "feature ids are not"),
        (lambda c: c["features"][1]["properties"].update(people=0), "25195: people was read back as 0, wanted None"),
        (lambda c: c["features"][1]["properties"].pop("kind"), "25195: kind was read back"),
        (lambda c: c["features"][0]["geometry"]["coordinates"][0].reverse(), "wound against the right-hand rule"),
        (lambda c: c["features"][0]["geometry"]["coordinates"][0].pop(), "or is open"),
        (lambda c: c["features"][0]["geometry"].update(type="Curve"), "is a Curve"),
        (lambda c: c["metadata"].pop("sources"), "the metadata were not read back"),
        (lambda c: c["features"][0]["geometry"].update(coordinates=[[[0, 0], [2, 2.0000001], [0, 2], [0, 0]]]), "more than 6 decimals"),
        (lambda c: c["features"][0]["geometry"].update(coordinates=[[[0, 0], [4, 0], [4, 4], [1, -1], [0, 0]]]), "rings are not valid"),
    ],
)  # fmt: skip
def test_the_reader_finds_every_kind_of_damage(damage: Damage, message: str) -> None:
    deliverable = export_geojson.rounded(described_list("communes", make_list(), make_manifest()))
    collection = json.loads(export_geojson.encode(deliverable))
    damage(collection)
    with pytest.raises(ExportError, match=message):
        export_geojson.check(
            json.dumps(collection, ensure_ascii=False).encode(), deliverable, source="x.geojson"
        )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"a": NaN}', "holds NaN"),
        (b'{"a": -Infinity}', "holds -Infinity"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        ('{"a": "e\u0301"}'.encode(), "not NFC"),
        (b"\xff", "is not JSON"),
        (b'{"a": ', "is not JSON"),
    ],
)
def test_only_strict_json_is_read(content: bytes, message: str) -> None:
    with pytest.raises(ExportError, match=message):
        export_geojson.parse_strictly(content, source="x")


# --- CSV


def test_csv_opens_in_excel_and_keeps_every_value() -> None:
    content = communes_csv(make_list(), make_manifest())
    assert content.startswith(b"\xef\xbb\xbfunit_code,vintage,name,")
    assert content.endswith(b"\r\n")
    assert content.count(b"\n") == content.count(b"\r\n") == 4
    first, second, third = read_csv(content)
    assert first["unit_code"] == "00001"
    assert first["name"] == "Lộc Ninh"
    assert first["people"] == "1000"
    assert first["mobile_trend_mbps_per_year"] == "-1.5"
    assert second["people"] == ""
    assert second["name"] == '\'=HYPERLINK("x")'
    assert float(second["gap_score"]) == 61.234567890123
    assert second["reasons"] == "4g_below_goal; choice_below_goal"
    assert third["name"] == "Bù Đăng;' +84"
    assert third["people"] == "0"
    assert {row["illustrative"] for row in (first, second, third)} == {LABEL}
    assert {row["vintage"] for row in (first, second, third)} == {"2026-04"}


def test_csv_of_real_data_says_that_it_is_not_illustrative() -> None:
    rows = read_csv(communes_csv(make_list(), make_manifest(illustrative=False)))
    assert {row["illustrative"] for row in rows} == {"không / no"}


ANY_TEXT = st.text(st.characters(codec="utf-8"), max_size=12) | st.text("'=+-@;\t\r\n, \"a＝\0", max_size=8)


@given(ANY_TEXT)
@settings(max_examples=500, deadline=None)
def test_guard_can_be_undone_and_no_guarded_cell_starts_a_formula(text: str) -> None:
    guarded = export_csv.guard(text)
    assert export_csv.unguard(guarded) == text
    for separator in ";\t\r\n":
        for cell in guarded.split(separator)[:1] if separator != ";" else guarded.split(";"):
            assert not cell.lstrip(" \u00a0").startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))


@pytest.mark.parametrize("text", ["Bù Đăng", "Ea H'leo", "'s-Hertogenbosch", "5-1", "a=b", ""])
def test_harmless_text_is_left_as_it_is(text: str) -> None:
    assert export_csv.guard(text) == text


@given(st.lists(ANY_TEXT, min_size=3, max_size=3))
@settings(max_examples=50, deadline=None)
def test_csv_carries_any_name(names: list[str]) -> None:
    content = communes_csv(make_list(make_result(name=names)), make_manifest())
    wanted = [unicodedata.normalize("NFC", name) for name in names]
    assert [export_csv.unguard(row["name"]) for row in read_csv(content)] == wanted


# --- every layer in every format


@pytest.mark.parametrize(("layer", "fmt"), COMBINATIONS)
def test_every_layer_is_written_checked_and_described(tmp_path: Path, layer: str, fmt: str) -> None:
    out = tmp_path / f"lớp.{fmt}"
    report = export_layer(make_built(), layer, fmt, out)
    assert sorted(path.name for path in tmp_path.iterdir()) == [out.name, f"{out.name}.meta.json"]
    said = json.loads(report.sidecar.read_text(encoding="utf-8"))
    assert said["file"]["sha256"] == report.sha256 == hashlib.sha256(out.read_bytes()).hexdigest()
    assert said["file"]["rows"] == report.rows > 0
    assert said["label"] == LABEL
    assert said["illustrative"] is True
    assert said["method"]["rules"]["goals"]["4g"]["goal"] == 0.998
    assert json.loads(json.dumps(report.as_dict()))["sha256"] == report.sha256
    require_said(said["columns"])
    assert not [column for column in said["columns"] if column["type"] is None]
    assert report.units == (None if layer in ("coverage_areas", "places") else "2026-04-commune")


@pytest.mark.parametrize(("layer", "fmt"), [c for c in COMBINATIONS if c[1] != "gpkg"])
def test_the_same_export_gives_the_same_bytes(tmp_path: Path, layer: str, fmt: str) -> None:
    first, second = (export_layer(make_built(), layer, fmt, tmp_path / f"{n}.{fmt}") for n in "ab")
    assert first.sha256 == second.sha256


def test_geopackage_reads_back_with_gdal(tmp_path: Path) -> None:
    out = tmp_path / "communes.gpkg"
    export_layer(make_built(), "communes", "gpkg", out)
    assert pyogrio.list_layers(out).tolist() == [["communes", "MultiPolygon"]]
    info = pyogrio.read_info(out)
    assert json.loads(info["layer_metadata"]["vunglom"])["label"] == LABEL
    assert json.loads(info["dataset_metadata"]["vunglom"])["layer"] == "communes"
    read = pyogrio.read_dataframe(out)
    assert read["unit_code"].tolist() == ["00001", "25195", "25196"]
    assert read["reasons"].tolist() == ["", "4g_below_goal; choice_below_goal", "mobile_no_evidence"]
    assert read["people"].isna().tolist() == [False, True, False]
    assert read["mobile_download_low"].dtype == float


def test_geoparquet_is_1_1_with_lists_and_metadata(tmp_path: Path) -> None:
    out = tmp_path / "communes.parquet"
    export_layer(make_built(result=make_result(reasons=[[], [], []])), "communes", "parquet", out)
    schema = pq.read_schema(out)
    assert json.loads(schema.metadata[b"geo"])["version"] == "1.1.0"
    assert json.loads(schema.metadata[b"vunglom"])["label"] == LABEL
    assert str(schema.field("reasons").type).startswith("list<")
    assert str(schema.field("reasons").type.value_type) == "string"
    assert gpd.read_parquet(out).geometry.geom_equals(make_result().geometry).all()


def test_long_tables_name_the_vintage_of_their_codes(tmp_path: Path) -> None:
    out = tmp_path / "goals.csv"
    export_layer(make_built(), "goals", "csv", out)
    rows = read_csv(out.read_bytes())
    assert {row["vintage"] for row in rows} == {"2026-04"}
    assert [row["deficit"] for row in rows] == ["0", "1", ""]
    assert {row["essential"] for row in rows} == {"true"}
    assert [(row["low"], row["high"]) for row in rows] == [("1", "1"), ("0", ""), ("", "")]


def test_places_as_csv_have_coordinates(tmp_path: Path) -> None:
    out = tmp_path / "places.csv"
    export_layer(make_built(), "places", "csv", out)
    rows = read_csv(out.read_bytes())
    assert [(row["name"], row["longitude"], row["latitude"]) for row in rows] == [
        ("Đồng Xoài", "106.05", "11.05"),
        ("'@trường", "106.15", "11.02"),
    ]


def test_another_list_of_units_can_be_asked_for(tmp_path: Path) -> None:
    built = make_built()
    districts = replace(
        built.primary,
        id="2024-district",
        vintage="2024",
        level="district",
        result=make_result(vintage="2024"),
    )
    both = replace(built, lists={**built.lists, districts.id: districts})
    report = export_layer(both, "communes", "geojson", tmp_path / "d.geojson", units="2024-district")
    said = json.loads(report.sidecar.read_text(encoding="utf-8"))
    assert said["units"] == {"list": "2024-district", "vintage": "2024", "level": "district", "count": 3}
    assert [source["publisher"] for source in said["sources"] if source["kind"] == "boundaries"] == ["Khác"]


# --- metadata


def test_licences_that_limit_use_are_spelt_out() -> None:
    metadata = collection_of(make_result())["metadata"]
    limits = {entry["licence"]: " ".join(entry["limits"]) for entry in metadata["licences"]}
    assert "non-commercial use only" in limits[OOKLA]
    assert "derivatives keep the same licence" in limits[OOKLA]
    assert limits["CC0"] == ""
    assert "not stated" in limits[None]


def test_only_the_sources_of_a_layer_are_named(tmp_path: Path) -> None:
    report = export_layer(make_built(), "coverage_areas", "geojson", tmp_path / "a.geojson")
    said = json.loads(report.sidecar.read_text(encoding="utf-8"))
    assert [source["kind"] for source in said["sources"]] == ["coverage"]
    assert said["sources"][0]["licence"] is None


def test_real_data_carry_no_illustrative_label() -> None:
    content = communes_geojson(make_list(), make_manifest(illustrative=False))
    metadata = json.loads(content)["metadata"]
    assert metadata["illustrative"] is False
    assert "label" not in metadata


# --- calls that cannot be met, and never half a file


@pytest.mark.parametrize(
    ("layer", "fmt", "name", "units", "message"),
    [
        ("towns", "csv", "a.csv", None, "unknown layer 'towns'; wanted one of communes"),
        (
            "goals",
            "geojson",
            "a.geojson",
            None,
            "goals is not offered as 'geojson'; wanted one of gpkg, csv, xlsx, parquet",
        ),
        ("coverage_areas", "csv", "a.csv", None, "not offered as 'csv'"),
        ("communes", "shp", "a.shp", None, "not offered as 'shp'"),
        ("communes", "csv", "a.gpkg", None, "the name says gpkg, the format asked for is csv"),
        ("communes", "csv", "none/a.csv", None, "does not exist; make it first"),
        ("communes", "csv", ".", None, "is a folder"),
        ("communes", "csv", "\udce9.csv", None, "the name is no text in UTF-8"),
        ("communes", "csv", "a.csv", "2019-commune", "no list of units '2019-commune'.*2026-04-commune"),
        ("places", "csv", "a.csv", "2026-04-commune", "belongs to no list of units"),
    ],
)
def test_calls_that_cannot_be_met(
    tmp_path: Path, layer: str, fmt: str, name: str, units: str | None, message: str
) -> None:
    with pytest.raises(CallError, match=message):
        export_layer(make_built(), layer, fmt, tmp_path / name, units=units)
    assert list(tmp_path.iterdir()) == []


def test_a_layer_without_input_says_how_to_add_it(tmp_path: Path) -> None:
    with pytest.raises(NotBuiltError, match="no coverage was given; add it with `vunglom add DIR coverage"):
        export_layer(
            replace(make_built(), coverage_areas=None), "coverage_areas", "gpkg", tmp_path / "a.gpkg"
        )


@pytest.mark.parametrize(
    ("layer", "field", "kind"),
    [("coverage_by_operator", "coverage", "coverage"), ("speed_by_quarter", "speed", "speed")],
)
def test_an_empty_table_is_not_exported_as_if_it_said_something(
    tmp_path: Path, layer: str, field: str, kind: str
) -> None:
    built = make_built()
    table: pd.DataFrame = getattr(built.primary, field).iloc[:0]
    bare = replace(built.primary, **{field: table})  # type: ignore[arg-type]
    with pytest.raises(NotBuiltError, match=f"no {kind} was given"):
        export_layer(replace(built, lists={bare.id: bare}), layer, "csv", tmp_path / "a.csv")


def test_a_result_that_breaks_its_contract_is_not_exported() -> None:
    with pytest.raises(SchemaError, match="4g_covered_people_share is outside"):
        communes_csv(make_list(make_result(**{"4g_covered_people_share": [2.0, 0.0, 0.0]})), make_manifest())


@pytest.mark.parametrize("fmt", LAYERS["communes"])
def test_a_file_that_fails_its_check_leaves_older_files_untouched(
    tmp_path: Path, fmt: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / f"a.{fmt}"
    sidecar = tmp_path / f"a.{fmt}.meta.json"
    out.write_bytes(b"older")
    sidecar.write_bytes(b"older too")
    monkeypatch.setattr("geo.export_rows.Deliverable.rows", alternating_rows())
    with pytest.raises(ExportError, match=f"a.{fmt}: .*people was read back as"):
        export_layer(make_built(), "communes", fmt, out)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        out.name: b"older",
        sidecar.name: b"older too",
    }


def alternating_rows() -> Callable[[Deliverable], list[Row]]:
    """`rows` of a deliverable whose `people` grow at each call, as if what was written were not what was meant."""
    calls = itertools.count(1)
    true_rows = Deliverable.rows

    def rows(deliverable: Deliverable) -> list[Row]:
        number = next(calls)
        return [{**row, "people": (row["people"] or 0) + number} for row in true_rows(deliverable)]

    return rows


@pytest.mark.parametrize("older", [None, b"older sidecar"])
def test_a_file_held_by_another_program_leaves_the_pair_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, older: bytes | None
) -> None:
    out = tmp_path / "a.csv"
    out.write_bytes(b"open in Excel")
    sidecar = tmp_path / "a.csv.meta.json"
    if older is not None:
        sidecar.write_bytes(older)
    move = Path.replace

    def refuse(self: Path, target: Path) -> Path:
        if Path(target) == out:
            raise PermissionError(13, "The process cannot access the file")
        return move(self, target)

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(ExportError, match="Close the file in other programs"):
        export_layer(make_built(), "communes", "csv", out)
    left = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert left == {"a.csv": b"open in Excel"} | ({} if older is None else {sidecar.name: older})


def test_an_older_pair_is_replaced_whole(tmp_path: Path) -> None:
    out = tmp_path / "a.gpkg"
    out.write_bytes(b"not a database")
    report = export_layer(make_built(), "communes", "gpkg", out)
    assert len(pyogrio.read_dataframe(out)) == report.rows == 3
