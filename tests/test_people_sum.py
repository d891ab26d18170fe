"""Sums of people: three units that the eye can add, one of them not known, in every place that says such a sum."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.people_sum import PeopleSum, people_of_rows, sum_columns, sum_people
from layers.explore import limits_message
from layers.legend import legend_classes, legend_html
from layers.palette import INDICATORS
from layers.people_words import people_figure_text, people_sum_text
from layers.strings import LANGUAGES, Language, text
from layers.trends import counts_html
from layers.whole import whole_figures, whole_html

BY_COLUMN = {one.column: one for one in INDICATORS}
PEOPLE = [100_000.0, None, 23_400.0, None]


@pytest.mark.parametrize(
    ("people", "wanted"),
    [
        ([], PeopleSum(0.0, 0)), ([5.0], PeopleSum(5.0, 0)), ([0.0, None], PeopleSum(0.0, 1)), ([None], PeopleSum(None, 1)),
        ([np.nan, pd.NA], PeopleSum(None, 2)), (PEOPLE, PeopleSum(123_400.0, 2)),
        (pd.array([1.0, None], dtype="Float64"), PeopleSum(1.0, 1)), (pd.Series([1, 2], dtype="Int64"), PeopleSum(3.0, 0)),
        ([np.inf, 1.0], PeopleSum(1.0, 1)),
    ],
)  # fmt: skip
def test_what_is_known_and_how_many_are_not(people: object, wanted: PeopleSum) -> None:
    assert sum_people(people) == wanted
    assert people_of_rows(pd.DataFrame({"people": people})) == wanted


def test_without_a_column_nobody_is_known() -> None:
    assert people_of_rows(pd.DataFrame({"unit_code": ["1", "2"]})) == PeopleSum(None, 2)
    assert people_of_rows(pd.DataFrame({"unit_code": []})).known is None


@given(st.lists(st.none() | st.integers(0, 10**7), max_size=30), st.integers(0, 30))
def test_parts_make_the_whole(people: list[int | None], place: int) -> None:
    first, rest, whole = sum_people(people[:place]), sum_people(people[place:]), sum_people(people)
    assert first.unknown_units + rest.unknown_units == whole.unknown_units
    assert (first.known or 0) + (rest.known or 0) == (whole.known or 0)
    assert whole.unknown_units <= len(people)
    assert (whole.known is None) == bool(people and whole.unknown_units == len(people))


def test_a_table_has_both_columns() -> None:
    assert sum_columns("people", PeopleSum(7.0, 2)) == {"people": 7.0, "people_unknown_units": 2}
    nobody = sum_columns("people_short", PeopleSum(None, 1))
    assert np.isnan(nobody["people_short"])
    assert nobody["people_short_unknown_units"] == 1


@pytest.mark.parametrize(
    ("total", "language", "said", "bare"),
    [
        (PeopleSum(123_400.0, 0), "vi", "123.400 người", "123.400"),
        (PeopleSum(123_400.0, 2), "vi", "ít nhất 123.400 người; 2 đơn vị chưa có số dân", "ít nhất 123.400; 2 đơn vị chưa có số dân"),
        (PeopleSum(123_400.0, 1), "en", "at least 123,400 people; people of 1 unit not known", "at least 123,400; people of 1 unit not known"),
        (PeopleSum(123_400.0, 2), "en", "at least 123,400 people; people of 2 units not known", "at least 123,400; people of 2 units not known"),
        (PeopleSum(None, 3), "vi", "", "–"),
        (PeopleSum(0.0, 0), "en", "0 people", "0"),
    ],
)  # fmt: skip
def test_one_sentence_for_every_place(total: PeopleSum, language: Language, said: str, bare: str) -> None:
    assert people_sum_text(total, language) == said
    assert people_figure_text(total, language) == bare


def _units() -> pd.DataFrame:
    """Two slow units, one without a known number of people, and two fast ones, the same."""
    return pd.DataFrame(
        {
            "unit_code": ["1", "2", "3", "4"],
            "verdict": ["gap", "gap", "served", "served"],
            "mobile_download_mbps": [3.0, 4.0, 50.0, 60.0],
            "people": pd.array(PEOPLE, dtype="Float64"),
        }
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_legend_says_so(language: Language) -> None:
    lines = legend_classes(BY_COLUMN["verdict"], _units(), language)
    assert {line.label: line.people for line in lines if line.units} == {
        text("verdict_gap", language): PeopleSum(100_000.0, 1),
        text("verdict_served", language): PeopleSum(23_400.0, 1),
    }
    html = legend_html("x", lines, (), (), language)
    assert html.count(people_sum_text(PeopleSum(100_000.0, 1), language)) == 1


def test_the_threshold_says_so() -> None:
    message = limits_message(_units(), [True] * 4, BY_COLUMN["mobile_download_mbps"], "vi")
    assert message is not None
    ten = message["stops"].index("10")
    assert message["below"][ten] == [2, 100_000, 1]
    assert message["above"][ten] == [2, 23_400, 1]
    assert message["missing"] == [0, 0, 0]
    # the map's script puts the numbers into the same texts
    assert {name: message["texts"][name] for name in ("people_count", "people_least", "people_unknown_of")} == {
        "people_count": "{count} người", "people_least": "ít nhất {count} người", "people_unknown_of": "{units} chưa có số dân",
    }  # fmt: skip


def test_the_cards_of_directions_say_so() -> None:
    directions = pd.Series(["falling_behind", "falling_behind", "steady", None], dtype=object)
    rows = _units().assign(direction=directions)
    said = re.sub(r"<[^>]+>", " ", counts_html(rows, "vi"))
    assert "ít nhất 100.000 người; 1 đơn vị chưa có số dân" in said
    assert said.count("chưa có số dân") == 1


def test_the_region_as_a_whole_says_so() -> None:
    row = {"unit_code": "all", "name": "x", "units": 4, "people_known": 123_400.0, "people_unknown_units": 2}
    (whole,) = whole_figures(pd.DataFrame([row]), pd.DataFrame(columns=["whole_code", "column"]))
    assert whole.people == PeopleSum(123_400.0, 2)
    assert "<dd>ít nhất 123.400; 2 đơn vị chưa có số dân</dd>" in whole_html([whole], "gap_score", "vi")
