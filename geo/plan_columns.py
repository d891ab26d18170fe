"""The columns of what planning and the check of a proposal hand out, with unit and meaning."""

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
_GAIN: Final = (
    _people("people_inside", "people of the unit inside the proposal"),
    _people(
        "newly_covered_people", "of these, outside all coverage of the technology and others' accepted plans"
    ),
    _number("area_inside_km2", "km²", "area of the unit inside the proposal", 0.0),
    _number("newly_covered_km2", "km²", "of this, outside all coverage and others' accepted plans", 0.0),
)
_BEFORE_AFTER: Final = tuple(
    column
    for when, words in (("before", "as built"), ("after", "if the proposal is built"))
    for column in (
        _text(f"verdict_{when}", f"verdict of the unit {words}"),
        _number(f"gap_score_{when}", "0-100", f"gap score {words}", 0.0, 100.0),
        _number(f"gap_score_low_{when}", "0-100", f"lower end of its 90 % interval {words}", 0.0, 100.0),
        _number(f"gap_score_high_{when}", "0-100", f"upper end of its 90 % interval {words}", 0.0, 100.0),
        _number(f"rank_{when}", "1 = furthest behind", f"rank {words}", 1.0),
        _number(
            f"covered_people_share_{when}",
            "0-1",
            f"share of people covered with the technology {words}",
            0.0,
            1.0,
        ),
    )
)
CHECK_UNITS: Final = (_text("proposal", "name of the proposal"), *UNIT, *_GAIN, *_BEFORE_AFTER)
CHECK_GAIN: Final = (
    _text("proposal", "name of the proposal"),
    _text("operator", "whose it is"),
    _text("technology", "2G, 3G, 4G or 5G"),
    _text("outcome", "recommended, acceptable or questionable"),
    _people("people_inside", "people of the region inside the proposal"),
    _people("newly_covered_people", "of these, outside all coverage of the technology and others' accepted plans"),
    _number("area_km2", "km²", "area of the proposal inside the region", 0.0),
    _number("newly_covered_km2", "km²", "of this, outside all coverage and others' accepted plans: the shape drawn", 0.0),
)  # fmt: skip
WHAT_IF_COLUMNS: Final = {"plan_sites": PLAN_SITES, "check_units": CHECK_UNITS, "check_gain": CHECK_GAIN}
