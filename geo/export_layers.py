"""What can be exported: the layers, the formats of each, and the rows of one with what describes them."""

from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd

from geo.errors import CallError, NotBuiltError
from geo.export_columns import LAYER_COLUMNS
from geo.export_filter import narrow, operator_share_of
from geo.export_meta import describe
from geo.export_rows import Deliverable, typed
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


def select_layer(built: Built, layer: str, units: str | None, where: UnitFilter | None) -> Deliverable:
    """The rows of a layer of `LAYERS`, of a list of units (the first by default), that meet a filter; raises `CallError`, `NotBuiltError`."""
    if layer in WITHOUT_UNITS:
        return _from_areas(built, layer, units, where)
    if units is not None and units not in built.lists:
        raise CallError(f"no list of units {units!r} here; wanted one of {', '.join(built.lists)}")
    unit_list = built.primary if units is None else built.lists[units]
    return filtered_layer(layer, unit_list, built.manifest, where)


def filtered_layer(
    layer: str, unit_list: UnitList, manifest: dict[str, Any], where: UnitFilter | None
) -> Deliverable:
    """The rows of a layer of one list that meet a filter, which is told in the metadata."""
    if not where:
        return described_list(layer, unit_list, manifest)
    described_list(layer, unit_list, manifest)  # a layer that is not there at all is told as that
    chosen, said = narrow(unit_list, where, operator_share=operator_share_of(manifest))
    if layer != "communes" and _tables_of(chosen)[layer].empty:
        raise CallError(f"layer {layer} says nothing of the {said['units']} units that the filter lets in")
    deliverable = described_list(layer, chosen, manifest)
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
    return described_layer(layer, frame, built.manifest, None)


def described_list(layer: str, unit_list: UnitList, manifest: dict[str, Any]) -> Deliverable:
    """All rows of a layer of one list, and what describes them; raises `NotBuiltError` where the list has none."""
    if layer == "communes":
        result = validate_result(unit_list.result)
        return replace(described_layer(layer, result, manifest, unit_list), id_column="unit_code")
    table = _tables_of(unit_list)[layer]
    if table.empty:
        raise _absent(layer, {"speed_by_quarter": "speed", "indicators": "indicator"}.get(layer, "coverage"))
    if "high" in table.columns:
        # no format but Parquet has an infinity; the column's meaning says what null stands for
        table = table.assign(high=table["high"].replace(np.inf, np.nan))
    return described_layer(layer, _with_vintage(table, unit_list.vintage), manifest, unit_list)


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


def described_layer(
    layer: str, frame: Any, manifest: dict[str, Any], unit_list: UnitList | None
) -> Deliverable:
    """Rows of a layer with the types of its columns, and what describes them."""
    columns = LAYER_COLUMNS[layer]
    metadata = describe(layer, frame.columns, manifest, unit_list)
    return Deliverable(layer, typed(frame, columns), columns, metadata)
