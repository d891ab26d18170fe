"""The units layer: what changes on the map, in the few bytes it takes.

Outlines are a static file the browser fetches once per list of units. A change of indicator, language, selection or
overlay sends one small table, and the map keeps its zoom, its place and its drawing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import folium
import pandas as pd
from branca.element import MacroElement
from jinja2 import Template

from layers.escape import script_literal
from layers.evidence import interval_texts
from layers.labels import unit_label as unit_label  # others know both names from here
from layers.labels import unit_labels as unit_labels
from layers.overlays import Overlay, PlaceMarks
from layers.palette import Indicator, classify, thin_line, value_text
from layers.strings import Language, text

FILL_OPACITY: Final = 0.88


@dataclass(frozen=True)
class UnitsView:
    """Everything the map shows above its base; `bounds` is (west, south, east, north) of the list of units.

    `thin`: codes of units whose figure rests on thin evidence.
    """

    address: str
    bounds: tuple[float, float, float, float]
    indicator: Indicator
    language: Language
    selected: str | None = None
    overlays: Sequence[Overlay] = ()
    places: Sequence[PlaceMarks] = ()
    thin: frozenset[str] = frozenset()


def units_message(result: pd.DataFrame, view: UnitsView) -> dict[str, Any]:
    """The table for the map's script: class, name and value of every unit, and how the classes look."""
    values = result[view.indicator.column].tolist()
    classes = classify(view.indicator, values).tolist()
    codes = result["unit_code"].astype(str).tolist()
    intervals = interval_texts(result, view.indicator, view.language)
    west, south, east, north = view.bounds
    return {
        "geo": view.address,
        "bounds": [[south, west], [north, east]],
        "indicator": view.indicator.column,
        "classes": [
            {"fill": s.fill, "hatch": s.hatch, "thin": thin_line(s.fill)} for s in view.indicator.swatches
        ],
        "missing": len(view.indicator.swatches) - 1,
        "opacity": FILL_OPACITY,
        "units": {
            code: [
                index,
                label,
                value_text(view.indicator, value, view.language),
                *_doubt(code, interval, view),
            ]
            for code, index, label, value, interval in zip(
                codes, classes, unit_labels(result), values, intervals, strict=True
            )
        },
        **chosen_part(view.selected, view.overlays, view.places),
        "texts": {
            "missing": text("missing_tip", view.language),
            "failed": text("map_failed", view.language),
        },
    }


def _doubt(code: str, interval: str, view: UnitsView) -> list[str | int]:
    """What a hover says below the value, and whether the unit is hatched; nothing for a figure without doubt."""
    is_thin = code in view.thin
    notes = [interval, text("thin", view.language) if is_thin else ""]
    note = " · ".join(part for part in notes if part)
    return [note, int(is_thin)] if note else []


def units_literal(result: pd.DataFrame, view: UnitsView) -> str:
    """`units_message` as the script will read it, to be kept: it is most of the work of a map, and the same for everybody."""
    return script_literal(units_message(result, view))


class _ShowUnits(MacroElement):
    """One call of the map's script; the message stands in it as a literal that no text can break out of."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "window.vunglom.show(map_div, {{ this._parent.get_name() }}, {{ this.message }});"
        "{% endmacro %}"
    )

    def __init__(self, message: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "ShowUnits"
        self.message = message

    def render(self, **kwargs: Any) -> str:  # noqa: ARG002  # Folium's own signature
        """Nothing: the component reads the macro itself, and Folium would parse the message again as a template."""
        return ""


def units_group(message: dict[str, Any], kept: str | None = None) -> folium.FeatureGroup:
    """The feature group to hand to the map component for this message.

    `kept`: a `units_literal` that the message only changes.
    """
    literal = script_literal(message)
    group = folium.FeatureGroup(name="units", control=False)
    _ShowUnits(f"Object.assign({kept}, {literal})" if kept else literal).add_to(group)
    return group


def chosen_part(
    selected: str | None, overlays: Sequence[Overlay], places: Sequence[PlaceMarks]
) -> dict[str, Any]:
    """The part of a `units_message` that is one visitor's own: the unit looked at, overlays and places."""
    return {
        "selected": selected,
        "extras": [*(one.as_dict() for one in overlays), *(one.as_dict() for one in places)],
    }
