"""Best-first branch and bound over a covering problem: every open node has a bound, the largest is looked at next."""

import heapq
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from geo.arrays import FloatArray, IntArray
from geo.cover import CoverProblem, covered_weight, within_limits
from geo.cover_bound import FREE, OPEN, SHUT, Bound, Relaxation, State, all_free, decide
from geo.cover_search import improve, round_sites
from geo.deadline import Deadline

WHOLE: Final = 1e-6
"""A share closer than this to 0 or 1 is whole."""
_TOLERANCE: Final = 1e-8
"""Relative: two objectives closer than this are one."""
_TRIALS: Final = 8
_TRUSTED: Final = 4
_DIVE_EVERY: Final = 10
_SHRUNK: Final = 0.7

Side = tuple[float, State, Any]
"""One side of a branch: its bound, what is decided there, HiGHS's basis."""


@dataclass
class Search:
    """What is known: the best choice so far and its weight, a bound on every choice, when to stop.

    `step`: objectives differ by a multiple of it (0 where that is not known).
    """

    problem: CoverProblem
    chosen: list[int]
    weight: float
    deadline: Deadline
    step: float
    bound: float = np.inf
    nodes: int = 0

    @property
    def least(self) -> float:
        """The least weight of a choice that is better than the best so far."""
        slack = max(self.weight, 1.0) * _TOLERANCE
        return self.weight + max(self.step - slack, slack)

    @property
    def done(self) -> bool:
        """Whether no choice can be better."""
        return self.bound < self.least

    @property
    def late(self) -> bool:
        """Whether the deadline has passed."""
        return self.deadline.passed

    def offer(self, chosen: list[int]) -> None:
        """Keep a choice that is better and within the limits."""
        weight = covered_weight(self.problem, chosen)
        if weight > self.weight and within_limits(self.problem, chosen):
            self.chosen, self.weight = chosen, weight


def dive(search: Search, relaxation: Relaxation, state: State, bound: Bound) -> None:
    """Offer the choices met on the way down: open the largest share, relax again, round and improve, until all are whole."""
    state = state.copy()
    while bound.value >= search.least and not search.late:
        near = round_sites(search.problem, bound.shares + 2.0 * (state == OPEN), state == SHUT)
        search.offer(improve(search.problem, near, search.deadline))
        shares = np.where(state == FREE, bound.shares, 0.0)
        state[shares > 1 - WHOLE] = OPEN
        shares[state == OPEN] = 0.0
        if shares.max(initial=0.0) <= WHOLE:
            return
        state[shares.argmax()] = OPEN
        if not within_limits(search.problem, np.flatnonzero(state == OPEN)):
            return
        bound = relaxation.solve(state, bound.basis, deadline=search.deadline)


def grow_tree(search: Search) -> None:
    """Branch until the best choice is proven or the deadline passes; `search` then holds what is known.

    Returns early when a better choice has shut so many candidates that starting anew with the others is quicker.
    """
    # HiGHS lets go of the interpreter while it works: the two sides of a branch are bounded at once
    with ThreadPoolExecutor(max_workers=2) as pool:
        _Tree(search, pool).grow()


