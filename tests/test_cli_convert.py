"""`convert-units` and `search` as they are typed: files in, files out, exit status, nothing lost."""

import contextlib
import json
import random
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import rasterio
import shapely
import typer
from rasterio.transform import from_origin
from typer.testing import CliRunner, Result

from geo.cli_convert import convert_units, search
from geo.errors import InputError
from geo.schema import Vintage
from geo.table_write import write_table
from geo.unit_table import read_table
from tests.lists import list_frame

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)
app.command("convert-units")(convert_units)
app.command("search")(search)

NEW_LIST = ("--from", "2024", "--to", "2026-04")
CODES = ("--code-column", "code", "--sum", "people")


def _run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def _said(result: Result, status: int) -> str:
    """What the command wrote, on one line; checks its exit status."""
    assert result.exit_code == status, result.output
    return " ".join(result.output.split())


@pytest.fixture
def binh_phuoc(tmp_path: Path) -> Path:
    """The 111 communes with 1, 2, 3 … people."""
    table = list_frame(Vintage.V2024).query("province_code == '70'").rename(columns={"unit_code": "code"})
    file = tmp_path / "communes.csv"
    table.assign(people=range(1, 112)).to_csv(file, index=False)
    return file


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet"])
@pytest.mark.parametrize("wanted", [".csv", ".xlsx", ".parquet"])
def test_every_format_in_and_out(binh_phuoc: Path, tmp_path: Path, suffix: str, wanted: str) -> None:
    source, out = tmp_path / f"in{suffix}", tmp_path / f"out{wanted}"
    write_table(source, pd.read_csv(binh_phuoc, dtype={"code": str}))
    said = _said(_run("convert-units", source, *NEW_LIST, *CODES, "--out", out), 0)
    assert "111 rows of 2024 → 40 units of 2026-04 (40 complete)" in said
    assert "people: 6,216 given = 6,216 converted + 0 withheld + 0 left over" in said
    table = read_table(out)
    assert len(table) == 40
    assert table["people"].astype(int).sum() == 6216
    assert table["unit_code"].str.fullmatch("[0-9]{5}").all()
    assert not list(tmp_path.glob("*unconverted*"))


