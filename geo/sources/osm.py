"""OpenStreetMap through the Overpass API: outlines of any administrative level, and towns, schools, clinics and offices.

Seen as stored copies: wiki.openstreetmap.org/wiki/Overpass_API/Overpass_QL and osmlab.github.io/learnoverpass (`rel(pivot)`,
`area` filters; an area's id is 3600000000 + the relation's), dev.overpass-api.de/overpass-doc/en/preface/commons.html (about
10,000 requests and 1 GB a day), and github.com/drolbr/Overpass-API/issues/791 of April 2026, where the operators say what
else they ask for: a user agent that names the program (else 406), one request at a time, and 30 s of rest after a 429.
Not found stored: dev.overpass-api.de/output_formats.html (JSON: `osm3s.timestamp_osm_base`, `elements`; a failed run ends with
`remark: "runtime error: …"` under status 200); the shape is that of public programs that read it. Tags:
wiki.openstreetmap.org/wiki/Key:place, Tag:amenity=school, =clinic, =hospital, =townhall (in Vietnam the People's Committee's seat).
"""

import json
import re
from pathlib import Path
from typing import Any, Final

import shapely

from geo.errors import CallError, InputError
from geo.schema import PlaceClass
from geo.sources.table import Source

SOURCE: Final = Source(
    name="osm",
    publisher="OpenStreetMap contributors",
    licence="ODbL 1.0 (attribution, share alike for databases)",
    citation="© OpenStreetMap contributors, openstreetmap.org/copyright, by the Overpass API",
    addresses={"query": "https://overpass-api.de/api/interpreter?data={query}"},
)
OPTIONS: Final = {"code": "code", "label": "name"}
TIMEOUT_S: Final = 180
PAUSE_FACTOR: Final = 30
"""Pauses between tries are this much longer than elsewhere: the operators ask for 30 s after a 429."""
_AREA_OF_RELATION: Final = 3_600_000_000
_PLACES: Final = {
    "place": {"city": PlaceClass.TOWN, "town": PlaceClass.TOWN},
    "amenity": {
        "school": PlaceClass.SCHOOL,
        "clinic": PlaceClass.CLINIC,
        "hospital": PlaceClass.CLINIC,
        "townhall": PlaceClass.OFFICE,
    },
}


def boundaries_query(region: str, admin_level: int) -> str:
    """Overpass QL for the outlines of a level inside a region: VN, VN-39 (ISO 3166) or the id of its relation."""
    if region.isdecimal():
        area = f"area(id:{_AREA_OF_RELATION + int(region)})"
    elif re.fullmatch(r"[A-Z]{2}", region):
        area = f'area["ISO3166-1"="{region}"]'
    elif re.fullmatch(r"[A-Z]{2}-[A-Z0-9]{1,3}", region):
        area = f'area["ISO3166-2"="{region}"]'
    else:
        raise CallError(
            f"the region is {region!r}; wanted a country (VN), a part of it (VN-39) or the id of an OpenStreetMap relation"
        )
    if not 2 <= admin_level <= 11:
        raise CallError(
            f"the admin level is {admin_level}; wanted 2 (country) to 11, in Vietnam 4 for provinces and 6 for communes since 2025"
        )
    return (
        f"[out:json][timeout:{TIMEOUT_S}];{area}->.region;rel(pivot.region);out ids geom;"
        f'rel["boundary"="administrative"]["admin_level"="{admin_level}"](area.region);out geom;'
    )


def places_query(bounds: tuple[float, float, float, float]) -> str:
    """Overpass QL for towns, schools and clinics inside (west, south, east, north), degrees."""
    west, south, east, north = bounds
    kinds = "".join(f'nwr["{key}"~"^({"|".join(values)})$"];' for key, values in _PLACES.items())
    return f"[out:json][timeout:{TIMEOUT_S}][bbox:{south:.5f},{west:.5f},{north:.5f},{east:.5f}];({kinds});out center;"


def recognise(head: bytes) -> str | None:
    """What is wrong with an answer by its first bytes: Overpass answers faults of a query in HTML."""
    if head.lstrip().startswith(b"{"):
        return None
    return "the Overpass server sent no JSON; it is overloaded or the query was refused: try again later or set a mirror of osm"


def check(path: Path) -> None:
    """Raise `InputError` unless the file is a whole answer without a runtime error."""
    read_answer(path)


def read_answer(path: Path) -> dict[str, Any]:
    """The answer's members; raises `InputError` for one cut short or ended by the server."""
    try:
        given = json.loads(path.read_bytes())
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as fault:
        raise InputError(f"the Overpass answer is not whole JSON ({fault})") from None
    if not isinstance(given, dict) or not isinstance(given.get("elements"), list):
        raise InputError("the Overpass answer has no list of elements")
    remark = str(given.get("remark", ""))
    if "error" in remark:
        raise InputError(f"the Overpass server gave up: {remark[:200]}")
    return given


