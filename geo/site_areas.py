"""Cell sites → the areas they are modelled to cover, as circles and 120° sectors; terrain-blind, labelled `modelled`."""

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.arrays import FloatArray, IntArray, ObjectArray
from geo.crs import STORAGE_CRS, destinations
from geo.errors import InputError
from geo.propagation import ModelRules, budget_of, cell_radius_m, default_frequency_mhz, is_valid_cell
from geo.schema import COVERAGE_COLUMNS, Evidence

TERRAIN_BLIND: Final = "modelled from cell sites by 3GPP TR 38.901 RMa with a link budget; terrain, buildings and tilt are not known to it"
"""What is to be said of every modelled area."""
SECTOR_DEGREES: Final = 120.0
CIRCLE_SIDES: Final = 36
MODEL_COLUMNS: Final = ("frequency_mhz", "eirp_dbm", "antenna_height_m", "radius_m", "clipped", "assumed")
"""Added by `model_radii`: the values used, the radius (null where not modelled), cut by a bound, and what was assumed."""
_WANTED: Final = ("site_id", "operator", "technology", "frequency_mhz", "eirp_dbm", "antenna_height_m")


def model_radii(sites: gpd.GeoDataFrame, rules: ModelRules | None = None) -> gpd.GeoDataFrame:
    """The sites with `MODEL_COLUMNS`: what a site does not state is taken from `rules`, and `assumed` lists it.

    `sites`: one row per site × technology × operator, points in EPSG:4326 (`geo.sites.SITE_COLUMNS`). A radius is null
    where TR 38.901 RMa does not hold (frequency outside 0.5-7 GHz, antenna outside 10-150 m): such a site is not modelled.
    """
    rules = rules or ModelRules()
    missing = [name for name in _WANTED if name not in sites.columns]
    if missing:
        raise InputError(
            f"sites: column {', '.join(missing)} is missing; wanted {', '.join(_WANTED)} and points"
        )
    budgets = {name: budget_of(name, rules) for name in sites["technology"].astype(str).unique()}
    technology = sites["technology"].astype(str)
    pairs = zip(technology, sites["operator"].astype(str), strict=True)
    bands = {pair: default_frequency_mhz(*pair, rules) for pair in dict.fromkeys(pairs)}
    fallback = {
        "frequency_mhz": [
            bands[pair] for pair in zip(technology, sites["operator"].astype(str), strict=True)
        ],
        "eirp_dbm": technology.map({name: budget.eirp_dbm for name, budget in budgets.items()}),
        "antenna_height_m": rules.antenna_m,
    }
    stated = {name: sites[name].to_numpy(dtype=float, na_value=np.nan) for name in fallback}
    used = {name: np.where(np.isnan(stated[name]), values, stated[name]) for name, values in fallback.items()}
    needed = technology.map({name: b.reference_db + b.threshold_dbm for name, b in budgets.items()})
    allowed = used["eirp_dbm"] - needed.to_numpy(dtype=float) - rules.margin_db
    radius, clipped = cell_radius_m(
        allowed, used["frequency_mhz"], used["antenna_height_m"], sight=rules.sight, around=rules.around
    )
    words = np.array([["", name] for name in fallback], dtype=object)
    marks = [words[place, np.isnan(stated[name]).astype(int)] for place, name in enumerate(fallback)]
    assumed = [" ".join(filter(None, row)) for row in zip(*marks, strict=True)]
    return sites.assign(**used, radius_m=radius, clipped=clipped, assumed=assumed)


