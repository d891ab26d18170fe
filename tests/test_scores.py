"""Intervals of score and rank and the sensitivity table: cases by hand, outside formulas, and what must always hold."""

import time
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta, rankdata

from geo.gaps import judge_goals, judge_units
from geo.rules import Rules, load_rules
from geo.score_draws import Source, draw_scores, draw_worlds, rank_scores, redraw_scores
from geo.score_figures import figures_of
from geo.scores import INTERVAL_SOURCES, draw_standing, intervals_after, score_intervals
from geo.sensitivity import VARIED, worst_shares

RULES = replace(Rules(), draws=200)
ONLY_MOBILE = {"goals": {name: {"weight": 0} for name in ("4g", "5g", "fixed", "choice")}}
ENDS = ["gap_score_low", "gap_score_high", "rank_low", "rank_high"]


def _communes(*rows: dict[str, Any]) -> pd.DataFrame:
    best = {
        "4g_covered_people_share": 1.0, "4g_operators": 3.0, "5g_covered_people_share": 0.95,
        "mobile_download_mbps": 90.0, "mobile_devices": 50.0, "fixed_download_mbps": 120.0, "fixed_devices": 50.0,
    }  # fmt: skip
    return pd.DataFrame([{"unit_code": f"{place:02}", **best, **row} for place, row in enumerate(rows)])


def _judge(communes: pd.DataFrame, rules: Rules = RULES) -> pd.DataFrame:
    goals = judge_goals(communes, rules)
    units = judge_units(goals)
    return units.merge(score_intervals(goals, units, rules), on="unit_code").set_index("unit_code")


def _mobile(value: float, low: float, high: float) -> dict[str, float]:
    return {"mobile_download_mbps": value, "mobile_download_low": low, "mobile_download_high": high}


def test_the_ends_of_one_speed_are_the_ends_of_the_score() -> None:
    rules = load_rules({**ONLY_MOBILE, "draws": 20_000})
    units = _judge(_communes(_mobile(20, 10, 30), _mobile(30, 25, 50), _mobile(3, 2, 4)), rules)
    # deficit = (40 − x) / 35; with one dimension the geometric mean moves the middle, not the ends beyond …
    figures = figures_of(judge_goals(_communes(_mobile(20, 10, 30), _mobile(30, 25, 50)), rules))
    scores = draw_scores(figures, rules, {Source.MEASUREMENT}, apart=False)
    low, middle, high = np.quantile(scores, [0.05, 0.5, 0.95], axis=1)
    assert low == pytest.approx([100 * 10 / 35, 0.0], abs=0.6)
    assert middle == pytest.approx([100 * 20 / 35, 100 * 10 / 35], abs=0.6)
    assert high == pytest.approx([100 * 30 / 35, 100 * 15 / 35], abs=0.6)
    assert units[["gap_score", *ENDS[:2]]].iloc[2].tolist() == [100, 100, 100]


def test_without_errors_and_with_given_weights_the_ends_are_both_ways_of_aggregating() -> None:
    rules = load_rules({"weight_concentration": 1e9, "geometric_floor": 0.1})
    row = _judge(_communes({"4g_covered_people_share": 0.899, "4g_operators": 0.0}), rules).iloc[0]
    # deficits 0.5 of weight 0.30 and 1 of weight 0.15: 0.15 + 0.15, and 1 − 0.55^0.3 · 0.1^0.15 over 0.9
    assert row["gap_score"] == pytest.approx(30.0)
    assert row["gap_score_low"] == pytest.approx(30.0, abs=0.1)
    assert row["gap_score_high"] == pytest.approx(100 * (1 - 0.55**0.30 * 0.1**0.15) / 0.9, abs=0.1)


