"""The panel, the overview and the ranked table, on squares whose answers can be read off."""

import math
from dataclasses import replace
from html.parser import HTMLParser

import pandas as pd
import pytest

from layers.overview import FURTHEST, overview
from layers.panel import reason_sentences, unit_panel
from layers.panel_html import headline_html, overview_html, panel_html, ranks_text, verdict_word
from layers.strings import LANGUAGES, Language
from layers.table import ranked_table, styled
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
        self.feed(fragment)

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
    assert panel.reasons[0] == "Dân số được phủ 4G là 55,0%, thấp hơn mục tiêu 99,8%."
    assert panel.evidence[0] == "Di động: 12 phép đo, 5 lượt thiết bị, 8 quý có số liệu"
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
    assert reason_sentences(["falling_behind"], (), "vi") == (
        "Khoảng cách với trung vị đang rộng ra qua các quý.",
    )
    assert reason_sentences(None, (), "vi") == reason_sentences(math.nan, (), "vi") == ()


def test_undecided_reason_says_what_would_change_it() -> None:
    panel = unit_panel("25009", RESULT, GOALS, COVERAGE, "en")
    assert panel is not None
    assert any("too thin to decide; more tests are needed" in reason for reason in panel.reasons)


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        ("vi", "Tốc độ tải di động: mới có 2 phép đo từ 1 lượt thiết bị, quá ít để kết luận; cần đo thêm."),
        (
            "en",
            "Mobile download speed: only 2 tests on 1 device counts so far, too few to decide; more tests are needed.",
        ),
    ],
)
def test_a_few_tests_are_not_called_no_figures(language: Language, wanted: str) -> None:
    known = RESULT["unit_code"] != "25011"
    few = RESULT.assign(
        mobile_tests=RESULT["mobile_tests"].where(known, 2.0),
        mobile_devices=RESULT["mobile_devices"].where(known, 1.0),
    )
    panel = unit_panel("25011", few, GOALS, COVERAGE, language)
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
    assert table.codes[:3] == ("25008", "25007", "25006")
    assert table.ranks_of(0) == (1, 11)
    assert ranks_text(*table.ranks_of(11), "vi") == "–"


def test_heading_says_in_words_which_list_a_code_is_of() -> None:
    panel = unit_panel("25008", RESULT, GOALS, COVERAGE, "vi")
    assert panel is not None
    assert "Mã 25008 · từ 30/4/2026" in Tags(panel_html(panel, "vi")).said
    assert "danh sách riêng" not in panel_html(replace(panel, vintage="other"), "vi")


def test_overview_counts_units_and_people() -> None:
    found = overview(RESULT, GOALS)
    assert found.by_verdict == {"gap": 9, "watch": 0, "served": 2, "unknown": 1}
    assert found.people_in_gaps == 90030.0
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
    assert overview(partly, GOALS).people_in_gaps is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_overview_html_is_plain(language: Language) -> None:
    tags = Tags(overview_html(overview(RESULT, GOALS), language))
    assert not tags.names & {"script", "img"}


def test_table_ranks_the_furthest_behind_first_and_the_unknown_last() -> None:
    table = ranked_table(RESULT, "vi")
    assert table.codes[0] == "25008"
    assert table.codes[-1] == "25012"
    assert table.row_of("25008") == 0
    assert table.row_of("99999") is None
    assert table.row_of(None) is None
    assert table.frame["rank"].dropna().is_monotonic_increasing
    shuffled = ranked_table(RESULT.sample(frac=1, random_state=1), "vi")
    assert shuffled.codes == table.codes


def test_table_leaves_out_what_is_not_known_anywhere() -> None:
    table = ranked_table(districts().assign(town_distance_km=float("nan")), "vi")
    assert "town_distance_km" not in table.frame.columns
    assert "fixed_download_mbps" not in table.frame.columns


def test_table_writes_figures_in_the_language_and_sorts_them_as_numbers() -> None:
    table = ranked_table(RESULT, "vi")
    assert pd.api.types.is_float_dtype(table.frame["4g_covered_people_share"])
    shown = styled(table, "vi").to_html()
    assert "99,7%" in shown
    assert "12.004" in shown
    assert table.headings["mobile_download_mbps"] == "Tải xuống di động, Mbps"


def test_verdict_of_a_later_version_counts_as_unknown() -> None:
    assert verdict_word("splendid", "en") == "Not enough evidence"
