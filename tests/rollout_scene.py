"""Three squares in a row as a day of the rollout desk: A 0-4.5, B 4.5-8, C 8-12 tiles east, all 4 high, people in strips.

4G: Viettel covers 0-7, MobiFone 0-4. 3G: MobiFone covers 0-10. Strips of 10 (A), 20 (B) and 5 people (C), one tile wide.
"""

from typing import Any

import geopandas as gpd
import pandas as pd

from geo.coverage import cover_units, union_by_technology
from geo.gaps import judge_goals, judge_units
from geo.people import PopulationGrid, count_people_of_units
from geo.pipeline import rejudge
from geo.proposal import Proposal, Status, make_proposal
from geo.rollout_base import Today
from geo.rules import Rules
from geo.scores import score_intervals
from tests.files import PEOPLE, A, B, C
from tests.tiny import grid_over, tiles_box, units_of

UNITS = units_of(A=A, B=B, C=C)
STRIPS = grid_over(0, 0, 12, 4, [PEOPLE])
CLAIMS = (("Viettel", "4G", (0, 7)), ("MobiFone", "4G", (0, 4)), ("MobiFone", "3G", (0, 10)))
RULES = Rules()
NO_INDICATORS = pd.DataFrame({"unit_code": [], "indicator": [], "value": []})


def claims_of(*rows: tuple[str, str, tuple[float, float]]) -> gpd.GeoDataFrame:
    """Claims over columns of tiles."""
    table = [(who, what, "declared", "2026-09-30") for who, what, _ in rows]
    shapes = [tiles_box(left, 0, right, 4) for _, _, (left, right) in rows]
    frame = pd.DataFrame(table, columns=["operator", "technology", "evidence", "as_of"])
    return gpd.GeoDataFrame(frame, geometry=shapes, crs="EPSG:4326")


def make_today(
    *plans: Proposal,
    units: gpd.GeoDataFrame = UNITS,
    grid: PopulationGrid | None = STRIPS,
    claims: gpd.GeoDataFrame | None = None,
    places: gpd.GeoDataFrame | None = None,
    rules: Rules = RULES,
) -> Today:
    """A day with these plans on record, its units judged as a build would."""
    given = claims_of(*CLAIMS) if claims is None else claims
    communes = units.copy()
    people = None
    if grid is not None:
        people = pd.Series(count_people_of_units(grid, units.geometry.to_numpy()), index=units["unit_code"])
        communes = communes.assign(people=people.to_numpy())
    if len(given):
        coverage = cover_units(units, given, grid)
        wide = union_by_technology(
            coverage, people, evidence_order=rules.coverage_evidence, operator_share=rules.operator_share
        )
        communes = communes.merge(wide, on="unit_code")
    goals = judge_goals(pd.DataFrame(communes.drop(columns="geometry")), rules)
    verdicts = judge_units(goals)
    verdicts = verdicts.merge(score_intervals(goals, verdicts, rules), on="unit_code")
    judged = communes.merge(verdicts, on="unit_code").sort_values("unit_code", ignore_index=True)
    return Today(judged, grid, given, places, rules, tuple(plans))


def judge_again(communes: pd.DataFrame) -> pd.DataFrame:
    """The region judged anew by the default rules."""
    return rejudge(communes, NO_INDICATORS, RULES)


def offer(left: float, right: float, operator: str = "Viettel", **more: Any) -> Proposal:
    """A proposal over columns of tiles."""
    given = {"name": f"{operator} {left:g}-{right:g}", "technology": "4G", **more}
    height = given.pop("height", (0, 4))
    area = given.pop("area", tiles_box(left, height[0], right, height[1]))
    return make_proposal(operator=operator, area=area, **given)


def accepted(left: float, right: float, operator: str, **more: Any) -> Proposal:
    """An accepted plan over columns of tiles."""
    return offer(left, right, operator, status=Status.ACCEPTED, id=f"{operator}{left}", **more)
