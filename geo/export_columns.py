"""The columns of every exported layer, the result table's and those of the layers beside it; `geo.column_meanings` says what they mean."""

from collections.abc import Mapping
from typing import Final

from geo.plan_columns import WHAT_IF_COLUMNS
from geo.schema import RESULT_BY_NAME, Column, Verdict


def _text(name: str) -> Column:
    return Column(name, "text", "")


_UNIT: Final = (
    _text("unit_code"),
    _text("vintage"),
)
_AREA: Final = (
    _text("operator"),
    _text("technology"),
    _text("evidence"),
    _text("as_of"),
)
_GOALS: Final = (
    *_UNIT,
    _text("dimension"),
    _text("column"),
    _text("unit"),
    Column("value", "number", "see unit"),
    Column("low", "number", "see unit"),
    Column("high", "number", "see unit"),
    Column("goal", "number", "see unit"),
    Column("worst", "number", "see unit"),
    Column("essential", "flag", ""),
    Column("weight", "number", ""),
    _text("evidence"),
    _text("outcome"),
    Column("deficit", "number", "0-1", 0.0, 1.0),
    _text("reason"),
    Column("flip_value", "number", "see unit"),
    Column("flip_people", "number", "people", 0.0),
    Column("flip_devices", "number", "devices", 0.0),
)
_SENSITIVITY: Final = (
    *_UNIT,
    Column("rank", "number", "1 = furthest behind", 1.0),
    Column("is_worst", "flag", ""),
    Column("measurement_share", "number", "0-1", 0, 1),
    Column("weights_share", "number", "0-1", 0, 1),
    Column("goalposts_share", "number", "0-1", 0, 1),
    Column("aggregation_share", "number", "0-1", 0, 1),
    Column("all_share", "number", "0-1", 0, 1),
)
_INDICATORS: Final = (
    *_UNIT,
    _text("indicator"),
    _text("label"),
    _text("unit"),
    _text("better"),
    Column("goal", "number", "see unit"),
    Column("worst", "number", "see unit"),
    _text("date"),
    Column("value", "number", "see unit"),
    Column("rank", "number", "1 = worst", 1.0),
)
_COVERAGE: Final = (
    *_UNIT,
    *_AREA,
    Column("covered_people", "number", "people", 0.0),
    Column("covered_people_share", "number", "0-1", 0, 1),
    Column("covered_area_km2", "number", "km²", 0.0),
    Column("covered_area_share", "number", "0-1", 0, 1),
)
_SPEED: Final = (
    *_UNIT,
    _text("network"),
    _text("quarter"),
    Column("download_raw_mbps", "number", "Mbps", 0.0),
    Column("upload_raw_mbps", "number", "Mbps", 0.0),
    Column("latency_raw_ms", "number", "ms", 0.0),
    Column("tests", "number", "allocated count", 0.0),
    Column("devices", "number", "allocated count", 0.0),
    Column("tiles", "number", "tiles", 0.0),
    Column("upload_tests", "number", "allocated count", 0.0),
    Column("latency_tests", "number", "allocated count", 0.0),
)
_ROLLUP: Final = (
    *(column for column in RESULT_BY_NAME.values() if column.name not in ("unit_code", "vintage", "name")),
    _text("unit_code"),
    _text("vintage"),
    _text("name"),
    Column("units", "number", "units", 1.0),
    Column("people_known", "number", "people", 0.0),
    Column("people_unknown_units", "number", "units", 0.0),
    *(Column(f"{verdict}_units", "number", "units", 0.0) for verdict in Verdict),
    *(Column(f"{verdict}_people", "number", "people", 0.0) for verdict in Verdict),
    Column("withheld", "list", ""),
)
_CONTRADICTIONS: Final = (
    *_UNIT,
    _text("technology"),
    _text("as_of"),
    Column("declared_share", "number", "0-1", 0, 1),
    Column("judged_share", "number", "0-1", 0, 1),
    Column("contradicted_share", "number", "0-1", 0, 1),
    _text("basis"),
    Column("judged_tiles", "number", "tiles", 0.0),
    Column("contradicted_tiles", "number", "tiles", 0.0),
    Column("devices", "number", "allocated count", 0.0),
    Column("chance", "number", "0-1", 0, 1),
    Column("declared_not_measured", "flag", ""),
)
_PLACES: Final = (_text("name"), _text("class"))
_EXTRA: Final = (
    _text("illustrative"),
    _text("terms"),
    Column("longitude", "number", "degrees", -180.0, 180.0),
    Column("latitude", "number", "degrees", -90.0, 90.0),
)


def _by_name(*columns: Column) -> dict[str, Column]:
    return {column.name: column for column in (*columns, *_EXTRA)}


LAYER_COLUMNS: Final[Mapping[str, Mapping[str, Column]]] = {
    "communes": _by_name(*RESULT_BY_NAME.values()),
    "goals": _by_name(*_GOALS),
    "sensitivity": _by_name(*_SENSITIVITY),
    "indicators": _by_name(*_INDICATORS),
    "coverage_by_operator": _by_name(*_COVERAGE),
    "speed_by_quarter": _by_name(*_SPEED),
    "coverage_areas": _by_name(*_AREA),
    "places": _by_name(*_PLACES),
    "rollup": _by_name(*_ROLLUP),
    "contradictions": _by_name(*_CONTRADICTIONS),
    **{layer: _by_name(*columns) for layer, columns in WHAT_IF_COLUMNS.items()},
}
