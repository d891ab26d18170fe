"""Figures that stand beside their sum: rounded so that what is written adds up as what is meant does."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from geo.rollout import Check
from geo.rollout_check import Range

DUPLICATED_PARTS: Final = ("covered", "covered_same", "covered_others", "others_plans")
"""Parts of what is duplicated; they may lie over each other, so they are not summed."""


def whole_parts(parts: Sequence[float | None], total: float | None) -> list[float | None]:
    """Whole numbers for `parts` that add up to `total` as it is written, by the largest remainder.

    Each stays within one of its value. Parts that are no parts of `total` (one is not known, they do not add up to it within
    half a unit) are rounded each by itself.
    """
    known = [part for part in parts if part is not None]
    if len(known) < len(parts) or total is None or abs(math.fsum(known) - total) > 0.5:
        return [None if part is None else rounded(part, 0) for part in parts]
    floors = [math.floor(part) for part in known]
    left = round(rounded(total, 0)) - sum(floors)
    order = sorted(range(len(known)), key=lambda place: floors[place] - known[place])
    raised = set(order[: max(0, left)])
    return [float(low + (place in raised)) for place, low in enumerate(floors)]


def rounded(value: float, decimals: int) -> float:
    """The value as it is written with so many decimals."""
    return float(f"{value:.{decimals}f}")


def parts_as_written(check: Check, kind: int, decimals: int) -> dict[str, Range]:
    """The figures in people (`kind` 0) or km² (1) as they are written: duplicated and new make up what is inside.

    What is inside and what is new are rounded as everywhere; what is duplicated is the difference, no part of it is more, and a
    part that is all of it is written alike. Ranges keep their ends.
    """
    found = {code: pair[kind] for code, pair in check.figures.items()}
    inside, new, duplicated = (found[code].value for code in ("inside", "new", "duplicated"))
    if inside is None or new is None or duplicated is None:
        return found
    rest = rounded(rounded(inside, decimals) - rounded(new, decimals), decimals)
    if abs(rest - duplicated) > 1.5 * 10.0**-decimals:
        return found
    found["duplicated"] = _with_value(found["duplicated"], rest)
    for code in DUPLICATED_PARTS:
        value = found[code].value
        if value is not None:
            whole = math.isclose(value, duplicated)
            found[code] = _with_value(found[code], rest if whole else min(rounded(value, decimals), rest))
    return found


def _with_value(found: Range, value: float) -> Range:
    if found.low == found.high:
        return Range(value, value, value)
    return replace(found, value=value)
