"""The only writer of deliverables: every file is written beside its place, read back, checked, then moved in.

A sidecar `<file>.meta.json` goes with each file: sources with sha256, licences, dates, method, list of units, the
meaning of every column, and whether the data are illustrative.
"""

import hashlib
import json
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyogrio.errors

from geo import export_csv, export_geojson
from geo.errors import CallError, ExportError
from geo.export_columns import LAYER_COLUMNS
from geo.export_formats import FORMATS, prepared, write_and_check
from geo.export_layers import LAYERS, described_layer, filtered_layer, select_layer
from geo.export_meta import describe
from geo.export_rows import Deliverable, typed
from geo.files import require_place, write_atomically
from geo.results import Built, UnitList
from geo.unit_filter import UnitFilter


@dataclass(frozen=True)
class ExportReport:
    """What was written: two paths, the rows, the data file's size and sha256, and what rounding did to shapes."""

    out: Path
    sidecar: Path
    layer: str
    fmt: str
    units: str | None
    rows: int
    size_bytes: int
    sha256: str
    reshaped: tuple[str, ...] = ()
    largest_area_change_km2: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain values for scripts (`--json`)."""
        return {
            **asdict(self),
            "out": str(self.out),
            "sidecar": str(self.sidecar),
            "reshaped": [*self.reshaped],
        }


def communes_geojson(
    unit_list: UnitList, manifest: dict[str, Any], *, where: UnitFilter | None = None
) -> bytes:
    """The result table as GeoJSON (RFC 7946) of the units that meet `where`, already read back and checked; raises `ExportError`."""
    deliverable = export_geojson.rounded(filtered_layer("communes", unit_list, manifest, where))
    content = export_geojson.encode(deliverable)
    export_geojson.check(content, deliverable, source="communes.geojson")
    return content


def communes_csv(unit_list: UnitList, manifest: dict[str, Any], *, where: UnitFilter | None = None) -> bytes:
    """The result table without shapes as CSV for Excel, as `communes_geojson`."""
    deliverable = export_csv.flattened(filtered_layer("communes", unit_list, manifest, where))
    content = export_csv.encode(deliverable)
    export_csv.check(content, deliverable, source="communes.csv")
    return content


def export_layer(
    built: Built,
    layer: str,
    fmt: str,
    out: Path,
    *,
    units: str | None = None,
    where: UnitFilter | None = None,
) -> ExportReport:
    """Write one layer and its sidecar; on any failure neither is left behind and older files stay as they were.

    `layer` and `fmt` as in `LAYERS`; `units` names a list of units (the first by default), `where` which of them. Raises `CallError` where
    the call cannot be met, `NotBuiltError` where the workspace has no such input, `ExportError` where the file could not be
    written or was not read back as promised.
    """
    _require_offered(layer, fmt, out)
    return _export(select_layer(built, layer, units, where), fmt, out)


def export_what_if(
    frame: Any, layer: str, fmt: str, out: Path, *, built: Built, units: UnitList, said: dict[str, Any]
) -> ExportReport:
    """Write a layer that is not of the build (`geo.plan_columns`), as `export_layer` does; `said` joins its metadata."""
    _require_place(fmt, out)
    columns = LAYER_COLUMNS[layer]
    metadata = {**describe(layer, frame.columns, built.manifest, units), layer: said}
    return _export(Deliverable(layer, typed(frame, columns), columns, metadata), fmt, out)


def export_rollup(built: Built, unit_list: UnitList, table: pd.DataFrame, out: Path) -> ExportReport:
    """Write a roll-up of a list (`geo.rollups`, and its column `withheld`) as CSV with its sidecar, checked like any layer."""
    _require_place("csv", out)
    return _export(described_layer("rollup", table, built.manifest, unit_list), "csv", out)


def _export(layer: Deliverable, fmt: str, out: Path) -> ExportReport:
    deliverable = prepared(layer, fmt)
    try:
        with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as staging:
            data = Path(staging) / f"data.{fmt}"
            write_and_check(deliverable, fmt, data, source=out.name)
            report = _report(deliverable, fmt, data, out)
            sidecar = Path(staging) / "data.meta.json"
            _write_sidecar(deliverable, report, sidecar)
            _publish(data, sidecar, report)
    except (OSError, pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as fault:
        raise ExportError(
            f"{out}: could not be written ({fault}); nothing was changed. Close the file in other programs, "
            "make sure the folder may be written to and the disk has room, then export again"
        ) from fault
    return report


def _require_offered(layer: str, fmt: str, out: Path) -> None:
    if layer not in LAYERS:
        raise CallError(f"unknown layer {layer!r}; wanted one of {', '.join(LAYERS)}")
    if fmt not in LAYERS[layer]:
        raise CallError(f"layer {layer} is not offered as {fmt!r}; wanted one of {', '.join(LAYERS[layer])}")
    _require_place(fmt, out)


def _require_place(fmt: str, out: Path) -> None:
    named = out.suffix.lower().removeprefix(".")
    if named in FORMATS and named != fmt:
        raise CallError(f"{out}: the name says {named}, the format asked for is {fmt}; make the two agree")
    require_place(out)


def _report(deliverable: Deliverable, fmt: str, data: Path, out: Path) -> ExportReport:
    rounding = deliverable.metadata.get("rounding", {})
    with data.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return ExportReport(
        out=out,
        sidecar=out.with_name(f"{out.name}.meta.json"),
        layer=deliverable.layer,
        fmt=fmt,
        units=deliverable.metadata.get("units", {}).get("list"),
        rows=len(deliverable.frame),
        size_bytes=data.stat().st_size,
        sha256=digest,
        reshaped=tuple(rounding.get("reshaped", ())),
        largest_area_change_km2=rounding.get("largest_area_change_km2"),
    )


def _write_sidecar(deliverable: Deliverable, report: ExportReport, path: Path) -> None:
    """The metadata block and the data file's own sha256, so that a pair that was torn apart can be told."""
    file = {
        "name": report.out.name,
        "format": report.fmt,
        "rows": report.rows,
        "bytes": report.size_bytes,
        "sha256": report.sha256,
    }
    said = {"file": file, **deliverable.metadata}
    text = json.dumps(said, ensure_ascii=False, allow_nan=False, indent=2) + "\n"
    write_atomically(path, text.encode("utf-8"))
    if export_geojson.parse_strictly(path.read_bytes(), source=report.sidecar.name) != json.loads(text):
        raise ExportError(f"{report.sidecar}: was not read back as written; nothing was kept")


def _publish(data: Path, sidecar: Path, report: ExportReport) -> None:
    """Move both files into place; where the second move fails, put the first one's older file back."""
    older = report.sidecar.read_bytes() if report.sidecar.is_file() else None
    sidecar.replace(report.sidecar)
    try:
        data.replace(report.out)
    except OSError:
        if older is None:
            report.sidecar.unlink()
        else:
            write_atomically(report.sidecar, older)
        raise
