"""The formats of deliverables: how each is prepared, written, and read back."""

import os
from pathlib import Path
from typing import Final

from geo import export_csv, export_files, export_geojson, export_kml, export_xlsx
from geo.export_rows import Deliverable

FORMATS: Final = ("geojson", "gpkg", "kml", "csv", "xlsx", "parquet")
_IN_MEMORY: Final = {"geojson": export_geojson, "csv": export_csv, "kml": export_kml, "xlsx": export_xlsx}
_PREPARE: Final = {
    "geojson": export_geojson.rounded,
    "kml": export_kml.prepared,
    "csv": export_csv.flattened,
    "xlsx": export_xlsx.flattened,
}


def prepared(deliverable: Deliverable, fmt: str) -> Deliverable:
    """The deliverable as this format can carry it."""
    return _PREPARE[fmt](deliverable) if fmt in _PREPARE else deliverable


def write_and_check(deliverable: Deliverable, fmt: str, data: Path, *, source: str) -> None:
    """Write a `prepared` deliverable to `data` and read it back; raises `ExportError`, naming it `source`."""
    if fmt == "gpkg":
        export_files.write_gpkg(deliverable, data)
        export_files.check_gpkg(data, deliverable, source=source)
    elif fmt == "parquet":
        export_files.write_parquet(deliverable, data)
        export_files.check_parquet(data, deliverable, source=source)
    else:
        module = _IN_MEMORY[fmt]
        data.write_bytes(module.encode(deliverable))
        module.check(data.read_bytes(), deliverable, source=source)
    with data.open("rb+") as stream:
        os.fsync(stream.fileno())
