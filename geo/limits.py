"""A threshold on one figure: which units lie below it, how many they are and how many people live there.

Units without the figure are counted apart: they are never below and never above.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from geo.arrays import FLOAT_NOISE, FloatArray
from geo.people_sum import PeopleSum, sum_people

MOST_STOPS: Final = 120
"""Stops of a slider: more of them than a screen is wide help nobody."""
_STEPS: Final = (1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True)
class Counted:
    """Some units and their people."""

    units: int
    people: PeopleSum


@dataclass(frozen=True)
class Limits:
    """A slider's stops, ascending in the figure's own unit, and what lies on each side of each of them.

    `place`: per row, how many stops are not above its figure, so that a row lies below stop i exactly where `place` ≤ i; −1
    where the figure is not known.
    """

    stops: tuple[float, ...]
    place: tuple[int, ...]
    below: tuple[Counted, ...]
    above: tuple[Counted, ...]
    missing: Counted


def find_limits(values: Any, people: Any, *, wanted: Sequence[float] = ()) -> Limits | None:
    """Stops for a column of figures, with the `wanted` ones (goals, borders of classes) among them; None without two figures.

    `values` and `people`: one per unit, null where not known (`people` None: of none of them).
    """
    figures = _floats(values)
    known = np.isfinite(figures)
    if known.sum() < 2 or np.ptp(figures[known]) == 0:
        return None
    heads = np.full(len(figures), np.nan) if people is None else _floats(people)
    stops = find_stops(float(figures[known].min()), float(figures[known].max()), wanted)
    place = np.where(known, np.searchsorted(np.asarray(stops), figures + FLOAT_NOISE, side="right"), -1)
    return Limits(
        stops=stops,
        place=tuple(int(at) for at in place),
        below=tuple(_count(known & (place <= index), heads) for index in range(len(stops))),
        above=tuple(_count(known & (place > index), heads) for index in range(len(stops))),
        missing=_count(~known, heads),
    )


def find_stops(low: float, high: float, wanted: Sequence[float] = ()) -> tuple[float, ...]:
    """Round numbers from just below `low` to just above `high`, at most `MOST_STOPS` of them, with the wanted ones inside."""
    step = _round_step((high - low) / (MOST_STOPS - 2))
    first, last = int(np.floor(low / step)), int(np.ceil(high / step))
    # a figure that is itself a round number needs a stop above it, to be below something
    last += last * step <= high + FLOAT_NOISE
    steps = {round(index * step, 12) for index in range(first, last + 1)}
    return tuple(sorted(steps | {float(one) for one in wanted if low < one < high}))


def nearest_stop(limits: Limits, value: float) -> int:
    """Index of the stop nearest to a value."""
    return int(np.argmin(np.abs(np.asarray(limits.stops) - value)))


def _round_step(least: float) -> float:
    power = 10.0 ** np.floor(np.log10(least))
    return float(next(power * step for step in _STEPS if power * step >= least * (1 - 1e-9)))


def _count(rows: np.ndarray, people: FloatArray) -> Counted:
    return Counted(int(rows.sum()), sum_people(people[rows]))


def _floats(values: Any) -> FloatArray:
    found = pd.to_numeric(pd.Series(values), errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isfinite(found), found, np.nan)
