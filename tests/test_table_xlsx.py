"""Workbooks as offices send them: cover pages, hidden sheets, percentages, formulas whose results were never stored."""

import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from geo.convert_rows import Decimal, parse_number
from geo.errors import InputError
from geo.points_table import read_points_table
from geo.table_xlsx import naming_sheet
from geo.unit_table import open_table, read_table
from layers.faults import hint_of
from layers.strings import CATALOGUE

HEAD, ROW = ["code", "n"], ["25222", 0.05]


def _book(path: Path, fill: Callable[[Any], None]) -> Path:
    book = openpyxl.Workbook()
    fill(book)
    book.save(path)
    return path


def _cover(book: Any) -> None:
    book.active.title = "Bìa"
    book.active["A1"], book.active["A2"] = "BÁO CÁO", "Sở Khoa học và Công nghệ"
    sheet = book.create_sheet("Số liệu")
    sheet.append(HEAD)
    sheet.append(ROW)


def _hidden(book: Any) -> None:
    book.active.title, book.active.sheet_state = "cũ", "hidden"
    book.active.append(HEAD)
    book.active.append(["x", 1])
    _second(book)


def _second(book: Any) -> None:
    sheet = book.create_sheet("mới")
    sheet.append(HEAD)
    sheet.append(ROW)


@pytest.mark.parametrize(
    ("fill", "said", "sheet"),
    [
        (
            _cover,
            "the first sheet, 'Bìa', has one column, as a cover page has, and 'Số liệu' more",
            "Số liệu",
        ),
        (_hidden, "the first sheet, 'cũ', is hidden; 'mới' can be seen", "mới"),
    ],
)
def test_a_cover_page_or_a_hidden_sheet_is_not_taken_for_the_table(
    tmp_path: Path, fill: Callable[[Any], None], said: str, sheet: str
) -> None:
    file = _book(tmp_path / "a.xlsx", fill)
    with pytest.raises(InputError, match=f"{said}: name the one meant with --sheet") as told:
        open_table(file)
    assert hint_of(told.value, "vi") == [CATALOGUE["vi"]["hint_sheet"]]
    assert read_table(file, sheet=sheet)["code"].tolist() == ["25222"]


def test_one_column_alone_is_a_table_where_no_other_sheet_is(tmp_path: Path) -> None:
    def fill(book: Any) -> None:
        book.active.append(["code"])
        book.active.append(["25222"])

    assert read_table(_book(tmp_path / "a.xlsx", fill))["code"].tolist() == ["25222"]


def test_a_column_that_is_not_there_names_the_sheet_that_was_read(tmp_path: Path) -> None:
    def fill(book: Any) -> None:
        book.active.title = "Ghi chú"
        for row in (["mã", "ghi chú"], ["1", "x"]):
            book.active.append(row)
        sheet = book.create_sheet("Trạm")
        sheet.append(["lat", "lon"])
        sheet.append([11.9, 107.0])

    file = _book(tmp_path / "a.xlsx", fill)
    with pytest.raises(
        InputError,
        match=r"no column one called lat.*\(the first sheet, 'Ghi chú', was read, not 'Trạm'; name the one",
    ):
        read_points_table(file)
    assert len(read_points_table(file, sheet="Trạm")[0]) == 1


def test_faults_are_left_alone_where_no_sheet_was_chosen() -> None:
    with pytest.raises(InputError, match=r"^x$"), naming_sheet([]):
        raise InputError("x")


@pytest.mark.parametrize(
    ("shown_as", "cell"),
    [("0%", "5%"), ("0.00%", "5%"), ('0.0"%"', 0.05), ("0.0\\%", 0.05), ("General", 0.05), ("0.00", 0.05)],
)
def test_a_percentage_is_not_read_as_its_hundredth(tmp_path: Path, shown_as: str, cell: Any) -> None:
    def fill(book: Any) -> None:
        book.active.append(HEAD)
        book.active.append(ROW)
        book.active["B2"].number_format = shown_as

    table = read_table(_book(tmp_path / "a.xlsx", fill))
    assert table["n"].tolist() == [cell]


def test_a_percent_sign_is_asked_about() -> None:
    for cell in ("5%", "0,5%", "5 %"):
        with pytest.raises(InputError, match=r"without a percent sign: 5 or 0\.05 may be meant") as told:
            parse_number(cell, "a.xlsx: column 'n', data row 1", decimal=Decimal.COMMA)
        assert hint_of(told.value, "en") == [CATALOGUE["en"]["hint_percent"]]


def test_formulas_without_results_do_not_pass_for_blank_cells(tmp_path: Path) -> None:
    def fill(book: Any) -> None:
        book.active.append(HEAD)
        book.active.append(["25222", "=1+1"])
        book.active.append(["25231", "=SUM(B2)"])

    file = _book(tmp_path / "a.xlsx", fill)
    with pytest.raises(
        InputError, match=r"cell B2 holds the formula '=1\+1' without its result \(2 such\)"
    ) as told:
        open_table(file)
    assert hint_of(told.value, "vi") == [CATALOGUE["vi"]["hint_formula"]]


@pytest.mark.parametrize(
    ("stored", "read"),
    [('<c r="B2"><f>1+1</f><v>2</v></c>', "2"), ('<c r="B2" t="str"><f>""</f><v></v></c>', "")],
)
def test_stored_results_of_formulas_are_read(tmp_path: Path, stored: str, read: str) -> None:
    def fill(book: Any) -> None:
        book.active.append(HEAD)
        book.active.append(["25222", 7])

    plain, file = _book(tmp_path / "a.xlsx", fill), tmp_path / "b.xlsx"
    with zipfile.ZipFile(plain) as given, zipfile.ZipFile(file, "w") as made:
        for member in given.infolist():
            content = given.read(member)
            if member.filename == "xl/worksheets/sheet1.xml":
                assert b'<c r="B2" t="n"><v>7</v></c>' in content
                content = content.replace(b'<c r="B2" t="n"><v>7</v></c>', stored.encode())
            made.writestr(member, content)
    assert read_table(file)["n"].tolist() == [read]


def test_dates_stay_dates(tmp_path: Path) -> None:
    def fill(book: Any) -> None:
        book.active.append(HEAD)
        book.active.append(["25222", datetime(2024, 3, 1)])

    assert read_table(_book(tmp_path / "a.xlsx", fill))["n"].tolist() == ["2024-03-01T00:00:00"]
