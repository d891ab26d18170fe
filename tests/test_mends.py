"""Mess in files: every kind is recognised, refused with its rows and the mend, mended when asked, and breaking is undone."""

import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from geo.errors import CrsError, InputError
from geo.mend_coordinates import settle
from geo.mend_frame import mend_frame
from geo.mend_text import compose, unescape, unscramble, unscramble_all
from geo.mends import MOST_FINDINGS, Mend, Mess, conclude, mends_text, name_rows, parse_mends
from geo.points_table import read_points_table
from geo.quality import Severity
from geo.schema import VIETNAMESE_VINTAGES, Level
from geo.table_text import decode_text, find_separator
from geo.unit_lists import units
from geo.unit_table import open_table

REGION = (106.4, 11.3, 107.5, 12.3)
GOOD = "name,class,lat,lon\nLộc Ninh,town,11.85,106.59\nĐồng Xoài,town,11.53,106.89\n"
TONES = "\u0300\u0301\u0303\u0309\u0323"
NAMES = sorted(
    {unit.full_name for vintage in VIETNAMESE_VINTAGES for level in Level for unit in units(vintage, level)}
)


def as_cp1258(text: str) -> bytes:
    """Vietnamese as Windows writes it: tone marks after their letter where there is no letter with both."""
    found = b""
    for letter in compose(text):
        try:
            found += letter.encode("cp1258")
        except UnicodeEncodeError:
            parts = unicodedata.normalize("NFD", letter)
            base = compose("".join(part for part in parts if part not in TONES))
            found += (base + "".join(part for part in parts if part in TONES)).encode("cp1258")
    return found


def _replaced(*pairs: tuple[str, str]) -> bytes:
    text = GOOD
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text.encode()


def _misread(page: str) -> bytes:
    return GOOD.replace("Lộc Ninh", "Lộc Ninh".encode().decode(page)).encode()


def _metres(epsg: int) -> bytes:
    x, y = Transformer.from_crs(4326, epsg, always_xy=True).transform([106.59, 106.89], [11.85, 11.53])
    return _replaced(("11.85,106.59", f"{y[0]:.3f},{x[0]:.3f}"), ("11.53,106.89", f"{y[1]:.3f},{x[1]:.3f}"))


MESSES = [
    # file, kind, rows that are named, what the message shows of it
    (_replaced(("11.85,106.59", "106.59,11.85")), "swapped", [1], "longitude 11.85, latitude 106.59"),
    (_replaced(("11.85,106.59", '"11,85","106,59"')), "decimal_comma", [1], "longitude 106,59, latitude 11,85"),
    (_replaced(("11.53,106.89", "11.53,10689")), "shifted", [2], "longitude 10689, latitude 11.53"),
    (_replaced(("11.53,106.89", "1153,10689")), "shifted", [2], "longitude 10689, latitude 1153"),
    (_replaced(("Lộc Ninh", "L<U+1ED9>c Ninh")), "escapes", [1], "'L<U+1ED9>c Ninh' for 'Lộc Ninh'"),
    (_replaced(("Lộc Ninh", "L\\u1ed9c Ninh")), "escapes", [1], "for 'Lộc Ninh'"),
    (_misread("cp1252"), "mojibake", [1], "'Lá»™c Ninh' for 'Lộc Ninh'"),
    (_misread("cp1258"), "mojibake", [1], "for 'Lộc Ninh'"),
    (_misread("latin-1"), "mojibake", [1], "for 'Lộc Ninh'"),
    (as_cp1258(GOOD).decode("cp1252").encode(), "mojibake", [1, 2], "for 'Lộc Ninh'"),
    (GOOD.encode() + GOOD.encode().split(b"\n")[1] + b"\n", "duplicates", [3], "a copy"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "kind", "rows", "seen"), MESSES)
def test_each_mess_is_refused_by_name_and_mended_when_asked(
    tmp_path: Path, content: bytes, kind: str, rows: list[int], seen: str
) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_bytes(GOOD.encode())
    bad.write_bytes(content)
    with pytest.raises(InputError) as told:
        read_points_table(bad, region=REGION)
    message = str(told.value)
    assert message.startswith(f"bad.csv: {kind}: ")
    assert name_rows(rows) in message
    assert seen in message
    assert f"--mend {kind}" in message
    wanted, notes = read_points_table(good, region=REGION)
    mended, findings = read_points_table(bad, mends=parse_mends(kind), region=REGION)
    pd.testing.assert_frame_equal(pd.DataFrame(mended), pd.DataFrame(wanted))
    assert notes == []
    assert [(f.severity, f.code, f.row) for f in findings] == [
        (Severity.WARNING, f"mended_{kind}", row) for row in rows
    ]
    assert all(finding.done for finding in findings)


