"""What the data page says: every code has a meaning and a mend in both languages, inputs and findings as rows, jobs in words, no text that runs."""

from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo import errors
from geo.additions import Kind
from geo.border import DEFAULT_TOLERANCE_M
from geo.border_table import border_lists
from geo.findings import choose_findings, finding_id, gravest_of_units, places_named, units_named
from geo.input_table import BUILT, LEFT_OUT, PENDING, input_rows, inputs_frame
from geo.job import STEP_NAMES, Command, Job, State, Step
from geo.quality import CODES, Finding, Severity, findings_as_json
from geo.uploads import BORDER_LINE, add_command, border_command, endings_of
from geo.workspace import Input, Provenance, StoredFile, Workspace, load_workspace
from layers.finding_html import COLUMN, admitted_html, finding_html, findings_table, with_findings
from layers.inputs_html import inputs_html
from layers.job_text import job_end_text, job_title, step_text
from layers.strings import CATALOGUE, LANGUAGES, Language, has_text, text
from pages.data_add import SOURCES
from pages.data_form import FIELDS, PROVENANCE
from pages.data_state import without_folder
from tests.files import SQUARES, Files, feature, succeed, write_geojson, write_raster, write_units

TODAY = date(2026, 11, 25)
NASTY = "<img src=x onerror=alert(1)>`${7*7}`{{7*7}}\u202e"
FILE = StoredFile("raw/coverage/0123abcd-a.geojson", "a.geojson", "0123abcd" * 8)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_says_what_it_means_and_what_to_do(code: str, language: Language) -> None:
    for key in (f"quality_{code}", f"means_{code}", f"todo_{code}"):
        assert len(CATALOGUE[language][key]) > 5, key
    assert text(f"todo_{code}", language)[-1] == "."
    assert text(f"means_{code}", language)[-1] == "."


def test_no_code_is_explained_that_there_is_not() -> None:
    told = {key.partition("_")[2] for key in CATALOGUE["vi"] if key.startswith(("means_", "todo_"))}
    assert told == set(CODES)


def test_every_question_of_every_form_has_words() -> None:
    wanted = {f"add_{field.option}" for fields in FIELDS.values() for field in fields} | {
        f"add_{name}" for name in PROVENANCE
    }
    wanted |= {f"add_about_{kind}" for kind in FIELDS} | {f"fetch_{source}" for source in SOURCES}
    wanted |= {f"step_{name}" for name in STEP_NAMES}
    assert [key for key in sorted(wanted) if not has_text(key)] == []


def finding(**given: Any) -> dict[str, Any]:
    whole: dict[str, Any] = {"severity": Severity.WARNING, "code": "few_tests", "message": "m", **given}
    return findings_as_json([Finding(**whole)])[0]


ROWS = [
    finding(
        severity=Severity.ERROR,
        code="overlap",
        unit="01",
        message="x (01) and y (02) share 3 km²",
        list_id="a",
    ),
    finding(unit="02", message="y (02) has 3 tests in 2026 (3 quarters)", list_id="a"),
    finding(unit="02", severity=Severity.NOTE, list_id="b"),
    finding(code="stale_date", file="a.csv", message="old"),
]


def test_findings_are_chosen_by_list_severity_and_code() -> None:
    assert choose_findings(ROWS, "a") == [ROWS[0], ROWS[1], ROWS[3]]
    assert choose_findings(ROWS, "a", ["warning"]) == [ROWS[1], ROWS[3]]
    assert choose_findings(ROWS, "b", (), ["few_tests"]) == [ROWS[2]]
    assert len({finding_id(row) for row in ROWS}) == len(ROWS)


def test_the_units_a_finding_names() -> None:
    codes = ["01", "02", "03", "2026", "3"]
    assert units_named(ROWS[0], codes) == ("01", "02")
    assert units_named(ROWS[1], codes) == ("02",)
    named = finding(
        unit="25207", message="2024-commune: 2 units of province 70 are called xã Tân Thành: 25207, 25318"
    )
    assert units_named(named, ["25207", "25318", "70", "2"]) == ("25207", "25318")
    assert units_named(ROWS[3], codes) == ()


