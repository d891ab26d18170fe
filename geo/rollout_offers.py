"""Proposals as they are stored → offers as the check takes them: areas joined, sites modelled into areas."""

import json
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geo.errors import InputError
from geo.pieces import union
from geo.proposals import Content, Version
from geo.rollout_areas import Offer, areas_of_sites

_MODELLED: tuple[str, ...] = ("frequency_mhz", "eirp_dbm", "antenna_height_m")


def offer_of(content: Content, key: str, status: str = "draft") -> tuple[Offer, list[str]]:
    """The offer, and the sites that could not be modelled; raises `InputError` when none can."""
    features = content.geometry["features"]
    try:
        shapes = shapely.from_geojson([json.dumps(feature["geometry"]) for feature in features])
    except shapely.errors.GEOSException as fault:
        raise InputError(
            f"{key}: its shapes cannot be read ({fault}); give it its areas or sites again"
        ) from fault
    said = {"key": key, "operator": content.operator, "technology": content.technology, "year": content.year,
            "cost": content.cost, "speed_mbps": content.speed_mbps, "status": status}  # fmt: skip
    if content.kind == "areas":
        return Offer(area=union(shapes), **said), []  # type: ignore[arg-type]
    try:
        low, middle, high, left = areas_of_sites(_site_frame(content, features, shapes))
    except InputError as fault:
        raise InputError(f"{key}: {fault}") from fault
    places = shapely.get_coordinates(shapes)
    return Offer(area=middle, low=low, high=high, sites=places, unmodelled=len(left), **said), left  # type: ignore[arg-type]


def offer_of_version(version: Version) -> Offer:
    """A stored proposal, by its id and status."""
    return offer_of(version.content, version.id, str(version.status))[0]


def _site_frame(content: Content, features: list[dict[str, Any]], shapes: Any) -> gpd.GeoDataFrame:
    """What the model of coverage reads; numbers are null and a site is a circle where nothing is said."""
    given = [feature.get("properties") or {} for feature in features]
    azimuths = [one.get("azimuth_degrees") for one in given]
    return gpd.GeoDataFrame(
        {
            "site_id": [str(one.get("site_id", place)) for place, one in enumerate(given, start=1)],
            "operator": content.operator,
            "technology": str(content.technology),
            **{name: np.array([one.get(name, np.nan) for one in given], dtype=float) for name in _MODELLED},
            "azimuths_degrees": [None if angle is None else [float(angle)] for angle in azimuths],
        },
        geometry=shapes,
        crs=4326,
    )
