"""Reason codes and their numbers as sentences: figure, goal, evidence, and what would change the verdict."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from geo.reasons import CONTRADICTED, FALLING_BEHIND
from geo.schema import Network
from layers.goal_line import GoalLine
from layers.strings import Language, figure, goal_figure, number, raise_decimal, signed, text

_KINDS: Final = ("below_goal", "undecided", "no_evidence")


def optional_number(value: Any) -> float | None:
    """A finite number, or None for everything that is not one."""
    if value is None or pd.isna(value):
        return None
    found = float(value)
    return found if np.isfinite(found) else None


def reason_sentences(
    codes: Any, lines: Sequence[GoalLine], language: Language, row: Mapping[str, Any] | None = None
) -> tuple[str, ...]:
    """Reason codes as sentences, in the order of the codes; `row` holds the unit's figures of the result table."""
    by_dimension = {line.dimension: line for line in lines}
    given = [] if codes is None or isinstance(codes, float) else [str(code) for code in codes]
    return tuple(_sentence(code, by_dimension, row or {}, language) for code in given)


def _sentence(code: str, lines: Mapping[str, GoalLine], row: Mapping[str, Any], language: Language) -> str:
    if code == "declared_not_measured":
        return _contradicted(row, language)
    for network in Network:
        if code == f"{network}_{FALLING_BEHIND}":
            return _falling_behind(network, row, language)
    for kind in _KINDS:
        dimension = code.removesuffix(f"_{kind}")
        if dimension != code and dimension in lines:
            return _goal_sentence(kind, lines[dimension], language)
    # a reason of a later version than this page is still shown, by its code
    return text("reason_other", language, code=code)


def _contradicted(row: Mapping[str, Any], language: Language) -> str:
    share, people = (optional_number(row.get(name)) for name in (CONTRADICTED, "people"))
    count = "" if share is None or people is None else number(share * people, language)
    return text(
        "reason_declared_not_measured",
        language,
        share=figure(share, "share", language),
        people=text("in_people", language, count=count) if count else "",
    )


def _falling_behind(network: Network, row: Mapping[str, Any], language: Language) -> str:
    slope = optional_number(row.get(f"{network}_trend_mbps_per_year"))
    trend = "" if slope is None else signed(slope, language)
    return text(
        "reason_falling_behind",
        language,
        network=text(f"network_{network}", language),
        trend=text("trend_of", language, trend=trend) if trend else "",
    )


def _goal_sentence(kind: str, line: GoalLine, language: Language) -> str:
    if kind == "undecided" and line.value is None:
        kind = "area_only"
    # a few tests are not "no figures": the evidence below names them
    if kind == "no_evidence" and line.tests:
        kind = "too_few"
    if kind == "below_goal" and line.worst is not None and line.worst > line.goal:
        kind = "above_goal"
    return text(
        f"reason_{kind}",
        language,
        dimension=line.name,
        value=figure(line.value, line.unit, language),
        goal=goal_figure(line.goal, line.unit, language),
        evidence=_evidence(line, language),
        interval=_interval(line, language),
        tests=number(line.tests, language),
        devices=number(line.devices, language),
        flip=_flip(kind, line, language),
    )


def _evidence(line: GoalLine, language: Language) -> str:
    if line.evidence is None:
        return ""
    return text("by_evidence", language, evidence=text(f"evidence_{line.evidence}", language))


def _interval(line: GoalLine, language: Language) -> str:
    if line.low is None or line.low == line.high:
        return ""
    low = figure(line.low, line.unit, language)
    if line.high is None:
        # from 0 upwards says nothing that the words after it do not
        return "" if line.low <= 0 else text("interval_open", language, low=low)
    return text("interval_of", language, low=low, high=figure(line.high, line.unit, language))


def _flip(kind: str, line: GoalLine, language: Language) -> str:
    if kind == "below_goal":
        return _shortfall(line, language)
    if kind == "too_few":
        return _devices("flip_first", line, language)
    return _devices("flip_devices", line, language) if kind == "undecided" else ""


def _devices(key: str, line: GoalLine, language: Language) -> str:
    if not line.flip_devices:
        return text("flip_tests", language)
    return text(key, language, count=number(line.flip_devices, language))


def _shortfall(line: GoalLine, language: Language) -> str:
    """What the goal wants more of: people to cover, Mbps, operators; nothing where it cannot be said in one number."""
    short = shortfall(line)
    if short is None:
        return ""
    kind, count = short
    if kind == "operators" and count == 1:
        return text("flip_operator", language)
    return text(f"flip_{kind}", language, count=number(count, language, decimals=1 if kind == "speed" else 0))


def shortfall(line: GoalLine) -> tuple[str, float] | None:
    """How much of `people`, `speed` (Mbps) or `operators` a failed goal lacks, rounded up: what is said to be enough must be."""
    if line.flip_people is not None:
        return "people", math.ceil(line.flip_people)
    kind = {"Mbps": "speed", "operators": "operators"}.get(line.unit)
    if kind is None or line.value is None:
        return None
    short = line.goal - line.value
    return kind, raise_decimal(short) if kind == "speed" else max(math.ceil(short), 1)
