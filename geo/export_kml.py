"""KML 2.2 for Google Earth and field phones: units in the colours of their verdicts, every figure typed, balloons escaped.

Written with the standard library's XML: the KML drivers of the installed GDAL keep no styles when called from Python.
"""

import html
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely

from geo import export_geojson
from geo.colours import NO_DATA_FILL, NO_DATA_HATCH, VERDICT_COLOURS
from geo.errors import ExportError
from geo.export_rows import Deliverable, Row, joined, require_rows

NAMESPACE: Final = "http://www.opengis.net/kml/2.2"
METADATA_KEY: Final = "vunglom"
XML_NOTE: Final = "XML has no control characters: one in a text stands as its picture (U+2400 and after)"

# what XML 1.0 cannot carry, and the carriage return, which its readers turn into a line feed
_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0d\x0e-\x1f\ufffe\uffff]")
_TYPES: Final = {"number": "double", "flag": "bool"}
_BALLOON_ROWS: Final = 14
_DEFAULT_STYLE: Final = "plain"

ET.register_namespace("", NAMESPACE)


def prepared(deliverable: Deliverable) -> Deliverable:
    """Six decimals as in GeoJSON; lists joined; texts as XML can carry them."""
    out = export_geojson.rounded(deliverable)
    frame = out.frame.copy()
    for name in out.names:
        values = [_carried(value) for value in frame[name].tolist()]
        if any(isinstance(value, str) for value in values):
            frame[name] = pd.Series(values, index=frame.index, dtype="object")
    return replace(out, frame=frame, metadata={**out.metadata, "xml": XML_NOTE})


def _carried(value: Any) -> Any:
    if isinstance(value, list | tuple | np.ndarray):
        return _picture(joined(list(value)))
    return _picture(value) if isinstance(value, str) else value


def _picture(text: str) -> str:
    return _NOT_XML.sub(lambda found: chr(0x2400 + ord(found[0])) if found[0] < " " else "\ufffd", text)


def encode(deliverable: Deliverable) -> bytes:
    """The bytes of the document; the deliverable must have been `prepared`."""
    root = ET.Element(_tag("kml"))
    document = _add(root, "Document", id=deliverable.layer)
    metadata = deliverable.metadata
    _add(document, "name", f"{metadata['workspace']}: {deliverable.layer}")
    _add(document, "open", "1")
    _add(document, "description", _about(metadata))
    extended = _add(document, "ExtendedData")
    _add(_add(extended, "Data", name=METADATA_KEY), "value", _metadata_text(deliverable))
    for key, colour in _styles().items():
        _add_style(document, key, *colour)
    schema = _add(document, "Schema", name=deliverable.layer, id="columns")
    for name in deliverable.names:
        _add(schema, "SimpleField", type=_type_of(deliverable, name), name=name)
    geometries = np.asarray(deliverable.frame.geometry.array, dtype=object)
    for row, geometry in zip(deliverable.rows(), geometries, strict=True):
        _add_placemark(document, row, geometry, deliverable)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _add(parent: ET.Element, kind: str, text: str | None = None, /, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, _tag(kind), attributes)
    element.text = None if text is None else _picture(text)
    return element


def _metadata_text(deliverable: Deliverable) -> str:
    return json.dumps(deliverable.metadata, ensure_ascii=True, allow_nan=False)


def _about(metadata: Mapping[str, Any]) -> str:
    """What Google Earth shows of the document: whose it is, its terms, method and date, as escaped HTML."""
    lines = [
        metadata.get("label", ""), metadata["note"], *_source_lines(metadata), *metadata["terms"],
        metadata["method"]["description_vi"], metadata["method"]["description"], metadata["missing"],
        f"Vùng Lõm {metadata['vunglom_version']}, {metadata['built_at']}",
    ]  # fmt: skip
    return "".join(f"<p>{balloon_text(line)}</p>" for line in lines if line)


def _source_lines(metadata: Mapping[str, Any]) -> list[str]:
    return [
        f"{source['kind']}: {source['publisher'] or '–'} ({source['licence'] or '–'}), {source['date'] or '–'}"
        for source in metadata["sources"]
    ]


def balloon_text(value: object) -> str:
    """Text as HTML that shows it letter for letter in a balloon, where `$[name]` would be filled in."""
    return html.escape(_picture(str(value)), quote=True).replace("$", "&#36;")


def _styles() -> dict[str, tuple[str, str]]:
    """Per style its line and fill as KML writes colours: aabbggrr."""
    found = {str(verdict): ("ff475569", _abgr(colour, "b3")) for verdict, colour in VERDICT_COLOURS.items()}
    found["unknown"] = (_abgr(NO_DATA_HATCH, "ff"), _abgr(NO_DATA_FILL, "66"))
    return {**found, _DEFAULT_STYLE: ("ff6e760f", "660f766e")}


def _abgr(colour: str, alpha: str) -> str:
    return f"{alpha}{colour[5:7]}{colour[3:5]}{colour[1:3]}"


def _add_style(document: ET.Element, key: str, line: str, fill: str) -> None:
    style = _add(document, "Style", id=key)
    _add(_add(style, "LineStyle"), "color", line)
    _add(_add(style, "PolyStyle"), "color", fill)
    # nothing but our own escaped description: the default balloon would put the name in as HTML
    _add(_add(style, "BalloonStyle"), "text", "$[description]")