def test_weights_are_drawn_as_the_dirichlet_says() -> None:
    rules = replace(Rules(), draws=20_000)
    figures = figures_of(judge_goals(_communes({}), rules))
    weights = draw_worlds(figures, rules, {Source.WEIGHTS}).weights
    assert weights.sum(axis=1) == pytest.approx(np.ones(20_000))
    assert weights.mean(axis=0) == pytest.approx(figures.weight, abs=0.003)
    share = figures.weight[figures.names.index("4g")]
    # the marginal of a Dirichlet is a beta
    wanted = beta(50 * share, 50 * (1 - share)).ppf([0.05, 0.95])
    found = np.quantile(weights[:, figures.names.index("4g")], [0.05, 0.95])
    assert found == pytest.approx(wanted, abs=0.005)


def test_what_is_not_known_may_be_anything_and_widens_the_interval() -> None:
    units = _judge(_communes({}, {"mobile_download_mbps": None}, dict.fromkeys(_communes({}).columns[1:])))
    known, unseen, blank = (units.loc[code] for code in ("00", "01", "02"))
    assert (known["gap_score_low"], known["gap_score_high"]) == (0, 0)
    assert unseen["gap_score"] == 0
    assert unseen["gap_score_low"] == 0
    assert 20 < unseen["gap_score_high"] < 70
    assert blank[["gap_score", *ENDS]].isna().all()


def test_a_share_that_area_bounds_is_drawn_between_its_ends() -> None:
    rules = load_rules({"goals": {name: {"weight": 0} for name in ("5g", "mobile", "fixed", "choice")}})
    area = {"4g_covered_people_share": None, "4g_covered_area_share": 0.6}
    figures = figures_of(judge_goals(_communes(area, {"4g_covered_people_share": 0.9}), rules))
    scores = draw_scores(figures, rules, {Source.MEASUREMENT}, apart=True)
    # nothing but bounds: a unit without an estimate has no score, however wide the bounds
    assert np.isnan(scores[0]).all()
    assert scores[1] == pytest.approx(100 * (0.998 - 0.9) / 0.198)


def test_lower_can_be_better() -> None:
    rules = load_rules({"indicators": {"loi": {"goal": 10, "worst": 60, "weight": 0.5, "unit": "%"}}})
    communes = _communes({}, {}, {}).assign(**{"indicator:loi": [5.0, 35.0, 90.0]})
    goals = judge_goals(communes, rules).set_index(["dimension", "unit_code"]).xs("loi")
    assert goals["outcome"].tolist() == ["pass", "fail", "fail"]
    assert goals["deficit"].tolist() == [0, 0.5, 1]
    assert _judge(communes, rules)["rank"].tolist() == [3, 2, 1]


@pytest.mark.parametrize("seed", range(5))
def test_ranks_are_those_of_scipy(seed: int) -> None:
    scores = np.random.default_rng(seed).integers(0, 6, (30, 7)).astype(float)
    assert (rank_scores(scores) == rankdata(-scores, method="min", axis=0)).all()


def test_ranks_of_units_without_a_score_are_null_and_do_not_count() -> None:
    scores = np.array([[5.0, 1.0], [np.nan, np.nan], [7.0, 0.0]])
    assert np.array_equal(rank_scores(scores), np.array([[2, 1], [np.nan, np.nan], [1, 2]]), equal_nan=True)


def test_errors_of_two_units_are_apart_so_that_ranks_may_change_places() -> None:
    units = _judge(_communes(_mobile(20, 12, 33), _mobile(22, 13, 36)))
    assert units["rank"].tolist() == [1, 2]
    assert units["rank_low"].tolist() == [1, 1]
    assert units["rank_high"].tolist() == [2, 2]
    sure = _judge(_communes(_mobile(10, 9, 11), _mobile(35, 34, 36)))
    assert sure["rank_low"].tolist() == sure["rank_high"].tolist() == [1, 2]


def test_the_same_seed_gives_the_same_and_another_another() -> None:
    communes = _communes(_mobile(20, 12, 33), _mobile(22, 13, 36), {"fixed_download_mbps": None})
    first = _judge(communes)
    pd.testing.assert_frame_equal(first, _judge(communes))
    other = _judge(communes, replace(RULES, seed=1))
    assert not first["gap_score_high"].equals(other["gap_score_high"])
    pd.testing.assert_series_equal(first["gap_score"], other["gap_score"])


