"""The rollout desk's way in: what was drawn or uploaded → a proposal's content → the offer that is checked, and its ground.

Faults that a visitor can mend are `DeskError`s: a code with numbers, so that the page can say them in its own language.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo import confined
from geo.crs import destinations
from geo.errors import InputError
from geo.people import PopulationGrid
from geo.pieces import make_layer
from geo.points_table import is_table
from geo.proposals import Content
from geo.results import Built, UnitList
from geo.rollout_areas import Ground, Offer, Plans, areas_of_sites, prepare_ground
from geo.rules import Rules
from geo.workspace import Workspace

CIRCLE_SIDES: Final = 72
LARGEST_RADIUS_M: Final = 200_000.0
_SITE_FIGURES: Final = {
    "frequency_mhz": ("frequency_mhz", "downlink_frequency_mhz"),
    "eirp_dbm": ("eirp_dbm",),
    "antenna_height_m": ("antenna_height_m", "antenna_height"),
}
"""What the model of a site's reach can be told, by the columns that say it."""


class DeskError(InputError):
    """A drawing or file that cannot be checked: `code` says what is wrong, `numbers` how much and where."""

    def __init__(self, code: str, message: str, **numbers: Any) -> None:
        super().__init__(message)
        self.code = code
        self.numbers = numbers


def shapes_from_drawing(
    features: Sequence[Mapping[str, Any]], most_sites: float
) -> tuple[str, dict[str, Any]]:
    """`areas` or `sites`, and the GeoJSON FeatureCollection of polygons or points of what a browser says was drawn.

    A circle is a point with `radius` in metres; it becomes a polygon of the same area that remembers its circle. Raises
    `DeskError` for nothing drawn, areas and sites at once, an outline that crosses itself, too many sites.
    """
    kinds = {"sites" if _is_site(feature) else "areas" for feature in features}
    if not kinds:
        raise DeskError("nothing_drawn", "nothing is drawn; draw an area or place a site")
    if len(kinds) > 1:
        raise DeskError("mixed", "areas and sites are drawn at once; a proposal is of one or the other")
    kind = kinds.pop()
    if kind == "sites":
        _require_few(len(features), most_sites)
        return kind, _collection([shapely.Point(_place(feature)) for feature in features])
    drawn = [_drawn_area(feature) for feature in features]
    return kind, _collection([shape for shape, _ in drawn], [properties for _, properties in drawn])


def _is_site(feature: Mapping[str, Any]) -> bool:
    return feature["geometry"]["type"] == "Point" and "radius" not in (feature.get("properties") or {})


def _place(feature: Mapping[str, Any]) -> tuple[float, float]:
    lon, lat = (float(value) for value in feature["geometry"]["coordinates"][:2])
    return lon, lat


