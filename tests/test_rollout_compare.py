"""Scenarios side by side on three squares, and the two measures of equity by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import InputError
from geo.rollout_compare import Scenario, compare_scenarios, gini, worst_fifth_share
from tests.rollout_scene import judge_again, make_today, offer

TODAY = make_today()


def compare(*scenarios: Scenario) -> pd.DataFrame:
    return compare_scenarios(TODAY, scenarios, judge_again).set_index("scenario")


def test_people_count_once_and_what_is_repeated_is_said() -> None:
    row = compare(
        Scenario("hai", (offer(6, 10, "Viettel", cost=300.0), offer(8, 12, "MobiFone", cost=500.0)))
    ).loc["hai"]
    # 20 + 10 and 20 alone, strips 8 and 9 twice: 40 together; inside 50 and 20
    assert row["newly_covered_people"] == pytest.approx(40)
    assert row["people_inside"] == pytest.approx(70)
    assert (row["duplicated_people"], row["duplicated_share"]) == (pytest.approx(30), pytest.approx(3 / 7))
    assert (row["cost"], row["cost_unknown"], row["cost_per_person"]) == (800, 0, pytest.approx(20))
    assert (row["gap_units_before"], row["gap_units_lifted"]) == (2, 2)


def test_a_cost_that_is_not_said_is_not_free() -> None:
    row = compare(Scenario("a", (offer(6, 10, cost=300.0), offer(8, 12, "MobiFone")))).loc["a"]
    assert np.isnan([row["cost"], row["cost_per_person"]]).all()
    assert row["cost_unknown"] == 1


def test_scenarios_stand_side_by_side() -> None:
    table = compare(
        Scenario("B", (offer(6, 8),)), Scenario("C", (offer(8, 12),)), Scenario("nhỏ", (offer(10, 11),))
    )
    assert table["newly_covered_people"].tolist() == pytest.approx([20, 20, 5])
    assert table["gap_units_lifted"].tolist() == [1, 1, 0]
    # C is furthest behind and holds 20 of 140 people; the fifth, 28, ends in B, with 8 of its 70
    assert table["worst_fifth_share"].tolist() == pytest.approx([8 / 70, 1, 1])
    assert (table["gini_after"] < table["gini_before"]).all()


def test_gini_by_hand() -> None:
    # two people, one has everything: half of the distance there is
    assert gini(np.array([0.0, 1.0]), np.array([1.0, 1.0])) == pytest.approx(0.5)
    assert gini(np.array([0.5, 0.5, np.nan]), np.array([1.0, 3.0, 9.0])) == pytest.approx(0)
    assert np.isnan(gini(np.array([0.0]), np.array([5.0])))
    assert np.isnan(gini(np.array([1.0]), np.array([np.nan])))


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0.1, 100)), min_size=1, max_size=8).filter(
        lambda rows: sum(value for value, _ in rows) > 1e-3
    )
)
def test_gini_is_the_mean_difference_of_all_pairs(rows: list[tuple[float, float]]) -> None:
    value, people = (np.array(column) for column in zip(*rows, strict=True))
    pairs = np.abs(value[:, None] - value) * people[:, None] * people
    wanted = pairs.sum() / (2 * people.sum() * (people * value).sum())
    assert gini(value, people) == pytest.approx(wanted, abs=1e-9)


def test_without_scores_or_gain_the_worst_fifth_is_not_known() -> None:
    assert np.isnan(worst_fifth_share(TODAY, np.zeros(3)))
    assert np.isnan(worst_fifth_share(make_today(grid=None), np.ones(3)))


@pytest.mark.parametrize(
    ("scenarios", "match"),
    [
        ([Scenario("a", ())], "scenario a: holds no proposal"),
        ([Scenario("a", (offer(6, 8),)), Scenario("a", (offer(8, 9),))], "scenario a stands more than once"),
    ],
)
def test_bad_scenarios_are_named(scenarios: list[Scenario], match: str) -> None:
    with pytest.raises(InputError, match=match):
        compare(*scenarios)
