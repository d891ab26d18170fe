"""The whole chain on three squares whose result rows are worked out by hand; idempotence and atomic writing."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from geo import store
from geo.errors import ExportError, InputError, NotBuiltError
from geo.export_meta import describe
from geo.pipeline import build
from geo.quarter_intervals import quarter_intervals
from geo.results import LIST_TABLES, Built, read_built
from geo.schema import TEXT_COLUMNS
from geo.store import fingerprint, is_current
from geo.workspace import load_workspace
from layers.quarter_chart import quarter_points
from tests.files import (
    A,
    B,
    C,
    Files,
    add_scene,
    claim,
    feature,
    new_scene,
    run,
    snapshot,
    succeed,
    write_geojson,
    write_raster,
    write_scene,
    write_tiles,
    write_units,
)
from tests.tiny import tile_key


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("pipeline")
    files = write_scene(folder / "scene")
    new_scene(folder / "squares", files.units)
    add_scene(folder / "squares", files)
    build(load_workspace(folder / "squares"))
    return read_built(folder / "squares")


def test_rows_of_three_squares_by_hand(built: Built) -> None:
    rows = built.primary.result.set_index("unit_code")
    wanted: dict[str, list[Any]] = {
        "name": ["Unit 01", "Unit 02", "Unit 03"],
        "people": [50, 70, 20],
        # Viettel reaches tile 7, MobiFone tile 4: together 10 + 20 + 20 of B's 70 people, none of C's
        "4g_covered_people_share": [1, 50 / 70, 0],
        "4g_covered_area_share": [1, 2.5 / 3.5, 0],
        "4g_uncovered_people": [0, 20, 20],
        "4g_operators": [2, 1, 0],
        "4g_evidence": ["declared"] * 3,
        # the tile at 4 is half A's and half B's: 10 of its 20 tests each
        "mobile_tests": [20, 40, 0],
        "mobile_devices": [22, 14, 0],
        "mobile_tiles": [2, 2, 0],
        "mobile_quarters": [1, 1, 0],
        "mobile_download_raw_mbps": [60, 17.5, None],
        "mobile_download_mbps": [60, 17.5, None],
        "mobile_upload_raw_mbps": [6, 1.75, None],
        "mobile_latency_raw_ms": [40, 80, None],
        "verdict": ["served", "gap", "gap"],
        # 4G and mobile weigh 0.3 each, choice 0.15; fixed and 5G are not known
        "gap_score": [0, 100 * (0.3 + 0.3 * 22.5 / 35 + 0.15 * 0.5) / 0.75, 100],
        "confidence": [0.75, 0.75, 0.45],
        "rank": [3, 2, 1],
    }
    for name, values in wanted.items():
        for code, value in zip(rows.index, values, strict=True):
            found = rows.loc[code, name]
            if value is None:
                assert pd.isna(found), (name, code)
            else:
                near = value if isinstance(value, str) else pytest.approx(value, rel=1e-9, abs=1e-9)
                assert found == near, (name, code)
    # a tile holds a quarter of a strip, but for the curve of the latitudes
    assert rows["mobile_tested_people_share"].tolist() == pytest.approx(
        [7.5 / 2 / 50 + 2.5 / 2 / 50, 7.5 / 70, 0], rel=1e-3
    )
    assert rows["town_distance_km"].is_monotonic_decreasing


def test_reasons_name_every_goal_that_is_not_met_essential_first(built: Built) -> None:
    reasons = built.primary.result.set_index("unit_code")["reasons"].map(list).to_dict()
    assert reasons == {
        "01": ["5g_no_evidence", "fixed_no_evidence"],
        "02": ["4g_below_goal", "mobile_below_goal", "5g_no_evidence", "fixed_no_evidence", "choice_below_goal"],
        "03": ["4g_below_goal", "mobile_no_evidence", "5g_no_evidence", "fixed_no_evidence", "choice_below_goal"],
    }  # fmt: skip


def test_long_tables_of_three_squares(built: Built) -> None:
    coverage = built.primary.coverage.set_index(["unit_code", "operator"])
    assert coverage["covered_people"].to_dict() == pytest.approx(
        {
            ("01", "MobiFone"): 40,
            ("01", "Viettel"): 50,
            ("01", "*"): 50,
            ("02", "MobiFone"): 0,
            ("02", "Viettel"): 50,
            ("02", "*"): 50,
            ("03", "MobiFone"): 0,
            ("03", "Viettel"): 0,
            ("03", "*"): 0,
        }
    )
    assert set(coverage["as_of"]) == {"2026-09-30"}
    speed = built.primary.speed.set_index(["unit_code", "network", "quarter"])
    assert speed["tests"].to_dict() == pytest.approx(
        {("01", "mobile", "2026Q2"): 20, ("02", "mobile", "2026Q2"): 40, ("03", "mobile", "2026Q2"): 0}
    )
    goals = built.primary.goals.set_index(["unit_code", "dimension"])
    assert goals.loc[("02", "mobile"), "deficit"] == pytest.approx(22.5 / 35)
    assert goals.loc[("03", "mobile"), "outcome"] == "no_evidence"
    assert built.coverage_areas is not None
    assert built.places is not None
    assert built.coverage_areas["operator"].tolist() == ["MobiFone", "Viettel"]
    assert built.places["class"].tolist() == ["town", "school"]


def test_audit_says_what_was_counted(built: Built) -> None:
    messages = {row["code"]: row["message"] for row in built.quality}
    assert messages["audit_people"].startswith("other-commune: 140 people in units; 0 more")
    assert messages["audit_tests"] == (
        "other-commune: mobile 2026Q2: 60.0 of 60 tests in units, 0.0 outside; 0 of 3 tiles touch no unit"
    )


def test_manifest_names_inputs_rules_versions_and_tables(built: Built) -> None:
    manifest = built.manifest
    assert manifest["format"] == 1
    assert manifest["name"] == "Ba ô"
    assert manifest["illustrative"] is False
    assert [entry["kind"] for entry in manifest["inputs"]] == [
        "boundaries", "speed", "coverage", "coverage", "population", "places"
    ]  # fmt: skip
    speed = manifest["inputs"][1]
    assert speed["options"] == {"network": "mobile", "quarter": "2026Q2"}
    assert (speed["publisher"], speed["date"]) == ("Ookla", "2026-06-30")
    assert "NC-SA" in speed["licence"]
    assert all(len(file["sha256"]) == 64 for entry in manifest["inputs"] for file in entry["files"])
    assert manifest["lists"] == [
        {"id": "other-commune", "vintage": "other", "level": "commune", "units": 3, "folder": "."}
    ]
    assert {"python", "geopandas", "shapely", "pyproj"} <= set(manifest["versions"])
    assert manifest["rules"]["goals"]["4g"]["goal"] == 0.998


def test_manifest_hashes_every_table_on_disk(full: Path) -> None:
    manifest = build(load_workspace(full))
    on_disk = snapshot(full / "built")
    assert set(on_disk) == {*manifest["tables"], "manifest.json", "quality.json", "workspace.toml"}
    assert {name: on_disk[name] for name in manifest["tables"]} == manifest["tables"]


def test_two_builds_give_the_same_bytes(full: Path, tmp_path: Path) -> None:
    first = build(load_workspace(full))
    assert build(load_workspace(full))["tables"] == first["tables"]
    shutil.copytree(full, tmp_path / "elsewhere")
    assert build(load_workspace(tmp_path / "elsewhere"))["tables"] == first["tables"]
    left = sorted(path.name for path in full.iterdir() if path.suffix != ".lock")
    assert left == ["built", "raw", "workspace.toml"]


def test_the_order_of_adding_does_not_change_the_result(tmp_path: Path, scene: Files) -> None:
    tables = []
    for name, files in (("one", (scene.viettel, scene.mobifone)), ("two", (scene.mobifone, scene.viettel))):
        new_scene(tmp_path / name, scene.units)
        for file in files:
            succeed(
                "add", tmp_path / name, "coverage", file, "--operator", file.stem, "--technology", "4G",
                "--evidence", "declared", "--as-of", "2026-09-30",
            )  # fmt: skip
        tables.append(build(load_workspace(tmp_path / name))["tables"])
    assert tables[0] == tables[1]


def test_is_current_follows_inputs_and_rules(full: Path) -> None:
    workspace = load_workspace(full)
    assert not is_current(workspace)
    build(workspace)
    assert is_current(load_workspace(full))
    before = fingerprint(workspace)
    config = full / "workspace.toml"
    config.write_text(
        config.read_text(encoding="utf-8").replace("[rules]", "[rules]\nmin_devices = 5.0"), encoding="utf-8"
    )
    assert fingerprint(load_workspace(full)) != before
    assert not is_current(load_workspace(full))


def test_a_threshold_of_the_check_of_proposals_asks_for_no_build(full: Path) -> None:
    build(load_workspace(full))
    config = full / "workspace.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text + "\n[rules.rollout]\nmin_new_people = 7.0\n", encoding="utf-8")
    changed = load_workspace(full)
    assert changed.rules.rollout.min_new_people == 7
    assert is_current(changed)
    # and no older threshold stands in what was built
    assert (
        "rollout" not in json.loads((full / "built" / "manifest.json").read_text(encoding="utf-8"))["rules"]
    )


def test_only_boundaries_build_and_nobody_is_called_served(squares: Path) -> None:
    build(load_workspace(squares))
    rows = read_built(squares).primary.result
    assert rows["verdict"].tolist() == ["unknown"] * 3
    assert rows[["gap_score", "rank"]].isna().all(axis=None)
    assert rows["confidence"].tolist() == [0, 0, 0]
    assert "people" not in rows
    assert "4g_covered_people_share" not in rows


def test_tables_have_the_same_types_with_and_without_inputs(full: Path, scene: Files, tmp_path: Path) -> None:
    empty = tmp_path / "bare"
    new_scene(empty, scene.units)
    build(load_workspace(empty))
    build(load_workspace(full))
    for name in LIST_TABLES:
        bare, whole = (pq.read_schema(root / "built" / f"{name}.parquet") for root in (empty, full))
        assert not [field.name for field in [*bare, *whole] if pa.types.is_null(field.type)]
        for field in bare:
            is_text = field.name in TEXT_COLUMNS
            assert is_text == (pa.types.is_string(field.type) or pa.types.is_large_string(field.type)), field
            if field.name in whole.names and field.name != "geometry":
                assert field.type == whole.field(field.name).type
    types = pq.read_schema(full / "built" / "communes.parquet")
    for count in ("4g_operators", "mobile_quarters", "rank", "rank_low", "rank_high"):
        assert pa.types.is_integer(types.field(count).type), count


def test_a_unit_without_any_figure_of_people_has_unknown_people_not_none(
    squares: Path, scene: Files, tmp_path: Path
) -> None:
    cells = [[*[10] * 8, *[-99_999] * 4]]  # the third square's four strips hold no figure
    raster = write_raster(tmp_path / "holes.tif", cells)
    add_scene(squares, replace(scene, people=raster))
    build(load_workspace(squares))
    built = read_built(squares)
    row = built.primary.result.set_index("unit_code").loc["03"]
    for name in ("people", "4g_covered_people_share", "4g_uncovered_people", "mobile_tested_people_share"):
        assert pd.isna(row[name]), name
    # its area says that nothing is covered, whoever lives there
    assert row["4g_covered_area_share"] == 0
    assert row["verdict"] == "gap"
    assert built.primary.coverage.query("unit_code == '03'")["covered_people"].isna().all()
    assert [(f["code"], f["unit"]) for f in built.quality if f["code"] == "people_unknown"] == [
        ("people_unknown", "03")
    ]


def test_without_people_area_is_shared_and_no_people_share_is_claimed(squares: Path, scene: Files) -> None:
    for operator, file in (("Viettel", scene.viettel), ("MobiFone", scene.mobifone)):
        succeed(
            "add", squares, "coverage", file, "--operator", operator, "--technology", "4G",
            "--evidence", "declared", "--as-of", "2026-09-30",
        )  # fmt: skip
    build(load_workspace(squares))
    rows = read_built(squares).primary.result
    assert rows["4g_covered_people_share"].isna().all()
    assert rows["4g_covered_area_share"].tolist() == pytest.approx([1, 2.5 / 3.5, 0])
    assert rows["4g_operators"].tolist() == [2, 1, 0]
    # all of the area covers all of the people, none of it none; in between people are not known
    assert rows["verdict"].tolist() == ["unknown", "unknown", "gap"]
    goals = read_built(squares).primary.goals.set_index(["unit_code", "dimension"])["outcome"]
    assert [goals[(code, "4g")] for code in ("01", "02", "03")] == ["pass", "undecided", "fail"]


def test_two_lists_of_units_each_with_their_tables(full: Path, scene: Files) -> None:
    succeed(
        "add", full, "boundaries", scene.units, "--code", "code", "--label", "name", "--level", "district"
    )
    build(load_workspace(full))
    built = read_built(full)
    assert list(built.lists) == ["other-commune", "other-district"]
    assert built.primary.id == "other-commune"
    first, second = (units.result for units in built.lists.values())
    pd.testing.assert_frame_equal(pd.DataFrame(first), pd.DataFrame(second))


def test_tests_outside_every_unit_are_said_and_not_counted(squares: Path, tmp_path: Path) -> None:
    far = [(tile_key(1, 1), 1000, 1000, 10, 5, 5), (tile_key(40, 40), 1000, 1000, 10, 7, 7)]
    file = write_tiles(tmp_path / "t.parquet", far)
    succeed("add", squares, "speed", file, "--network", "fixed", "--quarter", "2026Q1")
    build(load_workspace(squares))
    built = read_built(squares)
    assert built.primary.result["fixed_tests"].sum() == 5
    audit = next(row["message"] for row in built.quality if row["code"] == "audit_tests")
    assert audit.endswith("5.0 of 12 tests in units, 7.0 outside; 1 of 2 tiles touch no unit")


def test_a_build_that_fails_leaves_the_old_results(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(load_workspace(full))
    before = snapshot(full)

    def torn(content: Any, path: Path) -> None:
        path.write_text(json.dumps(content)[:9], encoding="utf-8")
        raise ExportError("the disk is full")

    monkeypatch.setattr(store, "_write_json", torn)
    with pytest.raises(ExportError, match="disk is full"):
        build(load_workspace(full))
    assert snapshot(full) == before
    left = sorted(path.name for path in full.iterdir() if path.suffix != ".lock")
    assert left == ["built", "raw", "workspace.toml"]


def test_a_swap_that_fails_puts_the_old_results_back(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(load_workspace(full))
    before = snapshot(full)
    rename = Path.rename

    def held(self: Path, target: Path) -> Path:
        if target.name == "built" and not self.name.startswith(".built-old-"):
            raise PermissionError("a program holds the folder")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", held)
    with pytest.raises(PermissionError, match="holds the folder"):
        build(load_workspace(full))
    assert snapshot(full) == before


def test_results_set_aside_by_a_killed_build_come_back(full: Path) -> None:
    build(load_workspace(full))
    before = snapshot(full / "built")
    (full / "built").rename(full / ".built-old-4242")
    with pytest.raises(NotBuiltError, match="vunglom build"):
        read_built(full)
    (full / "raw" / "speed").rename(full / "raw" / "lost")
    with pytest.raises(InputError, match="is gone"):
        build(load_workspace(full))
    assert snapshot(full / "built") == before


def test_what_dead_builds_left_is_cleared(full: Path) -> None:
    for name in (".built-1", ".built-old-2"):
        (full / name).mkdir()
    build(load_workspace(full))
    assert not list(full.glob(".built-*"))
    assert read_built(full).primary.id == "other-commune"


def test_a_build_killed_at_any_moment_leaves_old_or_new_results_whole(full: Path) -> None:
    build(load_workspace(full))
    old = read_built(full).manifest["tables"]
    config = full / "workspace.toml"
    config.write_text(
        config.read_text(encoding="utf-8").replace("[rules]", "[rules.goals.4g]\nweight = 0.9"),
        encoding="utf-8",
    )
    for marker in ("reading", "computing", "writing"):
        with subprocess.Popen(
            [sys.executable, "-m", "geo", "build", str(full)], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        ) as process:  # fmt: skip
            assert process.stderr is not None
            for line in process.stderr:
                if marker in line:
                    break
            process.kill()
        on_disk, manifest = snapshot(full / "built"), read_built(full).manifest
        assert {name: on_disk[name] for name in manifest["tables"]} == manifest["tables"]
        if marker != "writing":
            assert manifest["tables"] == old
    run("build", full, "--quiet")
    assert read_built(full).manifest["tables"] != old


def test_a_mended_outline_passes_into_the_report_with_its_file_and_list(tmp_path: Path) -> None:
    spike = [
        [105.7, 14.9],
        [105.8, 14.9],
        [105.9, 14.9],
        [105.8, 14.9],
        [105.8, 15.0],
        [105.7, 15.0],
        [105.7, 14.9],
    ]
    shape = {"type": "Polygon", "coordinates": [spike]}
    new_scene(tmp_path / "ws", write_geojson(tmp_path / "u.geojson", [feature(shape, code="1", name="A")]))
    build(load_workspace(tmp_path / "ws"))
    (row,) = [row for row in read_built(tmp_path / "ws").quality if row["code"] == "repaired"]
    assert (row["severity"], row["file"], row["list_id"]) == ("warning", "u.geojson", "other-commune")
    assert row["done"] == "mended"
    assert "row 1 was not valid" in row["message"]


def test_a_population_raster_in_another_crs_is_built_with(
    squares: Path, scene: Files, tmp_path: Path
) -> None:
    """100 m cells of UTM, one person each: people of the squares are their areas in hectares on the plane."""
    raster = write_raster(
        tmp_path / "utm.tif",
        np.ones((60, 120)),
        bounds=(568_000, 1_657_000, 580_000, 1_663_000),
        crs="EPSG:32648",
    )
    add_scene(squares, replace(scene, people=raster))
    build(load_workspace(squares))
    rows = read_built(squares).primary.result.set_index("unit_code")
    hectares = rows.geometry.to_crs("EPSG:32648").area / 1e4
    assert rows["people"].tolist() == pytest.approx(hectares.tolist(), rel=1e-4)
    assert rows["4g_covered_people_share"].notna().all()
    assert rows["town_distance_km"].notna().all()
    assert set(rows["settlement"]) == {"rural"}


def test_tests_that_contradict_declared_coverage_become_a_reason(squares: Path, scene: Files) -> None:
    """All of A is declared by Viettel; four of its tiles, well tested, are far too slow to be 4G, the other unit's are not."""
    slow = [(tile_key(column, 1), 900, 300, 200, 60, 60) for column in range(4)]
    fast = [(tile_key(column, 1), 60_000, 9_000, 30, 60, 60) for column in range(5, 7)]
    add_scene(squares, replace(scene, tiles=write_tiles(scene.tiles, [*slow, *fast])))
    build(load_workspace(squares))
    rows = read_built(squares).primary.result.set_index("unit_code")
    share = rows["4g_contradicted_people_share"]
    # each tile is a quarter of a strip of 10 people, so 10 of A's 50 people live in the four; C has no test at all
    assert share["01"] == pytest.approx(10 / 50, rel=1e-3)
    assert share["02"] == 0
    assert np.isnan(share["03"])
    assert "declared_not_measured" in rows.loc["01", "reasons"]
    assert "declared_not_measured" not in rows.loc["02", "reasons"]
    numbers = read_built(squares).primary.contradictions.set_index("unit_code")
    assert numbers["judged_tiles"].tolist() == [4, 2, 0]
    assert numbers["contradicted_tiles"].tolist() == [4, 0, 0]
    assert numbers["chance"].tolist() == pytest.approx([0.05**4, 1, np.nan], nan_ok=True)
    assert numbers["declared_not_measured"].tolist() == [True, False, False]
    assert numbers.loc["01", "devices"] == pytest.approx(4 * 60)


