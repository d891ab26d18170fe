"""Planning measured: 50 sites among 2,000 for 20,000 populated cells, proven, beside `spopt` with CBC on the same instance.

`python -m tests.bench_planning`; prints a table and asserts nothing about time. All people are invented, from one seed.
`spopt` builds its model row by row in Python, which alone takes minutes: it runs in a process of its own that ends at --patience.
"""

import argparse
import multiprocessing
import re
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from rich.console import Console
from rich.table import Table
from scipy.spatial import cKDTree

from geo.cover import CoverProblem, covered_weight, make_problem
from geo.cover_exact import solve_cover

FloatArray = npt.NDArray[np.float64]

CELLS, CANDIDATES, SITES = 20_000, 2_000, 50
RADII_M = (3_000.0, 4_000.0, 5_000.0)
WIDTH_M, HEIGHT_M = 80_000.0, 86_000.0
"""About the area of the former Bình Phước."""
KINDS = ((40, 10.0), (111, 4.0), (1_000, 1.0))
"""Towns, villages and hamlets: how many, and the weight of each when people are shared out."""
PEOPLE = 250_000
CELL_M, SQUARE_M = 100.0, 1_000.0
COMPARED_M = 5_000.0


@dataclass(frozen=True)
class Result:
    """One line of the table; the bound is NaN where the solver did not say it."""

    what: str
    seconds: float
    objective: float
    bound: float
    note: str = ""

    @staticmethod
    def told(figure: float) -> str:
        """People as text, a dash where the solver did not say it."""
        return "–" if np.isnan(figure) else f"{figure:,.1f}"


@dataclass(frozen=True, eq=False)
class Places:
    """People per cell, and where cells and candidates are, metres."""

    people: FloatArray
    cells: FloatArray
    candidates: FloatArray


def make_places(seed: int) -> Places:
    """Populated cells of 100 m, clustered as in the sample, and the middles of kilometre squares that hold some."""
    random = np.random.default_rng(seed)
    weight = np.concatenate([np.full(count, heavy) for count, heavy in KINDS])
    weight *= np.exp(random.normal(0, 0.35, len(weight)))
    people = weight / weight.sum() * PEOPLE
    middle = random.uniform((0, 0), (WIDTH_M, HEIGHT_M), (len(weight), 2))
    spread = np.clip(9.0 * np.sqrt(people), 260.0, 1_100.0)
    settlement = random.choice(len(weight), 6 * CELLS, p=people / people.sum())
    points = middle[settlement] + random.normal(0, spread[settlement][:, None], (len(settlement), 2))
    cells, count = np.unique(np.floor(points / CELL_M), axis=0, return_counts=True)
    kept = np.sort(random.permutation(len(cells))[:CELLS])
    centres = (cells[kept] + 0.5) * CELL_M
    living = np.floor(2 * count[kept] * np.exp(random.normal(0, 0.6, len(kept)))) / 2 + 0.5
    squares = (np.unique(np.floor(centres / SQUARE_M), axis=0) + 0.5) * SQUARE_M
    chosen = np.sort(random.permutation(len(squares))[:CANDIDATES])
    return Places(living, centres, squares[chosen])


def cover_matrix(places: Places, radius_m: float) -> sp.csr_array:
    """(candidates × cells) of ones where the cell's middle lies within the radius."""
    near = cKDTree(places.cells).query_ball_point(places.candidates, radius_m)
    ends = np.cumsum([0, *map(len, near)])
    columns = np.concatenate([np.asarray(found, dtype=np.int64) for found in near])
    return sp.csr_array((np.ones(len(columns)), columns, ends), shape=(len(near), len(places.cells)))


def make_instance(seed: int, radius_m: float) -> tuple[Places, CoverProblem]:
    """The problem of one seed and radius."""
    places = make_places(seed)
    return places, make_problem(places.people, cover_matrix(places, radius_m), sites=SITES)


