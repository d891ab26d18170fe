"""Vietnamese order of names: the alphabet of the school, CLDR's order of tones, numbers as numbers."""

import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.sort_names import in_order, sort_key

SORTED = (
    ["An Lộc", "Ang", "Ăn", "Ân Phú", "Bù Đăng", "Bù Đốp"],
    ["Dầu Giây", "Dương", "Đa Kia", "Đồng Phú", "Eo"],
    ["ma", "mà", "mả", "mã", "má", "mạ", "mă", "mằ", "mâ"],
    ["Lộc An", "Lộc Thành", "Lộc Thạnh", "Lộc Thiện", "Lơ", "Lu", "Lư"],
    ["Phường 1", "Phường 2", "Phường 10", "Phường Tân"],
    # letters of the whole name before its tones
    ["Bình An", "Bỉnh An", "Bình Tân", "Bỉnh Tân"],
)


@pytest.mark.parametrize("wanted", SORTED, ids=lambda names: names[0])
def test_names_stand_where_a_reader_looks(wanted: list[str]) -> None:
    shuffled = wanted[:]
    random.Random(7).shuffle(shuffled)  # an order, no secret
    assert sorted(shuffled, key=sort_key) == wanted
    # however the accents are stored
    apart = [unicodedata.normalize("NFD", name) for name in shuffled]
    assert [unicodedata.normalize("NFC", name) for name in sorted(apart, key=sort_key)] == wanted


def test_capitals_and_repeats_do_not_matter() -> None:
    assert in_order(["đồng phú", "Dương", "Dương", "ĐA KIA"]) == ["Dương", "ĐA KIA", "đồng phú"]


@pytest.mark.parametrize("name", ["", " ", "١٢", "²", "\u0301", "Ω", "<b>", "ﬀ", "İ", "9" * 5000])
def test_no_name_is_too_strange(name: str) -> None:
    assert sort_key(name) == sort_key(name)


@given(st.lists(st.text()))
def test_any_texts_have_one_order(names: list[str]) -> None:
    assert in_order(names) == in_order(reversed(names))
