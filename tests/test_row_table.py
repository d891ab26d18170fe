"""Rows sorted as a reader looks for them: Vietnamese names, numbers by size, what is not known last, whichever way."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.sort_names import sort_key
from layers.row_table import RowTable, in_order, name_cells, places_in, styled, table_of

NAMES = [
    "Zơ",
    "Đak Ơ",
    "Lộc Thạnh",
    "Dak A",
    "Lộc Tấn",
    "Phường 10",
    "Em",
    "Lộc Thành",
    "Phường 2",
    "Lộc Ninh",
    "Ăn",
    "An",
]
SORTED = [
    "An",
    "Ăn",
    "Dak A",
    "Đak Ơ",
    "Em",
    "Lộc Ninh",
    "Lộc Tấn",
    "Lộc Thành",
    "Lộc Thạnh",
    "Phường 2",
    "Phường 10",
    "Zơ",
]


def _table(keys: list[float | None]) -> RowTable:
    ids = [str(row) for row in range(len(keys))]
    return table_of(ids, {"people": ([f"{key}" for key in keys], keys)}, "vi")


def test_names_stand_in_vietnamese_order_with_their_ids() -> None:
    table = RowTable(pd.DataFrame({"name": NAMES}), tuple(NAMES), {"name": "Tên"})
    assert list(in_order(table, "name").ids) == SORTED
    assert in_order(table, "name").frame["name"].tolist() == SORTED
    assert list(in_order(table, "name", down=True).ids) == SORTED[::-1]


@pytest.mark.parametrize("nothing", [None, float("nan"), pd.NA, ""])
def test_what_is_not_known_stands_last_whichever_way(nothing: float | None) -> None:
    # -1 and 1,000 around nothing: as zero it would stand between them, as words 1,000 before 9
    table = _table([9.0, nothing, -1.0, 1000.0])
    assert in_order(table, "people").ids == ("2", "0", "3", "1")
    assert in_order(table, "people", down=True).ids == ("3", "0", "2", "1")


def test_rows_alike_keep_the_order_of_the_table() -> None:
    table = _table([5.0, 1.0, 5.0, None, 1.0, None])
    assert in_order(table, "people").ids == ("1", "4", "0", "2", "3", "5")
    assert in_order(table, "people", down=True).ids == ("0", "2", "1", "4", "3", "5")


@given(st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), max_size=12), st.booleans())
def test_sorting_loses_no_row_and_parts_none_from_its_key(keys: list[float | None], down: bool) -> None:
    table = _table(keys)
    found = in_order(table, "people", down=down)
    assert sorted(found.ids) == sorted(table.ids)
    assert found.frame["people"].tolist() == [f"{keys[int(one)]}" for one in found.ids]
    assert found.keys_of("people") == [keys[int(one)] for one in found.ids]
    assert in_order(found, "people", down=down).ids == found.ids


@given(st.lists(st.text("aăâdđeêoôơuư ạảãáà2", max_size=6), max_size=8))
def test_words_are_sorted_as_the_lists_of_the_page_are(words: list[str]) -> None:
    table = RowTable(pd.DataFrame({"name": pd.Series(words, dtype=object)}), tuple(words), {})
    assert list(in_order(table, "name").ids) == sorted((w for w in words if w), key=sort_key) + [
        ""
    ] * words.count("")


def test_a_name_is_shown_with_its_kind_and_sorted_without() -> None:
    result = pd.DataFrame({"unit_code": ["1", "2"], "name": ["Đak Ơ", "An Lộc"], "kind": ["xã", "phường"]})
    assert name_cells(["2", "1"], result) == (["phường An Lộc", "xã Đak Ơ"], ["An Lộc", "Đak Ơ"])


def test_a_word_that_stands_for_nothing_known_has_no_place() -> None:
    assert places_in(["gap", "watch"], ["watch", "unknown", None, "gap"]) == [1, None, None, 0]


def test_numbers_are_written_and_words_tinted_but_the_frame_keeps_both() -> None:
    table = RowTable(
        pd.DataFrame({"people": [1200.0], "verdict": ["Vùng lõm"]}), ("1",), {},
        written={"people": lambda value: f"{value:.0f} người"}, tints={"verdict": {"Vùng lõm": "color: red"}},
    )  # fmt: skip
    html = styled(table).to_html()
    assert "1200 người" in html
    assert "color: red" in html
    assert table.frame["people"].tolist() == [1200.0]
