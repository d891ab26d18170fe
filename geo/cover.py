"""Maximal covering location (Church and ReVelle 1974) as arrays, and reductions that leave every optimum what it was.

Choose sites among candidates, at most so many and within a budget, so that the weight (people) they cover together is
largest. The exact method is in `geo.cover_exact`, starts and fallback in `geo.cover_search`, bounds in `geo.cover_bound`.
"""

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from geo.arrays import BoolArray, FloatArray, IntArray
from geo.errors import InputError

_MOST_PAIRS: Final = 2e8
_ROUNDING: Final = 1e-9
"""Share of a budget by which sums of costs may differ from it by rounding only."""


@dataclass(frozen=True, eq=False)
class CoverProblem:
    """`weight` (n,) of demand in people, `covers` CSR (m, n) of ones, `cost` (m,) of candidates, and the two limits.

    `sites`: at most so many; `budget`: at most so much cost together, infinite where money does not matter.
    """

    weight: FloatArray
    covers: sp.csr_array
    cost: FloatArray
    sites: int
    budget: float

    @property
    def candidates(self) -> int:
        """How many candidates there are."""
        return int(self.covers.shape[0])


@dataclass(frozen=True, eq=False)
class Reduced:
    """A smaller problem with the same optimum; `kept[i]` is the place of its candidate i in the first problem."""

    problem: CoverProblem
    kept: IntArray


def make_problem(
    weight: npt.ArrayLike,
    covers: Any,
    *,
    sites: int | None = None,
    budget: float | None = None,
    cost: npt.ArrayLike | None = None,
    fixed: npt.ArrayLike = (),
) -> CoverProblem:
    """A checked problem; `covers` is any (candidates × demand) matrix, non-zero where the candidate covers.

    Without `sites` only the budget limits, without `cost` every candidate costs 1. `fixed`: candidates that stand already;
    what they cover has no weight any more, and they count towards no limit. Raises `InputError` naming the first fault.
    """
    matrix = sp.csr_array(covers, dtype=float)
    matrix.eliminate_zeros()
    matrix = sp.csr_array((np.ones(matrix.nnz), matrix.indices, matrix.indptr), shape=matrix.shape)
    matrix.sum_duplicates()
    matrix.data[:] = 1.0
    count, demand = matrix.shape
    weights = np.asarray(weight, dtype=float)
    costs = np.ones(count) if cost is None else np.asarray(cost, dtype=float)
    _require(weights, demand, "weight", "demand point")
    _require(costs, count, "cost", "candidate")
    if sites is None and budget is None:
        raise InputError("neither a number of sites nor a budget was given; give at least one of them")
    if sites is not None and (isinstance(sites, bool) or int(sites) != sites or sites < 0):
        raise InputError(f"the number of sites is {sites!r}; wanted a whole number of 0 or more")
    if budget is not None and not budget >= 0:
        raise InputError(f"the budget is {budget!r}; wanted 0 or more, in the unit of the costs")
    most = count if sites is None else min(int(sites), count)
    money = np.inf if budget is None else float(budget) * (1 + _ROUNDING)
    problem = CoverProblem(weights, matrix, costs, most, money)
    covered = is_covered(problem, fixed)
    return replace(problem, weight=np.where(covered, 0.0, weights)) if covered.any() else problem


def _require(values: FloatArray, count: int, what: str, of: str) -> None:
    if values.shape != (count,):
        raise InputError(f"{what} has shape {values.shape}; wanted one number for each of {count} {of}s")
    wrong = np.flatnonzero(~(np.isfinite(values) & (values >= 0)))
    if len(wrong):
        raise InputError(
            f"{what} of {of} {wrong[0]} is {values[wrong[0]]} ({len(wrong)} such); wanted 0 or more, finite"
        )


def covered_weight(problem: CoverProblem, chosen: npt.ArrayLike) -> float:
    """Weight that the chosen candidates cover together, each demand point once."""
    return float(problem.weight[is_covered(problem, chosen)].sum())


