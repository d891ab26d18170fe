"""Search by any name, old or new, and where what is found lies today."""

import pytest

from geo.errors import InputError
from geo.schema import Level, Vintage
from geo.search_units import EXACT, OLDER, OTHER_KIND, Hit, describe, search_units


def _first(query: str) -> Hit:
    return search_units(query)[0]


def _codes(query: str) -> list[tuple[str, str]]:
    return [(str(hit.place.vintage), hit.place.code) for hit in search_units(query)]


@pytest.mark.parametrize(
    ("query", "code"), [("Lộc Thạnh", "25280"), ("xã lộc thành, Đồng Nai", "25294"), ("25294", "25294")]
)
def test_a_new_unit_is_found_by_name_and_code(query: str, code: str) -> None:
    hit = _first(query)
    assert (hit.place.code, hit.place.vintage, hit.fit) == (code, Vintage.V2026_04, EXACT)
    assert [target.unit for target in hit.targets] == [hit.place]


def test_loc_thanh_stays_apart_with_accents_and_is_both_without() -> None:
    assert {code for _, code in _codes("Lộc Thạnh, Đồng Nai")} == {"25280"}
    assert {code for _, code in _codes("Lộc Thành, Đồng Nai")} == {"25294"}
    assert {code for _, code in _codes("loc thanh, dong nai")} == {"25280", "25294"}


def test_an_old_commune_leads_to_the_unit_it_went_into() -> None:
    hit = _first("Lộc Thái, Bình Phước")
    assert hit.place.vintage is Vintage.V2024
    assert [(target.unit.full_name, target.inside) for target in hit.targets] == [("Phường Lộc Ninh", False)]


def test_a_split_commune_leads_to_all_its_units() -> None:
    hit = _first("Phường Cống Vị, Hà Nội")
    assert [target.unit.name for target in hit.targets] == ["Ngọc Hà", "Giảng Võ"]
    assert describe(hit).count("part of the old unit") == 2


@pytest.mark.parametrize(
    ("district", "count", "partly"),
    [
        ("Huyện Lộc Ninh", 7, ["Tân Tiến"]),
        ("huyen bu dop", 3, ["Tân Tiến"]),
        ("Thị xã Phước Long, Bình Phước", 2, ["Phước Bình"]),
        ("Huyện Phú Riềng", 5, ["Phước Bình"]),
        ("Thị xã Bình Long", 2, ["Bình Long"]),
        ("Huyện Hớn Quản", 5, ["Bình Long", "Tân Quan"]),
        ("Thị xã Chơn Thành", 4, ["Tân Quan"]),
        ("Huyện Bù Đăng", 6, []),
    ],
)
def test_a_district_leads_to_every_unit_it_overlaps(district: str, count: int, partly: list[str]) -> None:
    hit = _first(district)
    assert hit.place.level is Level.DISTRICT
    assert len(hit.targets) == count
    assert [target.unit.name for target in hit.targets if not target.inside] == partly
    assert describe(hit).count("only partly inside") == len(partly)


def test_an_old_province_leads_to_its_units() -> None:
    hit = next(hit for hit in search_units("tinh binh phuoc") if hit.place.level is Level.PROVINCE)
    assert len(hit.targets) == 40
    assert all(target.inside for target in hit.targets)


def test_the_kind_it_had_before_finds_it_after_those_of_that_kind() -> None:
    fits = {
        hit.place.code: hit.fit
        for hit in search_units("Xã Lộc Ninh")
        if hit.place.vintage is Vintage.V2026_04
    }
    assert fits == {"25579": EXACT, "25270": OTHER_KIND}


def test_a_name_from_before_2024_is_found_and_marked() -> None:
    hit = _first("Nguyễn Trung Trực, Ba Đình")
    assert (hit.place.name, hit.fit) == ("Trúc Bạch", OLDER)
    assert "(an older name)" in describe(hit)


def test_quan_1_is_not_quan_12() -> None:
    assert "Quận 12" not in [hit.place.full_name for hit in search_units("Quận 1")]


def test_the_beginning_of_a_name_is_enough() -> None:
    assert "Lộc Thạnh" in [hit.place.name for hit in search_units("lộc th, Đồng Nai")]


@pytest.mark.parametrize("query", ["", " , ", "…", "!?"])
def test_nothing_cannot_be_searched_for(query: str) -> None:
    with pytest.raises(InputError, match="no letter or digit"):
        search_units(query)


def test_a_text_that_is_no_name_is_refused_at_once() -> None:
    with pytest.raises(InputError, match=r"a query of 100,000 characters .*at most 200"):
        search_units("lộc " * 25_000)


@pytest.mark.parametrize("query", ["zzzz", "Lộc Thạnh, Hà Nội", "25280000"])
def test_what_is_not_there_is_not_found(query: str) -> None:
    assert search_units(query) == []
