"""What one `add` adds: patterns → files → groups that make one input each, with its options and provenance."""

import glob
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from geo.admission import Group
from geo.errors import CallError, VunglomError
from geo.indicators import Figures
from geo.input_options import quarter_and_network
from geo.inputs import NamedFile
from geo.mends import mends_text
from geo.sources import ookla
from geo.workspace import Provenance

VECTOR_GLOBS: Final = ("*.geojson", "*.json", "*.gpkg", "*.fgb", "*.parquet", "*.zip", "*.kml")
TILE_GLOBS: Final = ("**/*.parquet", "**/*.zip")
POINT_GLOBS: Final = (*VECTOR_GLOBS, "*.csv", "*.xlsx")
SITE_GLOBS: Final = ("*.csv", "*.csv.gz", "*.zip")
RASTER_GLOBS: Final = ("*.tif", "*.tiff", "*.geotiff")
TABLE_GLOBS: Final = ("*.csv", "*.xlsx", "*.parquet")


class Kind(StrEnum):
    """What `add` adds."""

    BOUNDARIES = "boundaries"
    SPEED = "speed"
    COVERAGE = "coverage"
    POPULATION = "population"
    FRICTION = "friction"
    PLACES = "places"
    SITES = "sites"
    INDICATOR = "indicator"


_PLACE_OPTIONS: Final = (
    ("label", "label"), ("class", "class_column"), ("lat", "lat_column"), ("lon", "lon_column"), ("sheet", "sheet"),
    ("crs", "crs"),
)  # fmt: skip
"""Option of a places input, argument of the call."""


def globs_of(kind: str) -> tuple[str, ...]:
    """Which files of a folder are of a kind; of one that is none of `add`, files of outlines."""
    globs: dict[str, tuple[str, ...]] = {
        Kind.SPEED: TILE_GLOBS, Kind.PLACES: POINT_GLOBS, Kind.SITES: SITE_GLOBS, Kind.INDICATOR: TABLE_GLOBS,
        Kind.POPULATION: RASTER_GLOBS, Kind.FRICTION: RASTER_GLOBS,
    }  # fmt: skip
    return globs.get(kind, VECTOR_GLOBS)


def mend_option(given: dict[str, Any]) -> dict[str, str]:
    """The option `mend` of an input, from the arguments of a call; none where nothing is to be mended."""
    return {"mend": mends_text(given["mend"])} if given["mend"] else {}


def find_files(patterns: list[str], globs: tuple[str, ...]) -> list[NamedFile]:
    """Files named by paths, globs (`**` goes down) and folders, sorted, each once; raises when one names nothing."""
    found: dict[Path, None] = {}
    for pattern in patterns:
        path = Path(pattern)
        if path.is_dir():
            matches = sorted({file for wanted in globs for file in path.glob(wanted) if _is_given(file)})
        elif path.exists():
            matches = [path]
        else:
            matches = sorted(
                Path(match)
                for match in glob.glob(pattern, recursive=True)  # noqa: PTH207 - the pattern may be absolute
                if Path(match).is_file()
            )
        if not matches:
            raise VunglomError(
                f"{pattern}: no such file, and no file matches it; check the path (quote a glob so that the shell leaves it alone)"
            )
        found.update(dict.fromkeys(matches))
    return [NamedFile(path, path.name) for path in found]


def _is_given(file: Path) -> bool:
    """Whether a file of a folder is the user's: what systems put beside files (`._a.geojson` on macOS) is hidden."""
    return file.is_file() and not file.name.startswith(".")


def boundary_options(given: dict[str, Any]) -> dict[str, Any]:
    """The options of a boundaries input, from the arguments of a call; those left empty are left out."""
    names = (
        "code",
        "label",
        "district_code",
        "district_name",
        "province_code",
        "province_name",
        "declared_area",
        "layer",
        "crs",
        "code_width",
    )
    options = {name: given[name] for name in names if given[name]} | mend_option(given)
    if given["kind_column"]:
        options["kind"] = given["kind_column"]
    return {**options, "vintage": str(given["vintage"]), "level": str(given["level"])}


