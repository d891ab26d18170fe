"""A partner's file → the content of a proposal: areas from any vector format, sites from a vector file or a table.

Sites come with the columns of the ITU/Giga list or any that mean the same (`geo.proposal_sites.ALIASES`, case and accents aside); what a row
does not say is assumed by the model of coverage (`geo.site_areas`). Nothing is dropped silently: notes say what was.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely

from geo import confined
from geo.errors import InputError
from geo.files import sha256_of
from geo.names import plain_key
from geo.proposal_sites import NUMBERS, Said, choose_rows, choose_sites, names_owner
from geo.proposals import Content, shown_name
from geo.read import Wanted
from geo.schema import Technology

_TABLES: Final = (".csv", ".xlsx")
_MOST_COLUMNS: Final = 5
_NO_AREAS: Final = ("is a Point", "not a GeoParquet file")
_TOGETHER: Final = {
    "is a MultiPoint": "sites are single points: take them apart (QGIS: Multipart to singleparts)",
    "is a GeometryCollection": "take collections apart and keep areas or points (QGIS: Extract by geometry type)",
    "is a LineString": "a line covers nothing: draw the area around it (QGIS: Buffer)",
    "is a MultiLineString": "a line covers nothing: draw the area around it (QGIS: Buffer)",
    "is not a point": "it holds areas and points at once, and a proposal is of one or the other: give each in a file of its own",
}
"""What to do about shapes that are neither areas nor sites, by the reader's words."""
_UNUSED: Final = {
    "cost": (("cost", "capex", "price", "chi phi", "kinh phi", "gia", "von", "von dau tu"), "say that of the whole with --cost"),
    "year": (("year", "nam"), "say it with --year"),
    "speed_mbps": (("speed", "download mbps", "toc do"), "say it with --speed"),
    "radius": (("radius", "ban kinh", "range"), "a site's area comes from the model of coverage; give areas where they are known"),
}  # fmt: skip
"""Columns by `plain_key` that say what a proposal can say of itself, or what a site list often has, and that are not read."""
DECIMALS: Final = 7
"""Of a degree, about 1 cm: what a drawing is stored with."""


def read_proposal(
    path: Path, said: Said, *, vintage: str, region: Sequence[float], most_sites: float
) -> tuple[Content, list[str]]:
    """The content, and notes on what was mended or left out. `region`: bounds of the units, `vintage` their list.

    Raises one `InputError` naming the file, the rows at fault and the mend.
    """
    if path.suffix.lower() in _TABLES:
        frame, notes = _read_points(path, said, region)
        kind = "sites"
    else:
        frame, notes, kind = _read_vector(path, said, region)
    notes += _unused(frame, said, path.name)
    if kind == "sites":
        frame, operator, technology, more = choose_sites(frame, said, path.name)
        notes += more
        if len(frame) > most_sites:
            raise InputError(
                f"{path.name}: {len(frame):,} sites, wanted at most {most_sites:,.0f} in one proposal; cut the list to this region or split it"
            )
    else:
        frame, operator, technology, more = _choose_areas(frame, said, path.name)
        notes += more
    content = Content(
        name=said.name or shown_name(path.stem),
        operator=operator,
        technology=technology,
        kind=kind,
        geometry=as_collection(frame, kind),
        vintage=vintage,
        year=said.year,
        cost=said.cost,
        speed_mbps=said.speed_mbps,
        source=shown_name(path.name),
        sha256=sha256_of(path),
        layer=shown_name(said.layer) if said.layer else "",
        note=said.note,
    )
    return content, notes


def _unused(frame: gpd.GeoDataFrame, said: Said, source: str) -> list[str]:
    """A note on each column that looks as if it counted and does not, unless the caller said the same."""
    notes = []
    for field, (aliases, mend) in _UNUSED.items():
        found = [
            name
            for name in map(str, frame.columns)
            if _is_called(name, aliases) and frame[name].dropna().astype(str).str.strip().any()
        ]
        if found and getattr(said, field, None) is None:
            listed = ", ".join(map(repr, found[:_MOST_COLUMNS]))
            notes.append(f"{source}: column {listed} is not used: {mend}")
    return notes


