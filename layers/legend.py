"""The legend: classes with their units and people, as data and as escaped HTML."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from geo.people_sum import PeopleSum, people_of_rows
from layers.escape import escape
from layers.overlays import Overlay, PlaceMarks
from layers.palette import Indicator, Swatch, class_labels, classify
from layers.people_words import people_sum_text
from layers.strings import Language, number, text


@dataclass(frozen=True)
class LegendClass:
    """One line: the swatch, its label, how many units are in it, and their people."""

    swatch: Swatch
    label: str
    units: int
    people: PeopleSum


def legend_classes(indicator: Indicator, result: pd.DataFrame, language: Language) -> tuple[LegendClass, ...]:
    """Every class of the indicator with its counts; units over all classes sum to the rows of `result`."""
    classes = classify(indicator, result[indicator.column].tolist())
    labels = class_labels(indicator, language)
    return tuple(
        LegendClass(
            swatch,
            label,
            int((classes == index).sum()),
            people_of_rows(result[classes == index]),
        )
        for index, (swatch, label) in enumerate(zip(indicator.swatches, labels, strict=True))
    )


def legend_html(
    title: str,
    classes: Sequence[LegendClass],
    overlays: Sequence[Overlay],
    places: Sequence[PlaceMarks],
    language: Language,
    *,
    thin: int = 0,
    why: str = "",
) -> str:
    """The legend as one HTML fragment, every text escaped; `thin` counts units whose evidence is thin.

    `why`: the button that opens the indicator's definition, as HTML.
    """
    lines = "".join(_class_html(line, language) for line in classes)
    extra = marks_row_html(overlays, places, language, thin=thin)
    return (
        f'<section class="vl-legend" aria-label="{escape(text("legend", language))}">'
        f'<div class="vl-legend-title">{escape(title)}{why}</div>'
        f'<div class="vl-legend-row">{lines}</div>{extra}</section>'
    )


def marks_row_html(
    overlays: Sequence[Overlay], places: Sequence[PlaceMarks], language: Language, *, thin: int = 0
) -> str:
    """What lies over the colours as one row; empty where nothing does."""
    marks = "".join(_mark_html(_overlay_swatch(overlay), overlay.label) for overlay in overlays)
    marks = _thin_html(thin, language) + marks
    marks += "".join(_mark_html(_dot(place.colour), place.label) for place in places)
    return f'<div class="vl-legend-row">{marks}</div>' if marks else ""


def _class_html(line: LegendClass, language: Language) -> str:
    counts = [text("units", language, count=number(line.units, language))]
    if people := people_sum_text(line.people, language):
        counts.append(people)
    small = "".join(f"<small>{escape(count)}</small>" for count in counts)
    empty = "" if line.units else " vl-empty"
    return (
        f'<div class="vl-class{empty}"><span class="vl-swatch" style="{swatch_fill(line.swatch)}"></span>'
        f"<span><b>{escape(line.label)}</b>{small}</span></div>"
    )


def swatch_fill(swatch: Swatch) -> str:
    """CSS background of a class, hatched where it is hatched on the map."""
    if swatch.hatch is None:
        return f"background:{swatch.fill}"
    return f"background:repeating-linear-gradient(135deg,{swatch.fill} 0 4px,{swatch.hatch} 4px 5px)"


def _overlay_swatch(overlay: Overlay) -> str:
    angle = 135 if overlay.slant > 0 else 45
    lines = f"repeating-linear-gradient({angle}deg,transparent 0 4px,{overlay.colour} 4px 5px)"
    return f'<span class="vl-swatch" style="border:1.5px solid {overlay.colour};background-image:{lines}"></span>'


def _dot(colour: str) -> str:
    return f'<span class="vl-dot" style="background:{colour}"></span>'


def _thin_html(count: int, language: Language) -> str:
    if not count:
        return ""
    lines = "repeating-linear-gradient(45deg,transparent 0 4px,#475569 4px 5px)"
    mark = f'<span class="vl-swatch" style="background-image:{lines}"></span>'
    units = text("units", language, count=number(count, language))
    return _mark_html(mark, f"{text('thin_legend', language)} ({units})")


def _mark_html(mark: str, label: str) -> str:
    return f'<div class="vl-class">{mark}<span>{escape(label)}</span></div>'
