"""The panel, the overview and the ranked table, on squares whose answers can be read off."""

import math
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pandas as pd
import pytest

from geo.gaps import judge_goals, judge_units
from geo.people_sum import PeopleSum
from geo.rules import load_rules
from layers.goal_line import GoalLine
from layers.overview import FURTHEST, overview
from layers.own import relation_lines
from layers.panel import unit_panel
from layers.panel_html import headline_html, overview_html, panel_html, ranks_text, verdict_word
from layers.reasons import reason_sentences
from layers.row_table import styled
from layers.strings import LANGUAGES, Language, number
from layers.table import ranked_table, ranks_of
from tests.boxes import without_definitions
from tests.fake_built import communes, coverage_of, districts, goals_of

RESULT = communes()
GOALS = goals_of(RESULT)
COVERAGE = coverage_of(RESULT)


class Tags(HTMLParser):
    """Names of the tags of a fragment, and its text."""

    def __init__(self, fragment: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.said = ""
        self.feed(without_definitions(fragment))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        assert not any(name.startswith("on") for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.said += data


def test_panel_of_the_unit_furthest_behind() -> None:
    panel = unit_panel("25008", RESULT, GOALS, COVERAGE, "vi")
    assert panel is not None
    assert (panel.label, panel.verdict, panel.rank, panel.ranked) == ("xã Bù Gia Mập", "gap", 1, 11)
    assert panel.people == 1500.5 * 8
    four_g = panel.goals[0]
    assert (four_g.value, four_g.goal, four_g.outcome, four_g.essential) == (0.55, 0.998, "fail", True)
    # the median of eleven known shares, the unknown one left out
    assert four_g.median == 0.96
    # 44.8 % of 12,004 people, rounded up
    assert panel.reasons[0] == (
        "Dân số được phủ 4G là 55,0% (nhà mạng công bố), thấp hơn mục tiêu 99,8%; cần phủ thêm 5.378 người để đạt."
    )
    assert panel.evidence[0] == "Di động: 12 phép đo, 5 lượt thiết bị, trong 8 quý gần nhất có phép đo"
    assert len(panel.coverage) == 4


def test_panel_of_a_unit_without_figures_says_so() -> None:
    panel = unit_panel("25012", RESULT, GOALS, COVERAGE, "en")
    assert panel is not None
    assert (panel.verdict, panel.rank, panel.people, panel.score) == ("unknown", None, None, None)
    assert (
        "People covered by 4G: no figures yet; a source must be added before anything can be said."
        in panel.reasons
    )
    assert "Mobile: no tests yet" in panel.evidence
    assert "4G coverage: no evidence yet" in panel.evidence
    shown = Tags(panel_html(panel, "en")).said
    assert "not ranked" in shown
    assert "nan" not in shown.lower()
    assert "none" not in shown.lower()


def test_panel_of_nobody() -> None:
    assert unit_panel("99999", RESULT, GOALS, COVERAGE, "vi") is None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", RESULT["unit_code"])
def test_every_panel_is_plain_html_whatever_the_name(code: str, language: Language) -> None:
    panel = unit_panel(code, RESULT, GOALS, COVERAGE, language)
    assert panel is not None
    tags = Tags(panel_html(panel, language))
    assert not tags.names & {"script", "img", "i18n", "a", "iframe"}
    assert panel.label in tags.said


def test_reason_of_a_later_version_is_shown_by_its_code() -> None:
    assert reason_sentences(["4g_struck_by_lightning"], (), "en") == (
        "Other reason: 4g_struck_by_lightning.",
    )
    assert reason_sentences(["mobile_falling_behind"], (), "vi") == (
        "Di động: khoảng cách với trung vị đang rộng ra qua các quý.",
    )
    assert reason_sentences(None, (), "vi") == reason_sentences(math.nan, (), "vi") == ()


def test_undecided_reason_says_what_would_change_it() -> None:
    panel = unit_panel("25009", RESULT, GOALS, COVERAGE, "en")
    assert panel is not None
    assert (
        "Mobile download speed: 45.0 Mbps against a goal of 40 Mbps, but the evidence is too thin to decide; "
        "tests on about 6 more devices would decide, if the figure stays." in panel.reasons
    )


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        (
            "vi",
            "Tốc độ tải di động: mới có 2 phép đo từ 1 lượt thiết bị, quá ít để có số liệu; cần đo thêm ít nhất 2 lượt thiết bị.",
        ),
        (
            "en",
            "Mobile download speed: only 2 tests on 1 device count so far, too few for a figure; tests on at least 2 more devices are needed.",
        ),
    ],
)
def test_a_few_tests_are_not_called_no_figures(language: Language, wanted: str) -> None:
    known = RESULT["unit_code"] != "25011"
    few = RESULT.assign(
        mobile_tests=RESULT["mobile_tests"].where(known, 2.0),
        mobile_devices=RESULT["mobile_devices"].where(known, 1.0),
    )
    panel = unit_panel("25011", few, goals_of(few), COVERAGE, language)
    assert panel is not None
    assert wanted in panel.reasons


