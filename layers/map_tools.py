"""The tools of a map (`layers/js/tools.js`): measuring, coordinates, full screen, back to the whole list; in the page's language."""

from typing import Any, Final

from layers.palette import Indicator, class_labels
from layers.strings import Language, text

TOOL_TEXTS: Final = (
    "open", "distance", "area", "where", "whole", "full", "full_end", "distance_start", "distance_said", "area_start",
    "area_said", "area_crossed", "keys", "add", "undo", "end", "centre", "north", "south", "east", "west",
)  # fmt: skip
LOCALES: Final[dict[Language, str]] = {"vi": "vi-VN", "en": "en-GB"}


def tools_part(title: str, indicator: Indicator, language: Language) -> dict[str, Any]:
    """The part of a `units_message` that brings the tools; title and classes of the legend stand on the map in full screen."""
    labels = class_labels(indicator, language)
    lines = [
        [label, swatch.fill, swatch.hatch] for label, swatch in zip(labels, indicator.swatches, strict=True)
    ]
    texts = {name: text(f"tool_{name}", language) for name in TOOL_TEXTS}
    return {
        "tools": {
            "texts": {**texts, "locale": LOCALES[language]},
            "legend": {"title": title, "lines": lines},
        }
    }