@pytest.mark.parametrize(
    ("message", "places"),
    [
        ("1 of 2 places lie outside the region (row 2; first: B at 0, 0)", ((0.0, 0.0),)),
        ("first: Chợ at 105.66, -15.02", ((105.66, -15.02),)),
        ("first: at 1.2.3, 5", ()),
        ("first: B at 500, 0", ()),
        ("built at 22:20", ()),
    ],
)
def test_the_places_a_finding_names(message: str, places: Any) -> None:
    assert places_named(finding(message=message)) == places


def result() -> gpd.GeoDataFrame:
    frame = {"unit_code": ["01", "02", "03"], "name": ["A", NASTY, "C"], "kind": ["xã"] * 3}
    return gpd.GeoDataFrame(frame, geometry=list(SQUARES.values()), crs=4326)


def test_each_unit_has_the_colour_of_its_gravest_finding_and_the_named_ones_stand_out() -> None:
    assert gravest_of_units(ROWS, ["01", "02", "03"]).tolist() == ["error", "warning", None]
    assert with_findings(result(), ROWS, None)[COLUMN].tolist() == ["error", "warning", "clear"]
    assert with_findings(result(), ROWS, ROWS[0])[COLUMN].tolist() == ["chosen", "chosen", "clear"]
    assert with_findings(result(), [], None)[COLUMN].tolist() == ["clear"] * 3


def given(kind: str, **more: Any) -> Input:
    options = more.pop("options", {})
    return Input(kind, (FILE,), options, Provenance(**more))


def test_inputs_say_their_age_evidence_and_whether_they_are_built() -> None:
    old = (TODAY - timedelta(days=400)).isoformat()
    claim = {"operator": "Viettel", "technology": "4G", "evidence": "declared", "as_of": old}
    kept, new = (
        given("coverage", options=claim),
        given("boundaries", options={"vintage": "2026-04", "level": "commune"}),
    )
    gone = given("population", date="2026-01-01", publisher="WorldPop")
    workspace = Workspace(Path("x"), "n", inputs=(kept, new))
    rows = input_rows(workspace, [kept.as_dict(), gone.as_dict()], TODAY)
    assert [row.state for row in rows] == [BUILT, PENDING, LEFT_OUT]
    assert [row.age_days for row in rows] == [400, None, 328]
    assert [row.is_stale for row in rows] == [True, False, False]
    assert (rows[0].evidence, rows[0].about) == ("declared", ("Viettel", "4G"))
    assert (rows[1].vintage, rows[1].level) == ("2026-04", "commune")
    frame = inputs_frame(rows)
    assert frame["sha256"].tolist() == [FILE.sha256] * 3
    assert frame["publisher"].tolist() == ["", "", "WorldPop"]


def test_older_quarters_of_speed_are_there_for_the_trend_and_not_stale() -> None:
    def speed(quarter: str, network: str = "mobile") -> Input:
        return given("speed", options={"network": network, "quarter": quarter})

    workspace = Workspace(Path("x"), "n", inputs=(speed("2024Q1"), speed("2026Q3"), speed("2024Q2", "fixed")))
    rows = input_rows(workspace, [], TODAY)
    assert [row.is_stale for row in rows] == [False, False, True]
    assert {row.evidence for row in rows} == {"measured"}


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert not any(name.startswith("on") for name, _ in attrs)


