"""A map as one HTML file that opens from a disk or a mail, without a network: Leaflet, our script, outlines and figures inside.

A Folium map like those of the pages; its policy (Content-Security-Policy) forbids the browser every request.
"""

import base64
import json
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from branca.element import Figure, MacroElement
from jinja2 import Template

from layers.assets import PAGE_STYLE, MapAssets, app_static_folder, leaflet_contents, leaflet_folder
from layers.base_map import BaseMap, Basemap
from layers.escape import escape, script_literal
from layers.legend import legend_html
from layers.map_sheet import MapSheet, illustrative_line, imprint_lines, sheet_lines, sheet_title
from layers.palette import indicator_name, value_text
from layers.simplify import display_units
from layers.strings import number, text
from layers.units import UnitsView, unit_labels, units_message

POLICY: Final = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"
OUTLINES: Final = "outlines"
METADATA_ID: Final = "vunglom-metadata"
_HERE: Final = Path(__file__).parent
_OUTSIDE_FILL: Final = "#ffffff"
_SHARED_STYLE: Final = re.compile(r"^\.vl-(legend|class|swatch|dot|empty|banner|terms)|^:root")


class _Start(MacroElement):
    """Hands the map to the page's script once it is there."""

    _template = Template(
        "{% macro script(this, kwargs) %}window.vunglomStandalone({{ this._parent.get_name() }});{% endmacro %}"
    )


class _Alias(MacroElement):
    """The name by which the parts of a base map know it: the component of the pages gives it that."""

    _template = Template(
        "{% macro script(this, kwargs) %}var map_div = {{ this._parent.get_name() }};{% endmacro %}"
    )


def standalone_html(sheets: Sequence[MapSheet]) -> bytes:
    """One page with a map of each sheet's indicator, the first shown first; all sheets of one list, filter and language."""
    first = sheets[0]
    west, south, east, north = (float(edge) for edge in first.frame.total_bounds)
    base = BaseMap(MapAssets((), ()), (west, south, east, north), Basemap())
    base._id = "of_the_page"
    alias = _Alias()  # type: ignore[no-untyped-call]
    alias.add_to(base)
    base._children.move_to_end(alias.get_name(), last=False)
    _Start().add_to(base)  # type: ignore[no-untyped-call]
    figure = Figure()
    figure.add_child(base)
    page = str(figure.render())
    page = page.replace("<head>", f"<head>{_policy_html(first)}", 1)
    page = page.replace("</head>", f"{_head_html(sheets)}</head>", 1)
    page = page.replace("<body>", f"<body>{_above_html(sheets)}", 1)
    page = page.replace("</body>", f"{_below_html(sheets)}</body>", 1)
    return page.replace("<html>", f'<html lang="{first.language}">', 1).encode("utf-8")


def _policy_html(sheet: MapSheet) -> str:
    return (
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f"<title>{escape(sheet_title(sheet))}</title>"
    )


def _head_html(sheets: Sequence[MapSheet]) -> str:
    first = sheets[0]
    styles, scripts = _inlined()
    said = {**first.metadata, "indicators": [s.indicator.column for s in sheets]}
    metadata = _literal(said)
    outlines = json.loads(display_units(first.frame, app_static_folder()))
    data = {"first": first.indicator.column, "messages": {s.indicator.column: _message(s) for s in sheets}}
    return (
        f"<style>{styles}</style><script>{scripts}</script>"
        f'<script type="application/json" id="{METADATA_ID}">{metadata}</script>'
        f"<script>window.vunglomFiles = {{{json.dumps(OUTLINES)}: {_literal(outlines)}}};"
        f"window.vunglomSheet = {script_literal(data)};{_own('standalone.js')}</script>"
    )


def _literal(value: Any) -> str:
    """JSON with nothing in it that could end a script: far shorter than `script_literal`, and no template sees it."""
    compact = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return compact.replace("<", "\\u003c")


@lru_cache(maxsize=1)
def _inlined() -> tuple[str, str]:
    """Styles and scripts of Leaflet and our own, pictures as data."""
    files = leaflet_contents(leaflet_folder())
    style = re.sub(
        r"url\(([^)]+)\)",
        lambda found: (
            f"url(data:image/png;base64,{base64.b64encode(files[found[1]]).decode()})"
            if found[1] in files
            else "none"
        ),
        files["leaflet.css"].decode("utf-8"),
    )
    styles = "\n".join(
        (style, _own("vunglom.css"), _shared_style(), (_HERE / "standalone.css").read_text("utf-8"))
    )
    scripts = "\n".join(
        (
            _without_map_link(files["leaflet.js"].decode("utf-8")),
            *(_own(name) for name in ("frame.js", "vunglom.js", "explore.js")),
        )
    )
    return styles, scripts


