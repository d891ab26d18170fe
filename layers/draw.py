"""Drawing on the map: areas, circles and sites (`layers/js/draw.js`), in the language of the page.

Own tools, for what Leaflet.draw lacks (no release since 2018): polygons by touch, labels that change with the language
while a drawing stays, and a wheel that does not bring Django along.
"""

from collections.abc import Sequence
from typing import Any, Final

from branca.element import MacroElement
from jinja2 import Template

from layers.strings import Language, text

_TEXTS: Final = (
    "area", "circle", "site", "edit", "clear", "area_start", "area_close", "circle_start", "circle_edge", "site_start",
    "edit_start", "edit_area", "edit_circle", "finish", "undo", "undo_site", "done", "cancel",
)  # fmt: skip
_LOCALES: Final[dict[Language, str]] = {"vi": "vi-VN", "en": "en-GB"}


class DrawingTools(MacroElement):
    """Makes a base map one that can be drawn on; the component returns what is drawn as `all_drawings`."""

    _template = Template(
        # the component looks for a global of this name
        "{% macro script(this, kwargs) %}var drawnItems = window.vunglomDraw.begin(map_div);{% endmacro %}"
    )


def draw_message(features: Sequence[dict[str, Any]], revision: int, language: Language) -> dict[str, Any]:
    """What the tools are told: words, and the drawing (GeoJSON features with `kind`), which a new number replaces."""
    texts = {name: text(f"draw_{name}", language) for name in _TEXTS}
    return {
        "texts": {**texts, "locale": _LOCALES[language]},
        "revision": revision,
        "features": list(features),
    }
