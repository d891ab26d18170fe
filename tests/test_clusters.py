"""Hotspots: a block of high scores in a field of low ones is found, noise and constants are not."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.clusters import contiguity, find_hotspots
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


def _columbus() -> gpd.GeoDataFrame:
    """The 49 neighbourhoods of Columbus, Ohio (Anselin 1988), from the files inside libpysal."""
    from libpysal import examples

    return gpd.read_file(examples.get_path("columbus.shp"))


@pytest.mark.parametrize(("rook", "moran"), [(False, 0.50018856), (True, 0.52367021)])
@pytest.mark.filterwarnings("ignore")
def test_the_published_moran_of_columbus(rook: bool, moran: float) -> None:
    import esda

    units = _columbus()
    assert (
        pytest.approx(moran, abs=5e-9)
        == esda.Moran(units["CRIME"].to_numpy(), contiguity(units, rook=rook)).I
    )


def test_the_inner_city_of_columbus_is_a_cluster_of_crime() -> None:
    units = _columbus().assign(unit_code=[f"{place:02}" for place in range(49)])
    hotspot = find_hotspots(units, units["CRIME"])["hotspot"]
    assert 3 <= (hotspot == "cluster").sum() <= 15
    assert units.loc[hotspot == "cluster", "CRIME"].min() > units["CRIME"].mean()
    # CP marks the core of the city in the publication
    assert units.loc[hotspot == "cluster", "CP"].eq(1).mean() > 0.9


def test_islands_change_nothing_for_the_others_and_all_islands_are_none() -> None:
    """Islands are no tests: were they counted, the false-discovery bound for the rest would change with their number."""
    score = _field(BLOCK)
    alone = find_hotspots(FIELD, score)["hotspot"]
    far = units_of(
        **{f"far{place}": tiles_box(40 + 3 * place, 40, 41 + 3 * place, 41) for place in range(60)}
    )
    middle = pd.Series(np.full(60, score.mean()))
    units = pd.concat([FIELD, far], ignore_index=True)
    both = find_hotspots(units, pd.concat([score, middle], ignore_index=True))["hotspot"]
    assert (both[len(FIELD) :] == "none").all()
    assert ((both[: len(FIELD)] == "cluster") & (alone == "cluster")).sum() >= 0.8 * (
        alone == "cluster"
    ).sum()
    islands = pd.Series(np.arange(60.0))
    assert (find_hotspots(far, islands)["hotspot"] == "none").all()