def _without_map_link(script: str) -> str:
    """Without the line that names a map of the source, which developers' tools would ask for."""
    return re.sub(r"^//# sourceMappingURL=.*$", "", script, flags=re.MULTILINE)


def _own(name: str) -> str:
    return (_HERE / "js" / name).read_text(encoding="utf-8")


def _shared_style() -> str:
    """The rules of the page's style that the legend and the banner need."""
    rules = re.findall(
        r"^[^\s@/}][^{}]*\{[^{}]*\}", PAGE_STYLE.read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    return "\n".join(rule for rule in rules if _SHARED_STYLE.match(rule))


def _message(sheet: MapSheet) -> dict[str, Any]:
    """The message for the map's script; units that the filter leaves out get a class of their own."""
    west, south, east, north = (float(edge) for edge in sheet.frame.total_bounds)
    view = UnitsView(OUTLINES, (west, south, east, north), sheet.indicator, sheet.language, thin=sheet.thin)
    message = units_message(sheet.frame, view)
    if sheet.inside.all():
        return message
    outside = text("sheet_outside_short", sheet.language)
    for code, inside in zip(sheet.codes, sheet.inside, strict=True):
        if not inside:
            entry = message["units"][code]
            message["units"][code] = [len(message["classes"]), *entry[1:3], outside]
    message["classes"].append({"fill": _OUTSIDE_FILL, "hatch": None, "thin": _OUTSIDE_FILL})
    return message


def _above_html(sheets: Sequence[MapSheet]) -> str:
    first = sheets[0]
    lines = "".join(f"<p>{escape(line)}</p>" for line in sheet_lines(first))
    warning = illustrative_line(first)
    banner = f'<div class="vl-banner" role="note"><b>{escape(warning)}</b></div>' if warning else ""
    region = escape(first.built.manifest["name"])
    return f"<header><h1>{region}</h1>{banner}{lines}</header>{_choice_html(sheets)}{_legends_html(sheets)}"


def _choice_html(sheets: Sequence[MapSheet]) -> str:
    language = sheets[0].language
    options = "".join(
        f'<option value="{escape(s.indicator.column)}">{escape(indicator_name(s.indicator, language))}</option>'
        for s in sheets
    )
    label = escape(text("indicator", language))
    # browsers keep a choice over a reload, which the page would not know of
    return f'<label>{label} <select id="vl-indicator" autocomplete="off">{options}</select></label>'


def _legends_html(sheets: Sequence[MapSheet]) -> str:
    parts = []
    for place, sheet in enumerate(sheets):
        title = indicator_name(sheet.indicator, sheet.language)
        legend = legend_html(title, sheet.legend, (), (), sheet.language, thin=sheet.thin_inside)
        hidden = " hidden" if place else ""
        parts.append(f'<div data-indicator="{escape(sheet.indicator.column)}"{hidden}>{legend}</div>')
    outside = "" if sheets[0].inside.all() else f"<p>{escape(text('sheet_outside', sheets[0].language))}</p>"
    return "".join(parts) + outside


def _below_html(sheets: Sequence[MapSheet]) -> str:
    first = sheets[0]
    items = "".join(f"<li>{escape(line)}</li>" for line in imprint_lines(first))
    heading = escape(text("sources", first.language))
    return f'{_table_html(first)}<footer class="vl-sheet-foot"><h2>{heading}</h2><ul>{items}</ul></footer>'


def _table_html(sheet: MapSheet) -> str:
    """The units let in with verdict, figure and people: the map for those who cannot see it."""
    language, rows = sheet.language, sheet.frame[sheet.inside]
    people = rows["people"].tolist() if "people" in rows else [None] * len(rows)
    figures = [value_text(sheet.indicator, value, language) for value in rows[sheet.indicator.column]]
    verdicts = [text(f"verdict_{v}", language) if f"{v}" != "nan" else "–" for v in rows["verdict"]]
    lines = "".join(
        _row_html((label, code, verdict, value, number(count, language)))
        for label, code, verdict, value, count in zip(
            unit_labels(rows), rows["unit_code"], verdicts, figures, people, strict=True
        )
    )
    heads = (*(text(key, language) for key in ("name", "code", "verdict")), indicator_name(sheet.indicator, language),
             text("people", language))  # fmt: skip
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in heads)
    said = escape(text("sheet_table", language, count=number(len(rows), language)))
    return (
        f'<details><summary>{said}</summary><div class="vl-sheet-table" tabindex="0"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div></details>"
    )


def _row_html(cells: Sequence[object]) -> str:
    return f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"