def draw_areas(modelled: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """One row per circle or sector of the modelled sites: their columns, `azimuth_degrees` (null: circle) and the polygon.

    `modelled`: the result of `model_radii`; its `azimuths_degrees`, where the column is there, holds per site the azimuths
    of its sectors, or None for a circle. Sites without a radius, or with radius 0, draw nothing. A polygon's corners lie on
    geodesics from the site, a little outside the circle, so that it has the circle's area.
    """
    drawn = modelled[modelled["radius_m"].to_numpy(dtype=float, na_value=np.nan) > 0]
    if "azimuths_degrees" in drawn.columns:
        azimuths = [
            list(given) if isinstance(given, list | tuple | np.ndarray) else []
            for given in drawn["azimuths_degrees"]
        ]
        drawn = drawn.drop(columns="azimuths_degrees")
    else:
        azimuths = [[] for _ in range(len(drawn))]
    counts = np.array([max(len(given), 1) for given in azimuths], dtype=np.int64)
    rows = drawn.iloc[np.repeat(np.arange(len(drawn)), counts)].reset_index(drop=True)
    facing = np.array([angle for given in azimuths for angle in (given or [np.nan])], dtype=float)
    centres = shapely.get_coordinates(rows.geometry.to_numpy())
    radii = rows["radius_m"].to_numpy(dtype=float)
    shapes = np.empty(len(rows), dtype=object)
    circle = np.isnan(facing)
    shapes[circle] = _circles(centres[circle], radii[circle])
    shapes[~circle] = _sectors(centres[~circle], radii[~circle], facing[~circle])
    return rows.assign(azimuth_degrees=facing).set_geometry(gpd.GeoSeries(shapes, crs=STORAGE_CRS))


def _equal_area_factor(side_degrees: float) -> float:
    """How far beyond the radius the corners of a polygon lie that has the area of its circle."""
    side = np.radians(side_degrees)
    return float(np.sqrt(side / np.sin(side)))


def _circles(centres: FloatArray, radii: FloatArray) -> ObjectArray:
    side = 360.0 / CIRCLE_SIDES
    angles = np.arange(CIRCLE_SIDES) * side
    return _polygons(
        centres, radii * _equal_area_factor(side), np.tile(angles, (len(centres), 1)), apex=False
    )


def _sectors(centres: FloatArray, radii: FloatArray, facing: FloatArray) -> ObjectArray:
    sides = int(CIRCLE_SIDES * SECTOR_DEGREES / 360.0)
    side = SECTOR_DEGREES / sides
    angles = facing[:, None] + np.linspace(-SECTOR_DEGREES / 2, SECTOR_DEGREES / 2, sides + 1)
    return _polygons(centres, radii * _equal_area_factor(side), angles, apex=True)


def _polygons(centres: FloatArray, radii: FloatArray, angles: FloatArray, *, apex: bool) -> ObjectArray:
    """A polygon per centre through the points at these azimuths (n, k), and through the centre itself (`apex`)."""
    count, corners = angles.shape
    ends = destinations(np.repeat(centres, corners, axis=0), angles.ravel(), np.repeat(radii, corners))
    rings = ends.reshape(count, corners, 2)
    first = centres[:, None, :] if apex else rings[:, :1, :]
    parts = [first, rings, first] if apex else [rings, first]
    closed = np.concatenate(parts, axis=1)
    size = closed.shape[1]
    index: IntArray = np.repeat(np.arange(count), size)
    return np.asarray(
        shapely.polygons(shapely.linearrings(closed.reshape(-1, 2), indices=index)), dtype=object
    )


def model_coverage(
    sites: gpd.GeoDataFrame, *, as_of: str, rules: ModelRules | None = None
) -> gpd.GeoDataFrame:
    """`geo.schema.COVERAGE_COLUMNS` and polygons in EPSG:4326: per operator and technology the union of its sites' areas.

    `sites` as for `model_radii`; `as_of`: the day the records hold for (ISO). Sites that are not modelled are left out:
    `model_radii` says which. Operators without any modelled site have no row.
    """
    areas = draw_areas(model_radii(sites, rules))
    groups = areas.groupby(["operator", "technology"], sort=True)
    claims = [(operator, technology, str(Evidence.MODELLED), as_of) for (operator, technology), _ in groups]
    shapes = [shapely.union_all(rows.geometry.to_numpy()) for _, rows in groups]
    table = pd.DataFrame(claims, columns=list(COVERAGE_COLUMNS), dtype=object).astype(str)
    return gpd.GeoDataFrame(table, geometry=shapes, crs=STORAGE_CRS)


def unmodelled_sites(modelled: gpd.GeoDataFrame) -> pd.DataFrame:
    """`site_id`, `operator`, `technology`, `reason` of the sites for which `model_radii` gave no radius or 0."""
    radius = modelled["radius_m"].to_numpy(dtype=float, na_value=np.nan)
    valid = is_valid_cell(modelled["frequency_mhz"], modelled["antenna_height_m"])
    reasons = np.select(
        [~valid, radius == 0],
        [
            "frequency or antenna height outside TR 38.901 RMa (0.5-7 GHz, 10-150 m)",
            "signal too weak at 10 m",
        ],
        default="",
    )
    left = modelled[["site_id", "operator", "technology"]].assign(reason=reasons)
    return pd.DataFrame(left[left["reason"] != ""]).reset_index(drop=True)
