"""The columns of what planning hands out, with unit and meaning."""

from typing import Final

from geo.schema import Column


def _text(name: str, meaning: str) -> Column:
    return Column(name, "text", "", meaning)


def _people(name: str, meaning: str) -> Column:
    return Column(name, "number", "people", meaning, 0.0)


def _number(
    name: str, unit: str, meaning: str, low: float | None = None, high: float | None = None
) -> Column:
    return Column(name, "number", unit, meaning, low, high)


UNIT: Final = (
    _text("unit_code", "code of the unit, leading zeros kept"),
    _text("vintage", "list of units the code belongs to"),
    _text("name", "name"),
)
PLAN_SITES: Final = (
    _number("order", "1 = adds most", "place in the order of what a site adds to those before it", 1.0),
    *UNIT,
    _text("unit_name", "name of the unit"),
    _number("radius_m", "m", "how far the site was taken to reach", 0.0),
    _people("people_gained", "people newly reached by this site, beyond those before it"),
    _people("people_cumulative", "people newly reached by this site and those before it"),
    _number(
        "weight_gained",
        "people × need",
        "what the plan was chosen by: people, or people × gap score / 100",
        0.0,
    ),
    _number("cost", "as given", "cost of the site, where one was given", 0.0),
    _number("cost_cumulative", "as given", "cost of this site and those before it", 0.0),
)
WHAT_IF_COLUMNS: Final = {"plan_sites": PLAN_SITES}