def group_files(
    kind: Kind, found: list[NamedFile], given: dict[str, Any], provenance: Provenance
) -> list[Group]:
    """Which files make one input: all of a list of boundaries together, every other file by itself."""
    if kind is Kind.BOUNDARIES:
        _require_options(given, kind, ("code", "label"))
        return [(found, boundary_options(given), provenance)]
    if kind is Kind.SPEED:
        _require_options(given, kind, ("network",))
        return [_speed_group(file, given, provenance) for file in found]
    if kind is Kind.COVERAGE:
        _require_options(given, kind, ("operator", "technology", "evidence", "as_of"))
        options = {
            name: str(given[name])
            for name in ("operator", "technology", "evidence", "as_of", "layer", "crs")
            if given[name]
        } | mend_option(given)
        return [([file], options, provenance) for file in found]
    if kind is Kind.SITES:
        options = {name: str(given[name]) for name in ("as_of", "operator") if given[name]} | mend_option(
            given
        )
        return [([file], options, provenance) for file in found]
    if kind in (Kind.POPULATION, Kind.FRICTION):
        if len(found) > 1:
            raise CallError(
                f"{len(found)} {kind} rasters were given, wanted one; merge them first (rio merge)"
            )
        return [(found, {}, provenance)]
    if kind is Kind.INDICATOR:
        return [_indicator_group(found, given, provenance)]
    options = {name: given[source] for name, source in _PLACE_OPTIONS if given[source]} | mend_option(given)
    return [([file], options, provenance) for file in found]


def _speed_group(file: NamedFile, given: dict[str, Any], provenance: Provenance) -> Group:
    asked = {"network": str(given["network"]), **({"quarter": given["quarter"]} if given["quarter"] else {})}
    quarter, network = quarter_and_network(file.name, str(file.path.resolve()), asked)
    known = provenance
    if ookla.network_of(str(file.path.resolve())) and not provenance.publisher:
        known = Provenance(
            ookla.PUBLISHER, ookla.LICENCE, provenance.date or ookla.quarter_end(quarter), ookla.CITATION
        )
    return [file], {"network": str(network), "quarter": quarter}, known


INDICATOR_TEXTS: Final = (
    "name", "id", "unit", "better", "by", "figures", "code_column", "name_column", "value_column", "province_column", "province",
    "district_column", "weight", "decimal", "sheet",
)  # fmt: skip


def _indicator_group(found: list[NamedFile], given: dict[str, Any], provenance: Provenance) -> Group:
    # yes or no has no unit
    unit = () if given["figures"] == Figures.YES_NO else ("unit",)
    _require_options(given, Kind.INDICATOR, ("name", *unit, "better", "by"))
    if len(found) > 1:
        raise CallError(f"{len(found)} tables were given, wanted one: each indicator has a name of its own")
    given = {**given, "id": given["own_id"]}
    said = {name: given[name] for name in INDICATOR_TEXTS if given[name]}
    # 0 is a goalpost like any other
    posts = {name: float(given[name]) for name in ("goal", "worst") if given[name] is not None}
    width = {"code_width": given["code_width"]} if given["code_width"] else {}
    units = {"vintage": str(given["vintage"]), "level": str(given["level"])}
    return (
        found,
        {
            **{name: str(value) for name, value in said.items()},
            **posts,
            **width,
            **units,
            **mend_option(given),
        },
        provenance,
    )


def _require_options(given: dict[str, Any], kind: Kind, names: tuple[str, ...]) -> None:
    missing = [f"--{name.replace('_', '-')}" for name in names if not given[name]]
    if missing:
        raise CallError(f"add … {kind} needs {', '.join(missing)} as well; see vunglom add --help")