def _is_called(name: str, aliases: Sequence[str]) -> bool:
    """Whether a column's name is one of these, alone or with a unit behind it (`Chi phí (tỷ đồng)`, `radius_m`)."""
    key = plain_key(name)
    return any(key == alias or key.startswith(f"{alias} ") for alias in aliases)


def _choose_areas(
    frame: gpd.GeoDataFrame, said: Said, source: str
) -> tuple[gpd.GeoDataFrame, str, Technology, list[str]]:
    """The areas of one operator and technology: a layer may hold several, and 5G areas are no 4G ones whatever was asked."""
    if not names_owner(frame):
        return frame, *_required(said.operator, said.technology, source), []
    chosen, operator, technology, notes = choose_rows(frame, said, source)
    return frame[chosen].reset_index(drop=True), operator, technology, notes


def _required(operator: str, technology: Technology | None, source: str) -> tuple[str, Technology]:
    faults = [
        option for option, given in (("--operator", operator), ("--technology", technology)) if not given
    ]
    if faults or technology is None:
        raise InputError(
            f"{source}: does not say whose it is and of what; name it with {' and '.join(faults)}, for example --operator Viettel --technology 4G"
        )
    return operator, technology


def _read_vector(path: Path, said: Said, region: Sequence[float]) -> tuple[gpd.GeoDataFrame, list[str], str]:
    wanted = Wanted(sorted(said.mends), list(region), [])
    try:
        found = confined.read_polygons(path, layer=said.layer, crs=said.crs, wanted=wanted)
    except InputError as fault:
        _explain_shapes(fault)
        # points, or a parquet file that is a plain table: only its confined reader looks into it
        if not any(sign in str(fault) for sign in _NO_AREAS):
            raise
        return *_read_points(path, said, region), "sites"
    if len(found.aside):
        listed = [finding for finding in found.findings if finding.code == "quarantined"]
        raise InputError(
            f"{listed[0].message}; {len(found.aside)} of {len(found.aside) + len(found.frame)} outlines cannot be used, and a proposal "
            f"without them would be another one: {listed[0].mend}"
        )
    return found.frame, [finding.message for finding in found.findings], "areas"


def _read_points(path: Path, said: Said, region: Sequence[float]) -> tuple[gpd.GeoDataFrame, list[str]]:
    named = {} if said.crs is None else {"crs": said.crs}
    if said.layer is not None:
        named["sheet"] = said.layer
    try:
        frame, findings = confined.read_points(path, mends=said.mends, region=region, columns=[], **named)
    except InputError as fault:
        _explain_shapes(fault)
        raise
    return frame, [finding.message for finding in findings]


def _explain_shapes(fault: InputError) -> None:
    """Raise the fault again with what to do about it, where it is of shapes that are neither areas nor sites."""
    mend = next((mend for sign, mend in _TOGETHER.items() if sign in str(fault)), None)
    if mend is not None:
        raise type(fault)(f"{fault}; {mend}") from fault


def as_collection(frame: gpd.GeoDataFrame, kind: str) -> dict[str, Any]:
    """A GeoJSON FeatureCollection: areas as drawn, sites with what is known of each."""
    shapes = shapely.transform(frame.geometry.to_numpy(), lambda xy: np.round(xy, DECIMALS))
    shapes = np.where(shapely.is_valid(shapes), shapes, frame.geometry.to_numpy())
    names = ("site_id", *NUMBERS) if kind == "sites" else ()
    features = []
    for place, text in enumerate(shapely.to_geojson(shapes)):
        known = {name: frame[name].iloc[place] for name in names}
        properties = {name: value if isinstance(value, str) else float(value) for name, value in known.items()
                      if isinstance(value, str) or np.isfinite(value)}  # fmt: skip
        features.append({"type": "Feature", "properties": properties, "geometry": json.loads(text)})
    return {"type": "FeatureCollection", "features": features}