def test_units_alike_share_their_ranks() -> None:
    alike = RESULT.assign(rank=RESULT["rank"].where(RESULT["rank"].isna(), 1))
    panel = unit_panel("25001", alike, GOALS, COVERAGE, "vi")
    assert panel is not None
    assert (panel.rank, panel.rank_last, panel.ranked) == (1, 11, 11)
    assert "1–11/11" in Tags(panel_html(panel, "vi")).said
    table = ranked_table(alike, "vi")
    # equal ranks stand in the order of the command line: by mobile speed
    assert table.ids[:3] == ("25008", "25007", "25006")
    assert ranks_of(table, 0) == (1, 11)
    assert ranks_text(*ranks_of(table, 11), "vi") == "–"


def test_heading_says_in_words_which_list_a_code_is_of() -> None:
    panel = unit_panel("25008", RESULT, GOALS, COVERAGE, "vi")
    assert panel is not None
    assert "Mã 25008 · từ 30/4/2026" in Tags(panel_html(panel, "vi")).said
    assert "danh sách riêng" not in panel_html(replace(panel, vintage="other"), "vi")


def test_overview_counts_units_and_people() -> None:
    found = overview(RESULT, GOALS)
    assert found.by_verdict == {"gap": 9, "watch": 0, "served": 2, "unknown": 1}
    assert found.people_in_gaps == PeopleSum(90030.0, 0)
    assert all(sum(counts.values()) == 12 for _, counts in found.goals)
    assert len(found.furthest) == FURTHEST
    scores = [unit.score for unit in found.furthest]
    assert scores == sorted(scores, reverse=True)
    assert found.furthest[0].label == "xã Bù Gia Mập"


def test_people_in_gaps_are_not_made_up() -> None:
    no_grid = overview(RESULT.drop(columns="people"), GOALS)
    assert no_grid.people_in_gaps is None
    assert "chưa có lưới dân số" in Tags(headline_html(no_grid, "vi")).said
    partly = RESULT.assign(people=RESULT["people"].where(RESULT["unit_code"] != "25008"))
    found = overview(partly, GOALS)
    assert found.people_in_gaps is not None
    assert found.people_in_gaps.unknown_units == 1
    said = Tags(headline_html(found, "vi")).said
    assert f"ít nhất {number(found.people_in_gaps.known, 'vi')}" in said
    assert "1 đơn vị chưa có số dân" in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_overview_html_is_plain(language: Language) -> None:
    tags = Tags(overview_html(overview(RESULT, GOALS), language))
    assert not tags.names & {"script", "img"}


def test_table_ranks_the_furthest_behind_first_and_the_unknown_last() -> None:
    table = ranked_table(RESULT, "vi")
    assert table.ids[0] == "25008"
    assert table.ids[-1] == "25012"
    assert table.row_of("25008") == 0
    assert table.row_of("99999") is None
    assert table.row_of(None) is None
    assert table.frame["rank"].dropna().is_monotonic_increasing
    shuffled = ranked_table(RESULT.sample(frac=1, random_state=1), "vi")
    assert shuffled.ids == table.ids


def test_table_leaves_out_what_is_not_known_anywhere() -> None:
    table = ranked_table(districts().assign(town_distance_km=float("nan")), "vi")
    assert "town_distance_km" not in table.frame.columns
    assert "fixed_download_mbps" not in table.frame.columns


def test_table_writes_figures_in_the_language_and_sorts_them_as_numbers() -> None:
    table = ranked_table(RESULT, "vi")
    assert pd.api.types.is_float_dtype(table.frame["4g_covered_people_share"])
    shown = styled(table).to_html()
    assert "99,7%" in shown
    assert "12.004" in shown
    assert table.headings["mobile_download_mbps"] == "Tải xuống di động, Mbps"


def test_verdict_of_a_later_version_counts_as_unknown() -> None:
    assert verdict_word("splendid", "en") == "Not enough evidence"


def _line(**changes: Any) -> GoalLine:
    base: dict[str, Any] = {
        "dimension": "mobile", "name": "Mobile download speed", "unit": "Mbps", "value": 30.04, "low": 25.0, "high": 36.0,
        "goal": 40.0, "worst": 5.0, "median": None, "essential": True, "outcome": "fail", "evidence": "measured",
    }  # fmt: skip
    return GoalLine(**{**base, **changes})


