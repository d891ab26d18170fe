"""What goes with every exported file: sources, licences, method, list of units, and the meaning of each column."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from geo.column_meanings import column_meanings
from geo.plan_columns import WHAT_IF_COLUMNS
from geo.results import UnitList
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
        "columns": column_meanings(layer, frame_columns, manifest["rules"]),
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
