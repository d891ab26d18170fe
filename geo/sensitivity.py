"""Is a unit among the worst whatever the choices? How often it stays there when each choice is drawn anew."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from geo.rules import Rules
from geo.score_draws import Source, draw_scores, rank_scores
from geo.score_figures import alike, figures_of

WORST: Final = 10
"""Ranks that count as the worst."""
VARIED: Final[Mapping[str, frozenset[Source]]] = {
    "measurement_share": frozenset({Source.MEASUREMENT}),
    "weights_share": frozenset({Source.WEIGHTS}),
    "goalposts_share": frozenset({Source.GOALPOSTS}),
    "aggregation_share": frozenset({Source.AGGREGATION}),
    "all_share": frozenset(Source),
}
SENSITIVITY_COLUMNS: Final = ("unit_code", "rank", "is_worst", *VARIED)


def worst_shares(goals: pd.DataFrame, judged: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """One row per unit with `SENSITIVITY_COLUMNS`, sorted by `unit_code`.

    `is_worst`: rank 1 to `WORST` as the rules stand. The shares (0-1): of the draws in which it is, when one source of doubt
    alone, or all together, are drawn. Null where the unit has no score.
    """
    figures = figures_of(goals)
    rank = (
        judged.set_index("unit_code")["rank"]
        .reindex(list(figures.codes))
        .astype("Int64")
        .reset_index(drop=True)
    )
    known, groups = rank.notna().to_numpy(), alike(figures)
    frame = pd.DataFrame({"unit_code": list(figures.codes), "rank": rank})
    frame["is_worst"] = (rank <= WORST).astype("boolean")
    for column, sources in VARIED.items():
        ranks = rank_scores(draw_scores(figures, rules, sources, apart=True))
        share = pd.Series(np.where(known, (ranks <= WORST).mean(axis=1), np.nan))
        # units with the same figures differ by the draws they happened to get only
        frame[column] = share.groupby(groups).transform("mean")
    return frame
