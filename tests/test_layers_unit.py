"""The unit page in words, charts and maps: what is told, what stays a dash, what is drawn."""

import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.geometry import box

from geo.quarter_intervals import QUARTER_COLUMNS, quarter_intervals
from geo.results import Built
from geo.rules import Rules
from geo.schema import Verdict
from geo.verdict_paths import Paths, Step
from layers.brief_chart import small_chart
from layers.brief_map import TALLEST, WIDTH, draw_map, prepare_ground, swatch
from layers.escape import escape
from layers.goal_line import GoalLine
from layers.needs import better_sentences, worse_sentence
from layers.palette import NO_DATA_HATCH, VERDICT_COLOURS, thin_line
from layers.quarter_chart import quarter_points, quarter_spec, quarter_words
from layers.story import ListTables, Story, furthest, list_tables, tell
from layers.strings import LANGUAGES, Language
from layers.unit_others import link_to, measure_html, peers_html, proposals_html, start_html
from layers.unit_page import evidence_html, figures_html, head_html, interval_of, reach_html, reasons_html
from tests.fake_built import NASTY_NAMES, fake_built
from tests.planted import plant

SVG = "{http://www.w3.org/2000/svg}"
STYLE = Path(__file__).parents[1] / "layers" / "page.css"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return fake_built(tmp_path_factory.mktemp("unit"))


@pytest.fixture(scope="module")
def tables(built: Built) -> ListTables:
    return list_tables(built.primary, Rules())


def story_of(tables: ListTables, code: str, language: Language = "en") -> Story:
    found = tell(code, tables, language)
    assert found is not None
    return found


