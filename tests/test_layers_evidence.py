"""How sure a colour is: intervals on hover, hatch where evidence is thin, and own indicators on the map."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from layers.evidence import interval_texts, thin_units
from layers.explore import limits_message
from layers.legend import legend_classes, legend_html
from layers.own import (
    BIVARIATE_COLOURS,
    CLASSES,
    measured_names,
    own_indicators,
    own_lines,
    own_names,
    relation_lines,
    with_own,
)
from layers.palette import (
    INDICATORS,
    Indicator,
    class_labels,
    classify,
    indicator_name,
    thin_line,
    value_text,
)
from layers.strings import LANGUAGES, MISSING, Language, number, text
from layers.units import UnitsView, units_message
from tests.fake_built import communes, goals_of

RESULT = communes()
GOALS = goals_of(RESULT)
BY_COLUMN = {indicator.column: indicator for indicator in INDICATORS}
VIEW = UnitsView("geo.json", (106.0, 11.0, 107.0, 12.0), BY_COLUMN["mobile_download_mbps"], "en")


def _own(**changes: object) -> pd.DataFrame:
    base = {
        "unit_code": RESULT["unit_code"], "indicator": "ho_so", "label": "Hồ sơ", "unit": "%", "better": "higher", "goal": np.nan,
        "worst": np.nan, "value": [90.0, 80, 70, 60, 85, 50, 40, 5, 30, 75, 20, np.nan], "rank": range(12),
    }  # fmt: skip
    return pd.DataFrame({**base, **changes})


def test_units_whose_speed_decides_nothing_are_thin_and_those_without_a_figure_are_not() -> None:
    # squares 8 and 9 have 5 and 4 devices; 11 and 12 have no speed at all
    assert thin_units(RESULT, GOALS, BY_COLUMN["mobile_download_mbps"]) == {"25008", "25009"}
    assert thin_units(RESULT, GOALS, BY_COLUMN["4g_covered_people_share"]) == frozenset()
    assert thin_units(RESULT, GOALS, BY_COLUMN["people"]) == frozenset()


@pytest.mark.parametrize("column", ["verdict", "gap_score"])
def test_a_verdict_is_thin_where_an_essential_goal_is_open(column: str) -> None:
    thin = thin_units(RESULT, GOALS, BY_COLUMN[column])
    assert thin == {"25008", "25009", "25011"}
    assert "25012" not in thin


def test_the_message_says_interval_and_doubt_only_where_there_is_one() -> None:
    low, high = RESULT["mobile_download_mbps"] * 0.8, RESULT["mobile_download_mbps"] * 1.25
    result = RESULT.assign(mobile_download_low=low, mobile_download_high=high)
    units = units_message(result, replace(VIEW, thin=frozenset({"25008"})))["units"]
    assert units["25001"][2:] == ["90.0 Mbps", "90%: 72.0 Mbps – 112.5 Mbps", 0]
    assert units["25008"][2:] == ["3.0 Mbps", "90%: 2.4 Mbps – 3.7 Mbps · thin evidence", 1]
    assert units["25012"][2:] == ["No data"]
    assert units_message(RESULT, VIEW)["units"]["25001"][2:] == ["90.0 Mbps"]


def test_an_interval_of_one_point_or_without_an_end_is_not_written() -> None:
    score = BY_COLUMN["gap_score"]
    frame = pd.DataFrame(
        {
            "gap_score": [5.0, 5, 5, 5],
            "gap_score_low": [5.0, 1, np.nan, 2],
            "gap_score_high": [5.0, 9, 9, np.nan],
        }
    )
    assert interval_texts(frame, score, "vi") == ["", "90%: 1,0 – 9,0", "", ""]
    assert interval_texts(RESULT, BY_COLUMN["people"], "vi") == [""] * 12


@pytest.mark.parametrize("indicator", INDICATORS, ids=lambda one: one.column)
def test_lines_over_a_class_can_be_seen(indicator: Indicator) -> None:
    for swatch in indicator.swatches:
        fill = [int(swatch.fill[place : place + 2], 16) for place in (1, 3, 5)]
        line = [int(thin_line(swatch.fill)[place : place + 2], 16) for place in (1, 3, 5)]
        assert max(abs(a - b) for a, b in zip(fill, line, strict=True)) > 70


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_legend_counts_thin_units(language: Language) -> None:
    lines = legend_classes(BY_COLUMN["verdict"], RESULT, language)
    wanted = {
        "vi": "Gạch chéo trên màu: bằng chứng còn mỏng (3 đơn vị)",
        "en": "Lines over the colour: thin evidence (3 units)",
    }
    assert wanted[language] in legend_html("x", lines, [], [], language, thin=3)
    assert wanted[language].split("(")[0] not in legend_html("x", lines, [], [], language)


def test_own_indicators_are_offered_with_classes_of_their_own() -> None:
    plain, both = own_indicators(_own())
    assert (plain.column, both.column) == ("indicator:ho_so", "bivariate:ho_so")
    assert plain.breaks == (20, 40, 60, 80)
    assert indicator_name(plain, "vi") == "Hồ sơ"
    assert indicator_name(both, "vi") == "Tụt hậu × Hồ sơ"
    assert class_labels(plain, "en") == (
        "under 20%",
        "20 – 40%",
        "40 – 60%",
        "60 – 80%",
        "80% and over",
        "No data",
    )
    assert value_text(plain, 70.5, "vi") == "70,5%"
    assert own_names(_own()) == {"ho_so": "Hồ sơ"}
    assert own_indicators(_own(value=np.nan)) == ()
    assert own_indicators(pd.DataFrame()) == ()


def _border(indicator: str = "border") -> pd.DataFrame:
    """Three units at the border, eight that are not, and one of which it is not known."""
    value = [*[1.0] * 3, *[0.0] * 8, np.nan]
    return _own(indicator=indicator, label="Giáp biên giới", unit="yes_no", better="lower", value=value)


def test_yes_or_no_has_two_classes_and_no_thirds() -> None:
    own = _border()
    [plain] = own_indicators(own)
    assert (plain.column, plain.breaks) == ("indicator:border", ())
    assert class_labels(plain, "vi") == ("Có", "Không", text("no_data", "vi"))
    assert class_labels(plain, "en") == ("Yes", "No", "No data")
    assert indicator_name(plain, "en") == "Giáp biên giới"
    result = with_own(RESULT, own)
    assert "bivariate:border" not in result
    assert classify(plain, result["indicator:border"].tolist()).tolist() == [0] * 3 + [1] * 8 + [2]
    assert [line.units for line in legend_classes(plain, result, "vi")] == [3, 8, 1]
    assert [value_text(plain, value, "vi") for value in ("yes", "no", None)] == [
        "Có",
        "Không",
        text("no_data", "vi"),
    ]
    assert limits_message(result, [True] * 12, plain, "vi") is None
    assert measured_names(own) == {}
    assert measured_names(_own()) == {"ho_so": "Hồ sơ"}


@pytest.mark.parametrize(
    ("name", "code", "language", "said"),
    [
        ("border", "25001", "vi", "Là đơn vị biên giới."), ("border", "25001", "en", "A border unit."),
        ("border", "25005", "vi", "Không phải đơn vị biên giới."), ("border", "25005", "en", "Not a border unit."),
        ("border", "25012", "vi", "Giáp biên giới: chưa có số liệu."), ("co_may", "25001", "vi", "Giáp biên giới: có."),
        ("co_may", "25005", "en", "Giáp biên giới: no."),
    ],
)  # fmt: skip
def test_yes_or_no_of_one_unit_in_words(name: str, code: str, language: Language, said: str) -> None:
    own = _border(name)
    assert own_lines(own, code, language) == (said,)


def test_yes_or_no_against_the_gap_is_two_medians() -> None:
    own = _border()
    scores = RESULT["gap_score"]
    [line] = relation_lines(own, RESULT, "en")
    yes, no = (
        number(float(part.median()), "en", decimals=1)
        for part in (scores[:3].dropna(), scores[3:11].dropna())
    )
    counts = (scores[:3].notna().sum(), scores[3:11].notna().sum())
    assert (
        line
        == f"Giáp biên giới: yes for {counts[0]} units (median gap score {yes}), no for {counts[1]} ({no})."
    )
    [none] = relation_lines(own.assign(value=0.0), RESULT, "vi")
    assert f"0 đơn vị có (điểm tụt hậu trung vị {MISSING})" in none


def test_goalposts_make_the_classes_where_they_are_given() -> None:
    plain, _ = own_indicators(_own(unit="hồ sơ", goal=80.0, worst=20.0))
    assert plain.breaks == (20, 40, 60, 80)
    reversed_, _ = own_indicators(_own(unit="phút", better="lower", goal=15.0, worst=60.0))
    assert reversed_.breaks == (15, 30, 45, 60)
    # dark and warm is worse whichever way is better
    assert reversed_.colours == tuple(reversed(plain.colours))
    assert class_labels(reversed_, "en")[0] == "under 15 phút"


def test_without_goalposts_or_per_cent_the_figures_themselves_make_fifths() -> None:
    plain, _ = own_indicators(_own(unit="phút", value=[*range(0, 110, 10), np.nan]))
    assert plain.breaks == (20, 40, 60, 80)
    same, _ = own_indicators(_own(unit="phút", value=3.0))
    assert same.breaks == (3.0,)
    assert len(same.colours) == 2


def test_figures_and_both_thirds_stand_beside_the_result() -> None:
    result = with_own(RESULT, _own())
    row = result.set_index("unit_code")
    assert row.loc["25008", "indicator:ho_so"] == 5
    assert row.loc["25008", "bivariate:ho_so"] == "3-3"
    assert row.loc["25001", "bivariate:ho_so"] == "1-1"
    assert pd.isna(row.loc["25012", "bivariate:ho_so"])
    assert with_own(RESULT, pd.DataFrame()) is RESULT
    _, both = own_indicators(_own())
    classes = classify(both, result["bivariate:ho_so"].tolist())
    assert classes[11] == len(CLASSES)
    assert [both.swatches[index].key for index in classes[:11]] == result["bivariate:ho_so"].tolist()[:11]
    assert value_text(both, "3-1", "en") == "wide gap, best third"
    assert value_text(both, None, "en") == "No data"
    assert len(legend_classes(both, result, "vi")) == len(BIVARIATE_COLOURS) + 1


def test_the_order_of_rows_of_the_table_does_not_matter() -> None:
    shuffled = with_own(RESULT, _own().sample(frac=1, random_state=3))
    pd.testing.assert_frame_equal(pd.DataFrame(shuffled), pd.DataFrame(with_own(RESULT, _own())))


def test_a_direction_on_the_map_comes_with_its_slope() -> None:
    direction = BY_COLUMN["mobile_direction"]
    said = interval_texts(RESULT, direction, "vi")
    assert said[7] == "-2,0 Mbps mỗi năm (90%: -3,5 – -0,5)"
    assert said[10] == ""
    bare = RESULT.drop(columns="mobile_trend_mbps_per_year_low")
    assert interval_texts(bare, direction, "en") == [""] * 12