def test_a_dimension_more_leaves_the_draws_of_the_others() -> None:
    communes = _communes(_mobile(20, 12, 33)).assign(**{"indicator:loi": 5.0})
    own = load_rules({"indicators": {"loi": {"goal": 10, "worst": 60, "weight": 1}}, "draws": 200})
    drawn = []
    for rules in (RULES, own):
        figures = figures_of(judge_goals(communes, rules))
        drawn.append(
            draw_scores(figures, rules, {Source.MEASUREMENT}, apart=False)
            * sum(g.weight for g in rules.goals)
        )
    assert drawn[0] == pytest.approx(drawn[1], abs=1e-6)


def test_one_single_unit_and_all_units_without_tests() -> None:
    alone = _judge(_communes({"4g_operators": 0.0}))
    assert alone[["rank", "rank_low", "rank_high"]].iloc[0].tolist() == [1, 1, 1]
    silent = _communes(*[{"mobile_download_mbps": None, "fixed_download_mbps": None}] * 3)
    units = _judge(silent)
    assert units["verdict"].tolist() == ["unknown"] * 3
    assert units["gap_score"].tolist() == [0, 0, 0]
    # alike in everything, so alike in doubt
    assert len(units[ENDS].drop_duplicates()) == 1


SHARE = st.none() | st.floats(0, 1)
SPEED = st.none() | st.tuples(st.floats(1, 300), st.floats(1, 4), st.floats(1, 4))
ROWS = st.fixed_dictionaries(
    {"4g": SHARE, "area": SHARE, "5g": SHARE, "operators": st.none() | st.integers(0, 4), "mobile": SPEED, "fixed": SPEED}
)  # fmt: skip


def _row(drawn: dict[str, Any]) -> dict[str, Any]:
    row = {
        "4g_covered_people_share": drawn["4g"], "4g_covered_area_share": drawn["area"],
        "5g_covered_people_share": drawn["5g"], "4g_operators": drawn["operators"],
    }  # fmt: skip
    for network in ("mobile", "fixed"):
        value, down, up = drawn[network] or (None, 1, 1)
        ends = (None, None) if value is None else (value / down, value * up)
        row |= {
            f"{network}_download_mbps": value,
            f"{network}_download_low": ends[0],
            f"{network}_download_high": ends[1],
        }
    return row


@settings(max_examples=30, deadline=None)
@given(rows=st.lists(ROWS, min_size=1, max_size=6))
def test_intervals_hold_the_estimate_and_keep_to_their_bounds(rows: list[dict[str, Any]]) -> None:
    units = _judge(_communes(*map(_row, rows)))
    scored = units[units["gap_score"].notna()]
    assert (scored["gap_score_low"] <= scored["gap_score"]).all()
    assert (scored["gap_score"] <= scored["gap_score_high"]).all()
    ends = scored[ENDS[:2]].to_numpy(dtype=float)
    assert ((ends >= 0) & (ends <= 100)).all()
    assert (scored["rank_low"] <= scored["rank"]).all()
    assert (scored["rank"] <= scored["rank_high"]).all()
    assert scored["rank_low"].ge(1).all()
    assert scored["rank_high"].le(len(scored)).all()
    assert units[units["gap_score"].isna()][ENDS].isna().all(axis=None)


@settings(max_examples=20, deadline=None)
@given(rows=st.lists(ROWS, min_size=2, max_size=6), data=st.data())
def test_the_order_of_rows_is_irrelevant(rows: list[dict[str, Any]], data: st.DataObject) -> None:
    communes = _communes(*map(_row, rows))
    order = data.draw(st.permutations(range(len(rows))))
    pd.testing.assert_frame_equal(_judge(communes), _judge(communes.iloc[order].reset_index(drop=True)))


@settings(max_examples=20, deadline=None)
@given(rows=st.lists(ROWS, min_size=2, max_size=6), data=st.data())
def test_units_that_change_places_change_their_results(
    rows: list[dict[str, Any]], data: st.DataObject
) -> None:
    communes = _communes(*map(_row, rows))
    codes = data.draw(st.permutations(communes["unit_code"].tolist()))
    moved = _judge(communes.assign(unit_code=codes))
    found = _judge(communes)
    assert moved.loc[codes, ENDS].reset_index(drop=True).equals(found[ENDS].reset_index(drop=True))


