"""Keys of names: what counts as the same, and what must stay apart."""

import unicodedata
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.names import accented_key, clean_name, has_accents, plain_key, readings, split_kind
from geo.schema import Vintage
from geo.unit_lists import by_code, communes


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hoà Bình", "Hòa Bình"),
        ("Thuý Sơn", "Thúy Sơn"),
        ("HOÀ BÌNH", "hòa bình"),
        (unicodedata.normalize("NFD", "Lộc Thạnh"), "Lộc Thạnh"),
        ("  Lộc   Thạnh ", "Lộc Thạnh"),
        ("Ea H’leo", "Ea H'leo"),
        ("Bà Rịa-Vũng Tàu", "Bà Rịa – Vũng Tàu"),
        ("Phường 01", "Phường 1"),
        ("LộcThạnh", "Lộc Thạnh"),
    ],
)
def test_the_same_name_written_differently(one: str, other: str) -> None:
    assert accented_key(one) == accented_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Lộc Thạnh", "Lộc Thành"),
        ("Ba Tơ", "Ba Tô"),
        ("Đăk Ơ", "Dăk Ơ"),
        ("Sơn Hà", "Sơn Hạ"),
        ("Văn Lang", "Văn Lăng"),
    ],
)
def test_other_names_share_only_the_plain_key(one: str, other: str) -> None:
    assert accented_key(one) != accented_key(other)
    assert plain_key(one) == plain_key(other)


@pytest.mark.parametrize(
    ("name", "kind", "rest"),
    [
        ("Xã Lộc Thạnh", "xã", "Lộc Thạnh"),
        ("xa Loc Thanh", "xã", "Loc Thanh"),
        ("THỊ TRẤN LỘC NINH", "thị trấn", "LỘC NINH"),
        ("TT. Lộc Ninh", "thị trấn", "Lộc Ninh"),
        ("TP Hồ Chí Minh", "thành phố", "Hồ Chí Minh"),
        ("P.1", "phường", "1"),
        ("Q1", "quận", "1"),
        ("Thị xã Bình Long", "thị xã", "Bình Long"),
        ("Lộc Thạnh", "", "Lộc Thạnh"),
        ("Quan Hóa", "", "Quan Hóa"),
        ("Xã", "", "Xã"),
    ],
)
def test_kinds_are_split_off(name: str, kind: str, rest: str) -> None:
    assert split_kind(name) == (kind, rest)


def test_a_name_that_may_begin_with_a_kind_is_read_both_ways() -> None:
    assert readings("Xa Dung") == (("xã", "Dung"), ("", "Xa Dung"))


@pytest.mark.parametrize("blank", [None, "", "  ", float("nan"), pd.NA])
def test_nothing_is_no_name(blank: object) -> None:
    assert clean_name(blank) == ""


def test_accents_are_seen_without_the_d_bar_being_missed() -> None:
    assert has_accents("Đak")
    assert not has_accents("Ea H'leo 2")


@given(st.text(max_size=40))
def test_keys_do_not_depend_on_the_normal_form_or_case(text: str) -> None:
    assert accented_key(unicodedata.normalize("NFD", text)) == accented_key(
        unicodedata.normalize("NFC", text)
    )
    assert plain_key(plain_key(text)) == plain_key(text)


def test_every_listed_name_splits_into_its_kind_and_name() -> None:
    for vintage in (Vintage.V2024, Vintage.V2025_07, Vintage.V2026_04):
        assert all(split_kind(unit.full_name) == (unit.kind, unit.name) for unit in communes(vintage))


def test_two_official_sources_differ_in_tone_placement_only(real: Path) -> None:
    file = pd.read_parquet(real / "vn2025" / "communes.parquet", columns=["code", "fullName"])
    listed = by_code(Vintage.V2026_04)
    pairs = [
        (clean_name(name), listed[code].full_name)
        for code, name in zip(file["code"], file["fullName"], strict=True)
        if code in listed
    ]
    assert len(pairs) >= 3320
    assert sum(one != other for one, other in pairs) > 180
    assert [pair for pair in pairs if accented_key(pair[0]) != accented_key(pair[1])] == []
