"""The rest of `make bench`: a whole build through the command line, outlines for the screen, and the app in Chromium."""

import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas as gpd
import rasterio
from rasterio.transform import from_origin

from geo.inputs import NamedFile, read_boundaries
from geo.workspace import Provenance, add_input, new_workspace
from layers.simplify import display_outlines
from tests.bench_data import Province
from tests.browser import ARGUMENTS, REPO, serve

SAMPLE = REPO / "data" / "binh_phuoc"
UNIT_OPTIONS = {"code": "unit_code", "label": "name", "vintage": "2025-07", "level": "commune"}
SWITCHES = ("Dân số được phủ 4G", "Tải xuống di động", "Kết luận")

Row = tuple[str, float, str]


def write_workspace(province: Province, root: Path, files: Path) -> None:
    """The province as a user would bring it: GeoParquet outlines, tiles, coverage files and a GeoTIFF."""
    units = files / "units.parquet"
    province.units.assign(name="Unit " + province.units["unit_code"]).to_parquet(units)
    read_boundaries([NamedFile(units, units.name)], UNIT_OPTIONS)
    unsaid = Provenance()
    workspace = new_workspace(root, name="bench", sources=[units], options=UNIT_OPTIONS, provenance=unsaid)
    tiles = files / "tiles.parquet"
    province.tiles.drop(columns=["network", "quarter"]).to_parquet(tiles, index=False)
    speed = {"network": "mobile", "quarter": str(province.tiles["quarter"].iloc[0])}
    workspace = add_input(workspace, "speed", [tiles], options=speed, provenance=unsaid)
    for place, claim in enumerate(province.claims.itertuples()):
        file = files / f"coverage{place}.parquet"
        province.claims.iloc[[place]][["geometry"]].to_parquet(file)
        options = {name: getattr(claim, name) for name in ("operator", "technology", "evidence", "as_of")}
        workspace = add_input(workspace, "coverage", [file], options=options, provenance=unsaid)
    raster = _write_raster(province, files / "people.tif")
    add_input(workspace, "population", [raster], options={}, provenance=unsaid)


def _write_raster(province: Province, path: Path) -> Path:
    grid = province.grid
    rows, columns = grid.values.shape
    transform = from_origin(grid.west, grid.north, grid.cell_width, grid.cell_height)
    form = {"driver": "GTiff", "width": columns, "height": rows, "count": 1, "dtype": "float32"}
    with rasterio.open(path, "w", **form, crs="EPSG:4326", transform=transform, compress="deflate") as out:
        out.write(grid.values.astype("float32"), 1)
    return path


def time_build(province: Province) -> list[Row]:
    """`vunglom build` of the province in a process of its own: seconds by the clock and its peak memory."""
    with TemporaryDirectory() as folder:
        files = Path(folder) / "files"
        files.mkdir()
        write_workspace(province, Path(folder) / "workspace", files)
        command = [sys.executable, "-m", "geo", "build", str(Path(folder) / "workspace"), "--quiet"]
        start = time.perf_counter()
        subprocess.run(command, cwd=REPO, check=True)
        seconds = time.perf_counter() - start
    unit = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit / 2**30
    return [
        (
            "whole build, reading and writing included",
            seconds,
            f"peak memory {peak:.2f} GiB; wanted ≤ 10 s, ≤ 1.5 GiB",
        )
    ]


def time_outlines(province: Province) -> list[Row]:
    """The display copy of the country's outlines where they lie beside the project, else of the province's: made, taken again."""
    country = REPO.parent / "shared" / "real" / "vn2025" / "communes.parquet"
    units = gpd.read_parquet(country) if country.is_file() else province.units
    units = units.rename(columns={"code": "unit_code"})
    seconds = []
    with TemporaryDirectory() as folder:
        for _ in range(2):
            start = time.perf_counter()
            display_outlines(units, Path(folder))
            seconds.append(time.perf_counter() - start)
    what = f"outlines of {len(units):,} units for the screen"
    return [
        (f"{what}, made once for the map", seconds[0], "kept beside the app's other browser files"),
        (f"{what}, again for an image or a page", seconds[1], "read back and checked"),
    ]


def time_app() -> list[Row]:
    """The sample in Chromium: start of the server to the first map, first views of a server that runs, a change of indicator."""
    browser_path = next(
        (
            found
            for name in ("chromium", "chromium-browser", "google-chrome")
            if (found := shutil.which(name))
        ),
        None,
    )
    if browser_path is None:
        return [("the app in Chromium", float("nan"), "not measured: no Chromium found")]
    # only a developer's machine has a browser driver
    from playwright.sync_api import sync_playwright

    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=ARGUMENTS)
        browser.new_page().goto("about:blank")
        start = time.perf_counter()
        with serve(SAMPLE, Path(folder) / "log", by_command=True) as address:
            up = time.perf_counter() - start
            first = [_first_view(browser, address) for _ in range(6)]
            switches = sorted(switch_indicators(browser, address))
        browser.close()
    later, middle = sorted(first[1:]), len(switches) // 2
    return [
        (
            "cold start: `vunglom serve` to the first map",
            up + first[0],
            f"answers after {up:.2f} s; wanted ≤ 4 s",
        ),
        ("first map, first visitor of a fresh server", first[0], "wanted ≤ 2 s"),
        ("first map, later visitors (median of 5)", later[2], f"worst {later[-1]:.2f} s; wanted ≤ 2 s"),
        (
            f"change of indicator (median of {len(switches)})",
            switches[middle],
            f"worst {switches[-1]:.2f} s; wanted ≤ 0.3 s",
        ),
    ]


def _painted(page: Any, condition: str = "true") -> None:
    frame = page.wait_for_selector("iframe[title*=st_folium]", state="attached").content_frame()
    frame.wait_for_function(
        f"() => {{ const s = window.vunglomState; return s && s.ready && ({condition}); }}", polling=10
    )


def open_map(page: Any, address: str) -> float:
    """Seconds from the address to the painted map in a page of a browser."""
    start = time.perf_counter()
    page.goto(address, wait_until="commit")
    _painted(page)
    return time.perf_counter() - start


def _first_view(browser: Any, address: str) -> float:
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    seconds = open_map(context.new_page(), address)
    context.close()
    return seconds


def switch_indicators(browser: Any, address: str) -> list[float]:
    """Seconds from the click on an indicator to the painted map, nine times."""
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    page.goto(address)
    _painted(page)
    seconds = []
    for _ in range(3):
        for option in SWITCHES:
            frame = page.query_selector("iframe[title*=st_folium]").content_frame()
            before = frame.evaluate("window.vunglomState.paints")
            page.get_by_role("combobox", name="Chỉ tiêu tô màu").click()
            item = page.get_by_role("option", name=option, exact=True)
            item.wait_for()
            start = time.perf_counter()
            item.click()
            _painted(page, f"s.paints > {before}")
            seconds.append(time.perf_counter() - start)
    page.close()
    return seconds


def cpu_load() -> str:
    """How busy the machine was in the last minute, for a reader to weigh the figures."""
    return f"load average {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "load unknown"