@pytest.mark.parametrize(
    ("code", "changes", "wanted"),
    [
        ("mobile_below_goal", {}, "Mobile download speed: 30.0 Mbps (measured), below the goal of 40 Mbps; 10.0 Mbps more would pass."),
        ("mobile_undecided", {"high": 45.0, "flip_devices": 1200.0},
         "Mobile download speed: 30.0 Mbps (90%: 25.0 Mbps – 45.0 Mbps) against a goal of 40 Mbps, but the evidence is too thin to decide; "
         "tests on about 1,200 more devices would decide, if the figure stays."),
        ("mobile_undecided", {"high": 45.0}, "Mobile download speed: 30.0 Mbps (90%: 25.0 Mbps – 45.0 Mbps) against a goal of 40 Mbps, "
         "but the evidence is too thin to decide; more tests are needed."),
        ("mobile_undecided", {"low": 0.0, "high": None}, "Mobile download speed: 30.0 Mbps against a goal of 40 Mbps, "
         "but the evidence is too thin to decide; more tests are needed."),
        ("mobile_undecided", {"value": None, "unit": "share", "goal": 0.998},
         "Mobile download speed: known by area only, which does not settle the goal of 99.8%; a population grid would."),
        ("mobile_below_goal", {"unit": "operators", "value": 1.0, "goal": 2.0, "worst": 0.0, "evidence": None},
         "Mobile download speed: 1 operator, below the goal of 2 operators; one more operator would pass."),
        ("mobile_below_goal", {"unit": "%", "value": 60.5, "goal": 20.0, "worst": 90.0, "evidence": "given"},
         "Mobile download speed: 60.5% (as given), above the goal of 20%."),
        ("mobile_below_goal", {"unit": "hồ sơ/1.000 dân", "value": 6.0, "goal": 20.0, "evidence": "given"},
         "Mobile download speed: 6 hồ sơ/1.000 dân (as given), below the goal of 20 hồ sơ/1.000 dân."),
        ("fixed_falling_behind", {}, "Fixed (Wi-Fi): the distance to the median has been widening over the quarters (-1.5 Mbps a year)."),
        ("declared_not_measured", {}, "Tests contradict the 4G coverage that operators declare where 25.0% of people live (about 300)."),
    ],
)  # fmt: skip
def test_reasons_name_figure_goal_evidence_and_what_would_flip_them(
    code: str, changes: dict[str, Any], wanted: str
) -> None:
    row = {"4g_contradicted_people_share": 0.25, "people": 1200.0, "fixed_trend_mbps_per_year": -1.5}
    assert reason_sentences([code], [_line(**changes)], "en", row) == (wanted,)
    [vietnamese] = reason_sentences([code], [_line(**changes)], "vi", row)
    assert vietnamese != wanted
    assert "{" not in vietnamese


def test_score_and_rank_stand_with_their_intervals() -> None:
    panel = unit_panel("25004", RESULT, GOALS, COVERAGE, "vi")
    assert panel is not None
    low, high = panel.score_ends
    assert low is not None
    assert high is not None
    assert low <= panel.score <= high  # type: ignore[operator]
    assert re.search(r"Điểm tụt hậu\d+,\d \(\d+,\d–\d+,\d\)", Tags(panel_html(panel, "vi")).said)
    sure = replace(panel, score_ends=(panel.score, panel.score), rank_ends=(panel.rank, panel.rank))
    assert "(" not in Tags(panel_html(sure, "vi")).said.split("Vì sao")[0]


OWN = pd.DataFrame(
    {
        "unit_code": RESULT["unit_code"], "indicator": "ho_so", "label": "Hồ sơ <b>", "unit": "%", "better": "higher",
        "goal": 80.0, "worst": 20.0, "value": [90.0, 80, 70, 60, 85, 50, 40, 5, 30, 75, 20, math.nan],
        "rank": [11.0, 9, 7, 6, 10, 5, 4, 1, 3, 8, 2, math.nan],
    }
)  # fmt: skip


def test_own_indicators_stand_in_the_panel_by_their_names() -> None:
    rules = load_rules({"indicators": {"ho_so": {"goal": 80, "worst": 20, "weight": 0.2, "unit": "%"}}})
    result = RESULT.assign(**{"indicator:ho_so": OWN["value"].to_numpy()})
    goals = judge_goals(result, rules)
    reasons = judge_units(goals).set_index("unit_code")["reasons"]
    panel = unit_panel(
        "25008", RESULT.assign(reasons=RESULT["unit_code"].map(reasons)), goals, COVERAGE, "vi", own=OWN
    )
    assert panel is not None
    assert panel.own == ("Hồ sơ <b>: 5%, xếp 1/11 tính từ kém nhất.",)
    assert panel.reasons[-1] == "Hồ sơ <b> là 5% (số liệu bổ sung), thấp hơn mục tiêu 80%."
    tags = Tags(panel_html(panel, "vi"))
    assert "Hồ sơ <b>: 5%" in tags.said
    unknown = unit_panel("25012", RESULT, GOALS, COVERAGE, "en", own=OWN)
    assert unknown is not None
    assert unknown.own == ("Hồ sơ <b>: no figure.",)
    assert "Hồ sơ &lt;b&gt;" in overview_html(overview(RESULT, goals), "vi", {"ho_so": "Hồ sơ <b>"})


def test_an_own_indicator_is_set_against_the_gap() -> None:
    [line] = relation_lines(OWN, RESULT, "en")
    assert re.fullmatch(
        r"Hồ sơ <b>: rank correlation with the gap 0\.\d\d \(90%: 0\.\d\d – [01]\.\d\d\), 11 units\.", line
    )
    [few] = relation_lines(OWN.assign(value=OWN["value"].where(OWN.index < 3)), RESULT, "vi")
    assert few == "Hồ sơ <b>: quá ít đơn vị có đủ hai số liệu để so với điểm tụt hậu (3)."
