"""The verdict as a rule on outcomes alone: what a build says of units, and what is asked of one unit's other futures."""

from typing import Final

import numpy as np
import pandas as pd

from geo.arrays import ObjectArray
from geo.schema import Outcome, Verdict

FLAGS: Final = ("gap", "unknown", "watch")


def flag_goals(outcome: pd.Series, essential: pd.Series) -> pd.DataFrame:
    """`FLAGS` of goals, a row each: what every goal by itself speaks for. A unit has a flag that any of its goals has."""
    fails = outcome == Outcome.FAIL
    return pd.DataFrame(
        {
            "gap": fails & essential,
            "unknown": (outcome == Outcome.NO_EVIDENCE) & essential,
            # a goal that is not essential and fails makes no gap, but "served" would hide it
            "watch": (outcome == Outcome.UNDECIDED) | fails,
        }
    )


def decide(flags: pd.DataFrame) -> ObjectArray:
    """Verdict of every row of `FLAGS`: the first that holds."""
    return np.asarray(
        np.select(
            [flags["gap"], flags["unknown"], flags["watch"]],
            [Verdict.GAP, Verdict.UNKNOWN, Verdict.WATCH],
            default=Verdict.SERVED,
        )
    )
