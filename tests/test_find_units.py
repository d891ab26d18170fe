"""Finding units of one list: their own names first, then where places of older lists went, accents optional."""

import pandas as pd
import pytest

from geo.find_units import Found, Reached, find_units

NEW = pd.DataFrame(
    {
        "unit_code": ["25292", "25270", "25280", "25294", "25195"],
        "name": ["Lộc Quang", "Lộc Ninh", "Lộc Thạnh", "Lộc Thành", "Bình Phước"],
        "kind": ["xã", "phường", "xã", "xã", "phường"],
    }
)
OLD = pd.DataFrame(
    {"unit_code": ["688", "692"], "name": ["Phước Long", "Lộc Ninh"], "kind": ["thị xã", "huyện"]}
)


def names_of(found: list[Found]) -> list[tuple[str, bool, list[str]]]:
    return [(one.name, one.is_old, [reached.code for reached in one.reached]) for one in found]


def find(
    query: str, result: pd.DataFrame = NEW, vintage: str = "2026-04", level: str = "commune"
) -> list[Found]:
    return find_units(query, result, vintage=vintage, level=level)


def test_an_old_name_without_accents_leads_to_the_unit_of_today() -> None:
    (found,) = find("Loc Hiep")
    assert (found.name, found.kind, found.is_old) == ("Lộc Hiệp", "xã", True)
    assert found.around == "Huyện Lộc Ninh, Tỉnh Bình Phước"
    # today's unit is more than the old commune
    assert found.reached == (Reached("25292", inside=False),)


def test_accents_that_are_written_count() -> None:
    assert names_of(find("Lộc Thạnh"))[0] == ("Lộc Thạnh", False, ["25280"])
    assert [one.name for one in find("loc thanh")][:2] == ["Lộc Thành", "Lộc Thạnh"]


def test_own_names_stand_first_and_a_kept_name_is_said_once() -> None:
    found = names_of(find("Loc Ninh"))
    assert found[0] == ("Lộc Ninh", False, ["25270"])
    # the district of that name, not the town that became the ward
    assert found[1][:2] == ("Lộc Ninh", True)
    assert set(found[1][2]) == {"25292", "25270", "25280", "25294"}
    assert len(found) == 2


def test_a_code_a_kind_and_a_place_after_the_comma() -> None:
    assert names_of(find("25280")) == [("Lộc Thạnh", False, ["25280"])]
    assert find("huyện Lộc Ninh")[0].kind == "huyện"
    assert names_of(find("Lộc Hiệp, Lộc Ninh")) == [("Lộc Hiệp", True, ["25292"])]
    assert find("Lộc Hiệp, Bù Đốp") == []


def test_communes_and_districts_lead_to_districts() -> None:
    assert names_of(find("loc hiep", OLD, "2024", "district")) == [("Lộc Hiệp", False, ["692"])]
    assert names_of(find("phuoc long", OLD, "2024", "district"))[0] == ("Phước Long", False, ["688"])


def test_other_countries_have_their_own_names_alone() -> None:
    towns = pd.DataFrame({"unit_code": ["a1", "a10"], "name": ["Zone 1", "Zone 10"]})
    assert names_of(find("zone 1", towns, "other")) == [("Zone 1", False, ["a1"])]
    assert names_of(find("zone", towns, "other")) == [("Zone 1", False, ["a1"]), ("Zone 10", False, ["a10"])]


@pytest.mark.parametrize(
    "query", ["", " ", "…", ",", "zzzz", "<>", "(", "\\", "x" * 5000, "a," * 150, "\u202e"]
)
def test_nothing_found_is_no_fault(query: str) -> None:
    assert find(query) == []