@settings(max_examples=30, deadline=None)
@given(row=ROWS, more=st.floats(0, 1), column=st.sampled_from(["4g", "5g", "operators"]))
def test_more_coverage_never_raises_the_score_or_its_ends(
    row: dict[str, Any], more: float, column: str
) -> None:
    most = 4 if column == "operators" else 1
    row = {**row, column: row[column] or 0}
    better = {**row, column: row[column] + more * (most - row[column])}
    units = _judge(_communes(_row(row), _row(better)))
    for name in ("gap_score", "gap_score_low", "gap_score_high"):
        assert units[name].iloc[1] <= units[name].iloc[0]


@settings(max_examples=30, deadline=None)
@given(row=ROWS, factor=st.floats(1, 5), network=st.sampled_from(["mobile", "fixed"]))
def test_a_faster_network_never_raises_the_score_or_its_ends(
    row: dict[str, Any], factor: float, network: str
) -> None:
    value, down, up = row[network] or (10.0, 1.5, 1.5)
    units = _judge(
        _communes(
            _row({**row, network: (value, down, up)}), _row({**row, network: (value * factor, down, up)})
        )
    )
    for name in ("gap_score", "gap_score_low", "gap_score_high"):
        assert units[name].iloc[1] <= units[name].iloc[0] + 1e-9


def test_people_elsewhere_change_nothing() -> None:
    communes = _communes(_mobile(20, 12, 33), {"4g_operators": 1.0}).assign(people=[1000.0, 50.0])
    pd.testing.assert_frame_equal(_judge(communes), _judge(communes.assign(people=[1e6, 3.0])))


def _national(count: int = 3321) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    mobile, fixed = rng.lognormal(3.6, 0.6, count), rng.lognormal(4.4, 0.5, count)
    return pd.DataFrame(
        {
            "unit_code": [f"{place:05}" for place in range(count)],
            "4g_covered_people_share": rng.uniform(0.8, 1, count),
            "5g_covered_people_share": np.where(rng.random(count) < 0.2, np.nan, rng.random(count)),
            "4g_operators": rng.integers(0, 4, count).astype(float),
            "mobile_download_mbps": mobile, "mobile_download_low": mobile / 1.4, "mobile_download_high": mobile * 1.4,
            "fixed_download_mbps": fixed, "fixed_download_low": fixed / 1.3, "fixed_download_high": fixed * 1.3,
        }
    )  # fmt: skip


def test_the_country_takes_five_seconds_at_most() -> None:
    goals = judge_goals(_national(), Rules())
    units = judge_units(goals)
    began = time.process_time()
    found = score_intervals(goals, units, Rules())
    assert time.process_time() - began <= 5.0
    assert found[ENDS].notna().all(axis=None)


def test_sensitivity_by_hand() -> None:
    # eleven units at the worst goalpost, one of them a little better, and one that may be anything
    rows: list[dict[str, Any]] = [{"4g_covered_people_share": 0.5, "4g_operators": 0.0}] * 9
    rows += [{"4g_covered_people_share": 0.9}, {"4g_operators": 1.0}, {"mobile_download_mbps": None}, {}]
    goals = judge_goals(_communes(*rows), RULES)
    units = judge_units(goals)
    table = worst_shares(goals, units, RULES)
    assert table["is_worst"].tolist() == [True] * 10 + [False] * 3
    assert (table.iloc[:9][list(VARIED)] == 1).all(axis=None)
    weights, measurement = table["weights_share"].tolist(), table["measurement_share"].tolist()
    # 0.30 · 0.495 against 0.15 · 0.5: more weight for choice, or a doubtful speed, puts others among the worst
    assert weights[9] < 1
    assert weights[10] == pytest.approx(1 - weights[9])
    assert 0.4 < measurement[11] < 0.9
    assert measurement[9] == pytest.approx(1 - measurement[11])
    assert (table.iloc[[12]][list(VARIED)] == 0).all(axis=None)
    assert (table[list(VARIED)].to_numpy(dtype=float).sum(axis=0) >= 10 - 1e-9).all()


