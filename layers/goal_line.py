"""One goal of one unit, as plain data for the panel."""

from dataclasses import dataclass


@dataclass(frozen=True)
class GoalLine:
    """Figures in the goal's own unit, null where not known; `name` is the goal in words.

    `tests` and `devices` are what a speed rests on, whether or not they are enough for a figure. `flip_people` and
    `flip_devices` as in the goals table: people to cover, devices to measure.
    """

    dimension: str
    name: str
    unit: str
    value: float | None
    low: float | None
    high: float | None
    goal: float
    worst: float | None
    median: float | None
    essential: bool
    outcome: str
    evidence: str | None
    tests: float | None = None
    devices: float | None = None
    flip_people: float | None = None
    flip_devices: float | None = None