def test_the_report_has_every_row(binh_phuoc: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    _said(
        _run(
            "convert-units",
            binh_phuoc,
            *NEW_LIST,
            *CODES,
            "--name-column",
            "name",
            "--out",
            tmp_path / "o.csv",
            "--report",
            report,
            "-q",
        ),
        0,
    )
    said = json.loads(report.read_text(encoding="utf-8"))
    assert (said["from"], said["to"], said["rows"], said["units"]) == ("2024", "2026-04", 111, 40)
    assert said["outcomes"]["converted"] == 111
    assert said["methods"] == {"code and name": 111}
    assert said["lists"].startswith("vietnamadminunits 1.0.4 (MIT)")
    assert [row["row"] for row in said["table"]] == list(range(1, 112))
    assert said["sums"]["people"]["converted"] == 6216


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """Three communes that became one unit, one that was split, one that is not there."""
    file = tmp_path / "mixed.csv"
    file.write_text("code,people\n25270,1\n25288,2\n25297,4\n00007,8\n99999,16\n=1+1,32\n", encoding="utf-8")
    return file


def test_unmatched_rows_stop_the_conversion(mixed: Path, tmp_path: Path) -> None:
    out, report = tmp_path / "out.csv", tmp_path / "report.json"
    said = _said(_run("convert-units", mixed, *NEW_LIST, *CODES, "--out", out, "--report", report), 1)
    assert "split, row 4: Phường Cống Vị" in said
    assert "unmatched, row 5: code 99999 is not in the list of 2024" in said
    assert "3 rows have figures that cannot be converted, so out.csv was not written" in said
    assert "--allow-unmatched" in said
    assert not out.exists()
    assert json.loads(report.read_text(encoding="utf-8"))["outcomes"]["unmatched"] == 2


def test_allowed_unmatched_rows_lie_beside_the_result(mixed: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    _said(_run("convert-units", mixed, *NEW_LIST, *CODES, "--out", out, "--allow-unmatched"), 0)
    assert read_table(out)["people"].tolist() == ["7"]
    aside = read_table(tmp_path / "out.csv.unconverted.csv")
    assert aside["given: people"].tolist() == ["8", "16", "32"]
    assert aside["outcome"].tolist() == ["split", "unmatched", "unmatched"]
    assert aside["given: code"].tolist()[-1] == "'=1+1"


def test_a_stale_list_of_unmatched_rows_does_not_stay(binh_phuoc: Path, mixed: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    _said(_run("convert-units", mixed, *NEW_LIST, *CODES, "--out", out, "--allow-unmatched"), 0)
    _said(_run("convert-units", binh_phuoc, *NEW_LIST, *CODES, "--out", out), 0)
    assert not (tmp_path / "out.csv.unconverted.csv").exists()


def test_json_for_scripts(mixed: Path, tmp_path: Path) -> None:
    result = _run(
        "convert-units", mixed, *NEW_LIST, *CODES, "--out", tmp_path / "o.csv", "--allow-unmatched", "--json"
    )
    assert json.loads(result.stdout)["outcomes"]["split"] == 1
    fault = json.loads(
        _run(
            "convert-units", mixed, *NEW_LIST, "--code-column", "x", "--out", tmp_path / "o.csv", "--json"
        ).stderr
    )
    assert fault["kind"] == "InputError"


def _geojson(path: Path, **shapes: Any) -> Path:
    frame = gpd.GeoDataFrame(
        {"code": [code[1:] for code in shapes]}, geometry=list(shapes.values()), crs=4326
    )
    frame.to_file(path)
    return path


def test_split_units_are_shared_by_people_inside_the_new_outlines(mixed: Path, tmp_path: Path) -> None:
    grid = tmp_path / "people.tif"
    with rasterio.open(grid, "w", driver="GTiff", width=4, height=1, count=1, dtype="float32", crs="EPSG:4326",
                       transform=from_origin(105, 21.01, 0.01, 0.01)) as raster:  # fmt: skip
        raster.write(np.array([[[30, 30, 20, 20]]], dtype="float32"))
    old = _geojson(tmp_path / "old.geojson", c00007=shapely.box(105, 21, 105.04, 21.01))
    new = _geojson(
        tmp_path / "new.geojson",
        c00008=shapely.box(105, 21, 105.01, 21.01),
        c00025=shapely.box(105.01, 21, 105.04, 21.01),
    )
    out = tmp_path / "out.csv"
    _said(_run("convert-units", mixed, *NEW_LIST, *CODES, "--out", out, "--allow-unmatched", "--partial",
               "--boundaries", old, new, "--population", grid), 0)  # fmt: skip
    table = read_table(out).set_index("unit_code")
    assert table["people"].astype(float).to_dict() == pytest.approx({"00008": 2.4, "00025": 5.6, "25270": 7})
    assert table["complete"].to_dict() == {"00008": "False", "00025": "False", "25270": "True"}
    said = _said(_run("convert-units", mixed, *NEW_LIST, *CODES, "--out", out, "--boundaries", old, new), 2)
    assert "give --boundaries OLD NEW and --population FILE" in said


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"", "the file is empty; fetch or export it again"),
        (b"code,people\n", "no rows below the header"),
        (b"code,code\n1,2\n", "column code stands more than once"),
        (b"code,,people\n1,2,3\n", "column 2 has no name"),
        (b"code,people\n25270,1,2\n", "data row 1 has 3 cells, the header 2"),
        (b"code,people\n25270\n", "data row 1 has 1 cells, the header 2"),
        (b'code,people\n25270,"1\n', "not a CSV file"),
        ("code,tên\n25270,Lộc".encode("utf-16"), "no column people; it has code, tên"),
        ("code,tên\n25270,Lộc Ninh\n".encode("cp1252", "replace"), "it may be windows-1252"),
        ("code,tên\n25270,Lộc Ninh\n".encode("cp1258", "replace"), "not UTF-8 text"),
        (b"code,people\n25270,12%\n", "column 'people', data row 1 holds '12%'"),
        (b"code;people\n25270;1,5\n", "--decimal comma"),
        (b"code,people\n25270,1\n25270,2\n", "data rows 1 and 2 are both"),
        (b"ma,people\n25270,1\n", "no column code; it has ma, people"),
        (b"code,people\n97,1\n", "restore zeros that a spreadsheet lost with --code-width 5"),
    ],
)
def test_bad_tables_are_named_and_nothing_is_written(tmp_path: Path, content: bytes, match: str) -> None:
    file, out = tmp_path / "bad.csv", tmp_path / "out.csv"
    file.write_bytes(content)
    said = _said(_run("convert-units", file, *NEW_LIST, *CODES, "--out", out), 1)
    assert match in said
    assert "Traceback" not in said
    assert not out.exists()


