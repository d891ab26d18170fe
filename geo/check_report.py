"""A check as plain rows: for a terminal, for scripts, and for the sheets of a workbook."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.rollout import Check
from geo.rollout_criteria import advise, judge_check
from geo.rollout_sum import Pieces, contributions, union_gain
from geo.rules import RolloutRules
from geo.summary import plain

UNIT_COLUMNS: Final = (
    "proposal", "unit_code", "vintage", "name", "people_inside", "newly_covered_people", "area_inside_km2", "newly_covered_km2",
)  # fmt: skip


def summary_row(check: Check, rules: RolloutRules) -> dict[str, Any]:
    """One row of a proposal: what it is, its figures, places gained, the nearest other site, and its outcome."""
    proposal, nearest = check.proposal, check.nearest
    kinds = check.gained["class"].value_counts()
    row = {
        "proposal": proposal.name,
        "id": proposal.id,
        "operator": proposal.operator,
        "technology": str(proposal.technology),
        "year": proposal.year,
        "status": str(proposal.status),
        "basis": proposal.basis,
        "sites": len(proposal.sites),
        "outcome": str(advise(judge_check(check, rules))),
        **asdict(check.figures),
        "schools_gained": int(kinds.get("school", 0)),
        "clinics_gained": int(kinds.get("clinic", 0)),
        "cost": proposal.cost,
        "promised_mbps": proposal.promised_mbps,
        "nearest_site_km": None if nearest is None else nearest.km,
        "nearest_site_operator": None if nearest is None else nearest.operator,
        "nearest_site_proposal": None if nearest is None else nearest.proposal,
    }
    return {name: plain(value) for name, value in row.items()}


def criterion_rows(check: Check, rules: RolloutRules) -> list[dict[str, Any]]:
    """One row per criterion, with its figure, thresholds, outcome and reason code."""
    rows = [{"proposal": check.proposal.name, **asdict(found)} for found in judge_check(check, rules)]
    return [{name: _text_or_plain(value) for name, value in row.items()} for row in rows]


def _text_or_plain(value: Any) -> Any:
    return str(value) if isinstance(value, str) else plain(value)


def unit_table(checks: Sequence[Check]) -> pd.DataFrame:
    """A row per proposal and unit that it reaches, before and after."""
    tables = [check.units.assign(proposal=check.proposal.name) for check in checks]
    whole = pd.concat(tables, ignore_index=True).astype(object)
    rest = [str(name) for name in whole.columns if name not in UNIT_COLUMNS]
    return pd.DataFrame(whole[[*UNIT_COLUMNS, *rest]])


def gained_table(checks: Sequence[Check]) -> pd.DataFrame:
    """A row per proposal and school or clinic that it newly covers."""
    rows = [
        {
            "proposal": check.proposal.name,
            "name": place.name_,
            "class": place.kind,
            "longitude": place.geometry.x,
            "latitude": place.geometry.y,
        }
        for check in checks
        for place in check.gained.rename(columns={"name": "name_", "class": "kind"}).itertuples()
    ]
    return pd.DataFrame(rows, columns=["proposal", "name", "class", "longitude", "latitude"])


def gain_frame(checks: Sequence[Check], rules: RolloutRules) -> gpd.GeoDataFrame:
    """The newly covered ground of each proposal as one shape; the proposal's own area where nothing is, or it is not known."""
    rows, shapes = [], []
    for check in checks:
        new = (
            check.gain[~shapely.is_missing(check.gain)]
            if not np.isnan(check.figures.newly_covered_km2)
            else []
        )
        shapes.append(shapely.union_all(new) if len(new) else check.proposal.area)
        found = check.figures
        rows.append(
            {
                "proposal": check.proposal.name,
                "operator": check.proposal.operator,
                "technology": str(check.proposal.technology),
                "outcome": str(advise(judge_check(check, rules))),
                "people_inside": found.people_inside,
                "newly_covered_people": found.newly_covered_people,
                "area_km2": found.area_km2,
                "newly_covered_km2": found.newly_covered_km2,
            }
        )
    return gpd.GeoDataFrame(pd.DataFrame(rows), geometry=shapes, crs=4326)


def together(checks: Sequence[Check], pieces: Pieces) -> dict[str, Any]:
    """All proposals together: everyone once, and the order-free contribution of each proposal and operator (exact)."""
    people, km2 = union_gain(pieces)
    each = sum(check.figures.newly_covered_people for check in checks)
    tables = {
        "proposals": contributions(checks, pieces),
        "operators": contributions(checks, pieces, by_operator=True),
    }
    return {
        "newly_covered_people": plain(people),
        "newly_covered_km2": plain(km2),
        "sum_of_each": plain(each),
        "shared_people": plain(each - people),
        "method": "Shapley value, exact",
        **{
            name: [{str(k): plain(v) for k, v in row.items()} for row in table.to_dict("records")]
            for name, table in tables.items()
        },
    }
