"""The data page as a data steward meets it: upload, findings read, build with progress, stop, undo, switch, real boundaries."""

import json
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import shapely

from geo.files import one_at_a_time
from geo.pipeline import build
from geo.results import read_manifest
from geo.store import BUILD_LOCK
from geo.workspace import load_workspace
from geo.workspaces import EDITABLE_VARIABLE, FOLDERS_VARIABLE
from tests.browser import MAPS, Visit, chromium_path, serve, visit
from tests.fault_server import Site
from tests.fault_server import serve as serve_site
from tests.files import SQUARES, add_scene, feature, new_scene, snapshot, succeed, write_geojson, write_scene
from tests.mirror import add_dong_nai
from tests.test_browser_access import grave_faults, settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
REPO = Path(__file__).resolve().parents[1]
JOB_MS = 240_000


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """A publisher with nothing on its shelves yet."""
    with serve_site(Site()) as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of workspaces: the sample, and the three squares."""
    made = tmp_path_factory.mktemp("data")
    # without what somebody built here before
    left_out = shutil.ignore_patterns(".history", ".built*")
    shutil.copytree(REPO / "data" / "binh_phuoc", made / "ws" / "binh_phuoc", ignore=left_out)
    files = write_scene(made / "scene")
    new_scene(made / "ws" / "ba_o", files.units)
    add_scene(made / "ws" / "ba_o", files)
    build(load_workspace(made / "ws" / "ba_o"))
    build(load_workspace(made / "ws" / "binh_phuoc"))
    return made


@pytest.fixture(scope="module")
def address(folder: Path, site: Site) -> Iterator[str]:
    chromium_path()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FOLDERS_VARIABLE, str(folder / "ws"))
        patch.setenv("VUNGLOM_MIRROR_VN2025", site.url)
        patch.setenv("VUNGLOM_FETCH_PAUSE_S", "0.01")
        with serve(folder / "ws" / "binh_phuoc", folder / "app.log") as found:
            yield found


def press(seen: Visit, name: str) -> None:
    seen.press(seen.page.get_by_role("button", name=name, exact=True))


def wait_for(seen: Visit, words: str, timeout_ms: int = 60_000) -> None:
    seen.page.get_by_text(words).first.wait_for(timeout=timeout_ms)


def wait_gone(seen: Visit, words: str) -> None:
    seen.page.get_by_text(words).first.wait_for(state="detached", timeout=60_000)


def fill(seen: Visit, label: str, words: str) -> None:
    box = seen.page.get_by_label(label, exact=True)
    box.fill(words)
    box.press("Tab")
    seen.settle()


def give_file(seen: Visit, path: Path) -> None:
    """Put a file into the one box there is; one of the run before stays until the new run has ended."""
    seen.page.wait_for_function("document.querySelectorAll('input[type=file]').length === 1")
    seen.page.locator("input[type=file]").set_input_files(str(path))
    seen.settle()


def upload_coverage(seen: Visit, path: Path, words: dict[str, str]) -> None:
    """Put a coverage file into the box and fill in what is asked; `words`: labels in the page's language."""
    give_file(seen, path)
    fill(seen, words["operator"], "MobiFone")
    fill(seen, words["as_of"], "2026-10-31")
    press(seen, words["add"])


VI = {"operator": "Nhà mạng", "as_of": "Đúng đến ngày", "add": "Kiểm tra và thêm"}
EN = {"operator": "Operator", "as_of": "Holds for the day", "add": "Check and add"}


def test_inputs_and_findings_are_read_map_and_table_choose_for_each_other(browser: Any, address: str) -> None:
    with visit(browser, f"{address}/?page=data") as seen:
        wait_for(seen, "Số liệu được tính từ đâu")
        table = seen.page.locator("table.vl-inputs")
        table.wait_for()
        seen.settle()
        said = table.inner_text()
        for words in (
            "Vùng Lõm (ranh giới gần đúng",
            "MIT",
            "nhà mạng công bố",
            "30/9/2026",
            "sha256",
            "cấp xã, từ 30/4/2026",
        ):
            assert words in said
        with seen.page.expect_download() as waiting:
            press(seen, "Tải bảng đầu vào (CSV)")
        lines = Path(waiting.value.path()).read_text(encoding="utf-8-sig").splitlines()
        assert lines[0].startswith("kind,about,file,sha256,publisher,licence,date")
        seen.press(seen.page.get_by_role("radio", name="Phát hiện", exact=True))
        state = seen.wait_map("s.indicator === 'finding_severity'")
        seen.settle()
        assert "view=findings" in seen.page.url
        seen.press(seen.page.get_by_role("button", name="Cảnh báo", exact=True))
        seen.settle()
        assert "severity=warning" in seen.page.url
        seen.click_cell(16, 38 + 17)
        state = seen.wait_map("s.selected !== null")
        card = seen.page.locator("section.vl-finding")
        card.wait_for()
        seen.settle()
        assert "Nên làm gì" in card.inner_text()
        assert "Thêm các quý đo khác" in card.inner_text()
        seen.settle()
        assert f"unit={state['selected']}" in seen.page.url
        assert "finding=" in seen.page.url
        link = seen.page.url
        seen.press(seen.page.get_by_role("radio", name="English"))
        seen.page.locator("section.vl-finding", has_text="What to do").wait_for()
    with visit(browser, link) as other:
        other.wait_map(f"s.selected === '{state['selected']}'")
        other.settle()
        assert "Nên làm gì" in other.page.locator("section.vl-finding").inner_text()