@pytest.mark.parametrize(
    ("name", "content", "match"),
    [
        ("bad.xlsx", b"PK no workbook", "not an XLSX workbook"),
        ("bad.parquet", b"PAR1 no parquet", "not a parquet file"),
        ("bad.ods", b"x", "ending '.ods' is not a table read here"),
        ("bad", b"x", "ending 'none' is not a table read here"),
    ],
)
def test_bad_files_are_named(tmp_path: Path, name: str, content: bytes, match: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert match in _said(
        _run("convert-units", tmp_path / name, *NEW_LIST, *CODES, "--out", tmp_path / "o.csv"), 1
    )
    assert "no such file" in _said(
        _run("convert-units", tmp_path / "not.csv", *NEW_LIST, *CODES, "--out", tmp_path / "o.csv"), 1
    )


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet"])
def test_a_damaged_file_is_read_or_refused_never_a_crash(
    binh_phuoc: Path, tmp_path: Path, suffix: str
) -> None:
    file, chance = tmp_path / f"good{suffix}", random.Random(3)
    write_table(file, read_table(binh_phuoc))
    good = file.read_bytes()
    for _ in range(150):
        damaged = bytearray(good[: chance.randrange(1, len(good))] if chance.random() < 0.2 else good)
        for _ in range(chance.randrange(1, 20)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        file.write_bytes(damaged)
        with contextlib.suppress(InputError):
            assert len(read_table(file)) > 0


def test_a_workbook_that_unpacks_to_too_much_is_refused_unread(tmp_path: Path) -> None:
    file = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (101 * 2**20))
    assert file.stat().st_size < 2**20
    assert "wanted at most" in _said(
        _run("convert-units", file, *NEW_LIST, *CODES, "--out", tmp_path / "o.csv"), 1
    )


def test_lost_zeros_are_restored_when_asked_and_commas_read(tmp_path: Path) -> None:
    file, out = tmp_path / "numbers.csv", tmp_path / "out.csv"
    file.write_text("\ufeffcode;people\n25270.0;1,5\n25288;2\n25297;0,5\n", encoding="utf-8")
    _said(
        _run(
            "convert-units", file, *NEW_LIST, *CODES, "--code-width", "5", "--decimal", "comma", "--out", out
        ),
        0,
    )
    assert read_table(out)["people"].tolist() == ["4.0"]


def test_text_stays_text_in_a_workbook_and_a_sheet_can_be_named(tmp_path: Path) -> None:
    file = tmp_path / "t.xlsx"
    write_table(file, pd.DataFrame({"=a": ["=1+1", None], "b": [1, 2]}))
    cells = openpyxl.load_workbook(file).active
    assert cells is not None
    assert cells["A2"].data_type == "s"
    assert read_table(file, sheet="units")["=a"].tolist() == ["=1+1", ""]
    assert "no sheet 'x'; it has units" in _said(
        _run("convert-units", file, *NEW_LIST, *CODES, "--sheet", "x", "--out", tmp_path / "o.csv"), 1
    )


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        (("--code-column", "code", "--mean", "people"), "--weight"),
        (("--sum", "people"), "--code-column"),
        (("--name-column", "name"), "--province"),
    ],
)
def test_calls_at_fault_end_with_status_2(
    binh_phuoc: Path, tmp_path: Path, arguments: tuple[str, ...], match: str
) -> None:
    assert match in _said(
        _run("convert-units", binh_phuoc, *NEW_LIST, *arguments, "--out", tmp_path / "o.csv"), 2
    )


def test_an_ending_that_cannot_be_written_is_said_before_reading(tmp_path: Path) -> None:
    assert "cannot write '.ods'" in _said(
        _run("convert-units", tmp_path / "x.csv", *NEW_LIST, *CODES, "--out", tmp_path / "o.ods"), 1
    )


def test_the_wrong_vintage_is_said(tmp_path: Path) -> None:
    file = tmp_path / "new.csv"
    list_frame(Vintage.V2026_04).query("province_code == '75'").rename(columns={"unit_code": "code"}).to_csv(
        file, index=False
    )
    said = _said(
        _run(
            "convert-units",
            file,
            *NEW_LIST,
            "--code-column",
            "code",
            "--name-column",
            "name",
            "--out",
            tmp_path / "o.csv",
        ),
        1,
    )
    assert "new.csv was given as vintage 2024" in said
    assert "they fit vintage 2025-07 and 2026-04 in 95" in said


def test_search_from_the_command_line() -> None:
    said = _said(_run("search", "Huyện", "Lộc", "Ninh"), 0)
    assert said.startswith("Huyện Lộc Ninh, Tỉnh Bình Phước (692), 2024 → Phường Lộc Ninh")
    assert "Xã Tân Tiến, Thành phố Đồng Nai (25318) – only partly inside" in said
    found = json.loads(_run("search", "loc thanh, dong nai", "--json").stdout)
    assert [hit["place"]["code"] for hit in found["hits"]] == ["25280", "25294"]
    assert found["hits"][0]["units"][0] == {**found["hits"][0]["place"], "inside": True}
    assert "more; write more of the name" in _said(_run("search", "phước", "--limit", "2"), 0)
    assert "no unit 'zzzz' in any list" in _said(_run("search", "zzzz"), 1)