def tags_of(html: str) -> set[str]:
    parser = _Tags()
    parser.feed(html)
    return parser.tags


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_from_data_becomes_markup(language: Language) -> None:
    nasty = StoredFile(f"raw/x/{NASTY}", NASTY, NASTY)
    whole = Input(
        "coverage", (nasty,) * 5, {"operator": NASTY, "technology": NASTY}, Provenance(*[NASTY] * 6)
    )
    html = inputs_html(input_rows(Workspace(Path("x"), NASTY, inputs=(whole,)), [], TODAY), language)
    bad = finding(unit="02", file=NASTY, message=NASTY, done=NASTY, mend=NASTY)
    html += finding_html(bad, result(), language)
    html += admitted_html([{**bad, "code": NASTY}] * 20, language)
    assert "img" not in tags_of(html)
    assert "`" not in html
    assert "${" not in html
    assert findings_table([bad], result(), language).frame.shape == (1, 5)


def job(state: State, fault: errors.VunglomError | None = None, done: tuple[str, ...] = ()) -> Job:
    commands = (Command("add", ()), Command("build", ()))
    return Job(
        Path("x"),
        commands,
        "a.geojson",
        state=state,
        command=commands[len(done)],
        fault=fault,
        done_commands=done,
    )


def of_fetch(state: State, fault: errors.VunglomError) -> Job:
    command = Command("fetch", ())
    return Job(Path("x"), (command,), "x", state=state, command=command, fault=fault)


@pytest.mark.parametrize(
    ("ended", "words"),
    [
        (job(State.CANCELLED), "Đã dừng theo yêu cầu. Không có gì bị thay đổi."),
        (job(State.CANCELLED, done=("add",)), "Đã dừng theo yêu cầu. Đầu vào đã được thêm nhưng chưa tính"),
        (job(State.DIED), "Việc bị ngắt giữa chừng"),
        (job(State.FAILED, errors.InputError("a.geojson: not valid GeoJSON")), "Không dùng được a.geojson. "),
        (job(State.FAILED, errors.VunglomError("[Errno 28] No space left on device: 'x'")), "Đĩa đã đầy."),
        (job(State.FAILED, errors.FetchError("www.example: connection refused")), "Không lấy được từ nơi phát hành"),
        (job(State.FAILED, errors.InputError("row 1: code '01' is not a commune code of vintage 2026-04")), "chọn “danh sách riêng”"),
        (of_fetch(State.FAILED, errors.VunglomError("http://x: the server answered 404")), "Không lấy được từ nơi phát hành"),
        (job(State.FAILED, errors.CallError("no province 'x'; there are 01_ha_noi")), "Không có tỉnh, thành phố tên như vậy"),
    ],
)  # fmt: skip
def test_how_a_job_ended_is_one_sentence_with_what_is_in_place(ended: Job, words: str) -> None:
    assert words in job_end_text(ended, "vi")
    assert job_end_text(ended, "en") != job_end_text(ended, "vi")


def test_words_for_visitors_do_not_say_where_things_lie() -> None:
    root = Path("/srv/data/ws")
    fault = errors.WorkspaceError(
        f"{root}: no state; {root}/raw/x is gone; /tmp/vunglom-upload-a1_b/x.csv: bad"
    )
    assert without_folder(fault, root) == "ws: no state; ws/raw/x is gone; x.csv: bad"


def test_what_a_job_does_in_words() -> None:
    assert job_title(job(State.RUNNING), "vi") == "Thêm a.geojson → tính kết quả"
    assert (
        step_text(Step("fetched", "x.parquet", "3.0", "80.0"), "en") == "fetching x.parquet (3.0 of 80.0 MB)"
    )
    assert step_text(Step("computing", "2026-04-commune"), "vi") == "tính danh sách 2026-04-commune"
    done = replace(job(State.DONE))
    done.done_commands = ("add", "build")
    assert job_end_text(done, "en").startswith("Done after 0 s: Add a.geojson")


