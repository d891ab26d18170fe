"""What the real readers note of a file, said in both languages; the box that mends leaves files alone that are in order."""

from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from geo.proposal_files import read_proposal
from geo.proposal_sites import Said
from geo.schema import Technology
from geo.site_points import read_site_points
from layers.reader_notes import NOTES, note_texts
from layers.strings import LANGUAGES
from pages.desk import PAGE_MENDS

REGION = [106.39, 11.32, 107.4, 12.28]
UNITS = gpd.GeoDataFrame({"unit_code": ["1"], "name": ["a"]}, geometry=[shapely.box(*REGION)], crs=4326)
FILES = {
    "swapped": ("a.csv", "lat,lon\n106.9,11.9\n107.0,11.95\n"),
    "comma": ("b.csv", "lat;lon\n11,95;107,1\n12,0;107,05\n"),
    "shifted": ("c.csv", "lat,lon\n1195,107.1\n11.9,107.0\n"),
    "letters": ("d.csv", "lat,lon,name\n11.95,107.1,B<U+00F9> Gia\n11.9,107.0,B\n"),
    "duplicates": ("e.csv", "lat,lon,name\n11.95,107.1,A\n11.95,107.1,A\n"),
    "semicolon": ("f.csv", "lat;lon\n11.95;107.1\n"),
    "tab": ("g.csv", "lat\tlon\n11.95\t107.1\n"),
    "encoding": ("h.csv", "lat,lon\n11.95,107.1\n"),
    "unused": ("j.csv", "lat,lon,Chi phí (tỷ đồng),radius_m\n11.95,107.1,5,3000\n"),
    "other_rows": ("i.csv", "lat,lon,operator\n11.95,107.1,Viettel\n11.9,107.0,VinaPhone\n"),
}


def notes_of(path: Path) -> list[str]:
    said = Said(operator="Viettel", technology=Technology.G4, mends=PAGE_MENDS)
    _, notes = read_proposal(path, said, vintage="2026-04-commune", region=REGION, most_sites=50)
    return notes


@pytest.mark.parametrize("kind", list(FILES))
def test_a_note_of_the_real_reader_is_said(tmp_path: Path, kind: str) -> None:
    name, content = FILES[kind]
    (tmp_path / name).write_bytes(content.encode("utf-16" if kind == "encoding" else "utf-8"))
    notes = notes_of(tmp_path / name)
    for language in LANGUAGES:
        said = " ".join(note_texts(notes, language))
        assert said
        assert "{" not in said
    # the kind asked for is among them, and none is left over
    assert note_texts([note for note in notes if note], "vi")
    assert any(kind in _kinds([note]) for note in notes), notes
    assert "other" not in _kinds(notes), notes


def _kinds(notes: list[str]) -> set[str]:
    import re

    return {
        next((name for name, words in NOTES.items() if re.search(words, note)), "other") for note in notes
    }


def test_outlines_that_were_mended_are_counted(tmp_path: Path) -> None:
    spur = shapely.Polygon(
        [(106.8, 11.8), (106.9, 11.8), (106.9, 11.9), (106.8, 11.9), (106.8, 11.9000001), (106.8, 11.79999)]
    )
    gpd.GeoDataFrame({"a": [1]}, geometry=[spur], crs=4326).to_file(tmp_path / "a.geojson")
    assert note_texts(notes_of(tmp_path / "a.geojson"), "vi") == [
        "Đã sửa 1 đường bao không hợp lệ; diện tích gần như không đổi."
    ]


def test_rows_are_counted_and_sites_outside_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("lat,lon\n11.9,107.0\n8.0,110.0\n", encoding="utf-8")
    _, findings = read_site_points(path, UNITS, mends=PAGE_MENDS)
    assert note_texts([one.message for one in findings], "vi") == [
        "1 trong 2 trạm nằm ngoài địa bàn nên không dùng."
    ]
    rows = ["decimals are set apart by a comma: longitude 107,1"] * 50
    more = [*rows, "decimals are set apart by a comma in 1200 rows in all; the first 50 are listed"]
    assert note_texts(more, "vi") == ["Đã đọc dấu phẩy thập phân ở 1.200 dòng."]
    assert note_texts(["a finding of tomorrow"], "vi") == ["Còn 1 điều khác, xem chi tiết (tiếng Anh)."]
    assert note_texts([], "vi") == []


def test_a_file_in_order_is_read_as_well_with_the_box_that_mends(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    # a separator that is said of every file would make one column of this one
    path.write_text("lat,lon,name\n11.95,107.1,Bù Gia Mập\n", encoding="utf-8")
    assert notes_of(path) == []
    assert len(read_site_points(path, UNITS, mends=PAGE_MENDS)[0]) == 1


def test_columns_that_do_not_count_are_said_unless_the_form_says_the_same(tmp_path: Path) -> None:
    head = "lat,lon,cost,year,Tốc độ Mbps,bán kính,yearly,operator"
    (tmp_path / "a.csv").write_text(f"{head}\n11.95,107.1,5,2027,40,3000,1,Viettel\n", encoding="utf-8")
    notes = notes_of(tmp_path / "a.csv")
    assert [note.split(" is not used")[0] for note in notes] == [
        "a.csv: column 'cost'", "a.csv: column 'year'", "a.csv: column 'Tốc độ Mbps'", "a.csv: column 'bán kính'",
    ]  # fmt: skip
    said = Said("Viettel", Technology.G4, year=2027, cost=5.0, speed_mbps=40.0)
    _, fewer = read_proposal(
        tmp_path / "a.csv", said, vintage="2026-04-commune", region=REGION, most_sites=50
    )
    assert [note.split(" is not used")[0] for note in fewer] == ["a.csv: column 'bán kính'"]


def test_blank_columns_and_the_columns_of_areas(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("lat,lon,cost\n11.95,107.1,\n", encoding="utf-8")
    assert notes_of(tmp_path / "a.csv") == []
    area = shapely.box(106.8, 11.8, 106.9, 11.9)
    gpd.GeoDataFrame({"chi_phi": [5]}, geometry=[area], crs=4326).to_file(tmp_path / "a.geojson")
    assert [note.split(":")[1] for note in notes_of(tmp_path / "a.geojson")] == [
        " column 'chi_phi' is not used"
    ]