def test_what_is_wrong_together_is_said_together_and_mended_together(tmp_path: Path) -> None:
    file = tmp_path / "all.csv"
    row = 'L<U+1ED9>c Ninh;town;"106,59";"11,85"\n'
    file.write_text("name;class;vĩ độ;kinh độ\n" + row * 2, encoding="utf-8")
    with pytest.raises(
        InputError, match=r"--mend escapes --mend duplicates --mend decimal_comma --mend swapped"
    ):
        read_points_table(file, region=REGION)
    mends = parse_mends("swapped,decimal_comma,escapes,duplicates")
    points, findings = read_points_table(file, mends=mends, region=REGION)
    assert (points["name"].tolist(), points.geometry.iloc[0].coords[0]) == (["Lộc Ninh"], (106.59, 11.85))
    assert {f.code for f in findings} == {"separator", *(f"mended_{kind}" for kind in mends)}


@pytest.mark.parametrize("turned", [False, True])
def test_metres_without_a_crs_are_refused_with_the_zones_of_the_region(tmp_path: Path, turned: bool) -> None:
    file = tmp_path / "m.csv"
    text = _metres(9212)
    file.write_bytes(text.replace(b"lat,lon", b"lon,lat") if turned else text)
    with pytest.raises(
        InputError, match=r"missing_crs: .*rows 1, 2 .*--crs; in this region lie .*100% with EPSG:9212"
    ):
        read_points_table(file, region=REGION)
    with pytest.raises(InputError, match="VN-2000 by province"):
        read_points_table(file)
    if turned:
        with pytest.raises(InputError, match=r"swapped: easting and northing .*--mend swapped"):
            read_points_table(file, crs="EPSG:9212", region=REGION)
    points, _ = read_points_table(file, crs="EPSG:9212", mends=parse_mends("swapped"), region=REGION)
    np.testing.assert_allclose(
        points.get_coordinates().to_numpy(), [[106.59, 11.85], [106.89, 11.53]], atol=1e-7
    )


def test_a_crs_in_metres_for_degrees_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(GOOD, encoding="utf-8")
    with pytest.raises(CrsError, match="in metres, but the coordinates are degrees"):
        read_points_table(tmp_path / "a.csv", crs="EPSG:9212")


@pytest.mark.parametrize("text", ["Ä�á»“ng Nai", "Äá»“ng Xoài"])
def test_letters_that_are_lost_cannot_be_mended(text: str) -> None:
    frame = gpd.GeoDataFrame({"name": [text]}, geometry=[shapely.Point(1, 2)], crs=4326)
    with pytest.raises(
        InputError, match=r"mojibake: .* in row 1 .*letters are lost there and cannot be brought back"
    ):
        mend_frame(frame, [Mend.MOJIBAKE], source="a", region=None)


# ---- no sound text is called mess, and every listed name survives being broken


def test_no_name_of_any_list_is_taken_for_mess() -> None:
    forms = {
        form(name)
        for name in NAMES
        for form in (str, str.upper, lambda text: unicodedata.normalize("NFD", text))
    }
    assert [text for text in forms if unscramble_all([text])[text] != text] == []
    assert unescape("<U+D800> <U+0007> a<b>") == "<U+D800> <U+0007> a<b>"


@pytest.mark.parametrize("page", ["sloppy-windows-1252", "sloppy-windows-1258", "latin-1"])
def test_every_name_read_in_the_wrong_code_page_comes_back(page: str) -> None:
    assert [name for name in NAMES if unscramble(name.encode().decode(page)) != name] == []


def test_windows_1258_read_as_1252_comes_back_for_a_whole_column() -> None:
    broken = {as_cp1258(name).decode("sloppy-windows-1252"): name for name in NAMES}
    mended = unscramble_all(broken)
    assert [text for text, name in broken.items() if mended[text] != name] == []


@given(st.lists(st.sampled_from(NAMES), min_size=1))
def test_escapes_come_back(names: list[str]) -> None:
    for name in names:
        assert unescape("".join(c if c.isascii() else f"<U+{ord(c):04X}>" for c in name)) == name


PLACES = st.lists(
    st.tuples(
        st.decimals(min_value="106.4001", max_value="107.4999", places=4),
        st.decimals(min_value="11.3001", max_value="12.2999", places=4),
    ),
    min_size=1,
)
BREAKS: dict[Mend, Callable[[str, str], tuple[str, str]]] = {
    Mend.SWAPPED: lambda x, y: (y, x),
    Mend.DECIMAL_COMMA: lambda x, y: (x.replace(".", ","), y.replace(".", ",")),
    Mend.SHIFTED: lambda x, y: (x.replace(".", ""), y),
}


