"""GeoPackage, FlatGeobuf, zipped Shapefile, KML and KMZ through GDAL: by the one driver each, from a file of our own naming.

Called in a confined process (`geo.confined`) in which no other driver is loaded.
"""

import sqlite3
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from geo.archive import extract_member, list_members, member_stem
from geo.errors import InputError
from geo.quality import listed

OGR_FAULTS: Final = (
    pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FeatureError,
    pyogrio.errors.FieldError, pyogrio.errors.GeometryError, shapely.errors.GEOSException, UnicodeDecodeError,
)  # fmt: skip
OGR_SUFFIXES: Final = (".gpkg", ".fgb", ".zip", ".kml", ".kmz")
_SIGNATURES: Final = {".gpkg": (b"SQLite format 3\0", "a GeoPackage"), ".fgb": (b"fgb", "a FlatGeobuf file")}
_SHAPEFILE_PARTS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_MOST_NAMED: Final = 40
_NEEDED_PARTS: Final = (".shp", ".shx", ".dbf")


def read_ogr(path: Path, layer: str | None) -> gpd.GeoDataFrame:
    """Features of one layer; raises `InputError` when the file is not what its ending says, or holds several layers."""
    with tempfile.TemporaryDirectory(prefix="layer-") as folder:
        if path.suffix.lower() == ".zip":
            return _read_layer(_extract_shapefile(path, Path(folder), layer), path.name, None)
        return _read_layer(_plain_file(path, Path(folder)), path.name, layer)


def layer_names(path: Path) -> tuple[list[str], bool]:
    """The layers with shapes, and whether the file has others; raises `InputError` as `read_ogr` does."""
    if path.suffix.lower() == ".zip":
        return _shapefile_stems(path), False
    with tempfile.TemporaryDirectory(prefix="layer-") as folder:
        layers = _layers(_plain_file(path, Path(folder)), path.name)
    names = [name for name, shape in layers if shape]
    return names, len(names) < len(layers)


def _plain_file(path: Path, folder: Path) -> Path:
    """The file that GDAL opens, looked at before: a KMZ is unpacked."""
    suffix = path.suffix.lower()
    if suffix in (".kml", ".kmz"):
        plain = path if suffix == ".kml" else _only_kml(path, folder)
        _require_plain_kml(plain, path.name)
        return plain
    _require_signature(path, suffix)
    if suffix == ".gpkg":
        _require_plain_database(path)
    return path


def _require_signature(path: Path, suffix: str) -> None:
    signature, what = _SIGNATURES[suffix]
    with path.open("rb") as stream:
        if not stream.read(len(signature)).startswith(signature):
            raise InputError(
                f"{path.name}: its content is not {what}; give it the ending of what it is, or export it again"
            )


def _require_plain_database(path: Path) -> None:
    """Refuse a database with tables that are computed by code: they can read other files."""
    try:
        with closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        ) as database:
            made = [
                str(row[0]) for row in database.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
            ]
    except sqlite3.Error as fault:
        raise InputError(
            f"{path.name}: cannot be opened as a GeoPackage ({fault}); export it again"
        ) from fault
    virtual = [text for text in made if text.upper().lstrip().startswith("CREATE VIRTUAL")]
    odd = [text for text in virtual if "USING RTREE" not in " ".join(text.upper().split())]
    if odd:
        raise InputError(
            f"{path.name}: holds a virtual table ({odd[0]!r:.80}); wanted plain tables: export the layer again"
        )


def read_shapefile_table(path: Path) -> pd.DataFrame:
    """The columns of a zipped Shapefile without its shapes."""
    with tempfile.TemporaryDirectory(prefix="layer-") as folder:
        try:
            table = pyogrio.read_dataframe(_extract_shapefile(path, Path(folder), None), read_geometry=False)
        except OGR_FAULTS as fault:
            raise InputError(f"{path.name}: not a zipped shapefile ({fault}); fetch it again") from fault
    return pd.DataFrame(table)


def _shapefile_stems(path: Path) -> list[str]:
    members = list_members(path, _SHAPEFILE_PARTS)
    stems = list(dict.fromkeys(member_stem(one) for one in members if one.filename.lower().endswith(".shp")))
    if not stems:
        raise InputError(f"{path.name}: the archive holds no .shp file; wanted a zipped Shapefile")
    return stems


def _extract_shapefile(path: Path, folder: Path, layer: str | None) -> Path:
    """The .shp of one layer, its other parts beside it, all under names of our own."""
    stem = _choose(_shapefile_stems(path), layer, path.name)
    members = list_members(path, _SHAPEFILE_PARTS)
    parts: dict[str, Path] = {}
    for member in members:
        suffix = Path(member.filename).suffix.lower()
        if member_stem(member) == stem:
            if suffix in parts:
                raise InputError(
                    f"{path.name}: holds two files {stem}{suffix}; pack one Shapefile without folders"
                )
            parts[suffix] = extract_member(path, member, folder / f"layer{suffix}")
    missing = [suffix for suffix in _NEEDED_PARTS if suffix not in parts]
    if missing:
        raise InputError(
            f"{path.name}: {stem} lacks its {', '.join(missing)}; pack all files of the Shapefile"
        )
    return parts[".shp"]


def _choose(names: Sequence[str], wanted: str | None, source: str) -> str:
    if wanted is None and len(names) > 1:
        raise InputError(
            f"{source}: holds {len(names)} layers ({listed(names, _MOST_NAMED)}); say which with --layer NAME"
        )
    if wanted is not None and wanted not in names:
        raise InputError(
            f"{source}: cannot be opened: no layer {wanted!r}; it holds {listed(names, _MOST_NAMED)}"
        )
    return wanted or names[0]


def _only_kml(path: Path, folder: Path) -> Path:
    members = list_members(path, (".kml",))
    if len(members) != 1:
        raise InputError(f"{path.name}: holds {len(members)} .kml files; wanted one: export it again")
    return extract_member(path, members[0], folder / "doc.kml")


def _require_plain_kml(path: Path, source: str) -> None:
    text = path.read_bytes()
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise InputError(
            f"{source}: declares a document type, which KML does not need and attacks use; export it again"
        )
    if b"<kml" not in text and "<kml".encode("utf-16-le") not in text:
        raise InputError(
            f"{source}: its content is not KML; give it the ending of what it is, or export it again"
        )


def _layers(path: Path, source: str) -> list[tuple[str, bool]]:
    """Name of each layer and whether it has shapes."""
    try:
        found = [(str(name), kind is not None) for name, kind in pyogrio.list_layers(path)]
    except OGR_FAULTS as fault:
        raise _unopened(fault, path, source) from fault
    if not found:
        raise InputError(f"{source}: holds no layer; export it again")
    return found


def _read_layer(path: Path, source: str, layer: str | None) -> gpd.GeoDataFrame:
    chosen = _choose([name for name, _ in _layers(path, source)], layer, source)
    try:
        frame = pyogrio.read_dataframe(path, layer=chosen)
    except OGR_FAULTS as fault:
        raise _unopened(fault, path, source) from fault
    if not isinstance(frame, gpd.GeoDataFrame):
        raise InputError(f"{source}: the layer has no geometry; wanted a layer of features with coordinates")
    return frame


def _unopened(fault: Exception, path: Path, source: str) -> InputError:
    said = str(fault).replace(str(path), source)
    return InputError(
        f"{source}: cannot be opened ({said}); check the file and its ending, or export it again"
    )
