"""`vunglom rollup`: sums by eye, and the sample's 111 old communes against its lists of districts and of new communes."""

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from data.make_sample import SAMPLE
from geo.aggregate import RESULT_RULES
from geo.errors import CallError, VintageError
from geo.pipeline import build
from geo.results import Built, UnitList, read_built
from geo.rollups import By, roll_up_list
from geo.rules import Rules
from geo.schema import Vintage
from geo.vintages import crosswalk
from geo.workspace import load_workspace
from tests.files import (
    SQUARES,
    Files,
    add_scene,
    feature,
    run,
    succeed,
    write_geojson,
    write_raster,
    write_scene,
    write_units,
)
from tests.tiny import tiles_box


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Built:
    root = tmp_path_factory.mktemp("rollups") / "sample"
    shutil.copytree(SAMPLE, root, ignore=shutil.ignore_patterns("built", "*.lock"))
    build(load_workspace(root))
    return read_built(root)


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The three squares: A and B in district d1, C in d2, all in one province; built."""
    folder = tmp_path_factory.mktemp("rollup")
    files = write_scene(folder / "scene")
    rows = [
        feature(
            shape,
            code=code,
            name=f"Unit {code}",
            d="d2" if code == "03" else "d1",
            dn="=Quận",
            p="7",
            pn="Tỉnh",
        )
        for code, shape in SQUARES.items()
    ]
    root = folder / "squares"
    succeed(
        "new", root, "--name", "Ba ô", "--boundaries", write_geojson(files.units, rows), "--code", "code", "--label", "name",
        "--district-code", "d", "--district-name", "dn", "--province-code", "p", "--province-name", "pn",
    )  # fmt: skip
    add_scene(root, files)
    succeed("build", root, "--quiet")
    return root


def as_json(*arguments: object) -> dict[str, Any]:
    return json.loads(succeed("rollup", *arguments, "--format", "json"))  # type: ignore[no-any-return]


def test_districts_of_three_squares_by_hand(ready: Path) -> None:
    said = as_json(ready, "--by", "district")
    first, second = said["wholes"]
    assert [first[name] for name in ("unit_code", "name", "units", "people")] == ["d1", "=Quận", 2, 120]
    # A is covered wholly, of B 50 of 70: 100 of 120 people, not the mean of 1 and 5/7
    assert first["4g_covered_people_share"] == pytest.approx(100 / 120, abs=1e-6)
    assert first["4g_uncovered_people"] == pytest.approx(20, abs=1e-5)
    # 10 tests of 80 Mbps and 20 of 40 and 30 of 10, of the middle tile only what lies in A and B, which is all
    assert first["mobile_tests"] == pytest.approx(60, abs=1e-5)
    assert first["mobile_download_raw_mbps"] == pytest.approx((10 * 80 + 20 * 40 + 30 * 10) / 60, abs=1e-5)
    # Viettel reaches 100 of the 120, MobiFone 40, which is under half
    assert (first["4g_operators"], first["4g_evidence"]) == (1, "declared")
    assert (second["people"], second["mobile_tests"], second["mobile_download_raw_mbps"]) == (20, 0, None)
    assert second["4g_operators"] == 0
    assert (said["withheld"], first["withheld"], second["withheld"]) == ([], [], [])


def test_all_and_province_are_one_whole(ready: Path) -> None:
    (whole,), (province,) = (as_json(ready, "--by", by)["wholes"] for by in ("all", "province"))
    assert (whole["unit_code"], province["unit_code"], province["name"]) == ("all", "7", "Tỉnh")
    for row in (whole, province):
        assert (row["people"], row["units"]) == (140, 3)
    alike = {name: value for name, value in whole.items() if name not in ("unit_code", "name")}
    assert {name: province[name] for name in alike} == alike


def test_csv_on_standard_output_and_as_a_file_with_its_sources(ready: Path, tmp_path: Path) -> None:
    shown = list(csv.DictReader(io.StringIO(succeed("rollup", ready, "--by", "district", "--format", "csv"))))
    out = tmp_path / "districts.csv"
    assert "2 rows, checked" in succeed("rollup", ready, "--by", "district", "--out", out)
    written = list(csv.DictReader(io.StringIO(out.read_bytes().decode("utf-8-sig"), newline="")))
    assert [row["name"] for row in shown] == [row["name"] for row in written] == ["'=Quận"] * 2
    assert [float(row["people"]) for row in shown] == [float(row["people"]) for row in written] == [120, 20]
    meta = json.loads((tmp_path / "districts.csv.meta.json").read_text(encoding="utf-8"))
    assert meta["layer"] == "rollup"
    assert {source["kind"] for source in meta["sources"]} == {
        "boundaries", "speed", "coverage", "population", "places",
    }  # fmt: skip
    assert [column["name"] for column in meta["columns"]] == list(written[0])
    assert all(column["type"] for column in meta["columns"])
    as_file = tmp_path / "districts.json"
    succeed("rollup", ready, "--by", "district", "--out", as_file)
    assert (
        json.loads(as_file.read_text(encoding="utf-8"))["wholes"]
        == as_json(ready, "--by", "district")["wholes"]
    )


def test_what_a_part_keeps_back_is_listed(ready: Path) -> None:
    given = read_built(ready).primary
    result = given.result.copy()
    result.loc[result["unit_code"] == "02", ["people", "4g_covered_people_share"]] = np.nan
    coverage = given.coverage.copy()
    coverage.loc[coverage["unit_code"] == "02", ["covered_people_share", "covered_area_share"]] = np.nan
    lacking = UnitList(given.id, given.vintage, given.level, result, given.goals, coverage, given.speed)
    rolled = roll_up_list(lacking, Rules(), by=By.DISTRICT)
    table = rolled.table.set_index("unit_code")
    assert table.loc["d1", ["people", "4g_covered_people_share", "4g_operators"]].isna().all()
    assert table.loc["d2", "4g_operators"] == 0
    kept = rolled.withheld[rolled.withheld["column"].isin(["people", "4g_operators"])]
    assert kept.to_numpy().tolist() == [["d1", "people", "02"], ["d1", "4g_operators", "02"]]
    partial = roll_up_list(lacking, Rules(), by=By.DISTRICT, partial=True).table.set_index("unit_code")
    assert partial.loc["d1", "people"] == pytest.approx(50)
    assert partial.loc["d1", "4g_covered_people_share"] == pytest.approx(1)


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        ([], 2, "needs --by district, province or all, or --to"),
        (["--by", "commune"], 2, "Invalid value for '--by'"),
        (["--to", "2026-04"], 2, "other-commune cannot be rolled up to 2026-04: only communes of 2024"),
        (["--by", "all", "--units", "2024-district"], 2, "no list of units '2024-district'"),
        (["--by", "all", "--out", "x.xlsx"], 2, r"wanted a name that ends in .csv or .json"),
        (["--by", "all", "--out", "x.csv", "--format", "json"], 2, "agrees with --format"),
        (["--by", "all", "--out", "nowhere/x.csv"], 2, "does not exist; make it first"),
        (["--by", "all", "--out", "nowhere/x.json"], 2, "does not exist; make it first"),
    ],
)  # fmt: skip
def test_calls_at_fault(ready: Path, options: list[str], status: int, said: str) -> None:
    result = run("rollup", ready, *options)
    assert result.exit_code == status
    assert said in result.stderr
    assert result.stdout == ""


def test_a_list_without_districts_and_a_workspace_without_results(squares: Path, scene: Files) -> None:
    before = run("rollup", squares, "--by", "all")
    assert (before.exit_code, "vunglom build" in before.stderr) == (1, True)
    add_scene(squares, scene)
    succeed("build", squares, "--quiet")
    result = run("rollup", squares, "--by", "district")
    assert result.exit_code == 1
    assert "3 of 3 units have no district_code (01, 02, 03)" in result.stderr


def same_figures(rolled: pd.DataFrame, wanted: pd.DataFrame) -> None:
    rolled, wanted = (frame.set_index("unit_code").sort_index() for frame in (rolled, wanted))
    assert rolled.index.tolist() == wanted.index.tolist()
    # a mean of scores is not the score of the means; distances are rounded to the raster's cells
    names = [
        name for name in RESULT_RULES if name in rolled and name not in ("gap_score", "town_distance_km")
    ]
    assert len(names) > 15
    for name in (*names, "3g_operators", "4g_operators", "5g_operators"):
        one, other = (frame[name].to_numpy(dtype=float, na_value=np.nan) for frame in (rolled, wanted))
        assert one == pytest.approx(other, rel=1e-5, abs=1e-4, nan_ok=True), name
    assert rolled["4g_evidence"].tolist() == wanted["4g_evidence"].tolist()


def test_old_communes_of_the_sample_are_its_districts(sample: Built) -> None:
    rolled = roll_up_list(sample.lists["2024-commune"], Rules(), by=By.DISTRICT)
    same_figures(rolled.table, sample.lists["2024-district"].result)
    assert rolled.withheld.empty


def test_old_communes_of_the_sample_are_its_new_ones_across_vintages(sample: Built) -> None:
    rolled = roll_up_list(sample.lists["2024-commune"], Rules(), to=Vintage.V2026_04)
    same_figures(rolled.table, sample.lists["2026-04-commune"].result)
    assert rolled.withheld.empty
    assert set(rolled.table["vintage"]) == {"2026-04"}
    assert rolled.table["name"].iloc[0] == "Phường Bình Phước"


def test_a_province_of_which_the_list_holds_a_part_has_no_figure_unless_asked(sample: Built) -> None:
    old = sample.lists["2024-commune"]
    (row,) = roll_up_list(old, Rules(), by=By.PROVINCE, to=Vintage.V2026_04).table.to_dict("records")
    # 111 communes of Bình Phước and 159 of Đồng Nai, of which the sample knows nothing
    assert (row["unit_code"], row["name"], row["units"]) == ("75", "Thành phố Đồng Nai", 270)
    assert np.isnan(row["people"])
    partial = roll_up_list(old, Rules(), by=By.PROVINCE, to=Vintage.V2026_04, partial=True)
    assert partial.table["people"].iloc[0] == pytest.approx(old.result["people"].sum())
    assert len(partial.withheld[partial.withheld["column"] == "people"]) == 159


def test_ways_that_do_not_exist(sample: Built) -> None:
    old, new = sample.lists["2024-commune"], sample.lists["2026-04-commune"]
    with pytest.raises(CallError, match="the list 2026-04 has no districts"):
        roll_up_list(old, Rules(), by=By.DISTRICT, to=Vintage.V2026_04)
    with pytest.raises(VintageError, match="cannot be taken apart"):
        roll_up_list(new, Rules(), to=Vintage.V2024)
    with pytest.raises(CallError, match="2024-district cannot be rolled up to 2026-04"):
        roll_up_list(sample.lists["2024-district"], Rules(), to=Vintage.V2026_04)


def test_a_split_commune_is_shared_out_by_the_people_of_the_workspace_itself(tmp_path: Path) -> None:
    """One commune of twelve strips, split into as many equal pieces as it was; people by strips."""
    ways = crosswalk(Vintage.V2024, Vintage.V2025_07)
    code = next(code for code in ways.split if len(ways.targets[code]) == 2)
    left, right = ways.targets[code]
    root = tmp_path / "ws"
    files = {
        "2024": {code: tiles_box(0, 0, 12, 4)},
        "2025-07": {left: tiles_box(0, 0, 3, 4), right: tiles_box(3, 0, 12, 4)},
    }
    for vintage, shapes in files.items():
        path = write_units(tmp_path / f"{vintage}.geojson", shapes)
        said = ("--code", "code", "--label", "name", "--vintage", vintage)
        start = (
            ("new", root, "--name", "x", "--boundaries", path)
            if vintage == "2024"
            else ("add", root, "boundaries", path)
        )
        succeed(*start, *said)
    succeed("build", root, "--quiet")
    assert succeed("rollup", root, "--to", "2025-07", "--partial").count("not known") >= 2
    succeed("add", root, "population", write_raster(tmp_path / "p.tif"))
    succeed("build", root, "--quiet")
    wholes = {row["unit_code"]: row for row in as_json(root, "--to", "2025-07", "--partial")["wholes"]}
    # 10 in each of the first three strips of 140 people; its land is not divided
    assert {code: row["people"] for code, row in wholes.items()} == pytest.approx(
        {left: 30, right: 110}, abs=1e-4
    )
    assert [row["area_km2"] for row in wholes.values()] == [None, None]
    assert all("area_km2" in row["withheld"] for row in wholes.values())