@given(PLACES, st.sampled_from(sorted(BREAKS)), st.data())
def test_mending_undoes_breaking(
    places: list[tuple[object, object]], kind: Mend, data: st.DataObject
) -> None:
    good = [(str(x), str(y)) for x, y in places]
    which = data.draw(st.lists(st.booleans(), min_size=len(good), max_size=len(good)))
    broken = [BREAKS[kind](*row) if hit else row for row, hit in zip(good, which, strict=True)]
    x, y = (pd.Series(column, dtype=object) for column in zip(*broken, strict=True))
    settled = settle(x, y, np.arange(1, len(good) + 1), REGION)
    wanted = np.array(good, dtype=float)
    np.testing.assert_allclose(np.column_stack([settled.x, settled.y]), wanted, atol=1e-12)
    rows = [number for number, hit in enumerate(which, start=1) if hit]
    assert [(mess.kind, list(mess.rows)) for mess in settled.messes] == ([(str(kind), rows)] if rows else [])


@given(st.floats(-180, 180), st.floats(-89.9, 89.9))
def test_a_point_in_its_own_region_is_never_mess(x: float, y: float) -> None:
    settled = settle(pd.Series([x]), pd.Series([y]), np.array([1]), (x, y, x, y))
    assert (settled.x[0], settled.y[0], settled.messes) == (x, y, ())


# ---- polygons


def _swap(shape: shapely.Geometry) -> shapely.Geometry:
    return shapely.transform(shape, lambda points: points[:, ::-1])


@pytest.mark.parametrize(
    ("box", "region"),
    [
        (shapely.box(106.5, 11.4, 106.6, 11.5), None),  # a latitude of 106 says enough
        (
            shapely.box(1.3, 38.9, 1.4, 39.0),
            (1.2, 38.8, 1.7, 39.2),
        ),  # 38.9, 1.3 is somewhere, but not on Ibiza
    ],
)
def test_exchanged_axes_of_polygons(
    box: shapely.Geometry, region: tuple[float, float, float, float] | None
) -> None:
    good = gpd.GeoDataFrame({"name": ["a", "b"]}, geometry=[box, box], crs=4326)
    bad = good.set_geometry(gpd.GeoSeries([box, _swap(box)], crs=4326))
    with pytest.raises(InputError, match=r"x\.geojson: swapped: .* in row 2 .*--mend swapped"):
        mend_frame(bad, (), source="x.geojson", region=region)
    mended, findings = mend_frame(bad, [Mend.SWAPPED], source="x.geojson", region=region)
    assert mended.geometry.geom_equals(good.geometry).all()
    assert [(f.code, f.row) for f in findings] == [("mended_swapped", 2)]
    assert mend_frame(good, [Mend.SWAPPED], source="x.geojson", region=region)[1] == []


def test_only_the_columns_that_are_used_are_looked_at() -> None:
    frame = gpd.GeoDataFrame({"name": ["a"], "other": ["Lá»™c"]}, geometry=[shapely.Point(1, 2)], crs=4326)
    assert mend_frame(frame, (), source="x", region=None, columns=["name"])[1] == []
    with pytest.raises(InputError, match="mojibake"):
        mend_frame(frame, (), source="x", region=None)


def test_nfd_is_composed_and_counted() -> None:
    name = unicodedata.normalize("NFD", "Lộc Ninh")
    frame = gpd.GeoDataFrame({"name": [name, "A"]}, geometry=[shapely.Point(1, 2)] * 2, crs=4326)
    mended, (note,) = mend_frame(frame, (), source="x", region=None)
    assert mended["name"].tolist() == ["Lộc Ninh", "A"]
    assert (note.severity, note.code, note.message[:6]) == (Severity.NOTE, "nfc", "1 rows")


def test_a_frame_without_a_crs() -> None:
    metres = gpd.GeoDataFrame({"name": ["a"]}, geometry=[shapely.box(538_000, 1_310_000, 539_000, 1_311_000)])
    with pytest.raises(InputError, match=r"missing_crs: .* in row 1 .*EPSG:9212"):
        mend_frame(metres, list(Mend), source="x.zip", region=REGION)
    degrees = gpd.GeoDataFrame({"name": ["a"]}, geometry=[shapely.Point(106.6, 11.6)])
    with pytest.raises(CrsError, match="does not say which coordinate reference system"):
        mend_frame(degrees, list(Mend), source="x.zip", region=REGION)


# ---- encodings and separators


