"""The bundled sample in Chromium, as a new user meets it: open, switch, click, read, download; nothing asked of the outside."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely

from geo.pipeline import build
from geo.workspace import load_workspace
from tests.browser import REPO, Visit, chromium_path, serve, visit

pytestmark = pytest.mark.browser

BU_GIA_MAP = "25222"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the bundled sample, built."""
    chromium_path()
    root = tmp_path_factory.mktemp("sample") / "binh_phuoc"
    shutil.copytree(REPO / "data" / "binh_phuoc", root, ignore=shutil.ignore_patterns("built", ".built*"))
    build(load_workspace(root))
    return root


@pytest.fixture(scope="module")
def result(workspace: Path) -> gpd.GeoDataFrame:
    return gpd.read_parquet(workspace / "built" / "communes.parquet").set_index("unit_code")


@pytest.fixture
def seen(browser: Any, workspace: Path, tmp_path: Path) -> Iterator[Visit]:
    with serve(workspace, tmp_path / "app.log") as address, visit(browser, address) as found:
        yield found


def _click_inside(seen: Visit, shape: Any) -> None:
    place = shapely.point_on_surface(shape)
    seen.click_unit(place.y, place.x)


def test_from_the_first_map_to_a_valid_geojson(seen: Visit, result: gpd.GeoDataFrame, tmp_path: Path) -> None:
    state = seen.wait_map("Object.keys(s.classes).length === 40")
    seen.settle()
    assert seen.page.get_by_text("Dữ liệu minh hoạ, ranh giới gần đúng").count() > 0

    painted = state["paints"]
    seen.choose("Chỉ tiêu tô màu", "Tải xuống di động")
    state = seen.wait_map(f"s.paints > {painted}")
    assert len(set(state["classes"].values())) > 1

    _click_inside(seen, result.geometry[BU_GIA_MAP])
    seen.page.wait_for_selector(f'section.vl-panel[data-code="{BU_GIA_MAP}"]')
    seen.settle()
    panel = seen.page.inner_text(f'section.vl-panel[data-code="{BU_GIA_MAP}"]')
    row = result.loc[BU_GIA_MAP]
    # figures are cut, never rounded up to a goal
    speed = f"{int(row['mobile_download_mbps'] * 10) / 10:.1f}".replace(".", ",")
    assert "Bù Gia Mập" in panel
    assert "Vùng lõm" in panel
    assert f"{speed} Mbps" in panel
    assert f"{int(row['rank'])}/40" in panel

    with seen.page.expect_download() as download:
        seen.press(seen.page.get_by_role("button", name="Tải GeoJSON", exact=True))
    file = tmp_path / "communes.geojson"
    download.value.save_as(file)
    _require_valid(json.loads(file.read_text(encoding="utf-8"), parse_constant=_refuse), result)
    assert seen.outside == []
    assert seen.complaints == []


def test_own_indicators_and_modelled_coverage_show_in_the_sample(seen: Visit) -> None:
    seen.wait_map("Object.keys(s.classes).length === 40")
    seen.choose("Chỉ tiêu tô màu", "Người trưởng thành chưa có kỹ năng số cơ bản")
    seen.wait_map("s.indicator === 'indicator:nguoi_truong_thanh_chua_co_ky_nang_so_co_ban'")
    # the chart follows the map
    seen.page.wait_for_selector("text=Người trưởng thành chưa có kỹ năng số cơ bản: tương quan hạng")
    seen.page.wait_for_selector("text=Ở chỉ tiêu này, càng thấp càng tốt.")
    seen.settle()
    seen.choose("Chỉ tiêu bổ sung", "Người dân dùng dịch vụ số")
    seen.page.wait_for_selector(".vl-scatter >> text=Người dân dùng dịch vụ số: tương quan hạng")
    assert seen.state()["indicator"] == "indicator:nguoi_truong_thanh_chua_co_ky_nang_so_co_ban"
    seen.page.wait_for_selector("[data-testid=stVegaLiteChart] svg.marks")
    seen.choose("Lớp vùng phủ sóng", "4G")
    # six claims and the towns
    seen.wait_map("s.overlays.length === 7")
    seen.settle()
    assert "Viettel 4G · tính bằng mô hình, không xét địa hình" in seen.page.inner_text(".vl-legend")


def _refuse(constant: str) -> float:
    raise ValueError(constant)


def _require_valid(document: dict[str, Any], result: gpd.GeoDataFrame) -> None:
    """What RFC 7946 asks for, with shapely's own words on winding and validity, and the built table's figures."""
    assert document["type"] == "FeatureCollection"
    assert "crs" not in document
    assert document["metadata"]["illustrative"] is True
    assert {feature["id"] for feature in document["features"]} == set(result.index)
    for feature in document["features"]:
        shape = shapely.from_geojson(json.dumps(feature["geometry"]))
        assert shape.is_valid
        assert all(polygon.exterior.is_ccw for polygon in shapely.get_parts(shape))
        assert feature["properties"]["verdict"] == result["verdict"][feature["id"]]
        assert feature["properties"]["people"] == pytest.approx(result["people"][feature["id"]], abs=1e-6)
