"""Good choices of sites, fast: lazy greedy, exchange of one site for another, and restarts near a good choice.

Greedy is within 1 − 1/e of the optimum (Nemhauser, Wolsey and Fisher 1978), exchange in practice within a per cent.
"""

import heapq
from collections.abc import Sequence
from typing import Final

import numpy as np

from geo.arrays import BoolArray, FloatArray, IntArray
from geo.cover import CoverProblem, covered_weight
from geo.deadline import NO_DEADLINE, Deadline

_LEAST_GAIN: Final = 1e-9
_SHAKE: Final = (2, 6)
_NOISE: Final = 0.3


def greedy_sites(problem: CoverProblem, *, per_cost: bool = False) -> list[int]:
    """Candidates in the order in which each adds most weight (per cost, if asked), while the limits allow.

    Lazy (Minoux 1978): a gain only shrinks as sites are added, so an old gain bounds it and few are computed anew.
    """
    covers, left = problem.covers, problem.weight.copy()
    scale = np.maximum(problem.cost, _LEAST_GAIN) if per_cost else np.ones(problem.candidates)
    queue = [(-gain, place) for place, gain in enumerate((covers @ left) / scale)]
    heapq.heapify(queue)
    chosen: list[int] = []
    money = problem.budget
    while queue and len(chosen) < problem.sites:
        _, place = heapq.heappop(queue)
        if problem.cost[place] > money:
            continue
        reach = covers.indices[covers.indptr[place] : covers.indptr[place + 1]]
        gain = float(left[reach].sum())
        if gain <= _LEAST_GAIN:
            continue
        # ties go to the first candidate, as they would without laziness
        if queue and (-gain / scale[place], place) > queue[0]:
            heapq.heappush(queue, (-gain / scale[place], place))
            continue
        chosen.append(place)
        money -= problem.cost[place]
        left[reach] = 0.0
    return chosen


def order_by_gain(problem: CoverProblem, chosen: Sequence[int] | IntArray) -> tuple[IntArray, FloatArray]:
    """The chosen sites, the one that adds most first, then of the others, and what each adds to those before it."""
    covers, left = problem.covers, problem.weight.copy()
    waiting = np.array(sorted(chosen), dtype=np.int64)
    order, gains = [], []
    while len(waiting):
        found = covers[waiting] @ left
        best = int(found.argmax())
        order.append(int(waiting[best]))
        gains.append(float(found[best]))
        left[covers[[waiting[best]]].indices] = 0.0
        waiting = np.delete(waiting, best)
    return np.array(order, dtype=np.int64), np.array(gains, dtype=float)


class Choice:
    """A set of chosen candidates that can be changed one by one, with the count of them over each demand point."""

    def __init__(self, problem: CoverProblem, chosen: Sequence[int] | IntArray) -> None:
        self.problem = problem
        self.chosen = [int(place) for place in chosen]
        self.count = np.zeros(len(problem.weight), dtype=np.int32)
        for place in self.chosen:
            self.count[self._reach(place)] += 1

    def _reach(self, place: int) -> IntArray:
        covers = self.problem.covers
        return np.asarray(covers.indices[covers.indptr[place] : covers.indptr[place + 1]])

    def remove(self, place: int) -> None:
        """Take a chosen candidate out."""
        self.chosen.remove(place)
        self.count[self._reach(place)] -= 1

    def add(self, place: int) -> None:
        """Take a candidate in."""
        self.chosen.append(place)
        self.count[self._reach(place)] += 1

    def gains(self) -> FloatArray:
        """Weight that each candidate would add; −1 where it is chosen or costs more than is left."""
        found: FloatArray = self.problem.covers @ np.where(self.count == 0, self.problem.weight, 0.0)
        found[self.chosen] = -1.0
        if np.isfinite(self.problem.budget):
            money = self.problem.budget - self.problem.cost[self.chosen].sum()
            found[self.problem.cost > money] = -1.0
        return found

    def fill(self, noise: FloatArray | float = 1.0) -> None:
        """Add the best candidate (gains times `noise`) until the limits or the demand are used up."""
        while len(self.chosen) < self.problem.sites:
            gains = self.gains()
            best = int((gains * noise).argmax())
            if gains[best] <= _LEAST_GAIN:
                return
            self.add(best)


def improve(
    problem: CoverProblem, chosen: Sequence[int] | IntArray, deadline: Deadline = NO_DEADLINE
) -> list[int]:
    """Exchange one site for a better one until no exchange helps (Teitz and Bart 1968), then add what still fits."""
    choice = Choice(problem, chosen)
    choice.fill()
    better = True
    while better and not deadline.passed:
        better = False
        for place in list(choice.chosen):
            if deadline.passed:
                break
            choice.remove(place)
            gains = choice.gains()
            best = int(gains.argmax())
            if gains[best] > gains[place] + _LEAST_GAIN:
                choice.add(best)
                better = True
            else:
                choice.add(place)
        choice.fill()
    return choice.chosen


def search_near(
    problem: CoverProblem, chosen: Sequence[int] | IntArray, *, rounds: int, seed: int, deadline: Deadline
) -> list[int]:
    """The best of `rounds` restarts: a few neighbouring sites are taken out, put back by a noisy greedy, and improved."""
    random = np.random.default_rng(seed)
    best = current = improve(problem, chosen, deadline)
    best_weight = covered_weight(problem, best)
    for _ in range(rounds):
        if deadline.passed or len(current) < _SHAKE[0]:
            break
        choice = Choice(problem, current)
        for place in _neighbours(problem, current, random):
            choice.remove(place)
        choice.fill(random.uniform(1 - _NOISE, 1 + _NOISE, problem.candidates))
        tried = improve(problem, choice.chosen, deadline)
        weight = covered_weight(problem, tried)
        if weight >= best_weight:
            best, best_weight, current = tried, weight, tried
    return best


def _neighbours(problem: CoverProblem, chosen: Sequence[int], random: np.random.Generator) -> list[int]:
    """A chosen site at random and those that share most demand with it, or any others where none do."""
    first = int(random.integers(len(chosen)))
    shared = problem.covers[chosen] @ np.asarray(problem.covers[[chosen[first]]].todense()).ravel()
    shared = shared + random.random(len(chosen))
    shared[first] = np.inf
    count = int(random.integers(*_SHAKE, endpoint=True))
    return [int(chosen[place]) for place in np.argsort(-shared)[:count]]


def round_sites(problem: CoverProblem, shares: FloatArray, shut: BoolArray) -> list[int]:
    """The candidates with the largest shares (0-1, of a relaxation) that the limits allow, none that is shut."""
    chosen: list[int] = []
    money = problem.budget
    for place in np.argsort(-shares, kind="stable"):
        if len(chosen) == problem.sites or shares[place] <= 0:
            break
        if not shut[place] and problem.cost[place] <= money:
            chosen.append(int(place))
            money -= problem.cost[place]
    return chosen
