"""Maximal covering: hand-made rows, every choice tried as oracle, and the published instances beside the project."""

from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from geo.cover import CoverProblem, covered_weight, is_covered, make_problem, reduce_problem, step_of
from geo.cover_bound import OPEN, SHUT, Relaxation, all_free
from geo.cover_exact import Status, greedy_cover, solve_cover
from geo.cover_search import greedy_sites, improve, order_by_gain
from geo.errors import InputError

# five villages in a row; a site reaches its own place and both neighbours
ROW = np.abs(np.subtract.outer(np.arange(5), np.arange(5))) <= 1
PEOPLE = [10.0, 1.0, 1.0, 1.0, 8.0]

SJC = {
    ("SJC324.txt", 800): [5461, 8790, 11604, 12106, 12152],
    ("SJC324.txt", 1200): [9932, 11555, 12152],
    ("SJC402.txt", 800): [6555, 11339, 14690, 15658, 15970, 15984],
}
SAN_FRANCISCO = [448255, 671938, 791499, 875247, 927402, 941462, 950428, 955113]


def brute(problem: CoverProblem) -> float:
    """The best of all choices, each tried."""
    best = 0.0
    for size in range(min(problem.sites, problem.candidates) + 1):
        for chosen in combinations(range(problem.candidates), size):
            if problem.cost[list(chosen)].sum() <= problem.budget:
                best = max(best, covered_weight(problem, np.array(chosen, dtype=np.int64)))
    return best


@st.composite
def problems(draw: st.DrawFn, *, money: bool = False) -> CoverProblem:
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    candidates, demand = draw(st.integers(1, 9)), draw(st.integers(1, 25))
    covers = random.random((candidates, demand)) < draw(st.floats(0.05, 0.6))
    weight = random.integers(0, 20, demand) * draw(st.sampled_from([1.0, 0.5, 0.3]))
    if not money:
        return make_problem(weight, covers, sites=draw(st.integers(0, 4)))
    cost = random.integers(0, 6, candidates).astype(float)
    return make_problem(
        weight, covers, cost=cost, budget=draw(st.integers(0, 12)), sites=draw(st.none() | st.integers(0, 5))
    )


def test_one_site_of_a_row_goes_where_it_reaches_most() -> None:
    solution = solve_cover(make_problem(PEOPLE, ROW, sites=1))
    # at 1 it reaches 10 + 1 + 1
    assert (solution.chosen.tolist(), solution.objective, solution.proven) == ([1], 12.0, True)


def test_two_sites_of_a_row_reach_everybody_and_say_what_each_adds() -> None:
    solution = solve_cover(make_problem(PEOPLE, ROW, sites=2))
    assert solution.chosen.tolist() == [1, 3]
    assert solution.gains.tolist() == [12.0, 9.0]
    assert solution.objective == solution.bound == 21.0
    assert (solution.gap, solution.status) == (0.0, Status.OPTIMAL)


def test_greedy_falls_short_where_the_best_first_site_is_in_the_way() -> None:
    # the middle reaches 3 + 3, and then either side adds 2 only; both sides together reach 5 + 5
    covers = [[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]]
    problem = make_problem([2.0, 3.0, 3.0, 2.0], covers, sites=2)
    assert greedy_cover(problem).objective == 8.0
    solution = solve_cover(problem)
    assert (solution.objective, solution.greedy_objective) == (10.0, 8.0)
    assert sorted(solution.chosen.tolist()) == [0, 2]


def test_a_site_that_adds_nobody_is_not_built() -> None:
    solution = solve_cover(make_problem([5.0, 0.0], [[1, 0], [1, 1], [0, 1]], sites=3))
    assert (len(solution.chosen), solution.objective) == (1, 5.0)


def test_of_equal_candidates_the_first_is_chosen_every_time() -> None:
    problem = make_problem([4.0, 4.0], [[1, 0], [0, 1], [1, 0], [0, 1]], sites=1)
    assert [solve_cover(problem).chosen.tolist() for _ in range(3)] == [[0]] * 3