@dataclass
class _Tree:
    """Open nodes, and what each side of a branch on a candidate cost so far per unit of share moved (pseudocosts)."""

    search: Search
    pool: Executor
    queue: list[tuple[float, int, State, Any]] = field(default_factory=list)
    born: int = 0

    def __post_init__(self) -> None:
        problem = self.search.problem
        self._relaxations = (Relaxation(problem), Relaxation(problem))
        self._loss, self._tries = np.zeros((2, problem.candidates)), np.zeros((2, problem.candidates))
        free = all_free(problem)
        self._root = self._relaxations[0].solve(free, deadline=self.search.deadline)
        self._push((self._root.value, free, self._root.basis))

    def grow(self) -> None:
        """Look at one open node after the other, the one with the largest bound first."""
        search, began = self.search, self.search.weight
        while self.queue:
            search.bound = min(search.bound, -self.queue[0][0])
            if search.done or search.late or (search.weight > began and self._has_shrunk()):
                return
            _, _, state, basis = heapq.heappop(self.queue)
            search.nodes += 1
            self._branch(decide(state, self._root, search.least), basis)
        search.bound = min(search.bound, search.weight)

    def _has_shrunk(self) -> bool:
        left = decide(all_free(self.search.problem), self._root, self.search.least) != SHUT
        return bool(left.sum() < _SHRUNK * len(left))

    def _push(self, side: Side) -> None:
        value, state, basis = side
        if value >= self.search.least and self._fits(state):
            self.born += 1
            heapq.heappush(self.queue, (-value, self.born, state, basis))

    def _fits(self, state: State) -> bool:
        return within_limits(self.search.problem, np.flatnonzero(state == OPEN))

    def _branch(self, state: State, basis: Any) -> None:
        """Bound a node, look for a better choice near it, and split it on one candidate."""
        search = self.search
        bound = self._relaxations[0].solve(state, basis, deadline=search.deadline)
        self._look_near(state, bound)
        state = decide(state, bound, search.least)
        places = self._places(state, bound)
        if bound.value < search.least or not self._fits(state) or not len(places):
            return
        best: tuple[float, tuple[Side, Side] | None] = (-1.0, None)
        for place in places:
            sides = self._try(int(place), state, bound)
            lost = [max(bound.value - value, _TOLERANCE) for value, _, _ in sides]
            settled = min(value for value, _, _ in sides) < search.least
            best = max(best, (np.inf if settled else lost[0] * lost[1], sides), key=lambda found: found[0])
            if settled or search.late:
                break
        for value, decided, from_basis in best[1] or ():
            self._push((min(value, bound.value), decided, from_basis))

    def _look_near(self, state: State, bound: Bound) -> None:
        """Offer the choices that the relaxation comes nearest to."""
        search = self.search
        if search.nodes % _DIVE_EVERY == 1:
            dive(search, self._relaxations[0], state, bound)
        else:
            search.offer(round_sites(search.problem, bound.shares + 2.0 * (state == OPEN), state == SHUT))

    def _places(self, state: State, bound: Bound) -> IntArray:
        """The candidates to try a branch on, the most promising first; none when all are decided."""
        shares = np.where(state == FREE, bound.shares, 0.0)
        split = np.flatnonzero(np.minimum(shares, 1 - shares) > WHOLE)
        if len(split):
            return self._most_likely(split, shares)
        # a whole choice, which was offered; rounding in the last digits may still leave the bound above it
        return np.flatnonzero(state == FREE)[np.argsort(-shares[state == FREE], kind="stable")][:1]

    def _most_likely(self, split: IntArray, shares: FloatArray) -> IntArray:
        """Where both sides are expected to lose most; one whose losses are known well needs no rival below it."""
        known = self._tries > 0
        mean = self._loss.sum(axis=1) / np.maximum(self._tries.sum(axis=1), 1)
        expected = np.where(known, self._loss / np.maximum(self._tries, 1), np.maximum(mean, 1.0)[:, None])
        moved = np.stack([shares, 1 - shares])
        score = np.maximum(expected * moved, _TOLERANCE).prod(axis=0)
        ranked = split[np.argsort(-score[split], kind="stable")][:_TRIALS]
        trusted = self._tries[:, ranked].min(axis=0) >= _TRUSTED
        return ranked[: int(trusted.argmax()) + 1] if trusted.any() else ranked

    def _try(self, place: int, state: State, bound: Bound) -> tuple[Side, Side]:
        """Both sides of a branch on a candidate, and what they cost noted."""
        shut, opened = (_with(state, place, side) for side in (SHUT, OPEN))
        later = self.pool.submit(
            self._relaxations[1].solve, opened, bound.basis, deadline=self.search.deadline
        )
        found = (
            self._relaxations[0].solve(shut, bound.basis, deadline=self.search.deadline),
            later.result(),
        )
        moved = (bound.shares[place], 1 - bound.shares[place])
        for side in (SHUT, OPEN):
            if moved[side] > WHOLE:
                self._loss[side, place] += max(bound.value - found[side].value, 0.0) / moved[side]
                self._tries[side, place] += 1
        return (found[SHUT].value, shut, found[SHUT].basis), (found[OPEN].value, opened, found[OPEN].basis)


def _with(state: State, place: int, side: int) -> State:
    decided = state.copy()
    decided[place] = side
    return decided
