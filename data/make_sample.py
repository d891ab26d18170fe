"""Make the bundled sample workspace: `python -m data.make_sample`. The same bytes on every run; see SOURCES.md."""

import argparse
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd

from data.sample_coverage import AS_OF, make_coverage, mark_unserved
from data.sample_files import speed_path, write_geojson, write_grid, write_tiles
from data.sample_indicators import SAMPLE_INDICATORS, border_options, write_border, write_indicators
from data.sample_outlines import Outlines, make_outlines
from data.sample_people import make_grid, make_settlements
from data.sample_places import make_places
from data.sample_sites import make_sites, write_sites
from data.sample_sources import (
    PROVINCE_2024,
    PROVINCE_2026,
    read_legacy,
    read_old_to_new,
    read_units,
)
from data.sample_speed import make_speed
from geo.workspace import Provenance, Workspace, add_input, create_workspace

SAMPLE: Final = Path(__file__).parent / "binh_phuoc"
NAME: Final = "Bình Phước cũ (nay thuộc Đồng Nai) – dữ liệu minh hoạ"
NOTE: Final = "Dữ liệu minh hoạ, ranh giới gần đúng / Illustrative data, approximate boundaries"
MADE_ON: Final = "2026-11-25"

INVENTED: Final = Provenance(
    publisher="Vùng Lõm (số liệu mô phỏng / simulated data)",
    licence="MIT",
    date=MADE_ON,
    citation="Số liệu minh hoạ, không đo đạc, không phải công bố của nhà mạng / "
    "Illustrative figures: not measured, not published by any operator; data/SOURCES.md",
)
APPROXIMATE: Final = Provenance(
    publisher="Vùng Lõm (ranh giới gần đúng / approximate boundaries)",
    licence="MIT",
    date=MADE_ON,
    citation="Tên, mã, diện tích và tâm: vietnamadminunits 1.0.4 (MIT); ranh giới vẽ gần đúng, không đo đạc / "
    "Names, codes, areas and centres: vietnamadminunits 1.0.4 (MIT); outlines: a power diagram, not surveyed; data/SOURCES.md",
)


FROM_THE_PRESS: Final = Provenance(
    publisher="Vùng Lõm (theo báo chí / from the press)",
    licence="MIT",
    date="2026-01-18",
    citation="Báo Đồng Nai 10/10/2025 và 18/01/2026 (tám xã biên giới), Thanh Niên 28/02/2024 (15 xã trước tháng 7/2025); chưa phải danh "
    "mục chính thức / Báo Đồng Nai 2025-10-10 and 2026-01-18 (the eight border communes), Thanh Niên 2024-02-28 (15 before July "
    "2025): no official list; data/SOURCES.md",
)


@dataclass(frozen=True)
class Given:
    """One input of the sample: what `vunglom add` would be told."""

    kind: str
    files: tuple[Path, ...]
    options: dict[str, Any]
    provenance: Provenance


def unit_tables(outlines: Outlines) -> dict[str, gpd.GeoDataFrame]:
    """The three lists with the columns that are written, by file name."""
    units, legacy, districts = outlines.units, outlines.legacy, outlines.districts
    old_province = {"province_code": PROVINCE_2024[0], "province_name": PROVINCE_2024[1]}
    communes = units.assign(province_code=PROVINCE_2026[0], province_name=PROVINCE_2026[1])
    older = legacy.assign(**old_province)
    oldest = districts.assign(**old_province).rename(
        columns={"district_code": "code", "district_name": "name", "district_kind": "kind"}
    )
    province = ["province_code", "province_name"]
    return {
        "communes_2026-04.geojson": communes[["code", "name", "kind", *province, "area_km2", "geometry"]],
        "communes_2024.geojson": older[
            ["code", "name", "kind", "district_code", "district_name", *province, "new_code", "geometry"]
        ],
        "districts_2024.geojson": oldest[["code", "name", "kind", *province, "geometry"]],
    }