def test_a_budget_buys_two_cheap_sites_rather_than_a_dear_one() -> None:
    problem = make_problem([6.0, 5.0, 5.0], np.eye(3), cost=[10.0, 4.0, 4.0], budget=10.0)
    solution = solve_cover(problem)
    assert (sorted(solution.chosen.tolist()), solution.objective, solution.proven) == ([1, 2], 10.0, True)


def test_a_budget_that_the_costs_meet_but_for_rounding_is_enough() -> None:
    problem = make_problem([1.0, 1.0, 1.0], np.eye(3), cost=[0.1, 0.1, 0.1], budget=0.3)
    assert solve_cover(problem).objective == 3.0


def test_what_fixed_sites_cover_is_nobodys_gain() -> None:
    solution = solve_cover(make_problem(PEOPLE, ROW, sites=1, fixed=[0]))
    assert (solution.chosen.tolist(), solution.objective) == (
        [3],
        10.0,
    )  # 1 + 1 + 8: the first two are covered


def test_nothing_to_choose_from_covers_nobody() -> None:
    for problem in (
        make_problem([], np.zeros((0, 0)), sites=3),
        make_problem([3.0], np.zeros((2, 1)), sites=3),
        make_problem(PEOPLE, ROW, sites=0),
        make_problem(PEOPLE, ROW, budget=0.0),
    ):
        solution = solve_cover(problem)
        assert (solution.chosen.tolist(), solution.objective, solution.bound, solution.proven) == (
            [],
            0.0,
            0.0,
            True,
        )


def test_demand_with_the_same_candidates_is_one_and_a_bettered_candidate_goes() -> None:
    covers = [[1, 1, 0, 0], [1, 1, 1, 0], [0, 0, 0, 1]]
    reduced = reduce_problem(make_problem([1.0, 2.0, 3.0, 4.0], covers, sites=2))
    assert reduced.kept.tolist() == [1, 2]
    assert sorted(reduced.problem.weight.tolist()) == [4.0, 6.0]


def test_a_bettered_candidate_stays_when_it_is_cheaper() -> None:
    problem = make_problem([1.0, 1.0], [[1, 0], [1, 1]], cost=[1.0, 2.0], budget=2.0)
    assert reduce_problem(problem).kept.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("weight", "step"), [([2, 3], 1.0), ([2.5, 3], 0.5), ([0.25], 0.25), ([0.1], 0.0), ([], 1.0)]
)
def test_step_of_weights(weight: list[float], step: float) -> None:
    assert step_of(np.array(weight, dtype=float)) == step


@settings(max_examples=150, deadline=None)
@given(problem=problems())
def test_the_optimum_is_that_of_all_choices_tried(problem: CoverProblem) -> None:
    solution = solve_cover(problem)
    assert solution.proven
    assert solution.objective == pytest.approx(brute(problem), abs=1e-9)
    assert len(solution.chosen) <= problem.sites
    assert solution.gains.sum() == pytest.approx(solution.objective, abs=1e-9)
    assert (np.diff(solution.gains) <= 1e-9).all()


@settings(max_examples=150, deadline=None)
@given(problem=problems(money=True))
def test_the_optimum_within_a_budget_is_that_of_all_choices_tried(problem: CoverProblem) -> None:
    solution = solve_cover(problem)
    assert solution.proven
    assert solution.objective == pytest.approx(brute(problem), abs=1e-9)
    assert problem.cost[solution.chosen].sum() <= problem.budget


