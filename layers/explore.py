"""What exploring adds to the map's message: units set back by a filter, a threshold, a place to look at, overlays in order."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd

from geo.errors import CallError
from geo.limits import Counted, find_limits, nearest_stop
from geo.unit_filter import Bound, UnitFilter, as_conditions, read_filter
from layers.overlays import Overlay
from layers.palette import Indicator, indicator_name
from layers.strings import Language, number, text, unit_word

BELOW, ABOVE = "<", ">="
FULL_OPACITY: Final = 100
"""Of the overlays, in per cent."""


def is_measured(indicator: Indicator) -> bool:
    """Whether the indicator is a figure that can lie below or above a threshold."""
    return bool(indicator.breaks)


def limit_of(texts: Any, indicator: Indicator) -> Bound | None:
    """The threshold in a link (`mobile_download_mbps<10`); None where there is none, or of another figure than the one shown."""
    try:
        wanted = read_filter([str(texts)] if texts else [])
    except CallError:
        return None
    found = (
        wanted.bounds[0] if len(wanted.bounds) == 1 and wanted == UnitFilter(bounds=wanted.bounds) else None
    )
    fits = found is not None and found.column == indicator.column and found.side in (BELOW, ABOVE)
    return found if fits and is_measured(indicator) else None


def limit_text(bound: Bound) -> str:
    """A threshold as it stands in a link."""
    return as_conditions(UnitFilter(bounds=(bound,)))[0]


def limit_figure(value: float, unit: str, language: Language) -> str:
    """A threshold with its unit and no more decimals than it has: `20 Mbps`, `99,8%`."""
    shown = round(value * 100, 6) if unit == "share" else value
    decimals = next(places for places in (0, 1, 2, 3) if places == 3 or round(shown, places) == shown)
    word = "%" if unit == "share" else "" if unit == "points" else unit_word(unit, language)
    return f"{number(shown, language, decimals=decimals)}{'' if word in ('', '%') else ' '}{word}"


def limits_message(
    result: pd.DataFrame, inside: Sequence[bool], indicator: Indicator, language: Language
) -> dict[str, Any] | None:
    """The slider of the map for one indicator: its stops, and the counts on both sides among the units `inside`."""
    if not is_measured(indicator) or indicator.column not in result.columns:
        return None
    kept = result[np.asarray(inside, dtype=bool)]
    people = kept["people"] if "people" in kept.columns else None
    limits = find_limits(kept[indicator.column], people, wanted=indicator.breaks)
    if limits is None:
        return None
    start = nearest_stop(limits, indicator.breaks[(len(indicator.breaks) - 1) // 2])
    return {
        "column": indicator.column,
        "stops": [f"{stop:.12g}" for stop in limits.stops],
        "labels": [limit_figure(stop, indicator.unit, language) for stop in limits.stops],
        "place": dict(zip(kept["unit_code"].astype(str), limits.place, strict=True)),
        "below": [_triple(one) for one in limits.below],
        "above": [_triple(one) for one in limits.above],
        "missing": _triple(limits.missing),
        "start": start,
        "language": language,
        "texts": _limit_texts(indicator, language),
    }


def _triple(counted: Counted) -> list[float | None]:
    """Units, the known of their people, and the units whose people are not known."""
    known = counted.people.known
    return [counted.units, None if known is None else round(known), counted.people.unknown_units]


def _limit_texts(indicator: Indicator, language: Language) -> dict[str, str]:
    keys = (
        "open",
        "close",
        "below",
        "above",
        "side_below",
        "side_above",
        "units",
        "unit",
        "missing",
        "keep",
        "none",
    )
    found = {key: text(f"limit_{key}", language) for key in keys}
    people = {key: text(key, language) for key in ("people_count", "people_least", "people_unknown_of")}
    return (
        found | people | {"slider": text("limit_slider", language, name=indicator_name(indicator, language))}
    )


def limit_part(limits: dict[str, Any] | None, bound: Bound | None) -> dict[str, Any] | None:
    """Where the slider stands: the side, and the stop nearest to the threshold asked for."""
    if limits is None or bound is None:
        return None
    stops = np.asarray([float(stop) for stop in limits["stops"]])
    return {"side": bound.side, "stop": int(np.argmin(np.abs(stops - bound.value)))}


def explore_part(
    *,
    dimmed: Iterable[str],
    limits: dict[str, Any] | None,
    bound: Bound | None,
    opacity: int,
    focus: dict[str, Any] | None,
    is_placed: bool = True,
    page: str = "map",
) -> dict[str, Any]:
    """The part of the map's message that is one visitor's own; `dimmed`: codes set back, `focus`: a place to look at, once.

    `is_placed`: where the map stands is kept in the address, which of two maps that move as one only one may do. `page`: whose
    map it is; the place that another page left in the address is not its own.
    """
    return {
        "explore": {
            "dim": list(dimmed),
            "limits": limits,
            "limit": limit_part(limits, bound),
            "opacity": opacity / FULL_OPACITY,
            "placed": is_placed,
            "page": page,
        },
        "focus": focus,
    }


def focus_on(bounds: Sequence[float], name: str, *, closest: float = 13.0) -> dict[str, Any]:
    """A place for the map to look at once: (west, south, east, north) in degrees; another `name` is another look."""
    west, south, east, north = (float(edge) for edge in bounds)
    return {"id": name, "bounds": [[south, west], [north, east]], "closest": closest}


def in_drawing_order(overlays: Sequence[Overlay], order: Sequence[str]) -> tuple[Overlay, ...]:
    """Overlays with the operators of `order` on top, its first one topmost: what is drawn last lies on top."""
    ranks = {operator: place for place, operator in enumerate(order)}
    ordered = sorted(overlays, key=lambda one: ranks.get(one.operator, len(ranks)))
    return tuple(replace(one) for one in reversed(ordered))
