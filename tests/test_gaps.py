"""Verdict, reasons, score and rank: cases by hand, and what must hold of every table of figures."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.gaps import GOAL_COLUMNS, judge_goals, judge_units
from geo.reasons import find_signals
from geo.rules import Rules, load_rules

BEST: dict[str, Any] = {
    "4g_covered_people_share": 1.0, "4g_covered_area_share": 1.0, "4g_operators": 3, "4g_evidence": "declared",
    "5g_covered_people_share": 0.95, "5g_covered_area_share": 0.5, "5g_evidence": "modelled",
    "mobile_download_mbps": 90.0, "mobile_devices": 50.0, "fixed_download_mbps": 120.0, "fixed_devices": 50.0,
}  # fmt: skip


def _judge(*rows: dict[str, Any], rules: Rules | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
    communes = pd.DataFrame([{"unit_code": f"{place:02}", **BEST, **row} for place, row in enumerate(rows)])
    goals = judge_goals(communes, rules or Rules())
    return goals, judge_units(goals)


def _outcome(dimension: str, **changes: Any) -> tuple[str, float | None]:
    goals, _ = _judge(changes)
    row = goals.set_index("dimension").loc[dimension]
    return str(row["outcome"]), None if pd.isna(row["deficit"]) else float(row["deficit"])


@pytest.mark.parametrize(
    ("dimension", "changes", "outcome", "deficit"),
    [
        ("4g", {}, "pass", 0),
        ("4g", {"4g_covered_people_share": 0.998}, "pass", 0),
        ("4g", {"4g_covered_people_share": 0.899}, "fail", 0.5),
        ("4g", {"4g_covered_people_share": 0.80}, "fail", 1),
        ("4g", {"4g_covered_people_share": 0.1}, "fail", 1),
        # without people, area bounds the share of people
        ("4g", {"4g_covered_people_share": None}, "pass", 0),
        ("4g", {"4g_covered_people_share": None, "4g_covered_area_share": 0.0}, "fail", 1),
        ("4g", {"4g_covered_people_share": None, "4g_covered_area_share": 0.999}, "undecided", None),
        ("4g", {"4g_covered_people_share": None, "4g_covered_area_share": None}, "no_evidence", None),
        # people decide where both are known
        ("4g", {"4g_covered_people_share": 1.0, "4g_covered_area_share": 0.2}, "pass", 0),
        ("5g", {"5g_covered_people_share": 0.0}, "fail", 1),
        ("mobile", {"mobile_download_mbps": 40.0}, "pass", 0),
        ("mobile", {"mobile_download_mbps": 22.5}, "fail", 0.5),
        ("mobile", {"mobile_download_mbps": 1.0}, "fail", 1),
        ("mobile", {"mobile_download_mbps": None}, "no_evidence", None),
        # too few devices decide nothing, either way, and still count in the score
        ("mobile", {"mobile_download_mbps": 22.5, "mobile_devices": 9.9}, "undecided", 0.5),
        ("mobile", {"mobile_download_mbps": 90.0, "mobile_devices": 9.9}, "undecided", 0),
        # an interval decides where there is one
        ("mobile", {"mobile_download_low": 41.0, "mobile_download_high": 99.0}, "pass", 0),
        ("mobile", {"mobile_download_mbps": 45.0, "mobile_download_low": 30.0, "mobile_download_high": 60.0}, "undecided", 0),
        ("mobile", {"mobile_download_mbps": 22.5, "mobile_download_low": 9.0, "mobile_download_high": 39.9}, "fail", 0.5),
        ("fixed", {"fixed_download_mbps": 55.0}, "fail", 0.5),
        ("choice", {"4g_operators": 1}, "fail", 0.5),
        ("choice", {"4g_operators": 0}, "fail", 1),
        ("choice", {"4g_operators": None}, "no_evidence", None),
    ],
)  # fmt: skip
def test_one_goal(dimension: str, changes: dict[str, Any], outcome: str, deficit: float | None) -> None:
    found, how_far = _outcome(dimension, **changes)
    assert found == outcome
    assert how_far == (None if deficit is None else pytest.approx(deficit))


@pytest.mark.parametrize(
    ("changes", "verdict", "reasons"),
    [
        ({}, "served", []),
        ({"4g_covered_people_share": 0.9}, "gap", ["4g_below_goal"]),
        ({"4g_covered_people_share": 0.9, "mobile_download_mbps": None}, "gap", ["4g_below_goal", "mobile_no_evidence"]),
        ({"mobile_download_mbps": None}, "unknown", ["mobile_no_evidence"]),
        ({"mobile_download_mbps": None, "5g_covered_people_share": 0.0}, "unknown", ["mobile_no_evidence", "5g_below_goal"]),
        ({"mobile_devices": 5.0}, "watch", ["mobile_undecided"]),
        ({"fixed_download_mbps": None}, "served", ["fixed_no_evidence"]),
        ({"fixed_download_mbps": 20.0}, "watch", ["fixed_below_goal"]),
        ({"fixed_download_mbps": 20.0, "4g_operators": 1}, "watch", ["fixed_below_goal", "choice_below_goal"]),
    ],
)  # fmt: skip
def test_verdict_and_reasons(changes: dict[str, Any], verdict: str, reasons: list[str]) -> None:
    _, units = _judge(changes)
    assert units["verdict"].tolist() == [verdict]
    assert units["reasons"].tolist() == [reasons]


def test_a_table_without_a_single_figure_is_unknown_not_zero() -> None:
    goals = judge_goals(pd.DataFrame({"unit_code": ["1", "2"]}), Rules())
    units = judge_units(goals)
    assert goals["outcome"].unique().tolist() == ["no_evidence"]
    assert goals["evidence"].isna().all()
    assert units["verdict"].tolist() == ["unknown", "unknown"]
    assert units["gap_score"].isna().all()
    assert units["rank"].isna().all()
    assert units["confidence"].tolist() == [0, 0]


def test_score_is_the_weighted_mean_of_known_deficits() -> None:
    _, units = _judge(
        {"4g_covered_people_share": 0.899, "mobile_download_mbps": 22.5, "5g_covered_people_share": None,
         "5g_covered_area_share": None, "fixed_download_mbps": None},
    )  # fmt: skip
    # 0.30 · 0.5 + 0.30 · 0.5 + 0.15 · 0 over 0.75
    assert units["gap_score"].tolist() == pytest.approx([40.0])
    assert units["confidence"].tolist() == pytest.approx([0.75])


def test_equal_scores_share_a_rank_and_the_worst_is_first() -> None:
    _, units = _judge({}, {"4g_operators": 0}, {}, {"4g_operators": 1}, dict.fromkeys(BEST))
    assert units["rank"].fillna(0).tolist() == [3, 1, 3, 2, 0]


def test_goals_table_has_its_columns_and_names_the_evidence() -> None:
    goals, _ = _judge({}, {})
    assert tuple(goals.columns) == GOAL_COLUMNS
    assert goals["unit_code"].tolist() == ["00"] * 5 + ["01"] * 5
    assert goals["dimension"].tolist() == ["4g", "5g", "mobile", "fixed", "choice"] * 2
    assert goals["evidence"].tolist() == ["declared", "modelled", "measured", "measured", "declared"] * 2
    assert goals["reason"].isna().all()


def test_the_planner_can_change_what_is_essential_and_how_far_is_far() -> None:
    rules = load_rules({"goals": {"fixed": {"essential": True, "goal": 30, "worst": 10}}})
    _, units = _judge({"fixed_download_mbps": 20.0}, rules=rules)
    assert units["verdict"].tolist() == ["gap"]
    assert units["gap_score"].tolist() == pytest.approx([100 * 0.15 * 0.5])
    lenient = replace(Rules(), decisive_devices=0.0)
    _, units = _judge({"mobile_devices": 1.0}, rules=lenient)
    assert units["verdict"].tolist() == ["served"]


SHARE, SPEED = st.none() | st.floats(0, 1), st.none() | st.floats(0, 500)
FIGURES = st.fixed_dictionaries(
    {
        "4g_covered_people_share": SHARE, "4g_covered_area_share": SHARE, "4g_operators": st.none() | st.integers(0, 4),
        "5g_covered_people_share": SHARE, "5g_covered_area_share": SHARE,
        "mobile_download_mbps": SPEED, "mobile_devices": st.floats(0, 100),
        "fixed_download_mbps": SPEED, "fixed_devices": st.floats(0, 100),
    }
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(rows=st.lists(FIGURES, min_size=1, max_size=6))
def test_figures_stay_in_their_bounds(rows: list[dict[str, Any]]) -> None:
    goals, units = _judge(*rows)
    assert goals["deficit"].dropna().between(0, 1).all()
    assert units["gap_score"].dropna().between(0, 100).all()
    assert units["confidence"].between(0, 1 + 1e-12).all()
    assert units["rank"].notna().tolist() == units["gap_score"].notna().tolist()
    assert goals["reason"].notna().tolist() == (goals["outcome"] != "pass").tolist()


@settings(max_examples=40, deadline=None)
@given(rows=st.lists(FIGURES, min_size=2, max_size=6), data=st.data())
def test_the_order_of_rows_is_irrelevant(rows: list[dict[str, Any]], data: st.DataObject) -> None:
    communes = pd.DataFrame([{"unit_code": f"{place}", **BEST, **row} for place, row in enumerate(rows)])
    order = data.draw(st.permutations(range(len(rows))))
    shuffled = communes.iloc[order].reset_index(drop=True)
    pd.testing.assert_frame_equal(judge_goals(communes, Rules()), judge_goals(shuffled, Rules()))


BETTER = {
    "4g_covered_people_share": 1.0,
    "5g_covered_people_share": 1.0,
    "4g_operators": 4,
    "mobile_download_mbps": 500.0,
}
GRAVITY = {"served": 0, "watch": 1, "unknown": 2, "gap": 3}


@settings(max_examples=60, deadline=None)
@given(row=FIGURES, column=st.sampled_from(sorted(BETTER)), share=st.floats(0, 1))
def test_more_coverage_or_speed_never_worsens_score_or_verdict(
    row: dict[str, Any], column: str, share: float
) -> None:
    if row[column] is None:
        row[column] = 0.0
    better = row[column] + share * max(0.0, BETTER[column] - row[column])
    if column == "4g_operators":
        better = float(np.ceil(better))
    _, units = _judge(row, {**row, column: better})
    before, after = units["gap_score"]
    assert after <= before
    assert GRAVITY[units["verdict"][1]] <= GRAVITY[units["verdict"][0]]


def _flips(dimension: str, **changes: Any) -> list[float | None]:
    goals, _ = _judge(changes)
    [row] = goals.loc[
        goals["dimension"] == dimension, ["flip_value", "flip_people", "flip_devices"]
    ].to_numpy()
    return [None if np.isnan(value) else float(value) for value in row]


@pytest.mark.parametrize(
    ("dimension", "changes", "flips"),
    [
        ("4g", {}, [None, None, None]),
        # 1,000 people, 90 % covered: 98 more make 99.8 %
        ("4g", {"4g_covered_people_share": 0.9, "people": 1000.0}, [0.998, 98.0, None]),
        ("4g", {"4g_covered_people_share": 0.9}, [0.998, None, None]),
        ("4g", {"4g_covered_people_share": None, "4g_covered_area_share": 0.5, "people": 1000.0}, [0.998, None, None]),
        ("choice", {"4g_operators": 1}, [2.0, None, None]),
        # devices there are, to the first estimate (3) and to the decisive number (10)
        ("mobile", {"mobile_download_mbps": None, "mobile_devices": 1.5}, [40.0, None, 2.0]),
        ("mobile", {"mobile_download_mbps": None, "mobile_devices": None}, [40.0, None, 3.0]),
        ("mobile", {"mobile_devices": 4.2}, [40.0, None, 6.0]),
        ("mobile", {"mobile_download_mbps": 20.0}, [40.0, None, None]),
        # half-width ln 4, wanted ln 2 (80 against 40): four times the 50 devices, so 150 more
        ("mobile", {"mobile_download_mbps": 80.0, "mobile_download_low": 20.0, "mobile_download_high": 320.0}, [40.0, None, 150.0]),
        # a figure on its goal cannot be told from it by any number of tests
        ("mobile", {"mobile_download_mbps": 40.0, "mobile_download_low": 20.0, "mobile_download_high": 80.0}, [40.0, None, None]),
    ],
)  # fmt: skip
def test_what_would_flip_a_goal(dimension: str, changes: dict[str, Any], flips: list[float | None]) -> None:
    found = _flips(dimension, **changes)
    assert found == [None if flip is None else pytest.approx(flip) for flip in flips]


def test_without_a_speed_input_no_number_of_devices_is_asked_for() -> None:
    goals = judge_goals(pd.DataFrame({"unit_code": ["1"]}), Rules())
    assert goals["flip_devices"].isna().all()
    assert goals["flip_value"].tolist() == goals["goal"].tolist()


def _signalled(*rows: dict[str, Any], rules: Rules | None = None) -> pd.DataFrame:
    communes = pd.DataFrame([{"unit_code": f"{place:02}", **BEST, **row} for place, row in enumerate(rows)])
    rules = rules or Rules()
    return judge_units(judge_goals(communes, rules), find_signals(communes, rules))


def test_signals_make_a_served_unit_one_to_watch_and_no_gap_less() -> None:
    behind = {"mobile_direction": "falling_behind", "4g_contradicted_people_share": 0.3}
    units = _signalled(
        behind, {**behind, "4g_operators": 0, "4g_covered_people_share": 0.5}, {"mobile_direction": "steady"}
    )
    assert units["verdict"].tolist() == ["watch", "gap", "served"]
    assert units["reasons"].tolist() == [
        ["mobile_falling_behind", "declared_not_measured"],
        ["4g_below_goal", "choice_below_goal", "mobile_falling_behind", "declared_not_measured"],
        [],
    ]


@pytest.mark.parametrize(
    ("share", "verdict"), [(None, "served"), (0.0, "served"), (0.1, "served"), (0.11, "watch")]
)
def test_contradicted_people_count_above_the_rule(share: float | None, verdict: str) -> None:
    assert _signalled({"4g_contradicted_people_share": share})["verdict"].tolist() == [verdict]


def test_a_frame_of_contradictions_counts_where_it_is_sure_and_large() -> None:
    communes = pd.DataFrame({"unit_code": ["1", "2", "3", "4"]})
    frame = pd.DataFrame(
        {
            "unit_code": ["2", "1", "3"],
            "contradicted_share": [0.5, 0.5, 0.05],
            "declared_not_measured": [True, False, True],
        }
    )
    assert find_signals(communes, Rules(), frame)["unit_code"].tolist() == ["2"]
    assert find_signals(communes, replace(Rules(), contradicted_share=0.0), frame)["unit_code"].tolist() == [
        "2",
        "3",
    ]


def test_tables_without_directions_or_contradictions_have_no_signals() -> None:
    assert find_signals(pd.DataFrame({"unit_code": ["1"]}), Rules()).empty
    _, plain = _judge({"4g_operators": 1})
    pd.testing.assert_frame_equal(plain, _signalled({"4g_operators": 1}))