@settings(max_examples=60, deadline=None)
@given(problem=problems(), data=st.data())
def test_the_relaxation_bounds_every_choice_of_every_state(
    problem: CoverProblem, data: st.DataObject
) -> None:
    state = np.array(
        data.draw(
            st.lists(st.sampled_from([-1, 0, 1]), min_size=problem.candidates, max_size=problem.candidates)
        ),
        dtype=np.int8,
    )
    bound = Relaxation(problem).solve(state).value
    for size in range(problem.sites + 1):
        for chosen in combinations(range(problem.candidates), size):
            inside = np.isin(np.arange(problem.candidates), chosen)
            if inside[state == OPEN].all() and not inside[state == SHUT].any():
                assert bound >= covered_weight(problem, np.array(chosen, dtype=np.int64)) - 1e-6


@settings(max_examples=60, deadline=None)
@given(problem=problems())
def test_another_site_never_lowers_coverage_and_adds_ever_less(problem: CoverProblem) -> None:
    more = CoverProblem(problem.weight, problem.covers, problem.cost, problem.sites + 1, problem.budget)
    assert solve_cover(more).objective >= solve_cover(problem).objective - 1e-9


@settings(max_examples=60, deadline=None)
@given(problem=problems())
def test_lazy_greedy_chooses_what_plain_greedy_does(problem: CoverProblem) -> None:
    left, plain = problem.weight.copy(), []
    for _ in range(problem.sites):
        gains = problem.covers @ left
        if gains.max(initial=0.0) <= 1e-9:
            break
        plain.append(int(gains.argmax()))
        left[is_covered(problem, plain)] = 0.0
    assert covered_weight(problem, greedy_sites(problem)) == pytest.approx(covered_weight(problem, plain))


def random_problem(seed: int, *, candidates: int = 120, demand: int = 1500, sites: int = 12) -> CoverProblem:
    random = np.random.default_rng(seed)
    places, people = random.random((candidates, 2)), random.random((demand, 2))
    return make_problem(random.random(demand), cdist(places, people) < 0.13, sites=sites)


@pytest.mark.parametrize("seed", range(4))
def test_the_optimum_is_that_of_highs_own_integer_solver(seed: int) -> None:
    problem = random_problem(seed)
    solution = solve_cover(problem)
    assert solution.proven
    assert solution.objective == pytest.approx(by_milp(problem), rel=1e-7)
    assert solution.greedy_objective <= solution.objective


