"""What a plan is made from: how far a site reaches, where sites may stand, and the unit that each stands in."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.arrays import FloatArray
from geo.candidates import grid_candidates, office_candidates, place_candidates
from geo.demand import Demand
from geo.errors import CallError
from geo.mends import NO_MENDS, Mends
from geo.planning import Radius, radii_of
from geo.quality import Finding
from geo.results import Built, UnitList
from geo.schema import PlaceClass, Technology
from geo.site_areas import model_radii
from geo.site_points import read_site_points

RADIUS_M: Final = 3_000.0
LARGEST_RADIUS_M: Final = 200_000.0
GRID_M: Final = 1_000.0


class Model(StrEnum):
    """How far a site reaches when no radius is given."""

    RMA = "rma"


@dataclass(frozen=True)
class CandidateChoice:
    """Where sites may stand: a file, places of these classes, the units' offices, or a grid; the first that is given."""

    file: Path | None = None
    places: str = ""
    grid_m: float = GRID_M
    site_cost: float | None = None
    mends: Mends = NO_MENDS


def reach_of(technology: Technology, radius: float | None, model: Model | None, operator: str) -> Radius:
    """The radius given, the model's for a new site of this technology and operator, or the default."""
    if model is None:
        return RADIUS_M if radius is None else radius
    if radius is not None:
        raise CallError("give --radius or --model, not both")

    def modelled(sites: gpd.GeoDataFrame) -> FloatArray:
        unknown = pd.Series(np.nan, index=sites.index)
        named = sites.assign(
            site_id=[str(place) for place in range(len(sites))], operator=operator, technology=str(technology),
            frequency_mhz=unknown, eirp_dbm=unknown, antenna_height_m=unknown,
        )  # fmt: skip
        return np.asarray(model_radii(named)["radius_m"].to_numpy(dtype=float, na_value=np.nan))

    return modelled


def find_candidates(
    choice: CandidateChoice, built: Built, units: UnitList, demand: Demand, reach: Radius
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """The candidates asked for, `site_cost` where one states none, and what was set aside."""
    findings: list[Finding] = []
    if choice.file is not None:
        found, findings = read_site_points(choice.file, units.result, mends=choice.mends)
    elif choice.places:
        found = _at_places(choice.places, built, units)
    else:
        probe = office_candidates(units.result.iloc[:1])
        found = grid_candidates(units.result, demand.centres, choice.grid_m, float(radii_of(probe, reach)[0]))
    if choice.site_cost is not None:
        if not 0 <= choice.site_cost < np.inf:
            raise CallError(f"--site-cost is {choice.site_cost}; wanted 0 or more")
        found = found.assign(cost=found["cost"].fillna(choice.site_cost))
    return found, findings


def _at_places(text: str, built: Built, units: UnitList) -> gpd.GeoDataFrame:
    kinds = [kind.strip() for kind in text.split(",") if kind.strip()]
    wrong = [kind for kind in kinds if kind not in {str(known) for known in PlaceClass}]
    if wrong or not kinds:
        raise CallError(f"--places is {text!r}; wanted {', '.join(PlaceClass)}, more than one with commas")
    known = set() if built.places is None else set(built.places["class"])
    if kinds == [str(PlaceClass.OFFICE)] and str(PlaceClass.OFFICE) not in known:
        # a point inside each unit stands in for its office
        return office_candidates(units.result)
    return place_candidates(built.places, kinds)


def with_units(sites: gpd.GeoDataFrame, units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The sites with code, vintage and name of the unit that each stands in."""
    tree = shapely.STRtree(units.geometry.to_numpy())
    place, unit = tree.query(sites.geometry.to_numpy(), predicate="intersects")
    where = pd.Series(unit, index=place).groupby(level=0).first().reindex(range(len(sites)))
    known = where.notna().to_numpy()
    table = sites.copy()
    for position, (name, column) in enumerate(
        (("unit_code", "unit_code"), ("vintage", "vintage"), ("unit_name", "name"))
    ):
        values = np.full(len(sites), None, dtype=object)
        values[known] = units[column].to_numpy()[where[known].astype(int)]
        table.insert(1 + position, name, values)
    return table