def test_without_people_the_shares_of_people_contradicted_are_not_said(squares: Path, scene: Files) -> None:
    slow = [(tile_key(column, 1), 900, 300, 200, 60, 60) for column in range(4)]
    succeed("add", squares, "speed", write_tiles(scene.tiles, slow), "--network", "mobile")
    succeed("add", squares, "coverage", scene.viettel, *claim("Viettel"))
    build(load_workspace(squares))
    rows = read_built(squares).primary.result.set_index("unit_code")
    assert "4g_contradicted_people_share" not in rows
    assert "declared_not_measured" in rows.loc["01", "reasons"]


def _site(place: Any, operator: str, name: str) -> str:
    point = place.centroid
    return f"{name},{point.y},{point.x},{operator},4G,800,40"


def test_sites_become_modelled_coverage_beside_the_declared_and_are_held_against_it(
    squares: Path, scene: Files, tmp_path: Path
) -> None:
    sites = tmp_path / "sites.csv"
    rows = [_site(A, "Viettel", "S1"), _site(C, "Viettel", "S2"), _site(B, "Gmobile", "S3")]
    head = "ict_id,lat,lon,operator_name,radio_type,downlink_frequency_mhz,antenna_height"
    sites.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    add_scene(squares, scene)
    succeed("add", squares, "sites", sites, "--as-of", "2026-09-30")
    build(load_workspace(squares))
    built = read_built(squares)
    assert built.sites is not None
    assert len(built.sites) == 3
    coverage = built.primary.coverage
    modelled = coverage[coverage["evidence"] == "modelled"]
    shares = dict(
        zip(
            zip(modelled["unit_code"], modelled["operator"], strict=True),
            modelled["covered_people_share"],
            strict=True,
        )
    )
    # an 800 MHz site reaches over 2 km, a square is 2 km wide: each covers its own in good part
    assert shares["01", "Viettel"] > 0.5
    assert shares["02", "Gmobile"] > 0.5
    assert set(modelled["as_of"]) == {"2026-09-30"}
    # the headline stays with what is declared
    result = built.primary.result.set_index("unit_code")
    assert result["4g_evidence"].tolist() == ["declared"] * 3
    assert result["4g_covered_people_share"].tolist()[2] == 0
    # what was modelled from the records is passed on with their source and licence
    cited = describe("coverage_areas", [], built.manifest, None)["sources"]
    assert {source["kind"] for source in cited} == {"coverage", "sites"}
    # Viettel declares nothing over its own site in C
    (missed,) = [one for one in built.quality if one["code"] == "coverage_misses_sites"]
    assert "Viettel 4G (2026-09-30): 1 of its own 2 cell records (50.0%)" in missed["message"]


