"""Filters of units: four squares whose answers the eye can check, three-valued logic, and text that reads back."""

import time
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import CallError
from geo.filter_frame import district_names, filter_frame, split_answerable
from geo.results import UnitList
from geo.schema import Technology, Verdict
from geo.unit_filter import (
    MOST_CONDITIONS,
    MOST_LETTERS,
    SIDES,
    Bound,
    Presence,
    UnitFilter,
    as_conditions,
    judge,
    mask,
    read_filter,
    read_link,
)
from tests.tiny import units_of


def make_list(**changes: Any) -> UnitList:
    """Four units: A gap, B watch, C served with no distance known, D without a verdict."""
    boxes = {name: shapely.box(at, 0, at + 1, 1) for at, name in enumerate("ABCD")}
    result = units_of(**boxes).assign(
        district_code=["1", "1", "2", None],
        people=[100.0, 2000.0, np.nan, 0.0],
        town_distance_km=[30.0, 5.0, np.nan, 20.0],
        mobile_download_mbps=[8.0, 10.0, 60.0, np.nan],
        verdict=["gap", "watch", "served", None],
        **{"4g_evidence": ["declared"] * 4},
    )
    shares = {"Viettel": [1.0, 0.5, 0.49, np.nan], "FPT": [0.0, 1.0, 1.0, 1.0], "*": [1.0] * 4}
    coverage = pd.concat(
        pd.DataFrame(
            {
                "unit_code": list("ABCD"), "operator": name, "technology": "4G", "evidence": "declared",
                "covered_people_share": values, "covered_area_share": np.nan,
            }
        )
        for name, values in shares.items()
    )  # fmt: skip
    modelled = coverage.assign(evidence="modelled", covered_people_share=1.0)
    own = pd.DataFrame(
        {"unit_code": ["A", "B", "D"] * 2, "indicator": ["ho_so"] * 3 + ["border"] * 3, "value": [1.5, np.nan, 3, 1, 0, 1]}
    )  # fmt: skip
    tables = {"coverage": pd.concat([coverage, modelled]), "indicators": own} | changes
    return UnitList(
        "l", "other", "commune", result, pd.DataFrame(), tables.pop("coverage"), pd.DataFrame(), **tables
    )


def chosen(wanted: UnitFilter, units: UnitList | None = None) -> str:
    frame = filter_frame(units or make_list())
    return "".join(frame.loc[mask(frame, wanted), "unit_code"])


def unsure(wanted: UnitFilter) -> str:
    frame = filter_frame(make_list())
    return "".join(frame.loc[judge(frame, wanted).isna(), "unit_code"])


CASES = [
    (UnitFilter(), "ABCD", ""),
    (UnitFilter(verdicts=("gap", "served")), "AC", "D"),
    (UnitFilter(districts=("1",)), "AB", "D"),
    (UnitFilter(operators=(Presence("4G", "Viettel"),)), "AB", "D"),
    (UnitFilter(operators=(Presence("4G", "Viettel", covers=False),)), "C", "D"),
    (UnitFilter(operators=(Presence("4G", "Viettel"), Presence("4G", "FPT"))), "B", "D"),
    (UnitFilter(operators=(Presence("4G", "Nobody", covers=False),)), "", "ABCD"),
    (UnitFilter(operators=(Presence("5G", "Viettel"),)), "", "ABCD"),
    (UnitFilter(border=True), "AD", "C"),
    (UnitFilter(border=False), "B", "C"),
    (UnitFilter(remote_km=20), "AD", "C"),
    (UnitFilter(bounds=(Bound("people", "<", 2000),)), "AD", "C"),
    (UnitFilter(bounds=(Bound("people", "<=", 2000),)), "ABD", "C"),
    (UnitFilter(bounds=(Bound("mobile_download_mbps", "<", 10),)), "A", "D"),
    (UnitFilter(bounds=(Bound("mobile_download_mbps", ">=", 10),)), "BC", "D"),
    (UnitFilter(bounds=(Bound("mobile_download_mbps", ">", 10),)), "C", "D"),
    (UnitFilter(bounds=(Bound("indicator:ho_so", ">", 1.5),)), "D", "BC"),
    (UnitFilter(bounds=(Bound("fixed_download_mbps", ">", 0),)), "", "ABCD"),
    # D has no verdict, but fails the other criterion: it is out, not unsure
    (UnitFilter(verdicts=("gap",), bounds=(Bound("people", ">", 50),)), "A", ""),
]


