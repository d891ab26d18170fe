"""A sum of people over units in words, the same wherever one is said."""

from geo.people_sum import PeopleSum
from layers.strings import Language, number, text


def people_sum_text(total: PeopleSum, language: Language) -> str:
    """`123.400 người`, or `ít nhất 123.400 người; 2 đơn vị chưa có số dân`; empty where nobody is known."""
    if total.known is None:
        return ""
    if total.is_whole:
        return text("people_count", language, count=number(total.known, language))
    least = text("people_least", language, count=number(total.known, language))
    return f"{least}; {unknown_units_text(total, language)}"


def people_figure_text(total: PeopleSum, language: Language) -> str:
    """The same below a heading that says what is counted: `123.400`, `ít nhất 123.400; 2 đơn vị chưa có số dân`, or a dash."""
    figure = number(total.known, language)
    if total.is_whole or total.known is None:
        return figure
    return f"{text('people_least_bare', language, count=figure)}; {unknown_units_text(total, language)}"


def unknown_units_text(total: PeopleSum, language: Language) -> str:
    """The second half, which stands alone where nobody is known: `2 đơn vị chưa có số dân`."""
    units = text("units", language, count=number(total.unknown_units, language))
    return text("people_unknown_of", language, units=units)
