"""The join: one row per unit, strangers and absentees said, vintages never mixed."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.communes import join_communes, order_columns
from geo.errors import VintageError
from geo.quality import Severity, findings_as_json
from tests.files import SQUARES
from tests.tiny import units_of

UNITS = units_of(**SQUARES)


def test_every_unit_once_whatever_the_tables_hold() -> None:
    people = pd.DataFrame({"unit_code": ["03", "01"], "people": [3.0, 1.0]})
    joined, findings = join_communes(UNITS, {"people": people})
    assert joined["unit_code"].tolist() == ["01", "02", "03"]
    assert joined["people"].fillna(-1).tolist() == [1, -1, 3]
    assert joined.geometry.tolist() == UNITS.geometry.tolist()
    assert [(f.severity, f.code) for f in findings] == [(Severity.NOTE, "units_without_row")]
    assert findings[0].message == "1 units have no row in people: 02"


def test_rows_of_no_unit_are_said() -> None:
    table = pd.DataFrame({"unit_code": ["01", "02", "03", "99", "98"], "people": 1.0})
    joined, findings = join_communes(UNITS, {"people": table})
    assert len(joined) == 3
    assert [f.message for f in findings] == ["2 codes of people are no unit's: 98, 99"]
    assert findings[0].severity is Severity.WARNING
    assert findings_as_json(findings)[0]["done"] == "their rows are not in the result"


def test_a_code_twice_in_a_table_is_refused() -> None:
    table = pd.DataFrame({"unit_code": ["01", "01"], "people": 1.0})
    with pytest.raises(pd.errors.MergeError, match="not a one-to-one merge"):
        join_communes(UNITS, {"people": table})


def test_a_table_of_another_vintage_is_refused() -> None:
    table = pd.DataFrame({"unit_code": ["01"], "vintage": ["2024"], "people": [1.0]})
    with pytest.raises(
        VintageError, match=r"the list of units is of vintage other and census of vintage 2024"
    ):
        join_communes(UNITS, {"census": table})
    joined, _ = join_communes(UNITS, {"census": table.assign(vintage="other")})
    assert joined["vintage"].tolist() == ["other"] * 3


def test_columns_come_in_the_contract_s_order_strangers_last() -> None:
    frame = UNITS.assign(rank=1, people=1.0, mine=0, area_km2=1.0)
    assert order_columns(frame).columns.tolist() == [
        "unit_code", "vintage", "name", "area_km2", "people", "rank", "mine", "geometry"
    ]  # fmt: skip


@given(order=st.permutations(range(3)))
def test_the_order_of_a_table_is_irrelevant(order: list[int]) -> None:
    table = pd.DataFrame({"unit_code": ["01", "02", "03"], "people": [1.0, 2.0, 3.0]})
    joined, _ = join_communes(UNITS, {"people": table.iloc[order]})
    assert joined["people"].tolist() == [1, 2, 3]