def files_of_kinds(scene: Files, folder: Path) -> dict[Kind, tuple[Path, dict[str, str]]]:
    """A file of every kind, and what its form was filled in with."""
    table = folder / "t.csv"
    table.write_text("ma,value\n01,5\n02,6\n03,7\n", encoding="utf-8")
    points = folder / "p.csv"
    points.write_text("ten,loai,vi_do,kinh_do\nA,school,15.02,105.66\n", encoding="utf-8")
    sites = folder / "s.csv"
    rows = "".join(f"{place},15.02,105.66,Viettel,4G\n" for place in range(30))
    sites.write_text("ict_id,lat,lon,operator_name,radio_type\n" + rows, encoding="utf-8")
    units = write_units(folder / "u.geojson")
    friction = write_raster(folder / "f.tif", np.full((4, 12), 0.01))
    indicator = {
        "name": "Chỉ tiêu", "unit": "%", "better": "higher", "by": "code", "code_column": "ma", "value_column": "value", "figures": "rate",
        "goal": "80", "worst": "0", "vintage": "other", "name_column": "",
    }  # fmt: skip
    return {
        Kind.BOUNDARIES: (units, {"code": "code", "label": "name", "vintage": "other", "level": "district"}),
        Kind.SPEED: (scene.tiles, {"network": "mobile", "quarter": ""}),
        Kind.COVERAGE: (
            scene.viettel, {"operator": "Viettel", "technology": "4G", "evidence": "declared", "as_of": "2026-09-30"}
        ),
        Kind.POPULATION: (scene.people, {}),
        Kind.FRICTION: (friction, {}),
        Kind.PLACES: (points, {"label": "ten", "class": "loai", "lat_column": "vi_do", "lon_column": "kinh_do"}),
        Kind.SITES: (sites, {"operator": "", "as_of": ""}),
        Kind.INDICATOR: (table, indicator),
    }  # fmt: skip


def test_a_border_line_can_be_added_with_what_its_form_asks(squares: Path, tmp_path: Path) -> None:
    asked = {field.option: field for field in FIELDS[BORDER_LINE]}
    assert list(asked) == ["units", "tolerance_m"]
    assert asked["tolerance_m"].usual_m == DEFAULT_TOLERANCE_M
    options = {
        "units": border_lists(load_workspace(squares))[0],
        "tolerance_m": "50",
        "publisher": "Sở Ngoại vụ",
    }
    path = write_geojson(tmp_path / "-a.geojson", [feature(shapely.boundary(SQUARES["01"]))])
    for replace_held in (False, True):
        command = border_command(squares, path, options, replace=replace_held)
        assert command.purpose == "add"
        succeed(*command.arguments)
    [held] = load_workspace(squares).of_kind("indicator")
    assert (held.options["id"], held.provenance.publisher) == ("border", "Sở Ngoại vụ")
    assert set(endings_of(BORDER_LINE)) == set(endings_of(Kind.COVERAGE))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_found_on_the_way_in_is_said_with_its_figures(language: Language) -> None:
    whole = {"at": 8, "total": 40, "km": 258.44}
    [row] = findings_as_json([Finding(Severity.NOTE, "border", "m", said="border_measured", values=whole)])
    html = admitted_html([row, finding(code="overlap", message="English only")], language)
    assert {
        "vi": "8 trên 40 đơn vị giáp biên giới, dọc theo 258,4 km.",
        "en": "8 of 40 units lie at the border, along 258.4 km.",
    }[language] in html
    assert "English only" not in html


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_can_be_added_with_what_its_form_asks(
    kind: Kind, squares: Path, scene: Files, tmp_path: Path
) -> None:
    path, options = files_of_kinds(scene, tmp_path)[kind]
    assert set(options) <= {field.option for field in FIELDS[kind]}
    assert {field.option for field in FIELDS[kind] if field.required} <= {
        name for name, value in options.items() if value
    }
    source = {"publisher": "Sở KH&CN", "licence": "nội bộ", "date": "2026-10-01"}
    command = add_command(squares, kind, [path], {**options, **source}, replace=False, mend=True)
    succeed(*command.arguments)
    added = load_workspace(squares).of_kind(str(kind))[-1]
    assert (added.provenance.publisher, added.provenance.date) == ("Sở KH&CN", "2026-10-01")
