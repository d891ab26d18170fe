"""`check`, `compare` and `proposals` on the three squares: answers, files written, and bad input named with nothing lost."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from openpyxl import Workbook, load_workbook

from geo.proposal_store import FILE_NAME, Store
from geo.rollout_desk import open_desk
from tests.files import add_scene, feature, new_scene, run, snapshot, succeed, write_geojson, write_scene
from tests.said_columns import require_workbook_said
from tests.tiny import X, Y, latitude, longitude, tiles_box

OURS = ("--operator", "MobiFone", "--technology", "4G")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rollout")
    files = write_scene(folder / "scene")
    new_scene(folder / "squares", files.units)
    add_scene(folder / "squares", files)
    succeed("build", folder / "squares", "-q")
    return folder / "squares"


@pytest.fixture
def root(built: Path) -> Path:
    """The built squares without proposals: every test begins with an empty store."""
    (built / FILE_NAME).unlink(missing_ok=True)
    return built


@pytest.fixture
def middle(tmp_path: Path) -> Path:
    """Strips 3 to 9: 95 people, 70 of them on 4G."""
    return write_geojson(tmp_path / "middle.geojson", [feature(tiles_box(3, 0, 9, 4))])


@pytest.fixture
def right(tmp_path: Path) -> Path:
    return write_geojson(tmp_path / "right.geojson", [feature(tiles_box(8, 0, 12, 4))])


def site_rows(count: int = 1, **more: Any) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "site_id": [f"S{number}" for number in range(count)],
            "lat": [latitude(Y + 2)] * count,
            "lon": [longitude(X + 8 + number / 1000) for number in range(count)],
            "operator_name": "MobiFone",
            "radio_type": "4G",
        }
    )
    return table.assign(**more)


def fail(*arguments: object, status: int = 1) -> str:
    result = run(*arguments)
    assert result.exit_code == status, result.output
    return result.stderr


def test_check_answers_as_json(root: Path, middle: Path) -> None:
    answer = json.loads(
        succeed("check", root, middle, *OURS, "--cost", 1000, "--year", 2027, "--format", "json")
    )
    (found,) = answer["proposals"]
    assert found["figures"]["new"]["people"]["value"] == pytest.approx(25, abs=1e-4)
    assert found["duplicated_share"]["value"] == pytest.approx(70 / 95)
    assert found["cost_per_new_person"]["value"] == pytest.approx(40, rel=1e-5)
    assert (found["key"], found["year"], found["advice"]) == ("middle.geojson", 2027, "questionable")
    assert found["units"][0]["unit_code"] == "02"
    assert found["units"][0]["score_after"] < found["units"][0]["score_before"]
    assert answer["sources"]
    assert answer["together"][0]["contributions"][0]["operator"] == "MobiFone"


def test_what_check_judges_again_is_what_the_build_judged(root: Path, tmp_path: Path) -> None:
    # a proposal where everybody is covered changes nothing: the units come out as built
    inside = write_geojson(tmp_path / "inside.geojson", [feature(tiles_box(1, 0, 3, 4))])
    answer = json.loads(succeed("check", root, inside, *OURS, "--format", "json"))
    (unit,) = answer["proposals"][0]["units"]
    for figure in ("verdict", "score", "rank", "score_low", "score_high", "rank_low", "rank_high"):
        assert unit[f"{figure}_before"] == unit[f"{figure}_after"]


def test_score_and_rank_after_carry_the_ranges_of_their_inputs(root: Path, right: Path) -> None:
    (found,) = json.loads(succeed("check", root, right, *OURS, "--format", "json"))["proposals"]
    unit = next(row for row in found["units"] if row["unit_code"] == "03")
    assert unit["score_low_after"] <= unit["score_after"] <= unit["score_high_after"]
    assert unit["score_high_after"] < unit["score_high_before"]
    assert unit["rank_low_after"] <= unit["rank_after"] <= unit["rank_high_after"]


def test_check_answers_as_a_table_with_every_criterion(root: Path, middle: Path, right: Path) -> None:
    text = succeed("check", root, middle, right, *OURS)
    for word in (
        "questionable",
        "new_people *",
        "duplication *",
        "gap_share",
        "cost",
        "spacing",
        "inside",
        "together, 4G",
        "exact",
    ):
        assert word in text


def test_what_is_not_known_afterwards_is_a_dash(root: Path, middle: Path) -> None:
    # the squares have no file of 5G coverage: nothing is judged after
    shown = succeed("check", root, middle, "--operator", "MobiFone", "--technology", "5G")
    assert " → –" in shown
    assert "nan" not in shown


def test_check_writes_geojson_that_others_read(root: Path, middle: Path, tmp_path: Path) -> None:
    out = tmp_path / "check.geojson"
    succeed("check", root, middle, *OURS, "--format", "geojson", "--out", out)
    document = json.loads(out.read_text(encoding="utf-8"))
    assert [f["properties"]["kind"] for f in document["features"]] == ["proposal", "new"]
    new = shapely.from_geojson(json.dumps(document["features"][1]["geometry"]))
    assert new.symmetric_difference(tiles_box(7, 0, 9, 4)).area < 1e-7
    assert document["metadata"]["sources"]


def test_check_writes_a_workbook_whose_text_never_runs(root: Path, tmp_path: Path) -> None:
    evil = write_geojson(tmp_path / "=cmd.geojson", [feature(tiles_box(3, 0, 9, 4))])
    out = tmp_path / "check.xlsx"
    succeed("check", root, evil, *OURS, "--format", "xlsx", "--out", out)
    book = load_workbook(out)
    assert book.sheetnames == [
        "proposals",
        "together",
        "criteria",
        "units",
        "partners",
        "reasons",
        "notes",
        "columns",
        "sources",
    ]
    require_workbook_said(out.read_bytes())
    first = book["proposals"]["A2"]
    assert (first.value, first.data_type) == ("=cmd.geojson", "s")
    names = [cell.value for cell in book["proposals"][1]]
    assert book["proposals"].cell(2, names.index("new_people") + 1).value == pytest.approx(25, abs=1e-4)
    # of one proposal the rows stand once: all together is the proposal itself
    assert book["criteria"].max_row == 1 + 6
    assert book["units"].max_row == 1 + 3


def test_a_site_list_in_csv_and_xlsx_with_other_names(root: Path, tmp_path: Path) -> None:
    names = {
        "site_id": "Mã trạm",
        "lat": "Vĩ độ",
        "lon": "Kinh độ",
        "operator_name": "Nhà mạng",
        "radio_type": "Công nghệ",
    }
    table = site_rows(2, radio_type="LTE", azimuth=[0, 120]).rename(columns=names)
    table.to_csv(tmp_path / "sites.csv", index=False)
    book = Workbook()
    sheet = book.create_sheet("sites", 0)
    for row in [list(table.columns), *table.to_numpy().tolist()]:
        sheet.append(row)
    book.save(tmp_path / "sites.xlsx")
    table.to_parquet(tmp_path / "sites.parquet", index=False)
    found = [
        json.loads(succeed("check", root, tmp_path / name, "--format", "json"))["proposals"][0]
        for name in ("sites.csv", "sites.xlsx", "sites.parquet")
    ]
    assert found[0]["figures"] == found[1]["figures"] == found[2]["figures"]
    assert (found[0]["operators"], found[0]["technology"]) == (["MobiFone"], "4G")
    assert "terrain" in found[0]["modelled"]
    people = found[0]["figures"]["new"]["people"]
    assert 0 < people["low"] < people["value"] < people["high"]


def test_what_was_mended_or_left_out_is_in_every_form_of_the_answer(root: Path, tmp_path: Path) -> None:
    given = tmp_path / "sites.csv"
    site_rows(2, eirp_dbm=["60,5", "60"], radio_type=["4G", "3G"]).to_csv(given, index=False)
    call = ("check", root, given, "--technology", "4G", "--mend", "decimal_comma")
    (found,) = json.loads(succeed(*call, "--format", "json"))["proposals"]
    said = " | ".join(found["notes"])
    assert "1 of 2 rows are of another operator or technology" in said
    assert "decimal_comma" in said
    assert "note: sites.csv: 1 of 2 rows" in succeed(*call)
    for form in ("geojson", "xlsx"):
        succeed(*call, "--format", form, "--out", tmp_path / f"check.{form}")
    document = json.loads((tmp_path / "check.geojson").read_text(encoding="utf-8"))
    assert document["features"][0]["properties"]["notes"] == "; ".join(found["notes"])
    rows = list(load_workbook(tmp_path / "check.xlsx")["notes"].values)
    assert rows == [("key", "note"), *(("sites.csv", note) for note in found["notes"])]


def test_a_threshold_changed_after_the_build_is_used_and_told(root: Path, middle: Path) -> None:
    config = root / "workspace.toml"
    text = config.read_text(encoding="utf-8")
    try:
        config.write_text(text + "\n[rules.rollout]\nmin_new_people = 7.0\n", encoding="utf-8")
        answer = json.loads(succeed("check", root, middle, *OURS, "--format", "json"))
    finally:
        config.write_text(text, encoding="utf-8")
    criterion = answer["proposals"][0]["criteria"][0]
    assert (criterion["code"], criterion["threshold"], criterion["outcome"]) == ("new_people", 7, "pass")
    assert answer["method"]["rules"]["rollout"]["min_new_people"] == 7


def test_results_of_other_rules_are_built_anew_before_a_check(root: Path, middle: Path) -> None:
    config = root / "workspace.toml"
    text = config.read_text(encoding="utf-8")
    assert "[rules]" in text
    try:
        config.write_text(text.replace("[rules]", "[rules]\nmin_devices = 5.0"), encoding="utf-8")
        for command in ("check", "compare"):
            assert "inputs or rules were changed after the build" in fail(command, root, middle, *OURS)
        # whoever opens the desk all the same judges by the rules that the results were built with
        assert open_desk(root).rules.min_devices == 3
    finally:
        config.write_text(text, encoding="utf-8")


def test_rows_of_other_technologies_are_left_out_and_said(root: Path, tmp_path: Path) -> None:
    site_rows(4, radio_type=["4G", "3G", "4G", "5G"]).to_csv(tmp_path / "mixed.csv", index=False)
    result = run("check", root, tmp_path / "mixed.csv", "--technology", "4G", "--format", "json")
    assert "2 of 4 rows are of another operator or technology and were left out" in result.stderr
    assert "which technology is it? it has 3G, 4G, 5G" in fail("check", root, tmp_path / "mixed.csv")


def test_areas_say_themselves_whose_and_of_what_they_are(root: Path, tmp_path: Path) -> None:
    given = tmp_path / "layer.geojson"
    ours, theirs, later = tiles_box(7, 0, 9, 4), tiles_box(9, 0, 10, 4), tiles_box(10, 0, 12, 4)
    features = [
        feature(ours, operator="MobiFone", technology="4G"),
        feature(theirs, operator="Viettel", technology="4G"),
        feature(later, operator="MobiFone", technology="5G"),
    ]
    write_geojson(given, features[:1])
    alone = json.loads(succeed("check", root, given, "--format", "json"))["proposals"][0]
    assert (alone["operators"], alone["technology"]) == (["MobiFone"], "4G")
    assert "which technology is it? it has 4G, 5G" in fail("check", root, write_geojson(given, features))
    # what is of another operator or technology is not counted as the one asked for
    found = run("check", root, given, *OURS, "--format", "json")
    assert "2 of 3 rows are of another operator or technology and were left out" in found.stderr
    assert json.loads(found.stdout)["proposals"][0]["figures"] == alone["figures"]


def test_points_of_a_vector_file_are_sites(root: Path, tmp_path: Path) -> None:
    point = shapely.Point(longitude(X + 8), latitude(Y + 2))
    path = write_geojson(tmp_path / "points.geojson", [feature(point, antenna_height=40)])
    (found,) = json.loads(succeed("check", root, path, *OURS, "--format", "json"))["proposals"]
    assert found["modelled"]


def test_proposals_are_kept_checked_and_compared(root: Path, middle: Path, right: Path) -> None:
    succeed("proposals", root, "add", middle, *OURS, "--who", "Lan", "--name", "Giữa")
    succeed("proposals", root, "add", right, "--operator", "Viettel", "--technology", "4G", "--who", "Minh")
    before = json.loads(succeed("check", root, "p1", "--format", "json"))["proposals"][0]["figures"]["new"][
        "people"
    ]
    succeed("proposals", root, "status", "p2", "submitted")
    succeed("proposals", root, "status", "p2", "accepted")
    after = json.loads(succeed("check", root, "p1", "--format", "json"))["proposals"][0]["figures"]["new"][
        "people"
    ]
    assert (before["value"], after["value"]) == pytest.approx((25, 20), abs=1e-4)
    listed = json.loads(succeed("proposals", root, "list", "--format", "json"))
    assert [(one["id"], one["status"], one["name"]) for one in listed] == [
        ("p1", "draft", "Giữa"),
        ("p2", "accepted", "right"),
    ]
    rows = json.loads(succeed("compare", root, "A=p1", "B=p1,p2", "--format", "json"))["scenarios"]
    assert [row["new_people"] for row in rows] == pytest.approx([20, 40], abs=1e-4)
    assert "gini_after" in succeed("compare", root, "A=p1", "B=p1,p2")


def test_versions_are_shown_revised_and_brought_back(root: Path, middle: Path, right: Path) -> None:
    succeed("proposals", root, "add", middle, *OURS, "--who", "Lan")
    succeed("proposals", root, "revise", "p1", right, "--year", 2028, "--who", "Minh")
    succeed("proposals", root, "restore", "p1", 1, "--who", "Lan")
    versions = json.loads(succeed("proposals", root, "show", "p1", "--format", "json"))
    assert [(v["version"], v["who"], v["year"], v["source"]) for v in versions] == [
        (1, "Lan", None, "middle.geojson"),
        (2, "Minh", 2028, "right.geojson"),
        (3, "Lan", None, "middle.geojson"),
    ]
    (whole,) = json.loads(succeed("proposals", root, "show", "p1", 2, "--format", "json"))
    assert len(whole["geometry"]["features"]) == 1
    assert "year (None → 2028)" in succeed("proposals", root, "show", "p1")
    assert "version 1, which this was made from, is no longer the newest" in fail(
        "proposals", root, "revise", "p1", "--year", 2030, "--base", 1
    )


def test_a_proposal_of_another_vintage_is_named_and_can_be_restated(root: Path, middle: Path) -> None:
    succeed("proposals", root, "add", middle, *OURS)
    store = Store(root)
    store.save("p1", 1, replace(store.get("p1").content, vintage="2024-commune"), who="Lan")
    said = fail("check", root, "p1")
    assert "p1 was made for the list of units 2024-commune, the check is against other-commune" in said
    succeed("proposals", root, "revise", "p1", "--restate")
    succeed("check", root, "p1")


def test_the_same_file_twice_is_recognised(root: Path, middle: Path) -> None:
    succeed("proposals", root, "add", middle, *OURS)
    said = fail("proposals", root, "add", middle, *OURS)
    assert "middle.geojson: this file is here already as p1" in said
    assert len(Store(root).newest()) == 1
    assert "middle.geojson: given more than once" in fail("check", root, middle, middle, *OURS)
    answer = json.loads(succeed("check", root, middle, "p1", *OURS, "--format", "json"))
    assert "same_area" in {reason["code"] for reason in answer["proposals"][1]["reasons"]}
    assert answer["together"][0]["figures"]["new"]["people"]["value"] == pytest.approx(25, abs=1e-4)


BOWTIE = shapely.Polygon([(105.66, 15.0), (105.68, 15.02), (105.68, 15.0), (105.66, 15.02)])
Write = Callable[[Path], Path]


def areas(*shapes: Any) -> Write:
    return lambda folder: write_geojson(folder / "given.geojson", [feature(shape) for shape in shapes])


def owned(**properties: Any) -> Write:
    return lambda folder: write_geojson(
        folder / "given.geojson", [feature(tiles_box(3, 0, 9, 4), **properties)]
    )


def swap(shape: Any) -> Any:
    return shapely.transform(shape, lambda xy: xy[:, ::-1])


def sites(**more: Any) -> Write:
    def write(folder: Path) -> Path:
        site_rows(3, **more).to_csv(folder / "given.csv", index=False)
        return folder / "given.csv"

    return write


BAD: list[tuple[str, Write, list[object], int, str]] = [
    ("self-crossing", areas(BOWTIE), [*OURS], 1, "row 1 is not a valid polygon (Self-intersection"),
    ("one of two", areas(tiles_box(3, 0, 9, 4), BOWTIE), [*OURS], 1, "1 of 2 outlines cannot be used, and a proposal without them"),
    ("outside", areas(tiles_box(30, 0, 34, 4)), [*OURS], 1, "none of it lies inside the units"),
    ("swapped areas", areas(swap(tiles_box(3, 0, 9, 4))), [*OURS], 1, "swapped"),
    ("lines", areas(shapely.LineString([(105.66, 15.0), (105.68, 15.02)])), [*OURS], 1, "is a LineString"),
    ("empty layer", areas(), [*OURS], 1, "holds no features"),
    ("no operator", areas(tiles_box(3, 0, 9, 4)), ["--technology", "4G"], 1, "name it with --operator"),
    ("no row of the operator", owned(operator="Viettel"), [*OURS], 1, "none of its 1 rows is of MobiFone 4G; it has Viettel and no name"),
    ("technology of an area", owned(technology="6G"), [*OURS], 1, "technology '6G' in row 1 is not known"),
    ("one of the two", owned(technology="4G"), [], 1, "which operator is it? it does not say; name one with --operator"),
    ("unknown operator", areas(tiles_box(3, 0, 9, 4)), ["--operator", "Vietel", "--technology", "4G"], 1, "operator 'Vietel' is not known here; wanted"),
    ("unknown technology", areas(tiles_box(3, 0, 9, 4)), ["--operator", "Viettel", "--technology", "6G"], 2, "6G"),
    ("negative cost", areas(tiles_box(3, 0, 9, 4)), [*OURS, "--cost", -5], 1, "cost is -5, wanted 0 or more"),
    ("year", areas(tiles_box(3, 0, 9, 4)), [*OURS, "--year", 27], 1, "year is 27"),
    ("sites in the sea", sites(lon=[108.0, 108.1, 108.2]), [], 1, "none of it lies inside the units"),
    ("swapped sites", sites(lat=longitude(X + 8), lon=latitude(Y + 2)), [], 1, "swapped"),
    ("technology of a row", sites(radio_type=["4G", "6G", "4G"]), [], 1, "technology '6G' in row 2 is not known"),
    ("two operators", sites(operator_name=["A", "B", "A"]), [], 1, "which operator is it? it has A, B"),
    ("none of the operator", sites(), ["--operator", "Viettel"], 1, "none of its 3 rows is of Viettel 4G; it has MobiFone and 4G"),
    ("no number", sites(eirp_dbm=["60", "high", "60"]), [], 1, "eirp_dbm is 'high' in row 2"),
    ("comma", sites(eirp_dbm=["60,5", "60", "60"]), [], 1, "--mend decimal_comma"),
    ("no model", sites(antenna_height=900), [], 1, "none of the 3 sites can be modelled"),
    ("areas and points", areas(tiles_box(3, 0, 9, 4), shapely.Point(105.68, 15.02)), [*OURS], 1, "holds areas and points at once"),
    ("points and areas", areas(shapely.Point(105.68, 15.02), tiles_box(3, 0, 9, 4)), [*OURS], 1, "holds areas and points at once"),
    ("several points in one", areas(shapely.MultiPoint([(105.68, 15.02)])), [*OURS], 1, "Multipart to singleparts"),
    ("collection", areas(shapely.GeometryCollection([tiles_box(3, 0, 9, 4)])), [*OURS], 1, "take collections apart"),
    ("strength", sites(eirp_dbm=["60", "1e300", "60"]), [], 1, "eirp_dbm is '1e300' in row 2; wanted -30 to 120 dBm"),
    ("direction", sites(azimuth=["60", "999", "60"]), [], 1, "azimuth_degrees is '999' in row 2"),
    ("no model of which file", sites(antenna_height=900), [], 1, "given.csv: none of the 3 sites can be modelled"),
    ("direction marks", areas(tiles_box(3, 0, 9, 4)), ["--operator", "Viettel\u202e", "--technology", "4G", "--new-operator"], 1, "(U+202E)"),
    ("no text", areas(tiles_box(3, 0, 9, 4)), ["--operator", "\ud800", "--technology", "4G", "--new-operator"], 1, "(U+D800)"),
    ("no coordinates", sites(lat=["15.0", "", "15.0"]), [], 1, "no coordinates in row 2"),
    ("missing file", lambda folder: folder / "nothing.geojson", [*OURS], 1, "no such file"),
    ("no such id", lambda _: Path("p9"), [], 1, "no proposal 'p9' here"),
    ("workbook to nowhere", areas(tiles_box(3, 0, 9, 4)), [*OURS, "--format", "xlsx"], 2, "name the file with --out"),
    ("no list", areas(tiles_box(3, 0, 9, 4)), [*OURS, "--units", "2024-district"], 2, "no list of units '2024-district'"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("write", "options", "status", "said"), [case[1:] for case in BAD], ids=[case[0] for case in BAD]
)
def test_bad_input_is_named_and_nothing_changes(
    root: Path, tmp_path: Path, write: Write, options: list[object], status: int, said: str
) -> None:
    Store(root)
    before = snapshot(root)
    given = write(tmp_path)
    assert said in fail("check", root, given, *options, status=status)
    if status == 1 and given.suffix:
        fail("proposals", root, "add", given, *options)
    assert snapshot(root) == before


def test_fifty_thousand_sites_are_too_many_for_one_proposal(root: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    table = site_rows(50_000).assign(lat=rng.uniform(14, 16, 50_000), lon=rng.uniform(105, 107, 50_000))
    table.to_csv(tmp_path / "many.csv", index=False)
    assert "many.csv: 50,000 sites, wanted at most 20,000 in one proposal" in fail(
        "check", root, tmp_path / "many.csv"
    )


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (
            ["status", "p1", "built"],
            1,
            "p1 is draft and cannot become built; from draft it may become submitted",
        ),
        (["status", "p1", "done"], 2, "no status 'done'; there are draft, submitted, accepted, built"),
        (["status", "p1"], 2, "proposals status: wanted an ID and a STATUS after it, got p1"),
        (["restore", "p1", "x"], 2, "version 'x': wanted its number"),
        (["restore", "p1", 7], 1, "p1 has no version 7"),
        (["revise", "p1"], 2, "nothing to change was given"),
        (["revise", "p1", "--cost", -1], 1, "cost is -1"),
        (["revise", "p1", "--operator", "Vietel"], 1, "operator 'Vietel' is not known"),
        (["show", "p7"], 1, "no proposal 'p7' here; there are: p1"),
        (["add"], 2, "wanted a FILE after it, got nothing"),
        (["status", "p1", "submitted", "--base", 0], 1, "p1 has no version 0"),
        (["show", "p1", "9" * 5000], 2, "wanted its number"),
        (["revise", "p1", "--name", "a\x00"], 1, "name holds a character that cannot be seen (U+0000)"),
        (["revise", "p1", "--year", 2027, "--who", "\ud800"], 1, "(U+D800)"),
    ],
)
def test_bad_calls_on_proposals_are_named(
    root: Path, middle: Path, arguments: list[object], status: int, said: str
) -> None:
    succeed("proposals", root, "add", middle, *OURS, "--who", "Lan")
    before = snapshot(root)
    assert said in fail("proposals", root, *arguments, status=status)
    assert snapshot(root) == before


@pytest.mark.parametrize(
    ("given", "said"),
    [(["A=p1", "A=p2"], "'A' is given twice"), (["A="], "wanted proposals joined by commas")],
)
def test_bad_scenarios_are_named(root: Path, given: list[str], said: str) -> None:
    assert said in fail("compare", root, *given, status=2)


def test_an_operator_of_the_workspace_or_a_newcomer_is_let_in(root: Path, middle: Path) -> None:
    succeed("check", root, middle, "--operator", "fpt", "--technology", "4G")
    succeed("check", root, middle, "--operator", "Mới", "--technology", "4G", "--new-operator")
    succeed("proposals", root, "add", middle, "--operator", "Mới", "--technology", "4G", "--new-operator")
    succeed("check", root, middle, "--operator", "MỚI", "--technology", "4G")


def test_a_plan_written_by_another_process_is_seen_by_the_next_desk(root: Path, middle: Path) -> None:
    assert open_desk(root).proposals == ()
    succeed("proposals", root, "add", middle, *OURS)
    assert [version.id for version in open_desk(root).proposals] == ["p1"]


def test_the_table_is_text_that_a_pipe_can_take(root: Path, middle: Path) -> None:
    stream = io.StringIO(succeed("check", root, middle, *OURS))
    assert all(len(line.rstrip("\n")) <= 140 for line in stream)


def test_a_folder_that_is_no_workspace_is_not_one_without_proposals(tmp_path: Path) -> None:
    for call in (["list"], ["show", "p1"], ["status", "p1", "submitted"]):
        assert "this is not a workspace" in fail("proposals", tmp_path / "none", *call)


@pytest.mark.parametrize(
    ("name", "form", "said"),
    [
        ("middle.geojson", "geojson", "is itself read for this and would be lost"),
        ("squares/workspace.toml", "json", "belongs to the workspace"),
        ("squares/proposals.sqlite", "json", "belongs to the workspace"),
        ("squares/built/communes.json", "json", "belongs to the workspace"),
        (".", "json", "is a folder"),
        ("none/a.json", "json", "does not exist; make it first"),
        ("a.xlsx", "table", "the name says xlsx, the format asked for is table; say --format xlsx"),
        ("a.geojson", "json", "the name says geojson"),
        ("a.txt", "xlsx", "a workbook's name ends in .xlsx"),
        ("\udce9.json", "json", "the name is no text in UTF-8"),
    ],
)
def test_a_report_is_written_over_nothing_that_counts(
    root: Path, middle: Path, tmp_path: Path, name: str, form: str, said: str
) -> None:
    out = root / name.removeprefix("squares/") if name.startswith("squares/") else tmp_path / name
    before, given = snapshot(root), middle.read_bytes()
    assert said in fail("check", root, middle, *OURS, "--format", form, "--out", out, status=2)
    assert (snapshot(root), middle.read_bytes()) == (before, given)


@pytest.mark.skipif(not Path("/dev/null").is_char_device(), reason="no device to write to")
def test_a_device_is_not_replaced_by_a_file(root: Path, middle: Path) -> None:
    assert "a device or a pipe" in fail("check", root, middle, *OURS, "--out", "/dev/null", status=2)
    assert Path("/dev/null").is_char_device()


def test_a_report_takes_the_place_of_an_older_one(root: Path, middle: Path, tmp_path: Path) -> None:
    for _ in range(2):
        succeed("check", root, middle, *OURS, "--format", "json", "--out", tmp_path / "a.json")
    assert json.loads((tmp_path / "a.json").read_text("utf-8"))["proposals"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "middle.geojson"]


def test_what_is_said_of_stored_proposals_is_not_passed_over(root: Path, middle: Path) -> None:
    succeed("proposals", root, "add", middle, *OURS)
    assert "stored proposals say themselves" in fail("check", root, "p1", "--cost", 5, status=2)
    assert "stored proposals say themselves" in fail("compare", root, "A=p1", "--technology", "5G", status=2)
    succeed("check", root, "p1", middle, *OURS)


def test_a_file_named_like_an_id_hides_no_proposal(
    root: Path, middle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    succeed("proposals", root, "add", middle, *OURS)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p1").mkdir()
    assert json.loads(succeed("check", root, "p1", "--format", "json"))["proposals"][0]["key"] == "p1"


def test_files_of_one_name_in_two_folders_are_two_proposals(root: Path, middle: Path, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    other = write_geojson(tmp_path / "b" / middle.name, [feature(tiles_box(8, 0, 12, 4))])
    answer = json.loads(succeed("check", root, middle, other, *OURS, "--format", "json"))
    assert [one["key"][-17:] for one in answer["proposals"]] == [str(middle)[-17:], str(other)[-17:]]
    assert "given more than once" in fail("check", root, middle, middle, *OURS)


def test_a_file_of_any_name_is_checked_and_kept(root: Path, middle: Path, tmp_path: Path) -> None:
    for name in ("\udce9.geojson", "a\nb.geojson", " .geojson", f"{'x' * 240}.geojson"):
        path = tmp_path / name
        path.write_bytes(middle.read_bytes())
        succeed("check", root, path, *OURS, "--format", "json")
        succeed("proposals", root, "add", path, *OURS, "--again")
    assert [version.content.name[:3] for version in Store(root).newest()] == [
        "\ufffd",
        "a\ufffdb",
        "\ufffd",
        "xxx",
    ]


@pytest.mark.parametrize("names", [["VNPT", "VinaPhone"], ["VINAPHONE", "vinaphone"]])
def test_spellings_of_one_operator_are_one(root: Path, tmp_path: Path, names: list[str]) -> None:
    site_rows(2, operator_name=names).to_csv(tmp_path / "s.csv", index=False)
    for said in ([], ["--operator", "VNPT"]):
        (found,) = json.loads(succeed("check", root, tmp_path / "s.csv", *said, "--format", "json"))[
            "proposals"
        ]
        assert [reason for reason in found["reasons"] if reason["code"] == "sites_outside"] == []
    succeed("proposals", root, "add", tmp_path / "s.csv")
    assert len(Store(root).get("p1").content.geometry["features"]) == 2


def test_rows_that_do_not_say_whose_they_are_are_named(root: Path, tmp_path: Path) -> None:
    site_rows(3, operator_name=["MobiFone", "", ""], radio_type=["4G", "4G", ""]).to_csv(
        tmp_path / "s.csv", index=False
    )
    said = run("check", root, tmp_path / "s.csv").stderr
    assert "s.csv: no operator in rows 2, 3: taken to be of MobiFone, like the others" in said
    assert "s.csv: no technology in row 3: taken to be of 4G, like the others" in said


def test_which_sheet_of_a_workbook_was_read_is_said(root: Path, tmp_path: Path) -> None:
    book = Workbook()
    assert book.active is not None
    book.active.title = "cũ"
    for title, count in (("cũ", 1), ("mới", 2), ("trống", 0)):
        sheet = book[title] if title in book.sheetnames else book.create_sheet(title)
        table = site_rows(count)
        for row in [list(table.columns), *table.to_numpy().tolist()] if count else []:
            sheet.append(row)
    book.save(tmp_path / "s.xlsx")
    result = run("check", root, tmp_path / "s.xlsx")
    assert (result.exit_code, "the first sheet, 'cũ', was read, not 'mới'\n" in result.stderr) == (0, True)
    result = run("check", root, tmp_path / "s.xlsx", "--layer", "mới")
    assert (result.exit_code, "sheet" in result.stderr) == (0, False)
    book["cũ"].delete_rows(1, 5)
    book.save(tmp_path / "s.xlsx")
    assert "no rows below the header; name the one meant" in fail("check", root, tmp_path / "s.xlsx")
