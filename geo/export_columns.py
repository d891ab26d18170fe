"""What the columns of every exported layer mean: the result table's, and those of the layers beside it."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from geo.plan_columns import WHAT_IF_COLUMNS
from geo.schema import RESULT_BY_NAME, Column, Verdict


def _text(name: str, meaning: str) -> Column:
    return Column(name, "text", "", meaning)


_UNIT: Final = (
    _text("unit_code", "code of the unit, leading zeros kept"),
    _text("vintage", "list of units the code belongs to"),
)
_AREA: Final = (
    _text(
        "operator",
        "operator, as its file named it; * for all operators of the technology and evidence together",
    ),
    _text("technology", "2G, 3G, 4G or 5G"),
    _text("evidence", "declared, measured or modelled"),
    _text("as_of", "date the coverage claim was made for, ISO 8601"),
)
_GOALS: Final = (
    *_UNIT,
    _text("dimension", "4g, 5g, mobile, fixed, choice, or the id of an own indicator"),
    _text("column", "column of the communes layer that the goal reads"),
    _text("unit", "unit of value, low, high, goal and worst"),
    Column("value", "number", "see unit", "figure of the unit"),
    Column("low", "number", "see unit", "lower end of what the figure may be; null where nothing is known"),
    Column(
        "high",
        "number",
        "see unit",
        "upper end of what the figure may be; null where nothing bounds it (low is given then) or nothing is known",
    ),
    Column("goal", "number", "see unit", "value wanted"),
    Column("worst", "number", "see unit", "goalpost at which the deficit is 1"),
    Column("essential", "flag", "", "whether failing this goal alone makes the unit a gap"),
    Column("weight", "number", "", "weight of the dimension in the score"),
    _text("evidence", "what the figure rests on"),
    _text("outcome", "pass, fail, undecided or no_evidence"),
    Column("deficit", "number", "0-1", "0 at the goal, 1 at the worst goalpost", 0.0, 1.0),
    _text("reason", "reason code, empty when the goal is passed"),
    Column("flip_value", "number", "see unit", "figure from which the goal passes; null when it does"),
    Column("flip_people", "number", "people", "people still to be covered for the goal to pass", 0.0),
    Column(
        "flip_devices",
        "number",
        "devices",
        "devices still missing for a figure, or to decide if it stays",
        0.0,
    ),
)
_SENSITIVITY: Final = (
    *_UNIT,
    Column("rank", "number", "1 = furthest behind", "rank as the rules stand", 1.0),
    Column("is_worst", "flag", "", "whether the unit is among the worst ten as the rules stand"),
    Column(
        "measurement_share",
        "number",
        "0-1",
        "share of draws among the worst ten, figures drawn from their intervals",
        0,
        1,
    ),
    Column("weights_share", "number", "0-1", "the same, weights drawn", 0, 1),
    Column("goalposts_share", "number", "0-1", "the same, goals and worst goalposts moved", 0, 1),
    Column("aggregation_share", "number", "0-1", "the same, arithmetic or geometric mean", 0, 1),
    Column("all_share", "number", "0-1", "the same, all of these together", 0, 1),
)
_INDICATORS: Final = (
    *_UNIT,
    _text("indicator", "id of the own indicator"),
    _text("label", "its name"),
    _text("unit", "unit of value, goal and worst"),
    _text("better", "higher or lower: which way is better"),
    Column("goal", "number", "see unit", "value wanted, where one was given"),
    Column("worst", "number", "see unit", "worst goalpost, where one was given"),
    _text("date", "date of the table, as it was given"),
    Column("value", "number", "see unit", "figure of the unit"),
    Column("rank", "number", "1 = worst", "rank of the figure among the units", 1.0),
)
_COVERAGE: Final = (
    *_UNIT,
    *_AREA,
    Column("covered_people", "number", "people", "people of the unit inside this coverage", 0.0),
    Column("covered_people_share", "number", "0-1", "share of the unit's people inside this coverage", 0, 1),
    Column("covered_area_km2", "number", "km²", "area of the unit inside this coverage", 0.0),
    Column("covered_area_share", "number", "0-1", "share of the unit's area inside this coverage", 0, 1),
)
_SPEED: Final = (
    *_UNIT,
    _text("network", "mobile or fixed, in the publisher's words"),
    _text("quarter", "calendar quarter, for example 2026Q3"),
    Column("download_raw_mbps", "number", "Mbps", "test-weighted mean download, no shrinkage", 0.0),
    Column("upload_raw_mbps", "number", "Mbps", "test-weighted mean upload, no shrinkage", 0.0),
    Column("latency_raw_ms", "number", "ms", "test-weighted mean latency, no shrinkage", 0.0),
    Column("tests", "number", "allocated count", "tests shared out to the unit", 0.0),
    Column("devices", "number", "allocated count", "devices shared out to the unit", 0.0),
    Column("tiles", "number", "tiles", "tiles with tests that touch the unit", 0.0),
    Column("upload_tests", "number", "allocated count", "tests behind upload_raw_mbps", 0.0),
    Column("latency_tests", "number", "allocated count", "tests behind latency_raw_ms", 0.0),
)
_ROLLUP: Final = (
    *(column for column in RESULT_BY_NAME.values() if column.name not in ("unit_code", "vintage", "name")),
    _text(
        "unit_code", "code of the district, province or commune of a younger list; all for all units together"
    ),
    _text("vintage", "list of units the code belongs to"),
    _text("name", "its name"),
    Column("units", "number", "units", "how many units it is put together of", 1.0),
    Column(
        "people_known",
        "number",
        "people",
        "people of the units whose number is known; null where that is none",
        0.0,
    ),
    Column(
        "people_unknown_units",
        "number",
        "units",
        "units whose people are not known and not in people_known",
        0.0,
    ),
    *(
        Column(f"{verdict}_units", "number", "units", f"units with verdict {verdict}", 0.0)
        for verdict in Verdict
    ),
    *(
        Column(f"{verdict}_people", "number", "people", f"people in units with verdict {verdict}", 0.0)
        for verdict in Verdict
    ),
    Column(
        "withheld",
        "list",
        "",
        "figures that lack a part, so that they are null (or, if asked for, of the known parts)",
    ),
)
_CONTRADICTIONS: Final = (
    *_UNIT,
    _text("technology", "technology declared"),
    _text("as_of", "date of the oldest claim"),
    Column(
        "declared_share",
        "number",
        "0-1",
        "share (see basis) inside the declared union of all operators",
        0,
        1,
    ),
    Column("judged_share", "number", "0-1", "share in declared tiles with enough devices to judge", 0, 1),
    Column(
        "contradicted_share", "number", "0-1", "share in declared tiles that tests show to be too slow", 0, 1
    ),
    _text("basis", "what shares are of: people, or area without a grid"),
    Column("judged_tiles", "number", "tiles", "tiles judged", 0.0),
    Column("contradicted_tiles", "number", "tiles", "tiles that are too slow", 0.0),
    Column("devices", "number", "allocated count", "devices in the tiles judged", 0.0),
    Column(
        "chance", "number", "0-1", "probability of so many slow tiles if every tile were fast enough", 0, 1
    ),
    Column("declared_not_measured", "flag", "", "whether tests contradict the declaration beyond chance"),
)
_PLACES: Final = (_text("name", "name of the place"), _text("class", "town, school, clinic or office"))
_EXTRA: Final = (
    _text("illustrative", "whether the data are invented for illustration"),
    _text("terms", "publishers and licences that limit how the file may be used; empty where none does"),
    Column("longitude", "number", "degrees", "longitude, WGS 84", -180.0, 180.0),
    Column("latitude", "number", "degrees", "latitude, WGS 84", -90.0, 90.0),
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


def column_meanings(layer: str, names: Iterable[str]) -> list[dict[str, Any]]:
    """Name, type, unit and English meaning of each column of a layer, in the order given."""
    return [_meaning(str(name), LAYER_COLUMNS[layer]) for name in names if name != "geometry"]


def _meaning(name: str, columns: Mapping[str, Column]) -> dict[str, Any]:
    column = columns.get(name)
    if column is None:
        return {"name": name, "type": None, "unit": None, "meaning": "carried over from the input as it was"}
    return {"name": name, "type": column.kind, "unit": column.unit or None, "meaning": column.meaning}