@pytest.mark.parametrize(("wanted", "inside", "unknown"), CASES)
def test_units_that_meet_and_units_of_which_it_is_not_known(
    wanted: UnitFilter, inside: str, unknown: str
) -> None:
    assert chosen(wanted) == inside
    assert unsure(wanted) == unknown
    assert bool(wanted) == (wanted != UnitFilter())


def test_without_an_indicator_that_says_so_no_unit_is_at_the_border_nor_away_from_it() -> None:
    bare = make_list(indicators=pd.DataFrame(), coverage=pd.DataFrame())
    assert chosen(UnitFilter(border=True), bare) == chosen(UnitFilter(border=False), bare) == ""
    assert chosen(UnitFilter(operators=(Presence("4G", "Viettel"),)), bare) == ""


SPLITS = [
    (UnitFilter(), UnitFilter()),
    (UnitFilter(verdicts=("gap",), districts=("1",)), UnitFilter()),
    (UnitFilter(districts=("1", "692")), UnitFilter()),
    (UnitFilter(verdicts=("gap",), districts=("692",)), UnitFilter(districts=("692",))),
    (
        UnitFilter(operators=(Presence("4G", "Viettel"), Presence("5G", "Viettel", covers=False))),
        UnitFilter(operators=(Presence("5G", "Viettel", covers=False),)),
    ),
    (UnitFilter(border=False, remote_km=0.0), UnitFilter()),
    (
        UnitFilter(bounds=(Bound("people", "<", 5), Bound("fixed_download_mbps", "<", 5))),
        UnitFilter(bounds=(Bound("fixed_download_mbps", "<", 5),)),
    ),
]


@pytest.mark.parametrize(("wanted", "left"), SPLITS)
def test_a_condition_that_no_row_can_answer_is_left_and_told(wanted: UnitFilter, left: UnitFilter) -> None:
    used, found = split_answerable(filter_frame(make_list()), wanted)
    assert found == left
    # both together are the filter again, and the part used asks for nothing that nobody knows
    assert {*as_conditions(wanted)} == {*as_conditions(used), *as_conditions(left)}
    assert not judge(filter_frame(make_list()), used).isna().all()


def test_a_list_that_knows_neither_border_nor_distance_leaves_both() -> None:
    bare = make_list(indicators=pd.DataFrame(), coverage=pd.DataFrame())
    bare.result["town_distance_km"] = np.nan
    wanted = UnitFilter(border=True, remote_km=20, verdicts=("gap",))
    used, left = split_answerable(filter_frame(bare), wanted)
    assert (used, left) == (UnitFilter(verdicts=("gap",)), UnitFilter(border=True, remote_km=20))


def test_a_district_lies_in_itself() -> None:
    units = replace(make_list(), level="district")
    assert chosen(UnitFilter(districts=("B",)), units) == "B"
    assert district_names(units) == {code: code for code in "ABCD"}
    assert district_names(make_list()) == {}


def test_districts_stand_in_the_order_of_their_names() -> None:
    units = make_list()
    units.result["district_name"] = ["Đồng Phú", "Đồng Phú", "Bù Đăng", None]
    assert list(district_names(units).items()) == [("2", "Bù Đăng"), ("1", "Đồng Phú")]


def test_the_share_that_counts_is_the_one_of_the_rules() -> None:
    frame = filter_frame(make_list(), operator_share=0.49)
    assert mask(frame, UnitFilter(operators=(Presence("4G", "Viettel"),))).tolist() == [True] * 3 + [False]


def test_the_frame_keeps_the_rows_and_the_result_is_left_alone() -> None:
    units = make_list()
    before = units.result.copy()
    frame = filter_frame(units)
    assert frame["unit_code"].tolist() == before["unit_code"].tolist()
    pd.testing.assert_frame_equal(units.result, before)