def test_a_click_on_the_map_chooses_the_finding_on_a_phone(browser: Any, address: str) -> None:
    with visit(
        browser, f"{address}/?page=data&view=findings&lang=en&severity=warning", width=390, height=844
    ) as seen:
        seen.wait_map("s.indicator === 'finding_severity'")
        seen.settle()
        seen.wait_drawn()
        seen.page.locator(MAPS).scroll_into_view_if_needed()
        place = seen.frame.evaluate(
            "(() => { let at = null; window.map.eachLayer(l => { if (l.feature && l.options.fillColor === '#f3b33d' && !at)"
            " { const c = l.getBounds().getCenter(); at = [c.lat, c.lng]; } }); return at; })()"
        )
        seen.click_unit(*place)
        seen.page.locator("section.vl-finding", has_text="Too few tests").wait_for()
        seen.settle()
        width = seen.page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
        assert width == 390


def test_a_steward_uploads_builds_and_goes_back_while_another_looks_on(
    browser: Any, address: str, folder: Path
) -> None:
    root = folder / "ws" / "ba_o"
    before = read_manifest(root)
    with (
        visit(browser, f"{address}/?page=data&workspace=ba_o&view=add") as seen,
        visit(browser, f"{address}/?page=data&workspace=ba_o&lang=en") as other,
    ):
        wait_for(seen, "Tải tệp của bạn lên")
        wait_for(other, "What the figures are made of")
        other.settle()
        hostile = folder / "..<img src=x onerror=alert(1)>`${1}` phủ sóng.geojson"
        shutil.copy(folder / "scene" / "mobifone.geojson", hostile)
        # the build waits until both have seen the job: on a quick machine it would be over before another page looks
        with one_at_a_time(root, BUILD_LOCK):
            upload_coverage(seen, hostile, VI)
            wait_for(seen, "mọi người vẫn xem kết quả cũ")
            wait_for(other, "everybody sees the old results")
        wait_for(seen, "Xong sau", JOB_MS)
        wait_for(other, "Done after", JOB_MS)
        after = read_manifest(root)
        assert len(after["inputs"]) == len(before["inputs"]) + 1
        assert after["inputs"][-1]["files"][0]["name"] == "img_src_x_onerror_alert_1_1_phủ_sóng.geojson"
        seen.settle()
        seen.press(seen.page.get_by_role("radio", name="Đầu vào", exact=True))
        wait_for(seen, "31/10/2026")
        press(seen, "Về kết quả trước")
        wait_for(seen, "Đã về kết quả tính lúc")
        assert read_manifest(root) == before
        # the sentence stands above the table, which comes later in the same run
        seen.settle()
        assert "31/10/2026" not in seen.page.locator("table.vl-inputs").inner_text()
        press(seen, "Về kết quả trước")
        seen.page.locator("table.vl-inputs", has_text="31/10/2026").wait_for()
        assert read_manifest(root) == after


def test_a_bad_file_changes_nothing_and_says_so_on_a_phone(browser: Any, address: str, folder: Path) -> None:
    root = folder / "ws" / "ba_o"
    bad = folder / "bad.geojson"
    bad.write_text("<html>404</html>", encoding="utf-8")
    before = snapshot(root)
    with visit(
        browser, f"{address}/?page=data&workspace=ba_o&view=add&lang=en", width=390, height=844
    ) as seen:
        wait_for(seen, "Upload a file of yours")
        upload_coverage(seen, bad, EN)
        wait_for(seen, "Cannot use bad.geojson.", JOB_MS)
        wait_for(seen, "Nothing was changed.")
        assert "Traceback" not in seen.page.inner_text("body")
        assert seen.page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") == 390
    assert snapshot(root) == before


