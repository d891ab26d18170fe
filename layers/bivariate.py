"""Two things in one colour: the gap and how many people live there, or the gap and an own indicator; and their square legend."""

from collections.abc import Sequence
from typing import Final

import geopandas as gpd

from geo.indicator_stats import bivariate
from layers.escape import escape
from layers.legend import LegendClass
from layers.own import BIVARIATE_COLOURS, BIVARIATE_PREFIX, CLASSES
from layers.palette import Indicator
from layers.people_words import people_sum_text
from layers.strings import Language, number, text

PEOPLE_COLUMN: Final = f"{BIVARIATE_PREFIX}people"
PEOPLE_WORDS: Final = "gap_people"
_WORST_FIRST: Final = (3, 2, 1)


def with_people(result: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The result table with the classes of gap and people together, where it has people."""
    if "people" not in result.columns or "gap_score" not in result.columns:
        return result
    found = bivariate(result["people"].astype(float), result["gap_score"].astype(float))
    return result.assign(**{PEOPLE_COLUMN: found["class"]})


def people_indicators(result: gpd.GeoDataFrame) -> tuple[Indicator, ...]:
    """The view of gap and people, where any unit has both."""
    if not {"people", "gap_score"} <= {*result.columns}:
        return ()
    if not (result["people"].notna() & result["gap_score"].notna()).any():
        return ()
    return (Indicator(PEOPLE_COLUMN, colours=BIVARIATE_COLOURS, categories=CLASSES, words=PEOPLE_WORDS),)


def is_bivariate(indicator: Indicator) -> bool:
    """Whether the indicator is a view of two things."""
    return indicator.categories == CLASSES


def square_html(
    title: str, indicator: Indicator, classes: Sequence[LegendClass], language: Language, *, places: str = ""
) -> str:
    """The legend as a square of nine: up is a wider gap, right is more people (or worse); `places`: HTML of what lies above."""
    by_key = {line.swatch.key: line for line in classes}
    axis = PEOPLE_WORDS if indicator.words == PEOPLE_WORDS else "gap_own"
    head = "".join(
        f'<th scope="col">{escape(text(f"{axis}_column_{own}", language))}</th>' for own in (1, 2, 3)
    )
    rows = "".join(_row(gap, by_key, language) for gap in _WORST_FIRST)
    lost = by_key["no_data"].units
    said = [text(f"{axis}_read", language), text("square_thirds", language)]
    if lost:
        said.append(text("square_lost", language, count=number(lost, language)))
    return (
        f'<section class="vl-legend vl-square" aria-label="{escape(text("legend", language))}">'
        f'<div class="vl-legend-title">{escape(title)}</div><div class="vl-square-body">'
        f'<table><caption>{escape(text("square_caption", language))}</caption>'
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{rows}</tbody></table>"
        f"<div>{''.join(f'<p>{escape(line)}</p>' for line in said)}</div></div>{places}</section>"
    )  # fmt: skip


def _row(gap: int, by_key: dict[str, LegendClass], language: Language) -> str:
    cells = "".join(_cell(by_key[f"{gap}-{own}"], language) for own in (1, 2, 3))
    return f'<tr><th scope="row">{escape(text(f"gap_third_{gap}", language))}</th>{cells}</tr>'


def _cell(line: LegendClass, language: Language) -> str:
    units = text("units", language, count=number(line.units, language))
    people = people_sum_text(line.people, language)
    said = f"{line.label}: {units}{people and f', {people}'}"
    return (
        f'<td style="background:{line.swatch.fill};color:{_ink(line.swatch.fill)}" title="{escape(said)}">'
        f"{escape(number(line.units, language))}</td>"
    )


def _ink(fill: str) -> str:
    """Black or white, whichever stands out more on the colour."""
    red, green, blue = (_linear(int(fill[place : place + 2], 16) / 255) for place in (1, 3, 5))
    light = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return "#ffffff" if (1.05 / (light + 0.05)) > ((light + 0.05) / 0.05) else "#000000"


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
