"""The columns of what planning hands out, with their units."""

from typing import Final

from geo.schema import Column


def _text(name: str) -> Column:
    return Column(name, "text", "")


def _people(name: str) -> Column:
    return Column(name, "number", "people", 0.0)


def _number(name: str, unit: str, low: float | None = None, high: float | None = None) -> Column:
    return Column(name, "number", unit, low, high)


UNIT: Final = (
    _text("unit_code"),
    _text("vintage"),
    _text("name"),
)
PLAN_SITES: Final = (
    _number("order", "1 = adds most", 1.0),
    *UNIT,
    _text("unit_name"),
    _number("radius_m", "m", 0.0),
    _people("people_gained"),
    _people("people_cumulative"),
    _number("weight_gained", "people × need", 0.0),
    _number("cost", "as given", 0.0),
    _number("cost_cumulative", "as given", 0.0),
)
WHAT_IF_COLUMNS: Final = {"plan_sites": PLAN_SITES}
