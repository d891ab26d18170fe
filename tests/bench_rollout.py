"""The rollout desk measured: one check of an area of 100 vertices in a real province, and 500 proposals.

`python -m tests.bench_rollout`; prints a table and asserts nothing about time.
"""

import argparse
import time

import numpy as np
import pandas as pd
import shapely

from geo.coverage import cover_units, dissolve_coverage, union_by_technology
from geo.gaps import judge_goals, judge_units
from geo.people import count_people_of_units
from geo.pipeline import rejudge
from geo.proposal import Proposal, make_proposal
from geo.rollout import check_all, check_proposal
from geo.rollout_base import Today
from geo.rollout_criteria import judge_check
from geo.rollout_sum import contributions, cut_pieces
from geo.rules import Rules
from geo.scores import score_intervals
from tests.bench_data import OPERATORS, Province, make_province
from tests.bench_planning import Result, print_results

VERTICES, SINGLE, MANY = 100, 60, 500
RULES = Rules()
NO_INDICATORS = pd.DataFrame({"unit_code": [], "indicator": [], "value": []})


def make_today(province: Province) -> Today:
    """The province's units judged as a build would, and its coverage."""
    areas, _ = dissolve_coverage(province.claims)
    units = province.units.sort_values("unit_code", ignore_index=True)
    people = count_people_of_units(province.grid, units.geometry.to_numpy())
    wide = union_by_technology(
        cover_units(units, areas, province.grid), pd.Series(people, index=units["unit_code"]),
        evidence_order=RULES.coverage_evidence, operator_share=RULES.operator_share,
    )  # fmt: skip
    measured = units.merge(wide, on="unit_code").assign(people=people)
    goals = judge_goals(pd.DataFrame(measured.drop(columns="geometry")), RULES)
    verdicts = judge_units(goals)
    verdicts = verdicts.merge(score_intervals(goals, verdicts, RULES), on="unit_code")
    return Today(measured.merge(verdicts, on="unit_code"), province.grid, areas, None, RULES)


def make_proposals(today: Today, count: int, seed: int) -> list[Proposal]:
    """Wavy areas of 100 vertices, 1 to 7 km in radius, of four operators in turn, each reaching a unit."""
    random = np.random.default_rng(seed)
    west, south, east, north = today.communes.total_bounds
    angle = np.linspace(0, 2 * np.pi, VERTICES, endpoint=False)
    found: list[Proposal] = []
    while len(found) < count:
        middle = random.uniform((west, south), (east, north))
        wave = 1 + 0.3 * np.sin(3 * angle + random.uniform(0, 6)) + 0.1 * random.random(VERTICES)
        reach = random.uniform(0.01, 0.06) * wave
        area = shapely.Polygon(middle + np.column_stack([reach * np.cos(angle), reach * np.sin(angle)]))
        if len(today.tree.query(area, predicate="intersects")):
            who = OPERATORS[len(found) % len(OPERATORS)]
            found.append(
                make_proposal(name=f"p{len(found)}", operator=who, technology="4G", area=area, cost=1e9)
            )
    return found


def judge(communes: pd.DataFrame) -> pd.DataFrame:
    """The region judged anew, intervals included."""
    return rejudge(communes, NO_INDICATORS, RULES)


def measure(seed: int, *, synthetic: bool) -> list[Result]:
    """Preparing once, single checks, and 500 with everyone counted once and every partner's contribution."""
    province = make_province(seed=seed, tiles=0, synthetic=synthetic)
    today = make_today(province)
    start = time.perf_counter()
    for technology in ("3G", "4G"):
        today.covered(technology)
    prepared = time.perf_counter() - start
    proposals = make_proposals(today, MANY, seed)
    seconds, busy = [], []
    for proposal in proposals[:SINGLE]:
        start, used = time.perf_counter(), time.process_time()
        judge_check(check_proposal(today, proposal, judge), RULES.rollout)
        seconds.append(time.perf_counter() - start)
        busy.append(time.process_time() - used)
    start, used = time.perf_counter(), time.process_time()
    checks = check_all(today, proposals, judge)
    pieces = cut_pieces(today, checks)
    table = contributions(checks, pieces, by_operator=True)
    many, many_busy = time.perf_counter() - start, time.process_time() - used
    p50, p95 = np.percentile(seconds, [50, 95])
    busy95 = np.percentile(busy, 95)
    alone = sum(check.figures.newly_covered_people for check in checks)
    note = f"{VERTICES} vertices, {len(today.communes)} units, {len(today.claims)} coverage layers, {province.source}"
    return [
        Result("prepare a day: two technologies, once", prepared, np.nan, np.nan, note),
        Result(f"check of one area, p95 of {SINGLE}", float(p95), np.nan, np.nan, f"median {p50:.3f} s; processor time {busy95:.3f} s; with intervals"),
        Result(
            f"{MANY} proposals, judged anew, together", many, float(table["people"].sum()), np.nan,
            f"{alone:,.0f} people summed over proposals; {len(pieces.unit):,} pieces; {many_busy:.1f} s of processor time",
        ),
    ]  # fmt: skip


def main() -> None:
    """Make the province, check, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--synthetic", action="store_true", help="invented outlines even where real ones are at hand"
    )
    parser.add_argument("--seed", type=int, default=2026)
    options = parser.parse_args()
    print_results(measure(options.seed, synthetic=options.synthetic))


if __name__ == "__main__":
    main()