names = st.text(min_size=1).filter(lambda name: name == name.strip())
filters = st.builds(
    UnitFilter,
    verdicts=st.lists(st.sampled_from([str(v) for v in Verdict]), unique=True).map(tuple),
    districts=st.lists(st.from_regex(r"[0-9]{3}", fullmatch=True), unique=True).map(tuple),
    operators=st.lists(
        st.builds(Presence, st.sampled_from([str(t) for t in Technology]), names, st.booleans()), unique=True
    ).map(tuple),
    border=st.sampled_from([None, True, False]),
    remote_km=st.none() | st.integers(0, 10**6).map(lambda n: n / 10),
    bounds=st.lists(
        st.builds(
            Bound,
            st.sampled_from(["people", "gap_score", "indicator:ho_so"]),
            st.sampled_from(SIDES),
            st.integers(-(10**6), 10**6).map(lambda n: n / 10),
        ),
        unique=True,
    ).map(tuple),
)


@given(filters)
def test_a_filter_written_as_text_reads_back_as_itself(wanted: UnitFilter) -> None:
    assert read_filter(as_conditions(wanted)) == wanted


@settings(deadline=None)  # frames are slow while the machine is busy
@given(filters, filters)
def test_more_criteria_never_let_more_units_in(one: UnitFilter, other: UnitFilter) -> None:
    frame = filter_frame(make_list())
    both = UnitFilter(
        one.verdicts, one.districts, (*one.operators, *other.operators), one.border, one.remote_km,
        (*one.bounds, *other.bounds),
    )  # fmt: skip
    assert not (mask(frame, both) & ~mask(frame, one)).any()


@pytest.mark.parametrize(
    ("condition", "fault"),
    [
        ("", "cannot be read"),
        ("people", "cannot be read"),
        ("people<", "cannot be read"),
        ("<5", "cannot be read"),
        ("people=5", "cannot be read"),
        ("people!=5", "cannot be read"),
        ("verdict!=gap", "cannot be read"),
        ("verdict<gap", "no column of figures"),
        ("verdict=bad", "unknown verdict 'bad'"),
        ("people<5,5", "is no number; write 1234.5"),
        ("people<nan", "is no number"),
        ("people<inf", "is no number"),
        ("remote=far", "is no number"),
        ("name<5", "no column of figures"),
        ("nothing<5", "no column of figures"),
        ("operator=Viettel", "for example 4G:Viettel"),
        ("operator=6G:Viettel", "for example 4G:Viettel"),
        ("operator=4G:", "for example 4G:Viettel"),
        ("border=maybe", "border is yes or no"),
    ],
)
def test_a_condition_that_cannot_be_read_says_what_was_wanted(condition: str, fault: str) -> None:
    with pytest.raises(CallError, match=fault):
        read_filter([condition])


def test_a_link_is_read_condition_by_condition_and_what_cannot_be_is_told() -> None:
    wanted, faults = read_link(["verdict=gap", "what?", "people<10", "verdict=none", "what?", "people < 5 "])
    assert as_conditions(wanted) == ("verdict=gap", "people<10", "people<5")
    assert faults == ("what?", "verdict=none")


@pytest.mark.parametrize(
    "conditions",
    [
        [f"people<{value}" for value in range(10_000)],
        ["what?" * 100] * 10_000,
        ["verdict=" + ",".join(["gap"] * 100_000)],
        ["district=" + ",".join(map(str, range(100_000)))],
        [f"district={value * 7}" for value in range(10_000)],
        [f"people<{' ' * 400_000}1x"],
        ["people<1" + "\n" * 400_000 + "x"],
        [" " * 400_000, "x" * 400_000, "x " * 200_000, "operator=4G:" + "x" * 400_000],
    ],
)
def test_a_link_of_half_a_million_letters_is_read_at_once(conditions: list[str]) -> None:
    start = time.perf_counter()
    wanted, faults = read_link(conditions)
    assert time.perf_counter() - start < 1
    assert faults
    assert len(as_conditions(wanted)) <= MOST_CONDITIONS
    assert len("".join(as_conditions(wanted))) <= MOST_LETTERS + MOST_CONDITIONS


def test_every_district_of_the_country_fits_a_link() -> None:
    codes = tuple(f"{value:03d}" for value in range(705))
    assert read_link(as_conditions(UnitFilter(districts=codes))) == (UnitFilter(districts=codes), ())
