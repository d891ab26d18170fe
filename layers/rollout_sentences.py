"""Reasons of a check, as codes and numbers → sentences in Vietnamese and English."""

import math
from collections.abc import Mapping
from typing import Any, Final

from layers.strings import MISSING, Language, figure, goal_figure, number, text

_UNITS: Final = {
    "new_people": "people",
    "duplication": "share",
    "gap_share": "share",
    "inside": "share",
    "spacing": "km",
}
"""Unit of `layers.strings.figure` by criterion; costs are plain numbers, in money that the workspace does not name."""
_OF_A_CRITERION: Final = {"coverage_unknown": "criterion_coverage_unknown"}


def reason_text(code: str, numbers: Mapping[str, Any], language: Language) -> str:
    """One plain sentence (not escaped); raises `KeyError` for a code without one."""
    criterion = next((name for name in (*_UNITS, "cost") if code.startswith(f"{name}_")), "")
    said = {
        name: value for name, value in numbers.items() if name not in ("value", "low", "high", "threshold")
    }
    if "basis" in said:
        said["basis"] = text(f"basis_{said['basis']}", language)
    if "criterion" in said:
        code = _OF_A_CRITERION.get(code, code)
        said["criterion"] = text(f"criterion_{said['criterion']}", language)
    if criterion:
        said["value"] = range_text(numbers, _UNITS.get(criterion, ""), language)
        said["threshold"] = threshold_text(numbers["threshold"], _UNITS.get(criterion, ""), language)
    if code == "own_plan":
        said["value"] = _part(numbers, language)
    return text(f"why_{code}", language, **said)


def range_text(numbers: Mapping[str, Any], unit: str, language: Language) -> str:
    """`412 (300 to 520)`; one figure where nothing is uncertain, the ends alone where there is no best one."""
    value, low, high = (numbers.get(name) for name in ("value", "low", "high"))
    ends = {name: _bare(one, unit, language) for name, one in (("low", low), ("high", high))}
    if value is None:
        return MISSING if low is None or high is None else text("range_open", language, **ends)
    shown = _figure(value, unit, language)
    if _figure(low, unit, language) == _figure(high, unit, language):
        return shown
    return text("range", language, value=shown, **ends)


def _bare(value: float | None, unit: str, language: Language) -> str:
    """An end of a range: without the unit's word, which stands after the figure."""
    return (
        _figure(value, unit, language)
        if unit == "share"
        else number(value, language, decimals=int(unit == "km"))
    )


def _figure(value: float | None, unit: str, language: Language) -> str:
    if not unit or value is None or not math.isfinite(value):
        return number(value, language)
    return figure(value, unit, language)


def threshold_text(value: float, unit: str, language: Language) -> str:
    """A threshold as the card and the sentence write it: `50%`, `10 km`, `100 người`; plain for money."""
    return goal_figure(value, unit, language) if unit and unit != "cost" else number(value, language)


def _part(numbers: Mapping[str, Any], language: Language) -> str:
    """A part of what is inside as a share of it."""
    inside = numbers.get("inside")
    return figure(numbers["value"] / inside if inside else None, "share", language)