def boundary_inputs(outlines: Outlines, folder: Path) -> list[Given]:
    """The lists of units, the one of April 2026 first."""
    names = {"code": "code", "label": "name", "kind": "kind"}
    province = {"province_code": "province_code", "province_name": "province_name"}
    district = {"district_code": "district_code", "district_name": "district_name"}
    options: dict[str, dict[str, str]] = {
        "communes_2026-04.geojson": {
            "vintage": "2026-04", "level": "commune", "declared_area": "area_km2", **names, **province,
        },
        "communes_2024.geojson": {"vintage": "2024", "level": "commune", **names, **province, **district},
        "districts_2024.geojson": {"vintage": "2024", "level": "district", **names, **province},
    }  # fmt: skip
    tables = unit_tables(outlines)
    return [
        Given("boundaries", (write_geojson(tables[name], folder / name, decimals=6),), given, APPROXIMATE)
        for name, given in options.items()
    ]


def invented_inputs(outlines: Outlines, folder: Path) -> list[Given]:
    """People, places, coverage, speed, cell sites and own indicators."""
    settlements = mark_unserved(make_settlements(outlines), outlines)
    grid = make_grid(outlines, settlements)
    places = make_places(outlines, grid)
    coverage = make_coverage(settlements, outlines)
    sites = make_sites(settlements, outlines, coverage)
    speed = make_speed(grid, outlines)
    given = [
        Given("population", (write_grid(grid, folder / "people_minh_hoa.tif"),), {}, INVENTED),
        Given(
            "places",
            (write_geojson(places, folder / "places.geojson", decimals=6),),
            {"class": "class", "label": "name"},
            INVENTED,
        ),
    ]
    for (operator, technology), areas in coverage.items():
        path = folder / f"{operator.lower()}_{technology.lower()}.geojson"
        options = {"operator": operator, "technology": technology, "evidence": "declared", "as_of": AS_OF}
        given.append(Given("coverage", (write_geojson(areas, path, decimals=5),), options, INVENTED))
    for (network, quarter), tiles in speed.items():
        path = write_tiles(tiles, speed_path(folder, network, quarter))
        given.append(Given("speed", (path,), {"network": network, "quarter": quarter}, INVENTED))
    given.append(
        Given("sites", (write_sites(sites, folder / "tram_minh_hoa.csv"),), {"as_of": AS_OF}, INVENTED)
    )
    return given + indicator_inputs(outlines, folder)


def indicator_inputs(outlines: Outlines, folder: Path) -> list[Given]:
    """The three own indicators of the newest list of units, and the border communes of 2024, which lead to both lists."""
    names = dict(zip(outlines.units["code"], outlines.units["name"], strict=True))
    paths = write_indicators(folder, names)
    older = dict(zip(outlines.legacy["code"], outlines.legacy["name"], strict=True))
    return [
        *(
            Given("indicator", (path,), table.options(), INVENTED)
            for path, table in zip(paths, SAMPLE_INDICATORS, strict=True)
        ),
        Given("indicator", (write_border(folder, older),), border_options(), FROM_THE_PRESS),
    ]


def make_sample(root: Path) -> Workspace:
    """A new workspace at `root` with the whole sample in it; raises `WorkspaceError` when one is there already."""
    outlines = make_outlines(read_units(), read_legacy(), read_old_to_new())
    workspace = create_workspace(root, name=NAME, illustrative=True, note=NOTE)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for given in boundary_inputs(outlines, folder) + invented_inputs(outlines, folder):
            workspace = add_input(
                workspace, given.kind, given.files, options=given.options, provenance=given.provenance
            )
    return workspace


def main() -> None:
    """Replace the bundled sample (raw files and workspace.toml) by a fresh one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--out", type=Path, default=SAMPLE, help="folder of the workspace (default: the bundled one)"
    )
    root = parser.parse_args().out
    with tempfile.TemporaryDirectory(dir=root.parent) as temporary:
        fresh = make_sample(Path(temporary) / "sample").root
        if root.exists():
            shutil.rmtree(root)
        fresh.rename(root)
    size = sum(path.stat().st_size for path in root.rglob("*") if path.is_file())
    print(f"{root}: {sum(1 for p in root.rglob('*') if p.is_file())} files, {size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
