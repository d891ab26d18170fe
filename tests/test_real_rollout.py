"""Real files of Ibiza through import, check and export: 770 coverage polygons, 100 sites, 100 points of interest."""

import json
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from openpyxl import load_workbook

from geo.crs import equal_area_km2, metric_crs
from geo.proposal_sites import Said
from geo.rollout_desk import find_proposal, open_desk
from geo.schema import Technology
from tests.files import feature, run, succeed, write_geojson

UNION_KM2 = 116.72
FAR_CORNER = shapely.box(1.2, 38.87, 1.21, 38.88)


@pytest.fixture(scope="module")
def ibiza(real: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The island as one unit with its points as schools, 3G as published, 4G in one far corner."""
    folder, root = real / "ibiza", tmp_path_factory.mktemp("ibiza") / "island"
    corner = write_geojson(root.parent / "corner.geojson", [feature(FAR_CORNER)])
    succeed(
        "new",
        root,
        "--name",
        "Ibiza",
        "--boundaries",
        folder / "area.gpkg",
        "--code",
        "HASC_2",
        "--label",
        "NAME_2",
        "-q",
    )
    claim = ["--operator", "A", "--evidence", "declared", "--as-of", "2023-10-22", "-q"]
    succeed("add", root, "coverage", folder / "mobile-coverage.gpkg", "--technology", "3G", *claim)
    succeed("add", root, "coverage", corner, "--technology", "4G", *claim)
    succeed(
        "add",
        root,
        "places",
        folder / "points-of-interest.csv",
        "--label",
        "source_poi_id",
        "--class",
        "poi_type",
        "-q",
    )
    succeed("build", root, "-q")
    return root


def test_770_polygons_are_one_area_of_the_published_size(ibiza: Path, real: Path) -> None:
    said = Said("B", Technology.G4)
    offer, notes = find_proposal(
        open_desk(ibiza), str(real / "ibiza" / "mobile-coverage.gpkg"), said, new_operator=True
    )
    # the published figure was taken in the UTM zone, whose scale is 0.99984 there
    plane = gpd.GeoSeries([offer.area], crs=4326).to_crs(metric_crs(offer.area.bounds))
    assert plane.area[0] / 1e6 == pytest.approx(UNION_KM2, abs=0.005)
    assert float(equal_area_km2([offer.area])[0]) == pytest.approx(UNION_KM2 / 0.99984**2, abs=0.005)
    assert notes == []


def test_the_polygons_as_a_proposal_bring_8_points_and_upgrade_all_they_cover(
    ibiza: Path, real: Path, tmp_path: Path
) -> None:
    given = real / "ibiza" / "mobile-coverage.gpkg"
    options = ["--operator", "B", "--technology", "4G", "--new-operator"]
    (found,) = json.loads(succeed("check", ibiza, given, *options, "--format", "json"))["proposals"]
    assert found["basis"] == "area"
    assert found["places_gained"] == {"school": 8, "clinic": None}
    figures = {name: figure["km2"]["value"] for name, figure in found["figures"].items()}
    assert figures["inside"] == pytest.approx(
        UNION_KM2 / 0.99984**2 * (1 - found["outside_share"]), abs=0.005
    )
    assert figures["new"] == pytest.approx(figures["inside"] - figures["covered"], abs=1e-6)
    # the same polygons are 3G today
    assert figures["upgraded"] == pytest.approx(figures["new"], rel=1e-6)
    assert found["figures"]["new"]["people"]["value"] is None
    succeed("check", ibiza, given, *options, "--format", "geojson", "--out", tmp_path / "out.geojson")
    document = json.loads((tmp_path / "out.geojson").read_text(encoding="utf-8"))
    areas = [
        shapely.from_geojson(json.dumps(one["geometry"]))
        for one in document["features"]
        if one["properties"]["kind"] == "new"
    ]
    assert float(equal_area_km2(areas)[0]) == pytest.approx(figures["new"], rel=1e-4)


def test_the_same_polygons_on_3g_bring_nothing(ibiza: Path, real: Path) -> None:
    given = real / "ibiza" / "mobile-coverage.gpkg"
    options = ["--operator", "B", "--technology", "3G", "--new-operator", "--format", "json"]
    (found,) = json.loads(succeed("check", ibiza, given, *options))["proposals"]
    assert found["figures"]["new"]["km2"]["value"] == pytest.approx(0, abs=1e-6)
    assert found["advice"] == "questionable"
    assert found["places_gained"]["school"] == 0


def test_100_sites_in_the_itu_columns_are_modelled_by_technology(
    ibiza: Path, real: Path, tmp_path: Path
) -> None:
    given, out = real / "ibiza" / "cell-sites.csv", tmp_path / "sites.xlsx"
    options = ["--operator", "B", "--technology", "4G", "--new-operator"]
    answer = run("check", ibiza, given, *options, "--format", "json")
    assert "of 100 rows are of another operator or technology and were left out" in answer.stderr
    (found,) = json.loads(answer.stdout)["proposals"]
    new = found["figures"]["new"]["km2"]
    assert 0 < new["low"] < new["value"] < new["high"]
    assert new["value"] <= found["figures"]["inside"]["km2"]["value"]
    succeed("check", ibiza, given, *options, "--format", "xlsx", "--out", out)
    book = load_workbook(out)
    names = [cell.value for cell in book["proposals"][1]]
    assert book["proposals"].cell(2, names.index("new_km2") + 1).value == pytest.approx(new["value"])


def test_sites_are_kept_and_come_back_the_same(ibiza: Path, real: Path) -> None:
    given = real / "ibiza" / "cell-sites.csv"
    options = ["--operator", "B", "--technology", "4G", "--new-operator"]
    (before,) = json.loads(run("check", ibiza, given, *options, "--format", "json").stdout)["proposals"]
    run("proposals", ibiza, "add", given, *options, "--who", "Lan")
    (after,) = json.loads(succeed("check", ibiza, "p1", "--format", "json"))["proposals"]
    assert after["figures"] == before["figures"]
