"""Files of several sheets or layers: which may be meant, that the one named is read, and that a proposal says which it was."""

import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely
from openpyxl import Workbook, load_workbook

from geo import confined
from geo.errors import InputError, ProposalError
from geo.file_parts import Parts, has_parts, list_parts
from geo.proposal_files import read_proposal
from geo.proposal_rows import version_of
from geo.proposal_sites import Said
from geo.proposal_store import Store
from geo.schema import Technology
from geo.site_points import read_site_points
from layers.file_part import file_text
from tests.tiny import tiles_box, units_of

HEAD = ["lat", "lon", "name"]
Sheets = dict[str, list[list[Any]]]
SHEETS: Sheets = {
    "Đợt 1": [HEAD, [11.95, 107.1, "A"], [12.0, 107.05, "B"]],
    "Đợt 2": [HEAD, [11.9, 107.0, "C"]],
}
REGION = (106.0, 11.0, 108.0, 13.0)


def write_workbook(path: Path, sheets: Sheets, hidden: tuple[str, ...] = ()) -> Path:
    book = Workbook()
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
        if title in hidden:
            sheet.sheet_state = "hidden"
    del book["Sheet"]
    book.save(path)
    return path


def write_layers(path: Path) -> Path:
    """A GeoPackage with a layer of two areas and one of three sites."""
    areas = [tiles_box(0, 0, 2, 2), tiles_box(4, 0, 6, 2)]
    gpd.GeoDataFrame({"n": [1, 2]}, geometry=areas, crs=4326).to_file(path, layer="vùng")
    sites = [shapely.Point(107.0 + i / 100, 12.0) for i in range(3)]
    gpd.GeoDataFrame({"name": list("XYZ")}, geometry=sites, crs=4326).to_file(path, layer="trạm")
    return path


def read(path: Path, layer: str | None) -> Any:
    said = Said(operator="Viettel", technology=Technology.G4, layer=layer)
    return read_proposal(path, said, vintage="2026-04-commune", region=REGION, most_sites=1000)


# --- which parts there are


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("a.xlsx", True), ("a.GPKG", True), ("a.kml", True), ("a.kmz", True), ("a.zip", True), ("a.csv", False),
     ("a.geojson", False), ("a.parquet", False), ("a", False)],
)  # fmt: skip
def test_only_some_files_may_have_several_parts(name: str, wanted: bool) -> None:
    assert has_parts(name) is wanted


def test_a_file_without_parts_is_not_opened_for_them(tmp_path: Path) -> None:
    assert confined.file_parts(tmp_path / "there is none.csv") == Parts()


def test_sheets_are_listed_in_their_order(tmp_path: Path) -> None:
    assert confined.file_parts(write_workbook(tmp_path / "a.xlsx", SHEETS)) == Parts(("Đợt 1", "Đợt 2"))


def test_a_sheet_that_nobody_sees_or_that_holds_nothing_is_none_to_choose(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", {**SHEETS, "trống": [], "ẩn": [["x", "y"]]}, hidden=("ẩn",))
    assert confined.file_parts(path).names == ("Đợt 1", "Đợt 2")


@pytest.mark.parametrize("first", [{"ẩn": [["x", "y"]]}, {"trống": []}])
def test_the_only_sheet_to_be_seen_is_named_where_it_is_not_the_first(tmp_path: Path, first: Sheets) -> None:
    path = write_workbook(tmp_path / "a.xlsx", {**first, "Đợt 2": SHEETS["Đợt 2"]}, hidden=("ẩn",))
    assert confined.file_parts(path) == Parts(("Đợt 2",), "Đợt 2")
    content, notes = read(path, "Đợt 2")
    assert (len(content.geometry["features"]), notes) == (1, [])


def test_one_sheet_needs_no_name(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", {"một": SHEETS["Đợt 1"]})
    assert confined.file_parts(path) == Parts(("một",))
    assert read(path, None)[0].layer == ""


def test_layers_of_a_geopackage_are_those_with_shapes(tmp_path: Path) -> None:
    path = write_layers(tmp_path / "a.gpkg")
    assert confined.file_parts(path) == Parts(("vùng", "trạm"))
    one = tmp_path / "one.gpkg"
    gpd.read_file(path, layer="vùng").to_file(one, layer="vùng")
    assert confined.file_parts(one) == Parts(("vùng",))
    # as QGIS keeps its styles beside the layer
    pyogrio.write_dataframe(pd.DataFrame({"style": ["x"]}), one, layer="layer_styles", append=True)
    assert confined.file_parts(one) == Parts(("vùng",), "vùng")
    assert len(read(one, "vùng")[0].geometry["features"]) == 2


def test_folders_of_a_kml_and_shapefiles_of_a_zip_are_layers(tmp_path: Path) -> None:
    mark = "<Placemark><name>{0}</name><Point><coordinates>107.{0},12</coordinates></Point></Placemark>"
    folders = "".join(f"<Folder><name>F{n}</name>{mark.format(n)}</Folder>" for n in (1, 2))
    document = f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{folders}</Document></kml>'
    (tmp_path / "a.kml").write_text(document, encoding="utf-8")
    assert confined.file_parts(tmp_path / "a.kml").names == ("F1", "F2")
    assert len(read(tmp_path / "a.kml", "F2")[0].geometry["features"]) == 1
    with zipfile.ZipFile(tmp_path / "a.kmz", "w") as archive:
        archive.write(tmp_path / "a.kml", "doc.kml")
    assert confined.file_parts(tmp_path / "a.kmz").names == ("F1", "F2")
    for name, left in (("one", 0), ("two", 4)):
        gpd.GeoDataFrame({"n": [1]}, geometry=[tiles_box(left, 0, left + 2, 2)], crs=4326).to_file(
            tmp_path / f"{name}.shp"
        )
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for part in sorted([*tmp_path.glob("one.*"), *tmp_path.glob("two.*")]):
            archive.write(part, part.name)
    assert sorted(confined.file_parts(tmp_path / "a.zip").names) == ["one", "two"]
    assert read(tmp_path / "a.zip", "two")[0].layer == "two"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.xlsx", b"PK", "not an XLSX workbook"),
        ("a.gpkg", b"PK", "its content is not a GeoPackage"),
        ("a.gpkg", b"SQLite format 3\0", "cannot be opened"),
        ("a.kml", b"<!DOCTYPE x><kml/>", "declares a document type"),
        ("a.kml", b"<html/>", "its content is not KML"),
        ("a.zip", b"PK", "not a whole zip"),
        ("a.kmz", b"PK", "not a whole zip"),
        ("a.fgb", b"fgb", "cannot be opened"),
    ],
)
def test_a_file_that_is_not_what_its_ending_says_is_refused(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=said):
        list_parts(tmp_path / name)


