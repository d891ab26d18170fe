"""Maps to take home: what the image and the page show and say, hostile names in both, and no request to anybody."""

import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pypdfium2
import pytest
from PIL import Image
from shapely.geometry import box

from geo.errors import CallError
from geo.export_bytes import export_bytes, zip_files
from geo.export_formats import FORMATS
from geo.export_layers import LAYERS, layers_of
from geo.people_sum import people_of_rows
from geo.results import Built
from geo.unit_filter import Bound, Presence, UnitFilter, read_filter
from layers.map_image import map_pdf, map_png, sheet_values
from layers.map_sheet import make_sheet, make_sheets, map_indicators, sheet_lines
from layers.palette import VERDICT_COLOURS
from layers.standalone import METADATA_ID, POLICY, standalone_html
from layers.strings import CATALOGUE, LANGUAGES, Language
from layers.take import file_line, size_text
from tests.fake_built import NASTY_NAMES, fake_built
from tests.naughty import strings

GAPS = UnitFilter(verdicts=("gap",))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return fake_built(tmp_path_factory.mktemp("maps") / "w")


@pytest.fixture(scope="module")
def naughty(built: Built) -> Built:
    """The workspace with as many squares as there are naughty strings, each with one for its name; and one for its own."""
    names = [name for name in (*NASTY_NAMES, *strings()) if name.strip()]
    count, wide = len(names), 14
    rows = built.primary.result.iloc[np.arange(count) % len(built.primary.result)].reset_index(drop=True)
    squares = [
        box(105 + i % wide / 10, 11 + i // wide / 10, 105.1 + i % wide / 10, 11.1 + i // wide / 10)
        for i in range(count)
    ]
    frame = gpd.GeoDataFrame(rows.drop(columns="geometry"), geometry=squares, crs=4326)
    frame = frame.assign(unit_code=[f"{10000 + i}" for i in range(count)], name=names)
    units = replace(built.primary, result=frame, indicators=built.primary.indicators.iloc[:0])
    manifest = {**built.manifest, "name": NASTY_NAMES[2]}
    return replace(built, lists={units.id: units}, manifest=manifest)


def pixels(png: bytes) -> set[str]:
    image = Image.open(io.BytesIO(png)).convert("RGB")
    found = image.getcolors(maxcolors=10**7)
    assert found is not None
    return {"#" + bytes(colour).hex() for count, colour in found if count > 20}  # type: ignore[arg-type]


def pdf_text(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 1
    return " ".join(str(document[0].get_textpage().get_text_range()).split())


# --- the sheet


def test_a_sheet_counts_what_its_filter_lets_in(built: Built) -> None:
    sheet = make_sheet(built, built.primary, "verdict", "vi", GAPS)
    wanted = (built.primary.result["verdict"] == "gap").sum()
    assert sheet.inside.sum() == wanted == sum(line.units for line in sheet.legend)
    assert sheet.metadata["filter"]["units"] == wanted
    people = people_of_rows(sheet.frame[sheet.inside]).known
    assert people == pytest.approx(
        built.primary.result.loc[built.primary.result["verdict"] == "gap", "people"].sum()
    )
    assert f"{wanted} trên 12 đơn vị" in " ".join(sheet_lines(sheet))


def test_the_sum_of_a_filtered_export_is_what_the_page_says(built: Built) -> None:
    wanted = read_filter(["verdict=gap,watch", "people<15000"])
    sheet = make_sheet(built, built.primary, "verdict", "vi", wanted)
    made = export_bytes(built, "communes", "geojson", "a.geojson", where=wanted)
    rows = [feature["properties"] for feature in json.loads(made.data)["features"]]
    assert len(rows) == sheet.inside.sum() == made.report.rows
    assert sum(row["people"] for row in rows) == pytest.approx(
        people_of_rows(sheet.frame[sheet.inside]).known
    )
    assert json.loads(made.sidecar)["filter"] == sheet.metadata["filter"]


def test_a_map_of_nothing_is_refused(built: Built) -> None:
    with pytest.raises(CallError, match="no unit of 2026-04-commune meets the filter"):
        make_sheet(built, built.primary, "verdict", "vi", UnitFilter(bounds=(Bound("people", "<", 1),)))
    with pytest.raises(KeyError):
        make_sheet(built, built.primary, "nothing", "vi")


# --- the image


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_image_shows_classes_hatches_and_says_where_it_is_from(built: Built, language: Language) -> None:
    sheet = make_sheet(built, built.primary, "verdict", language)
    png = map_png(sheet)
    image = Image.open(io.BytesIO(png))
    assert image.width == 1754
    assert {*VERDICT_COLOURS.values(), "#94a3b8"} <= pixels(png)
    said = json.loads(image.text["vunglom"])  # type: ignore[attr-defined]
    assert said["sources"][0]["publisher"] == "Nhà xuất bản <b>"
    assert said["units"]["list"] == "2026-04-commune"
    text = pdf_text(map_pdf(sheet))
    wanted = {
        "vi": ("Bình Thử · Kết luận", "Dữ liệu minh hoạ", "Vùng lõm", "Chưa đủ bằng chứng", "Giấy phép: CC BY 4.0", "10 km", "1/11/2026"),
        "en": ("Bình Thử · Verdict", "Illustrative data", "Gap", "Not enough evidence", "Licence: CC BY 4.0", "10 km", "2026-11-01"),
    }[language]  # fmt: skip
    for one in wanted:
        assert one in text
    assert "Nhà xuất bản <b>" in text
    assert map_png(sheet) == png


def test_the_image_of_a_filter_leaves_the_others_white(built: Built) -> None:
    png = map_png(make_sheet(built, built.primary, "verdict", "vi", GAPS))
    assert str(VERDICT_COLOURS["gap"]) in pixels(png)  # type: ignore[index]
    values = sheet_values(make_sheet(built, built.primary, "verdict", "vi", GAPS))
    assert values["svg"].count('fill="#ffffff"') == 12 - values["svg"].count(str(VERDICT_COLOURS["gap"]))  # type: ignore[index]
    assert any("Ngoài bộ lọc" in note["label"] for note in values["notes"])
    real = replace(built, manifest={**built.manifest, "illustrative": False})
    assert sheet_values(make_sheet(real, real.primary, "verdict", "vi"))["illustrative"] == ""


def test_every_indicator_makes_an_image(built: Built) -> None:
    for indicator in map_indicators(built.primary):
        assert map_png(make_sheet(built, built.primary, indicator.column, "vi")).startswith(b"\x89PNG")


def test_naughty_names_are_text_in_the_image(naughty: Built) -> None:
    said = pdf_text(map_pdf(make_sheet(naughty, naughty.primary, "verdict", "vi")))
    assert "</script><script>window.top.hacked=1</script>" in said


# --- the page that opens by itself


class Asked(HTMLParser):
    """Everything in a page that a browser would fetch."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.found += [
            str(value) for name, value in attrs if name in ("src", "href", "srcset", "data", "action")
        ]


def test_the_page_holds_everything_and_may_ask_for_nothing(built: Built) -> None:
    sheets = make_sheets(built, built.primary, [i.column for i in map_indicators(built.primary)], "vi")
    html = standalone_html(sheets).decode("utf-8")
    assert Asked(html).found == []
    assert not {"link", "img", "iframe", "object"} & set(Asked(html).tags)
    assert POLICY in html
    assert not re.findall(r"url\((?!data:|none|#)", html)
    assert "@import" not in html
    assert "sourceMappingURL" not in html
    assert standalone_html(sheets).decode("utf-8") == html
    said = json.loads(re.findall(rf'id="{METADATA_ID}">(.*?)</script>', html)[0])
    assert said["sources"][0]["licence"] == "CC BY 4.0"
    assert said["indicators"][0] == "verdict"
    for one in (
        "Nhà xuất bản &lt;b&gt;",
        "CC BY 4.0",
        "Dữ liệu minh hoạ",
        'lang="vi"',
        "Mỗi dòng là một đơn vị",
    ):
        assert one in html


def open_file(browser: Any, path: Path, width: int, height: int) -> tuple[Any, list[str], list[str]]:
    """The file in a browser without a network; every request but that for the file itself, and every complaint."""
    context = browser.new_context(viewport={"width": width, "height": height}, offline=True)
    page = context.new_page()
    asked: list[str] = []
    complaints: list[str] = []

    def note_dialog(dialog: Any) -> None:
        complaints.append(dialog.message)
        dialog.dismiss()

    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda fault: complaints.append(str(fault)))
    page.on("dialog", note_dialog)
    context.route(lambda url: not url.startswith("file:"), lambda route: route.abort())
    page.goto(path.as_uri())
    page.wait_for_function("() => window.vunglomState && window.vunglomState.ready", timeout=30_000)
    assert [one for one in asked if one != path.as_uri() and not one.startswith("data:")] == []
    return page, asked, complaints


@pytest.mark.browser
@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
def test_the_page_opens_from_a_disk_with_every_request_blocked(
    browser: Any, built: Built, tmp_path: Path, width: int, height: int
) -> None:
    columns = ["verdict", "mobile_download_mbps"]
    path = tmp_path / "bản đồ.html"
    path.write_bytes(standalone_html(make_sheets(built, built.primary, columns, "vi", GAPS)))
    page, asked, complaints = open_file(browser, path, width, height)
    state = page.evaluate("window.vunglomState")
    inside = built.primary.result["verdict"] == "gap"
    classes = [state["classes"][code] for code in built.primary.result["unit_code"]]
    assert [c == 0 for c in classes] == inside.tolist()
    assert page.locator("[data-indicator=verdict]").is_visible()
    page.get_by_label("Chỉ tiêu tô màu").select_option("mobile_download_mbps")
    page.wait_for_function("() => window.vunglomState.indicator === 'mobile_download_mbps'")
    assert page.locator("[data-indicator=mobile_download_mbps]").is_visible()
    assert not page.locator("[data-indicator=verdict]").is_visible()
    page.locator("summary").click()
    assert page.locator("tbody tr").count() == inside.sum()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    box_of = page.locator(".folium-map").bounding_box()
    page.mouse.move(box_of["x"] + box_of["width"] / 2, box_of["y"] + box_of["height"] / 2)
    page.mouse.wheel(0, -200)
    page.mouse.click(box_of["x"] + box_of["width"] / 2, box_of["y"] + box_of["height"] / 2)
    page.wait_for_timeout(300)
    assert len([one for one in asked if not one.startswith("data:")]) == 1
    assert complaints == []
    page.context.close()


@pytest.mark.browser
def test_naughty_names_stay_names_in_the_page(browser: Any, naughty: Built, tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_bytes(standalone_html(make_sheets(naughty, naughty.primary, ["verdict", "people"], "vi")))
    page, _, complaints = open_file(browser, path, 1366, 768)
    assert page.evaluate("window.hacked") is None
    page.locator("summary").click()
    shown = page.locator("tbody tr td:first-child").all_text_contents()
    assert len(shown) == len(naughty.primary.result)
    plain = [name for name in naughty.primary.result["name"] if name.isprintable()]
    assert len(plain) > 100
    for name in plain:
        assert any(one.endswith(name) for one in shown), name
    for code in naughty.primary.result["unit_code"]:
        assert code in page.evaluate("window.vunglomState.classes")
    first = page.evaluate("window.vunglomSheet.messages.verdict.units['10000'][1]")
    assert first.endswith(NASTY_NAMES[0])
    assert complaints == []
    page.context.close()


# --- in memory


def test_an_export_in_memory_is_the_file_its_sidecar_and_both_in_an_archive(built: Built) -> None:
    made = export_bytes(
        built, "communes", "csv", "a.csv", where=UnitFilter(operators=(Presence("4G", "Viettel"),))
    )
    assert made.sidecar_name == "a.csv.meta.json"
    assert json.loads(made.sidecar)["file"]["bytes"] == len(made.data)
    assert made.zipped() == zip_files({"a.csv": made.data, "a.csv.meta.json": made.sidecar})


def test_sizes_in_words() -> None:
    assert size_text(482_991, "vi") == "472 KB"
    assert size_text(1_300_000, "vi") == "1,2 MB"
    assert size_text(10, "en") == "1 KB"
    assert file_line("a.csv", 2048, 3, "en") == "a.csv · 2 KB · 3 rows · read back and checked"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_layer_and_format_has_a_name_on_the_page(language: Language) -> None:
    keys = [
        *(f"take_{layer}" for layer in LAYERS),
        *(f"take_format_{fmt}" for fmt in FORMATS),
        "take_map_png",
        "take_map_html",
    ]
    assert all(CATALOGUE[language][key] for key in keys)
    assert {key for key in CATALOGUE[language] if key.startswith("take_format_")} == {
        f"take_format_{f}" for f in FORMATS
    }


def test_only_layers_with_something_in_them_are_offered(built: Built) -> None:
    offered = layers_of(built, built.primary)
    assert {"communes", "goals", "coverage_areas", "places", "coverage_by_operator"} <= set(offered)
    assert not {"speed_by_quarter", "contradictions"} & set(offered)
    bare = replace(built, coverage_areas=None, places=None)
    assert not {"coverage_areas", "places"} & set(layers_of(bare, bare.primary))
    for layer in offered:
        fmt = offered[layer][-1]
        assert export_bytes(built, layer, fmt, f"a.{fmt}").data