def test_where_nobody_declares_the_model_is_the_evidence(squares: Path, tmp_path: Path) -> None:
    sites = tmp_path / "sites.csv"
    head = "ict_id,lat,lon,operator_name,radio_type,downlink_frequency_mhz,antenna_height"
    beyond = _site(C, "Viettel", "S9").replace(",800,", ",9000,")
    sites.write_text("\n".join([head, _site(A, "Viettel", "S1"), beyond]) + "\n", encoding="utf-8")
    succeed("add", squares, "sites", sites)
    build(load_workspace(squares))
    built = read_built(squares)
    result = built.primary.result.set_index("unit_code")
    assert result["4g_evidence"].tolist()[0] == "modelled"
    assert result["4g_covered_area_share"].tolist()[0] > 0.5
    (left,) = [one for one in built.quality if one["code"] == "sites_unmodelled"]
    assert left["message"].startswith(
        "1 of 2 sites have no modelled area: frequency or antenna height outside"
    )


def test_one_single_unit_is_the_first_and_the_last(tmp_path: Path, scene: Files) -> None:
    new_scene(tmp_path / "one", write_units(tmp_path / "one.geojson", {"02": B}))
    add_scene(tmp_path / "one", scene)
    build(load_workspace(tmp_path / "one"))
    built = read_built(tmp_path / "one").primary
    (row,) = built.result.to_dict("records")
    assert (row["rank"], row["rank_low"], row["rank_high"]) == (1, 1, 1)
    assert row["gap_score_low"] <= row["gap_score"] <= row["gap_score_high"]
    # nobody to be drawn to, no median to fall behind, no neighbour: a plain mean, no interval, no direction, no cluster
    assert row["mobile_download_mbps"] == pytest.approx(row["mobile_download_raw_mbps"])
    assert np.isnan(row["mobile_download_low"])
    assert pd.isna([row["mobile_trend_mbps_per_year"], row["mobile_direction"], row["hotspot"]]).all()
    assert built.sensitivity["all_share"].tolist() == [1]


