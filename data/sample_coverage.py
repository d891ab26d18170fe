"""Invented coverage polygons: uneven discs around the settlements where an operator is said to have a site."""

from functools import partial
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from data.sample_outlines import Outlines, in_metres
from data.sample_people import SPREAD_LIMIT
from data.sample_profiles import OPERATORS, PROFILES, Service, operator_share
from data.sample_sources import to_degrees
from data.sample_steady import chances, snap

TECHNOLOGIES: Final = ("3G", "4G", "5G")
AS_OF: Final = "2026-09-30"

RADIUS_M: Final = {"3G": 3_900.0, "4G": 3_200.0, "5G": 1_500.0}
OPERATOR_REACH: Final = {"Viettel": 1.10, "VinaPhone": 1.0, "MobiFone": 0.95, "Vietnamobile": 0.75}
SHADOW_M: Final = {"3G": 1_500.0, "4G": 2_400.0, "5G": 100.0}
"""Radius (m) of the blank around a settlement that nobody serves."""
MARGIN_M: Final = 2_000.0
"""Coverage is drawn this far beyond the region, so that its edge is not the region's edge."""
SIMPLIFY_M: Final = 40.0
DECIMALS: Final = 5
GRID_M: Final = 1.0
"""Areas are joined and cut on whole metres, so that every corner is the same before lines are simplified."""

Flags = npt.NDArray[np.bool_]


def mark_unserved(settlements: pd.DataFrame, outlines: Outlines) -> pd.DataFrame:
    """Settlements with `unserved`: in weak units the hamlets farthest from their town, up to the profile's share.

    `edge_m` is the distance to the unit's own edge: a blank stays inside its unit, so that it says nothing of others.
    """
    units = in_metres(outlines.units)
    rows = settlements["unit"].to_numpy()
    points = shapely.points(settlements["x"], settlements["y"])
    edge_m = shapely.distance(shapely.boundary(units.geometry.to_numpy()[rows]), points)
    town_m = shapely.distance(shapely.points(units["x"], units["y"])[rows], points)
    frame = settlements.assign(edge_m=snap(edge_m, 2), town_m=snap(town_m, 2), unserved=False)
    for number, code in enumerate(units["code"]):
        wanted = PROFILES[code].service.unserved_share * frame.loc[frame["unit"] == number, "people"].sum()
        able = frame[(frame["unit"] == number) & (frame["kind"] == "hamlet") & (frame["edge_m"] > 900.0)]
        able = able.sort_values(["town_m", "x", "y"], ascending=[False, True, True])
        frame.loc[able.index[snap(able["people"].cumsum(), 3) <= snap(wanted, 3)], "unserved"] = True
    return frame


def make_coverage(settlements: pd.DataFrame, outlines: Outlines) -> dict[tuple[str, str], gpd.GeoDataFrame]:
    """Polygons (EPSG:4326) by operator and technology."""
    units = in_metres(outlines.units)
    limit = shapely.set_precision(units.geometry.union_all().buffer(MARGIN_M), GRID_M)
    found = {}
    for operator in OPERATORS:
        for technology in TECHNOLOGIES:
            sites = settlements_with_site(settlements, outlines, operator, technology)
            area = _around(settlements[sites], technology, operator)
            lit = shapely.difference(area, _shadows(settlements, technology), grid_size=GRID_M)
            area = shapely.intersection(lit, limit, grid_size=GRID_M)
            found[operator, technology] = _polygons(area, operator, technology)
    return found


def settlements_with_site(
    settlements: pd.DataFrame, outlines: Outlines, operator: str, technology: str
) -> "pd.Series[bool]":
    """Whether the operator is said to have a site of the technology there; `settlements` with `unserved`."""
    codes = outlines.units["code"].to_numpy()[settlements["unit"].to_numpy()]
    services = [PROFILES[code].service for code in codes]
    draws = [rng.random(len(OPERATORS)) for rng in chances("served", settlements[["x", "y"]].to_numpy())]
    luck = np.array(draws)[:, OPERATORS.index(operator)]
    luck[settlements["kind"].eq("town").to_numpy()] *= 0.5
    return ~settlements["unserved"] & _has_site(services, luck, operator, technology)


def _has_site(
    services: list[Service], luck: npt.NDArray[np.float64], operator: str, technology: str
) -> Flags:
    share = np.array([operator_share(service, operator) for service in services])
    if technology == "5G":
        share = share * np.array([service.share_5g for service in services])
    if technology == "3G":
        # the older network reaches somewhat further, except where the operator has nothing at all
        share = np.where(share > 0, np.minimum(1.0, share + 0.1), 0.0)
    return np.asarray(luck < share, dtype=bool)


def _around(sites: pd.DataFrame, technology: str, operator: str) -> shapely.Geometry:
    """Union of uneven discs (metres); each at least as wide as the settlement it stands for, except for 5G hamlets."""
    rngs = chances(f"{operator} {technology}", sites[["x", "y"]].to_numpy())
    radius = RADIUS_M[technology] * OPERATOR_REACH[operator] * np.array([r.uniform(0.88, 1.15) for r in rngs])
    least = np.where(technology == "5G", 1.6, SPREAD_LIMIT + 0.4) * sites["spread_m"].to_numpy() / 0.8
    return _uneven_discs(sites, np.maximum(radius, least), rngs)


def _uneven_discs(
    middles: pd.DataFrame, radius: npt.NDArray[np.float64], rngs: list[np.random.Generator]
) -> shapely.Geometry:
    """Union of discs whose edge lies between 0.8 and 1.2 of their radius (m), every corner on a whole metre."""
    turns = np.array([rng.uniform(0, 2 * np.pi, 2) for rng in rngs]).reshape(-1, 2, 1)
    angle = np.linspace(0, 2 * np.pi, 28, endpoint=False)
    uneven = 1 + 0.12 * np.sin(2 * angle + turns[:, 0]) + 0.08 * np.sin(5 * angle + turns[:, 1])
    reach = radius[:, None] * uneven
    ring = np.stack([reach * np.cos(angle), reach * np.sin(angle)], axis=2)
    discs = shapely.polygons(snap(ring + middles[["x", "y"]].to_numpy()[:, None]))
    return shapely.union_all(discs, grid_size=GRID_M)


def _shadows(settlements: pd.DataFrame, technology: str) -> shapely.Geometry:
    """Blanks around unserved settlements, the same for every operator, each within its own unit."""
    dark = settlements[settlements["unserved"]]
    radius = np.minimum(SHADOW_M[technology], dark["edge_m"].to_numpy() / 1.2)
    return _uneven_discs(dark, radius, chances("shadow", dark[["x", "y"]].to_numpy()))


def _polygons(area: shapely.Geometry, operator: str, technology: str) -> gpd.GeoDataFrame:
    """Parts in EPSG:4326. Simplifying keeps each ring's first corner, so the rings are put in order before it."""
    whole = shapely.normalize(shapely.transform(area, snap))
    simple = shapely.get_parts(shapely.simplify(whole, SIMPLIFY_M))
    parts = shapely.transform(simple, partial(to_degrees, decimals=DECIMALS))
    rounded = shapely.get_parts(shapely.normalize(shapely.set_precision(parts, 10.0**-DECIMALS)))
    rounded = rounded[shapely.get_type_id(rounded) == shapely.GeometryType.POLYGON]
    order = np.lexsort(shapely.bounds(rounded).T)
    return gpd.GeoDataFrame(
        {"operator": operator, "technology": technology, "evidence": "declared", "as_of": AS_OF},
        geometry=rounded[order],
        index=range(len(rounded)),
        crs=4326,
    )
