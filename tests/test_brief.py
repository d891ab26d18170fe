"""One-page briefs: always one page, all fonts in the file, every letter and figure read back by another program."""

import io
import json
import re
import shutil
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pypdfium2 as pdfium
import pytest
import typst

from geo.cli_build import build_results
from geo.files import sha256_of
from geo.results import Built, UnitList, read_built
from geo.workspace import load_workspace
from layers.brief_data import codes_of
from layers.brief_pdf import (
    TEMPLATE,
    Press,
    brief_pdf,
    brief_values,
    briefs_zip,
    file_name,
    open_press,
    set_page,
)
from layers.brief_text import on_paper
from layers.strings import LANGUAGES, Language
from tests.browser import REPO
from tests.fake_built import fake_built
from tests.naughty import strings

DAY = "2026-11-25"
VOWELS = "aăâeêioôơuưy"
TONES = ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")
BU_GIA_MAP = "25222"


@pytest.fixture(scope="module")
def fake(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return fake_built(tmp_path_factory.mktemp("brief"))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled sample, built."""
    root = tmp_path_factory.mktemp("sample") / "binh_phuoc"
    shutil.copytree(REPO / "data" / "binh_phuoc", root, ignore=shutil.ignore_patterns(".built*"))
    build_results(load_workspace(root), if_changed=True, quiet=True)
    return root


@pytest.fixture(scope="module")
def sample(root: Path) -> Built:
    return read_built(root)


def read(pdf: bytes) -> str:
    """The text of a PDF that must have one page, in one line."""
    document = pdfium.PdfDocument(pdf)
    assert len(document) == 1
    found = " ".join(document[0].get_textpage().get_text_range().split())
    document.close()
    return found


def embedded_fonts(pdf: bytes) -> Iterator[bool]:
    """For every piece of text, whether the letters of its font are in the file."""
    document = pdfium.PdfDocument(pdf)
    for item in document[0].get_objects(filter=[pdfium.raw.FPDF_PAGEOBJ_TEXT]):
        yield bool(pdfium.raw.FPDFFont_GetIsEmbedded(pdfium.raw.FPDFTextObj_GetFont(item)))
    document.close()


def fit_of(values: dict[str, Any]) -> dict[str, Any]:
    """What the template says of the size it chose."""
    compiler = typst.Compiler(
        TEMPLATE.read_bytes(),
        font_paths=typst.Fonts(include_system_fonts=False),
        sys_inputs={"data": json.dumps(values)},
    )
    (found,) = json.loads(compiler.query("<fit>", field="value"))
    return dict(found)


def with_list(built: Built, **tables: Any) -> tuple[Built, UnitList]:
    """The first list with other tables in it."""
    units = replace(built.primary, **tables)
    return replace(built, lists={units.id: units}), units


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_unit_of_the_sample_has_one_page(sample: Built, language: Language) -> None:
    press = open_press(sample, sample.primary, made_on=DAY)
    for code in codes_of(press.tables):
        said = read(brief_pdf(press, code, language))
        # as on the page, a heading begins with a large letter
        label = " ".join(press.tables.labels[code].split())
        assert label[0].upper() + label[1:] in said
        assert code in said


def test_what_the_page_of_a_gap_says(sample: Built) -> None:
    press = open_press(sample, sample.primary, made_on=DAY)
    said = read(brief_pdf(press, BU_GIA_MAP, "vi"))
    row = sample.primary.result.set_index("unit_code").loc[BU_GIA_MAP]
    share = np.floor(row["4g_covered_people_share"] * 1000) / 10
    for wanted in (
        "Xã Bù Gia Mập", "Vùng lõm", f"{share:.1f}%".replace(".", ","), "99,8%", "công bố 23/2/2024",
        "Dữ liệu minh hoạ, ranh giới gần đúng.", "Vì sao", "Điều gì làm thay đổi kết luận", "Chuyển thành “Cần theo dõi” khi:",
        "Viettel (công bố)", "Nguồn:", "Lập ngày 25/11/2026", "chưa có số có nguồn", "20 km", "Chỉ tiêu bổ sung", "Là đơn vị biên giới.",
    ):  # fmt: skip
        assert wanted in said, wanted
    english = read(brief_pdf(press, BU_GIA_MAP, "en"))
    for wanted in (
        "Gap",
        f"{share:.1f}%",
        "Illustrative data",
        "What would change the verdict",
        "Made 2026-11-25",
    ):
        assert wanted in english, wanted


@pytest.mark.parametrize("name", ["2026-04-commune", "2024-district"])
def test_the_sha256_is_that_of_the_table_named(root: Path, sample: Built, name: str) -> None:
    units = sample.lists[name]
    press = open_press(sample, units, made_on=DAY)
    said = read(brief_pdf(press, codes_of(press.tables)[0], "en"))
    (table, digest) = re.search(r"Table built/(\S+), sha256 ([0-9a-f]{64})", said).groups()  # type: ignore[union-attr]
    assert sample.manifest["tables"][table] == digest
    assert table == ("communes.parquet" if units is sample.primary else f"lists/{name}/communes.parquet")
    assert sha256_of(root / "built" / table) == digest


def test_every_vietnamese_letter_is_in_the_fonts_and_comes_back(fake: Built) -> None:
    letters = [unicodedata.normalize("NFC", vowel + tone) for vowel in VOWELS for tone in TONES]
    letters = [*letters, "đ", *"bcdghklmnpqrstvx"]
    words = ["".join(letters[start : start + 24]) for start in range(0, len(letters), 24)]
    small, large = " ".join(words), " ".join(words).upper()
    for text in (small, large):
        names = pd.Series([text] * 12, index=fake.primary.result.index)
        built, units = with_list(fake, result=fake.primary.result.assign(name=names, kind="xã"))
        pdf = brief_pdf(open_press(built, units, made_on=DAY), "25001", "vi")
        said = read(pdf)
        for word in text.split():
            # broken over lines, a word comes back in pieces
            assert word in said.replace(" ", ""), word
        assert "\ufffd" not in said


def test_all_fonts_are_in_the_file(fake: Built) -> None:
    pdf = brief_pdf(open_press(fake, fake.primary, made_on=DAY), "25008", "vi")
    embedded = list(embedded_fonts(pdf))
    assert len(embedded) > 50
    assert all(embedded)
    assert re.findall(rb"/FontFile[23]?\b", pdf)


def test_the_same_data_and_day_give_the_same_bytes(fake: Built) -> None:
    one, other = (brief_pdf(open_press(fake, fake.primary, made_on=DAY), "25008", "vi") for _ in range(2))
    assert one == other


def test_a_press_that_stays_open_puts_the_day_of_the_making_on_paper(fake: Built) -> None:
    press = open_press(fake, fake.primary)
    before = date.today().isoformat()
    values = brief_values(press, "25008", "en")
    assert values["made_on"] in {before, date.today().isoformat()}
    assert f"Made {values['made_on']}" in values["made"]
    assert press.imprint.made_on == ""


def test_a_unit_that_nothing_is_known_of_has_dashes_and_no_zero(fake: Built) -> None:
    values = brief_values(open_press(fake, fake.primary, made_on=DAY), "25012", "en")
    own = [row[1]["value"] for row in values["rows"]]
    assert own == ["–"] * 5
    assert [row[5]["value"] for row in values["rows"]] == ["– Lacks figures"] * 5
    facts = {fact["name"]: fact["value"] for fact in values["facts"]}
    assert facts["People"] == "–"
    assert facts["Gap score"] == "–"
    # the map hatches what is not known, in the colour of no data
    assert "#94a3b8" in values["map"]["svg"]
    said = read(set_page(values))
    assert "Not enough evidence" in said
    assert not re.search(r"(?<![\d.,])0 (Mbps|people|operators)", said)
    assert "nan" not in said.lower()
    assert "none" not in said.lower().replace("none with a source", "")


def test_the_label_of_made_up_data_stands_on_made_up_data_alone(fake: Built) -> None:
    real = replace(fake, manifest={**fake.manifest, "illustrative": False})
    for built, labelled in ((fake, True), (real, False)):
        said = read(brief_pdf(open_press(built, built.primary, made_on=DAY), "25008", "vi"))
        assert ("Dữ liệu minh hoạ" in said) is labelled


def test_terms_of_the_data_stand_on_the_page(fake: Built) -> None:
    speeds = {
        **fake.manifest["inputs"][0],
        "kind": "speed",
        "publisher": "Ookla",
        "licence": "CC BY-NC-SA 4.0",
    }
    bound = replace(fake, manifest={**fake.manifest, "inputs": [*fake.manifest["inputs"], speeds]})
    said = read(brief_pdf(open_press(bound, bound.primary, made_on=DAY), "25008", "en"))
    assert "Terms of the data: Ookla (CC BY-NC-SA 4.0): non-commercial use only" in said


def naughty() -> list[str]:
    own = [
        "#panic()",
        "$x$ *b* _i_ `raw` @ref <label> \\ // /* */",
        '"#eval(1)"',
        "x" * 5000,
        "từ " * 2000,
        "\u202eđảo",
        "a\x00b",
    ]
    return [*strings(), *own]


@pytest.mark.timeout(600)
def test_no_string_breaks_the_page(fake: Built) -> None:
    given = naughty()
    assert len(given) > 400
    base = fake.primary
    for start in range(0, len(given), 12):
        names = (given[start : start + 12] * 12)[:12]
        result = base.result.assign(name=names, province_name=names[0], province_code="70")
        coverage = base.coverage.assign(
            operator=base.coverage["operator"].map({"Viettel": names[0], "VNPT": names[-1]})
        )
        built, units = with_list(fake, result=result, coverage=coverage)
        inputs = [{**one, "publisher": names[0], "licence": names[1]} for one in fake.manifest["inputs"]]
        built = replace(built, manifest={**built.manifest, "name": names[0], "inputs": inputs})
        press = open_press(built, units, made_on=DAY)
        for number, code in enumerate(codes_of(press.tables)):
            values = brief_values(press, code, LANGUAGES[number % 2])
            said = read(set_page(values))
            assert code in said
            if number == 0:
                assert fit_of(values)["fits"], names


def test_markup_in_a_name_is_shown_letter_for_letter(fake: Built) -> None:
    names = ["#panic() $x^2$ *b* `raw` @ref <label> \\ [c]"] * 12
    built, units = with_list(fake, result=fake.primary.result.assign(name=names, kind="xã"))
    assert names[0] in read(brief_pdf(open_press(built, units, made_on=DAY), "25001", "en"))


def crowded(fake: Built) -> Press:
    """Long names, twelve goals that all fail, twenty operators on four technologies of three kinds, long sources."""
    base, long = fake.primary, "Xã Nguyễn Văn Trường Thịnh Vượng " * 40
    goals = base.goals.assign(outcome="fail", deficit=1.0)
    extra = pd.concat(
        [
            goals[goals["dimension"] == "5g"].assign(dimension=f"own{n}", reason=f"own{n}_below_goal")
            for n in range(9)
        ]
    )
    coverage = pd.concat(
        [
            base.coverage[base.coverage["operator"] == "Viettel"].assign(operator=f"{long} {n}", evidence=kind, technology=t)
            for n in range(20) for kind in ("declared", "measured", "modelled") for t in ("2G", "3G", "4G", "5G")
        ]
    ).drop_duplicates()  # fmt: skip
    reasons = [
        [
            *goals["reason"].dropna().unique(),
            *(f"own{n}_below_goal" for n in range(9)),
            "mobile_falling_behind",
        ]
    ] * 12
    result = base.result.assign(
        name=long, district_name=long, province_name=long, province_code="70", reasons=reasons
    )
    built, units = with_list(fake, result=result, goals=pd.concat([goals, extra]), coverage=coverage)
    inputs = [
        {**fake.manifest["inputs"][0], "publisher": f"{long} {n}", "licence": "CC BY-NC-SA 4.0"}
        for n in range(20)
    ]
    return open_press(
        replace(built, manifest={**built.manifest, "name": long, "inputs": inputs}), units, made_on=DAY
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_fullest_page_is_still_one_and_says_what_it_leaves_out(fake: Built, language: Language) -> None:
    press = crowded(fake)
    values = brief_values(press, "25008", language)
    fit = fit_of(values)
    assert fit["fits"]
    assert fit["size"] < 10
    said = read(set_page(values))
    more = "dòng nữa trên trang" if language == "vi" else "more on the unit's page"
    assert said.count(more) >= 3
    assert "sha256" in said


def test_an_ordinary_page_keeps_its_size(sample: Built) -> None:
    press = open_press(sample, sample.primary, made_on=DAY)
    sizes = [fit_of(brief_values(press, code, "vi"))["size"] for code in codes_of(press.tables)[::6]]
    assert min(sizes) >= 8.5


def test_the_zip_holds_a_page_per_unit_under_names_that_every_system_takes(fake: Built) -> None:
    press = open_press(fake, fake.primary, made_on=DAY)
    gaps = codes_of(press.tables, "gap")
    assert 0 < len(gaps) < 12
    with zipfile.ZipFile(io.BytesIO(briefs_zip(press, gaps, "vi"))) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert len(set(names)) == len(gaps)
        assert all(re.fullmatch(r"[a-z0-9-]{1,90}\.pdf", name) for name in names)
        for name, code in zip(names, gaps, strict=True):
            assert code in name
            assert code in read(archive.read(name))


def test_units_whose_codes_differ_in_signs_alone_take_no_place_of_each_other(
    fake: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    press = open_press(fake, fake.primary, made_on=DAY)
    labels = dict.fromkeys(("A/1", "A-1", "a_1", "中", "国"), "xã Một")
    named = replace(press, tables=replace(press.tables, labels=labels))
    monkeypatch.setattr("layers.brief_pdf.brief_pdf", lambda _press, code, _language: code.encode())
    with zipfile.ZipFile(io.BytesIO(briefs_zip(named, labels, "vi"))) as archive:
        assert len(set(archive.namelist())) == len(labels)
        assert [archive.read(name).decode() for name in archive.namelist()] == list(labels)


@pytest.mark.parametrize(
    ("label", "code", "name"),
    [
        ("xã Bù Gia Mập", "25222", "xa-bu-gia-map-25222.pdf"),
        ("phường Đồng Xoài", "25210", "phuong-dong-xoai-25210.pdf"),
        ("../../etc/passwd", "1", "etc-passwd-1.pdf"),
        ("中文", "7", "unit-7.pdf"),
        ("x" * 500, "../9", f"{'x' * 60}-9.pdf"),
        ("x", "9" * 500, f"x-{'9' * 60}.pdf"),
    ],
)
def test_names_of_files(label: str, code: str, name: str) -> None:
    assert file_name(label, code) == name


@pytest.mark.parametrize(
    ("given", "printed"),
    [
        ("Bù  Gia\nMập\t", "Bù Gia Mập"),
        ("Hoa\u0300 Bi\u0300nh", "Hoà Bình"),
        ("\u202eabc\u2066", "abc"),
        ("a\x00\x1b[31mb", "a[31mb"),
        ("\ud83d", ""),
        ("e" + "\u0301\u0302\u0303\u0304\u0305\u0306", "é\u0302\u0303\u0304"),
        ("x" * 20, "x" * 9 + "…"),
    ],
)
def test_text_for_paper(given: str, printed: str) -> None:
    assert on_paper(given, 10) == printed


def test_an_unknown_code_is_refused(fake: Built) -> None:
    with pytest.raises(KeyError, match="99999"):
        brief_pdf(open_press(fake, fake.primary, made_on=DAY), "99999", "vi")
