"""Scenarios side by side, and the two figures of equity by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.compare import COMPARE_COLUMNS, compare_scenarios, gini, worst_fifth_share
from geo.schema import Technology
from tests.rollout_scene import judge_by_share, make_ground, offer

GROUND = make_ground()


def test_scenarios_by_eye() -> None:
    scenarios = {
        "A": [offer(7, 9, key="a", cost=100.0)],
        "B": [offer(7, 9, key="a", cost=100.0), offer(8, 12, "Viettel", "b", cost=50.0)],
    }
    table = compare_scenarios(GROUND, scenarios, judge_by_share).set_index("scenario")
    assert tuple(table.reset_index().columns) == COMPARE_COLUMNS
    assert table["new_people"].tolist() == pytest.approx([25, 40], abs=1e-4)
    assert table["promised_twice"].tolist() == pytest.approx([0, 5], abs=1e-4)
    assert table["cost"].tolist() == [100, 150]
    assert table["cost_per_new_person"].tolist() == pytest.approx([4, 3.75])
    assert table["lifted_units"].tolist() == [1, 2]  # B alone; B and C
    # 140 people, the worst fifth is 28: all 20 of C (score 100), 8 of the 70 of B (score 29); A gains nothing
    assert table["worst_fifth_share"].tolist() == pytest.approx(
        [(5 + 20 * 8 / 70) / 25, (20 + 20 * 8 / 70) / 40], abs=1e-5
    )
    # before: nobody of 20, 50 of 70, 50 of 50 people are covered, 100 in all
    lorenz = (0 + (0 + 0.5) * 70 + (0.5 + 1) * 50) / 140
    assert table["gini_before"].tolist() == pytest.approx([1 - lorenz] * 2)
    assert table["gini_after"].iloc[1] == pytest.approx(0, abs=1e-6)
    assert table["gini_after"].iloc[0] < table["gini_before"].iloc[0]


def test_a_cost_that_one_proposal_does_not_state_is_not_known_for_all() -> None:
    members = [offer(7, 8, key="a", cost=100.0), offer(8, 9, key="b")]
    table = compare_scenarios(GROUND, {"A": members}, judge_by_share)
    assert table["cost"].isna().all()


def test_technologies_have_rows_of_their_own_and_what_is_not_known_is_null() -> None:
    members = [offer(7, 9, key="a"), offer(7, 9, key="b", technology=Technology.G5)]
    table = compare_scenarios(GROUND, {"A": members}, judge_by_share).set_index("technology")
    assert table["proposals"].tolist() == [1, 1]
    unknown = table.loc[["5G"]]
    names = ["new_people", "promised_twice", "lifted_units", "worst_fifth_share", "gini_before", "gini_after"]
    assert unknown[names].isna().all(axis=None)
    assert unknown["new_people_high"].iloc[0] == pytest.approx(25, abs=1e-4)


def test_without_a_grid_figures_are_of_area() -> None:
    table = compare_scenarios(make_ground(grid=None), {"A": [offer(7, 9)]}, judge_by_share)
    assert table["basis"].tolist() == ["area"]
    assert table["new_people"].isna().all()
    assert table["worst_fifth_share"].notna().all()


def test_the_gini_of_equal_shares_is_0_and_of_one_of_many_near_1() -> None:
    assert gini(np.array([0.5, 0.5]), np.array([10.0, 90.0])) == pytest.approx(0)
    assert gini(np.array([0.0] * 99 + [1.0]), np.ones(100)) == pytest.approx(0.99)
    assert gini(np.zeros(3), np.ones(3)) is None
    assert gini(np.array([np.nan]), np.ones(1)) is None


SHARES = st.lists(st.tuples(st.floats(0, 1), st.integers(1, 1000)), min_size=1, max_size=20)


@given(SHARES)
def test_the_gini_is_the_mean_difference_over_twice_the_mean(drawn: list[tuple[float, int]]) -> None:
    x, w = (np.array(column, dtype=float) for column in zip(*drawn, strict=True))
    found = gini(x, w)
    if w @ x <= 0:
        assert found is None
    else:
        pairs = (np.outer(w, w) * np.abs(x[:, None] - x[None, :])).sum()
        assert found == pytest.approx(pairs / (2 * w.sum() * (w @ x)), abs=1e-9)


def test_units_of_one_score_share_the_border_of_the_worst_fifth() -> None:
    scores, weight = np.array([50.0, 50.0, 10.0]), np.array([20.0, 20.0, 60.0])
    assert worst_fifth_share(scores, np.array([10.0, 0.0, 0.0]), weight) == pytest.approx(0.5)
    assert worst_fifth_share(scores[::-1], np.array([0.0, 0.0, 10.0]), weight[::-1]) == pytest.approx(0.5)
    assert worst_fifth_share(scores, np.zeros(3), weight) is None
    assert worst_fifth_share(np.full(3, np.nan), np.ones(3), weight) is None
