"""Lists of units, the crosswalk between them, matching rows to them, and the guard against a wrong vintage."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from geo.errors import VintageError
from geo.match import GivenUnit, Method, Status, match_unit
from geo.names import plain_key
from geo.schema import Level, Vintage, require_vintage
from geo.unit_lists import BECAME_PHUONG, ListedUnit, by_code, communes, unit_by_code, units
from geo.vintage_guard import agreement, codes_shared, require_right_vintage
from geo.vintages import crosswalk
from tests.lists import list_frame

OLD, MID, NEW = Vintage.V2024, Vintage.V2025_07, Vintage.V2026_04


def _of_province(vintage: Vintage, code: str) -> list[ListedUnit]:
    return [unit for unit in communes(vintage) if unit.province_code == code]


@pytest.mark.parametrize(
    ("vintage", "provinces", "districts", "count"),
    [(OLD, 63, 696, 10_040), (MID, 34, 0, 3_321), (NEW, 34, 0, 3_321)],
)
def test_lists_are_whole(vintage: Vintage, provinces: int, districts: int, count: int) -> None:
    assert [len(units(vintage, level)) for level in (Level.PROVINCE, Level.DISTRICT, Level.COMMUNE)] == [
        provinces, districts, count,
    ]  # fmt: skip
    frame = list_frame(vintage)
    assert frame["unit_code"].is_unique
    assert frame["unit_code"].is_monotonic_increasing
    assert all(frame[name].str.len().min() > 0 for name in ("name", "kind", "province_name"))
    assert frame["district_code"].isna().all() == (vintage is not OLD)


def test_five_island_districts_without_communes_stand_among_the_communes() -> None:
    islands = [unit.name for unit in communes(OLD) if len(unit.code) == 3]
    assert islands == ["Bạch Long Vĩ", "Cồn Cỏ", "Hoàng Sa", "Lý Sơn", "Côn Đảo"]
    ways = crosswalk(OLD, NEW)
    assert [by_code(NEW)[ways.targets[code][0]].kind for code in ("318", "471", "498", "536", "755")] == [
        "đặc khu"
    ] * 5


def test_on_30_april_2026_dong_nai_became_a_city_and_ten_xa_phuong() -> None:
    before, after = by_code(MID), by_code(NEW)
    changed = {
        code
        for code in after
        if (after[code].kind, after[code].name) != (before[code].kind, before[code].name)
    }
    assert changed == BECAME_PHUONG
    assert len(changed) == 10
    assert {before[code].kind for code in changed} == {"xã"}
    assert {after[code].kind for code in changed} == {"phường"}
    assert unit_by_code(NEW, Level.PROVINCE)["75"].full_name == "Thành phố Đồng Nai"
    assert unit_by_code(MID, Level.PROVINCE)["75"].full_name == "Tỉnh Đồng Nai"
    assert {unit.province_name for unit in _of_province(NEW, "75")} == {"Thành phố Đồng Nai"}


@pytest.mark.parametrize("code", ["10543", "11848", "31213", "31299"])
def test_kinds_are_those_of_the_full_names(code: str) -> None:
    kinds = {"10543": "phường", "11848": "xã", "31213": "phường", "31299": "xã"}
    assert by_code(MID)[code].kind == kinds[code]


def test_every_old_commune_goes_somewhere_and_471_were_split() -> None:
    ways = crosswalk(OLD, NEW)
    assert set(ways.targets) == {unit.code for unit in communes(OLD)}
    assert set(ways.parts) == {unit.code for unit in communes(NEW)}
    assert len(ways.split) == 471
    assert Counter(len(targets) for targets in ways.targets.values()) == {1: 9569, 2: 397, 3: 58, 4: 15, 5: 1}
    assert crosswalk(OLD, MID).targets == ways.targets


def test_the_111_communes_of_binh_phuoc_went_whole_into_40() -> None:
    ways = crosswalk(OLD, NEW)
    old = [unit.code for unit in _of_province(OLD, "70")]
    new = sorted({target for code in old for target in ways.targets[code]})
    assert (len(old), len(new), new[0], new[-1]) == (111, 40, "25195", "25450")
    assert all(len(ways.targets[code]) == 1 for code in old)
    assert sorted(part for code in new for part in ways.parts[code]) == old


def test_four_new_units_of_binh_phuoc_cross_old_district_lines() -> None:
    ways, old, new = crosswalk(OLD, NEW), by_code(OLD), by_code(NEW)
    crossing = [
        new[code].name
        for code in sorted({target for unit in _of_province(OLD, "70") for target in ways.targets[unit.code]})
        if len({old[part].district_code for part in ways.parts[code]}) > 1
    ]
    assert sorted(crossing) == ["Bình Long", "Phước Bình", "Tân Quan", "Tân Tiến"]


def test_codes_are_reused_for_other_places() -> None:
    shared = [code for code in by_code(NEW) if code in by_code(OLD)]
    assert len(shared) == 3316
    assert by_code(OLD)["26740"].name == "Bến Nghé"
    assert by_code(NEW)["26740"].name == "Sài Gòn"


def test_the_crosswalk_backwards_is_the_same_read_the_other_way() -> None:
    there, back = crosswalk(OLD, NEW), crosswalk(NEW, OLD)
    assert back.is_backward
    assert not there.is_backward
    assert not crosswalk(NEW, MID).is_backward
    assert (back.targets, back.parts) == (there.parts, there.targets)


def test_no_list_but_the_vietnamese_ones() -> None:
    with pytest.raises(VintageError, match=r"no list of units 'other'.*wanted one of 2024, 2025-07, 2026-04"):
        crosswalk(Vintage.OTHER, NEW)


def test_only_the_packages_data_is_read_never_its_code() -> None:
    script = (
        "import sys; from geo.unit_lists import communes; from geo.schema import Vintage; from geo.vintages import crosswalk;"
        "crosswalk(Vintage.V2024, Vintage.V2026_04);"
        "print([m for m in sys.modules if m.split('.')[0] in ('vietnamadminunits', 'geopy')])"
    )
    root = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_tables_of_two_vintages_do_not_meet_by_code_alone() -> None:
    old, new = (list_frame(vintage).query("province_code in ('70', '75')") for vintage in (OLD, NEW))
    match = r"the schools is of vintage 2024 and the units of vintage 2026-04.*cannot be joined on code.*convert-units FILE --from 2024 --to 2026-04"
    with pytest.raises(VintageError, match=match):
        require_vintage(old, new, names=("the schools", "the units"))
    require_vintage(new, new, names=("the schools", "the units"))


def test_of_lists_that_cannot_be_converted_no_command_is_promised() -> None:
    here, there = (pd.DataFrame({"unit_code": ["1"], "vintage": [v]}) for v in ("other", "2024"))
    with pytest.raises(VintageError, match="convert-units knows the lists 2024, 2025-07, 2026-04"):
        require_vintage(here, there, names=("a", "b"))


@pytest.mark.parametrize("vintage", [OLD, MID, NEW])
def test_every_unit_is_found_by_its_full_name(vintage: Vintage) -> None:
    for unit in communes(vintage):
        given = GivenUnit("", unit.full_name, unit.province_name, unit.district_name)
        found = match_unit(given, vintage)
        assert (found.unit, found.method) == (unit, Method.NAME), unit.label


@pytest.mark.parametrize("vintage", [OLD, NEW])
def test_without_accents_a_unit_is_found_or_said_to_be_ambiguous_never_mistaken(vintage: Vintage) -> None:
    wrong, unsure = [], []
    for unit in communes(vintage):
        texts = [plain_key(text) for text in (unit.full_name, unit.province_name, unit.district_name)]
        found = match_unit(GivenUnit("", *texts), vintage)
        if found.status is not Status.MATCHED:
            unsure.append(unit.code)
            assert unit in found.candidates
        elif found.unit != unit:
            wrong.append(unit.label)
    assert wrong == []
    assert len(unsure) == {OLD: 44, NEW: 16}[vintage]


def test_ten_pairs_in_one_province_differ_in_accents_only() -> None:
    seen: dict[tuple[str, str], list[ListedUnit]] = {}
    for unit in communes(NEW):
        seen.setdefault((unit.province_code, plain_key(unit.name)), []).append(unit)
    pairs = [pair for pair in seen.values() if len(pair) > 1]
    assert len(pairs) == 10
    for pair in pairs:
        for unit in pair:
            spelled = match_unit(GivenUnit("", f"{unit.kind} {unit.name}", unit.province_name), NEW)
            assert spelled.unit == unit
            plain = match_unit(GivenUnit("", plain_key(unit.name), plain_key(unit.province_name)), NEW)
            assert plain.status is Status.AMBIGUOUS
            assert set(plain.candidates) == set(pair)


@pytest.mark.parametrize(
    ("name", "province", "code"),
    [
        ("Lộc Thạnh", "Đồng Nai", "25280"),
        ("Lộc Thành", "Đồng Nai", "25294"),
        ("XÃ LỘC THẠNH", "TP. Đồng Nai", "25280"),
        ("Xã Lộc Thành", "75", "25294"),
    ],
)
def test_loc_thanh_with_accents(name: str, province: str, code: str) -> None:
    found = match_unit(GivenUnit("", name, province), NEW)
    assert found.unit is not None
    assert found.unit.code == code


@pytest.mark.parametrize("name", ["Loc Thanh", "xa loc thanh", "LOC THANH"])
def test_loc_thanh_without_accents_is_either(name: str) -> None:
    found = match_unit(GivenUnit("", name, "Dong Nai"), NEW)
    assert found.status is Status.AMBIGUOUS
    assert [unit.code for unit in found.candidates] == ["25280", "25294"]
    assert "25280" in found.reason
    assert "25294" in found.reason


@pytest.mark.parametrize(
    ("given", "vintage", "method"),
    [
        (GivenUnit("25280"), NEW, Method.CODE),
        (GivenUnit("25280", "Lộc Thạnh"), NEW, Method.CODE_AND_NAME),
        (GivenUnit("25280", "xa loc thanh"), NEW, Method.CODE_AND_NAME),
        (GivenUnit("25280", "Lộc Thạch"), NEW, Method.CODE_OTHER_NAME),
        (GivenUnit("", "Loc Tan", "Dong Nai"), NEW, Method.PLAIN_NAME),
        (GivenUnit("", "Xã Lộc Ninh", "Đồng Nai"), NEW, Method.NAME_OTHER_KIND),
        (GivenUnit("", "P.1", "TP.HCM", "Q. Tân Bình"), OLD, Method.NAME),
        (GivenUnit("", "Phường 01", "79", "Quận Tân Bình"), OLD, Method.NAME),
        (GivenUnit("", "Xã Phú Vinh", "Thừa Thiên Huế", "Huyện A Lưới"), OLD, Method.NAME),
        (GivenUnit("318", "Bạch Long Vĩ"), OLD, Method.CODE_AND_NAME),
    ],
)
def test_what_a_match_rests_on_is_said(given: GivenUnit, vintage: Vintage, method: Method) -> None:
    found = match_unit(given, vintage)
    assert (found.status, found.method) == (Status.MATCHED, method), found.reason


@pytest.mark.parametrize(
    ("given", "vintage", "status", "match"),
    [
        (GivenUnit(), NEW, Status.UNMATCHED, "neither a code nor a name"),
        (GivenUnit("99999"), NEW, Status.UNMATCHED, "code 99999 is not in the list of 2026-04"),
        (GivenUnit("25198"), NEW, Status.UNMATCHED, "it is one of 2024"),
        (GivenUnit("97"), OLD, Status.UNMATCHED, "restore zeros that a spreadsheet lost with --code-width 5"),
        (GivenUnit("", "Lộc Thạnh"), NEW, Status.UNMATCHED, "--province-column"),
        (GivenUnit("", "Lộc Thạnh", "Bình Phước"), NEW, Status.UNMATCHED, "'Bình Phước' in the list of 2026-04; it is one of 2024"),
        (GivenUnit("", "Lộc Thạnh", "Atlantis"), NEW, Status.UNMATCHED, "no province 'Atlantis'"),
        (GivenUnit("", "Thạch Lộc", "Đồng Nai"), NEW, Status.UNMATCHED, "no unit 'Thạch Lộc' in Thành phố Đồng Nai"),
        (GivenUnit("", "Lộc Thạnh", "Bình Phước", "Lộc Bình"), OLD, Status.UNMATCHED, "no district 'Lộc Bình'"),
        (GivenUnit("", "Phường 1", "Hồ Chí Minh"), OLD, Status.AMBIGUOUS, "or 6 more"),
        (GivenUnit("", "Yên Viên", "Hà Nội", "Gia Lâm"), OLD, Status.AMBIGUOUS, "Thị trấn Yên Viên.*Xã Yên Viên"),
        (GivenUnit("", "Phuong Sa Pa", "Lao Cai"), OLD, Status.AMBIGUOUS, "Phường Sa Pả"),
        (GivenUnit("25280", "Lộc Thành"), NEW, Status.AMBIGUOUS, "25280 is Xã Lộc Thạnh.*but the name 'Lộc Thành' is Xã Lộc Thành"),
        (GivenUnit("26740", "Sài Gòn"), OLD, Status.AMBIGUOUS, "it is of vintage 2025-07"),
    ],
)  # fmt: skip
def test_what_is_not_sure_is_not_chosen(
    given: GivenUnit, vintage: Vintage, status: Status, match: str
) -> None:
    found = match_unit(given, vintage)
    assert (found.status, found.unit) == (status, None)
    with pytest.raises(ValueError, match=match):
        raise ValueError(found.reason)


def test_the_guard_finds_a_wrong_vintage_by_names() -> None:
    rows = [GivenUnit(unit.code, unit.name) for unit in _of_province(NEW, "75")]
    require_right_vintage(rows, NEW)
    require_right_vintage(rows, MID)
    with pytest.raises(
        VintageError,
        match=r"list\.csv was given as vintage 2024.* of 95 rows, but they fit vintage 2025-07 and 2026-04 in 95.*--from 2025-07",
    ):
        require_right_vintage(rows, OLD, source="list.csv")


def test_the_guard_finds_a_wrong_vintage_by_codes_that_are_not_there() -> None:
    rows = [GivenUnit(unit.code) for unit in _of_province(OLD, "70")]
    with pytest.raises(VintageError, match="fit in 40 of 111 rows, but they fit vintage 2024 in 111"):
        require_right_vintage(rows, NEW)


def test_the_guard_finds_a_wrong_vintage_by_names_without_codes() -> None:
    rows = [
        GivenUnit("", unit.full_name, "Bình Phước", unit.district_name) for unit in _of_province(OLD, "70")
    ]
    with pytest.raises(VintageError, match="fit in 0 of 111 rows, but they fit vintage 2024 in 111"):
        require_right_vintage(rows, NEW)


def test_codes_of_the_new_list_fit_the_old_one_too_and_that_is_said() -> None:
    rows = [GivenUnit(unit.code) for unit in _of_province(NEW, "75") if "25195" <= unit.code <= "25450"]
    assert agreement(rows, OLD) == agreement(rows, NEW) == 40
    assert codes_shared(rows, OLD) == 20


def test_the_real_list_is_of_vintage_2026_04(real: Path) -> None:
    file = pd.read_parquet(real / "vn2025" / "communes.parquet", columns=["code", "fullName"])
    rows = [GivenUnit(code, name) for code, name in zip(file["code"], file["fullName"], strict=True)]
    require_right_vintage(rows, NEW)
    assert agreement(rows, NEW) == len([row for row in rows if row.code in by_code(NEW)]) >= 3320
    with pytest.raises(VintageError, match="was given as vintage 2024"):
        require_right_vintage(rows, OLD)