def _type_of(deliverable: Deliverable, name: str) -> str:
    column = deliverable.columns.get(name)
    return _TYPES.get(column.kind, "string") if column else "string"


def _add_placemark(document: ET.Element, row: Row, geometry: Any, deliverable: Deliverable) -> None:
    placemark = _add(document, "Placemark")
    _add(placemark, "name", _title(row))
    _add(placemark, "description", _balloon(row, deliverable))
    known = _styles()
    verdict = str(row.get("verdict") or "unknown") if "verdict" in row else _DEFAULT_STYLE
    _add(placemark, "styleUrl", f"#{verdict if verdict in known else 'unknown'}")
    data = _add(_add(placemark, "ExtendedData"), "SchemaData", schemaUrl="#columns")
    for name, value in row.items():
        if value is not None:
            _add(data, "SimpleData", _cell(value), name=name)
    _add_geometry(placemark, geometry)


def _title(row: Row) -> str:
    parts = ("kind", "name") if "name" in row else ("operator", "technology", "evidence")
    return " ".join(str(row[part]) for part in parts if row.get(part)) or "–"


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(float(value)) if isinstance(value, int | float) else str(value)


def _balloon(row: Row, deliverable: Deliverable) -> str:
    """The first figures of the row as a table, and below it what must go with them."""
    known = [(name, value) for name, value in row.items() if value is not None][:_BALLOON_ROWS]
    lines = "".join(
        f"<tr><td>{balloon_text(name)}</td><td>{balloon_text(value)}</td></tr>" for name, value in known
    )
    metadata = deliverable.metadata
    notes = "".join(
        f"<p>{balloon_text(note)}</p>" for note in (metadata.get("label"), *metadata["terms"]) if note
    )
    return f"<h3>{balloon_text(_title(row))}</h3><table>{lines}</table>{notes}"


def _add_geometry(parent: ET.Element, geometry: Any) -> None:
    parts = list(shapely.get_parts(geometry))
    home = parent if geometry.geom_type in ("Point", "Polygon") else _add(parent, "MultiGeometry")
    for part in parts:
        if part.geom_type == "Point":
            _add(_add(home, "Point"), "coordinates", _coordinates(part))
            continue
        polygon = _add(home, "Polygon")
        for kind, ring in _rings(part):
            line = _add(_add(polygon, kind), "LinearRing")
            _add(line, "coordinates", _coordinates(ring))


def _rings(polygon: Any) -> Iterator[tuple[str, Any]]:
    yield "outerBoundaryIs", polygon.exterior
    yield from (("innerBoundaryIs", ring) for ring in polygon.interiors)


def _coordinates(line: Any) -> str:
    return " ".join(f"{x!r},{y!r}" for x, y in shapely.get_coordinates(line).tolist())


def check(content: bytes, deliverable: Deliverable, *, source: str) -> None:
    """Read the bytes back as a stranger would and raise `ExportError` unless they are what was promised."""
    # our own bytes: no entity of another's making
    document = ET.fromstring(content).find(_tag("Document"))  # noqa: S314
    if document is None:
        raise ExportError(f"{source}: holds no Document; nothing was kept")
    said = document.findtext(f"{_tag('ExtendedData')}/{_tag('Data')}/{_tag('value')}")
    if said is None or json.loads(said) != json.loads(_metadata_text(deliverable)):
        raise ExportError(f"{source}: the metadata were not read back as written; nothing was kept")
    types = {field.get("name", ""): field.get("type", "") for field in document.iter(_tag("SimpleField"))}
    if list(types) != deliverable.names:
        raise ExportError(f"{source}: columns were read back as {list(types)}, wanted {deliverable.names}")
    placemarks = document.findall(_tag("Placemark"))
    require_rows(deliverable, [_read_row(one, types) for one in placemarks], source=source)
    shapes = np.array([_read_geometry(one) for one in placemarks], dtype=object)
    wanted = np.asarray(deliverable.frame.geometry.array, dtype=object)
    if not np.all(shapely.to_wkb(shapes) == shapely.to_wkb(wanted)):
        raise ExportError(f"{source}: shapes were not read back as written; nothing was kept")


def _read_row(placemark: ET.Element, types: Mapping[str, str]) -> Row:
    texts = {cell.get("name"): cell.text or "" for cell in placemark.iter(_tag("SimpleData"))}
    return {name: _read_cell(texts.get(name), kind) for name, kind in types.items()}


def _read_cell(text: str | None, kind: str) -> Any:
    if text is None or kind == "string":
        return text
    return text == "true" if kind == "bool" else float(text)


def _read_geometry(placemark: ET.Element) -> Any:
    points = [shapely.Point(_read_line(one)[0]) for one in placemark.iter(_tag("Point"))]
    if points:
        return points[0]
    polygons = [_read_polygon(one) for one in placemark.iter(_tag("Polygon"))]
    multi = placemark.find(_tag("MultiGeometry")) is not None
    return shapely.MultiPolygon(polygons) if multi else polygons[0]


def _read_polygon(polygon: ET.Element) -> Any:
    outer, *holes = [
        _read_line(ring)
        for kind in ("outerBoundaryIs", "innerBoundaryIs")
        for ring in polygon.iter(_tag(kind))
    ]
    return shapely.Polygon(outer, holes)


def _read_line(element: ET.Element) -> list[tuple[float, ...]]:
    text = "".join(one.text or "" for one in element.iter(_tag("coordinates")))
    return [tuple(map(float, pair.split(","))) for pair in text.split()]