def is_covered(problem: CoverProblem, chosen: npt.ArrayLike) -> BoolArray:
    """Whether each demand point is covered by one of the chosen candidates."""
    rows = problem.covers[np.asarray(chosen, dtype=np.int64)]
    covered = np.zeros(len(problem.weight), dtype=bool)
    covered[rows.indices] = True
    return covered


def within_limits(problem: CoverProblem, chosen: npt.ArrayLike) -> bool:
    """Whether a choice keeps to the number of sites and the budget."""
    places = np.asarray(chosen, dtype=np.int64)
    return len(places) <= problem.sites and float(problem.cost[places].sum()) <= problem.budget


def restrict(problem: CoverProblem, kept: IntArray) -> CoverProblem:
    """The problem with these candidates only, and demand that none of them reaches, or of no weight, left out."""
    covers = problem.covers[kept]
    reached = np.zeros(len(problem.weight), dtype=bool)
    reached[covers.indices] = True
    reached &= problem.weight > 0
    return CoverProblem(
        problem.weight[reached], covers[:, reached], problem.cost[kept], problem.sites, problem.budget
    )


def reduce_problem(problem: CoverProblem, kept: IntArray | None = None) -> Reduced:
    """Merge demand with the same candidates and drop candidates that another one betters, until neither finds more.

    A candidate is bettered by one that covers all it covers and costs no more; of equals the first stays.
    """
    if kept is None:
        kept = np.flatnonzero((problem.cost <= problem.budget) & (np.diff(problem.covers.indptr) > 0))
    small = merge_demand(restrict(problem, kept))
    # pairs of candidates that share demand are compared: where they are too many the search does without
    while _pairs(small) <= _MOST_PAIRS:
        bettered = _bettered(small)
        if not bettered.any():
            return Reduced(small, kept)
        kept = kept[~bettered]
        small = merge_demand(restrict(small, np.flatnonzero(~bettered)))
    return Reduced(small, kept)


def _pairs(problem: CoverProblem) -> float:
    return float((np.bincount(problem.covers.indices).astype(float) ** 2).sum())


def merge_demand(problem: CoverProblem) -> CoverProblem:
    """Demand points with one and the same set of candidates as one, of their weights together."""
    by_demand = problem.covers.T.tocsr()
    by_demand.sort_indices()
    sets = np.split(by_demand.indices, by_demand.indptr[1:-1])
    names: dict[bytes, int] = {}
    group = np.array([names.setdefault(found.tobytes(), len(names)) for found in sets], dtype=np.int64)
    if len(names) == len(group):
        return problem
    _, first = np.unique(group, return_index=True)
    weight = np.bincount(group, weights=problem.weight, minlength=len(names)).astype(float)
    covers = by_demand[first].T.tocsr()
    return CoverProblem(weight, covers, problem.cost, problem.sites, problem.budget)


def _bettered(problem: CoverProblem) -> BoolArray:
    """Candidates whose demand another candidate, not costlier, covers as well."""
    size = np.diff(problem.covers.indptr)
    shared = (problem.covers @ problem.covers.T).tocoo()
    one, other = shared.coords
    inside = (one != other) & (shared.data > size[one] - 0.5)
    one, other = one[inside], other[inside]
    same = size[one] == size[other]
    cheaper = problem.cost[other] < problem.cost[one]
    as_cheap = problem.cost[other] == problem.cost[one]
    # of two that cover and cost the same the first stays, so that never both go
    loses = cheaper | (as_cheap & (~same | (other < one)))
    bettered = np.zeros(problem.candidates, dtype=bool)
    bettered[one[loses]] = True
    return bettered


def step_of(weight: FloatArray) -> float:
    """The largest of 1, ½ and ¼ that every weight is a multiple of, so that objectives differ by it at least; else 0."""
    for step in (1.0, 0.5, 0.25):
        if np.all(np.mod(weight, step) == 0):
            return step
    return 0.0