def time_ours(problem: CoverProblem, what: str, limit_seconds: float) -> Result:
    """This project: proven, or with the bound at the limit."""
    found = solve_cover(problem, time_limit_seconds=limit_seconds)
    share = found.objective / problem.weight.sum()
    note = f"{'proven' if found.proven else f'gap {found.gap:.3%}'}, {found.nodes} nodes; greedy {found.greedy_objective:,.1f}; {share:.0%} of people"
    return Result(what, found.seconds, found.objective, found.bound, note)


def time_spopt(places: Places, problem: CoverProblem, radius_m: float, limit_seconds: float) -> Result:
    """`spopt` with CBC as PuLP brings it: building the model is in the time, the distances are not."""
    # slow to import and wanted here only
    import pulp
    from spopt.locate import MCLP

    distance = np.linalg.norm(places.cells[:, None, :] - places.candidates[None, :, :], axis=2)
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "cbc.log"
        start = time.perf_counter()
        model = MCLP.from_cost_matrix(distance, places.people, radius_m, p_facilities=SITES)
        building = time.perf_counter() - start
        solver = pulp.PULP_CBC_CMD(
            msg=False, timeLimit=limit_seconds, threads=2, logPath=str(log), gapRel=0.0
        )
        status = model.problem.solve(solver)
        seconds = time.perf_counter() - start
        text = log.read_text(encoding="utf-8", errors="replace")
    chosen = [place for place, variable in enumerate(model.fac_vars) if (variable.value() or 0) > 0.5]
    stopped = "time limit" in text.lower() or "Stopped on time" in text
    said = re.findall(r"(?:Upper|Lower) bound:\s+([-+.\d]+)", text)
    bound = abs(float(said[-1])) if said else np.nan
    objective = covered_weight(problem, np.array(chosen, dtype=np.int64))
    note = f"{pulp.LpStatus[status]}{', stopped at the limit' if stopped else ''}; building the model {building:.1f} s"
    return Result("spopt + CBC", seconds, objective, bound if stopped else objective, note)


def time_spopt_within(seed: int, radius_m: float, limit_seconds: float, patience_seconds: float) -> Result:
    """`time_spopt`, or that it gave no answer in time: neither its model nor CBC can be asked to stop while it is built."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        later = pool.apply_async(_spopt, (seed, radius_m, limit_seconds))
        try:
            return later.get(timeout=patience_seconds)
        except multiprocessing.TimeoutError:
            note = "no answer: the model was still being built, or solved"
            return Result("spopt + CBC", patience_seconds, np.nan, np.nan, note)


def _spopt(seed: int, radius_m: float, limit_seconds: float) -> Result:
    return time_spopt(*make_instance(seed, radius_m), radius_m, limit_seconds)


def print_results(results: Sequence[Result]) -> None:
    """One table, people and seconds by the clock."""
    table = Table("planning", "seconds", "people covered", "bound", "note")
    for column in table.columns[1:4]:
        column.justify = "right"
    for row in results:
        table.add_row(row.what, f"{row.seconds:.2f}", row.told(row.objective), row.told(row.bound), row.note)
    Console(width=160).print(table)


def measure(seeds: Sequence[int], limit_seconds: float, *, patience_seconds: float = 0.0) -> list[Result]:
    """Every seed and radius by this project; with patience also the first seed at `COMPARED_M` by `spopt`."""
    results = []
    for seed in seeds:
        for radius_m in RADII_M:
            _, problem = make_instance(seed, radius_m)
            what = f"seed {seed}, {radius_m / 1000:g} km, {problem.covers.nnz:,} pairs"
            results.append(time_ours(problem, what, limit_seconds))
            if patience_seconds and seed == seeds[0] and radius_m == COMPARED_M:
                results.append(time_spopt_within(seed, radius_m, limit_seconds, patience_seconds))
    return results


def main() -> None:
    """Make the instances, solve them, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--limit", type=float, default=120.0, help="seconds for each solver (default 120)")
    parser.add_argument(
        "--patience",
        type=float,
        default=900.0,
        help="seconds for spopt in all; 0 leaves it out (default 900)",
    )
    options = parser.parse_args()
    print_results(measure(options.seeds, options.limit, patience_seconds=options.patience))


if __name__ == "__main__":
    main()