def test_sensitivity_of_units_without_a_score_is_null() -> None:
    communes = _communes({}, dict.fromkeys(_communes({}).columns[1:]))
    goals = judge_goals(communes, RULES)
    table = worst_shares(goals, judge_units(goals), RULES)
    assert table.loc[1, ["rank", "is_worst", *VARIED]].isna().all()
    assert table["unit_code"].tolist() == ["00", "01"]


def _moved(
    communes: pd.DataFrame, places: list[int], change: int = 0, covered: float | None = None
) -> pd.DataFrame:
    """These rows, each a unit of its own, with another share of people on 4G if one is given."""
    rows = communes.iloc[places].assign(was=communes["unit_code"].iloc[places], change=change)
    rows = rows if covered is None else rows.assign(**{"4g_covered_people_share": covered})
    return rows.assign(unit_code=[f"{change}-{place:02}" for place in places])


def _after(communes: pd.DataFrame, *changes: pd.DataFrame) -> pd.DataFrame:
    goals, rows = judge_goals(communes, RULES), pd.concat(changes, ignore_index=True)
    standing = draw_standing(goals, judge_units(goals), RULES)
    changed = judge_goals(rows, RULES)
    scores = judge_units(changed)[["unit_code", "gap_score"]]
    return intervals_after(
        standing, changed, rows[["unit_code", "was", "change"]].merge(scores, on="unit_code"), RULES
    ).set_index("unit_code")


NINE = _communes(*({**_mobile(8.0 + 3 * n, 6.0 + 3 * n, 12.0 + 3 * n), "4g_covered_people_share": 0.82 + 0.01 * n}
                   for n in (8, 2, 5, 0, 7, 1, 6, 3, 4)))  # fmt: skip


def test_figures_that_did_not_change_keep_their_intervals() -> None:
    before = _judge(NINE)[ENDS].astype(float)
    same = _after(NINE, _moved(NINE, [0, 3, 4]), _moved(NINE, [3], 1))[ENDS].astype(float)
    for row, place in (("0-00", 0), ("0-03", 3), ("0-04", 4), ("1-03", 3)):
        assert list(same.loc[row]) == list(before.iloc[place])


def test_the_score_after_has_the_interval_that_a_build_would_give() -> None:
    better = NINE.copy()
    better.loc[[1, 3], "4g_covered_people_share"] = 0.99
    after = _after(NINE, _moved(NINE, [1, 3], covered=0.99))
    built = _judge(better)
    for row, place in (("0-01", 1), ("0-03", 3)):
        assert list(after.loc[row, ENDS[:2]]) == list(built.iloc[place][ENDS[:2]])
        # the build draws ranks with other luck; ends of whole numbers are at most a rank apart
        for name in ENDS[2:]:
            assert abs(after.loc[row, name] - built.iloc[place][name]) <= 1


def test_ranks_after_are_those_of_all_units_in_the_same_draws() -> None:
    goals = judge_goals(NINE, RULES)
    figures = figures_of(goals)
    moved = _moved(NINE, [1, 3], covered=0.99)
    changed = figures_of(judge_goals(moved, RULES))
    everyone = draw_scores(figures, RULES, INTERVAL_SOURCES, apart=True)
    everyone[[1, 3]] = redraw_scores(figures, changed, np.array([1, 3]), RULES, INTERVAL_SOURCES)
    ranks = rank_scores(everyone)[[1, 3]]
    found = _after(NINE, moved)
    assert found["rank_low"].tolist() == np.quantile(ranks, 0.05, axis=1, method="lower").tolist()
    assert found["rank_high"].tolist() == np.quantile(ranks, 0.95, axis=1, method="higher").tolist()


def test_a_unit_without_a_score_has_none_after_either() -> None:
    blind = _communes({}, dict.fromkeys(_communes({}).columns[1:]))
    assert _after(blind, _moved(blind, [1]))[ENDS].isna().all(axis=None)
