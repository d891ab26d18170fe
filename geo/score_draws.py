"""How far the score and the rank may be off: Monte Carlo over measurement error, weights, aggregation and goalposts.

One draw is one world: every figure from its interval, one set of weights and one way of aggregating for all units. The
method is that of Saisana, Saltelli and Tarantola (2005) for composite indicators, with Dirichlet weights.
"""

import zlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from scipy.special import ndtri

from geo.arrays import BoolArray, FloatArray, IntArray
from geo.precision import Z90
from geo.rules import Rules
from geo.score_figures import Figures

_Scale = Callable[[FloatArray], FloatArray]

_ROWS: Final = 256
"""Units drawn at a time: 256 × 1,000 draws of 8 bytes stay in the processor's cache."""
_SHARE_EDGE: Final = 1e-4
"""A share is drawn on the logit scale between this and 1 less this."""


class Source(StrEnum):
    """What a draw may vary."""

    MEASUREMENT = "measurement"
    WEIGHTS = "weights"
    GOALPOSTS = "goalposts"
    AGGREGATION = "aggregation"


@dataclass(frozen=True)
class World:
    """What all units of a draw share: weights (draws × dimensions), goalposts (alike), geometric or not (draws)."""

    weights: FloatArray
    goal: FloatArray
    worst: FloatArray
    geometric: BoolArray


def draw_worlds(figures: Figures, rules: Rules, sources: Collection[Source]) -> World:
    """`rules.draws` worlds; what is not among `sources` is as the rules say, and the mean is arithmetic."""
    draws, size = rules.draws, len(figures.names)
    weights = np.tile(figures.weight, (draws, 1))
    if Source.WEIGHTS in sources:
        parts = np.column_stack(
            [
                _generator(rules, "weight", name).standard_gamma(rules.weight_concentration * share, draws)
                for name, share in zip(figures.names, figures.weight, strict=True)
            ]
        )
        # of very small shapes every gamma can underflow to 0: then the given weights stand
        weights = np.where(parts.sum(axis=1, keepdims=True) > 0, parts, weights)
        weights = weights / weights.sum(axis=1, keepdims=True)
    goal, worst = np.tile(figures.goal, (draws, 1)), np.tile(figures.worst, (draws, 1))
    if Source.GOALPOSTS in sources:
        reach = rules.goalpost_variation * np.abs(figures.goal - figures.worst)
        moved = np.stack([_generator(rules, "goalpost", n).uniform(-1, 1, (2, draws)) for n in figures.names])
        goal, worst = goal + reach * moved[:, 0].T, worst + reach * moved[:, 1].T
        for place, unit in enumerate(figures.units):
            if unit == "share":
                goal[:, place], worst[:, place] = goal[:, place].clip(0, 1), worst[:, place].clip(0, 1)
    geometric = np.zeros(draws, dtype=bool)
    if Source.AGGREGATION in sources:
        geometric = _generator(rules, "aggregation", "").random(draws) < 0.5
    return World(weights.reshape(draws, size), goal, worst, geometric)


def _generator(rules: Rules, purpose: str, name: str) -> np.random.Generator:
    """A stream of its own for every purpose and dimension, so that adding one leaves the draws of the others."""
    return np.random.default_rng([rules.seed, zlib.crc32(f"{purpose} {name}".encode())])


def draw_scores(figures: Figures, rules: Rules, sources: Collection[Source], *, apart: bool) -> FloatArray:
    """Scores 0-100, units × draws, null for units without one.

    With `apart`, measurement errors of different units are drawn apart from one another, as ranks want; else all
    units share them, which leaves the scores of each as they are distributed and makes equal units equal exactly.
    """
    worlds = draw_worlds(figures, rules, sources)
    measured = Source.MEASUREMENT in sources
    scores = np.full((len(figures.codes), rules.draws), np.nan)
    for rows, chances in _chances(figures, rules, apart=apart and measured):
        deficits = [
            _deficits(figures, rows, place, worlds, chance if measured else None)
            for place, chance in enumerate(chances)
        ]
        scores[rows] = _aggregate(deficits, worlds, rules.geometric_floor)
    return _finished(figures, scores)


def _chances(figures: Figures, rules: Rules, *, apart: bool) -> Iterator[tuple[IntArray, list[FloatArray]]]:
    """Some units at a time, and per dimension the chances (units × draws, or draws that all share) of their errors."""
    # units take their errors in the order of their figures: whatever their codes, swapping figures swaps results
    order = _order_of_figures(figures)
    streams = [_generator(rules, "measurement", name) for name in figures.names]
    shared = [stream.random(rules.draws) for stream in streams]
    for start in range(0, len(order), _ROWS):
        rows = order[start : start + _ROWS]
        size = (len(rows), rules.draws)
        yield rows, [stream.random(size) for stream in streams] if apart else shared


def _finished(figures: Figures, scores: FloatArray) -> FloatArray:
    scores[~figures.has_score] = np.nan
    # rounded where floating-point noise would otherwise break ties between equal units
    return np.round(scores, 9)


