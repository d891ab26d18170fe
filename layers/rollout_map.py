"""A proposal on the map: the area it is about, and in one strong colour the part that is new, and nothing else."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely

from layers.escape import escape
from layers.simplify import DECIMALS, STEPS_ACROSS
from layers.strings import Language, text

NEW_COLOUR: Final = "#c026d3"
OFFER_COLOUR: Final = "#4a044e"
TODAY_COLOUR: Final = "#0e7490"
KEPT_COLOUR: Final = "#334155"
UNITS_OPACITY: Final = 0.42
"""Of units below a proposal: their colour is ground, not news."""
UNITS_BELOW_COVERAGE: Final = 0.15
"""Of units below an area of today's coverage, whose own colour is to be seen."""
ROOM: Final = 0.15
"""Of the larger side of what is looked at, left free around it: buttons stand over the map's edges."""
VIEWS: Final = ("change", "before", "after")


@dataclass(frozen=True)
class AreaMark:
    """One area sent along with the message: its display copy, its colour, how it fills, its name in the legend."""

    shape: dict[str, Any]
    label: str
    colour: str
    opacity: float
    weight: float
    dash: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """What the map's script wants to know; the id tells one area from another."""
        mark = hashlib.sha256(repr((self.shape, self.colour, self.opacity, self.dash)).encode()).hexdigest()[
            :16
        ]
        return {
            "kind": "area", "id": mark, "shape": self.shape, "color": self.colour, "opacity": self.opacity,
            "weight": self.weight, "dash": self.dash,
        }  # fmt: skip


def display_copy(shape: Any) -> dict[str, Any]:
    """A polygon simplified to what a screen shows of its own extent, as GeoJSON."""
    west, south, east, north = shape.bounds
    tolerance = max(east - west, north - south) / STEPS_ACROSS
    simple = shapely.simplify(shape, tolerance)
    rounded = shapely.transform(simple, lambda xy: np.round(xy, DECIMALS + 1))
    return dict(shapely.geometry.mapping(rounded))


def proposal_marks(area: Any, new_area: Any, view: str, language: Language) -> list[AreaMark]:
    """The marks of one view: `change` the offer and its gain, `before` the offer's outline, `after` the gain."""
    marks = []
    if view != "after" and not area.is_empty:
        marks.append(AreaMark(display_copy(area), text("map_area", language), OFFER_COLOUR, 0.05, 2.0, "6 5"))
    if view != "before" and new_area is not None and not new_area.is_empty:
        marks.append(AreaMark(display_copy(new_area), text("map_new", language), NEW_COLOUR, 0.6, 1.0))
    return marks


def today_mark(shape: dict[str, Any], technology: str, language: Language) -> AreaMark:
    """Today's coverage of a technology by whomever, as one area: the ground that a proposal adds to."""
    return AreaMark(shape, text("map_today", language, technology=technology), TODAY_COLOUR, 0.5, 1.0)


def focus_on(shape: Any, number: str) -> dict[str, Any]:
    """Asks the map to look at a shape with room around it, once per number."""
    west, south, east, north = shape.bounds
    room = ROOM * max(east - west, north - south)
    west, south, east, north = west - room, south - room, east + room, north + room
    return {"id": number, "bounds": [[south, west], [north, east]]}


def sites_mark(
    sites: Sequence[tuple[float, float]], labels: Sequence[str], said: Sequence[str]
) -> dict[str, Any]:
    """Numbered sites ((lon, lat) each), with what a hover says."""
    rows = [
        {"lon": lon, "lat": lat, "label": label, "said": words}
        for (lon, lat), label, words in zip(sites, labels, said, strict=True)
    ]
    mark = hashlib.sha256(repr(rows).encode()).hexdigest()[:16]
    return {"kind": "sites", "id": mark, "sites": rows}


def marks_legend(marks: Sequence[AreaMark]) -> str:
    """The marks in the legend's way."""
    # over the swatch's own ground, which is the map's, and with the line inside it: a dark theme's page would swallow both
    items = "".join(
        f'<span class="vl-class"><i class="vl-swatch" style="background-image:linear-gradient({_tint(mark)} 0 0);outline:1.5px '
        f'{"dashed" if mark.dash else "solid"} {mark.colour};outline-offset:-1.5px"></i>{escape(mark.label)}</span>'
        for mark in marks
    )
    if not items:
        return ""
    return f'<section class="vl-legend"><div class="vl-legend-row">{items}</div></section>'


def _tint(mark: AreaMark) -> str:
    red, green, blue = (int(mark.colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},{mark.opacity})"


def check_message(
    units: dict[str, Any],
    *,
    draw: dict[str, Any] | None,
    marks: Sequence[dict[str, Any]],
    focus: dict[str, Any] | None,
    opacity: float = UNITS_OPACITY,
) -> dict[str, Any]:
    """The units' message with paler units that a click does not choose, what is drawn, and what stands above them."""
    return {
        **units, "opacity": opacity, "inert": True, "draw": draw, "focus": focus,
        "extras": [*units["extras"], *marks],
    }  # fmt: skip
