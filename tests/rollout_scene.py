"""The three squares of `tests.files` as a ground for checks, with coverage and judging that the eye can follow.

People per strip of one tile: 10 in strips 0-3, 20 in 4-7, 5 in 8-11. 4G today: Viettel in strips 0-6, MobiFone in 0-3;
3G: Viettel in 0-9. A unit is a gap below 90 % of its people on 4G, and its score is 100 × (1 - that share).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.coverage import cover_units, dissolve_coverage, union_by_technology
from geo.crs import equal_area_km2
from geo.people import count_people
from geo.population_grid import PopulationGrid
from geo.rollout import Report, check_proposals
from geo.rollout_areas import Ground, Offer, areas_of_sites, prepare_ground
from geo.rollout_rules import RolloutRules
from geo.rules import Rules
from geo.schema import Technology
from tests.files import PEOPLE, SQUARES
from tests.tiny import X, Y, grid_over, latitude, longitude, tiles_box, units_of

STRIPS = grid_over(0, 0, 12, 4, [PEOPLE])
TODAY = {("Viettel", "4G"): (0, 7), ("MobiFone", "4G"): (0, 4), ("Viettel", "3G"): (0, 10)}


def strips(first: float, last: float) -> Any:
    """From the left edge of strip `first` to the left edge of strip `last`, all four tiles high."""
    return tiles_box(first, 0, last, 4)


def offer(first: float, last: float, operator: str = "MobiFone", key: str = "p", **more: Any) -> Offer:
    """A 4G proposal of these strips."""
    return Offer(
        key, operator, more.pop("technology", Technology.G4), more.pop("area", strips(first, last)), **more
    )


def site_offer(right: float, down: float, operator: str = "MobiFone", key: str = "p", **more: Any) -> Offer:
    """A 4G proposal of one site, so many tiles from the corner."""
    point = shapely.Point(longitude(X + right), latitude(Y + down))
    sites = gpd.GeoDataFrame(
        {"site_id": ["s1"], "operator": [operator], "technology": ["4G"], "frequency_mhz": [np.nan], "eirp_dbm": [np.nan],
         "antenna_height_m": [np.nan]},
        geometry=[point], crs=4326,
    )  # fmt: skip
    low, middle, high, _ = areas_of_sites(sites)
    place = np.array([[point.x, point.y]])
    return Offer(key, operator, Technology.G4, middle, low, high, place, **more)


def judge_by_share(communes: pd.DataFrame) -> pd.DataFrame:
    """A gap below 90 % of people on 4G; score 100 × (1 - share)."""
    share = communes["4g_covered_people_share"].astype(float)
    share = share.where(share.notna(), communes["4g_covered_area_share"].astype(float))
    return pd.DataFrame(
        {
            "unit_code": communes["unit_code"],
            "verdict": np.where(share < 0.9, "gap", "served"),
            "gap_score": 100 * (1 - share),
        }
    )


def make_ground(
    plans: Sequence[Offer] = (),
    *,
    grid: PopulationGrid | None = STRIPS,
    today: Mapping[tuple[str, str], tuple[float, float]] = TODAY,
    places: gpd.GeoDataFrame | None = None,
) -> Ground:
    """The three squares with today's coverage, judged, and these stored proposals."""
    rules, units = Rules(), units_of(**dict(SQUARES))
    shapes = units.geometry.to_numpy()
    people = None if grid is None else count_people(grid, shapes)
    units = units.assign(area_km2=equal_area_km2(shapes))
    if people is not None:
        units["people"] = people
    areas = table = None
    if today:
        claims = gpd.GeoDataFrame(
            [(name, technology, "declared", "2026-09-30") for name, technology in today],
            columns=["operator", "technology", "evidence", "as_of"],
            geometry=[strips(*span) for span in today.values()],
            crs=4326,
        )
        areas, _ = dissolve_coverage(claims)
        table = cover_units(units, areas, grid)
        counted = None if people is None else pd.Series(people, index=units["unit_code"].tolist())
        wide = union_by_technology(
            table, counted, evidence_order=rules.coverage_evidence, operator_share=rules.operator_share
        )
        units = gpd.GeoDataFrame(units.merge(wide, on="unit_code"))
        units = gpd.GeoDataFrame(units.merge(judge_by_share(units), on="unit_code"))
        units["rank"] = units["gap_score"].rank(ascending=False, method="min").astype("Int64")
    return prepare_ground(
        units, areas, table, grid=grid, places=places, plans=plans, evidence_order=rules.coverage_evidence
    )


def check(
    ground: Ground, *offers: Offer, rules: RolloutRules | None = None, operator_share: float = 0.5
) -> Report:
    return check_proposals(ground, offers, judge_by_share, rules=rules, operator_share=operator_share)