def redraw_scores(
    figures: Figures, changed: Figures, place: IntArray, rules: Rules, sources: Collection[Source]
) -> FloatArray:
    """Scores 0-100 (rows of `changed` × draws) of units with other figures, in the worlds and with the luck they had.

    `place`: for each row of `changed` the row of `figures` that it stands for. A row whose figures did not change gets
    exactly what `draw_scores(figures, …, apart=True)` gave it: what differs is due to the change, never to chance.
    """
    worlds = draw_worlds(figures, rules, sources)
    scores = np.full((len(place), rules.draws), np.nan)
    for rows, chances in _chances(figures, rules, apart=True):
        where = np.full(len(figures.codes), -1)
        where[rows] = np.arange(len(rows))
        found = np.flatnonzero(where[place] >= 0)
        deficits = [
            _deficits(changed, found, number, worlds, chance[where[place[found]]])
            for number, chance in enumerate(chances)
        ]
        if len(found):
            scores[found] = _aggregate(deficits, worlds, rules.geometric_floor)
    return _finished(changed, scores)


def _order_of_figures(figures: Figures) -> IntArray:
    keys = np.concatenate([figures.value, figures.low, figures.high], axis=1)
    return np.lexsort(np.nan_to_num(keys, nan=-1.0, posinf=np.inf).T[::-1])


def _deficits(
    figures: Figures, rows: IntArray, place: int, worlds: World, chance: FloatArray | None
) -> FloatArray:
    """Deficits 0-1 of one dimension, rows × draws; null where it is not known and errors are not drawn."""
    value, low, high = (part[rows, place][:, None] for part in (figures.value, figures.low, figures.high))
    goal, worst = worlds.goal[:, place], worlds.worst[:, place]

    def deficit(figure: FloatArray) -> FloatArray:
        return np.clip((goal - figure) / (goal - worst), 0.0, 1.0)

    if chance is None:
        return deficit(value)
    found = np.broadcast_to(deficit(value), (len(rows), len(goal))).copy()
    better_high = figures.goal[place] > figures.worst[place]
    # a better figure at a higher chance, whichever way is better: coverage then never costs a draw
    luck = np.broadcast_to(chance if better_high else 1.0 - chance, found.shape)
    bounded = (
        ~np.isnan(value[:, 0])
        & np.isfinite(high[:, 0])
        & ((low[:, 0] > 0) | (figures.units[place] != "Mbps"))
    )
    spread = bounded & (low[:, 0] < high[:, 0])
    if spread.any():
        drawn = _draw_figures(
            value[spread], low[spread], high[spread], ndtri(luck[spread]), figures.units[place]
        )
        found[spread] = deficit(drawn)
    # no estimate, or one without bounds: anything between the deficits of the ends, 0 and 1 where there are none
    loose = ~bounded
    if loose.any():
        blanks = (1.0, 0.0) if better_high else (0.0, 1.0)
        at_low, at_high = (
            np.where(np.isnan(end[loose]), blank, deficit(end[loose]))
            for end, blank in zip((low, high), blanks, strict=True)
        )
        found[loose] = at_low + (at_high - at_low) * luck[loose]
    return found


def _draw_figures(
    value: FloatArray, low: FloatArray, high: FloatArray, normal: FloatArray, unit: str
) -> FloatArray:
    """Figures with median `value` and 5 % and 95 % points `low` and `high`: two half normals on a fitting scale.

    Speeds on the logarithmic scale, shares on the logit scale, everything else as it is.
    """
    ahead: _Scale = _same
    back: _Scale = _same
    if unit == "Mbps":
        ahead, back = _log, _exp
    elif unit == "share":
        value, low, high = (np.clip(end, _SHARE_EDGE, 1 - _SHARE_EDGE) for end in (value, low, high))
        ahead, back = _logit, _logistic
    middle = ahead(value)
    width = np.where(normal < 0, middle - ahead(low), ahead(high) - middle)
    return back(middle + normal * width / Z90)


def _log(speed: FloatArray) -> FloatArray:
    return np.log(speed)


def _exp(log: FloatArray) -> FloatArray:
    return np.exp(log)


def _logit(share: FloatArray) -> FloatArray:
    return np.log(share / (1 - share))


def _logistic(logit: FloatArray) -> FloatArray:
    return 1 / (1 + np.exp(-logit))


def _same(figure: FloatArray) -> FloatArray:
    return figure


def _aggregate(deficits: list[FloatArray], worlds: World, floor: float) -> FloatArray:
    """Scores 0-100, rows × draws, over the deficits that are known.

    Geometric: 1 − Π a^w over achievements a = 1 − deficit, squeezed to [floor, 1] and back, so that the ends stay 0 and 100.
    """
    rows, draws = deficits[0].shape
    total, weights, logs = np.zeros((rows, draws)), np.zeros((rows, draws)), np.zeros((rows, draws))
    geometric = worlds.geometric
    for place, deficit in enumerate(deficits):
        weight = worlds.weights[:, place]
        known = ~np.isnan(deficit)
        weights += np.where(known, weight, 0.0)
        filled = np.where(known, deficit, 0.0)
        total += weight * filled
        if geometric.any():
            logs[:, geometric] += weight[geometric] * np.log1p(-(1 - floor) * filled[:, geometric])
    with np.errstate(divide="ignore", invalid="ignore"):
        score = total / weights
        if geometric.any():
            mean = np.exp(logs[:, geometric] / weights[:, geometric])
            score[:, geometric] = (1 - mean) / (1 - floor)
    return 100 * np.clip(score, 0.0, 1.0)


def rank_scores(scores: FloatArray) -> FloatArray:
    """Ranks within every draw (column), 1 for the highest score, equal scores sharing the smallest; null kept null."""
    ranks = np.full(scores.shape, np.nan)
    known = ~np.isnan(scores[:, 0])
    for draw in range(scores.shape[1]):
        column = scores[known, draw]
        ranks[known, draw] = 1 + len(column) - np.searchsorted(np.sort(column), column, side="right")
    return ranks
