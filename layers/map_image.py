"""A map as PNG, drawn on the server without a browser: title, legend with hatches, scale bar, sources, date, terms.

Set by typst with the fonts it carries, so that Vietnamese letters are right on every machine. The metadata of the export
stand in the file itself (iTXt chunk `vunglom`).
"""

import json
import struct
import zlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal

import shapely
import typst

from layers.assets import app_static_folder
from layers.brief_map import WIDTH, hatch_of, path_of, scale_bar, to_paper
from layers.brief_text import on_paper
from layers.legend import LegendClass
from layers.map_sheet import MapSheet, illustrative_line, imprint_lines, sheet_lines, sheet_title
from layers.palette import Swatch, indicator_name, thin_line
from layers.people_words import people_sum_text
from layers.simplify import display_outlines
from layers.strings import Language, number, text

TEMPLATE: Final = Path(__file__).with_name("map.typ")
PIXELS_PER_INCH: Final = 150
METADATA_KEY: Final = "vunglom"
MAP_CM: Final = (18.0, 14.0)
"""Width and height that the map may take of the page."""
_EDGE: Final = "#475569"
_OUTSIDE_EDGE: Final = "#cbd5e1"
_OUTSIDE: Final = Swatch("outside", "#ffffff")
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_LINE: Final = 600
_BOX: Final = shapely.box(1, 1, 35, 25)


def map_png(sheet: MapSheet) -> bytes:
    """The map as a PNG of 1,754 pixels' width with its metadata inside; the same bytes each time."""
    return with_metadata(_set(sheet_values(sheet), "png"), sheet.metadata)


def map_pdf(sheet: MapSheet) -> bytes:
    """The same page as PDF."""
    return _set(sheet_values(sheet), "pdf")


def _set(values: dict[str, Any], form: Literal["png", "pdf"]) -> bytes:
    found = typst.compile(
        TEMPLATE.read_bytes(),
        font_paths=_fonts(),
        sys_inputs={"data": json.dumps(values, ensure_ascii=False, allow_nan=False)},
        format=form,
        ppi=PIXELS_PER_INCH,
    )
    return bytes(found)


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)


def sheet_values(sheet: MapSheet) -> dict[str, Any]:
    """What the page shows, as the template takes it."""
    language = sheet.language
    bounds = [float(edge) for edge in sheet.frame.total_bounds]
    # made for the map already, and fine enough for paper
    outlines = display_outlines(sheet.frame, app_static_folder())
    shapes, height, per_degree = to_paper(outlines, bounds, simple=True)
    width = min(MAP_CM[0], MAP_CM[1] * WIDTH / height)
    km, length = scale_bar(bounds, per_degree)
    return {
        "lang": language,
        "title": on_paper(sheet_title(sheet)),
        "lines": [on_paper(line) for line in sheet_lines(sheet)],
        "illustrative": illustrative_line(sheet),
        "svg": _svg(sheet, shapes, height),
        "width": width,
        "scale": f"{number(km, language)} km",
        "scale_cm": length / WIDTH * width,
        "legend_title": on_paper(indicator_name(sheet.indicator, language)),
        "classes": [_class(line, language) for line in sheet.legend],
        "notes": _notes(sheet),
        "imprint": [on_paper(line, _LINE) for line in imprint_lines(sheet)],
    }


def _svg(sheet: MapSheet, shapes: Sequence[Any], height: float) -> str:
    swatches, thin = sheet.indicator.swatches, sheet.thin
    parts = [
        _unit(shape, swatches[index], is_thin=code in thin) if inside else _outside(shape)
        for shape, index, code, inside in zip(shapes, sheet.classes, sheet.codes, sheet.inside, strict=True)
    ]
    # units let in are drawn over the pale edges of those that are not
    order = sorted(range(len(parts)), key=lambda place: bool(sheet.inside[place]))
    body = "".join(parts[place] for place in order)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {height:g}">{body}</svg>'


def _unit(shape: Any, swatch: Swatch, *, is_thin: bool = False) -> str:
    drawn = f'<path d="{path_of(shape)}" fill="{swatch.fill}" stroke="{_EDGE}" stroke-width="0.7"/>'
    if swatch.hatch:
        return drawn + hatch_of(shape, swatch.hatch, rising=True)
    return drawn + (hatch_of(shape, thin_line(swatch.fill), rising=False) if is_thin else "")


def _outside(shape: Any) -> str:
    return f'<path d="{path_of(shape)}" fill="{_OUTSIDE.fill}" stroke="{_OUTSIDE_EDGE}" stroke-width="0.7"/>'


def _class(line: LegendClass, language: Language) -> dict[str, str]:
    counts = [text("units", language, count=number(line.units, language))]
    if people := people_sum_text(line.people, language):
        counts.append(people)
    return {
        "swatch": _key(_unit(_BOX, line.swatch)),
        "label": on_paper(line.label),
        "counts": ", ".join(counts),
    }


def _notes(sheet: MapSheet) -> list[dict[str, str]]:
    """What the other marks on the map mean: thin evidence, and units that the filter leaves out."""
    language, notes = sheet.language, []
    if sheet.thin_inside:
        count = number(sheet.thin_inside, language)
        said = text("units", language, count=count)
        mark = _key(_unit(_BOX, _OUTSIDE, is_thin=True))
        notes.append({"swatch": mark, "label": f"{text('thin_legend', language)} ({said})"})
    if not sheet.inside.all():
        notes.append({"swatch": _key(_outside(_BOX)), "label": text("sheet_outside", language)})
    return notes


def _key(drawn: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 36 26">{drawn}</svg>'


def with_metadata(png: bytes, metadata: dict[str, Any]) -> bytes:
    """The PNG with the metadata as JSON in an iTXt chunk (PNG 1.2, section 4.2.3.3), UTF-8, after the header chunk."""
    said = json.dumps(metadata, ensure_ascii=False, allow_nan=False).encode("utf-8")
    body = METADATA_KEY.encode("ascii") + b"\0\1\0\0\0" + zlib.compress(said, 9)
    chunk = struct.pack(">I", len(body)) + b"iTXt" + body + struct.pack(">I", zlib.crc32(b"iTXt" + body))
    end = len(_SIGNATURE) + 8 + struct.unpack(">I", png[8:12])[0] + 4
    return png[:end] + chunk + png[end:]