@pytest.mark.parametrize(
    ("encode", "code"),
    [
        (lambda text: text.encode(), None),
        (lambda text: text.encode("utf-8-sig"), None),
        (lambda text: text.encode("utf-16"), "encoding"),
        (lambda text: b"\xfe\xff" + text.encode("utf-16-be"), "encoding"),
        (lambda text: text.encode("utf-16-le"), "encoding"),
        (lambda text: text.encode("utf-16-be"), "encoding"),
    ],
)
def test_unicode_is_read_and_anything_but_utf8_is_noted(
    encode: Callable[[str], bytes], code: str | None
) -> None:
    text, notes = decode_text(encode(GOOD), "a.csv", frozenset())
    assert text == GOOD
    assert [note.code for note in notes] == ([code] if code else [])


@pytest.mark.parametrize(
    ("raw", "kind"),
    [(as_cp1258(GOOD), "windows-1258"), ("name,x\nCafé,1\n".encode("cp1252"), "windows-1252")],
)
def test_an_older_code_page_is_named_and_read_only_when_said(raw: bytes, kind: str) -> None:
    with pytest.raises(
        InputError, match=rf"not UTF-8 text \(byte \d+\); it may be {kind}, in which it reads .*--mend {kind}"
    ):
        decode_text(raw, "a.csv", frozenset())
    text, (finding,) = decode_text(raw, "a.csv", parse_mends(kind))
    assert text in (GOOD, "name,x\nCafé,1\n")
    assert finding.code == f"mended_{kind}"


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("a,b\n1,2", ","),
        ("a;b\n1,5;2,5", ";"),
        ("a\tb\n1\t2", "\t"),
        ("kinh độ;tên, loại\n1;x", ";"),
        ('"a;b",c\n1,2', ","),
        ("a\n1", ","),
        ("sep=;\na,b;c\n1,2;3", ";"),
    ],
)
def test_the_separator_is_the_one_that_cuts_rows_alike(tmp_path: Path, text: str, separator: str) -> None:
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    notes = open_table(tmp_path / "a.csv").findings
    assert [note.code for note in notes] == ([] if separator == "," else ["separator"])


def test_two_separators_that_both_fit_are_asked_about(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("a;b,c\n1;2,5\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"may be separated by comma or by semicolon.*--mend semicolon"):
        open_table(file)
    table = open_table(file, mends=parse_mends("semicolon"))
    assert table.frame.to_numpy().tolist() == [["1", "2,5"]]
    assert [finding.code for finding in table.findings] == ["mended_semicolon"]
    assert find_separator("a;b\n1;2", "x") == ";"


def test_blank_rows_are_counted_and_ragged_rows_all_named(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text('a,b\n\n1,2\n,\n"x, y\nz",4\n\n', encoding="utf-8")
    table = open_table(file)
    assert (table.rows, table.frame.to_numpy().tolist()) == ((2, 4), [["1", "2"], ["x, y\nz", "4"]])
    assert [note.message for note in table.findings] == ["2 blank rows (rows 1, 3)"]
    file.write_text("a,b\n1,2\n1,2,3\n5\n9,9,9\n", encoding="utf-8")
    with pytest.raises(
        InputError, match=r"data row 2 has 3 cells, the header 2; so have rows 3, 4 other numbers"
    ):
        open_table(file)


@pytest.mark.parametrize(
    ("raw", "match"),
    [
        (b"a,b\n1,\x00\n", "NUL"),
        (b"\xff\xfea", "not whole UTF-16 text"),
        (",".join(f"c{n}" for n in range(1001)).encode() + b"\n1\n", "1001 columns; wanted at most 1000"),
        (b"a\n" + b"1\n" * 200_001, "more than 200,000 rows"),
    ],
)
def test_other_text_is_refused(tmp_path: Path, raw: bytes, match: str) -> None:
    (tmp_path / "a.csv").write_bytes(raw)
    with pytest.raises(InputError, match=match):
        open_table(tmp_path / "a.csv")


# ---- choosing


def test_mends_travel_as_text() -> None:
    assert mends_text([Mend.SWAPPED, Mend.EPOCH, Mend.SWAPPED]) == "epoch,swapped"
    assert parse_mends("epoch, swapped") == {Mend.EPOCH, Mend.SWAPPED}
    assert parse_mends(None) == parse_mends("") == frozenset()
    with pytest.raises(InputError, match=re.escape("no mend all; wanted of swapped, decimal_comma")):
        parse_mends("all")


def test_many_rows_are_counted_and_not_all_listed() -> None:
    mess = Mess("swapped", "wrong", range(1, 1001), ["x"] * 1000, "done")
    findings = conclude([mess, None], [Mend.SWAPPED], source="a")
    assert len(findings) == MOST_FINDINGS + 1
    assert "in 1000 rows in all" in findings[-1].message
