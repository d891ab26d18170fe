"""Hotspots: a block of high scores in a field of low ones is found, noise and constants are not."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.clusters import find_hotspots
from tests.tiny import tiles_box, units_of

SIDE = 10
FIELD = units_of(**{f"{i}{j}": tiles_box(i, j, i + 1, j + 1) for i in range(SIDE) for j in range(SIDE)})


def _field(high: set[str], seed: int = 0) -> pd.Series:
    noise = np.random.default_rng(seed).uniform(0, 5, len(FIELD))
    return pd.Series(np.where(FIELD["unit_code"].isin(high), 90.0, 10.0) + noise)


BLOCK = {f"{i}{j}" for i in range(3, 6) for j in range(3, 6)}


def test_a_block_is_a_cluster_and_what_is_far_is_none() -> None:
    hotspot = find_hotspots(FIELD, _field(BLOCK)).set_index("unit_code")["hotspot"]
    assert hotspot["44"] == "cluster"
    assert set(hotspot[hotspot == "cluster"].index) <= BLOCK
    assert hotspot[[f"9{j}" for j in range(SIDE)]].unique().tolist() == ["none"]


def test_the_same_answer_every_time_and_for_every_order() -> None:
    score = _field(BLOCK)
    first = find_hotspots(FIELD, score)
    pd.testing.assert_frame_equal(find_hotspots(FIELD, score), first)


def test_without_a_score_there_is_no_answer() -> None:
    score = _field(BLOCK)
    score[5] = np.nan
    hotspot = find_hotspots(FIELD, score)["hotspot"]
    assert hotspot.isna().tolist() == [place == 5 for place in range(len(FIELD))]


def test_too_few_units_or_no_difference_say_nothing() -> None:
    assert find_hotspots(FIELD.head(7), _field(BLOCK).head(7))["hotspot"].isna().all()
    assert find_hotspots(FIELD, pd.Series([50.0] * len(FIELD)))["hotspot"].isna().all()


@pytest.mark.parametrize("alone", [90.0, 10.0])
def test_an_island_is_none(alone: float) -> None:
    units = pd.concat([FIELD, units_of(far=tiles_box(40, 40, 41, 41))], ignore_index=True)
    score = pd.concat([_field(BLOCK), pd.Series([alone])], ignore_index=True)
    assert find_hotspots(units, score)["hotspot"].iloc[-1] == "none"


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1000))
def test_pure_noise_gives_few_clusters(seed: int) -> None:
    score = pd.Series(np.random.default_rng(seed).uniform(0, 100, len(FIELD)))
    assert (find_hotspots(FIELD, score)["hotspot"] != "none").mean() <= 0.1
