"""The rollout desk's way in for a page: what was drawn on a map → the shapes of a proposal, and the desk kept up to date.

Faults that a visitor can mend are `DeskError`s: a code with numbers, so that the page can say them in its own language.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import shapely

from geo.crs import destinations
from geo.errors import InputError
from geo.pieces import make_layer
from geo.proposals import Status, Version
from geo.rollout_areas import Ground, Offer, Plans
from geo.rollout_desk import Desk
from geo.rollout_offers import offer_of_version

CIRCLE_SIDES: Final = 72
LARGEST_RADIUS_M: Final = 200_000.0


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


def with_proposals(desk: Desk, proposals: Sequence[Version]) -> Desk:
    """The desk with the store's newest versions in place of those it was opened with; what is costly to read stays."""
    plans = [offer_of_version(version) for version in proposals if version.status != Status.DRAFT]
    firm = tuple(offer for offer in plans if offer.status in (Status.ACCEPTED, Status.BUILT))
    ground = replace(
        desk.ground,
        plans=Plans(firm, make_layer([offer.area for offer in firm])),
        planned=tuple(offer for offer in plans if len(offer.sites)),
    )
    return replace(desk, proposals=tuple(proposals), ground=ground)
