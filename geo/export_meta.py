"""What goes with every exported file: sources, licences, method, list of units, and the meaning of each column."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from geo.plan_columns import WHAT_IF_COLUMNS
from geo.results import UnitList
from geo.schema import RESULT_BY_NAME, Column, Verdict
from geo.terms import Limit, limits_of, short_name

FORMAT: Final = 1
ILLUSTRATIVE_LABEL: Final = "dữ liệu minh hoạ, ranh giới gần đúng / illustrative data, approximate boundaries"
ILLUSTRATIVE_CELL: Final = ILLUSTRATIVE_LABEL
NOT_ILLUSTRATIVE_CELL: Final = "không / no"

METHOD: Final = (
    "One row per administrative unit. Coverage shares are of people where a population grid is given, area shares "
    "stand beside them, and kinds of evidence are never merged. Speeds are test-weighted means of tiles, each tile "
    "shared out by people (by area without a grid). Goals and worst goalposts are fixed by the rules below. "
    "METHODS.md of Vùng Lõm gives every formula and how to recompute it from this file."
)
METHOD_VI: Final = (
    "Mỗi dòng là một đơn vị hành chính. Tỷ lệ phủ sóng tính theo dân số khi có lưới dân số, bên cạnh là tỷ lệ theo "
    "diện tích; các loại bằng chứng không bao giờ trộn lẫn. Tốc độ là trung bình theo số phép đo. Giá trị trống nghĩa "
    "là chưa biết, không phải bằng không."
)
MISSING: Final = (
    "null (an empty cell in CSV) means not known; it is never zero / ô trống là chưa biết, không phải 0"
)

CSV_NOTES: Final = (
    "UTF-8 with byte order mark, comma between cells, decimal point. In Excel use Data > From Text/CSV, "
    "65001: Unicode (UTF-8), and set unit_code, vintage and the other codes to Text: a double click drops the leading "
    "zeros of codes and turns 2026-04 into a date. / Trong Excel hãy dùng Dữ liệu > Từ Văn bản/CSV và đặt các cột mã "
    "là Văn bản để giữ số 0 ở đầu.",
    "A text that a spreadsheet could take for a formula has an apostrophe before it; numbers never do.",
    "Lists of codes are joined by a semicolon and a space.",
)  # fmt: skip


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

_EVERY_KIND: Final = (
    "boundaries",
    "speed",
    "coverage",
    "sites",
    "population",
    "friction",
    "places",
    "indicator",
)
_LAYER_KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "communes": _EVERY_KIND,
    "goals": _EVERY_KIND,
    "sensitivity": _EVERY_KIND,
    "indicators": ("boundaries", "indicator"),
    "coverage_by_operator": ("boundaries", "coverage", "sites", "population"),
    "speed_by_quarter": ("boundaries", "speed", "population"),
    "coverage_areas": ("coverage", "sites"),
    "places": ("places",),
    "rollup": _EVERY_KIND,
    "contradictions": ("boundaries", "speed", "coverage", "population"),
    **dict.fromkeys(WHAT_IF_COLUMNS, ("boundaries", "speed", "coverage", "population", "places")),
}

_LIMITS: Final = {
    Limit.NON_COMMERCIAL: "phi thương mại: không dùng cho mục đích thương mại / non-commercial use only",
    Limit.SHARE_ALIKE: "chia sẻ tương tự: bản phái sinh phải giữ cùng giấy phép / derivatives keep the same licence",
    Limit.NO_DERIVATIVES: "không phái sinh: không được phát hành bản sửa đổi / no derivatives may be shared",
    Limit.NO_REDISTRIBUTION: "không phát hành lại khi chưa được phép / no redistribution without permission",
    Limit.UNCLEAR: "quyền chưa rõ: hỏi bên công bố trước khi dùng lại / rights unclear: ask before reuse",
}
_SILENT: Final = (
    "giấy phép không được nêu: hỏi bên công bố trước khi dùng lại / licence not stated: ask before reuse"
)


def describe(
    layer: str, frame_columns: Iterable[str], manifest: Mapping[str, Any], unit_list: UnitList | None
) -> dict[str, Any]:
    """The metadata block of one layer: plain JSON values, the same for the same built workspace.

    `manifest` is `built/manifest.json`; `unit_list` is None for layers that have no units.
    """
    sources = [_source(given) for given in manifest["inputs"] if _is_used(given, layer, unit_list)]
    illustrative = bool(manifest.get("illustrative", False))
    return {
        "format": FORMAT,
        "workspace": manifest["name"],
        "layer": layer,
        **_units(unit_list),
        "illustrative": illustrative,
        **({"label": ILLUSTRATIVE_LABEL} if illustrative else {}),
        "note": manifest.get("note", ""),
        "crs": "OGC:CRS84 (longitude, latitude, WGS 84)",
        "sources": sources,
        "licences": _licences(sources),
        "terms": _terms(sources),
        "method": {"description": METHOD, "description_vi": METHOD_VI, "rules": manifest["rules"]},
        "missing": MISSING,
        "columns": column_meanings(layer, frame_columns),
        "vunglom_version": manifest["vunglom_version"],
        "versions": manifest.get("versions", {}),
        "built_at": manifest["built_at"],
    }


def _units(unit_list: UnitList | None) -> dict[str, Any]:
    if unit_list is None:
        return {}
    return {
        "units": {
            "list": unit_list.id,
            "vintage": unit_list.vintage,
            "level": unit_list.level,
            "count": len(unit_list.result),
        }
    }


def _is_used(given: Mapping[str, Any], layer: str, unit_list: UnitList | None) -> bool:
    if given["kind"] not in _LAYER_KINDS[layer]:
        return False
    if given["kind"] != "boundaries" or unit_list is None:
        return True
    options = given.get("options", {})
    return bool(
        options.get("vintage", unit_list.vintage) == unit_list.vintage
        and options.get("level", unit_list.level) == unit_list.level
    )


def _source(given: Mapping[str, Any]) -> dict[str, Any]:
    """One input; what its publisher did not say is null, so that nobody takes silence for a free licence."""
    names = ("publisher", "licence", "date", "citation", "address", "made_from")
    said = {name: given.get(name) or None for name in names}
    return {
        "kind": given["kind"],
        **said,
        "files": [dict(file) for file in given["files"]],
        "options": dict(given.get("options", {})),
    }


def _licences(sources: list[dict[str, Any]]) -> list[dict[str, Any]]:
    named = sorted({source["licence"] for source in sources if source["licence"]})
    licences: list[dict[str, Any]] = [
        {
            "licence": licence,
            "limits": [_LIMITS[limit] for limit in limits_of(licence)],
            "kinds": sorted({source["kind"] for source in sources if source["licence"] == licence}),
        }
        for licence in named
    ]
    silent = sorted({source["kind"] for source in sources if not source["licence"]})
    if silent:
        licences.append({"licence": None, "limits": [_SILENT], "kinds": silent})
    return licences


def _terms(sources: list[dict[str, Any]]) -> list[str]:
    """A sentence for each publisher and licence that limits use or says nothing; empty when all data are free."""
    found = dict.fromkeys(
        (source["publisher"] or source["files"][0]["name"], source["licence"]) for source in sources
    )
    return [
        f"{publisher} ({short_name(licence)}): {', '.join(_LIMITS[limit] for limit in limits)}"
        if licence
        else f"{publisher}: {_SILENT}"
        for publisher, licence in found
        if (limits := limits_of(licence or "")) or not licence
    ]


def column_meanings(layer: str, names: Iterable[str]) -> list[dict[str, Any]]:
    """Name, type, unit and English meaning of each column of a layer, in the order given."""
    return [_meaning(str(name), LAYER_COLUMNS[layer]) for name in names if name != "geometry"]


def _meaning(name: str, columns: Mapping[str, Column]) -> dict[str, Any]:
    column = columns.get(name)
    if column is None:
        return {"name": name, "type": None, "unit": None, "meaning": "carried over from the input as it was"}
    return {"name": name, "type": column.kind, "unit": column.unit or None, "meaning": column.meaning}
