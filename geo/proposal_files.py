"""A partner's file → the content of a proposal: areas from any vector format, sites from a vector file or a table.

Sites come with the columns of the ITU/Giga list or any that mean the same (`ALIASES`, case and accents aside); what a row
does not say is assumed by the model of coverage (`geo.site_areas`). Nothing is dropped silently: notes say what was.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo import confined
from geo.arrays import FloatArray
from geo.errors import InputError
from geo.files import sha256_of
from geo.mend_coordinates import numbers
from geo.mends import NO_MENDS, Mend, Mends, name_rows
from geo.names import plain_key
from geo.points_table import is_table
from geo.proposals import Content
from geo.read import Wanted
from geo.reader_limits import require_readable_size
from geo.repair import repair_polygons
from geo.schema import Technology
from geo.site_text import RADIOS
from geo.units import clean_text

ALIASES: Final = {
    "site_id": ("ict id", "site id", "ma tram", "source ict id", "site", "id", "ten tram", "name"),
    "operator": ("operator name", "operator", "nha mang"),
    "technology": ("radio type", "technology", "cong nghe", "radio"),
    "frequency_mhz": ("downlink frequency mhz", "frequency mhz", "frequency", "tan so mhz", "tan so"),
    "eirp_dbm": ("eirp dbm", "eirp"),
    "antenna_height_m": ("antenna height", "antenna height m", "chieu cao anten", "do cao anten"),
    "azimuth_degrees": ("azimuth degrees", "azimuth", "goc phuong vi"),
}
"""Columns of a site list by `plain_key`; the first that the file has counts."""
_NUMBERS: Final = ("frequency_mhz", "eirp_dbm", "antenna_height_m", "azimuth_degrees")
DECIMALS: Final = 7
"""Of a degree, about 1 cm: what a drawing is stored with."""


@dataclass(frozen=True)
class Said:
    """What the caller says of a file; what is empty or None the file must say, where it can."""

    operator: str = ""
    technology: Technology | None = None
    name: str = ""
    year: int | None = None
    cost: float | None = None
    speed_mbps: float | None = None
    note: str = ""
    layer: str | None = None
    crs: str | None = None
    mends: Mends = NO_MENDS


def read_proposal(
    path: Path, said: Said, *, vintage: str, region: Sequence[float], most_sites: float
) -> tuple[Content, list[str]]:
    """The content, and notes on what was mended or left out. `region`: bounds of the units, `vintage` their list.

    Raises one `InputError` naming the file, the rows at fault and the mend.
    """
    require_readable_size(path)
    if is_table(path):
        frame, notes = _read_points(path, said, region)
        kind = "sites"
    else:
        frame, notes, kind = _read_vector(path, said, region)
    if kind == "sites":
        frame, operator, technology, more = _sites(frame, said, path.name)
        notes += more
        if len(frame) > most_sites:
            raise InputError(
                f"{path.name}: {len(frame):,} sites, wanted at most {most_sites:,.0f} in one proposal; cut the list to this region or split it"
            )
    else:
        operator, technology = _required(said.operator, said.technology, path.name)
    content = Content(
        name=said.name or path.stem,
        operator=operator,
        technology=technology,
        kind=kind,
        geometry=as_collection(frame, kind),
        vintage=vintage,
        year=said.year,
        cost=said.cost,
        speed_mbps=said.speed_mbps,
        source=path.name,
        sha256=sha256_of(path),
        note=said.note,
    )
    return content, notes


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
        if "is a Point" not in str(fault):
            raise
        frame, notes = _read_points(path, said, region)
        return frame, notes, "sites"
    if len(found.aside):
        listed = [finding for finding in found.findings if finding.code == "quarantined"]
        raise InputError(
            f"{listed[0].message}; {len(found.aside)} of {len(found.aside) + len(found.frame)} outlines cannot be used, and a proposal "
            f"without them would be another one: {listed[0].mend}"
        )
    return found.frame, [finding.message for finding in found.findings], "areas"


def _read_points(path: Path, said: Said, region: Sequence[float]) -> tuple[gpd.GeoDataFrame, list[str]]:
    named = {} if said.crs is None else {"crs": said.crs}
    frame, findings = confined.read_points(path, mends=said.mends, region=region, columns=[], **named)
    return frame, [finding.message for finding in findings]


def _sites(
    frame: gpd.GeoDataFrame, said: Said, source: str
) -> tuple[gpd.GeoDataFrame, str, Technology, list[str]]:
    """The sites of one operator and technology with the columns of `ALIASES`, and which others were left out."""
    table = pd.DataFrame({name: _find(frame, keys) for name, keys in ALIASES.items()}, index=frame.index)
    rows = frame["file_row"].to_numpy() if "file_row" in frame else np.arange(1, len(frame) + 1)
    for name in _NUMBERS:
        table[name] = _numbers(table[name], name, rows, said.mends, source)
    technologies = _technologies(table["technology"], rows, source)
    technology = _only(technologies, said.technology, "technology", "--technology", source)
    operators = pd.Series(
        [clean_text(text) or None for text in table["operator"]], index=frame.index, dtype=object
    )
    operator = said.operator or _only(operators, None, "operator", "--operator", source)
    other = np.array(technologies.notna() & (technologies != technology))
    notes = []
    if said.operator:
        elsewhere = operators.notna() & (
            operators.map(lambda name: plain_key(str(name))) != plain_key(operator)
        )
        other |= elsewhere.to_numpy()
    if other.all():
        raise InputError(
            f"{source}: none of its {len(frame)} rows is of {operator} {technology}; it has {_listed(operators)} and {_listed(technologies)}"
        )
    if other.any():
        notes.append(
            f"{source}: {int(other.sum())} of {len(frame)} rows are of another operator or technology and were left out"
        )
    table["site_id"] = table["site_id"].where(table["site_id"].notna(), [f"row {row}" for row in rows])
    sites = gpd.GeoDataFrame(table[["site_id", *_NUMBERS]], geometry=frame.geometry.to_numpy(), crs=frame.crs)
    return sites[~other].reset_index(drop=True), str(operator), Technology(str(technology)), notes


def _find(frame: gpd.GeoDataFrame, keys: tuple[str, ...]) -> pd.Series:
    """The column of the earliest alias as text, null where blank; all null where there is none."""
    by_key = {plain_key(str(name)): name for name in reversed(list(frame.columns))}
    name = next((by_key[key] for key in keys if key in by_key), None)
    if name is None:
        return pd.Series(None, index=frame.index, dtype=object)
    texts = frame[name].astype(object).where(frame[name].notna(), None)
    return pd.Series(
        [None if value is None or not str(value).strip() else str(value).strip() for value in texts],
        index=frame.index,
        dtype=object,
    )


def _numbers(column: pd.Series, name: str, rows: Any, mends: Mends, source: str) -> FloatArray:
    values, commas = numbers(column.fillna(""))
    unread = column.notna().to_numpy() & ~np.isfinite(values)
    if unread.any():
        raise InputError(
            f"{source}: {name} is {column[unread].iloc[0]!r} in {name_rows(rows[unread].tolist())}; wanted a number, or nothing where it is not known"
        )
    if commas.any() and str(Mend.DECIMAL_COMMA) not in {str(kind) for kind in mends}:
        raise InputError(
            f"{source}: {name} has decimals set apart by a comma in {name_rows(rows[commas].tolist())}; "
            f"say --mend {Mend.DECIMAL_COMMA} if they are meant so"
        )
    return np.asarray(values, dtype=float)


def _technologies(column: pd.Series, rows: Any, source: str) -> pd.Series:
    known = {str(technology): str(technology) for technology in Technology} | {
        str(radio).upper(): str(technology) for radio, technology in RADIOS.items()
    }
    found = pd.Series(
        [known.get(str(text).upper(), "") if isinstance(text, str) else None for text in column],
        index=column.index,
        dtype=object,
    )
    wrong = (found == "").to_numpy()
    if wrong.any():
        raise InputError(
            f"{source}: technology {column[wrong].iloc[0]!r} in {name_rows(rows[wrong].tolist())} is not known; wanted one of {', '.join(known)}"
        )
    return found


def _only(column: pd.Series, said: str | None, what: str, option: str, source: str) -> str:
    """What was said, else the one value that the file has."""
    if said:
        return str(said)
    values = sorted(column.dropna().unique())
    if len(values) != 1:
        seen = f"it has {', '.join(values)}" if values else "it does not say"
        raise InputError(f"{source}: which {what} is it? {seen}; name one with {option}")
    return str(values[0])


def _listed(column: pd.Series) -> str:
    return ", ".join(sorted(column.dropna().unique())) or "no name"


def as_collection(frame: gpd.GeoDataFrame, kind: str) -> dict[str, Any]:
    """A GeoJSON FeatureCollection: areas as drawn, sites with what is known of each."""
    shapes = shapely.transform(frame.geometry.to_numpy(), lambda xy: np.round(xy, DECIMALS))
    shapes = np.where(shapely.is_valid(shapes), shapes, frame.geometry.to_numpy())
    names = ("site_id", *_NUMBERS) if kind == "sites" else ()
    features = []
    for place, text in enumerate(shapely.to_geojson(shapes)):
        known = {name: frame[name].iloc[place] for name in names}
        properties = {name: value if isinstance(value, str) else float(value) for name, value in known.items()
                      if isinstance(value, str) or np.isfinite(value)}  # fmt: skip
        features.append({"type": "Feature", "properties": properties, "geometry": json.loads(text)})
    return {"type": "FeatureCollection", "features": features}


def read_drawing(shapes: Sequence[Any], said: Said, *, vintage: str) -> tuple[Content, list[str]]:
    """The content of areas drawn on the map (lon/lat polygons), mended as a file's would be.

    Raises `InputError` for a drawing that crosses itself by more than mending may change, or that is empty.
    """
    name = said.name or "drawing"
    if not len(shapes):
        raise InputError(f"{name}: nothing is drawn; draw an area first")
    frame = gpd.GeoDataFrame({"file_row": range(1, len(shapes) + 1)}, geometry=list(shapes), crs=4326)
    whole, findings, aside = repair_polygons(frame, name)
    if len(aside):
        raise InputError(
            f"{next(f.message for f in findings if f.code == 'quarantined')}; draw it again without crossings"
        )
    operator, technology = _required(said.operator, said.technology, name)
    content = Content(
        name, operator, technology, "areas", as_collection(whole, "areas"), vintage, said.year, said.cost,
        said.speed_mbps, note=said.note,
    )  # fmt: skip
    return content, [finding.message for finding in findings]
