"""How much any choice of sites can cover at most: the linear relaxation of the covering problem, by HiGHS.

HiGHS solves its dual, which has one row per candidate in place of one per demand point and is some ten times faster:

    min  Σ (w − λ) + sites·μ + budget·ν + Σ r      r_j ≥ Σ_{i in reach of j} λ_i − μ − cost_j·ν,   0 ≤ λ ≤ w,   μ, ν, r ≥ 0

Whatever λ, μ and ν are, the sum is a bound (Lagrangean relaxation; Galvão and ReVelle 1996). It is taken anew from them in
double precision, so no tolerance of the solver enters into what is called proven.
"""

from dataclasses import dataclass
from typing import Any, Final

import highspy
import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from geo.arrays import FloatArray
from geo.cover import CoverProblem
from geo.deadline import NO_DEADLINE, Deadline

FREE: Final = -1
SHUT: Final = 0
OPEN: Final = 1

State = npt.NDArray[np.int8]
"""What is decided of each candidate: `FREE`, `SHUT` or `OPEN`."""

_OPTIONS: Final = (
    ("presolve", "off"), ("threads", 1), ("simplex_strategy", 1), ("primal_feasibility_tolerance", 1e-9),
    ("dual_feasibility_tolerance", 1e-9),
)  # fmt: skip
"""One thread, and the dual simplex throughout: the primal one needs two to three times as long, from a basis too."""


@dataclass(frozen=True, eq=False)
class Bound:
    """No choice within the state covers more than `value`. `reduced` (m,): what opening a candidate is worth at these prices.

    `shares` (m,): the relaxed choice, 0-1 each; `basis` starts HiGHS where it ended.
    """

    value: float
    reduced: FloatArray
    shares: FloatArray
    basis: Any


class _Silent(highspy.Highs):
    """HiGHS without a word on standard output, where `--json` writes; without callbacks it says nothing at its start."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    def enableCallbacks(self) -> None:  # noqa: N802  (its name in highspy)
        self.silent()


class _Interrupt:
    """What HiGHS asks after every step of the simplex method; it must not know of HiGHS, which would then keep itself alive."""

    def __init__(self) -> None:
        self.deadline = NO_DEADLINE

    def __call__(self, kind: Any, message: str, out: Any, answer: Any, given: Any) -> None:  # noqa: ARG002
        if answer is not None and self.deadline.given_up():
            answer.user_interrupt = True


class Relaxation:
    """The relaxation of one problem, solved again and again as more of its candidates are decided."""

    def __init__(self, problem: CoverProblem) -> None:
        self.problem = problem
        self._demand = len(problem.weight)
        self._state = all_free(problem)
        # costs as a multiple of their mean, so that prices of sites and of money are of one order
        self._scale = float(problem.cost.mean()) if problem.cost.any() else 1.0
        self._limited = bool(np.isfinite(problem.budget))
        self._highs = _Silent()
        for name, value in _OPTIONS:
            self._highs.setOptionValue(name, value)
        self._interrupt = _Interrupt()
        self._highs.setCallback(self._interrupt, None)
        self._highs.startCallback(highspy.cb.HighsCallbackType.kCallbackSimplexInterrupt)
        self._highs.passModel(self._model())

    def _model(self) -> highspy.HighsLp:
        problem, count = self.problem, self.problem.candidates
        budget = problem.budget / self._scale if self._limited else 0.0
        prices = np.column_stack([np.ones(count), problem.cost / self._scale])
        matrix = sp.hstack([-problem.covers, sp.eye_array(count), sp.csr_array(prices)]).tocsc()
        model = highspy.HighsLp()
        model.num_row_, model.num_col_ = count, self._demand + count + 2
        model.col_cost_ = np.concatenate(
            [-np.ones(self._demand), np.ones(count), [float(problem.sites), budget]]
        )
        model.col_lower_ = np.zeros(model.num_col_)
        money = np.inf if self._limited else 0.0
        model.col_upper_ = np.concatenate([problem.weight, np.full(count + 1, np.inf), [money]])
        model.row_lower_, model.row_upper_ = np.zeros(count), np.full(count, np.inf)
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_ = matrix.indptr
        model.a_matrix_.index_ = matrix.indices
        model.a_matrix_.value_ = matrix.data
        return model

    def solve(self, state: State, basis: Any = None, *, deadline: Deadline = NO_DEADLINE) -> Bound:
        """The bound for a state; the `basis` of a like state makes it quick. Past the deadline it is weaker, but a bound."""
        self._set_state(state)
        if basis is not None:
            self._highs.setBasis(basis)
        self._interrupt.deadline = deadline
        if np.isfinite(deadline.left):
            # HiGHS counts the time of all its runs together
            self._highs.setOptionValue("time_limit", self._highs.getRunTime() + deadline.left)
        self._highs.run()
        solution = self._highs.getSolution()
        prices, shares = np.array(solution.col_value), np.array(solution.row_dual)
        if len(prices) != self._demand + len(state) + 2 or len(shares) != len(state):
            prices, shares = np.zeros(self._demand + len(state) + 2), np.zeros(len(state))
        return self._bound(np.nan_to_num(prices), np.clip(np.nan_to_num(shares), 0.0, 1.0))

    def _set_state(self, state: State) -> None:
        """Shutting a candidate frees its row of the dual, opening it frees the sign of its r."""
        changed = np.flatnonzero(state != self._state).astype(np.int32)
        if len(changed):
            endless = np.full(len(changed), np.inf)
            rows = np.where(state[changed] == SHUT, -np.inf, 0.0)
            self._highs.changeRowsBounds(len(changed), changed, rows, endless)  # type: ignore[attr-defined]
            columns = np.where(state[changed] == OPEN, -np.inf, 0.0)
            self._highs.changeColsBounds(len(changed), changed + self._demand, columns, endless)
        self._state = state.copy()

    def _bound(self, found: FloatArray, shares: FloatArray) -> Bound:
        problem, state = self.problem, self._state
        price = np.clip(found[: self._demand], 0.0, problem.weight)
        site, money = max(float(found[-2]), 0.0), 0.0
        value = float((problem.weight - price).sum()) + problem.sites * site
        if self._limited:
            money = max(float(found[-1]), 0.0) / self._scale
            value += problem.budget * money
        reduced = problem.covers @ price - site - money * problem.cost
        value += float(np.maximum(reduced[state == FREE], 0.0).sum() + reduced[state == OPEN].sum())
        return Bound(value, reduced, shares, self._highs.getBasis())


def all_free(problem: CoverProblem) -> State:
    """The state in which nothing is decided."""
    return np.full(problem.candidates, FREE, dtype=np.int8)


def decide(state: State, bound: Bound, least: float) -> State:
    """The state with every candidate decided that no choice of weight `least` or more can have otherwise."""
    free = state == FREE
    decided = state.copy()
    decided[free & (bound.reduced < 0) & (bound.value + bound.reduced < least)] = SHUT
    decided[free & (bound.reduced > 0) & (bound.value - bound.reduced < least)] = OPEN
    return decided
