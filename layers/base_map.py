"""The base map: a Folium map whose every script and style is served by the app itself.

Folium's own lists name some 75 public addresses; with one of them out of reach there is no map at all. The base is
constant for as long as the setting below is: what changes goes through the units layer, so zoom and place survive. Its height
is that of its frame, which `page.css` makes as high as the screen allows; light or dark is the page's (`js/frame.js`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import folium
from branca.element import MacroElement
from jinja2 import Template

from layers.assets import MapAssets
from layers.draw import DrawingTools
from layers.escape import escape

OPENSTREETMAP_URL: Final = "https://tile.openstreetmap.org/{z}/{x}/{y}.png"
OPENSTREETMAP_ATTRIBUTION: Final = "© OpenStreetMap contributors"
BASEMAP_VARIABLE: Final = "VUNGLOM_BASEMAP_URL"


@dataclass(frozen=True)
class Basemap:
    """Tiles under the units: an XYZ or WMTS address with {z}, {x}, {y}; empty for none."""

    url: str = ""
    attribution: str = ""


def choose_basemap(url: str, attribution: str, environment: Mapping[str, str]) -> Basemap:
    """The workspace's basemap, or the one the environment names; `osm` stands for OpenStreetMap, empty for none."""
    chosen = environment.get(BASEMAP_VARIABLE, url).strip()
    if chosen.lower() == "osm":
        return Basemap(OPENSTREETMAP_URL, attribution or OPENSTREETMAP_ATTRIBUTION)
    return Basemap(chosen, attribution) if chosen else Basemap()


class _MetricScale(MacroElement):
    """A scale bar in metres and kilometres only."""

    _template = Template(
        "{% macro script(this, kwargs) %}L.control.scale({imperial: false}).addTo(map_div);{% endmacro %}"
    )


class BaseMap(folium.Map):
    """A `folium.Map` that asks nobody but the app for its files; `bounds` is (west, south, east, north) in degrees.

    `draws`: with the drawing tools of `layers.draw`.
    """

    def __init__(
        self,
        assets: MapAssets,
        bounds: tuple[float, float, float, float],
        basemap: Basemap,
        *,
        draws: bool = False,
    ) -> None:
        west, south, east, north = bounds
        super().__init__(
            location=[round((south + north) / 2, 4), round((west + east) / 2, 4)],
            zoom_start=9,
            tiles=None,
            prefer_canvas=True,
            zoom_snap=0.1,
            zoom_delta=0.5,
            attribution_control=bool(basemap.url),
            # frame.js does that, to the letter
            track_resize=False,
        )
        _MetricScale().add_to(self)  # type: ignore[no-untyped-call]
        if draws:
            DrawingTools().add_to(self)  # type: ignore[no-untyped-call]
        # of the object, never of the class: Folium's own lists must stay as they are for other users
        self.default_js: list[tuple[str, str]] = list(assets.scripts)
        self.default_css: list[tuple[str, str]] = list(assets.styles)
        if basemap.url:
            folium.TileLayer(
                tiles=basemap.url, attr=escape(basemap.attribution or "?"), name="basemap", control=False
            ).add_to(self)


def base_map_key(bounds: tuple[float, float, float, float], basemap: Basemap, *, page: str = "map") -> str:
    """What two bases must differ in to be two maps: the component tells them apart by nothing else."""
    return f"{page} {[round(edge, 4) for edge in bounds]} {basemap.url}"