def test_a_build_is_stopped_and_the_workspace_switched(browser: Any, address: str, folder: Path) -> None:
    root = folder / "ws" / "binh_phuoc"
    built_at = read_manifest(root)["built_at"]
    with visit(browser, f"{address}/?page=data&lang=en") as seen:
        wait_for(seen, "What the figures are made of")
        seen.settle()
        # held up, so that it cannot end before it is stopped; stopping in the middle of the work is tested with the jobs
        with one_at_a_time(root, BUILD_LOCK):
            press(seen, "Build the results")
            wait_for(seen, "everybody sees the old results")
            press(seen, "Stop")
            wait_for(seen, "Stopped as asked. Nothing was changed.")
        assert read_manifest(root)["built_at"] == built_at
        assert not list(root.glob(".built-*"))
        press(seen, "Close")
        wait_gone(seen, "Stopped as asked.")
        seen.choose("Workspace", "ba_o")
        wait_for(seen, "Ba ô")
        seen.settle()
        assert "workspace=ba_o" in seen.page.url
        seen.press(seen.page.get_by_role("radio", name="Map", exact=True))
        assert len(seen.wait_map("Object.keys(s.classes).length === 3")["classes"]) == 3
        seen.settle()
        assert "workspace=ba_o" in seen.page.url
        seen.page.go_back()
        wait_for(seen, "What the figures are made of")


def test_a_workspace_that_there_is_not_is_said_and_no_path_is_followed(
    browser: Any, address: str, folder: Path
) -> None:
    for name in ("khong_co", "../scene", str(folder / "scene"), "ba_o/../ba_o"):
        with visit(browser, f"{address}/?page=data&workspace={name}") as seen:
            wait_for(seen, "Không có bộ dữ liệu tên")
            wait_for(seen, "Bình Phước cũ")


def test_from_the_sample_to_real_boundaries_in_one_click(
    browser: Any, address: str, folder: Path, site: Site, real: Path
) -> None:
    sample = folder / "ws" / "binh_phuoc"
    before = snapshot(sample)
    with visit(browser, address) as seen:
        seen.wait_map()
        seen.settle()
        press(seen, "Dùng ranh giới thật của Thành phố Đồng Nai")
        wait_for(seen, "Không lấy được từ nơi phát hành", JOB_MS)
        assert [path.name for path in (folder / "ws").iterdir() if not path.name.startswith(".")] in (
            ["binh_phuoc", "ba_o"],
            ["ba_o", "binh_phuoc"],
        )
        add_dong_nai(site, real)
        press(seen, "Dùng ranh giới thật của Thành phố Đồng Nai")
        seen.page.locator("h1", has_text="Vùng Lõm · Thành phố Đồng Nai").wait_for(timeout=JOB_MS)
        seen.settle()
        assert "workspace=thanh_pho_dong_nai" in seen.page.url
        assert "vietnamese-provinces-database" in seen.page.locator("table.vl-inputs").inner_text()
        seen.press(seen.page.get_by_role("radio", name="Bản đồ", exact=True))
        assert len(seen.wait_map("Object.keys(s.classes).length === 95")["classes"]) == 95
    assert snapshot(sample) == before


def test_own_data_in_three_steps(browser: Any, address: str, folder: Path) -> None:
    with visit(browser, f"{address}/?page=data&view=own&lang=en", width=390, height=844) as seen:
        wait_for(seen, "Use your own data in three steps")
        fill(seen, "Name of the workspace", "../../Tỉnh của tôi <b>")
        seen.press(seen.page.get_by_role("radio", name="Upload a boundary file"))
        seen.settle()
        give_file(seen, folder / "scene" / "units.geojson")
        seen.page.get_by_label("Column with codes").wait_for()
        seen.settle()
        press(seen, "Check and make")
        # what another visitor's job came to may stand there until then
        wait_for(seen, "The codes in units.geojson are not of the list of units that was chosen.", JOB_MS)
        wait_for(seen, "Nothing was changed.")
        assert not (folder / "ws" / "tinh_cua_toi_b").exists()
        # the file is still in its box
        seen.choose("List of units", "own list")
        seen.settle()
        press(seen, "Check and make")
        seen.page.locator("h1", has_text="../../Tỉnh của tôi <b>").wait_for(timeout=JOB_MS)
        seen.settle()
        assert "workspace=tinh_cua_toi_b" in seen.page.url
        made = folder / "ws" / "tinh_cua_toi_b"
        assert read_manifest(made)["lists"][0]["units"] == 3
        seen.press(seen.page.get_by_role("radio", name="Add data", exact=True))
        wait_for(seen, "Upload a file of yours")
        upload_coverage(seen, folder / "scene" / "viettel.geojson", EN)
        wait_for(seen, "s: Add viettel.geojson → build the results.", JOB_MS)
        assert len(read_manifest(made)["inputs"]) == 2


