"""What the map draws, the list or the region as a whole, and the legend that goes with it."""

from geo.results import Built, UnitList
from layers.bivariate import is_bivariate, square_html
from layers.legend import legend_html, marks_row_html
from layers.overlays import Overlay, PlaceMarks
from layers.palette import Indicator, indicator_name
from layers.quarters import is_quarterly
from layers.strings import Language
from layers.whole import NOT_SUMMED, is_summed, not_summed_html
from layers.why import why_html
from pages.map_choices import Choices
from pages.map_levels import whole_of
from pages.map_parts import UnitsDrawn
from pages.map_quarters import quarters_legend


def drawn_now(built: Built, choices: Choices) -> tuple[UnitList, Indicator]:
    """The units to draw and what colours them: the list, or the region as a whole, which not every indicator speaks of."""
    if not choices.whole:
        return choices.units, choices.indicator
    whole = whole_of(built, choices.units)
    summed = is_summed(whole.figures, choices.indicator.column)
    return whole.units, choices.indicator if summed else NOT_SUMMED


def legend_of(
    built: Built,
    indicator: Indicator,
    drawn: UnitsDrawn,
    overlays: tuple[Overlay, ...],
    marks: tuple[PlaceMarks, ...],
    language: Language,
) -> str:
    """The legend as the indicator needs it: a row of classes, or a square where it is two things in one colour."""
    if indicator == NOT_SUMMED:
        return not_summed_html(marks_row_html(overlays, marks, language), language)
    if is_quarterly(indicator):
        return quarters_legend(built, indicator, marks_row_html(overlays, marks, language), language)
    name = indicator_name(indicator, language)
    if is_bivariate(indicator):
        above = marks_row_html(overlays, marks, language, thin=drawn.thin)
        return square_html(name, indicator, drawn.classes, language, places=above)
    return legend_html(
        name,
        drawn.classes,
        overlays,
        marks,
        language,
        thin=drawn.thin,
        why=why_html(indicator.column, language),
    )
