"""The only writer of deliverables: every file is written beside its place, read back, checked, then moved in.

A sidecar `<file>.meta.json` goes with each file: sources with sha256, licences, dates, method, list of units, the
meaning of every column, and whether the data are illustrative.
"""

import hashlib
import json
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pyogrio.errors

from geo import export_csv, export_geojson
from geo.errors import CallError, ExportError, NotBuiltError
from geo.export_columns import LAYER_COLUMNS
from geo.export_filter import narrow, operator_share_of
from geo.export_formats import FORMATS, prepared, write_and_check
from geo.export_meta import describe
from geo.export_rows import Deliverable, typed
from geo.files import require_place, write_atomically
from geo.results import Built, UnitList
from geo.schema import validate_result
from geo.unit_filter import UnitFilter

_SHAPES: Final = ("geojson", "gpkg", "kml")
_TABLES: Final = ("csv", "xlsx")
LAYERS: Final[dict[str, tuple[str, ...]]] = {
    "communes": (*_SHAPES, *_TABLES, "parquet"),
    **dict.fromkeys(
        ("goals", "sensitivity", "indicators", "coverage_by_operator", "speed_by_quarter", "contradictions"),
        ("gpkg", *_TABLES, "parquet"),
    ),
    "coverage_areas": (*_SHAPES, "parquet"),
    "places": (*_SHAPES, *_TABLES, "parquet"),
}
"""The formats each layer is offered in."""

WITHOUT_UNITS: Final = ("coverage_areas", "places")
"""Layers that belong to no list of units."""


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
    deliverable = export_geojson.rounded(_filtered("communes", unit_list, manifest, where))
    content = export_geojson.encode(deliverable)
    export_geojson.check(content, deliverable, source="communes.geojson")
    return content


def communes_csv(unit_list: UnitList, manifest: dict[str, Any], *, where: UnitFilter | None = None) -> bytes:
    """The result table without shapes as CSV for Excel, as `communes_geojson`."""
    deliverable = export_csv.flattened(_filtered("communes", unit_list, manifest, where))
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
    return _export(_select(built, layer, units, where), fmt, out)


def layers_of(built: Built, unit_list: UnitList) -> dict[str, tuple[str, ...]]:
    """The layers that a list of this workspace has something in, with their formats."""
    tables = _tables_of(unit_list)
    areas = {"coverage_areas": built.coverage_areas, "places": built.places}
    return {
        layer: formats
        for layer, formats in LAYERS.items()
        if layer == "communes"
        or (layer in tables and not tables[layer].empty)
        or areas.get(layer) is not None
    }


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
    return _export(_deliverable("rollup", table, built.manifest, unit_list), "csv", out)


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


def _select(built: Built, layer: str, units: str | None, where: UnitFilter | None) -> Deliverable:
    if layer in WITHOUT_UNITS:
        return _from_areas(built, layer, units, where)
    if units is not None and units not in built.lists:
        raise CallError(f"no list of units {units!r} here; wanted one of {', '.join(built.lists)}")
    unit_list = built.primary if units is None else built.lists[units]
    return _filtered(layer, unit_list, built.manifest, where)


def _filtered(
    layer: str, unit_list: UnitList, manifest: dict[str, Any], where: UnitFilter | None
) -> Deliverable:
    if not where:
        return _from_list(layer, unit_list, manifest)
    _from_list(layer, unit_list, manifest)  # a layer that is not there at all is told as that
    chosen, said = narrow(unit_list, where, operator_share=operator_share_of(manifest))
    if layer != "communes" and _tables_of(chosen)[layer].empty:
        raise CallError(f"layer {layer} says nothing of the {said['units']} units that the filter lets in")
    deliverable = _from_list(layer, chosen, manifest)
    return replace(deliverable, metadata={**deliverable.metadata, "filter": said})


def _from_areas(built: Built, layer: str, units: str | None, where: UnitFilter | None) -> Deliverable:
    if units is not None:
        raise CallError(f"layer {layer} belongs to no list of units; leave {units!r} out")
    if where:
        raise CallError(
            f"layer {layer} belongs to no list of units, so no filter of units can narrow it; leave it out"
        )
    frame = built.coverage_areas if layer == "coverage_areas" else built.places
    if frame is None:
        raise _absent(layer, "coverage" if layer == "coverage_areas" else "places")
    return _deliverable(layer, frame, built.manifest, None)


def _from_list(layer: str, unit_list: UnitList, manifest: dict[str, Any]) -> Deliverable:
    if layer == "communes":
        result = validate_result(unit_list.result)
        return replace(_deliverable(layer, result, manifest, unit_list), id_column="unit_code")
    table = _tables_of(unit_list)[layer]
    if table.empty:
        raise _absent(layer, {"speed_by_quarter": "speed", "indicators": "indicator"}.get(layer, "coverage"))
    if "high" in table.columns:
        # no format but Parquet has an infinity; the column's meaning says what null stands for
        table = table.assign(high=table["high"].replace(np.inf, np.nan))
    return _deliverable(layer, _with_vintage(table, unit_list.vintage), manifest, unit_list)


def _tables_of(unit_list: UnitList) -> dict[str, pd.DataFrame]:
    return {
        "goals": unit_list.goals,
        "sensitivity": unit_list.sensitivity,
        "indicators": unit_list.indicators,
        "coverage_by_operator": unit_list.coverage,
        "speed_by_quarter": unit_list.speed,
        "contradictions": unit_list.contradictions,
    }


def _absent(layer: str, kind: str) -> NotBuiltError:
    return NotBuiltError(
        f"there is no layer {layer}: no {kind} was given; add it with `vunglom add DIR {kind} …`, then build"
    )


def _with_vintage(table: pd.DataFrame, vintage: str) -> pd.DataFrame:
    """The table with the vintage after its code: outside the workspace a code alone means nothing."""
    if "vintage" in table.columns:
        return table
    rest = [name for name in table.columns if name != "unit_code"]
    return table.assign(vintage=vintage)[["unit_code", "vintage", *rest]]


def _deliverable(layer: str, frame: Any, manifest: dict[str, Any], unit_list: UnitList | None) -> Deliverable:
    columns = LAYER_COLUMNS[layer]
    metadata = describe(layer, frame.columns, manifest, unit_list)
    return Deliverable(layer, typed(frame, columns), columns, metadata)


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