def plain(html: str) -> str:
    """The words of a piece of HTML."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_every_rule_of_the_style_sheet_is_closed() -> None:
    depth = 0
    for number, line in enumerate(STYLE.read_text(encoding="utf-8").splitlines(), start=1):
        if line and not line[0].isspace() and line[0] not in "}/":
            assert depth == 0, f"line {number} stands inside the rule before it"
        depth += line.count("{") - line.count("}")
    assert depth == 0


def test_a_unit_that_the_list_does_not_have(tables: ListTables) -> None:
    assert tell("99999", tables, "vi") is None


def test_the_figures_stand_beside_province_and_nation(tables: ListTables) -> None:
    said = plain(figures_html(story_of(tables, "25008"), "en"))
    # no provinces in this list: all its units stand in
    assert "Whole list" in said
    assert "99.8%" in said
    assert "said 2024-02-23" in said
    assert said.count("none with a source") == 4
    # of twelve units one has no coverage, two no speeds, and the people of one are not known
    assert "55.0%" in said
    assert "✗ Fail" in said


def test_a_province_figure_says_what_it_rests_on(built: Built) -> None:
    result = built.primary.result.assign(people=1000.0)
    units = replace(built.primary, result=result)
    said = plain(figures_html(story_of(list_tables(units, Rules()), "25008"), "en"))
    speeds = built.primary.result["mobile_download_mbps"]
    assert f"{np.floor(speeds.mean() * 10) / 10:.1f} Mbps" in said
    assert "10 of 12 units with figures" in said


def test_what_is_not_known_is_a_dash(tables: ListTables) -> None:
    said = plain(figures_html(story_of(tables, "25012"), "en"))
    assert said.count("– Lacks figures") == 5
    assert "nan" not in said.lower()


def test_every_section_names_a_hostile_unit_as_text(built: Built, tables: ListTables) -> None:
    for code, name in zip(built.primary.result["unit_code"], NASTY_NAMES, strict=False):
        story = story_of(tables, str(code))
        whole = "".join(
            [
                head_html(story, "en"), figures_html(story, "en"), reasons_html(story, "en"), reach_html(story, "en"),
                evidence_html(story, "en"), peers_html(story, None, "en"), measure_html(story.tests, Rules(), "en"),
                start_html(furthest(tables), None, "en"),
            ]
        )  # fmt: skip
        assert escape(name) in whole
        assert "<img" not in whole
        assert "<script" not in whole
        assert "`" not in whole


def test_a_hostile_proposal_is_text_and_a_link() -> None:
    row = {
        "proposal": "p1", "name": "<b>x</b>", "operator": "<i>", "technology": "4G", "year": np.nan, "status": "draft",
        "modelled": True, "inside_km2": np.nan, "unit_share": np.nan, "own_share": np.nan,
    }  # fmt: skip
    html = proposals_html(pd.DataFrame([row]), "2024-commune", "en")
    assert "<b>x" not in html
    assert 'href="?lang=en&amp;page=check&amp;list=2024-commune&amp;proposal=p1"' in html
    assert "– (modelled)" in plain(html)
    assert "No stored proposal" in plain(proposals_html(pd.DataFrame(columns=list(row)), None, "en"))


@pytest.mark.parametrize(
    ("language", "view", "address"),
    [
        ("vi", {"page": "unit", "unit": "1"}, "?page=unit&unit=1"),
        ("en", {"page": "unit", "list": None, "unit": "a&b=c#"}, "?lang=en&page=unit&unit=a%26b%3Dc%23"),
        ("vi", {"page": "unit", "unit": '"><script>'}, "?page=unit&unit=%22%3E%3Cscript%3E"),
    ],
)
def test_links(language: Language, view: dict[str, str | None], address: str) -> None:
    assert link_to(language, **view) == address


@pytest.mark.parametrize(
    ("low", "high", "unit", "said"),
    [
        (1.0, 2.0, "Mbps", "1.0 – 2.0"),
        (0.5, 0.75, "share", "50.0% – 75.0%"),
        (2.0, 2.0, "Mbps", ""),
        (None, None, "Mbps", ""),
        (3.0, None, "Mbps", "3.0 Mbps and over"),
        (0.0, None, "Mbps", ""),
        (1.01, 1.02, "Mbps", ""),
    ],
)
def test_intervals_in_words(low: float | None, high: float | None, unit: str, said: str) -> None:
    assert interval_of(low, high, unit, "en") == said


def line(dimension: str, outcome: str, **figures: object) -> GoalLine:
    given: dict[str, object] = {
        "dimension": dimension, "name": dimension.upper(), "unit": "Mbps", "value": 10.0, "low": 10.0, "high": 10.0,
        "goal": 40.0, "worst": 5.0, "median": 1.0, "essential": True, "outcome": outcome, "evidence": None, **figures,
    }  # fmt: skip
    return GoalLine(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("goal", "needed"),
    [
        (line("m", "fail"), "M at 40 Mbps or more (30.0 Mbps more)"),
        (line("m", "fail", value=39.96), "M at 40 Mbps or more (0.1 Mbps more)"),
        (line("c", "fail", unit="share", goal=0.998, worst=0.8, value=0.9, flip_people=1200.2), "C at 99.8% or more (cover 1,201 more people)"),
        (line("o", "fail", unit="operators", goal=2.0, worst=0.0, value=1.0), "O at 2 operators or more (1 more on 4G)"),
        (line("i", "fail", unit="%", goal=20.0, worst=80.0, value=50.0), "I at 20% or less"),
        (line("m", "undecided", flip_devices=12.0), "M at 40 Mbps or more (undecided: tests on about 12 more devices)"),
        (line("m", "undecided"), "M at 40 Mbps or more (undecided: more evidence is needed)"),
        (line("m", "no_evidence", flip_devices=3.0), "M at 40 Mbps or more (no figure yet: tests on at least 3 more devices)"),
        (line("c", "no_evidence", value=None), "C at 40 Mbps or more (no figure yet: a source must be added)"),
    ],
)  # fmt: skip
def test_what_a_goal_needs(goal: GoalLine, needed: str) -> None:
    paths = Paths(Verdict.GAP, (Step(Verdict.SERVED, (goal.dimension,)),), ())
    assert better_sentences(paths, [goal], "en") == (f"“Served” when: {needed}.",)


def test_steps_signals_and_the_way_down_as_sentences() -> None:
    goals = [line("a", "fail"), line("b", "pass"), line("c", "pass", goal=20.0, worst=80.0, unit="%")]
    paths = Paths(
        Verdict.GAP, (Step(Verdict.WATCH, ("a",)), Step(Verdict.SERVED, (), signals=True)), ("b", "c")
    )
    first, second = better_sentences(paths, goals, "vi")
    assert first == "Chuyển thành “Cần theo dõi” khi: A từ 40 Mbps trở lên (nhanh thêm 30,0 Mbps)."
    assert second.startswith("Chuyển thành “Đạt” khi đạt thêm: không còn dấu hiệu cảnh báo")
    assert (
        worse_sentence(paths, goals, "en")
        == "“Gap” once any of these is established: B under 40 Mbps; C over 20%."
    )
    assert worse_sentence(replace(paths, worse=()), goals, "en") == ""
    assert better_sentences(Paths(Verdict.SERVED, (), ()), goals, "en") == ("There is no better verdict.",)


def test_quarters_without_tests_are_gaps_in_the_chart_and_never_zero() -> None:
    rows = quarter_intervals(plant(1, units=6, quarters=6).by_quarter)
    quarters = sorted(rows["quarter"].unique())
    gone = (rows["unit_code"] == "002") & (rows["quarter"] == quarters[2])
    points = quarter_points(rows[~gone], "002", "en")
    assert [point["quarter"] for point in points] == quarters
    assert [point["word"] for point in points] == [f"Q{one[5]} {one[:4]}" for one in quarters]
    # the others' median is known there all the same
    assert points[2]["median"] == rows.loc[rows["quarter"] == quarters[2], "median_mbps"].iloc[0]
    assert points[2] | {"value": None, "low": None, "high": None} == points[2]
    assert points[2]["said"] == f"{points[2]['word']}: no tests yet"
    assert all(
        point["low"] < point["value"] < point["high"] for place, point in enumerate(points) if place != 2
    )
    spec = quarter_spec(points, line("mobile", "fail"), "vi")
    assert json.loads(json.dumps(spec, allow_nan=False)) == spec
    assert {"datum": 40.0, "type": "quantitative"} in [layer["encoding"]["y"] for layer in spec["layer"]]
    assert len(quarter_spec(points, None, "vi")["layer"]) == len(spec["layer"]) - 1
    assert quarter_words(points, "en").count(";") == 5


def test_a_unit_without_quarters_has_an_empty_chart_in_words() -> None:
    assert quarter_words(quarter_points(pd.DataFrame(columns=list(QUARTER_COLUMNS)), "1", "vi"), "vi") == (
        "Chưa có quý nào có phép đo."
    )


def point(
    value: float | None, low: float | None = None, high: float | None = None
) -> dict[str, float | None]:
    return {"value": value, "low": low, "high": high, "median": None if value is None else 50.0}


def test_the_small_chart_has_a_dot_per_known_quarter_and_breaks_at_a_gap() -> None:
    drawn = small_chart([point(40.0, 30.0, 60.0), point(None), point(60.0), point(55.0, 1.0, 900.0)], 40.0)
    root = ElementTree.fromstring(drawn.svg)  # noqa: S314
    assert drawn.top_mbps == 100.0
    assert len(root.findall(f"{SVG}circle")) == 3
    assert [float(str(dot.get("cy"))) for dot in root.findall(f"{SVG}circle")] == pytest.approx(
        [84 * (1 - share) for share in (0.4, 0.6, 0.55)], abs=0.06
    )
    # base line, goal, two intervals, and one piece each of the median and of the unit between the last two quarters
    assert len(root.findall(f"{SVG}path")) == 6
    numbers = [
        float(one)
        for path in root.findall(f"{SVG}path")
        for one in re.findall(r"\d+\.\d", str(path.get("d")))
    ]
    assert max(numbers[1::2]) <= 84
    assert small_chart([], None).top_mbps == 2.0
    assert small_chart([point(0.04)], 0.01).top_mbps == 100.0


SQUARES = gpd.GeoDataFrame(
    {"unit_code": ["1", "2", "3", "4"]},
    geometry=[
        box(x, y, x + 0.1, y + 0.1) for x, y in ((106.5, 11.5), (106.6, 11.5), (106.5, 11.6), (106.6, 11.6))
    ],
    crs=4326,
)
VERDICTS = {"1": "gap", "2": "watch", "3": "served", "4": "unknown"}


def test_the_map_on_paper_has_colours_and_hatches() -> None:
    ground = prepare_ground(SQUARES, VERDICTS, {"2"})
    root = ElementTree.fromstring(draw_map(ground, "1"))  # noqa: S314  # our own drawing
    paths = root.findall(f"{SVG}path")
    fills = [path.get("fill") for path in paths if path.get("fill") != "none"]
    assert fills == [*VERDICT_COLOURS.values(), "#f1f5f9"]
    strokes = [path.get("stroke") for path in paths if path.get("fill") == "none"]
    # thin evidence of 2, no evidence of 4, and the two outlines of the chosen one
    assert strokes == [thin_line(VERDICT_COLOURS[Verdict.WATCH]), NO_DATA_HATCH, "#ffffff", "#0f172a"]
    assert root.get("viewBox") == f"0 0 {WIDTH:g} {ground.height:g}"
    assert ground.height <= TALLEST
    numbers = [float(one) for path in paths for one in re.findall(r"-?\d+\.\d", str(path.get("d")))]
    assert min(numbers) >= 0
    assert max(numbers) <= max(WIDTH, ground.height)


def test_the_proportions_and_the_scale_of_the_map_are_true() -> None:
    ground = prepare_ground(SQUARES, VERDICTS, ())
    left, top, right, bottom = ground.shapes["1"].bounds
    # a tenth of a degree: 10.91 km across at 11.6° N, 11.06 km down
    assert (right - left) / (bottom - top) == pytest.approx(10.91 / 11.06, rel=0.01)
    assert ground.scale_length / ground.scale_km * 10.91 == pytest.approx(right - left, rel=0.01)


def test_a_speck_gets_a_ring_and_a_large_unit_none() -> None:
    speck = pd.concat(
        [
            SQUARES,
            gpd.GeoDataFrame({"unit_code": ["5"]}, geometry=[box(106.7, 11.5, 106.701, 11.501)], crs=4326),
        ]
    )
    ground = prepare_ground(gpd.GeoDataFrame(speck, crs=4326), VERDICTS, ())
    assert "<circle" in draw_map(ground, "5")
    assert "<circle" not in draw_map(ground, "1")


def test_hatches_stay_inside_their_unit() -> None:
    ground = prepare_ground(SQUARES, VERDICTS, {"2"})
    root = ElementTree.fromstring(draw_map(ground, "1"))  # noqa: S314
    hatches = [path for path in root.findall(f"{SVG}path") if path.get("fill") == "none"][:2]
    for hatch, code in zip(hatches, ("2", "4"), strict=True):
        numbers = [float(one) for one in re.findall(r"-?\d+\.\d", str(hatch.get("d")))]
        points = shapely.points(np.array(numbers).reshape(-1, 2))
        assert len(points) > 20
        assert shapely.dwithin(ground.shapes[code], points, 0.2).all()


@pytest.mark.parametrize("verdict", [*VERDICTS.values()])
def test_swatches_are_drawings(verdict: str) -> None:
    for thin in (False, True):
        root = ElementTree.fromstring(swatch(verdict, thin=thin))  # noqa: S314
        assert len(root.findall(f"{SVG}path")) == 1 + (thin or verdict == "unknown")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_whole_story_in_both_languages(tables: ListTables, language: Language) -> None:
    for code in tables.labels:
        story = story_of(tables, code, language)
        assert story.better
        assert len(story.tests) in (0, 2)
        assert code not in {peer.code for peer in (*story.neighbours, *story.similar)}
        assert {line_.dimension for line_ in story.panel.goals} == set(story.beside)