def _drawn_area(feature: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    if feature["geometry"]["type"] == "Point":
        radius_m = float(feature["properties"]["radius"])
        if not 0 < radius_m <= LARGEST_RADIUS_M:
            raise DeskError(
                "radius", f"the circle has a radius of {radius_m:g} m, wanted up to {LARGEST_RADIUS_M:g} m",
                value=radius_m / 1000,
            )  # fmt: skip
        lon, lat = _place(feature)
        return circle(lon, lat, radius_m), {"circle": {"lon": lon, "lat": lat, "radius": radius_m}}
    shape = shapely.geometry.shape(feature["geometry"])
    if not shapely.is_valid(shape):
        return _require_uncrossed(shape), {}
    return shape, {}


def _require_uncrossed(shape: Any) -> Any:
    """A shape that is not valid: refused with the place where it crosses itself."""
    said = shapely.is_valid_reason(shape)
    where = said.partition("[")[2].rstrip("]").split()
    lon, lat = (float(where[0]), float(where[1])) if len(where) == 2 else shape.envelope.centroid.coords[0]
    raise DeskError(
        "self_crossing", f"the outline crosses itself near {lat:.5f}, {lon:.5f}; move a corner or draw it again",
        lat=f"{lat:.5f}", lon=f"{lon:.5f}",
    )  # fmt: skip


def circle(lon: float, lat: float, radius_m: float) -> Any:
    """A polygon of the area of a geodesic circle."""
    side = 2 * np.pi / CIRCLE_SIDES
    angles = np.degrees(np.arange(CIRCLE_SIDES) * side)
    reach = np.full(CIRCLE_SIDES, radius_m * np.sqrt(side / np.sin(side)))
    return shapely.Polygon(destinations(np.tile([[lon, lat]], (CIRCLE_SIDES, 1)), angles, reach))


def _require_few(count: int, most: float) -> None:
    if count > most:
        raise DeskError(
            "too_many_sites", f"{count:,} sites, wanted at most {most:,.0f}; split the proposal", count=count, most=int(most)
        )  # fmt: skip


def _collection(shapes: Sequence[Any], properties: Sequence[dict[str, Any]] | None = None) -> dict[str, Any]:
    own = properties or [{} for _ in shapes]
    features = [
        {"type": "Feature", "properties": said, "geometry": shapely.geometry.mapping(shape)}
        for shape, said in zip(shapes, own, strict=True)
    ]
    return {"type": "FeatureCollection", "features": features}


def shapes_from_file(path: Path, ground: Ground, most_sites: float) -> tuple[str, dict[str, Any], list[str]]:
    """`areas` or `sites`, their FeatureCollection, and what was noted, of a vector file or a table of sites.

    Read in the confined process. Raises `InputError` with the reader's own words, `DeskError` for too many sites.
    """
    region = tuple(float(edge) for edge in ground.units.total_bounds)
    if not is_table(path):
        try:
            found = confined.read_polygons(path)
        except InputError as fault:
            return _points_or(path, region, fault, most_sites)
        notes = [finding.message for finding in found.findings]
        return "areas", _collection(list(found.frame.geometry)), notes
    points, findings = confined.read_points(path, region=region)
    return _sites(points, [finding.message for finding in findings], most_sites)


def _points_or(
    path: Path, region: Sequence[float], fault: InputError, most_sites: float
) -> tuple[str, dict[str, Any], list[str]]:
    """The file as sites; where it holds none either, what was wrong with it as areas."""
    try:
        points, findings = confined.read_points(path, region=region)
    except InputError:
        raise fault from None
    return _sites(points, [finding.message for finding in findings], most_sites)


def _sites(
    points: gpd.GeoDataFrame, notes: list[str], most_sites: float
) -> tuple[str, dict[str, Any], list[str]]:
    _require_few(len(points), most_sites)
    columns = {
        name: next((points[one] for one in given if one in points), None)
        for name, given in _SITE_FIGURES.items()
    }
    said = {name: pd.to_numeric(values, errors="coerce") for name, values in columns.items() if values is not None}
    properties = [
        {name: float(values.iloc[row]) for name, values in said.items() if np.isfinite(values.iloc[row])}
        for row in range(len(points))
    ]
    return "sites", _collection(list(points.geometry), properties), notes


def file_mark(content: bytes) -> str:
    """Hex sha256 by which the same file is known again."""
    return hashlib.sha256(content).hexdigest()


def offer_of(content: Content, *, key: str, status: str = "draft") -> Offer:
    """The content as the check takes it: areas as they are, sites as the areas they are modelled to cover."""
    shapes = [shapely.geometry.shape(feature["geometry"]) for feature in content.geometry["features"]]
    said = {
        "year": content.year, "cost": content.cost, "speed_mbps": content.speed_mbps, "status": status,
    }  # fmt: skip
    if content.kind == "areas":
        return Offer(key, content.operator, content.technology, shapely.union_all(shapes), **said)  # type: ignore[arg-type]
    frame = gpd.GeoDataFrame(
        {
            "site_id": [f"{key}-{number}" for number in range(1, len(shapes) + 1)],
            "operator": content.operator,
            "technology": str(content.technology),
            **{name: [_figure(feature, name) for feature in content.geometry["features"]] for name in _SITE_FIGURES},
        },
        geometry=shapes,
        crs=4326,
    )
    low, middle, high, _ = areas_of_sites(frame)
    return Offer(
        key, content.operator, content.technology, middle, low, high, shapely.get_coordinates(shapes), **said
    )  # type: ignore[arg-type]


def _figure(feature: Mapping[str, Any], name: str) -> float:
    value = (feature.get("properties") or {}).get(name)
    return np.nan if value is None else float(value)


def require_inside(ground: Ground, offer: Offer) -> None:
    """Raise `DeskError` where none of an offer lies inside the units; `swapped` where exchanging lon and lat would help."""
    if len(ground.layer.tree.query(offer.area, predicate="intersects")):
        return
    west, south, east, north = offer.area.bounds
    swapped = shapely.box(south, west, north, east).intersects(shapely.box(*ground.units.total_bounds))
    raise DeskError(
        "swapped" if swapped else "outside",
        f"none of it lies inside the units (it spans {west:.4f}, {south:.4f} to {east:.4f}, {north:.4f})",
        west=f"{west:.2f}", south=f"{south:.2f}", east=f"{east:.2f}", north=f"{north:.2f}",
    )  # fmt: skip


def read_grid(workspace: Workspace, units: gpd.GeoDataFrame) -> PopulationGrid | None:
    """The population grid around the units; None without one."""
    files = [file for given in workspace.of_kind("population") for file in given.files]
    if not files:
        return None
    west, south, east, north = (float(edge) for edge in units.total_bounds)
    return confined.read_population(workspace.resolve(files[0]), (west, south, east, north))


def ground_of(workspace: Workspace, built: Built, units: UnitList, rules: Rules) -> Ground:
    """The built results of one list of units as the ground of checks, without any stored proposal yet."""
    return prepare_ground(
        units.result, built.coverage_areas, units.coverage, grid=read_grid(workspace, units.result),
        places=built.places, evidence_order=rules.coverage_evidence,
    )  # fmt: skip


def with_plans(ground: Ground, plans: Sequence[Offer]) -> Ground:
    """The ground with these stored proposals, whatever their status."""
    firm = tuple(offer for offer in plans if offer.status in ("accepted", "built"))
    planned = tuple(offer for offer in plans if len(offer.sites) and offer.status != "draft")
    return replace(ground, plans=Plans(firm, make_layer([offer.area for offer in firm])), planned=planned)