def test_tiles_without_a_single_test_are_no_speed_of_zero(squares: Path, tmp_path: Path) -> None:
    silent = [(tile_key(column, 1), 0, 0, 0, 0, 0) for column in (1, 6, 9)]
    file = write_tiles(tmp_path / "2026-04-01_performance_mobile_tiles.parquet", silent)
    succeed("add", squares, "speed", file, "--network", "mobile")
    build(load_workspace(squares))
    rows = read_built(squares).primary.result
    assert rows[["mobile_tests", "mobile_devices", "mobile_tiles"]].to_numpy().tolist() == [[0, 0, 0]] * 3
    figures = ["mobile_download_mbps", "mobile_download_raw_mbps", "mobile_latency_raw_ms", "gap_score"]
    assert rows[figures].isna().all(axis=None)
    assert rows["verdict"].tolist() == ["unknown"] * 3
    assert all("mobile_no_evidence" in reasons for reasons in rows["reasons"])


@pytest.mark.parametrize("count", [1, 3, 4])
def test_quarters_in_any_order_and_fewer_than_four_have_no_trend(
    tmp_path: Path, scene: Files, count: int
) -> None:
    """Steady 40 Mbps in A from quarter to quarter, doubling every quarter in B."""
    folders = {}
    for name, order in (("forward", range(count)), ("backward", range(count - 1, -1, -1))):
        new_scene(tmp_path / name, scene.units)
        for place in order:
            rows = [
                (tile_key(1, 1), 40_000, 8_000, 30, 40, 40),
                (tile_key(6, 1), 10_000 * 2**place, 1_000, 90, 40, 40),
            ]
            file = write_tiles(tmp_path / f"{name}{place}.parquet", rows)
            said = ("--network", "mobile", "--quarter", f"2025Q{place + 1}")
            succeed("add", tmp_path / name, "speed", file, *said)
        build(load_workspace(tmp_path / name))
        folders[name] = read_built(tmp_path / name).primary
    forward, backward = (pd.DataFrame(units.result) for units in folders.values())
    pd.testing.assert_frame_equal(forward, backward)
    trend = forward["mobile_trend_mbps_per_year"].tolist()
    assert forward["mobile_quarters"].tolist() == [count, count, 0]
    if count < 4:
        assert np.isnan(trend).all()
    else:
        assert trend[0] == pytest.approx(0, abs=1e-6)
        # four doublings a year: ln 16 times the newest 80 Mbps, whose log from 40 devices is too low by 1/80
        assert trend[1] == pytest.approx(np.log(16) * 80 * np.exp(1 / 80), rel=1e-3)
    assert forward["mobile_direction"].isna().all()