# --- the one that is named is read, and kept


def test_the_named_sheet_is_what_a_proposal_is_made_of(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", SHEETS)
    for layer, count in (("Đợt 1", 2), ("Đợt 2", 1)):
        content, notes = read(path, layer)
        assert (len(content.geometry["features"]), content.layer, notes) == (count, layer, [])
    with pytest.raises(InputError, match="no sheet 'Đợt 3'; it has Đợt 1, Đợt 2"):
        read(path, "Đợt 3")


def test_the_named_layer_is_what_a_proposal_is_made_of_areas_or_sites(tmp_path: Path) -> None:
    path = write_layers(tmp_path / "a.gpkg")
    for layer, kind, count in (("vùng", "areas", 2), ("trạm", "sites", 3)):
        content, _ = read(path, layer)
        assert (content.kind, len(content.geometry["features"]), content.layer) == (kind, count, layer)
    with pytest.raises(InputError, match="holds 2 layers"):
        read(path, None)


def test_the_named_part_is_read_as_a_list_of_sites(tmp_path: Path) -> None:
    units = units_of(a=shapely.box(*REGION))
    book, layers = write_workbook(tmp_path / "a.xlsx", SHEETS), write_layers(tmp_path / "a.gpkg")
    assert read_site_points(book, units, layer="Đợt 2")[0]["name"].tolist() == ["C"]
    assert read_site_points(layers, units, layer="trạm")[0]["name"].tolist() == list("XYZ")
    with pytest.raises(InputError, match="is not a point"):
        read_site_points(layers, units, layer="vùng")


def test_two_sheets_of_one_workbook_are_two_proposals(tmp_path: Path) -> None:
    path, store = write_workbook(tmp_path / "a.xlsx", SHEETS), Store(tmp_path)
    first, second = (read(path, layer)[0] for layer in SHEETS)
    assert first.sha256 == second.sha256
    assert [store.add(one, who="An").id for one in (first, second)] == ["p1", "p2"]
    assert [one.content.layer for one in store.newest()] == list(SHEETS)
    with pytest.raises(ProposalError, match="is here already as p2"):
        store.add(second, who="An")


def test_a_proposal_saved_before_layers_were_kept_is_read() -> None:
    text = (
        '{"name": "n", "operator": "o", "technology": "4G", "kind": "areas", "vintage": "v", "geometry": '
        '{"features": [{"geometry": {"coordinates": []}}]}}'
    )
    assert version_of(("p1", 1, "at", "who", "added", "draft", text)).content.layer == ""


def test_any_name_of_a_sheet_can_be_kept(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", {**SHEETS, "=1+1 <b>": SHEETS["Đợt 2"]})
    assert "=1+1 <b>" in load_workbook(path).sheetnames
    assert read(path, "=1+1 <b>")[0].layer == "=1+1 <b>"


# --- words


def test_the_part_is_said_with_the_name_of_the_file() -> None:
    assert file_text("a.xlsx", "Đợt 2", "vi") == "a.xlsx, trang tính “Đợt 2”"
    assert file_text("a.XLSX", "Đợt 2", "en") == "a.XLSX, sheet “Đợt 2”"
    assert file_text("a.gpkg", "trạm", "vi") == "a.gpkg, lớp “trạm”"
    assert file_text("a.csv", "", "vi") == "a.csv"
