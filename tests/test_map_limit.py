"""Thresholds of the map: one for each figure, set, kept as a condition and taken away by what the map's slider says."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

MOBILE, SCORE = "mobile_download_mbps<10", "gap_score>=50"


def _slide() -> None:
    import streamlit as st

    from layers.palette import INDICATORS
    from pages.map_filter import conditions_now
    from pages.map_limit import limit_now, limits_chosen, limits_link, take_limit

    for given in st.session_state["told"]:
        take_limit(given)
    shown = [one for one in INDICATORS if one.column in ("mobile_download_mbps", "gap_score")]
    shown.sort(key=lambda one: one.column, reverse=True)
    st.session_state["chosen"] = limits_chosen()
    st.session_state["link"] = limits_link(limit_now(one) for one in shown)
    st.session_state["conditions"] = list(conditions_now())


def slid(*told: dict[str, Any], link: tuple[str, ...] = ()) -> dict[str, Any]:
    """What is chosen after the sliders said this, in a view whose link held these thresholds."""
    at = AppTest.from_function(_slide)
    at.session_state["told"] = told
    at.query_params["limit"] = list(link)
    at.run()
    assert not at.exception
    return {name: at.session_state[name] for name in ("chosen", "link", "conditions")}


def said(limit: str, column: str, *, keep: bool = False) -> dict[str, Any]:
    return {"limit": limit, "column": column, "keep": keep}


def test_a_link_holds_a_threshold_of_each_figure() -> None:
    assert slid(link=(SCORE, MOBILE))["link"] == [MOBILE, SCORE]
    # of one figure the first counts; what is no threshold of a figure shown stays out of the next link
    assert slid(link=(MOBILE, "mobile_download_mbps<20", "people<5", "nonsense"))["link"] == [MOBILE]


def test_another_threshold_of_a_figure_takes_the_place_of_its_own_alone() -> None:
    assert slid(said("mobile_download_mbps>=20", "mobile_download_mbps"), link=(SCORE, MOBILE))["link"] == [
        "mobile_download_mbps>=20",
        SCORE,
    ]
    assert slid(said("", "mobile_download_mbps"), link=(SCORE, MOBILE))["link"] == [SCORE]
    assert slid(said("", "gap_score"), said("", "mobile_download_mbps"), link=(SCORE, MOBILE))["link"] is None


def test_a_threshold_kept_is_a_condition_and_no_threshold_any_more() -> None:
    found = slid(said(MOBILE, "mobile_download_mbps", keep=True), link=(SCORE, MOBILE))
    assert (found["chosen"], found["conditions"]) == ([SCORE], [MOBILE])


@pytest.mark.parametrize("limit", ["nonsense", "mobile_download_mbps<x", "password<1", "<"])
def test_what_no_slider_says_changes_nothing(limit: str) -> None:
    found = slid(said(limit, "gap_score", keep=True), link=(SCORE,))
    assert (found["chosen"], found["conditions"]) == ([SCORE], [])


def test_a_link_of_a_thousand_thresholds_is_cut() -> None:
    assert len(slid(link=tuple(f"people<{value}" for value in range(1000)))["chosen"]) == 8