def answer_day(given: dict[str, Any]) -> str:
    """The day of the data, ISO; empty where it is not said."""
    stamp = str(given.get("osm3s", {}).get("timestamp_osm_base", ""))
    return stamp[:10] if re.match(r"\d{4}-\d{2}-\d{2}T", stamp) else ""


def read_boundaries(given: dict[str, Any], region: str) -> dict[str, Any]:
    """A FeatureCollection of the outlines (`code` relation id, `name`) that lie in the region, by code.

    Overpass also gives neighbours that only share a border way: a unit counts when a point inside it lies in the
    region. Raises `InputError` naming an outline that does not close, or a region without answer.
    """
    relations = [one for one in given["elements"] if one.get("type") == "relation"]
    regions = [one for one in relations if _is_region(one, region)]
    if not regions:
        raise InputError(
            f"OpenStreetMap has no region {region!r}; check its code (VN-39) or give the id of its relation"
        )
    whole = shapely.union_all([_outline(one) for one in regions])
    known = {int(one["id"]) for one in regions}
    features = []
    for one in sorted(relations, key=lambda one: int(one["id"])):
        shape = None if int(one["id"]) in known else _outline(one)
        if shape is not None and shapely.covers(whole, shapely.point_on_surface(shape)):
            features.append(_feature(one, shape))
    if not features:
        raise InputError(
            f"OpenStreetMap has no outlines of that admin level in {region}; try another --admin-level"
        )
    return {"type": "FeatureCollection", "features": features}


def _is_region(one: dict[str, Any], region: str) -> bool:
    # `out ids geom` prints no tags, so the region is told from the units by having none
    return str(one.get("id")) == region if region.isdecimal() else not one.get("tags")


def _feature(one: dict[str, Any], shape: Any) -> dict[str, Any]:
    tags = one.get("tags", {})
    properties = {
        "code": str(one["id"]),
        "name": tags.get("name"),
        "name_en": tags.get("name:en"),
        "admin_level": tags.get("admin_level"),
    }
    return {"type": "Feature", "properties": properties, "geometry": json.loads(shapely.to_geojson(shape))}


def _outline(one: dict[str, Any]) -> Any:
    """The polygon of a relation's ways: rings of role outer, less those of role inner."""
    what = f"OpenStreetMap relation {one.get('id')} ({one.get('tags', {}).get('name', 'no name')})"
    lines: dict[str, list[Any]] = {"outer": [], "inner": []}
    for member in one.get("members", []):
        if member.get("type") == "way" and member.get("role", "outer") in ("outer", "inner", ""):
            points = [(p["lon"], p["lat"]) for p in member.get("geometry", []) if p is not None]
            if len(points) > 1:
                lines[member.get("role") or "outer"].append(shapely.linestrings(points))
    outer, inner = (_rings(lines[role], what) for role in ("outer", "inner"))
    if not outer:
        raise InputError(f"{what} has no outline; choose another admin level or mend it in OpenStreetMap")
    shape = shapely.difference(shapely.union_all(outer), shapely.union_all(inner))
    if shape.geom_type not in ("Polygon", "MultiPolygon") or shape.is_empty:
        raise InputError(f"{what} has an outline that is no area")
    return shape


def _rings(lines: list[Any], what: str) -> list[Any]:
    if not lines:
        return []
    polygons, cuts, dangles, _ = shapely.polygonize_full(lines)
    if not shapely.is_empty(dangles) or not shapely.is_empty(cuts):
        raise InputError(
            f"{what} has an outline that does not close; it may be half edited: try again later or use another source"
        )
    return list(shapely.get_parts(polygons))


def read_places(given: dict[str, Any]) -> dict[str, Any]:
    """A FeatureCollection of points with `name` and `class` (town, school, clinic, office), in the answer's order."""
    features = []
    for one in given["elements"]:
        tags = one.get("tags", {})
        kinds = [values[tags[key]] for key, values in _PLACES.items() if tags.get(key) in values]
        at = one if one.get("type") == "node" else one.get("center", {})
        if kinds and "lon" in at and "lat" in at:
            properties = {
                "name": tags.get("name"),
                "class": str(kinds[0]),
                "osm": f"{one['type']}/{one['id']}",
            }
            point = {"type": "Point", "coordinates": [at["lon"], at["lat"]]}
            features.append({"type": "Feature", "properties": properties, "geometry": point})
    return {"type": "FeatureCollection", "features": features}