@pytest.mark.parametrize(("view", "theme"), [("findings", "light"), ("add", "dark"), ("own", "light")])
def test_every_part_of_the_page_is_open_to_all(browser: Any, address: str, view: str, theme: str) -> None:
    with visit(browser, f"{address}/?page=data&view={view}&lang=en&unit=25396", theme=theme) as seen:
        settled(seen)
        faults = [fault for frame in seen.page.frames for fault in grave_faults(frame)]
        assert faults == []
        levels = seen.page.evaluate(
            "[...document.querySelectorAll('[data-testid=stMain] :is(h1,h2,h3,h4)')].map((h) => Number(h.tagName[1]))"
        )
        assert levels[0] == 1
        assert all(after - before <= 1 for before, after in pairwise(levels)), levels


def test_a_border_line_becomes_the_filter_of_the_map(browser: Any, address: str, folder: Path) -> None:
    root = folder / "ws" / "ba_o"
    west, south, _, north = shapely.union_all([*SQUARES.values()]).bounds
    line = write_geojson(
        folder / "biên giới.geojson", [feature(shapely.LineString([(west, south), (west, north)]))]
    )
    far = write_geojson(folder / "far.geojson", [feature(shapely.LineString([(0, 0), (1, 1)]))])
    with visit(browser, f"{address}/?page=data&workspace=ba_o&view=add") as seen:
        wait_for(seen, "Tải tệp của bạn lên")
        seen.choose("Tệp là gì", "Đường biên giới")
        wait_for(seen, "Chương trình đo đơn vị nào giáp đường ấy")
        fill(seen, "Đường và ranh giới lệch nhau tối đa (mét)", "50")
        give_file(seen, line)
        fill(seen, "Nơi phát hành", "Sở Ngoại vụ")
        press(seen, "Kiểm tra và thêm")
        wait_for(seen, "đơn vị giáp biên giới, dọc theo", JOB_MS)
        seen.settle()
        [held] = load_workspace(root).of_kind("indicator")
        assert (held.options["id"], held.options["vintage"], held.provenance.publisher) == (
            "border",
            "other",
            "Sở Ngoại vụ",
        )
        # the map's filter knows it now
        seen.page.goto(f"{address}/?workspace=ba_o&where=border%3Dyes")
        seen.wait_map("s.dimmed.length === 2")
        seen.settle()
        assert "giáp biên giới" in seen.page.inner_text("[data-testid=stMain]")
    before = snapshot(root)
    with visit(
        browser, f"{address}/?page=data&workspace=ba_o&view=add&lang=en", width=390, height=844
    ) as seen:
        wait_for(seen, "Upload a file of yours")
        seen.choose("What the file is", "Border line")
        wait_for(
            seen,
            "The new table takes the place of the border table there is (Giáp biên giới · border-other-commune.csv)",
        )
        give_file(seen, far)
        press(seen, "Check and add")
        wait_for(seen, "The line lies farther from every unit’s outline than allowed", JOB_MS)
        wait_for(seen, "Nothing was changed.")
        assert seen.page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") == 390
    assert snapshot(root) == before


def test_a_read_only_server_shows_and_changes_nothing(
    browser: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(EDITABLE_VARIABLE, "0")
    monkeypatch.setenv(FOLDERS_VARIABLE, str(folder / "ws"))
    with (
        serve(folder / "ws" / "binh_phuoc", folder / "read_only.log") as address,
        visit(browser, f"{address}/?page=data&view=add") as seen,
    ):
        wait_for(seen, "Máy chủ này chỉ cho xem")
        seen.page.locator("table.vl-inputs").wait_for()
        seen.settle()
        body = seen.page.inner_text("body")
        for words in ("Tính lại kết quả", "Về kết quả trước", "Thêm dữ liệu", "Dùng ranh giới thật"):
            assert words not in body
        assert seen.page.locator("input[type=file]").count() == 0
    assert json.loads(succeed("undo", folder / "ws" / "binh_phuoc", "--list", "--json"))["states"] == []
