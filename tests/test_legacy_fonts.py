"""TCVN3 and VNI: the codes of old Vietnamese fonts recognised by their words, never taken for what is sound or foreign."""

import shutil
import subprocess
import unicodedata
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import InputError
from geo.legacy_fonts import _TCVN3, FONTS, font_of, from_tcvn3, from_vni
from geo.mends import Mend
from geo.schema import VIETNAMESE_VINTAGES, Vintage
from geo.tidy_table import tidy_table
from geo.unit_table import open_table
from layers.faults import hint_of
from layers.strings import CATALOGUE
from tests.lists import list_frame

NAMES = (
    "phường Bình Phước",
    "phường Đồng Xoài",
    "xã Bù Gia Mập",
    "xã Đắk Ơ",
    "xã Phú Riềng",
    "xã Thiện Hưng",
    "xã Lộc Tấn",
)
TCVN3 = (
    "ph­êng B×nh Ph­íc",
    "ph­êng §ång Xoµi",
    "x· Bï Gia MËp",
    "x· §¾k ¥",
    "x· Phó RiÒng",
    "x· ThiÖn H­ng",
    "x· Léc TÊn",
)
VNI = (
    "phöôøng Bình Phöôùc",
    "phöôøng Ñoàng Xoaøi",
    "xaõ Buø Gia Maäp",
    "xaõ Ñaék Ô",
    "xaõ Phuù Rieàng",
    "xaõ Thieän Höng",
    "xaõ Loäc Taán",
)
FOREIGN = (
    ["Añasco", "Bayamón", "Canóvanas", "Cataño", "Comerío", "Guánica", "Juana Díaz", "Loíza", "Manatí", "Mayagüez", "Peñuelas"],
    ["São Jorge", "Graciosa", "Horta", "Lajes do Pico", "Calheta", "Nordeste", "Povoação", "Angra do Heroísmo", "Praia da Vitória", "Água de Pau"],
    ["Århus", "Tromsø", "Bodø", "Ålesund", "Älvkarleby", "Örebro", "Köln", "Düsseldorf", "Lübeck", "Fürth"],
    ["Orléans", "Créteil", "Nîmes", "Évry", "Besançon", "Sète", "Alès", "Hyères", "Saint-Étienne", "Mâcon"],
)  # fmt: skip


@pytest.mark.parametrize(("font", "written"), [(Mend.TCVN3, TCVN3), (Mend.VNI, VNI)])
def test_names_by_hand(font: Mend, written: tuple[str, ...]) -> None:
    assert tuple(FONTS[font](text) for text in written) == NAMES
    assert font_of(written) is font


@pytest.mark.parametrize("vintage", VIETNAMESE_VINTAGES)
def test_no_sound_list_of_units_is_taken_for_one(vintage: Vintage) -> None:
    assert font_of(list_frame(vintage)["name"].tolist()) is None


@pytest.mark.parametrize(
    "names",
    [*FOREIGN, [], ["São", "Bø"], list(NAMES), [unicodedata.normalize("NFD", name) for name in NAMES]],
)
def test_what_is_foreign_sound_or_too_little_is_left_alone(names: list[str]) -> None:
    assert font_of(names) is None


def test_the_table_is_the_standard_as_another_program_has_it() -> None:
    if shutil.which("iconv") is None:
        pytest.skip("no iconv here")
    codes = bytes(_TCVN3)
    done = subprocess.run(
        ["iconv", "-f", "TCVN5712-1", "-t", "UTF-8"], input=codes, capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("this iconv does not know TCVN5712-1")
    assert unicodedata.normalize("NFC", done.stdout.decode()) == codes.decode("latin-1").translate(_TCVN3)


@given(st.text(st.characters(max_codepoint=127)))
def test_plain_letters_stay(text: str) -> None:
    assert from_tcvn3(text) == from_vni(text) == text


def _csv(names: tuple[str, ...]) -> str:
    return "name,n\n" + "".join(f"{name},{place}\n" for place, name in enumerate(names))


@pytest.mark.parametrize(("font", "written"), [(Mend.TCVN3, TCVN3), (Mend.VNI, VNI)])
@pytest.mark.parametrize("encoding", ["latin-1", "utf-8"])
def test_a_table_in_an_old_font_is_named_and_read_when_that_is_said(
    tmp_path: Path, font: Mend, written: tuple[str, ...], encoding: str
) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(_csv(written).encode(encoding))
    with pytest.raises(InputError, match=f"old fonts.*Phước.*--mend {font}") as told:
        tidy_table(open_table(file), (), source=file.name)
    assert hint_of(told.value, "vi") == [CATALOGUE["vi"]["hint_font"]]
    # the box of the app for the usual mistakes says both
    for mends in ((font,), (Mend.TCVN3, Mend.VNI, Mend.MOJIBAKE)):
        tidied = tidy_table(open_table(file, mends=mends), mends, source=file.name)
        assert tuple(tidied.frame["name"]) == NAMES
        assert {finding.code for finding in tidied.findings} == {f"mended_{font}"}


def test_a_workbook_in_an_old_font(tmp_path: Path) -> None:
    book, file = openpyxl.Workbook(), tmp_path / "a.xlsx"
    for row in (("name",), *((name,) for name in TCVN3)):
        book.active.append(row)  # type: ignore[union-attr]
    book.save(file)
    with pytest.raises(
        InputError,
        match=r"tcvn3: letters in the code of old fonts \(tcvn3\) in rows 1, 2, 3, 4, 5 and 2 more",
    ):
        tidy_table(open_table(file), (), source=file.name)
    assert tuple(tidy_table(open_table(file), (Mend.TCVN3,), source=file.name).frame["name"]) == NAMES