def test_a_tile_of_zero_kbps_with_tests_is_measured_zero_from_file_to_chart(tmp_path: Path) -> None:
    """Unit 01 lies in a tile of 0 kbps and 30 tests on 30 devices; unit 02 in one of 10 Mbps; nobody tested in 03."""
    files = write_scene(tmp_path / "scene")
    new_scene(tmp_path / "zero", files.units)
    rows = [(tile_key(1, 1), 0, 0, 30, 30, 30), (tile_key(6, 1), 10_000, 1_000, 90, 30, 30)]
    for day, folder in (("2026-01-01", "a"), ("2026-04-01", "b")):
        (tmp_path / folder).mkdir()
        tiles = write_tiles(tmp_path / folder / f"{day}_performance_mobile_tiles.parquet", rows)
        succeed("add", tmp_path / "zero", "speed", tiles, "--network", "mobile")
    build(load_workspace(tmp_path / "zero"))
    units = read_built(tmp_path / "zero").primary
    table = units.result.set_index("unit_code")
    assert table["mobile_download_raw_mbps"].tolist() == pytest.approx([0, 10, np.nan], nan_ok=True)
    assert table["mobile_download_mbps"].tolist() == pytest.approx([0, 10, np.nan], nan_ok=True)
    assert table["mobile_tests"].tolist() == [60, 60, 0]
    goals = units.goals[units.goals["dimension"] == "mobile"].set_index("unit_code")
    assert goals["outcome"].tolist() == ["fail", "fail", "no_evidence"]
    quarters = quarter_intervals(units.speed)
    assert quarters.loc[quarters["unit_code"] == "01", "download_mbps"].tolist() == [0, 0]
    points = quarter_points(quarters, "01", "vi")
    assert [point["value"] for point in points] == [0, 0]
    assert all("0,0 Mbps" in point["said"] for point in points)
    assert [point["value"] for point in quarter_points(quarters, "03", "vi")] == [None, None]
