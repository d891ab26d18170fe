"""Coverage areas and places above the units: outlines and hatches that leave the colours below legible."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd

from geo.sort_names import in_order
from layers.palette import OPERATOR_COLOURS, PLACE_COLOURS
from layers.simplify import publish_shapes
from layers.strings import Language, day, text

PLACE_RADIUS: Final = {"town": 4.5, "school": 3.0, "clinic": 3.0, "office": 3.0}
"""Radius in pixels of a place's dot."""
DASHES: Final = {"declared": None, "measured": "2 4", "modelled": "7 5"}
"""Dashes of an outline by kind of evidence."""


@dataclass(frozen=True)
class Overlay:
    """One coverage layer: the address of its display copy, how it is drawn and how the legend names it."""

    address: str
    label: str
    colour: str
    slant: int
    step: int
    dash: str | None
    operator: str = ""

    def as_dict(self) -> dict[str, Any]:
        """What the map's script wants to know."""
        return {
            "kind": "coverage", "url": self.address, "color": self.colour,
            "slant": self.slant, "step": self.step, "dash": self.dash,
        }  # fmt: skip


@dataclass(frozen=True)
class PlaceMarks:
    """The places of one class: the address of their points, how they are drawn, and their name in the legend."""

    address: str
    label: str
    colour: str
    radius: float
    labelled: bool

    def as_dict(self) -> dict[str, Any]:
        """What the map's script wants to know."""
        return {
            "kind": "places", "url": self.address, "color": self.colour,
            "radius": self.radius, "labelled": self.labelled,
        }  # fmt: skip


def technologies_of(areas: gpd.GeoDataFrame | None) -> tuple[str, ...]:
    """Technologies that have a coverage area to show."""
    return () if areas is None else tuple(sorted(areas["technology"].astype(str).unique()))


def operators_of(areas: gpd.GeoDataFrame | None, technology: str) -> tuple[str, ...]:
    """Operators with a coverage area of `technology`."""
    if areas is None:
        return ()
    return tuple(in_order(areas.loc[areas["technology"] == technology, "operator"].astype(str)))


def evidence_of(areas: gpd.GeoDataFrame | None, technology: str) -> tuple[str, ...]:
    """Kinds of evidence that coverage areas of `technology` rest on, the operators' word first."""
    if areas is None:
        return ()
    found = set(areas.loc[areas["technology"] == technology, "evidence"].astype(str))
    return tuple(kind for kind in DASHES if kind in found) + tuple(sorted(found - {*DASHES}))


def coverage_overlays(
    areas: gpd.GeoDataFrame,
    technology: str,
    operators: Iterable[str],
    static: Path,
    language: Language,
    *,
    evidence: Iterable[str] = (),
) -> tuple[Overlay, ...]:
    """One overlay per operator × evidence × date of `technology`; an operator keeps its colour whatever else is shown.

    `evidence`: the kinds to show; none given stands for all.
    """
    everyone = sorted(areas["operator"].astype(str).unique())
    wanted = set(operators)
    rows = areas[(areas["technology"] == technology) & areas["operator"].isin(wanted)]
    kinds = set(evidence)
    rows = rows[rows["evidence"].isin(kinds)] if kinds else rows
    return tuple(
        _overlay(rows.iloc[[position]], everyone.index(str(operator)), static, language)
        for position, operator in enumerate(rows["operator"])
    )


def _overlay(row: gpd.GeoDataFrame, order: int, static: Path, language: Language) -> Overlay:
    fields = {name: str(row[name].iloc[0]) for name in ("operator", "technology", "evidence", "as_of")}
    evidence = fields["evidence"]
    label = f"{fields['operator']} {fields['technology']} · {text(f'evidence_{evidence}', language)}"
    if fields["as_of"]:
        label += f", {text('as_of', language, date=day(fields['as_of'], language))}"
    return Overlay(
        address=publish_shapes(row, [{}], static),
        label=label,
        colour=OPERATOR_COLOURS[order % len(OPERATOR_COLOURS)],
        # neighbours in the list differ in slant and spacing as well as in colour
        slant=1 if order % 2 == 0 else -1,
        step=13 + 4 * (order // 2 % 3),
        dash=DASHES.get(evidence),
        operator=fields["operator"],
    )


def place_classes_of(places: gpd.GeoDataFrame | None) -> tuple[str, ...]:
    """Classes of places that can be shown, towns first."""
    if places is None:
        return ()
    found = set(places["class"].astype(str))
    return tuple(name for name in PLACE_COLOURS if name in found)


def place_marks(
    places: gpd.GeoDataFrame, classes: Sequence[str], static: Path, language: Language
) -> tuple[PlaceMarks, ...]:
    """One set of dots per class; towns carry their names, because a map without tiles has no other landmark."""
    return tuple(_marks(places[places["class"] == name], name, static, language) for name in classes)


def _marks(rows: gpd.GeoDataFrame, name: str, static: Path, language: Language) -> PlaceMarks:
    labelled = name == "town"
    return PlaceMarks(
        address=publish_shapes(rows, [{"name": str(n)} for n in rows["name"]], static),
        label=text(f"place_{name}", language),
        colour=PLACE_COLOURS[name],
        radius=PLACE_RADIUS[name],
        labelled=labelled,
    )
