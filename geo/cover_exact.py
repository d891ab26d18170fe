"""The choice of sites that covers most, proven, or the best found in time with a bound on every other.

1. reduce: demand with the same candidates is one, a candidate that another betters goes (`geo.cover`);
2. greedy, exchange, a dive through the relaxation and restarts give a first choice (`geo.cover_search`);
3. candidates that no better choice can hold are shut by their reduced costs, often nine in ten (`geo.cover_bound`);
4. branch and bound over the rest (`geo.cover_tree`), begun anew when a better choice shuts many more.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from geo.arrays import FloatArray, IntArray
from geo.cover import CoverProblem, Reduced, covered_weight, reduce_problem, step_of
from geo.cover_bound import SHUT, Bound, Relaxation, all_free, decide
from geo.cover_search import greedy_sites, improve, order_by_gain, search_near
from geo.cover_tree import Search, dive, grow_tree
from geo.deadline import Deadline, never

TIME_LIMIT_SECONDS: Final = 60.0
_ROUNDS: Final = 40


class Status(StrEnum):
    """How a search ended: the optimum is proven, time ran out, or it was not asked for."""

    OPTIMAL = "optimal"
    TIME_LIMIT = "time_limit"
    GREEDY = "greedy"


@dataclass(frozen=True, eq=False)
class CoverSolution:
    """`chosen` candidates, the one that adds most first, and `gains`, the weight that each adds to those before it.

    `objective`: weight covered by all; `bound`: no choice covers more; `gap` = (bound − objective) / bound, 0 when proven.
    `greedy_objective`: what the greedy choice alone covers. `nodes` of the search; `seconds` by the clock.
    """

    chosen: IntArray
    gains: FloatArray
    objective: float
    bound: float
    gap: float
    status: Status
    greedy_objective: float
    nodes: int
    seconds: float

    @property
    def proven(self) -> bool:
        """Whether no choice covers more."""
        return self.bound <= self.objective


def solve_cover(
    problem: CoverProblem,
    *,
    time_limit_seconds: float = TIME_LIMIT_SECONDS,
    given_up: Callable[[], bool] = never,
) -> CoverSolution:
    """The choice that covers most weight, proven, or the best found within the time limit with its bound.

    The same problem gives the same choice, unless the limit cuts the search off. `given_up` is asked all the time, from
    two threads; raises `GivenUpError` soon after it says so.
    """
    start = time.monotonic()
    deadline = Deadline(start + time_limit_seconds, given_up)
    reduced, search = _start(problem, deadline)
    greedy = search.weight
    if not search.done:
        _prove(search)
    deadline.require_wanted()
    status = Status.OPTIMAL if search.done else Status.TIME_LIMIT
    return _solution(problem, reduced, search, status, greedy, time.monotonic() - start)


def greedy_cover(problem: CoverProblem) -> CoverSolution:
    """The greedy choice, with a bound that takes no solver: all reachable weight, or the largest reaches together."""
    start = time.monotonic()
    reduced, search = _start(problem, Deadline(start))
    status = Status.OPTIMAL if search.done else Status.GREEDY
    return _solution(problem, reduced, search, status, search.weight, time.monotonic() - start)


def _start(problem: CoverProblem, deadline: Deadline) -> tuple[Reduced, Search]:
    """The reduced problem and the greedy choice: by gain, or by gain per cost where a budget limits and that covers more."""
    reduced = reduce_problem(problem)
    small = reduced.problem
    choices = [greedy_sites(small)]
    if np.isfinite(small.budget):
        choices.append(greedy_sites(small, per_cost=True))
    weight, chosen = max(
        ((covered_weight(small, chosen), chosen) for chosen in choices), key=lambda pair: pair[0]
    )
    reach = np.sort(small.covers @ small.weight)[::-1]
    bound = float(min(small.weight.sum(), reach[: small.sites].sum()))
    return reduced, Search(small, chosen, weight, deadline, step_of(problem.weight), bound)


def _solution(
    problem: CoverProblem, reduced: Reduced, search: Search, status: Status, greedy: float, seconds: float
) -> CoverSolution:
    order, gains = order_by_gain(problem, reduced.kept[np.array(search.chosen, dtype=np.int64)])
    objective = covered_weight(problem, order)
    bound = objective if search.done else max(search.bound, objective)
    gap = (bound - objective) / bound if bound > 0 else 0.0
    return CoverSolution(order, gains, objective, bound, gap, status, greedy, search.nodes, seconds)


def _prove(search: Search) -> None:
    """Steps 2 to 4."""
    problem, free = search.problem, all_free(search.problem)
    search.offer(improve(problem, search.chosen, search.deadline))
    relaxation = Relaxation(problem)
    root = relaxation.solve(free, deadline=search.deadline)
    search.bound = min(search.bound, root.value)
    dive(search, relaxation, free, root)
    if not search.done:
        search.offer(search_near(problem, search.chosen, rounds=_ROUNDS, seed=0, deadline=search.deadline))
    while not search.done and not search.late:
        _search_left(search, root)


def _search_left(search: Search, root: Bound) -> None:
    """Branch and bound over the candidates that a better choice can hold."""
    left = np.flatnonzero(decide(all_free(search.problem), root, search.least) != SHUT)
    if not len(left):
        search.bound = search.weight
        return
    reduced = reduce_problem(search.problem, left)
    # the best choice so far may hold sites that are left out: only its weight counts here, a better one replaces it
    inner = Search(reduced.problem, [], search.weight, search.deadline, search.step, search.bound)
    grow_tree(inner)
    if inner.chosen:
        search.offer([int(place) for place in reduced.kept[inner.chosen]])
    search.nodes += inner.nodes
    search.bound = min(search.bound, max(inner.bound, search.weight))
