"""How long the check of proposals takes on a province: single checks of a 100-vertex area, and 500 proposals at once."""

import time
from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.coverage import cover_units, dissolve_coverage, union_by_technology
from geo.people import count_people
from geo.pipeline import rejudge_with
from geo.rollout import check_proposals
from geo.rollout_areas import Ground, Offer, prepare_ground
from geo.rollout_units import Rejudge
from geo.rules import Rules
from geo.schema import Technology
from tests.bench_data import OPERATORS, Province, make_province

VERTICES = 100
CHECKS = 60
MANY = 500
Row = tuple[str, float, str]


def make_ground(province: Province, rules: Rules) -> Ground:
    """The province as a build leaves it, made ready for checks."""
    areas, _ = dissolve_coverage(province.claims)
    coverage = cover_units(province.units, areas, province.grid)
    people = count_people(province.grid, province.units.geometry.to_numpy())
    unit_people = pd.Series(people, index=province.units["unit_code"].tolist())
    wide = union_by_technology(
        coverage, unit_people, evidence_order=rules.coverage_evidence, operator_share=rules.operator_share
    )
    units = province.units.merge(wide, on="unit_code").assign(
        people=people, area_km2=province.units.to_crs(6933).area.to_numpy() / 1e6
    )
    judged = units.merge(rejudge_with(rules)(units), on="unit_code")
    judged["rank"] = judged["gap_score"].rank(ascending=False, method="min").astype("Int64")
    return prepare_ground(
        gpd.GeoDataFrame(judged, crs=4326), areas, coverage, grid=province.grid, places=None,
        evidence_order=rules.coverage_evidence,
    )  # fmt: skip


def make_offers(province: Province, count: int, rng: np.random.Generator) -> list[Offer]:
    """Areas of 100 corners, 2 to 12 km across, anywhere in the province, of the operators in turn."""
    whole = shapely.union_all(shapely.simplify(province.units.geometry.to_numpy(), 0.01))
    west, south, east, north = whole.bounds
    offers: list[Offer] = []
    angles = np.linspace(0, 2 * np.pi, VERTICES, endpoint=False)
    while len(offers) < count:
        centre = rng.uniform((west, south), (east, north))
        if not whole.contains(shapely.Point(centre)):
            continue
        radius = rng.uniform(0.01, 0.055) * (1 + 0.3 * np.sin(3 * angles + rng.uniform(0, 6)))
        shape = shapely.Polygon(centre + radius[:, None] * np.column_stack([np.cos(angles), np.sin(angles)]))
        operator = OPERATORS[len(offers) % len(OPERATORS)]
        offers.append(Offer(f"p{len(offers)}", operator, Technology.G4, shape))
    return offers


def time_rollout(province: Province, *, checks: int = CHECKS, many: int = MANY) -> list[Row]:
    """Seconds to make the ground ready, of single checks (median, 95th of 100) and of many proposals together."""
    rules, rng = Rules(), np.random.default_rng(7)
    start = time.perf_counter()
    ground = make_ground(province, rules)
    rejudge = rejudge_with(rules, pd.DataFrame(ground.units.drop(columns="geometry")))
    whole = time.perf_counter() - start
    offers = make_offers(province, max(checks, many), rng)
    single = np.array([_seconds(ground, [offer], rules, rejudge) for offer in offers[:checks]])
    together = _seconds(ground, offers[:many], rules, rejudge)
    middle, worst = np.percentile(single, [50, 95], axis=0)
    one = "rollout: check of one area"
    return [
        ("rollout: coverage, judging and making ready", whole, "once per workspace"),
        (
            f"{one}, median",
            middle[0],
            f"{checks} areas of {VERTICES} corners; {middle[1]:.2f} of processor time",
        ),
        (f"{one}, p95", worst[0], f"goal: 0.30; {worst[1]:.2f} of processor time"),
        (
            f"rollout: check of {many} proposals and their sum",
            together[0],
            f"goal: 30; {together[1]:.1f} of processor time",
        ),
    ]


def _seconds(ground: Ground, offers: Sequence[Offer], rules: Rules, rejudge: Rejudge) -> tuple[float, float]:
    """By the clock, and of processor time: what it would take where nothing else runs."""
    start, work = time.perf_counter(), time.process_time()
    check_proposals(ground, offers, rejudge, rules=rules.rollout, operator_share=rules.operator_share)
    return time.perf_counter() - start, time.process_time() - work


if __name__ == "__main__":
    for what, seconds, note in time_rollout(make_province(seed=2026, tiles=0, synthetic=False)):
        print(f"{what:55} {seconds:8.3f}  {note}")