def by_milp(problem: CoverProblem) -> float:
    """The same problem as textbooks write it, solved by SciPy's `milp`."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    count, demand = problem.covers.shape
    reach = sp.hstack([-problem.covers.T, sp.eye_array(demand)])
    limit = sp.csr_array(np.concatenate([np.ones(count), np.zeros(demand)])[None])
    found = milp(
        -np.concatenate([np.zeros(count), problem.weight]),
        integrality=np.concatenate([np.ones(count), np.zeros(demand)]),
        bounds=Bounds(0, 1),
        constraints=[LinearConstraint(reach, ub=0), LinearConstraint(limit, ub=problem.sites)],
        options={"mip_rel_gap": 0.0},
    )
    return float(-found.fun)


def test_out_of_time_it_says_so_and_the_bound_holds() -> None:
    problem = random_problem(7, sites=8)
    proven = solve_cover(problem)
    assert proven.proven
    cut = solve_cover(problem, time_limit_seconds=0.0)
    assert (cut.status, cut.proven) == (Status.TIME_LIMIT, False)
    assert cut.objective <= proven.objective <= cut.bound
    assert cut.gap == pytest.approx(1 - cut.objective / cut.bound)


def test_the_search_is_the_same_every_time() -> None:
    first, second = (solve_cover(random_problem(5)) for _ in range(2))
    assert first.chosen.tolist() == second.chosen.tolist()
    assert first.nodes == second.nodes


def test_exchange_never_lowers_what_is_covered() -> None:
    problem = random_problem(3)
    for start in ([], [0], list(range(12)), list(range(40, 52))):
        better = improve(problem, start)
        assert covered_weight(problem, better) >= covered_weight(problem, np.array(start, dtype=np.int64))
        assert len(better) == len(set(better)) == 12


def test_gains_in_order_sum_to_what_all_cover() -> None:
    problem = random_problem(3)
    order, gains = order_by_gain(problem, [5, 80, 3, 44])
    assert sorted(order.tolist()) == [3, 5, 44, 80]
    assert gains.sum() == pytest.approx(covered_weight(problem, order))


def test_deciding_more_never_raises_the_bound() -> None:
    problem = random_problem(2)
    relaxation, state = Relaxation(problem), all_free(problem)
    bound = relaxation.solve(state)
    for place in np.argsort(-bound.shares)[:6]:
        state = state.copy()
        state[place] = OPEN if place % 2 else SHUT
        further = relaxation.solve(state, bound.basis)
        assert further.value <= bound.value + 1e-6
        bound = further


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"weight": [1.0, 2.0]}, r"weight has shape \(2,\); wanted one number for each of 5 demand points"),
        ({"weight": [1.0, 2.0, np.nan, 1.0, 1.0]}, "weight of demand point 2 is nan"),
        ({"weight": [1.0, 2.0, -3.0, 1.0, 1.0]}, "weight of demand point 2 is -3.0"),
        ({"cost": [1.0, 1.0, 1.0, 1.0, -5.0], "budget": 3.0}, "cost of candidate 4 is -5.0"),
        ({"cost": [1.0], "budget": 3.0}, "cost has shape"),
        ({"sites": None}, "neither a number of sites nor a budget"),
        ({"sites": -1}, "number of sites is -1"),
        ({"sites": 2.5}, "number of sites is 2.5"),
        ({"budget": -1.0}, "budget is -1.0"),
        ({"budget": float("nan")}, "budget is nan"),
    ],
)
def test_what_cannot_be_solved_is_named(change: dict[str, object], match: str) -> None:
    arguments: dict[str, object] = {"weight": PEOPLE, "sites": 2, **change}
    weight: npt.ArrayLike = arguments.pop("weight")  # type: ignore[assignment]
    with pytest.raises(InputError, match=match):
        make_problem(weight, ROW, **arguments)  # type: ignore[arg-type]


@pytest.mark.real
@pytest.mark.parametrize(("name", "radius_m"), list(SJC))
def test_the_optima_of_the_sao_jose_instances(real: Path, name: str, radius_m: int) -> None:
    points = np.loadtxt(real / "mclp" / name, skiprows=1, usecols=(0, 1, 2))
    covers = cdist(points[:, :2], points[:, :2]) <= radius_m
    found = [
        solve_cover(make_problem(points[:, 2], covers, sites=p))
        for p in range(1, len(SJC[name, radius_m]) + 1)
    ]
    assert [solution.objective for solution in found] == SJC[name, radius_m]
    assert all(solution.proven for solution in found)


@pytest.mark.real
def test_greedy_falls_short_at_sao_jose(real: Path) -> None:
    points = np.loadtxt(real / "mclp" / "SJC324.txt", skiprows=1, usecols=(0, 1, 2))
    problem = make_problem(points[:, 2], cdist(points[:, :2], points[:, :2]) <= 800, sites=3)
    solution = solve_cover(problem)
    assert (greedy_cover(problem).objective, solution.greedy_objective, solution.objective) == (
        10665,
        10665,
        11604,
    )


@pytest.mark.real
def test_the_optima_of_san_francisco(real: Path) -> None:
    rows = pd.read_csv(real / "mclp" / "SF_network_distance_candidateStore_16_censusTract_205_new.csv")
    distance = rows.pivot_table(index="name", columns="DestinationName", values="distance")
    people = rows.groupby("DestinationName")["demand"].first().reindex(distance.columns)
    covers = distance.to_numpy() <= 5000
    found = [solve_cover(make_problem(people, covers, sites=p)) for p in range(1, len(SAN_FRANCISCO) + 1)]
    assert [solution.objective for solution in found] == SAN_FRANCISCO
    assert all(solution.proven for solution in found)
